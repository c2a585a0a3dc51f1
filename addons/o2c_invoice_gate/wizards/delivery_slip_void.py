from odoo import fields, models


class DeliverySlipVoid(models.TransientModel):
    """Say why a signed slip does not count."""

    _name = "o2c.delivery.slip.void"
    _description = "Make a signed delivery slip void"

    slip_id = fields.Many2one("o2c.delivery.slip", required=True, ondelete="cascade")
    reason = fields.Char(required=True)

    def action_void(self):
        """Make the slip void."""
        self.ensure_one()
        self.slip_id.action_void(self.reason)
        return {"type": "ir.actions.act_window_close"}
