from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_tz = fields.Selection(related="company_id.o2c_tz", readonly=False, required=True)
