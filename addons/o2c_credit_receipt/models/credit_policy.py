from odoo import api, fields, models
from odoo.tools import ormcache


class CreditPolicy(models.Model):
    _inherit = "o2c.credit.policy"

    _policy_locked_fields = ("counts_instalments",)

    counts_instalments = fields.Boolean(
        string="Overdue instalments count",
        help="Instalments of orders that are due and not invoiced yet count as overdue for orders and"
        " deliveries, like invoices. Otherwise only what is booked does.",
    )

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
