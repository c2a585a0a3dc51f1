from datetime import timedelta

from odoo import api, models
from odoo.addons.o2c_base.models.checklist import Finding
from odoo.tools import SQL


class Checklist(models.Model):
    _inherit = "o2c.checklist"

    @api.model
    def _get_finding_credit_policy(self, company):
        """A credit policy for everybody is in force."""
        return self._find_policy("o2c.credit.policy", company)

    @api.model
    def _get_finding_credit_scorecard(self, company):
        """The weights of the scorecard in force add up to 100."""
        policy = self.env["o2c.credit.policy"]._match(company, self.env["res.partner"])
        if not policy.factor_ids:
            return Finding("todo", self.env._("No policy in force has a scorecard."))
        total = sum(policy.factor_ids.mapped("weight"))
        return Finding("done" if abs(total - 100) < 0.005 else "attention", self.env._(
            "%(factors)s factors, weights add up to %(total)g.",
            factors=len(policy.factor_ids), total=total))

    @api.model
    def _get_finding_credit_graded(self, company):
        """Customers to whom was sold lately, or who owe, have a grade in force."""
        graded, customers = self.env.execute_query(self._sql_graded(company))[0]
        text = self.env._(
            "%(graded)s of %(all)s customers with orders of the last year or open items are graded.",
            graded=graded, all=customers)
        return Finding("done" if graded == customers else "todo" if not graded else "attention", text)

    @api.model
    def _sql_graded(self, company):
        """One row: customers with a grade in force today, all customers that matter."""
        self.env.flush_all()
        today = company._o2c_today()
        owner = company.o2c_exposure_company_id
        return SQL(
            """
            WITH customers AS (
                SELECT DISTINCT debtor.commercial_partner_id AS id
                  FROM sale_order orders
                  JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
                  JOIN res_company company ON company.id = orders.company_id
                 WHERE orders.state = 'sale' AND orders.date_order >= %(since)s
                   AND company.o2c_exposure_company_id = %(owner)s
                 UNION
                SELECT DISTINCT debtor.commercial_partner_id
                  FROM account_move_line line
                  JOIN res_partner debtor ON debtor.id = line.partner_id
                  JOIN res_company company ON company.id = line.company_id
                 WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
                   AND line.account_id = ANY(ARRAY(
                       SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
                   AND company.o2c_exposure_company_id = %(owner)s)
            SELECT COUNT(*) FILTER (WHERE EXISTS (
                       SELECT FROM o2c_credit_limit granted
                        WHERE granted.partner_id = customers.id AND granted.company_id = %(owner)s
                          AND granted.grade_id IS NOT NULL AND granted.date_from <= %(today)s
                          AND (granted.date_to IS NULL OR granted.date_to >= %(today)s))),
                   COUNT(*)
              FROM customers
            """,
            since=today - timedelta(days=365), today=today, owner=owner.id,
        )

    @api.model
    def _get_finding_credit_clause(self, company):
        """Where customers confirm credit sales, there is a clause to confirm."""
        asked = self.env["o2c.credit.policy"]._is_confirmation_asked(company.id)
        if not asked:
            return Finding("attention", self.env._("No policy asks customers to confirm credit sales."))
        if not company.o2c_credit_clause:
            return Finding("todo", self.env._("The clause that customers sign is empty."))
        return Finding("done", self.env._("Customers sign: %s", company.o2c_credit_clause))

    @api.model
    def _get_finding_credit_takeover(self, company):
        """Odoo's own limits do not contradict those of the suite."""
        if company.o2c_exposure_company_id.o2c_limits_taken_over:
            return Finding("done", self.env._("Odoo's own warning is replaced."))
        if not company.account_use_credit_limit:
            return Finding("done", self.env._("Odoo's own credit limits are switched off."))
        return Finding("todo", self.env._("Odoo warns by limits of its own, which anybody may write."))
