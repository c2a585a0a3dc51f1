from odoo import models


class CreditGuarantee(models.Model):
    """Money that was given to orders is no deposit any more."""

    _inherit = "o2c.credit.guarantee"

    def _get_free_receipt(self):
        free, move = super()._get_free_receipt(), self.payment_id.move_id
        kept = self.env["account.move.line"].search([("o2c_receipt_move_id", "in", move.ids)])
        [[_left, given]] = self.env["o2c.receipt.allocation"]._read_receipt(self.payment_id)
        # What lies on the account for advances has left the receivable account already.
        return free - max(float(given) + sum(kept.mapped("amount_residual_currency")), 0.0)
