from odoo import models


class StockPicking(models.Model):
    """Goods wait for the first payment of their order (D7)."""

    _inherit = "stock.picking"

    def _get_delivery_verdicts(self, facts):
        verdicts = super()._get_delivery_verdicts(facts)
        if facts.get("has_first_payments"):
            verdicts += self._get_o2c_order()._get_o2c_first_payment_verdicts()
        return verdicts
