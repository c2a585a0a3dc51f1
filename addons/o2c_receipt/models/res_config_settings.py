from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_advance_account_id = fields.Many2one(
        related="company_id.o2c_advance_account_id", readonly=False, check_company=True)
    o2c_due_by_schedule = fields.Boolean(related="company_id.o2c_due_by_schedule", readonly=False)
    o2c_advance_journal_id = fields.Many2one(
        related="company_id.o2c_advance_journal_id", readonly=False, check_company=True)
