"""Events of the invoice gate."""

from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("slip_registered", "Delivery slip signed"),
            ("slip_void", "Signed delivery slip void"),
            ("invoice_state", "Invoice application"),
            ("invoice_applied", "Invoice applied for"),
            ("invoice_exception", "Invoice applied for as an exception"),
            ("invoice_signed", "Invoice application approved and invoiced"),
            ("invoice_refused", "Invoice application refused"),
            ("invoice_reopened", "Invoice application back in draft"),
            ("invoice_cancelled", "Invoice application cancelled"),
        ]
    )
