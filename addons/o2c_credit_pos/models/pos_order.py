from odoo import models


class PosOrder(models.Model):
    """What goes on a customer's account at the till is a sale on credit (K2 to K5)."""

    _inherit = "pos.order"

    def _get_pos_verdicts(self, facts):
        """Credit, the period of the payment terms, guarantees. The order is in the exposure already."""
        return [
            *super()._get_pos_verdicts(facts),
            *self._get_o2c_credit_verdicts(facts, 0.0, is_paid=False),
            *self._get_o2c_period_verdicts(facts, self._get_o2c_credit_days()),
            self._get_o2c_guarantee_verdict(facts, 0.0),
        ]

    def _get_o2c_credit_days(self):
        """Days until the last amount of an invoice of today is due, by the customer's terms as Odoo's
        invoice of the order takes them."""
        term = self.partner_id.property_payment_term_id
        return term._get_o2c_last_days(self.company_id._o2c_today()) if term else 0
