from odoo import fields, models


class Request(models.Model):
    _inherit = "o2c.request"

    kind = fields.Selection(
        selection_add=[("credit_limit", "Credit application"), ("credit_guarantee", "Guarantee")],
        ondelete={"credit_limit": "cascade", "credit_guarantee": "cascade"},
    )
