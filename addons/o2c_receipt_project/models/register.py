from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(selection_add=[("task_observed", "Task would have waited for a payment")])
