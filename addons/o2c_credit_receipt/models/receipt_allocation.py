from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount


class ReceiptAllocation(models.Model):
    """A deposit is a guarantee or pays orders, never both: its money would count twice."""

    _inherit = "o2c.receipt.allocation"

    @api.model
    def _check_money(self, receipt, orders):
        super()._check_money(receipt, orders)
        if receipt._name == "account.payment":
            self._check_not_secured(receipt)

    @api.model
    def _check_not_secured(self, payment):
        """Refuse to allocate what is held as a guarantee.

        :raise UserError: with the amounts, and how to free them
        """
        guarantees = self.env["o2c.credit.guarantee"].sudo().search(
            [("payment_id", "=", payment.id), ("state", "in", ("requested", "in_force"))])
        if not guarantees:
            return
        secured, currency = sum(guarantees.mapped("value")), payment.currency_id
        [[left, given]] = self._read_receipt(payment)
        over = float(given) - max(float(left) - secured, 0.0)
        if currency.compare_amounts(over, 0.0) > 0:
            raise UserError(self.env._(
                "%(receipt)s is the deposit %(guarantee)s: %(secured)s of it secure what the customer owes,"
                " %(over)s less than this can be allocated. Lower the amount, or release the guarantee"
                " first.",
                receipt=payment.display_name,
                guarantee=guarantees[0].name,
                secured=format_amount(self.env, secured, currency),
                over=format_amount(self.env, over, currency)))

    @api.model
    def _read_receipt(self, payment):
        """What a payment has left, and what of it was given to orders; in its currency."""
        query = self.env["o2c.receipt.ledger"]._sql_receipts(SQL("SELECT %s AS receipt_ref", payment.id))
        return self.env.execute_query(SQL(
            "SELECT COALESCE(SUM(open), 0), COALESCE(SUM(given), 0) FROM (%s) receipts", query))
