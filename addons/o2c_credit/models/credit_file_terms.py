from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CreditFile(models.Model):
    """Grade, limit and review day of today: read from what was granted, never stored here."""

    _inherit = "o2c.credit.file"

    grade_id = fields.Many2one(
        "o2c.credit.grade",
        compute="_compute_terms",
        search="_search_grade_id",
        help="The grade in force today.",
    )
    grade_color = fields.Integer(compute="_compute_terms")
    limit_amount = fields.Monetary(
        string="Limit",
        compute="_compute_terms",
        help="In force today, temporary raise included, in company currency.",
    )
    review_date = fields.Date(string="Grade valid until", compute="_compute_terms")
    is_suspended = fields.Boolean(string="Suspended", compute="_compute_terms")

    # === COMPUTES === #

    def _compute_terms(self):
        grades = self.env["o2c.credit.grade"]
        terms = self._read_file_terms()
        for file in self:
            own = terms.get(file._origin.id, {})
            file.grade_id = grades.browse(own.get("credit_grade_id"))
            file.grade_color = file.grade_id.color
            file.limit_amount = own.get("credit_limit") or 0.0
            file.review_date = own.get("credit_review_date")
            file.is_suspended = own.get("credit_suspended", False)

    @api.model
    def _search_grade_id(self, operator, value):
        if operator == "any":
            operator, value = "in", self.env["o2c.credit.grade"].search(value).ids
        if operator != "in":
            return NotImplemented
        graded = {
            file: own["credit_grade_id"]
            for file, own in self.sudo().with_context(active_test=False).search([])._read_file_terms().items()
            if own["credit_grade_id"]
        }
        domain = Domain("id", "in", [file for file, grade in graded.items() if grade in value])
        return domain | Domain("id", "not in", list(graded)) if False in value else domain

    # === HELPERS === #

    def _read_file_terms(self):
        """``{file id: {credit_*: value}}`` of today, for files whose subject ever got terms."""
        limits = self.env["o2c.credit.limit"]
        limits.flush_model()
        names = ["credit_grade_id", "credit_limit", "credit_review_date", "credit_suspended"]
        columns = limits._sql_term_columns("credit")
        found = {}
        for company, files in self._origin.sudo().grouped("company_id").items():
            query = SQL(
                """
                SELECT keys.file_id, %(columns)s
                  FROM (SELECT id AS file_id, partner_id, corporate_group_id, company_id,
                               %(day)s::date AS date
                          FROM o2c_credit_file WHERE id = ANY(%(ids)s)) keys
                  %(owner)s %(joins)s
                 WHERE credit_regular.id IS NOT NULL OR credit_temporary.id IS NOT NULL
                    OR credit_pause.id IS NOT NULL
                """,
                columns=SQL(", ").join(
                    SQL("%s AS %s", columns[name], SQL.identifier(name)) for name in names
                ),
                day=company._o2c_today(),
                ids=list(files.ids),
                owner=limits._sql_owner_join(),
                joins=limits._sql_term_joins("credit", self._sql_subject()),
            )
            for file_id, *values in self.env.execute_query(query):
                found[file_id] = {
                    name: self.env["o2c.facts"]._to_python(value)
                    for name, value in zip(names, values, strict=True)
                }
        return found

    @api.model
    def _sql_subject(self):
        return SQL(
            "(granted.partner_id = keys.partner_id OR granted.corporate_group_id = keys.corporate_group_id)"
        )
