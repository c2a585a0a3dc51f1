from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict

from .credit_guarantee_verdict import CODE


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_delivery_verdicts(self, facts):
        return [
            *super()._get_delivery_verdicts(facts),
            *self._judge_o2c_unpaid(
                lambda is_paid: [self._get_o2c_delivery_guarantee_verdict(facts, is_paid)]
            ),
        ]

    def _get_o2c_delivery_guarantee_verdict(self, facts, is_paid):
        """Cover on the day of delivery: the order counts in the exposure already (K5)."""
        if is_paid:
            return Verdict(CODE, "pass", self.env._("The order is paid: it needs no credit."), {})
        return self._get_o2c_guarantee_verdict(facts, 0.0)
