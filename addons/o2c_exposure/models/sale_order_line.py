from odoo import api, models
from odoo.exceptions import AccessError

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
        self._o2c_check_figures({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._o2c_check_figures(vals)
        return super().write(vals)

    @api.model
    def _o2c_check_figures(self, names):
        """Refuse values for what Odoo computes itself; see ``sale.order``."""
        if not self.env.su and (given := LINE_FIGURES.intersection(names)):
            raise AccessError(self.env._(
                "%(fields)s of an order line is computed and can't be set."
                " Change the quantity, the price or the invoices instead.",
                fields=", ".join(sorted(self._fields[name].string for name in given)),
            ))
