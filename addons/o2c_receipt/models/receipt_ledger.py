from odoo import api, models
from odoo.tools import SQL

LIQUIDITY_JOURNALS = ("bank", "cash", "credit")
COUNTED_STATES = ("in_process", "paid")

FIELDS_READ = {
    "o2c.receipt.allocation": (
        "amount", "currency_id", "order_amount", "order_id", "receipt_ref", "state",
    ),
    "sale.order": ("amount_total", "company_id", "currency_id", "currency_rate", "transaction_ids"),
    "sale.order.line": ("currency_id", "invoice_lines", "order_id"),
    "account.move": (
        "amount_total_signed", "currency_id", "invoice_currency_rate", "journal_id", "origin_payment_id",
        "state", "statement_line_id",
    ),
    "account.move.line": (
        "account_id", "amount_currency", "amount_residual_currency", "balance", "currency_id",
        "display_type", "move_id", "o2c_receipt_move_id", "parent_state", "price_total",
    ),
    "account.partial.reconcile": (
        "credit_amount_currency", "credit_move_id", "debit_amount_currency", "debit_move_id",
    ),
    "account.payment": (
        "amount", "amount_company_currency_signed", "move_id", "outstanding_account_id", "payment_type",
        "state",
    ),
    "account.bank.statement.line": ("amount", "currency_id", "move_id"),
    "account.account": ("account_type", "o2c_is_advance"),
    "account.journal": ("default_account_id", "type"),
    "o2c.receipt.transfer": (
        "amount", "currency_id", "move_id", "payment_id", "receipt_ref", "state", "statement_line_id",
    ),
    "payment.transaction": (
        "amount", "currency_id", "last_state_change", "operation", "payment_id", "sale_order_ids",
        "source_transaction_id", "state",
    ),
}


