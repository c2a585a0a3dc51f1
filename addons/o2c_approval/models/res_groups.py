from odoo import api, models

ROLE_FIELDS = {
    "user_ids",
    "all_user_ids",
    "implied_ids",
    "implied_by_ids",
    "all_implied_ids",
    "all_implied_by_ids",
}


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["o2c.role.watch"]._watch(any(not ROLE_FIELDS.isdisjoint(vals) for vals in vals_list)):
            return super().create(vals_list)

    def write(self, vals):
        with self.env["o2c.role.watch"]._watch(not ROLE_FIELDS.isdisjoint(vals)):
            return super().write(vals)
