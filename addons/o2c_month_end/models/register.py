from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("accrual_prepared", "Month-end run prepared"),
            ("accrual_requested", "Month-end run submitted"),
            ("accrual_approved", "Month-end run approved"),
            ("accrual_refused", "Month-end run refused"),
            ("accrual_left_out", "Order left out of a month-end run"),
            ("accrual_cancelled", "Month-end run cancelled"),
            ("accrual_accounts", "Accounts of the month-end run"),
            ("check_counted", "Quantities counted"),
            ("check_explained", "Difference explained"),
            ("check_signed", "Quantities signed off"),
            ("check_reopened", "Quantities opened again"),
        ]
    )
