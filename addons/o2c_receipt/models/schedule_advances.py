from odoo import api, models
from odoo.tools import SQL

from .schedule import FIELDS_READ


class Schedule(models.AbstractModel):
    """What receipts have for orders that no invoice has used: ``order_id, receipt_ref, move_id, amount``
    in order currency, ``receipt_amount`` in that of the receipt. Money that has no entry yet (``move_id``
    NULL) is no advance, as in the exposure.

    ``counted`` is the share with which the receipt stands for what it gave the order, used by invoices or
    not: 1, unless its money went elsewhere.
    """

    _inherit = "o2c.schedule"

    @api.model
    def _sql_advances(self):
        """As it is now; reads nothing more where nothing is allocated."""
        return SQL(
            """SELECT found.order_id, found.receipt_ref, found.move_id,
                      found.order_amount::numeric AS amount,
                      (found.sign * found.taken / NULLIF(found.cash_share, 0))::numeric AS receipt_amount,
                      (1 - (found.excess - found.taken) / found.amount)::numeric AS counted
                 FROM (%s) found
                WHERE found.order_id IN (SELECT id FROM sched_orders)""",
            self.env["o2c.receipt.ledger"]._sql_taken(SQL(
                """SELECT DISTINCT receipt_ref FROM o2c_receipt_allocation
                    WHERE state = 'active' AND order_id IN (SELECT id FROM sched_orders)""")),
        )

    @api.model
    def _get_advances_on_account(self, order_ids, day):
        """What orders have on accounts for advances, and no invoice had taken at the end of ``day``.

        Receipts and invoices count by their accounting date, allocations as they are known now: a
        transfer of the last day is often allocated on the next.

        :return: ``{order id: amount in order currency, tax included}``, only what is above zero
        """
        query = SQL(
            """WITH sched_orders AS MATERIALIZED (%(orders)s),
                    sched_invoiced AS MATERIALIZED (%(invoiced)s)
               SELECT found.order_id, SUM(found.amount) FROM (%(found)s) found
                WHERE EXISTS (SELECT FROM account_move_line item
                                JOIN account_account account
                                  ON account.id = item.account_id AND account.o2c_is_advance
                               WHERE item.move_id = found.move_id)
                   OR EXISTS (SELECT FROM account_move_line kept
                               WHERE kept.o2c_receipt_move_id = found.move_id AND kept.date <= %(day)s)
             GROUP BY found.order_id HAVING SUM(found.amount) > 0""",
            orders=self._sql_orders(SQL("orders.id = ANY(%s)", list(order_ids))),
            invoiced=self._sql_invoiced(day),
            day=day,
            found=self._sql_past_advances(day, active=self._sql_was_active(None)),
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )
        return {order_id: float(amount) for order_id, amount in self.env.execute_query(query)}

    @api.model
    def _sql_past_advances(self, past, *, active=None):
        """As it was at the end of the day ``past``.

        An allocation of that day was unused for what is unused now and for what was invoiced later,
        and a receipt never had more than what of it was unmatched then.
        """
        return SQL(
            """WITH given AS (%(given)s), now_left AS (%(now)s),
               unused AS (
                   SELECT given.*, LEAST(1, (ABS(COALESCE(now_left.amount, 0)) + COALESCE(paper.later, 0))
                                            / NULLIF(ABS(given.order_amount), 0)) AS share
                     FROM given
                LEFT JOIN now_left ON now_left.order_id = given.order_id AND now_left.move_id = given.move_id
                LEFT JOIN sched_invoiced paper ON paper.order_id = given.order_id)
               SELECT unused.order_id, unused.receipt_ref, unused.move_id,
                      unused.order_amount * unused.share * held.part AS amount,
                      unused.amount * unused.share * held.part AS receipt_amount,
                      1 - unused.share * (1 - held.part) AS counted
                 FROM unused
           CROSS JOIN LATERAL (
                      SELECT LEAST(1, (%(residual)s)
                                   / NULLIF(ABS(SUM(other.amount * other.share)), 0)) AS part
                        FROM unused other WHERE other.move_id = unused.move_id) held""",
            given=self._sql_past_allocations(past, active or self._sql_was_active(past)),
            now=SQL(
                "SELECT order_id, move_id, SUM(amount) AS amount FROM (%s) rows GROUP BY order_id, move_id",
                self._sql_advances()),
            residual=self._sql_past_residual(past),
        )

    @api.model
    def _sql_past_allocations(self, past, active):
        """Allocations that are ``active`` of receipts of the day ``past`` or before."""
        return SQL(
            """SELECT allocation.order_id, allocation.receipt_ref, entry.id AS move_id,
                      SUM(allocation.amount)::numeric AS amount,
                      SUM(allocation.order_amount)::numeric AS order_amount
                 FROM sched_orders orders
                 JOIN o2c_receipt_allocation allocation ON allocation.order_id = orders.id
            LEFT JOIN account_payment payment ON payment.id = allocation.payment_id
            LEFT JOIN account_bank_statement_line item ON item.id = allocation.statement_line_id
                 JOIN account_move entry ON entry.id = COALESCE(payment.move_id, item.move_id)
                  AND entry.state = 'posted' AND entry.date <= %(past)s
                WHERE %(active)s
             GROUP BY allocation.order_id, allocation.receipt_ref, entry.id""",
            past=past, active=active,
        )

    @api.model
    def _sql_was_active(self, past):
        """Condition on ``allocation``, of ``orders``: it was active at the end of the day ``past``, or is
        now."""
        if not past:
            return SQL("allocation.state = 'active'")
        local = SQL("AT TIME ZONE 'UTC' AT TIME ZONE orders.zone")
        return SQL(
            """(allocation.date_from %(local)s)::date <= %(past)s
               AND (allocation.date_to IS NULL OR (allocation.date_to %(local)s)::date > %(past)s)""",
            past=past, local=local,
        )

    @api.model
    def _sql_named(self, past=None):
        """Money that was given to one part of the schedule: ``order_id, instalment_id, amount`` in order
        currency, what was paid back out of it deducted. It counts as far as its receipt does."""
        return SQL(
            """SELECT given.*, ROUND(given.sum / orders.rounding) * orders.rounding AS amount
                 FROM (SELECT allocation.order_id, allocation.instalment_id,
                              SUM(allocation.order_amount::numeric * money.counted) AS sum
                         FROM sched_orders orders
                         JOIN o2c_receipt_allocation allocation
                           ON allocation.order_id = orders.id AND allocation.instalment_id IS NOT NULL
                         JOIN sched_receipts money
                           ON money.order_id = orders.id AND money.receipt_ref = allocation.receipt_ref
                        WHERE %(active)s
                     GROUP BY allocation.order_id, allocation.instalment_id) given
                 JOIN sched_orders orders ON orders.id = given.order_id
                WHERE given.sum > 0""",
            active=self._sql_was_active(past),
        )

    @api.model
    def _sql_past_residual(self, past):
        """What of the receipt of a row ``unused`` was unmatched at the end of ``past``."""
        return SQL(
            """SELECT ABS(COALESCE(SUM(line.amount_residual_currency + COALESCE(later.amount, 0)), 0))
                 FROM account_move_line line
                 JOIN account_account account
                   ON account.id = line.account_id
                  AND (account.account_type = 'asset_receivable' OR account.o2c_is_advance)
            LEFT JOIN LATERAL (
                      SELECT SUM(CASE WHEN part.debit_move_id = line.id THEN part.debit_amount_currency
                                      ELSE -part.credit_amount_currency END) AS amount
                        FROM account_partial_reconcile part
                       WHERE line.id IN (part.debit_move_id, part.credit_move_id)
                         AND part.max_date > %(past)s) later ON TRUE
                WHERE line.move_id = unused.move_id
                   OR line.o2c_receipt_move_id = unused.move_id AND line.date <= %(past)s""",
            past=past,
        )
