from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_approval_reminder_days = fields.Integer(
        related="company_id.o2c_approval_reminder_days", readonly=False
    )
