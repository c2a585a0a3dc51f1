from odoo import api, models
from odoo.addons.o2c_base.models.computed import check_computed

AMOUNTS = {"price_total", "price_subtotal"}


class AccountMoveLine(models.Model):
    """Amounts by which the gate judges come from price, quantity and taxes."""

    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_o2c_amounts({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._check_o2c_amounts(vals)
        return super().write(vals)

    @api.model
    def _check_o2c_amounts(self, names):
        """:raise AccessError: where invoices are judged; a user writes only in companies at work"""
        if not AMOUNTS.isdisjoint(names):
            policies = self.env["o2c.invoice.policy"]
            if any(policies._has_policies(company.id) for company in self.env.companies):
                check_computed(self, names, AMOUNTS)
