from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.addons.o2c_receipt.models.instalment_mixin import FIRST_KINDS
from odoo.tools import float_compare

CODE = "credit_deposit"


class SaleOrder(models.Model):
    """What schedules and receipts mean for the credit of an order.

    The grade's deposit is the least that a schedule asks for before delivery (K3). An order whose receipts
    cover it is no sale on credit: no control of credit stops it (K2 to K5, R3), and nobody confirms it in
    writing (K6).
    """

    _inherit = "sale.order"

    def _is_o2c_paid(self):
        """Payments and bank lines that are allocated to the order count, as far as their money is there."""
        if super()._is_o2c_paid():
            return True
        order = self.sudo()._origin
        if not order or self.currency_id.compare_amounts(self.amount_total, 0.0) <= 0:
            return False
        collected = order._get_o2c_collected().get(order.id, 0.0)
        return self.currency_id.compare_amounts(collected, self.amount_total) >= 0

    def _get_order_verdicts(self, facts):
        verdicts = super()._get_order_verdicts(facts)
        needed = max(facts.get("credit_deposit") or 0.0, facts.get("group_credit_deposit") or 0.0)
        if needed:
            verdicts.append(self._get_o2c_deposit_verdict(needed))
        return verdicts

    def _get_o2c_deposit_verdict(self, needed):
        """:param needed: percent of the total that the grade demands"""
        parts = self.o2c_instalment_ids.filtered(lambda part: part.kind in FIRST_KINDS)
        agreed = sum(parts.mapped("percent"))
        if float_compare(agreed, needed, precision_digits=4) >= 0 or self._is_o2c_paid():
            return Verdict(CODE, "pass", self.env._("The deposit of the grade is agreed."), {})
        message = self.env._(
            "the schedule asks for %(agreed)s %% before delivery, the grade of the customer"
            " for %(needed)s %%.",
            agreed=f"{agreed:g}",
            needed=f"{needed:g}",
        )
        evidence = {
            self.env._("Agreed before delivery (%)"): f"{agreed:g}",
            self.env._("Deposit of the grade (%)"): f"{needed:g}",
        }
        amount = max(self._get_o2c_amount(), 0.0)
        excess = self.company_id.currency_id.round(amount * (needed - agreed) / 100)
        return Verdict(CODE, "hold", message, evidence, excess)
