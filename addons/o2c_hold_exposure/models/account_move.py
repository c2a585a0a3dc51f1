from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_o2c_gated(self):
        """An open item taken over from another system was issued there: nothing is left to control."""
        return super()._is_o2c_gated() and not self._is_o2c_opening_item()
