from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from psycopg2.errors import UniqueViolation

from .hold import BLOCKING


class Hold(models.Model):
    """How decisions become holds and entries of the register."""

    _inherit = "o2c.hold"

    # === FROM DECISIONS === #

    @api.model
    def _store_decisions(self, decisions, *, asked=True, step=True):
        """Bring holds and register in line with decisions.

        :param asked: somebody asked for the step: the document goes on by itself once it may
        :param step: the documents that pass take their step now, which is registered
        """
        Hold = self.browse().sudo()
        to_create, entries = [], []
        for decision in decisions:
            to_create += Hold._store_stopping(decision, asked=asked)
            to_create += Hold._store_observed(decision)
            Hold._clear_resolved(decision)
            if step and decision.judgements and not decision.stopping:
                entries.append(Hold._prepare_passed_entry(decision))
        created = Hold._create_holds(to_create)
        self.env["o2c.register"]._log_many([hold._prepare_opened_entry() for hold in created] + entries)
        return created

    @api.model
    def _create_holds(self, vals_list):
        """Create holds, or have the whole transaction tried again when somebody else was faster."""
        if not vals_list:
            return self
        try:
            return self._guarded_create(vals_list)
        except UniqueViolation as error:
            raise ConcurrencyError("Another transaction is opening the same hold.") from error

    @api.model
    def _store_stopping(self, decision, *, asked):
        """Refresh or reopen the holds of what stops a document; return values of those to create."""
        to_create = []
        for judgement in decision.stopping:
            hold = decision.holds.get(judgement.code)
            vals = self._prepare_figures(decision, judgement)
            if asked:
                vals |= {"confirm_requested": True, "confirm_user_id": self.env.uid}
            if not hold:
                to_create.append({**self._prepare_hold_vals(decision, judgement), **vals, "state": "open"})
            elif hold.state in BLOCKING:
                hold._guarded_write(vals)
            elif hold.state == "released":
                hold._lapse(self.env._("The release does not cover what is asked for now."), vals)
            else:
                vals["opened_on"] = fields.Datetime.now()
                hold._move_state(
                    "open",
                    message=self._get_opened_message,
                    vals=vals,
                    event="hold_opened",
                    evidence=self._get_figures,
                )
        return to_create

    @api.model
    def _store_observed(self, decision):
        """The same for what is only observed. The same thing seen again is no news."""
        to_create = []
        for judgement in decision.observed:
            hold = decision.holds.get(judgement.code)
            vals = self._prepare_figures(decision, judgement)
            if not hold:
                to_create.append(
                    {**self._prepare_hold_vals(decision, judgement), **vals, "state": "observed"}
                )
            elif hold.state == "cleared":
                hold._move_state(
                    "observed",
                    message=self._get_opened_message,
                    vals=vals,
                    event="hold_observed",
                    evidence=self._get_figures,
                )
            elif hold.state == "observed" and (hold.excess, hold.message) != (
                vals["excess"],
                vals["message"],
            ):
                hold._guarded_write(vals)
                self.env["o2c.register"]._log_many([hold._prepare_opened_entry()])
        return to_create

    @api.model
    def _clear_resolved(self, decision):
        """Clear the holds of this document that the figures allow, and what is no longer observed."""
        stopping = {judgement.code for judgement in decision.stopping}
        seen = {judgement.code for judgement in decision.observed}
        resolved = [
            hold
            for code, hold in decision.holds.items()
            if (hold.state in BLOCKING and code not in stopping)
            or (hold.state == "observed" and code not in seen)
        ]
        if resolved:
            self.concat(*resolved)._close(self.env._("The figures allow it now."))

    def _close(self, reason):
        """Clear holds that wait; a pending request for a release is withdrawn with it."""
        holds = self.filtered(lambda hold: hold.state in BLOCKING or hold.state == "observed")
        requests = holds.filtered(lambda hold: hold.state == "requested").o2c_request_id
        holds._move_state(
            "cleared",
            message=lambda hold: self.env._(
                "Hold cleared. %(hold)s. %(reason)s", hold=hold.display_name, reason=reason
            ),
            event="hold_cleared",
            evidence=self._get_figures,
        )
        requests.filtered(lambda request: request.state == "pending")._lapse(reason)

    def _lapse(self, reason, vals=None):
        """End releases, or requests for one, that no longer fit."""
        self._move_state(
            "lapsed",
            message=lambda hold: self.env._(
                "Release lapsed. %(hold)s. %(reason)s", hold=hold.display_name, reason=reason
            ),
            vals=vals,
            event="hold_lapsed",
            evidence=self._get_figures,
        )

    # === VALUES === #

    @api.model
    def _prepare_hold_vals(self, decision, judgement):
        document = decision.document
        order = document._get_o2c_order()
        return {
            "res_model": document._name,
            "res_id": document.id,
            "order_id": order.id,
            "picking_id": document.id if document._name == "stock.picking" else False,
            "move_id": document.id if document._name == "account.move" else False,
            "checkpoint": decision.checkpoint,
            "control_id": judgement.setting.control_id,
            "company_id": document.company_id.id,
            "opened_on": fields.Datetime.now(),
        }

    @api.model
    def _prepare_figures(self, decision, judgement):
        """What may change from one look to the next."""
        document = decision.document
        message = judgement.verdict.message
        return {
            "document_name": document._get_o2c_name(),
            "partner_id": document._get_o2c_debtor().id,
            "user_id": document._get_o2c_salesperson().id,
            "team_id": document._get_o2c_team().id,
            "amount": document._get_o2c_amount(),
            "severity": judgement.severity,
            "message": message[:1].upper() + message[1:],
            # A list, because the database would forget the order of the figures.
            "evidence": [list(item) for item in judgement.verdict.evidence.items()],
            "excess": judgement.verdict.excess,
            "degree": judgement.verdict.degree,
        }

    @api.model
    def _prepare_passed_entry(self, decision):
        document = decision.document
        return {
            "record": document,
            "event": "checkpoint_passed",
            "message": self.env._(
                "%(document)s passed: %(count)s control(s), %(released)s release(s).",
                document=document._get_o2c_name(),
                count=len(decision.judgements),
                released=len(decision.released),
            ),
            "partner": document._get_o2c_debtor(),
            "amount": document._get_o2c_amount(),
            "currency": document.company_id.currency_id,
            "company": document.company_id,
            "evidence": decision.as_evidence(),
        }

    def _prepare_opened_entry(self):
        return {
            **self._prepare_register_vals(),
            "record": self,
            "event": "hold_observed" if self.state == "observed" else "hold_opened",
            "message": self._get_opened_message(self),
            "evidence": self._get_figures(self),
        }

    @api.model
    def _get_opened_message(self, hold):
        return self.env._("%(hold)s. %(message)s", hold=hold.display_name, message=hold.message)

    @api.model
    def _get_figures(self, hold):
        return {
            "document": {"model": hold.res_model, "id": hold.res_id},
            "checkpoint": hold.checkpoint,
            "control": hold.code,
            "severity": hold.severity,
            "excess": hold.excess,
            "figures": hold.evidence,
        }
