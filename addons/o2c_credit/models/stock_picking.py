from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_delivery_verdicts(self, facts):
        """Credit on the day of delivery: the order counts in the exposure already."""
        return [
            *super()._get_delivery_verdicts(facts),
            *self._judge_o2c_unpaid(
                lambda is_paid: self._get_o2c_credit_verdicts(facts, 0.0, is_paid=is_paid)
            ),
        ]

    def _judge_o2c_unpaid(self, judge):
        """Verdicts of ``judge(is_paid)``, with the money of the orders only where something would stop.

        What counts is there at the delivery: money that went to another order pays for nothing here.
        """
        verdicts = judge(False)
        if not self._is_o2c_money_asked(verdicts):
            return verdicts
        orders = self._get_o2c_order()
        is_paid = bool(orders) and all(order._is_o2c_paid() for order in orders)
        return judge(True) if is_paid else verdicts
