from odoo import api, models
from odoo.addons.o2c_base.models.computed import check_computed

from .computed import refuse_links, refuse_state, without_default_state, without_state

# What a line is worth, and to which order it belongs. A manual delivered quantity is a delivery.
DECISIVE = frozenset(
    (
        "order_id",
        "product_id",
        "product_uom_qty",
        "product_uom_id",
        "price_unit",
        "technical_price_unit",
        "discount",
        "tax_ids",
        "qty_delivered",
        "is_downpayment",
        "combo_item_id",
    )
)
COMPUTED = frozenset(("price_subtotal", "price_total", "price_tax"))


class SaleOrderLine(models.Model):
    """Lines of confirmed orders: a change that breaks a rule is refused whole, procurement included."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_order_id")
        order_ids = {vals.get("order_id") or default for vals in vals_list} - {None, False}
        orders = self.env["sale.order"].browse(order_ids)
        if any(vals.get("invoice_lines") for vals in vals_list):
            refuse_links(self, "invoice_lines", orders.company_id or self.env.company)
        with orders._gate_o2c_change():
            return super(SaleOrderLine, without_default_state(self)).create(without_state(vals_list))

    def write(self, vals):
        if "state" in vals:
            refuse_state(self, vals["state"], "order_id")
        check_computed(self, vals, COMPUTED, event="step_refused", even_superuser=True)
        if "invoice_lines" in vals:
            refuse_links(self, "invoice_lines", self.company_id)
        if DECISIVE.isdisjoint(vals):
            return super().write(vals)
        orders = self.order_id
        if vals.get("order_id"):
            orders |= orders.browse(vals["order_id"])
        with orders._gate_o2c_change():
            return super().write(vals)

    def unlink(self):
        with self.order_id._gate_o2c_change():
            return super().unlink()
