from odoo import api, models

KEPT = frozenset(("account_id", "amount_currency", "balance", "credit", "currency_id", "debit", "move_id",
                  "partner_id"))


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: for new lines of what a month-end run has booked"""
        ids = {vals.get("move_id") for vals in vals_list} - {None, False}
        if ids:
            moves = self.env["account.move"].browse(ids).filtered(lambda move: move.state == "posted")
            if touched := moves.filtered("o2c_accrual_order_id"):
                touched._refuse_o2c_accrual()
        return super().create(vals_list)

    def write(self, vals):
        """:raise AccessError: for lines of what a month-end run has booked"""
        if not KEPT.isdisjoint(vals) and (touched := self.move_id.filtered("o2c_accrual_order_id")):
            touched._refuse_o2c_accrual()
        return super().write(vals)
