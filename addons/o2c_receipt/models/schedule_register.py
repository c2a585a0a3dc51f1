"""Events of payment schedules."""

from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("schedule_changed", "Payment schedule changed"),
            ("instalment_dropped", "Instalment of a receipt removed"),
            ("payment_requested", "Payment requested"),
            ("request_cancelled", "Payment request withdrawn"),
        ]
    )
