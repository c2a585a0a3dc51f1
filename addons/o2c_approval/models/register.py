from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("request_submitted", "Submitted for approval"),
            ("step_approved", "Step approved"),
            ("request_approved", "Request approved"),
            ("request_rejected", "Request rejected"),
            ("request_withdrawn", "Request withdrawn"),
            ("request_lapsed", "Request lapsed"),
            ("decision_refused", "Decision refused"),
            ("request_reminded", "Reminder sent"),
            ("authority_changed", "Authority table changed"),
            ("delegate_changed", "Delegation changed"),
            ("segregation_changed", "Segregation of duties changed"),
            ("role_changed", "Roles of a user changed"),
        ]
    )
