from odoo import models


class CreditGuarantee(models.Model):
    """Money that was given to orders is no deposit any more."""

    _inherit = "o2c.credit.guarantee"

    def _get_free_receipt(self):
        [[_left, given]] = self.env["o2c.receipt.allocation"]._read_receipt(self.payment_id)
        return super()._get_free_receipt() - float(given)
