from odoo import api, fields, models
from odoo.exceptions import AccessError


class AccountAccount(models.Model):
    _inherit = "account.account"

    o2c_is_advance = fields.Boolean(
        string="Keeps advances of customers",
        readonly=True,
        copy=False,
        help="A company keeps or kept advances here: its open items lessen what customers owe.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_o2c_advance({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._check_o2c_advance(vals)
        return super().write(vals)

    @api.model
    def _check_o2c_advance(self, names):
        """The setting of the company says it, and what was once an account of advances stays one."""
        if "o2c_is_advance" in names and not self.env.su:
            raise AccessError(self.env._(
                "Choose the account for advances in the settings of Order-to-Cash."))
