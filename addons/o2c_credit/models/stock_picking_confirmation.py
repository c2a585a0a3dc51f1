from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict

from .sale_order_confirmation import CODE


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_delivery_verdicts(self, facts):
        return [*super()._get_delivery_verdicts(facts), self._get_o2c_delivery_confirmation_verdict()]

    def _get_o2c_delivery_confirmation_verdict(self):
        """Goods sold on credit leave when the customer has confirmed the terms (K6)."""
        verdicts = [order._get_o2c_confirmation_verdict() for order in self._get_o2c_order()]
        missing = [verdict for verdict in verdicts if verdict.severity != "pass"]
        if missing:
            return missing[0]
        return Verdict(CODE, "pass", self.env._("No written confirmation is missing."))
