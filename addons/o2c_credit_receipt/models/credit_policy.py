from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache


class CreditPolicy(models.Model):
    _inherit = "o2c.credit.policy"

    _policy_locked_fields = ("counts_instalments", "free_retention")

    counts_instalments = fields.Boolean(
        string="Overdue instalments count",
        help="Instalments of orders that are due and not invoiced yet count as overdue for orders and"
        " deliveries, like invoices. Otherwise only what is booked does.",
    )

    free_retention = fields.Float(
        string="Retention that is no credit (%)",
        help="A retention up to this share of an order secures the warranty and does not count for the"
        " credit period. 0: every retention counts.",
    )

    @api.constrains("free_retention")
    def _check_free_retention(self):
        for policy in self:
            if not 0 <= policy.free_retention <= 100:
                raise ValidationError(self.env._("The retention that is no credit is between 0 % and 100 %."))

    @api.model
    @ormcache()
    def _is_any_counting(self):
        """Whether any policy ever wanted it: where none did, no statement reads instalments."""
        return bool(self.sudo().with_context(active_test=False).search(
            [("counts_instalments", "=", True), ("state", "!=", "draft")], limit=1))

    @api.model
    @ormcache("policy_id")
    def _is_counting(self, policy_id):
        return self.sudo().browse(policy_id).counts_instalments

    @api.model
    @ormcache("policy_id")
    def _get_free_retention(self, policy_id):
        return self.sudo().browse(policy_id).free_retention
