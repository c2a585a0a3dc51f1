from odoo import fields, models


class Request(models.Model):
    _inherit = "o2c.request"

    kind = fields.Selection(
        selection_add=[("accrual", "Month-end run")],
        ondelete={"accrual": "cascade"},
    )
