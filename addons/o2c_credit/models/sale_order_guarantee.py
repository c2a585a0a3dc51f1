from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict

from .credit_guarantee_verdict import CODE


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_order_verdicts(self, facts):
        return [
            *super()._get_order_verdicts(facts),
            *self._judge_o2c_unpaid(
                lambda added, is_paid: [self._get_o2c_order_guarantee_verdict(facts, added, is_paid)]
            ),
        ]

    def _get_o2c_order_guarantee_verdict(self, facts, added, is_paid):
        """Cover after this order; an order that its own payments cover needs none (K5)."""
        if is_paid:
            return Verdict(CODE, "pass", self.env._("The order is paid: it needs no credit."), {})
        return self._get_o2c_guarantee_verdict(facts, added)
