from odoo import fields, models


class ReceiptSlipVoid(models.TransientModel):
    """Asks why a slip is cancelled."""

    _name = "o2c.receipt.slip.void"
    _description = "Cancel a receipt slip"

    slip_id = fields.Many2one("o2c.receipt.slip", required=True, readonly=True, ondelete="cascade")
    reason = fields.Char(help="Why the money is not banked. It is registered.")

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel the slip"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_void(self):
        """Cancel the slip.

        :raise AccessError: for users outside finance and for who received the money
        :raise UserError: without a reason
        """
        self.ensure_one()
        self.slip_id._void(self.reason)
        return {"type": "ir.actions.act_window_close"}
