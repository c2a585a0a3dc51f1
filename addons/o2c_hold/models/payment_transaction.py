from odoo import models


class PaymentTransaction(models.Model):
    """An online payment never fails for a hold and never passes silently: the order waits."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Only what is confirmed counts as confirmed: for the others the customer is told that his
        payment arrived, and nothing is invoiced."""
        confirmed = super()._check_amount_and_confirm_order()
        return confirmed.filtered(lambda order: order.state == "sale")
