from odoo import fields, models


class Request(models.Model):
    _inherit = "o2c.request"

    kind = fields.Selection(
        selection_add=[
            ("invoice_application", "Invoice application"),
            ("invoice_exception", "Invoice below the collected share"),
        ],
        ondelete={"invoice_application": "cascade", "invoice_exception": "cascade"},
    )
