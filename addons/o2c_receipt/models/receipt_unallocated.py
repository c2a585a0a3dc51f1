"""Money of a customer that no order was given, wherever one of his orders waits."""

from odoo import fields, models

HELP = "Receipts of this customer that no order was given, in the order's company."


class Hold(models.Model):
    """A hold of an order, a delivery or an invoice of one order."""

    _inherit = "o2c.hold"

    unallocated_text = fields.Char(
        related="order_id.o2c_unallocated_text", string="Unallocated receipts", help=HELP)


class StockPicking(models.Model):
    """A delivery that waits for the first payment, or for credit."""

    _inherit = "stock.picking"

    o2c_unallocated_text = fields.Char(
        related="sale_id.o2c_unallocated_text", string="Unallocated receipts", help=HELP)
