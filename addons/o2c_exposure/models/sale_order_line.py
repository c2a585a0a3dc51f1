from odoo import api, models
from odoo.addons.o2c_base.models.computed import check_computed

LINE_FIGURES = {
    "price_subtotal", "price_tax", "price_total", "qty_delivered_method", "qty_invoiced", "invoice_status",
}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        check_computed(self, {name for vals in vals_list for name in vals}, LINE_FIGURES)
        return super().create(vals_list)

    def write(self, vals):
        check_computed(self, vals, LINE_FIGURES)
        return super().write(vals)
