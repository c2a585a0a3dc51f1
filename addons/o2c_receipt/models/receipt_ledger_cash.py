from odoo import api, models
from odoo.tools import SQL

from .receipt_ledger import COUNTED_STATES, LIQUIDITY_JOURNALS


class ReceiptLedger(models.AbstractModel):
    """Cash of receipts on invoices, and whose it is."""

    _inherit = "o2c.receipt.ledger"

    # === DOCUMENTS AND THEIR CASH === #

    @api.model
    def _sql_own_docs(self):
        """Posted invoices and credit notes of the wanted orders, and of the others that share
        their receipts."""
        return self._sql_docs_of(SQL("SELECT id FROM wanted UNION SELECT order_id FROM active"))

    @api.model
    def _sql_docs(self):
        """All documents that matter: ``own_docs`` and those of orders that are on them, too.

        How the cash on a shared invoice is divided depends on what its other orders have used elsewhere
        of the same receipts, whoever is wanted.
        """
        return SQL(
            "SELECT id FROM own_docs UNION %s",
            self._sql_docs_of(SQL(
                """SELECT other.order_id AS id
                     FROM (SELECT DISTINCT lines.order_id
                             FROM (SELECT (SELECT sold.order_id FROM sale_order_line sold
                                            WHERE sold.id = rel.order_line_id) AS order_id
                                     FROM own_docs
                                     JOIN account_move_line item
                                       ON item.move_id = own_docs.id AND item.display_type = 'product'
                                     JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                                   -- Line by line: the planner would read all lines that are sold.
                                   OFFSET 0) lines
                            WHERE lines.order_id NOT IN (
                                  SELECT id FROM wanted UNION SELECT order_id FROM active)) companions
                     JOIN o2c_receipt_allocation own
                       ON own.order_id = companions.order_id AND own.state = 'active'
                     JOIN o2c_receipt_allocation other
                       ON other.receipt_ref = own.receipt_ref AND other.state = 'active'""")))

    @api.model
    def _sql_docs_of(self, orders):
        """:param orders: SELECT of ``id``"""
        return SQL(
            """SELECT DISTINCT item.move_id AS id
                 FROM (%s) targets
                 JOIN sale_order_line sold ON sold.order_id = targets.id
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                 JOIN account_move_line item ON item.id = rel.invoice_line_id
                WHERE item.parent_state = 'posted'""", orders)

    @api.model
    def _sql_due(self):
        """The documents' items that are paid or paid back."""
        return SQL(
            """SELECT line.id, line.move_id, line.currency_id,
                      line.balance > 0 OR line.amount_currency > 0 AS is_debit,
                      line.balance < 0 OR line.amount_currency < 0 AS is_credit
                 FROM docs
                 JOIN account_move_line line
                   ON line.move_id = docs.id AND line.display_type = 'payment_term'"""
        )

    @api.model
    def _sql_sides(self):
        """What bank and cash entries matched of the documents: one row per partial.

        A debit of the document was paid (sign 1), a credit was paid back (sign -1). The entry is
        ``plain`` when the item alone makes one side of it and the whole is cash: the usual payment,
        in which nothing was written off. Then nobody has to read its other items. An advance that
        was carried over from a liability account is money of its receipt.
        """
        return SQL(" UNION ALL ").join(
            SQL(
                """SELECT due.move_id AS doc_id, due.currency_id AS doc_currency_id,
                          CASE WHEN carried.id IS NULL THEN other.move_id
                               ELSE COALESCE(payment.move_id, bank.move_id) END AS money_id,
                          COALESCE(carried.currency_id, other.currency_id) AS currency_id,
                          part.id AS part_id, %(sign)s AS sign, part.%(own)s AS doc_amount,
                          part.%(their)s * COALESCE(
                              carried.amount / NULLIF(ABS(other.amount_currency), 0), 1) AS money_amount,
                          COALESCE(money.origin_payment_id, -money.statement_line_id,
                                   carried.receipt_ref) AS receipt_ref,
                          carried.id IS NULL
                          AND ABS(other.balance) = money.amount_total_signed
                          AND ABS(other.balance) = COALESCE(
                              ABS(payment.amount_company_currency_signed),
                              CASE WHEN bank.currency_id = other.company_currency_id
                                   THEN ABS(bank.amount) END) AS plain
                     FROM due
                     JOIN account_partial_reconcile part ON part.%(own_line)s = due.id
                     JOIN account_move_line other ON other.id = part.%(their_line)s
                     JOIN account_move money ON money.id = other.move_id AND money.state = 'posted'
                LEFT JOIN o2c_receipt_transfer carried
                       ON carried.move_id = money.id AND carried.state = 'done'
                LEFT JOIN account_payment payment
                       ON payment.id = COALESCE(money.origin_payment_id, carried.payment_id)
                LEFT JOIN account_bank_statement_line bank
                       ON bank.id = COALESCE(money.statement_line_id, carried.statement_line_id)
                    WHERE due.%(side)s
                      AND (money.journal_id = ANY(ARRAY(%(liquidity)s)) OR carried.id IS NOT NULL)
                      AND (payment.id IS NULL OR payment.state IN %(counted)s)""",
                sign=sign,
                own=SQL.identifier(f"{own}_amount_currency"),
                their=SQL.identifier(f"{their}_amount_currency"),
                own_line=SQL.identifier(f"{own}_move_id"),
                their_line=SQL.identifier(f"{their}_move_id"),
                side=SQL.identifier(f"is_{own}"),
                liquidity=self._sql_liquidity(),
                counted=COUNTED_STATES,
            )
            for own, their, sign in (("debit", "credit", 1), ("credit", "debit", -1))
        )

    @api.model
    def _sql_liquidity(self):
        return SQL("SELECT id FROM account_journal WHERE type IN %s", LIQUIDITY_JOURNALS)

    @api.model
    def _sql_shares(self, entries):
        """Which share of an entry's receivable amount is cash; the rest was written off in it.

        Beside it the entry's receivable amount and residual in its currency: the lines are read once.

        :param entries: SELECT of ``id`` of entries
        """
        return SQL(
            """SELECT move.id, CASE
                      WHEN sums.cash IS NULL THEN CASE WHEN payment.id IS NULL THEN 0 ELSE 1 END
                      WHEN sums.cash * sums.owed >= 0 THEN 0
                      ELSE LEAST(1, ABS(sums.cash) / ABS(sums.owed)) END AS share,
                      sums.total, sums.residual, sums.currency_id
                 FROM (%s) entries
           CROSS JOIN LATERAL (
                      SELECT entry.id, entry.journal_id, entry.origin_payment_id FROM account_move entry
                       WHERE entry.id = entries.id OFFSET 0) move
                 JOIN account_journal journal ON journal.id = move.journal_id
            LEFT JOIN account_payment payment ON payment.id = move.origin_payment_id
           CROSS JOIN LATERAL (
                      SELECT SUM(line.balance) FILTER (WHERE line.is_owed) AS owed,
                             SUM(line.balance) FILTER (
                                 WHERE line.account_id IN (
                                     payment.outstanding_account_id, journal.default_account_id)) AS cash,
                             SUM(line.amount_currency) FILTER (WHERE line.is_owed) AS total,
                             SUM(line.amount_residual_currency) FILTER (WHERE line.is_owed) AS residual,
                             MIN(line.currency_id) FILTER (WHERE line.is_owed) AS currency_id
                        FROM (SELECT item.*, item.account_id = ANY(ARRAY(%s)) AS is_owed
                                FROM account_move_line item WHERE item.move_id = move.id
                              -- Not flattened, so that the account is looked at once.
                              OFFSET 0) line) sums
                WHERE payment.id IS NULL OR payment.state IN %s""",
            entries,
            self.env["o2c.exposure"]._sql_customer_accounts(),
            COUNTED_STATES,
        )

    # === CASH ON INVOICES === #

    @api.model
    def _sql_parts(self):
        """Weight of each order on each document: its lines with tax, never negative.

        Lines without an order make a part of their own (order NULL): their money is no order's.
        ``is_whole``: the document is of this order alone.
        """
        return SQL(
            """SELECT weights.*, order_id IS NOT NULL AND weight > 0
                      AND COUNT(*) OVER (PARTITION BY move_id) = 1 AS is_whole
                 FROM (SELECT items.move_id, items.order_id, MIN(items.currency_id) AS currency_id,
                              GREATEST(SUM(items.price), 0) AS weight
                         FROM (SELECT item.move_id, sold.order_id, sold.currency_id,
                                      item.price_total / COUNT(*) OVER (PARTITION BY item.id) AS price
                                 FROM account_move_line item
                            LEFT JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                            LEFT JOIN sale_order_line sold ON sold.id = rel.order_line_id
                                WHERE item.display_type = 'product'
                                  AND item.move_id IN (SELECT doc_id FROM sides)) items
                     GROUP BY items.move_id, items.order_id) weights"""
        )

    @api.model
    def _sql_cash(self):
        """Rows ``receipt_ref, money_id, order_id, used, amount``: cash of a receipt on an invoice, per
        order.

        ``money_id`` is the entry of the receipt; ``used`` is in receipt currency, positive; ``amount``
        in order currency, signed. The cash on an invoice of one order is all of that order; other
        invoices are shared.
        """
        return SQL(
            """SELECT pieces.receipt_ref, pieces.money_id, pieces.order_id, pieces.used,
                      CASE WHEN pieces.order_currency_id = pieces.doc_currency_id THEN pieces.amount
                           ELSE pieces.amount * (
                               SELECT orders.currency_rate
                                      / COALESCE(NULLIF(doc.invoice_currency_rate, 0), 1)
                                 FROM sale_order orders, account_move doc
                                WHERE orders.id = pieces.order_id AND doc.id = pieces.doc_id)
                      END AS amount
                 FROM (SELECT sides.receipt_ref, sides.money_id, parts.order_id, sides.doc_id,
                              parts.currency_id AS order_currency_id, sides.doc_currency_id,
                              sides.money_amount * COALESCE(shares.share, 1) AS used,
                              sides.sign * sides.doc_amount * COALESCE(shares.share, 1) AS amount
                         FROM sides
                         JOIN parts ON parts.move_id = sides.doc_id AND parts.is_whole
                    LEFT JOIN shares ON shares.id = sides.money_id
                    UNION ALL
                       SELECT quotas.receipt_ref, quotas.money_id, quotas.order_id, quotas.doc_id,
                              quotas.order_currency_id, quotas.doc_currency_id, quotas.used,
                              quotas.sign * quotas.doc_amount * quotas.used / quotas.money_amount
                         FROM (%s) quotas
                        WHERE quotas.order_id IS NOT NULL) pieces
                WHERE pieces.used > 0""",
            self._sql_quotas(),
        )

    @api.model
    def _sql_quotas(self):
        """Cash of a receipt on invoices of several orders: ``used`` per order, one row per match.

        The matches of a receipt are gone through in their order, invoices of one order among them: an
        order gives to each what it has left of what it was given (jsonb ``used``: what it gave so far, by
        order), so that no money of an order is taken to stand on two invoices. See the class for the rule.
        """
        return SQL(
            """WITH RECURSIVE matches AS MATERIALIZED (%(matches)s),
               walk AS (
                   SELECT DISTINCT money_id, sign, 0::bigint AS seq, '{}'::jsonb AS used,
                          NULL::jsonb AS pieces, NULL::int AS doc_id
                     FROM matches
                   UNION ALL
                   SELECT walk.money_id, walk.sign, matches.seq, walk.used || step.used, step.pieces,
                          matches.doc_id
                     FROM walk
                     JOIN matches ON matches.money_id = walk.money_id AND matches.sign = walk.sign
                                 AND matches.seq = walk.seq + 1
               CROSS JOIN LATERAL (
                          SELECT COALESCE(jsonb_object_agg(order_id, before + used), '{}') AS used,
                                 jsonb_object_agg(order_id, used) AS pieces
                            FROM (%(step)s) divided
                           WHERE order_id IS NOT NULL) step)
               SELECT matches.receipt_ref, matches.money_id, matches.doc_id, matches.sign,
                      matches.doc_currency_id, matches.doc_amount, matches.money_amount,
                      parts.order_id, parts.currency_id AS order_currency_id,
                      (walk.pieces ->> parts.order_id::text)::numeric AS used
                 FROM walk
                 JOIN matches ON matches.money_id = walk.money_id AND matches.sign = walk.sign
                             AND matches.seq = walk.seq
                 JOIN parts ON parts.move_id = matches.doc_id AND NOT parts.is_whole
                WHERE parts.order_id IS NOT NULL""",
            matches=self._sql_matches(),
            step=self._sql_step(),
        )

    @api.model
    def _sql_matches(self):
        """Matches of the receipts that paid a shared invoice, numbered in the order in which they were
        made."""
        return SQL(
            """SELECT sides.*,
                      ROW_NUMBER() OVER (PARTITION BY money_id, sign ORDER BY part_id) AS seq
                 FROM (SELECT sides.money_id, sides.sign, sides.part_id, sides.receipt_ref, sides.doc_id,
                              sides.currency_id, sides.doc_currency_id,
                              sides.doc_amount * COALESCE(shares.share, 1) AS doc_amount,
                              sides.money_amount * COALESCE(shares.share, 1) AS money_amount
                         FROM sides
                    LEFT JOIN shares ON shares.id = sides.money_id
                        WHERE sides.money_id IN (
                              SELECT shared.money_id FROM sides shared
                                JOIN parts ON parts.move_id = shared.doc_id AND NOT parts.is_whole)) sides
                WHERE money_amount > 0"""
        )

    @api.model
    def _sql_step(self):
        """Rows ``order_id, before, used``: how the cash of a row ``matches`` is divided, after what the row
        ``walk`` says was used."""
        return SQL(
            """SELECT order_id, before, COALESCE(CASE WHEN SUM(given) OVER doc >= money_amount
                      THEN LEAST(given, fair) + COALESCE(
                          (money_amount - SUM(LEAST(given, fair)) OVER doc)
                          * GREATEST(given - fair, 0)
                          / NULLIF(SUM(GREATEST(given - fair, 0)) OVER doc, 0), 0)
                      ELSE given + COALESCE(
                          (money_amount - SUM(given) OVER doc) * GREATEST(fair - given, 0)
                          / NULLIF(SUM(GREATEST(fair - given, 0)) OVER doc, 0), 0)
                      END, 0) AS used
                 FROM (SELECT parts.order_id, past.before, matches.money_amount,
                              COALESCE(matches.money_amount * parts.weight / NULLIF(
                                  SUM(parts.weight) OVER (), 0), 0) AS fair,
                              GREATEST(COALESCE(given.amount, 0) - past.before, 0) AS given
                         FROM parts
                   CROSS JOIN LATERAL (
                              SELECT COALESCE((walk.used ->> parts.order_id::text)::numeric, 0)
                                     AS before) past
                    LEFT JOIN LATERAL (
                              SELECT SUM(ABS(allocation.amount)) AS amount
                                FROM o2c_receipt_allocation allocation
                               WHERE allocation.receipt_ref = matches.receipt_ref
                                 AND allocation.order_id = parts.order_id
                                 AND allocation.currency_id = matches.currency_id
                                 AND allocation.state = 'active') given ON TRUE
                        WHERE parts.move_id = matches.doc_id) fairs
               WINDOW doc AS ()"""
        )
