from odoo import fields, models


class AccountBankStatementLine(models.Model):
    _name = "account.bank.statement.line"
    _inherit = ["account.bank.statement.line", "o2c.receipt.mixin"]

    o2c_allocation_ids = fields.One2many(
        "o2c.receipt.allocation", "statement_line_id", string="Allocations")

    def _get_o2c_ref(self):
        return -self.id

    def _get_o2c_currency(self):
        """Currency of its receivable item, which is what can be matched."""
        line = self._get_o2c_receivable()[:1]
        return line.currency_id or self.foreign_currency_id or self.currency_id

    def _get_o2c_money(self):
        lines = self._get_o2c_receivable()
        return -sum(lines.mapped("amount_currency")) if lines else self.amount

    def _get_o2c_text(self):
        return " ".join(filter(None, (self.payment_ref, self.ref, self.narration and str(self.narration))))

    def _is_o2c_counting(self):
        return self.move_id.state == "posted"

    def _get_o2c_receivable(self):
        return self.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" or line.account_id.o2c_is_advance)

    def _get_o2c_document(self):
        return self.sudo().move_id.sudo(False)
