from odoo import api, models
from odoo.tools import SQL

from .receipt_ledger import FIELDS_READ


class ReceiptLedger(models.AbstractModel):
    """On which day the money of orders came in."""

    _inherit = "o2c.receipt.ledger"

    @api.model
    def _sql_money_days(self, scope):
        """SELECT of ``order_id, day, amount``: what is collected of each order, by the day of the receipt.

        The amounts of an order add up to what ``_sql_collected`` says without its clamp, in order
        currency, not rounded; what was paid back is negative on the day on which it left. The day is
        that of the payment or bank line, whenever it was entered or allocated.

        :param scope: condition on the alias ``orders`` (sale_order)
        """
        return SQL(
            """WITH %(chain)s
               SELECT parts.order_id, parts.day, SUM(parts.amount) AS amount
                 FROM (SELECT cash.order_id, COALESCE(entry.date, payment.date) AS day, cash.amount
                         FROM cash
                    LEFT JOIN account_move entry ON entry.id = cash.money_id
                    LEFT JOIN account_payment payment ON payment.id = cash.receipt_ref
                    UNION ALL
                       SELECT taken.order_id, COALESCE(entry.date, payment.date), taken.order_amount
                         FROM taken
                         JOIN receipts ON receipts.receipt_ref = taken.receipt_ref
                    LEFT JOIN account_move entry ON entry.id = receipts.move_id
                    LEFT JOIN account_payment payment ON payment.id = taken.receipt_ref
                    UNION ALL
                       SELECT order_id, day, amount FROM (%(online)s) online) parts
                 JOIN wanted ON wanted.id = parts.order_id
             GROUP BY parts.order_id, parts.day""",
            chain=self._sql_chain(self._sql_wanted(scope), SQL(
                """SELECT DISTINCT receipt_ref FROM o2c_receipt_allocation
                    WHERE state = 'active' AND order_id IN (SELECT id FROM wanted)"""),
                self._sql_unspent()),
            online=self._sql_online(),
            to_flush=self.env["o2c.exposure"]._flushed({
                **FIELDS_READ, "account.move": (*FIELDS_READ["account.move"], "date"),
                "account.payment": (*FIELDS_READ["account.payment"], "date")}),
        )
