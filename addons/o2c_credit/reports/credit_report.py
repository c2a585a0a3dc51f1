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
    uses_group_terms = fields.Boolean(
        string="Terms of the group",
        readonly=True,
        help="The customer has no terms of its own: grade and limit are those of its corporate group, which "
        "all members share.",
    )
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
    group_limit_amount = fields.Monetary(
        string="Limit of the group",
        readonly=True,
        aggregator="max",
        help="Of the corporate group, with what guarantees add to it; 0 while it is suspended.",
    )
    group_exposure = fields.Monetary(
        string="Exposure of the group", readonly=True, aggregator="max", help="Of all members together."
    )
    group_available = fields.Monetary(
        string="Available in the group",
        readonly=True,
        aggregator="min",
        help="Limit of the group less what its members owe together. Negative: over the limit by so much.",
    )
    usage = fields.Float(
        string="Used (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Exposure as a share of the limit and what guarantees add to it; of the group, where its terms "
        "are used. 100 where that is nothing and something is owed.",
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
    overdue = fields.Monetary(
        readonly=True,
        help="Items past their due date, less receipts not yet matched, as the customer's credit policy"
        " counts them.",
    )
    overdue_scheduled = fields.Monetary(
        string="Overdue, not invoiced",
        readonly=True,
        help="Part of what is overdue: instalments of orders that are due and not invoiced yet, where the"
        " credit policy counts them.",
    )
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
            WITH days AS (%(days)s)
            SELECT rows.partner_id * (SELECT MAX(id) + 1 FROM res_company) + rows.company_id AS id,
                   rows.*,
                   CASE WHEN rows.has_limit THEN rows.limit_amount + rows.addition - rows.exposure END
                       AS available,
                   CASE WHEN rows.has_group_limit THEN rows.group_limit_amount - rows.group_exposure END
                       AS group_available,
                   %(usage)s AS usage,
                   %(band)s AS usage_band,
                   rows.is_limited AND rows.used > rows.ceiling AS is_over_limit,
                   customer.state_id, %(attributes)s
              FROM (SELECT facts.*,
                           CASE WHEN uses_group_terms THEN has_group_limit ELSE has_limit END AS is_limited,
                           CASE WHEN uses_group_terms THEN group_exposure ELSE exposure END AS used,
                           CASE WHEN uses_group_terms THEN group_limit_amount
                                ELSE limit_amount + addition END AS ceiling
                      FROM (%(rows)s) facts) rows
              %(joins)s
            """,
            days=self._sql_days(),
            rows=self._sql_rows(),
            usage=self._sql_usage(),
            band=self._sql_band(),
            attributes=self._sql_attributes(),
            joins=self._sql_attribute_joins("rows"),
        )

    @api.model
    def _sql_rows(self):
        """Per customer and company: terms, exposure, overdue, open row of the watch list.

        Who has no terms of its own is judged by those of its corporate group, as at the checkpoints.
        """
        return SQL(
            """
            SELECT keys.partner_id, keys.company_id,
                   %(grade)s AS grade_id, %(review_date)s::date AS review_date,
                   COALESCE(terms.credit_limit_id, together.credit_limit_id) IS NOT NULL AS has_terms,
                   terms.credit_limit_id IS NULL AND together.credit_limit_id IS NOT NULL AS uses_group_terms,
                   together.credit_limit IS NOT NULL AS has_group_limit,
                   together.ceiling AS group_limit_amount, COALESCE(together.exposure, 0) AS group_exposure,
                   terms.credit_limit IS NOT NULL AS has_limit,
                   CASE WHEN terms.credit_suspended THEN 0 ELSE COALESCE(terms.credit_limit, 0) END
                       AS limit_amount,
                   CASE WHEN terms.credit_suspended THEN 0 ELSE COALESCE(guarantees.addition, 0) END
                       AS addition,
                   COALESCE(exposed.total, 0) AS exposure,
                   GREATEST(COALESCE(owed.overdue + LEAST(owed.credits, 0), 0), 0) AS overdue,
                   GREATEST(COALESCE(LEAST(owed.scheduled, owed.overdue + LEAST(owed.credits, 0)), 0), 0)
                       AS overdue_scheduled,
                   CASE WHEN owed.overdue + LEAST(owed.credits, 0) > 0 THEN owed.oldest_days ELSE 0 END
                       AS oldest_days,
                   COALESCE(terms.credit_suspended, FALSE) OR COALESCE(together.credit_suspended, FALSE)
                       AS is_suspended,
                   COALESCE(%(is_cash_only)s, FALSE) AS is_cash_only,
                   watch.id AS watch_id, watch.measure AS watch_measure
              FROM (%(keys)s) keys
              JOIN res_partner member ON member.id = keys.partner_id
              LEFT JOIN (%(exposure)s) exposed
                ON exposed.partner_id = keys.partner_id AND exposed.company_id = keys.company_id
              LEFT JOIN (%(additions)s) guarantees
                ON guarantees.partner_id = keys.partner_id AND guarantees.company_id = keys.company_id
              LEFT JOIN (%(owed)s) owed
                ON owed.partner_id = keys.partner_id AND owed.owner_id = keys.company_id
              LEFT JOIN o2c_credit_watch watch ON watch.partner_id = keys.partner_id
                    AND watch.company_id = keys.company_id AND watch.state = 'open'
              LEFT JOIN (%(terms)s) terms
                ON terms.partner_id = keys.partner_id AND terms.company_id = keys.company_id
              LEFT JOIN (%(together)s) together
                ON together.corporate_group_id = member.o2c_corporate_group_id
               AND together.company_id = keys.company_id
            """,
            grade=self._sql_in_use("credit_grade_id"),
            review_date=self._sql_in_use("credit_review_date"),
            is_cash_only=self._sql_in_use("credit_is_cash_only"),
            keys=self._sql_keys(),
            exposure=self.env["o2c.exposure"]._sql_exposure(),
            additions=self._sql_additions(),
            owed=self._sql_owed(),
            terms=self._sql_terms("partner_id"),
            together=self._sql_groups(),
        )

    @api.model
    def _sql_in_use(self, name):
        """A term of the customer, or of its group where it has no terms of its own."""
        name = SQL.identifier(name)
        return SQL("CASE WHEN terms.credit_limit_id IS NULL THEN together.%s ELSE terms.%s END", name, name)

    @api.model
    def _sql_terms(self, subject):
        """Terms of today: ``company_id``, the subject and the ``credit_*`` columns.

        :param subject: ``partner_id`` or ``corporate_group_id``
        """
        limits = self.env["o2c.credit.limit"]
        terms = limits._sql_term_columns("credit")
        name = SQL.identifier(subject)
        return SQL(
            """
            SELECT keys.%(name)s, keys.company_id, %(terms)s
              FROM (SELECT DISTINCT granted.%(name)s, granted.company_id, days.today AS date
                      FROM o2c_credit_limit granted
                      JOIN days ON days.company_id = granted.company_id
                     WHERE granted.%(name)s IS NOT NULL) keys
              %(owner)s %(joins)s
            """,
            name=name,
            terms=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(term)) for term, sql in terms.items()),
            owner=limits._sql_owner_join(),
            joins=limits._sql_term_joins("credit", SQL("granted.%s = keys.%s", name, name)),
        )

    @api.model
    def _sql_groups(self):
        """Corporate groups that ever got terms: terms, ceiling, and exposure of all members together."""
        exposure = self.env["o2c.exposure"]
        with_terms = SQL("IN (SELECT corporate_group_id FROM o2c_credit_limit)")
        return SQL(
            """
            SELECT granted.*, exposed.total AS exposure,
                   CASE WHEN granted.credit_suspended THEN 0
                        ELSE COALESCE(granted.credit_limit, 0) + COALESCE(guarantees.addition, 0)
                   END AS ceiling
              FROM (%(terms)s) granted
              LEFT JOIN (%(additions)s) guarantees
                ON guarantees.corporate_group_id = granted.corporate_group_id
               AND guarantees.company_id = granted.company_id
              LEFT JOIN (%(exposure)s) exposed
                ON exposed.partner_id = granted.corporate_group_id
               AND exposed.company_id = granted.company_id
            """,
            terms=self._sql_terms("corporate_group_id"),
            additions=self._sql_additions(),
            exposure=exposure._sql_exposure(
                exposure._sql_scope(condition=exposure._sql_members(with_terms)), by_group=True),
        )

    @api.model
    def _sql_keys(self):
        """Customers who have terms, alone or through their group, or owe something, by company that holds
        limits."""
        return SQL(
            """
            SELECT granted.partner_id, granted.company_id
              FROM o2c_credit_limit granted WHERE granted.partner_id IS NOT NULL
             UNION
            SELECT member.id, granted.company_id
              FROM o2c_credit_limit granted
              JOIN res_partner member ON member.o2c_corporate_group_id = granted.corporate_group_id
             WHERE member.active
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
        """Today of each company that holds limits: companies keep their own clocks. Read once as ``days``."""
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
        today = SQL("(SELECT days.today FROM days WHERE days.company_id = g.company_id)")
        return self.env["o2c.credit.guarantee"]._sql_additions_on(today)

    @api.model
    def _sql_owed(self):
        """Open items per customer: overdue, credits, days of the oldest, on the company's own today."""
        return SQL(
            """
            SELECT claims.partner_id, days.company_id AS owner_id,
                   COALESCE(SUM(claims.amount) FILTER (
                       WHERE claims.amount > 0 AND claims.date_due < days.today), 0) AS overdue,
                   COALESCE(SUM(claims.amount) FILTER (
                       WHERE claims.is_scheduled AND claims.date_due < days.today), 0) AS scheduled,
                   COALESCE(SUM(claims.amount) FILTER (WHERE claims.amount < 0), 0) AS credits,
                   COALESCE(MAX(days.today - claims.date_due) FILTER (
                       WHERE claims.amount > 0 AND claims.date_due < days.today), 0) AS oldest_days
              FROM (%(claims)s) claims
              JOIN res_company holder ON holder.id = claims.company_id
              JOIN days ON days.company_id = holder.o2c_exposure_company_id
             GROUP BY claims.partner_id, days.company_id
            """,
            claims=self._sql_open_items(),
        )

    @api.model
    def _sql_open_items(self):
        """SELECT of what customers owe: the columns of ``o2c.claim``, and ``is_scheduled``.

        Hook, see ``o2c.credit.monitor._sql_open_items``: both must tell the same of a customer.
        """
        return SQL(
            "SELECT booked.*, FALSE AS is_scheduled FROM (%s) booked",
            self.env["o2c.claim"]._sql_claims(booked=True),
        )

    @api.model
    def _sql_usage(self):
        return SQL(
            """CASE WHEN NOT rows.is_limited OR rows.used <= 0 THEN 0
                    WHEN rows.ceiling = 0 THEN 100
                    ELSE ROUND(rows.used * 100 / rows.ceiling, 1) END"""
        )

    @api.model
    def _sql_band(self):
        return SQL(
            """CASE WHEN rows.is_limited AND rows.used > rows.ceiling THEN '5_over'
                    WHEN NOT rows.is_limited OR rows.used <= 0 THEN '1_none'
                    WHEN rows.used > rows.ceiling * 0.9 THEN '4_high'
                    WHEN rows.used > rows.ceiling * 0.5 THEN '3_half'
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
