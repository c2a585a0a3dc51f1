from odoo import api, models


class ResPartnerBank(models.Model):
    """Bank accounts are shown in the credit file, and are changed on records of their own."""

    _inherit = "res.partner.bank"

    @api.model_create_multi
    def create(self, vals_list):
        banks = super().create(vals_list)
        # Looked at afterwards, because defaults of the context count as well.
        partners = banks.sudo().partner_id
        partners._log_o2c_shown(partners._get_o2c_shown(without=banks))
        return banks

    def write(self, vals):
        # The holder before, and the one after.
        partners = self.sudo().partner_id | self.env["res.partner"].browse(vals.get("partner_id") or ())
        before = partners._get_o2c_shown()
        result = super().write(vals)
        partners._log_o2c_shown(before)
        return result
