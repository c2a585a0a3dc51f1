from odoo import api, models
from odoo.addons.o2c_base.models.computed import check_computed

ITEM_FIGURES = {"parent_state", "reconciled", "amount_residual", "amount_residual_currency"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        check_computed(self, {name for vals in vals_list for name in vals}, ITEM_FIGURES)
        return super().create(vals_list)

    def write(self, vals):
        check_computed(self, vals, ITEM_FIGURES)
        return super().write(vals)
