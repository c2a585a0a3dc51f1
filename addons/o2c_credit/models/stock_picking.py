from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_delivery_verdicts(self, facts):
        """Credit on the day of delivery: the order counts in the exposure already."""
        orders = self._get_o2c_order()
        is_paid = bool(orders) and all(order._is_o2c_paid() for order in orders)
        return [
            *super()._get_delivery_verdicts(facts),
            *self._get_o2c_credit_verdicts(facts, 0.0, is_paid=is_paid),
        ]
