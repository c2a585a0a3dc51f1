from odoo import api, models
from odoo.tools import SQL


class Exposure(models.AbstractModel):
    _inherit = "o2c.exposure"

    @api.model
    def _sql_customer_accounts(self):
        """Advances that are kept as a liability lessen what a customer owes, as those on receivables do."""
        return SQL("SELECT id FROM account_account WHERE account_type = 'asset_receivable' OR o2c_is_advance")
