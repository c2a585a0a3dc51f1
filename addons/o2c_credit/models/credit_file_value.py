from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..rules.value_class import A_SHARE, B_SHARE

MONTHS = 12


class CreditFile(models.Model):
    """How much the customer is worth: A, B or C by its share of sales.

    Classes depend on all customers of the company, those without a file included, so they are
    measured together by one statement and kept with their day.
    """

    _inherit = "o2c.credit.file"

    _guarded_fields = ("value_class", "value_sales", "value_share", "value_date")

    value_class = fields.Selection(
        [("A", "A"), ("B", "B"), ("C", "C")],
        string="Value class",
        readonly=True,
        index="btree_not_null",
        help="A: the largest customers, who bring 80 % of sales; B: those who bring the next 15 %; "
        "C: the others.",
    )
    value_sales = fields.Monetary(
        string="Classified sales",
        readonly=True,
        help="Twelve months to the day of the classification, tax included.",
    )
    value_share = fields.Float(
        string="Cumulated share (%)",
        readonly=True,
        digits=(5, 2),
        aggregator=None,
        help="Share of sales of this customer and all larger ones.",
    )
    value_date = fields.Date(string="Classified on", readonly=True)

    # === ACTIONS === #

    def action_classify(self):
        """Classify all customers of the user's companies by value; for credit officers.

        :raise AccessError: for anybody else
        """
        if not self.env.user.has_group("o2c_base.group_credit_officer"):
            raise AccessError(self.env._("Credit officers classify customers: ask one of them."))
        for company in self.env.companies.sudo().o2c_exposure_company_id:
            self._classify(company)
        return True

    @api.model
    def _cron_classify(self):
        """Classify the customers of every company."""
        for company in self.env["res.company"].sudo().search(Domain.TRUE).o2c_exposure_company_id:
            self._classify(company)

    # === BUSINESS METHODS === #

    @api.model
    def _classify(self, company):
        """Write class, sales, share and day into all files of ``company``, with one statement."""
        self.flush_model()
        self.env.cr.execute(self._sql_classify(company))
        self.invalidate_model(["value_class", "value_sales", "value_share", "value_date"])

    # === SQL === #

    @api.model
    def _sql_classify(self, company):
        """Update of the files from the ranked sales of all customers.

        Not the ORM: a running sum over all customers. ``view`` 1 ranks each customer by
        itself, for the files of customers; ``view`` 2 ranks corporate groups as one.
        """
        return SQL(
            """
            WITH sales AS (%(sales)s),
            subjects AS (
                SELECT 1 AS view, partner_id, NULL::integer AS group_id, amount FROM sales
                UNION ALL
                SELECT 2, CASE WHEN member.o2c_corporate_group_id IS NULL THEN sales.partner_id END,
                       member.o2c_corporate_group_id, SUM(amount)
                  FROM sales
                  JOIN res_partner member ON member.id = sales.partner_id
                 GROUP BY 2, 3),
            ranked AS (
                SELECT *,
                       COALESCE(SUM(GREATEST(amount, 0)) OVER (
                           largest ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
                       SUM(GREATEST(amount, 0)) OVER (PARTITION BY view) AS total
                  FROM subjects
                WINDOW largest AS (
                    PARTITION BY view ORDER BY amount DESC, COALESCE(partner_id, group_id))),
            classes AS (
                SELECT *,
                       CASE WHEN amount <= 0 THEN 'C'
                            WHEN before / total * 100 < %(a)s THEN 'A'
                            WHEN before / total * 100 < %(b)s THEN 'B'
                            ELSE 'C' END AS class,
                       CASE WHEN amount > 0 THEN (before + amount) / total * 100 ELSE 100 END AS share
                  FROM ranked)
            UPDATE o2c_credit_file file
               SET value_class = COALESCE(classes.class, 'C'),
                   value_sales = COALESCE(classes.amount, 0),
                   value_share = COALESCE(classes.share, 100),
                   value_date = %(today)s
              FROM o2c_credit_file known
              LEFT JOIN classes
                ON classes.view = 1 AND classes.partner_id = known.partner_id
                OR classes.view = 2 AND classes.group_id = known.corporate_group_id
             WHERE known.id = file.id AND file.company_id = %(company)s
            """,
            sales=self._sql_value_sales(company),
            a=A_SHARE,
            b=B_SHARE,
            today=company._o2c_today(),
            company=company.id,
        )

    @api.model
    def _sql_value_sales(self, company):
        """Rows (partner_id, amount): sales of twelve months, imported history included."""
        today = company._o2c_today()
        start = fields.Date.add(fields.Date.subtract(today, months=MONTHS), days=1)
        scope = self.env["o2c.exposure"]._sql_scope(company_ids=company.ids)
        behaviour = self.env["o2c.behaviour"]
        history = behaviour._sql_history(
            SQL("history.amount_company AS sales"),
            SQL("history.invoice_date BETWEEN %s AND %s", start, today),
            scope,
        )
        return SQL(
            """SELECT partner_id, SUM(sales) AS amount
                 FROM (%s UNION ALL %s) invoiced GROUP BY partner_id""",
            behaviour._sql_sales(start, today, scope),
            history,
        )
