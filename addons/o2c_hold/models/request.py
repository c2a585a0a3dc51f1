from odoo import fields, models


class Request(models.Model):
    _inherit = "o2c.request"

    kind = fields.Selection(
        selection_add=[
            ("hold_release", "Release of a hold"),
            ("order_change", "Change of a confirmed order"),
        ],
        ondelete={"hold_release": "cascade", "order_change": "cascade"},
    )
