from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_o2c_gated(self):
        """Open items of an imported ledger pass: they were issued elsewhere, before the controls.

        What counts is the row that the import wrote, not the journal, which an accountant may choose.
        """
        return super()._is_o2c_gated() and not self._is_o2c_opening_item()
