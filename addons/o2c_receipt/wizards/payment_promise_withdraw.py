from odoo import fields, models


class PaymentPromiseWithdraw(models.TransientModel):
    """Asks why a promise is withdrawn."""

    _name = "o2c.payment.promise.withdraw"
    _description = "Withdraw a promise of payment"

    promise_id = fields.Many2one(
        "o2c.payment.promise", required=True, readonly=True, ondelete="cascade")
    reason = fields.Char(help="Why the promise doesn't count. It is registered.")

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw the promise"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_withdraw(self):
        """Withdraw the promise.

        :raise AccessError: for users outside finance and collection
        :raise UserError: without a reason, and when it is decided
        """
        self.ensure_one()
        self.promise_id._withdraw(self.reason)
        return {"type": "ir.actions.act_window_close"}
