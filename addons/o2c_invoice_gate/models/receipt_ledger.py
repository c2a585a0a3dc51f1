from odoo import api, models
from odoo.tools import SQL


class ReceiptLedger(models.AbstractModel):
    """Which of the collected money the bank has confirmed."""

    _inherit = "o2c.receipt.ledger"

    @api.model
    def _sql_uncleared(self, scope):
        """SELECT of ``order_id, uncleared``: money of payments that were not matched with the bank, and
        of online payments that are not booked. Order currency, not rounded, never negative;
        as text, which loses nothing on the way.

        What goes out is taken back at once, whether the bank has confirmed it or not.
        """
        return SQL(
            """WITH %(chain)s
               SELECT wanted.id AS order_id, COALESCE(SUM(parts.amount), 0)::text AS uncleared
                 FROM wanted
                 JOIN (SELECT order_id, receipt_ref, amount FROM cash
                       UNION ALL SELECT order_id, receipt_ref, order_amount FROM taken
                       UNION ALL SELECT order_id, NULL, amount FROM (%(online)s) online) parts
                   ON parts.order_id = wanted.id AND parts.amount > 0
            LEFT JOIN account_payment payment ON payment.id = parts.receipt_ref
                WHERE parts.receipt_ref IS NULL OR NOT COALESCE(payment.is_matched, TRUE)
             GROUP BY wanted.id""",
            chain=self._sql_chain(self._sql_wanted(scope), SQL(
                """SELECT DISTINCT receipt_ref FROM o2c_receipt_allocation
                    WHERE state = 'active' AND order_id IN (SELECT id FROM wanted)""")),
            online=self._sql_online(),
            to_flush=self.env["account.payment"]._fields["is_matched"],
        )
