from odoo import api, models


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.depends("privilege_id.category_id")
    def _compute_full_name(self):
        """Roles of the suite are known by their name alone: not as "Credit / Credit Manager"."""
        super()._compute_full_name()
        category = self.env.ref("o2c_base.module_category_o2c", raise_if_not_found=False)
        for group, group_sudo in zip(self, self.sudo(), strict=True):
            if category and group_sudo.privilege_id.category_id == category:
                group.full_name = group_sudo.name
