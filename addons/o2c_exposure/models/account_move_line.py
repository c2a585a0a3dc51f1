from odoo import api, models
from odoo.exceptions import AccessError

ITEM_FIGURES = {"parent_state", "reconciled", "amount_residual", "amount_residual_currency"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._o2c_check_figures({name for vals in vals_list for name in vals})
        return super().create(vals_list)

    def write(self, vals):
        self._o2c_check_figures(vals)
        return super().write(vals)

    @api.model
    def _o2c_check_figures(self, names):
        """Refuse values for what Odoo computes itself: they would hide what is owed.

        Stored computed fields can be written by anyone who may edit the entry.
        """
        if not self.env.su and (given := ITEM_FIGURES.intersection(names)):
            raise AccessError(self.env._(
                "%(fields)s of a journal item is computed and can't be set."
                " Post, reset or reconcile the entry instead.",
                fields=", ".join(sorted(self._fields[name].string for name in given)),
            ))
