from odoo import api, fields, models
from odoo.addons.o2c_exposure.models.sale_order import SQL_ORDER_IS_OPEN
from odoo.tools import SQL

# Above the ids of journal items and of imported history; room for 1,000 rows per order.
ID_OFFSET = 1_000_000_000
ROWS_PER_ORDER = 1_000
LINE_COLUMNS = (
    "id", "source", "res_model", "res_id", "move_id", "move_line_id", "company_id", "partner_id", "name",
    "date", "date_due", "doc_currency_id",
)


class O2cClaim(models.Model):
    """Instalments that are not invoiced yet are claims: owed by the order, not by an invoice.

    They come to the open value of the orders in the exposure. What receipts paid in advance on them is
    taken off, and off the credits of those receipts, so that no money counts twice.
    """

    _inherit = "o2c.claim"

    source = fields.Selection(selection_add=[("instalment", "Instalment of an Order")])

    @api.model
    def _sql_claim_sources(self, as_of, scope):
        receivables, *others = super()._sql_claim_sources(as_of, scope)
        return [self._sql_receivables_and_instalments(receivables, as_of, scope), *others]

    @api.model
    def _sql_receivables_and_instalments(self, receivables, as_of, scope):
        """Both in one SELECT, since they share the chain of the schedules.

        Who is looked at must not matter: money that a sister company paid on somebody's order lessens
        the order's instalments and is no credit of hers, so that her orders are those, too.
        """
        today = fields.Date.context_today(self)
        past = as_of if as_of and as_of < today else None
        return SQL(
            """SELECT * FROM (
                 WITH sched_receivables AS MATERIALIZED (
                          SELECT receivable.*, COALESCE(kept.o2c_receipt_move_id, receivable.move_id)
                                 AS money_id, kept.id IS NOT NULL AS is_kept
                            FROM (%(receivables)s) receivable
                       LEFT JOIN account_move_line kept
                              ON kept.id = receivable.move_line_id AND kept.o2c_receipt_move_id IS NOT NULL),
                      sched_scope AS MATERIALIZED (%(own)s UNION ALL %(others)s),
                      %(chain)s,
                      sched_used AS MATERIALIZED (%(used)s)
                      %(kept)s UNION ALL %(instalments)s) with_instalments""",
            receivables=receivables,
            own=self._sql_own_orders(scope, past),
            others=self._sql_orders_of_others(past),
            chain=self.env["o2c.schedule"]._sql_chain(
                SQL("orders.id IN (SELECT id FROM sched_scope)"), as_of or today, past=past),
            used=self._sql_used_receipts(),
            kept=self._sql_without_advances(),
            instalments=self._sql_instalment_claims(),
        )

    @api.model
    def _sql_own_orders(self, scope, past):
        """Unfinished orders of the debtors who are looked at."""
        return SQL(
            """SELECT orders.id, TRUE AS is_own
                 FROM sale_order orders
                 JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
                 JOIN res_company company ON company.id = orders.company_id
                WHERE orders.state = 'sale' AND %s AND %s""",
            scope, self._sql_unfinished(past))

    @api.model
    def _sql_orders_of_others(self, past):
        """Unfinished orders of others to which receipts of those who are looked at were given."""
        return SQL(
            """SELECT orders.id, FALSE
                 FROM (SELECT DISTINCT money_id, partner_id FROM sched_receivables WHERE amount < 0) lines
                 JOIN account_move money ON money.id = lines.money_id
                 JOIN o2c_receipt_allocation allocation
                   ON allocation.receipt_ref = COALESCE(money.origin_payment_id, -money.statement_line_id)
                  AND (allocation.state = 'active' OR %(is_past)s)
                 JOIN sale_order orders ON orders.id = allocation.order_id AND orders.state = 'sale'
                 JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
                 JOIN res_company company ON company.id = orders.company_id
                WHERE debtor.commercial_partner_id <> lines.partner_id AND %(unfinished)s""",
            is_past=bool(past), unfinished=self._sql_unfinished(past))

    @api.model
    def _sql_unfinished(self, past):
        """Condition on ``orders``: something is, or on the day ``past`` was, not invoiced."""
        if not past:
            return SQL(SQL_ORDER_IS_OPEN)
        return SQL(
            """(orders.date_order AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(company.o2c_tz, 'UTC'))::date
               <= %(past)s AND (%(is_open)s OR EXISTS (
                   SELECT FROM sale_order_line sold
                     JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                     JOIN account_move_line item ON item.id = rel.invoice_line_id
                      AND item.parent_state = 'posted' AND item.date > %(past)s
                    WHERE sold.order_id = orders.id))""",
            past=past, is_open=SQL(SQL_ORDER_IS_OPEN),
        )

    @api.model
    def _sql_used_receipts(self):
        """Per entry of a receipt: what of it pays instalments, in its currency."""
        return SQL(
            """SELECT money.move_id, SUM(
                      money.receipt_amount * heads.advance / NULLIF(heads.advances, 0)) AS amount
                 FROM sched_receipts money
                 JOIN sched_heads heads ON heads.id = money.order_id
                WHERE money.move_id IS NOT NULL
             GROUP BY money.move_id"""
        )

    @api.model
    def _sql_without_advances(self):
        """Receivable lines; a receipt's line is open for what pays no instalment, which is taken from what
        is kept for orders first."""
        return SQL(
            """SELECT %(columns)s,
                      ROUND(lines.amount_currency * kept.share / doc.rounding::numeric)
                          * doc.rounding::numeric AS amount_currency,
                      ROUND(lines.amount * kept.share / home.rounding::numeric) * home.rounding::numeric
                          AS amount,
                      lines.amount_original
                 FROM sched_receivables lines
                 JOIN res_currency doc ON doc.id = lines.doc_currency_id
                 JOIN res_company holder ON holder.id = lines.company_id
                 JOIN res_currency home ON home.id = holder.currency_id
            LEFT JOIN (SELECT line.id, 1 - LEAST(1, GREATEST(0,
                                  -(used.amount + SUM(line.amount_currency) OVER receipt
                                    - line.amount_currency) / NULLIF(line.amount_currency, 0))) AS share
                         FROM sched_used used JOIN sched_receivables line ON line.money_id = used.move_id
                       WINDOW receipt AS (PARTITION BY line.money_id ORDER BY line.is_kept DESC, line.id)
                      ) found ON found.id = lines.id
           CROSS JOIN LATERAL (SELECT COALESCE(found.share, 1) AS share) kept
                WHERE kept.share > 0""",
            columns=SQL(", ").join(SQL.identifier("lines", name) for name in LINE_COLUMNS),
        )

    @api.model
    def _sql_instalment_claims(self):
        """Open instalments; in company currency at the order's rate, rounded so that they add up."""
        upto = SQL("SUM(axis.open) OVER (PARTITION BY axis.order_id ORDER BY axis.seq)")
        return SQL(
            """SELECT %(offset)s::bigint + axis.order_id::bigint * %(rows)s + axis.seq AS id,
                      'instalment' AS source, 'sale.order' AS res_model, axis.order_id AS res_id,
                      NULL::int AS move_id, NULL::int AS move_line_id, axis.company_id, axis.partner_id,
                      axis.name || ' / ' || axis.no AS name, axis.confirmed AS date, axis.due AS date_due,
                      axis.currency_id AS doc_currency_id, axis.open AS amount_currency,
                      axis.upto_company - axis.since_company AS amount, axis.original AS amount_original
                 FROM (SELECT axis.*,
                              ROUND(%(upto)s / axis.rate / home.rounding::numeric) * home.rounding::numeric
                                  AS upto_company,
                              ROUND((%(upto)s - axis.open) / axis.rate / home.rounding::numeric)
                                  * home.rounding::numeric AS since_company,
                              ROUND(axis.amount / axis.rate / home.rounding::numeric)
                                  * home.rounding::numeric AS original
                         FROM sched_axis axis
                         JOIN res_company holder ON holder.id = axis.company_id
                         JOIN res_currency home ON home.id = holder.currency_id) axis
                WHERE axis.open > 0
                  AND axis.order_id IN (SELECT id FROM sched_scope WHERE is_own)""",
            offset=ID_OFFSET, rows=ROWS_PER_ORDER, upto=upto,
        )
