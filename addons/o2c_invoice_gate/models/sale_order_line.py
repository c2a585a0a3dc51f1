from odoo import models
from odoo.tools import float_compare

from .gate_notes import Parts


class SaleOrderLine(models.Model):
    """Quantities and amounts of single lines."""

    _inherit = "sale.order.line"

    def _get_o2c_amount_of(self, quantity):
        """Order currency, tax included: what a quantity of the line is worth at its price. Not rounded."""
        self.ensure_one()
        if self.product_uom_qty:
            return self.price_total * quantity / self.product_uom_qty
        return self.price_reduce_taxinc * quantity

    def _is_o2c_more(self, quantity, than):
        """Whether a quantity exceeds another one by what the unit of the line can tell."""
        rounding = self.product_uom_id.rounding or 0.001
        return float_compare(quantity, than, precision_rounding=rounding) > 0

    def _is_o2c_compared(self, terms):
        """Whether the invoiced quantity must not exceed the delivered one, by policy."""
        self.ensure_one()
        if terms["quantity_check"] == "none" or self.is_downpayment or self.price_unit <= 0:
            return False
        return terms["quantity_check"] == "all" or self.product_id.type == "consu"

    def _prepare_invoice_line(self, **optional_values):
        """The quantity that an approved application names, while it makes its invoice."""
        parts = self.env.context.get("o2c_invoice_parts")
        if type(parts) is Parts and self.id in parts.quantities and "quantity" not in optional_values:
            optional_values["quantity"] = parts.quantities[self.id]
        return super()._prepare_invoice_line(**optional_values)
