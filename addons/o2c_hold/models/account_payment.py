from odoo import models


class AccountPayment(models.Model):
    """A receipt may have no journal entry of its own: it frees its customer all the same."""

    _inherit = "account.payment"

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            customers = self.filtered(lambda payment: payment.partner_type == "customer")
            self.env["o2c.hold"]._recheck_partner(customers.partner_id)
        return result
