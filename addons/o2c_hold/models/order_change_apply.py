from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .decision import is_above
from .passes import busy

# While the order is tried out nobody is told, and no activity is mailed.
QUIET = {"tracking_disable": True, "mail_activity_quick_update": True, "mail_notify_force_send": False}


class Outcome(NamedTuple):
    """What the controls say about an order as it would be; amounts in company currency."""

    amount_before: float
    amount_after: float
    excess_by_code: dict[str, float]
    is_forbidden: bool
    reasons: list[dict[str, Any]]
    hold_vals: dict[str, dict[str, Any]]


class _TriedOut(Exception):
    """Ends the try: everything written since is undone."""

    def __init__(self, outcome):
        super().__init__()
        self.outcome = outcome


class OrderChange(models.Model):
    """Trying a change out, and applying it."""

    _inherit = "o2c.order.change"

    # === TRYING OUT === #

    def _check(self):
        """Try the change out and keep what was found."""
        self.ensure_one()
        self.line_ids._read_order()
        outcome = self._try_out()
        self._guarded_write(
            {
                "checked_on": fields.Datetime.now(),
                "outcome": self._get_outcome_key(outcome),
                "amount_before": outcome.amount_before,
                "amount_after": outcome.amount_after,
                "excess": max(outcome.excess_by_code.values(), default=0.0),
                "found": outcome.excess_by_code,
                "reasons": outcome.reasons,
            }
        )

    @api.model
    def _get_outcome_key(self, outcome):
        if outcome.is_forbidden:
            return "forbidden"
        return "approval" if outcome.excess_by_code else "free"

    def _try_out(self):
        """Change the order, ask the controls as the sinks do, and undo everything.

        Figures such as the exposure are read from the database and depend on what Odoo procures, so that
        nothing less than the change itself tells them.
        :raise UserError: where Odoo itself refuses the change
        """
        self.ensure_one()
        order = self.order_id._as_o2c_judge().with_context(**QUIET)
        try:
            with self.env.cr.savepoint():
                before = order._get_o2c_snapshot()[order.id]
                with busy(order):
                    self._write_lines(order)
                self.env.flush_all()
                raise _TriedOut(self._get_outcome(order, before))
        except _TriedOut as tried:
            return tried.outcome

    def _get_outcome(self, order, before):
        decisions = order._decide_o2c("order")
        stopping, reasons, hold_vals, is_forbidden = [], [], {}, False
        for decision in decisions:
            decision.stopping = order._get_o2c_worsened(decision, before)
            stopping = decision.stopping
            is_forbidden = decision.is_forbidden
            reasons = [
                self._prepare_reason(order, decision, judgement)
                for judgement in decision.judgements
                if judgement.effect not in ("none", "observe")
            ]
            hold_vals = {
                judgement.code: {
                    **order.env["o2c.hold"]._prepare_hold_vals(decision, judgement),
                    **order.env["o2c.hold"]._prepare_figures(decision, judgement),
                }
                for judgement in stopping
            }
        return Outcome(
            before.amount,
            order._get_o2c_amount(),
            {judgement.code: judgement.verdict.excess for judgement in stopping},
            is_forbidden,
            reasons,
            hold_vals,
        )

    def _prepare_reason(self, order, decision, judgement):
        """One reason for the banner, as it is shown on orders; what waits there is decided here."""
        reason = order._prepare_o2c_reason(decision, judgement)
        if judgement in decision.stopping and judgement.effect == "hold":
            reason |= {"status": self.env._("Has to be approved"), "advice": False}
        return reason

    def _write_lines(self, order):
        for line in self.line_ids.filtered("is_changed"):
            line._write_to(order)

    def _is_worse(self):
        """Whether the change would now break more than what was submitted."""
        self.ensure_one()
        try:
            outcome = self._try_out()
        except (UserError, AccessError):
            return True
        found, currency = self.found or {}, self.company_id.currency_id
        return (
            outcome.is_forbidden
            or is_above(outcome.amount_after, self.amount_after, currency)
            or any(
                code not in found or is_above(excess, found[code], currency)
                for code, excess in outcome.excess_by_code.items()
            )
        )

    # === APPLYING === #

    def _apply_freely(self):
        """Apply what breaks no rule, as the user; the sinks look again."""
        self._apply(self.order_id)
        self._move_state(
            "applied",
            event="change_applied",
            message=lambda change: self.env._("%s applied: it breaks no rule.", change.name),
            vals={"requested_by_id": self.env.uid, "applied_on": fields.Datetime.now()},
            evidence=lambda change: change._get_evidence(),
        )

    def _apply(self, order):
        """Write the lines through the sinks, which judge the order once, as a whole."""
        with order._gate_o2c_change():
            self._write_lines(order)

    def _apply_approved(self, request):
        """Release what was approved, and change the order in the name of the one who asked.

        Where that is not possible any more nothing is changed, and the change has lapsed.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                outcome = self._try_out()
                self.env["o2c.hold"]._release_for_change(self, outcome.hold_vals)
                self._apply(self._get_order_of_requester())
                self._move_state(
                    "applied",
                    event="change_applied",
                    message=lambda change: self.env._("%s approved and applied.", change.name),
                    vals={"applied_on": fields.Datetime.now()},
                    evidence=lambda change: {**change._get_evidence(), "request": request.name},
                )
        except (UserError, AccessError) as error:
            self._move_lapsed(self.env._("It was approved and could not be applied: %s", error))
            return
        self._tell(self.env._("Change applied"), self.env._("It was approved and applied."))

    def _get_order_of_requester(self):
        """The order with the rights of who asked; people who left act through the system."""
        user = self.requested_by_id
        order = self.order_id._as_o2c_judge().with_company(self.company_id)
        is_colleague = user.active and user._is_internal()
        return order.with_user(user) if is_colleague else order.with_user(api.SUPERUSER_ID)

    # === APPROVAL === #

    def _get_approval_amount(self):
        """The greatest total excess; where a rule is no amount, what the change adds to the order."""
        added = self.amount_after - self.amount_before
        unmeasured = added if added > 0 else self.amount_after
        return max((excess or unmeasured for excess in (self.found or {}).values()), default=unmeasured)

    def _get_approval_partner(self):
        return self.order_id._get_o2c_debtor()

    def _get_approval_excluded_users(self):
        order = self.order_id
        return (
            super()._get_approval_excluded_users()
            | self.requested_by_id
            | self.contributor_ids
            | order.user_id
            | order.create_uid
        )

    def _get_approval_related(self):
        return [self.sudo().order_id]

    def _get_approval_fingerprint(self):
        """The order as it is, the lines asked for, and whether more would be broken than was submitted."""
        change = self.sudo()
        return {
            "order": change.order_id._get_o2c_fingerprint(),
            "lines": [line._describe() for line in change.line_ids],
            "until": str(change.valid_until),
            "found": change.found,
            "worse": change._is_worse(),
        }

    def _get_approval_summary(self):
        return self.env["ir.qweb"]._render("o2c_hold.order_change_summary", {"change": self.sudo()})

    def _on_request_approved(self, request):
        super()._on_request_approved(request)
        for change in self.sudo():
            change._with_clean_context()._apply_approved(request)

    def _on_request_rejected(self, request):
        super()._on_request_rejected(request)
        for change in self.sudo():
            change._move_state(
                "refused",
                event="change_refused",
                message=lambda change: self.env._("%s was refused.", change.name),
                evidence=lambda change: change._get_evidence(),
            )
            change._tell(
                self.env._("Change refused"),
                self.env._("It was refused: %s", request.closing_comment or ""),
            )

    def _on_request_lapsed(self, request):
        super()._on_request_lapsed(request)
        for change in self.sudo().filtered(lambda change: change.state == "requested"):
            change._move_lapsed(self.env._("The order or its figures changed after the submission."))

    def _on_request_withdrawn(self, request):
        super()._on_request_withdrawn(request)
        for change in self.sudo().filtered(lambda change: change.state == "requested"):
            change._move_state("draft", message=lambda change: self.env._("%s was withdrawn.", change.name))

    def _move_lapsed(self, reason):
        self._move_state(
            "lapsed",
            event="change_lapsed",
            message=lambda change: self.env._(
                "%(change)s lapsed: %(reason)s", change=change.name, reason=reason
            ),
            evidence=lambda change: change._get_evidence(),
        )
        self._tell(self.env._("Change lapsed"), reason)

    def _tell(self, summary, text):
        """Note the answer on the order, and give who asked (or sells) something to do about it."""
        order = self.order_id
        text = self.env._("Change %(change)s: %(text)s", change=self.name, text=text)
        order._note_o2c(text)
        user = self.requested_by_id
        if not user.active or not user._is_internal():
            user = order._get_o2c_responsible()
        if user:
            order._schedule_o2c_activity(user, summary, text)
