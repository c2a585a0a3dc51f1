from odoo import api, models

KEPT = frozenset(("account_id", "amount_currency", "balance", "credit", "currency_id", "date", "debit",
                  "move_id", "partner_id"))


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: for new lines of what a month-end run has made, posted or not yet"""
        lines = super().create(vals_list)
        if touched := lines.move_id.filtered("o2c_accrual_order_id"):
            touched._refuse_o2c_accrual()
        return lines

    def write(self, vals):
        """:raise AccessError: for lines of what a month-end run has booked"""
        if not KEPT.isdisjoint(vals) and (touched := self.move_id.filtered("o2c_accrual_order_id")):
            touched._refuse_o2c_accrual()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_o2c_accrual(self):
        """Odoo lets posted items be deleted by a key in the context, which anybody may send."""
        if touched := self.move_id.filtered("o2c_accrual_order_id"):
            touched._refuse_o2c_accrual()
