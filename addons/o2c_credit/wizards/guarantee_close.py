from odoo import fields, models


class GuaranteeCloseWizard(models.TransientModel):
    """Asks why a guarantee is given back or called."""

    _name = "o2c.credit.guarantee.close.wizard"
    _description = "End a guarantee"

    guarantee_id = fields.Many2one("o2c.credit.guarantee", required=True, readonly=True, ondelete="cascade")
    ending = fields.Selection([("release", "Release"), ("call", "Call")], required=True, default="release")
    reason = fields.Text(required=True)

    def action_apply(self):
        """End the guarantee; rights are checked by the guarantee."""
        self.ensure_one()
        if self.ending == "call":
            self.guarantee_id.action_call(self.reason)
        else:
            self.guarantee_id.action_release(self.reason)
        return {"type": "ir.actions.act_window_close"}
