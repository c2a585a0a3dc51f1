from odoo import models
from odoo.addons.o2c_base.models.wording import join_sentences

from ..rules.judgement import Judgement
from .decision import Decision
from .passes import is_exempt, refuse


class CheckpointMixin(models.AbstractModel):
    """Documents that pass a checkpoint: orders, deliveries, invoices.

    The preview on the screen, the buttons and the sinks all ask `_decide_o2c`; what differs is only
    what they do with the answer.
    """

    _name = "o2c.checkpoint.mixin"
    _inherit = ["o2c.checkpoint.display.mixin"]
    _description = "Checkpoint"

    _o2c_checkpoint = None

    # === HOOKS OF THE DOCUMENT === #

    def _get_o2c_debtor(self):
        """Commercial partner who owes for the document."""
        raise NotImplementedError

    def _get_o2c_order(self):
        """The sale order whose releases count for the document, or none."""
        return self.env["sale.order"]

    def _get_o2c_amount(self):
        """What the document is about, in the currency of its company."""
        raise NotImplementedError

    def _get_o2c_name(self):
        """How people call the document."""
        return self.display_name

    def _get_o2c_salesperson(self):
        return self._get_o2c_order().user_id

    def _get_o2c_team(self):
        return self._get_o2c_order().team_id

    def _get_o2c_fingerprint(self):
        """Hashable values that decide; a pass given by a button is void when they change."""
        raise NotImplementedError

    def _get_o2c_verdicts(self, facts, checkpoint):
        """Verdicts of all controls of the checkpoint about this one document."""
        return []

    def _is_o2c_gated(self):
        """Whether the controls look at this document at all. Hook for the documents of other
        modules that pass by their nature; never let a field decide that a plain user can write."""
        return True

    def _format_o2c_stop(self, reasons, *, forbidden=False):
        """One sentence: which document waits, and why."""
        raise NotImplementedError

    # === JUDGING === #

    def _get_o2c_gated(self, checkpoint):
        """Records of self that controls look at, seen by the judge."""
        control = self.env["o2c.control"]
        return self._as_o2c_judge().filtered(
            lambda document: (
                control._is_checkpoint_active(checkpoint, document.company_id) and document._is_o2c_gated()
            )
        )

    def _as_o2c_judge(self):
        """The same records without access limits and without what a caller put into the context."""
        context = self.env.context
        kept = {key: context[key] for key in ("lang", "tz", "allowed_company_ids") if key in context}
        return self.sudo().with_context(kept)

    def _judge_o2c(self, checkpoint):
        """Judgements of all active controls: ``{record id: [Judgement]}``. One statement for the facts."""
        control = self.env["o2c.control"]
        keys = {record: (record.company_id.id, record._get_o2c_debtor().id or 0) for record in self}
        facts = self._get_o2c_facts(keys, checkpoint)
        judged = {}
        for record in self:
            verdicts = record.with_company(record.company_id)._get_o2c_verdicts(
                facts[keys[record]], checkpoint
            )
            judgements = [
                Judgement(verdict, control._get_setting(verdict.code, record.company_id))
                for verdict in verdicts
            ]
            judged[record.id] = [judgement for judgement in judgements if judgement.setting.mode != "off"]
        return judged

    def _get_o2c_facts(self, keys, checkpoint):
        """Facts of the documents' debtors, each on the day that it is in the selling company.

        :param keys: ``{record: (company id, partner id)}``
        :return: ``{key: facts}``; one statement, but for companies between which midnight lies
        """
        days = {}
        for record, key in keys.items():
            days.setdefault(record.company_id._o2c_today(), set()).add(key)
        facts = {}
        for day, of_day in days.items():
            facts |= self.env["o2c.facts"]._get_facts(of_day, checkpoint, day)
        return facts

    def _decide_o2c(self, checkpoint=None):
        """Ask the controls about all records: a list of `Decision` for those that are gated."""
        checkpoint = checkpoint or self._o2c_checkpoint
        gated = self._get_o2c_gated(checkpoint) if not is_exempt(self.env) else None
        if not gated:
            return []
        judged = gated._judge_o2c(checkpoint)
        holds = self.env["o2c.hold"]._get_for_documents(gated)
        return [
            Decision(record, checkpoint, judged[record.id], holds.get(record.id, self.env["o2c.hold"].sudo()))
            for record in gated
        ]

    # === BUTTONS: never raise, hold and carry on === #

    def _stop_o2c(self, checkpoint=None):
        """Hold those of self that must wait. To be called by buttons.

        Everything is registered here, and the counters of the customers are moved for those that pass.
        :return: the decisions about the documents that wait
        """
        decisions = self._decide_o2c(checkpoint)
        stopped = [decision for decision in decisions if decision.stopping]
        if stopped:
            self._without_decisions(decisions, stopped=False).check_access("write")
        self.env["o2c.hold"]._store_decisions(decisions)
        self._lock_o2c_keys(decision for decision in decisions if not decision.stopping)
        for decision in stopped:
            self.browse(decision.document.id)._tell_o2c_stop(decision)
        return stopped

    def _without_decisions(self, decisions, *, stopped=True):
        """Records of self that go on (or, the other way round, those that don't)."""
        ids = {decision.document.id for decision in decisions if decision.stopping}
        return self.filtered(lambda record: (record.id in ids) is not stopped)

    def _lock_o2c_keys(self, decisions):
        keys = {
            (decision.document.company_id.id, decision.document._get_o2c_debtor().id)
            for decision in decisions
            if any(judgement.setting.mode == "enforcing" for judgement in decision.judgements)
        }
        if keys:
            # In one order everywhere: two batches that lock the same customers must not wait for each other.
            self.env["o2c.facts"]._lock_keys(sorted(keys))

    # === SINKS: refuse whole === #

    def _check_o2c_step(self, checkpoint=None):
        """Refuse the step for all of self if one must not take it. To be called by sinks.

        :raise UserError: with document, figures and what to do; the refusal is registered
        """
        decisions = self._decide_o2c(checkpoint)
        self._refuse_o2c([decision for decision in decisions if decision.stopping])
        self.env["o2c.hold"]._store_decisions(decisions)
        self._lock_o2c_keys(decisions)

    def _refuse_o2c(self, decisions, get_text=None):
        """Raise, naming all documents; each refusal is registered.

        :param get_text: function of a decision, where the refusal says something of its own
        """
        if decisions:
            get_text = get_text or (lambda decision: decision.document._get_o2c_stop_text(decision))
            texts = [get_text(decision) for decision in decisions]
            entries = [self._prepare_o2c_refusal(*pair) for pair in zip(decisions, texts, strict=True)]
            refuse(self.env, "\n\n".join(texts), entries)

    def _prepare_o2c_refusal(self, decision, message):
        """What the register keeps of a refusal."""
        document = decision.document
        return {
            "record": self.browse(document.id),
            "event": "step_refused",
            "message": message,
            "partner": document._get_o2c_debtor(),
            "amount": decision.excess or document._get_o2c_amount(),
            "currency": document.company_id.currency_id,
            "company": document.company_id,
            "evidence": decision.as_evidence(),
        }

    def _get_o2c_stop_text(self, decision):
        """What a user reads: what is wrong, by how much, and what to do next."""
        return self._format_o2c_stop(
            self._get_o2c_reasons(decision.stopping), forbidden=decision.is_forbidden
        )

    def _get_o2c_reasons(self, judgements):
        """Sentences of judgements with their advice, each advice once."""
        controls = (
            self.env["o2c.control"].sudo().browse(judgement.setting.control_id for judgement in judgements)
        )
        messages = [judgement.verdict.message for judgement in judgements]
        advices = dict.fromkeys(control.advice for control in controls if control.advice)
        return join_sentences(self.env, [*messages, *advices])

    def _notify_o2c_held(self, decisions, total, result=None):
        """What a button returns: which documents wait and why, then what it would have returned anyway."""
        if total > 1:
            title = self.env._("%(held)s of %(total)s wait", held=len(decisions), total=total)
        else:
            title = self.env._("On hold")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title,
                "message": "\n".join(
                    decision.document._get_o2c_stop_text(decision) for decision in decisions
                ),
                "type": "warning",
                "sticky": True,
                "next": result if isinstance(result, dict) else {"type": "ir.actions.act_window_close"},
            },
        }

    # === CRUD === #

    def unlink(self):
        """Close what waits on a document that disappears; its history stays."""
        holds = self.env["o2c.hold"].sudo()
        if self.ids:
            holds = holds.search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        result = super().unlink()
        holds._close(self.env._("The document was deleted."))
        return result
