from odoo import api, fields, models
from odoo.tools import SQL

HISTORY_ID_OFFSET = 900_000_000


class O2cClaim(models.Model):
    """Money that is due or will be. Here: open receivable lines; modules add further sources.

    Read as of the date in the context (``o2c_as_of``, today without it): an item counts with
    the residual it had at the end of that day, since a matching closes it from its
    ``max_date``. Credits (credit notes, receipts that no invoice has consumed) are negative.

    A source is one SELECT with the columns of :meth:`_sql_receivables`. Its ids must not
    meet those of another: receivable lines keep theirs, others add a multiple of 10^8.
    """

    _name = "o2c.claim"
    _description = "Claim"
    _inherit = ["o2c.debtor.mixin"]
    _auto = False
    _order = "date_due, id"

    # -------------------------------------------------------------------------
    # Fields
    # -------------------------------------------------------------------------

    source = fields.Selection(
        [("receivable", "Receivable"), ("history", "Settled Item of an Imported Ledger")], readonly=True)
    res_id = fields.Many2oneReference(
        model_field="res_model", string="Record", readonly=True, aggregator=None)
    res_model = fields.Char(string="Record Model", readonly=True)
    move_id = fields.Many2one("account.move", string="Journal Entry", readonly=True)
    move_line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    name = fields.Char(string="Number", readonly=True)
    date = fields.Date(readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Days past the due date at the date of the list; 0 when it is not due, and for credits.",
    )
    doc_currency_id = fields.Many2one("res.currency", string="Document Currency", readonly=True)
    amount_currency = fields.Monetary(
        string="Open in Currency", currency_field="doc_currency_id", readonly=True, aggregator=None)
    amount = fields.Monetary(string="Open Amount", readonly=True, help="Residual at booked value.")
    amount_overdue = fields.Monetary(readonly=True, help="The open amount, if it is past due.")
    amount_original = fields.Monetary(string="Original Amount", readonly=True)

    # -------------------------------------------------------------------------
    # Query
    # -------------------------------------------------------------------------

    @property
    def _table_query(self):
        as_of = fields.Date.to_date(self.env.context.get("o2c_as_of"))
        return SQL(
            "SELECT claims.*, %s FROM (%s) claims %s",
            self._sql_attributes(), self._sql_claims(as_of), self._sql_attribute_joins("claims"),
        )

    @api.model
    def _sql_claims(self, as_of=None, scope=None, *, booked=False):
        """Claims of all sources within ``scope``, with the days overdue.

        :param as_of: date, None for today and what is booked at this moment
        :param scope: condition on ``debtor`` and ``company``
        :param booked: only what is in the books, nothing that modules add
        """
        scope = scope or SQL("TRUE")
        today = as_of or fields.Date.context_today(self)
        return SQL(
            """SELECT *,
                      CASE WHEN amount > 0 THEN GREATEST(%(today)s - date_due, 0) ELSE 0 END AS days_overdue,
                      CASE WHEN amount > 0 AND date_due < %(today)s THEN amount ELSE 0
                           END AS amount_overdue
                 FROM (%(sources)s) sources""",
            today=today,
            sources=SQL(" UNION ALL ").join(
                self._sql_booked_sources(as_of, scope) if booked else self._sql_claim_sources(as_of, scope)),
        )

    @api.model
    def _sql_claim_sources(self, as_of, scope):
        """SELECTs of the sources. Extended by modules."""
        return self._sql_booked_sources(as_of, scope)

    @api.model
    def _sql_booked_sources(self, as_of, scope):
        """SELECTs of what is in the books: receivables, and for a day what an imported ledger settled."""
        if not as_of:
            return [self._sql_receivables(as_of, scope)]
        return [self._sql_receivables(as_of, scope), self._sql_history(as_of, scope)]

    @api.model
    def _sql_history(self, as_of, scope):
        """Settled items of an imported ledger that were still open at the end of the day ``as_of``."""
        return SQL(
            """SELECT %(offset)s + history.id, 'history' AS source, 'o2c.payment.history' AS res_model,
                      history.id AS res_id, NULL::int AS move_id, NULL::int AS move_line_id,
                      history.company_id, debtor.commercial_partner_id AS partner_id,
                      history.invoice_number AS name, history.invoice_date AS date,
                      history.due_date AS date_due, history.currency_id AS doc_currency_id,
                      history.amount AS amount_currency, history.amount_company AS amount,
                      history.amount_company AS amount_original
                 FROM o2c_payment_history history
                 JOIN res_partner debtor ON debtor.id = history.partner_id
                 JOIN res_company company ON company.id = history.company_id
                WHERE history.invoice_date <= %(as_of)s
                  AND history.settled_date > %(as_of)s
                  AND %(scope)s""",
            offset=HISTORY_ID_OFFSET, as_of=as_of, scope=scope,
            to_flush=self.env["o2c.exposure"]._flushed({"o2c.payment.history": (
                "amount", "amount_company", "company_id", "currency_id", "due_date", "invoice_date",
                "invoice_number", "partner_id", "settled_date")}),
        )

    @api.model
    def _sql_receivables(self, as_of, scope):
        """Open posted receivable lines: now, or at the end of the day ``as_of``."""
        return SQL(
            """SELECT line.id, 'receivable' AS source,
                      'account.move.line' AS res_model, line.id AS res_id,
                      line.move_id, line.id AS move_line_id, line.company_id,
                      debtor.commercial_partner_id AS partner_id,
                      COALESCE(NULLIF(line.move_name, '/'), line.name) AS name,
                      COALESCE(line.invoice_date, line.date) AS date,
                      COALESCE(line.date_maturity, line.date) AS date_due,
                      line.currency_id AS doc_currency_id,
                      %(residual_currency)s AS amount_currency,
                      %(residual)s AS amount,
                      line.balance AS amount_original
                 FROM %(lines)s
                 JOIN res_partner debtor ON debtor.id = line.partner_id
                 JOIN res_company company ON company.id = line.company_id
                WHERE line.account_id = ANY(ARRAY(%(accounts)s))
                  AND line.parent_state = 'posted'
                  AND %(is_open)s
                  AND %(scope)s""",
            **self._sql_residuals(as_of, scope), scope=scope,
            accounts=self.env["o2c.exposure"]._sql_customer_accounts(),
            to_flush=self.env["o2c.exposure"]._flushed({
                "account.move.line": (
                    "account_id", "amount_residual", "amount_residual_currency", "balance", "company_id",
                    "currency_id", "date", "date_maturity", "display_type", "invoice_date", "move_name",
                    "name",
                    "parent_state", "partner_id", "reconciled",
                ),
                "account.partial.reconcile": (
                    "amount", "credit_amount_currency", "credit_move_id", "debit_amount_currency",
                    "debit_move_id", "max_date",
                ),
                "account.account": ("account_type",),
                "res.partner": ("commercial_partner_id", "user_id"),
            }),
        )

    @api.model
    def _sql_residuals(self, as_of, scope):
        """Lines that are open and their residuals, as parts of a statement.

        For a date, the matchings that came later are taken back: what was open is among the
        lines that still are and those that later matchings touch. The cost follows these two,
        not the length of the history.
        """
        if not as_of:
            return {
                "lines": SQL("account_move_line line"),
                "residual": SQL("line.amount_residual"),
                "residual_currency": SQL("line.amount_residual_currency"),
                "is_open": SQL("line.reconciled IS NOT TRUE AND line.amount_residual <> 0"),
            }
        later = SQL(
            """SELECT line_id, SUM(amount) AS amount, SUM(amount_currency) AS amount_currency
                 FROM (SELECT debit_move_id AS line_id, amount, debit_amount_currency AS amount_currency
                         FROM account_partial_reconcile
                        WHERE max_date > %(as_of)s AND id NOT IN (%(exchange)s)
                        UNION ALL
                       SELECT credit_move_id, -amount, -credit_amount_currency
                         FROM account_partial_reconcile
                        WHERE max_date > %(as_of)s AND id NOT IN (%(exchange)s)
                        UNION ALL
                       SELECT open_line.id, 0, 0
                         FROM account_move_line open_line
                         JOIN res_partner debtor ON debtor.id = open_line.partner_id
                         JOIN res_company company ON company.id = open_line.company_id
                        WHERE open_line.reconciled IS NOT TRUE
                          AND open_line.account_id = ANY(ARRAY(%(accounts)s))
                          AND %(scope)s
                      ) matchings
             GROUP BY line_id""",
            as_of=as_of, exchange=self._sql_exchange_matchings(as_of), scope=scope,
            accounts=self.env["o2c.exposure"]._sql_customer_accounts(),
        )
        return {
            "lines": SQL("(%s) later JOIN account_move_line line ON line.id = later.line_id", later),
            "residual": SQL("line.amount_residual + later.amount"),
            "residual_currency": SQL("line.amount_residual_currency + later.amount_currency"),
            "is_open": SQL(
                "line.date <= %s AND line.amount_residual + later.amount <> 0", as_of),
        }

    @api.model
    def _sql_exchange_matchings(self, as_of):
        """Ids of matchings with exchange entries that belong to a matching of ``as_of`` or before.

        Odoo dates the exchange entry of a payment at the end of the month; the difference is
        part of the payment all the same, or the item would be open by it until then.
        """
        return SQL(
            """SELECT matching.id
                 FROM account_partial_reconcile origin
                 JOIN account_move_line entry ON entry.move_id = origin.exchange_move_id
                 JOIN account_partial_reconcile matching
                   ON matching.debit_move_id = entry.id AND matching.max_date > %(as_of)s
                WHERE origin.exchange_move_id IS NOT NULL AND origin.max_date <= %(as_of)s
            UNION ALL
               SELECT matching.id
                 FROM account_partial_reconcile origin
                 JOIN account_move_line entry ON entry.move_id = origin.exchange_move_id
                 JOIN account_partial_reconcile matching
                   ON matching.credit_move_id = entry.id AND matching.max_date > %(as_of)s
                WHERE origin.exchange_move_id IS NOT NULL AND origin.max_date <= %(as_of)s""",
            as_of=as_of,
            to_flush=self.env["account.partial.reconcile"]._fields["exchange_move_id"],
        )

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_open_document(self):
        """Open the invoice, entry or other document of the claim."""
        self.ensure_one()
        self.check_access("read")
        document = self.move_id or self.env[self.res_model].browse(self.res_id)
        document.check_access("read")
        return document.get_formview_action()
