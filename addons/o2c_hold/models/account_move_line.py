from odoo import models

from .computed import refuse_links


class AccountMoveLine(models.Model):
    """Invoice lines stay with the orders they were made from."""

    _inherit = "account.move.line"

    def write(self, vals):
        if "sale_line_ids" in vals:
            refuse_links(self, "sale_line_ids", self.company_id)
        return super().write(vals)
