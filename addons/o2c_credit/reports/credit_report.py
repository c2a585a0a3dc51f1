from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.credit_watch import MEASURES

EXPIRING_DAYS = 30


class CreditReport(models.Model):
    """Credit of each customer in each company as it is at this moment: terms, use, overdue, watch list.

    Amounts are in the currency of the company; a limit in another currency counts at the rate of the
    day. One statement over all customers, made when it is read; record rules say who sees which rows.
    """

    _name = "o2c.credit.report"
    _inherit = ["o2c.debtor.mixin"]
    _description = "Credit overview"
    _auto = False
    _order = "exposure desc, id"
    _rec_name = "partner_id"

    state_id = fields.Many2one("res.country.state", string="Region", readonly=True)
    grade_id = fields.Many2one("o2c.credit.grade", readonly=True)
    review_date = fields.Date(string="Grade valid until", readonly=True)
    has_terms = fields.Boolean(string="Has terms", readonly=True)
    limit_amount = fields.Monetary(
        string="Limit", readonly=True, help="In force today, with a temporary raise; 0 while suspended."
    )
    addition = fields.Monetary(
        string="On top of the limit",
        readonly=True,
        help="What guarantees add to the limit today; 0 while suspended.",
    )
    exposure = fields.Monetary(readonly=True)
    available = fields.Monetary(
        readonly=True,
        help="Limit and what guarantees add to it, less exposure. Negative: over the limit by so much.",
    )
    usage = fields.Float(
        string="Used (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Exposure as a share of the limit and what guarantees add to it. 100 where that is nothing "
        "and something is owed.",
    )
    usage_band = fields.Selection(
        [
            ("1_none", "Nothing used"),
            ("2_low", "Up to 50 %"),
            ("3_half", "50 to 90 %"),
            ("4_high", "Over 90 %"),
            ("5_over", "Over the limit"),
        ],
        string="Use of the limit",
        readonly=True,
    )
    overdue = fields.Monetary(readonly=True, help="Items past their due date, less receipts not yet matched.")
    oldest_days = fields.Integer(
        string="Oldest overdue (days)", readonly=True, aggregator="max", help="Of the oldest item overdue."
    )
    is_suspended = fields.Boolean(string="Suspended", readonly=True)
    is_cash_only = fields.Boolean(string="Cash only", readonly=True)
    is_over_limit = fields.Boolean(string="Over the limit", readonly=True)
    watch_id = fields.Many2one("o2c.credit.watch", string="Watch list entry", readonly=True)
    watch_measure = fields.Selection(MEASURES, string="Proposed measure", readonly=True)

    # === QUERY === #

    @property
    def _table_query(self):
        self.env.flush_all()
        return SQL(
            """
            SELECT rows.partner_id * (SELECT MAX(id) + 1 FROM res_company) + rows.company_id AS id,
                   rows.*, CASE WHEN rows.has_limit THEN rows.ceiling - rows.exposure END AS available,
                   %(usage)s AS usage,
                   %(band)s AS usage_band,
                   rows.has_limit AND rows.exposure > rows.ceiling AS is_over_limit,
                   customer.state_id, %(attributes)s
              FROM (SELECT facts.*, facts.limit_amount + facts.addition AS ceiling FROM (%(rows)s) facts) rows
              %(joins)s
            """,
            rows=self._sql_rows(),
            usage=self._sql_usage(),
            band=self._sql_band(),
            attributes=self._sql_attributes(),
            joins=self._sql_attribute_joins("rows"),
        )

    @api.model
    def _sql_rows(self):
        """Per customer and company: terms, exposure, overdue, open row of the watch list."""
        limits = self.env["o2c.credit.limit"]
        terms = limits._sql_term_columns("credit")
        return SQL(
            """
            SELECT keys.partner_id, keys.company_id, terms.credit_grade_id AS grade_id,
                   terms.credit_review_date::date AS review_date,
                   terms.credit_limit_id IS NOT NULL AS has_terms,
                   terms.credit_limit IS NOT NULL AS has_limit,
                   CASE WHEN terms.credit_suspended THEN 0 ELSE COALESCE(terms.credit_limit, 0) END
                       AS limit_amount,
                   CASE WHEN terms.credit_suspended THEN 0 ELSE COALESCE(guarantees.addition, 0) END
                       AS addition,
                   COALESCE(exposed.total, 0) AS exposure,
                   GREATEST(COALESCE(owed.overdue + LEAST(owed.credits, 0), 0), 0) AS overdue,
                   CASE WHEN owed.overdue + LEAST(owed.credits, 0) > 0 THEN owed.oldest_days ELSE 0 END
                       AS oldest_days,
                   COALESCE(terms.credit_suspended, FALSE) AS is_suspended,
                   COALESCE(terms.credit_is_cash_only, FALSE) AS is_cash_only,
                   watch.id AS watch_id, watch.measure AS watch_measure
              FROM (%(keys)s) keys
              LEFT JOIN (%(exposure)s) exposed
                ON exposed.partner_id = keys.partner_id AND exposed.company_id = keys.company_id
              LEFT JOIN (%(additions)s) guarantees
                ON guarantees.partner_id = keys.partner_id AND guarantees.company_id = keys.company_id
              LEFT JOIN (%(owed)s) owed
                ON owed.partner_id = keys.partner_id AND owed.owner_id = keys.company_id
              LEFT JOIN o2c_credit_watch watch ON watch.partner_id = keys.partner_id
                    AND watch.company_id = keys.company_id AND watch.state = 'open'
              LEFT JOIN (
                  SELECT keys.partner_id, keys.company_id, %(terms)s
                    FROM (SELECT DISTINCT granted.partner_id, granted.company_id, days.today AS date
                            FROM o2c_credit_limit granted
                            JOIN (%(days)s) days ON days.company_id = granted.company_id
                           WHERE granted.partner_id IS NOT NULL) keys
                    %(owner)s %(joins)s) terms
                ON terms.partner_id = keys.partner_id AND terms.company_id = keys.company_id
            """,
            keys=self._sql_keys(),
            exposure=self.env["o2c.exposure"]._sql_exposure(),
            additions=self._sql_additions(),
            owed=self._sql_owed(),
            days=self._sql_days(),
            terms=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in terms.items()),
            owner=limits._sql_owner_join(),
            joins=limits._sql_term_joins("credit", SQL("granted.partner_id = keys.partner_id")),
        )

    @api.model
    def _sql_keys(self):
        """Customers who have terms or owe something, by company that holds limits."""
        return SQL(
            """
            SELECT granted.partner_id, granted.company_id
              FROM o2c_credit_limit granted WHERE granted.partner_id IS NOT NULL
             UNION
            SELECT exposed.partner_id, exposed.company_id FROM (%(exposure)s) exposed
             WHERE exposed.total <> 0
             UNION
            SELECT owed.partner_id, owed.owner_id FROM (%(owed)s) owed WHERE owed.overdue <> 0
            """,
            exposure=self.env["o2c.exposure"]._sql_exposure(),
            owed=self._sql_owed(),
        )

    @api.model
    def _sql_days(self):
        """Today of each company that holds limits: companies keep their own clocks."""
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        values = SQL(", ").join(
            SQL("(%s, %s::date)", company.id, company._o2c_today())
            for company in companies
            if company.o2c_exposure_company_id == company
        )
        return SQL("SELECT company_id, today FROM (VALUES %s) AS days (company_id, today)", values)

    @api.model
    def _sql_additions(self):
        """What guarantees add to limits, on the company's own today."""
        today = SQL("(SELECT days.today FROM (%s) days WHERE days.company_id = g.company_id)", self._sql_days())
        return self.env["o2c.credit.guarantee"]._sql_additions_on(today)

    @api.model
    def _sql_owed(self):
        """Open items per customer: overdue, credits, days of the oldest, on the company's own today."""
        return SQL(
            """
            SELECT claims.partner_id, days.company_id AS owner_id,
                   COALESCE(SUM(claims.amount) FILTER (
                       WHERE claims.amount > 0 AND claims.date_due < days.today), 0) AS overdue,
                   COALESCE(SUM(claims.amount) FILTER (WHERE claims.amount < 0), 0) AS credits,
                   COALESCE(MAX(days.today - claims.date_due) FILTER (
                       WHERE claims.amount > 0 AND claims.date_due < days.today), 0) AS oldest_days
              FROM (%(claims)s) claims
              JOIN res_company holder ON holder.id = claims.company_id
              JOIN (%(days)s) days ON days.company_id = holder.o2c_exposure_company_id
             GROUP BY claims.partner_id, days.company_id
            """,
            claims=self.env["o2c.claim"]._sql_claims(booked=True),
            days=self._sql_days(),
        )

    @api.model
    def _sql_usage(self):
        return SQL(
            """CASE WHEN NOT rows.has_limit OR rows.exposure <= 0 THEN 0
                    WHEN rows.ceiling = 0 THEN 100
                    ELSE ROUND(rows.exposure * 100 / rows.ceiling, 1) END"""
        )

    @api.model
    def _sql_band(self):
        return SQL(
            """CASE WHEN rows.has_limit AND rows.exposure > rows.ceiling THEN '5_over'
                    WHEN NOT rows.has_limit OR rows.exposure <= 0 THEN '1_none'
                    WHEN rows.exposure > rows.ceiling * 0.9 THEN '4_high'
                    WHEN rows.exposure > rows.ceiling * 0.5 THEN '3_half'
                    ELSE '2_low' END"""
        )

    # === ACTIONS === #

    def action_open_watch(self):
        """Open the row of the watch list."""
        self.ensure_one()
        self.check_access("read")
        return self.watch_id.get_formview_action()

    def action_export_xlsx(self):
        """Download the list as a workbook: the rows that were ticked, or all of the filter."""
        self.env["o2c.exposure"]._check_reader()
        domain = Domain("id", "in", self.ids) if self else Domain(self.env.context.get("active_domain") or [])
        export = self.env["o2c.credit.report.export"].create({"domain": repr(list(domain))})
        return export.action_download()

    # === OVERVIEW === #

    @api.model
    def _get_overview_domain(self, code):
        """Filter behind a tile, and behind the button of the same name."""
        today = self.env.company._o2c_today()
        return {
            "credit_expiring": [("review_date", "<=", fields.Date.add(today, days=EXPIRING_DAYS))],
            "credit_suspended": [("is_suspended", "=", True)],
            "credit_over_limit": [("is_over_limit", "=", True)],
        }[code]

    @api.model
    def _get_overview_data(self, code):
        """Numbers for the tiles of the overview, in the current company."""
        owner = self.env.company.o2c_exposure_company_id
        domain = Domain(self._get_overview_domain(code)) & Domain("company_id", "=", owner.id)
        [[count, exposure]] = self._read_group(domain, [], ["__count", "exposure:sum"])
        tone = "warning" if code == "credit_expiring" else "danger"
        return {
            "count": count,
            "caption": self.env._("Exposure %s", owner._o2c_format_amount(exposure or 0.0)),
            "tone": tone if count else "muted",
        }
