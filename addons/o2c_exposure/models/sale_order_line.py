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

    # -------------------------------------------------------------------------
    # Business methods
    # -------------------------------------------------------------------------

    def _get_o2c_open_kind(self):
        """``untouched``: nothing happened to the line; ``delivered``: nothing but its whole delivery."""
        self.ensure_one()
        if self.product_uom_qty <= 0 or self.qty_invoiced:
            return False
        if self.qty_delivered == self.product_uom_qty:
            return "delivered"
        is_moved = self.qty_delivered_method == "stock_move"
        if self.qty_delivered or (is_moved and any(move._is_o2c_dropped() for move in self.move_ids)):
            return False
        return "untouched"
