from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class MonthEndReason(models.TransientModel):
    """Asks for the reason of a step that needs one, and does it. The records check the rights."""

    _name = "o2c.month.end.reason"
    _description = "Reason of a step at month end"

    step = fields.Selection(
        [
            ("cancel", "Cancel the run"),
            ("reopen", "Open the quantities again"),
            ("explain", "Explain the differences"),
            ("leave_out", "Leave the orders out"),
        ],
        required=True, readonly=True)
    run_id = fields.Many2one("o2c.accrual.run", readonly=True, ondelete="cascade")
    check_id = fields.Many2one("o2c.quantity.check", readonly=True, ondelete="cascade")
    accrual_ids = fields.Many2many(
        "o2c.accrual.order", "o2c_month_end_reason_accrual_rel", "wizard_id", "accrual_id", readonly=True)
    check_line_ids = fields.Many2many(
        "o2c.quantity.check.line", "o2c_month_end_reason_check_rel", "wizard_id", "line_id", readonly=True)
    record_count = fields.Integer(string="Lines", compute="_compute_record_count")
    reason = fields.Char()

    @api.depends("accrual_ids", "check_line_ids")
    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = len(wizard.accrual_ids) + len(wizard.check_line_ids)

    @api.model
    def default_get(self, fields):
        """What is to be done with the records from which it was opened."""
        values = super().default_get(fields)
        context = self.env.context
        ids = context.get("active_ids") or []
        step, model = context.get("o2c_step"), context.get("active_model")
        if (step, model) == ("cancel", "o2c.accrual.run"):
            values.update(step=step, run_id=ids[:1] and ids[0])
        elif (step, model) == ("reopen", "o2c.quantity.check"):
            values.update(step=step, check_id=ids[:1] and ids[0])
        elif (step, model) == ("explain", "o2c.quantity.check.line"):
            values.update(step=step, check_line_ids=[Command.set(ids)])
        elif (step, model) == ("leave_out", "o2c.accrual.order"):
            values.update(step=step, accrual_ids=[Command.set(ids)])
        return values

    def action_apply(self):
        """Do it, with the reason.

        :raise UserError: without a reason
        """
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: the reason is registered."))
        if self.step == "cancel":
            self.run_id.action_cancel(reason)
        elif self.step == "reopen":
            self.check_id.action_reopen(reason)
        elif self.step == "explain":
            self.check_line_ids.action_explain(reason)
        else:
            self.accrual_ids.action_leave_out(reason)
        return {"type": "ir.actions.act_window_close"}
