from odoo import api, models
from odoo.tools import SQL

from .receipt_ledger import COUNTED_STATES, LIQUIDITY_JOURNALS


class ReceiptLedger(models.AbstractModel):
    """What receipts still have, and which orders it counts for."""

    _inherit = "o2c.receipt.ledger"

    # === WHAT RECEIPTS STILL HAVE === #

    @api.model
    def _sql_used_rows(self):
        """What of each allocated receipt the invoices of each order used, in its currency."""
        return SQL(
            """SELECT receipt_ref, order_id, SUM(used) AS amount
                 FROM cash WHERE receipt_ref IN (SELECT receipt_ref FROM refs)
             GROUP BY receipt_ref, order_id"""
        )

    @api.model
    def _sql_unspent(self):
        """Receipts of which an order was given more than its invoices used: only there anything
        is left to count."""
        return SQL(
            """SELECT DISTINCT active.receipt_ref
                 FROM active
            LEFT JOIN used ON used.receipt_ref = active.receipt_ref AND used.order_id = active.order_id
                WHERE active.amount > COALESCE(used.amount, 0)"""
        )

    @api.model
    def _sql_bases(self, refs):
        """Receipts that count: posted entries of payments and statement lines.

        A payment without an entry of its own counts while it is in process. Once it is paid, the
        entry of the bank stands for it; both together would be twice the money.
        """
        return SQL(
            """SELECT refs.receipt_ref, move.id AS move_id, payment.amount, payment.payment_type
                 FROM (%s) refs
            LEFT JOIN account_payment payment ON payment.id = refs.receipt_ref
            LEFT JOIN account_bank_statement_line item ON item.id = -refs.receipt_ref
            LEFT JOIN LATERAL (
                      SELECT entry.id, entry.state FROM account_move entry
                       WHERE entry.id = COALESCE(payment.move_id, item.move_id)
                      OFFSET 0) move ON TRUE
                WHERE (payment.id IS NULL OR payment.state IN %s)
                  AND (move.state = 'posted' OR move.id IS NULL AND payment.state = 'in_process')""",
            refs,
            COUNTED_STATES,
        )

    @api.model
    def _sql_pairs(self):
        """Partials of the receipts with drafts, which use nothing yet, and with other bank and
        cash entries: a refund that was matched with the receipt it pays back. What is kept on the
        account for advances is as good as the receipt itself.

        Receipt by receipt (LATERAL): from the other end the planner reads the whole ledger to find few.
        """
        return SQL(" UNION ALL ").join(
            SQL(
                """SELECT bases.receipt_ref, %(sign)s AS sign, found.is_draft, found.other_ref,
                          found.amount, found.other_amount, line.total, found.other_total
                     FROM bases
                LEFT JOIN funds ON funds.id = bases.move_id
               CROSS JOIN LATERAL (
                          SELECT item.id, ABS(item.amount_currency) AS total FROM account_move_line item
                           WHERE item.move_id = bases.move_id
                             AND item.account_id = ANY(ARRAY(%(accounts)s))
                       UNION ALL
                          SELECT kept.id, ABS(funds.total) FROM account_move_line kept
                           WHERE kept.o2c_receipt_move_id = bases.move_id
                          OFFSET 0) line
               CROSS JOIN LATERAL (
                          SELECT other.parent_state = 'draft' AS is_draft,
                                 COALESCE(money.origin_payment_id, -money.statement_line_id) AS other_ref,
                                 part.%(own)s AS amount, part.%(their)s AS other_amount,
                                 CASE WHEN other.o2c_receipt_move_id IS NULL
                                      THEN ABS(other.amount_currency) ELSE (
                                      SELECT ABS(SUM(item.amount_currency)) FROM account_move_line item
                                       WHERE item.move_id = money.id
                                         AND item.account_id = ANY(ARRAY(%(accounts)s)))
                                      END AS other_total
                            FROM account_partial_reconcile part
                            JOIN account_move_line other ON other.id = part.%(their_line)s
                            JOIN account_move money
                              ON money.id = COALESCE(other.o2c_receipt_move_id, other.move_id)
                            JOIN account_journal journal ON journal.id = money.journal_id
                           WHERE part.%(own_line)s = line.id
                             AND (other.parent_state = 'draft'
                                  OR other.parent_state = 'posted' AND journal.type IN %(liquidity)s)
                          OFFSET 0) found""",
                sign=sign,
                own=SQL.identifier(f"{own}_amount_currency"),
                their=SQL.identifier(f"{their}_amount_currency"),
                own_line=SQL.identifier(f"{own}_move_id"),
                their_line=SQL.identifier(f"{their}_move_id"),
                liquidity=LIQUIDITY_JOURNALS,
                accounts=self.env["o2c.exposure"]._sql_customer_accounts(),
            )
            for own, their, sign in (("credit", "debit", 1), ("debit", "credit", -1))
        )

    @api.model
    def _sql_returned(self):
        """Rows ``receipt_ref, order_id, amount``: money that came in for an order and went out for it.

        Both sides get the same part, so that the refund takes it back once. Two receipts are one pair,
        in how many parts they may have been matched.
        """
        return SQL(
            """SELECT pairs.receipt_ref, own.order_id,
                      SUM(pairs.amount * CASE WHEN pairs.sign > 0
                          THEN LEAST(their.amount / pairs.other_total, own.amount / pairs.amount)
                          ELSE LEAST(own.amount / pairs.total, their.amount / pairs.other_amount)
                          END) AS amount
                 FROM (SELECT receipt_ref, other_ref, sign, total, other_total, SUM(amount) AS amount,
                              SUM(other_amount) AS other_amount
                         FROM pairs WHERE NOT is_draft
                     GROUP BY receipt_ref, other_ref, sign, total, other_total) pairs
                 JOIN active own ON own.receipt_ref = pairs.receipt_ref
                 JOIN LATERAL (
                      SELECT SUM(ABS(allocation.amount)) AS amount
                        FROM o2c_receipt_allocation allocation
                       WHERE allocation.receipt_ref = pairs.other_ref
                         AND allocation.order_id = own.order_id
                         AND allocation.state = 'active') their ON their.amount > 0
                WHERE pairs.amount > 0 AND pairs.other_amount > 0
             GROUP BY pairs.receipt_ref, own.order_id"""
        )

    @api.model
    def _sql_receipt_rows(self):
        """Rows ``receipt_ref, move_id, sign, cash_share, open``: unreconciled money of each receipt.

        Money that went out and is matched with money that came in was not spent on a document: it
        still takes back, save for what counts as returned.
        """
        return SQL(
            """SELECT bases.receipt_ref, bases.move_id,
                      CASE WHEN COALESCE(funds.total < 0, bases.payment_type = 'inbound')
                           THEN 1 ELSE -1 END AS sign,
                      COALESCE(funds.share, 1) AS cash_share, funds.currency_id,
                      CASE WHEN bases.move_id IS NULL THEN bases.amount
                           ELSE funds.share * GREATEST(0,
                                ABS(COALESCE(funds.residual, 0) + COALESCE(kept.residual, 0))
                                + COALESCE(matched.drafts, 0)
                                + CASE WHEN funds.total > 0 THEN COALESCE(matched.paid_back, 0)
                                       - COALESCE(gone.amount, 0) ELSE 0 END) END AS open
                 FROM bases
            LEFT JOIN funds ON funds.id = bases.move_id
            LEFT JOIN LATERAL (
                      SELECT SUM(item.amount_residual_currency) AS residual FROM account_move_line item
                       WHERE item.o2c_receipt_move_id = bases.move_id) kept ON TRUE
            LEFT JOIN (SELECT receipt_ref, SUM(amount) FILTER (WHERE is_draft) AS drafts,
                              SUM(amount) FILTER (WHERE NOT is_draft) AS paid_back
                         FROM pairs GROUP BY receipt_ref) matched ON matched.receipt_ref = bases.receipt_ref
            LEFT JOIN (SELECT receipt_ref, SUM(amount) AS amount
                         FROM returned GROUP BY receipt_ref) gone ON gone.receipt_ref = bases.receipt_ref"""
        )

    @api.model
    def _sql_taken_rows(self):
        """Rows per receipt and order: the excess of the allocation, and what of it is covered.

        The oldest allocation is served first. ``order_amount`` is signed, in order currency at the
        rate of the allocation.
        """
        return SQL(
            """SELECT *, sign * order_given * taken / amount AS order_amount
                 FROM (SELECT excesses.*,
                              GREATEST(0, LEAST(excess, open - (SUM(excess) OVER (
                                  PARTITION BY receipt_ref ORDER BY first_id) - excess))) AS taken
                         FROM (SELECT active.receipt_ref, active.order_id, active.amount,
                                      active.order_amount AS order_given, active.first_id,
                                      receipts.sign, receipts.open,
                                      COALESCE(used.amount, 0) AS used,
                                      GREATEST(0, active.amount - COALESCE(used.amount, 0)
                                                  - COALESCE(returned.amount, 0)) AS excess
                                 FROM active
                                 JOIN receipts ON receipts.receipt_ref = active.receipt_ref
                                  AND (receipts.currency_id IS NULL
                                       OR receipts.currency_id = active.currency_id)
                            LEFT JOIN used
                                   ON used.receipt_ref = active.receipt_ref
                                  AND used.order_id = active.order_id
                            LEFT JOIN returned ON returned.receipt_ref = active.receipt_ref
                                  AND returned.order_id = active.order_id
                                WHERE active.amount > 0) excesses) served"""
        )

    # === ONLINE === #

    @api.model
    def _sql_online(self):
        """Rows ``order_id, day, amount``: online payments that are done and not booked yet.

        A transaction of several orders counts in proportion to their totals, as it will be
        allocated; a refund counts for the orders of what it pays back. Captures and voids of a part
        are transactions of their own and stand for their source.
        """
        return SQL(
            """SELECT orders.id AS order_id,
                      (orders.changed_on AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
                          (SELECT o2c_tz FROM res_company WHERE id = orders.company_id), 'UTC'))::date AS day,
                      CASE WHEN orders.weight_sum > 0
                           THEN orders.paid * orders.weight / orders.weight_sum
                           ELSE orders.paid / orders.order_count END
                      * CASE WHEN orders.paid_currency_id = orders.currency_id THEN 1
                             ELSE orders.currency_rate / COALESCE(NULLIF((%s), 0), 1) END AS amount
                 FROM (SELECT sold.id, sold.currency_id, sold.currency_rate, sold.company_id,
                              COALESCE(paid.last_state_change, paid.create_date) AS changed_on,
                              paid.amount AS paid, paid.currency_id AS paid_currency_id,
                              GREATEST(sold.amount_total, 0) AS weight,
                              SUM(GREATEST(sold.amount_total, 0)) OVER (PARTITION BY paid.id) AS weight_sum,
                              COUNT(*) OVER (PARTITION BY paid.id) AS order_count
                         FROM payment_transaction paid
                         JOIN sale_order_transaction_rel rel
                           ON rel.transaction_id = COALESCE(
                                  CASE WHEN paid.operation = 'refund' OR NOT EXISTS (
                                           SELECT FROM sale_order_transaction_rel own
                                            WHERE own.transaction_id = paid.id)
                                       THEN paid.source_transaction_id END, paid.id)
                         JOIN sale_order sold ON sold.id = rel.sale_order_id
                        WHERE paid.state = 'done' AND paid.payment_id IS NULL
                          AND paid.operation <> 'validation'
                          AND NOT EXISTS (SELECT FROM payment_transaction child
                                           WHERE child.source_transaction_id = paid.id
                                             AND child.state IN ('done', 'cancel')
                                             AND child.operation <> 'refund')) orders
                 JOIN wanted ON wanted.id = orders.id""",
            self._sql_rate(SQL("orders.paid_currency_id"), SQL("orders.company_id")),
        )

    @api.model
    def _sql_rate(self, currency, company):
        """Today's units of ``currency`` for one of the company's currency."""
        return SQL(
            """SELECT CASE WHEN owner.currency_id = %(currency)s THEN 1 ELSE COALESCE((
                      SELECT rates.rate FROM res_currency_rate rates
                       WHERE rates.currency_id = %(currency)s AND rates.name <= CURRENT_DATE
                         AND (rates.company_id IS NULL OR rates.company_id = SPLIT_PART(
                              owner.parent_path, '/', 1)::int)
                    ORDER BY rates.company_id NULLS LAST, rates.name DESC LIMIT 1), 1) END
                 FROM res_company owner WHERE owner.id = %(company)s""",
            currency=currency,
            company=company,
        )
