from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_ageing_scheme_id = fields.Many2one(related="company_id.o2c_ageing_scheme_id", readonly=False)
    o2c_own_exposure = fields.Boolean(related="company_id.o2c_own_exposure", readonly=False)
    o2c_is_branch = fields.Boolean(compute="_compute_o2c_is_branch")

    def _compute_o2c_is_branch(self):
        for settings in self:
            settings.o2c_is_branch = bool(settings.company_id.parent_id)
