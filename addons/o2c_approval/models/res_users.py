from odoo import api, models

ROLE_FIELDS = {"group_ids", "all_group_ids", "role", "active", "company_ids"}


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["o2c.role.watch"]._watch():
            return super().create(vals_list)

    def write(self, vals):
        with self.env["o2c.role.watch"]._watch(not ROLE_FIELDS.isdisjoint(vals)):
            return super().write(vals)
