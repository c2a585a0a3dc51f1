from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.tools import format_amount

from .instalment_mixin import FIRST_KINDS

CODE = "first_payment"


class SaleOrder(models.Model):
    """Whether what has to be paid beforehand has come in (D7)."""

    _inherit = "sale.order"

    def _get_o2c_first_payment_verdicts(self):
        """One verdict per order that has to be paid in part beforehand; one statement for all.

        All money of the order counts for these parts before it counts for others, save what was given to
        another part by name: a receipt for the retention pays no deposit.
        """
        found = self.env["o2c.schedule"]._get_instalments(self)
        return [
            order._get_o2c_first_payment_verdict(found[order.id])
            for order in self
            if any(row.kind in FIRST_KINDS for row in found[order.id])
        ]

    def _get_o2c_first_payment_verdict(self, rows):
        due = self.currency_id.round(sum(row.amount for row in rows if row.kind in FIRST_KINDS))
        received = sum(row.received - (0 if row.kind in FIRST_KINDS else row.named) for row in rows)
        received = min(self.currency_id.round(received), due)
        missing = self.currency_id.round(due - received)
        if self.currency_id.compare_amounts(missing, 0) <= 0:
            return Verdict(CODE, "pass", self.env._("What is due beforehand has come in."), {})
        message = self.env._(
            "of %(due)s that are due beforehand %(received)s have come in, %(missing)s are missing.",
            due=format_amount(self.env, due, self.currency_id),
            received=format_amount(self.env, received, self.currency_id),
            missing=format_amount(self.env, missing, self.currency_id),
        )
        evidence = {
            self.env._("Order"): self.name,
            self.env._("Due beforehand"): due,
            self.env._("Received"): received,
            self.env._("Missing"): missing,
            self.env._("Currency"): self.currency_id.name,
        }
        excess = self.company_id.currency_id.round(missing / (self.currency_rate or 1.0))
        return Verdict(CODE, "hold", message, evidence, excess=excess)
