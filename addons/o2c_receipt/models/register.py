"""Events of receipts."""

from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("receipt_allocated", "Receipt allocated"),
            ("receipt_reallocated", "Receipt re-allocated"),
            ("receipt_released", "Allocation released"),
            ("receipt_stopped", "Receipt counts no more"),
            ("advance_transferred", "Advance transferred"),
            ("slip_taken", "Money received"),
            ("slip_moved", "Receipt slip moved on"),
        ]
    )
