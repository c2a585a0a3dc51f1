from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_credit_clause = fields.Text(related="company_id.o2c_credit_clause", readonly=False)
