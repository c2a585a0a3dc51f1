from odoo import api, models
from odoo.addons.o2c_base.models.computed import check_computed

# The predicate of the partial index: a query has to repeat it word for word to use it. Aliased as "line".
SQL_ITEM_IS_OPEN = (
    "line.reconciled IS NOT TRUE AND line.parent_state = 'posted' AND line.amount_residual <> 0"
)

ITEM_FIGURES = {"parent_state", "reconciled", "amount_residual", "amount_residual_currency"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Holds all that the exposure of a customer reads of its open items: the items themselves are wide rows,
    # and a customer may have 10,000 of them.
    _o2c_open_idx = models.Index(
        "(partner_id, company_id, account_id)"
        " INCLUDE (amount_residual, date_maturity, date, display_type)"
        " WHERE reconciled IS NOT TRUE AND parent_state = 'posted' AND amount_residual <> 0"
    )

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
