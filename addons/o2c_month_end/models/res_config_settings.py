from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_accrual_active = fields.Boolean(related="company_id.o2c_accrual_active", readonly=False)
    o2c_accrual_journal_id = fields.Many2one(
        related="company_id.o2c_accrual_journal_id",
        readonly=False,
        domain="[('type', '=', 'general'), ('company_id', '=', company_id)]",
    )
    o2c_contract_asset_account_id = fields.Many2one(
        related="company_id.o2c_contract_asset_account_id", readonly=False, check_company=True)
    o2c_unbilled_account_id = fields.Many2one(
        related="company_id.o2c_unbilled_account_id", readonly=False, check_company=True)
    o2c_contract_liability_account_id = fields.Many2one(
        related="company_id.o2c_contract_liability_account_id", readonly=False, check_company=True)
    o2c_deferred_vat_account_id = fields.Many2one(
        related="company_id.o2c_deferred_vat_account_id", readonly=False, check_company=True)
    o2c_accrual_tax = fields.Selection(related="company_id.o2c_accrual_tax", readonly=False)
    o2c_accrual_right = fields.Selection(related="company_id.o2c_accrual_right", readonly=False)
    o2c_accrual_service = fields.Selection(related="company_id.o2c_accrual_service", readonly=False)
    o2c_check_tolerance = fields.Float(related="company_id.o2c_check_tolerance", readonly=False)
    o2c_check_required = fields.Boolean(related="company_id.o2c_check_required", readonly=False)

    def action_o2c_create_accrual_accounts(self):
        """Create what is missing, as the company does, and show it."""
        self.ensure_one()
        self.company_id.action_o2c_create_accrual_accounts()
        return {"type": "ir.actions.client", "tag": "reload"}
