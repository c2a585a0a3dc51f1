"""Events of promises of payment."""

from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("promise_recorded", "Promise of payment recorded"),
            ("promise_moved", "Promise of payment moved on"),
            ("promise_paid_late", "Broken promise paid late"),
        ]
    )
