from odoo import api, models
from odoo.addons.o2c_base.models.computed import check_computed

AMOUNTS = {"price_total", "price_subtotal"}


class AccountMoveLine(models.Model):
    """Amounts by which the gate judges come from price, quantity and taxes."""

    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        check_computed(self, {name for vals in vals_list for name in vals}, AMOUNTS)
        return super().create(vals_list)

    def write(self, vals):
        check_computed(self, vals, AMOUNTS)
        return super().write(vals)