class ReceiptLedger(models.AbstractModel):
    """How much money each order has. Measured, never stored.

    Per receipt R and order o there are three figures, in the receipt's currency:

    * *given* a: what active allocations give;
    * *used* c: the cash of R that is reconciled with posted invoices of o;
    * *returned* d: what was paid back out of R for o (a refund allocated to o, matched with R).

    An order counts ``c`` plus what of ``a - c - d`` is still there: these excesses are served in
    the order of allocation, and only while R has unreconciled money. So an advance that meets its
    invoice is not counted twice, an allocation whose money went elsewhere counts for what is left,
    and over all orders a receipt never counts for more than its money.

    An invoice of several orders shares the cash of a receipt by the ``price_total`` of their lines,
    as far as allocations don't say otherwise: an order gets no less than it was given, and has not used
    before, while others were given less than their share, so that posting a collective invoice moves no
    money between orders. A part of an entry that is no cash (a write-off inside a payment) pays nothing.

    What of a receipt is kept on the account for advances is money of the receipt: the entry between is
    none, and the figures are the same with it and without.

    Everything is one chain of common table expressions; the ORM would walk every invoice.
    """

    _name = "o2c.receipt.ledger"
    _description = "Money known per order"

    # === STATEMENTS === #

    @api.model
    def _sql_collected(self, scope=None, *, clamp=True):
        """SELECT of ``order_id, company_id, collected`` for all orders of ``scope``.

        :param scope: condition on the alias ``orders`` (sale_order); all orders without it
        :param clamp: an order of which more was paid back than came in counts 0
        :return: amounts in order currency, tax included, not rounded to its decimals
        """
        total = SQL("ROUND(COALESCE(sums.amount, 0), 10)")
        return SQL(
            """WITH %(chain)s,
               -- Materialized: on tables without statistics a nested loop would sum anew for each order.
               sums AS MATERIALIZED (
                   SELECT order_id, SUM(amount) AS amount
                     FROM (SELECT order_id, amount FROM cash
                           UNION ALL SELECT order_id, order_amount FROM taken
                           UNION ALL SELECT order_id, amount FROM (%(online)s) online) amounts
                    GROUP BY order_id)
               SELECT wanted.id AS order_id, wanted.company_id, %(total)s AS collected
                 FROM wanted
            LEFT JOIN sums ON sums.order_id = wanted.id""",
            chain=self._sql_chain(self._sql_wanted(scope), SQL(
                """SELECT DISTINCT receipt_ref FROM o2c_receipt_allocation
                    WHERE state = 'active' AND order_id IN (SELECT id FROM wanted)"""),
                self._sql_unspent()),
            total=SQL("GREATEST(%s, 0)", total) if clamp else total,
            online=self._sql_online(),
        )

    @api.model
    def _sql_receipts(self, refs):
        """SELECT about receipts: what they have left and what their allocations take of it.

        Columns: ``receipt_ref, move_id, sign`` (1 came in, -1 went out), ``cash_share``, ``open``
        (unreconciled money), ``given`` (allocated and neither used nor returned, may exceed
        ``open``), ``taken`` (what counts of it); amounts positive, in receipt currency.

        :param refs: SELECT of ``receipt_ref``
        """
        return SQL(
            """WITH %s
               SELECT receipts.receipt_ref, receipts.move_id, receipts.sign, receipts.cash_share,
                      receipts.open,
                      COALESCE(SUM(taken.excess), 0) AS given, COALESCE(SUM(taken.taken), 0) AS taken
                 FROM receipts LEFT JOIN taken ON taken.receipt_ref = receipts.receipt_ref
             GROUP BY receipts.receipt_ref, receipts.move_id, receipts.sign, receipts.cash_share,
                      receipts.open""",
            self._sql_chain(self._sql_nobody(), refs),
        )

    @api.model
    def _sql_taken(self, refs):
        """SELECT of what each receipt has for each order beyond what invoices used.

        Columns: ``receipt_ref, order_id, move_id, sign, cash_share, excess, taken, used, given``.
        """
        return SQL(
            "WITH %s SELECT taken.*, receipts.move_id, receipts.cash_share"
            " FROM taken JOIN receipts ON receipts.receipt_ref = taken.receipt_ref",
            self._sql_chain(self._sql_nobody(), refs),
        )

    @api.model
    def _sql_used(self, refs):
        """SELECT of ``receipt_ref, order_id, used, given`` for all orders that use these receipts,
        allocated or not."""
        return SQL(
            """WITH %s
               SELECT cash.receipt_ref, cash.order_id, SUM(cash.used) AS used,
                      COALESCE(MAX(active.amount), 0) AS given, SUM(ABS(cash.amount)) AS order_used
                 FROM cash
                 JOIN refs ON refs.receipt_ref = cash.receipt_ref
            LEFT JOIN active ON active.receipt_ref = cash.receipt_ref AND active.order_id = cash.order_id
             GROUP BY cash.receipt_ref, cash.order_id""",
            self._sql_chain(
                SQL(
                    """SELECT DISTINCT orders.id, orders.company_id
                         FROM (%s) asked
                         JOIN account_move money ON money.origin_payment_id = asked.receipt_ref
                              OR money.statement_line_id = -asked.receipt_ref
                              OR money.id IN (SELECT carried.move_id FROM o2c_receipt_transfer carried
                                               WHERE carried.receipt_ref = asked.receipt_ref
                                                 AND carried.state = 'done')
                         JOIN account_move_line line ON line.move_id = money.id
                         JOIN account_partial_reconcile part
                           ON line.id IN (part.debit_move_id, part.credit_move_id)
                         JOIN account_move_line other
                           ON other.id IN (part.debit_move_id, part.credit_move_id) AND other.id <> line.id
                         JOIN account_move_line item ON item.move_id = other.move_id
                         JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                         JOIN sale_order_line sold ON sold.id = rel.order_line_id
                         JOIN sale_order orders ON orders.id = sold.order_id""", refs),
                refs),
        )

    # === CHAIN === #

    @api.model
    def _sql_wanted(self, scope):
        return SQL(
            "SELECT orders.id, orders.company_id FROM sale_order orders WHERE %s", scope or SQL("TRUE"))

    @api.model
    def _sql_nobody(self):
        return SQL("SELECT NULL::int AS id, NULL::int AS company_id WHERE FALSE")

    @api.model
    def _sql_chain(self, wanted, refs, measured=None):
        """The common table expressions: ``cash`` per order, ``taken`` per receipt and order.

        :param wanted: SELECT of ``id, company_id`` of orders
        :param refs: SELECT of ``receipt_ref`` of receipts; may read ``wanted``
        :param measured: SELECT of those whose rest is measured, by default all; may read ``active``
            and ``used``
        """
        return SQL(
            """wanted AS MATERIALIZED (%(wanted)s),
               refs AS MATERIALIZED (%(refs)s),
               active AS MATERIALIZED (
                   SELECT receipt_ref, order_id, MIN(currency_id) AS currency_id,
                          SUM(ABS(amount)) AS amount, SUM(ABS(order_amount)) AS order_amount,
                          MIN(id) AS first_id
                     FROM o2c_receipt_allocation
                    WHERE state = 'active' AND receipt_ref IN (SELECT receipt_ref FROM refs)
                 GROUP BY receipt_ref, order_id),
               own_docs AS MATERIALIZED (%(own_docs)s),
               docs AS MATERIALIZED (%(docs)s),
               due AS MATERIALIZED (%(due)s),
               sides AS MATERIALIZED (%(sides)s),
               parts AS MATERIALIZED (%(parts)s),
               shares AS MATERIALIZED (%(shares)s),
               cash AS MATERIALIZED (%(cash)s),
               used AS MATERIALIZED (%(used)s),
               bases AS MATERIALIZED (%(bases)s),
               funds AS MATERIALIZED (%(funds)s),
               pairs AS MATERIALIZED (%(pairs)s),
               returned AS MATERIALIZED (%(returned)s),
               receipts AS MATERIALIZED (%(receipts)s),
               taken AS (%(taken)s)""",
            wanted=wanted,
            refs=refs,
            own_docs=self._sql_own_docs(),
            docs=self._sql_docs(),
            due=self._sql_due(),
            sides=self._sql_sides(),
            parts=self._sql_parts(),
            shares=self._sql_shares(SQL("SELECT DISTINCT money_id AS id FROM sides WHERE plain IS NOT TRUE")),
            cash=self._sql_cash(),
            used=self._sql_used_rows(),
            bases=self._sql_bases(measured or SQL("SELECT receipt_ref FROM refs")),
            funds=self._sql_shares(SQL("SELECT DISTINCT move_id AS id FROM bases")),
            pairs=self._sql_pairs(),
            returned=self._sql_returned(),
            receipts=self._sql_receipt_rows(),
            taken=self._sql_taken_rows(),
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )
