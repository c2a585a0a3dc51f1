"""Events of the import of a ledger."""

from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("ledger_import", "Import of a ledger"),
            ("ledger_revert", "Import of a ledger reverted"),
            ("opening_journal", "Opening journal"),
        ]
    )
