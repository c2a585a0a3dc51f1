from odoo import api, models
from odoo.tools import ormcache


class CreditPolicy(models.Model):
    _inherit = "o2c.credit.policy"

    @api.model
    @ormcache("company_id")
    def _is_cover_asked(self, company_id):
        """Whether any policy of the company ever asked new or foreign customers for cover.

        Most companies need not look for the policy of each customer then.
        """
        policies = self.sudo().browse(rule.policy_id for rule in self._get_rules(company_id))
        return any(policy.new_cover or policy.foreign_cover for policy in policies)
