from odoo import api, models
from odoo.tools import SQL

GRADES = "grade_ids"


class PolicyMixin(models.AbstractModel):
    """Dated policies for customers of some grades.

    A policy that has a many2many ``grade_ids`` to the catalogue of grades is matched by it; the credit policy
    has none, since grades follow from it. The grade is that of the terms in force in the company that holds
    the limits, of the customer or else of its corporate group. Who was never graded is in no such scope.
    """

    _inherit = "o2c.policy.mixin"

    @api.model
    def _get_scope_fields(self):
        names = super()._get_scope_fields()
        return (*names, GRADES) if GRADES in self._fields else names

    @api.model
    def _get_policy_subjects(self, company, partners, *, team=None, day=None):
        """Grades are asked for where a policy names some, in one query for all customers."""
        subjects = super()._get_policy_subjects(company, partners, team=team, day=day)
        if any(rule.scope.get(GRADES) for rule in self._get_rules(company.id)):
            grades = self.env["o2c.credit.limit"]._get_grades(company, partners, day)
            for partner in partners:
                grade = grades.get(partner.sudo().commercial_partner_id.id)
                subjects[partner.id][GRADES] = {grade} if grade else set()
        return subjects

    @api.model
    def _sql_is_in(self, name, ids, company, team=None):
        if name != GRADES:
            return super()._sql_is_in(name, ids, company, team)
        key = SQL(
            "SELECT customer.id AS partner_id, %s AS company_id, %s::date AS date",
            company.id, company._o2c_today())
        graded = self.env["o2c.credit.limit"]._sql_grades(key)
        return SQL("COALESCE((SELECT graded.grade_id FROM (%s) graded) = ANY(%s), FALSE)", graded, ids)
