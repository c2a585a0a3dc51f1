from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.behaviour import Behaviour

COLUMNS = (
    "opening", "sales", "closing", "overdue", "settled_count", "late_count", "days_late",
    "settled_amount", "late_amount", "amount_days_late",
)


class O2cBehaviour(models.AbstractModel):
    """How customers paid over a period: sums from the ledger and from imported history.

    One statement for all customers; the figures (DSO, CEI, days late ...) follow from the
    sums by the pure functions of ``rules/behaviour.py``.
    """

    _name = "o2c.behaviour"
    _description = "Payment behaviour"

    @api.model
    def _get_behaviour(self, date_from, date_to, *, scope=None, settled_only=False):
        """Sums of every debtor in ``scope`` from ``date_from`` to ``date_to``, both included.

        As they were at the end of ``date_to``: later payments count as open. Amounts in the
        currency of the company of the documents.

        :param settled_only: leave the receivables and sales at 0, which costs much less
        :return: ``{(company_id, partner_id): Behaviour}`` of documents' companies, without
            debtors that had nothing
        """
        days = (date_to - date_from).days + 1
        scope = scope or SQL("TRUE")
        parts = self._sql_settled_parts(date_from, date_to, scope)
        if not settled_only:
            parts += self._sql_receivable_parts(date_from, date_to, scope)
        rows = self.env.execute_query(self._sql_behaviour(parts))
        return {
            (company, partner): Behaviour(days=days, **{
                name: int(value) if name in ("settled_count", "late_count", "days_late") else float(value)
                for name, value in zip(COLUMNS, values, strict=True)
            })
            for company, partner, *values in rows
        }

    @api.model
    def _sql_behaviour(self, parts):
        """Rows ``company_id, partner_id`` and the sums of :data:`COLUMNS` over ``parts``."""
        sums = SQL(", ").join(
            SQL("COALESCE(SUM(%s), 0) AS %s", SQL.identifier(name), SQL.identifier(name)) for name in COLUMNS
        )
        rows = SQL(" UNION ALL ").join(self._sql_padded(columns, query) for columns, query in parts)
        return SQL(
            "SELECT company_id, partner_id, %s FROM (%s) parts GROUP BY company_id, partner_id", sums, rows)

    @api.model
    def _sql_padded(self, columns, query):
        """``query`` with all columns, 0 for those that it does not have."""
        return SQL(
            "SELECT company_id, partner_id, %s FROM (%s) part",
            SQL(", ").join(
                SQL.identifier(name) if name in columns else SQL("0 AS %s", SQL.identifier(name))
                for name in COLUMNS
            ),
            query,
        )

    @api.model
    def _sql_settled_parts(self, date_from, date_to, scope):
        """Parts about items settled in the period, as ``(columns, SQL)``."""
        columns = ("settled_count", "late_count", "days_late", "settled_amount", "late_amount",
                   "amount_days_late")
        return [
            (columns, self._sql_item_sums(self._sql_settled(date_from, date_to, scope))),
            (columns, self._sql_item_sums(self._sql_history_settled(date_from, date_to, scope))),
        ]

    @api.model
    def _sql_receivable_parts(self, date_from, date_to, scope):
        """Parts about receivables and sales, as ``(columns, SQL)``."""
        before = fields.Date.subtract(date_from, days=1)
        return [
            (("opening",), SQL(
                "SELECT company_id, partner_id, amount AS opening FROM (%s) items",
                self._sql_open_items(before, scope))),
            (("closing", "overdue"), SQL(
                """SELECT company_id, partner_id, amount AS closing,
                          CASE WHEN amount > 0 AND date_due < %s THEN amount ELSE 0 END AS overdue
                     FROM (%s) items""",
                date_to, self._sql_open_items(date_to, scope))),
            (("sales",), self._sql_sales(date_from, date_to, scope)),
            (("sales",), self._sql_history(
                SQL("history.amount_company AS sales"),
                SQL("history.invoice_date BETWEEN %s AND %s", date_from, date_to),
                scope,
            )),
        ]

    @api.model
    def _sql_open_items(self, as_of, scope):
        """Receivables at the end of the day ``as_of``; other claims are no receivables yet."""
        claims = self.env["o2c.claim"]
        return SQL(" UNION ALL ").join(
            SQL("SELECT company_id, partner_id, amount, date_due FROM (%s) claims", source)
            for source in (claims._sql_receivables(as_of, scope), claims._sql_history(as_of, scope))
        )

    @api.model
    def _sql_item_sums(self, items):
        """Columns of settled items from rows of ``amount, days_late``."""
        return SQL(
            """SELECT company_id, partner_id, 1 AS settled_count, (days_late > 0)::int AS late_count,
                      days_late, amount AS settled_amount,
                      CASE WHEN days_late > 0 THEN amount ELSE 0 END AS late_amount,
                      amount * days_late AS amount_days_late
                 FROM (%s) items""",
            items,
        )

    # -------------------------------------------------------------------------
    # Ledger
    # -------------------------------------------------------------------------

    @api.model
    def _sql_sales(self, date_from, date_to, scope):
        """Invoices less credit notes, tax included, by invoice date."""
        return SQL(
            """SELECT move.company_id, debtor.commercial_partner_id AS partner_id,
                      move.amount_total_signed AS sales
                 FROM account_move move
                 JOIN res_partner debtor ON debtor.id = move.partner_id
                 JOIN res_company company ON company.id = move.company_id
                WHERE move.move_type IN ('out_invoice', 'out_refund')
                  AND move.state = 'posted'
                  AND move.invoice_date BETWEEN %s AND %s
                  AND %s""",
            date_from, date_to, scope,
            to_flush=self.env["o2c.exposure"]._flushed({"account.move": (
                "amount_total_signed", "company_id", "invoice_date", "move_type", "partner_id", "state")}),
        )

    @api.model
    def _sql_settled(self, date_from, date_to, scope):
        """Invoice lines that were closed in the period, at least in part with money.

        Money is what came through a bank or cash journal. What credit notes or entries alone
        closed says nothing about how the customer pays. The day is that of the last matching,
        exchange entries aside: Odoo dates them at the end of the month.
        """
        return SQL(
            """SELECT line.company_id, debtor.commercial_partner_id AS partner_id, line.balance AS amount,
                      GREATEST(closing.date - COALESCE(line.date_maturity, line.date), 0) AS days_late
                 FROM account_move_line line
                 JOIN account_move move ON move.id = line.move_id
                 JOIN res_partner debtor ON debtor.id = line.partner_id
                 JOIN res_company company ON company.id = line.company_id
                 JOIN LATERAL (
                      SELECT MAX(matching.max_date) FILTER (WHERE NOT EXISTS (
                                 SELECT FROM account_partial_reconcile origin
                                  WHERE origin.exchange_move_id = credit.move_id)) AS date,
                             BOOL_OR(journal.type IN ('bank', 'cash', 'credit')) AS is_money
                        FROM account_partial_reconcile matching
                        JOIN account_move_line credit ON credit.id = matching.credit_move_id
                        JOIN account_journal journal ON journal.id = credit.journal_id
                       WHERE matching.debit_move_id = line.id) closing ON TRUE
                WHERE line.id IN (SELECT debit_move_id FROM account_partial_reconcile
                                   WHERE max_date BETWEEN %(date_from)s AND %(date_to)s)
                  AND line.reconciled
                  AND line.parent_state = 'posted'
                  AND line.display_type = 'payment_term'
                  AND move.move_type = 'out_invoice'
                  AND closing.is_money
                  AND closing.date BETWEEN %(date_from)s AND %(date_to)s
                  AND %(scope)s""",
            date_from=date_from, date_to=date_to, scope=scope,
            to_flush=self.env["o2c.exposure"]._flushed({
                "account.move": ("move_type",),
                "account.move.line": (
                    "balance", "company_id", "date", "date_maturity", "display_type", "parent_state",
                    "partner_id", "reconciled"),
                "account.partial.reconcile": (
                    "credit_move_id", "debit_move_id", "exchange_move_id", "max_date"),
                "account.journal": ("type",),
            }),
        )

    # -------------------------------------------------------------------------
    # Imported history
    # -------------------------------------------------------------------------

    @api.model
    def _sql_history_settled(self, date_from, date_to, scope):
        return self._sql_history(
            SQL("history.amount_company AS amount, history.days_late"),
            SQL("history.settled_date BETWEEN %s AND %s", date_from, date_to),
            scope,
        )

    @api.model
    def _sql_history(self, columns, condition, scope):
        return SQL(
            """SELECT history.company_id, debtor.commercial_partner_id AS partner_id, %s
                 FROM o2c_payment_history history
                 JOIN res_partner debtor ON debtor.id = history.partner_id
                 JOIN res_company company ON company.id = history.company_id
                WHERE %s AND %s""",
            columns, condition, scope,
            to_flush=self.env["o2c.exposure"]._flushed({"o2c.payment.history": (
                "amount_company", "company_id", "days_late", "due_date", "invoice_date", "partner_id",
                "settled_date")}),
        )
