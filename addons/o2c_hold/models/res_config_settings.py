from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_release_days = fields.Integer(related="company_id.o2c_release_days", readonly=False)
    o2c_release_days_max = fields.Integer(related="company_id.o2c_release_days_max", readonly=False)
