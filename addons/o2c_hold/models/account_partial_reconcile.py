from odoo import api, models


class AccountPartialReconcile(models.Model):
    """A customer who pays may be free again: his holds get another look."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        lines = partials.debit_move_id | partials.credit_move_id
        self.env["o2c.hold"]._recheck_partner(lines.partner_id)
        return partials
