from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_order_verdicts(self, facts):
        verdicts = super()._get_order_verdicts(facts)
        if not self.client_order_ref:
            message = self.env._(
                "the customer has not confirmed it in writing: the customer reference is empty."
            )
            verdicts.append(Verdict("order_reference_missing", "hold", message, {}))
        return verdicts
