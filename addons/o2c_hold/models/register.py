from odoo import fields, models


class Register(models.Model):
    _inherit = "o2c.register"

    event = fields.Selection(
        selection_add=[
            ("checkpoint_passed", "Passed the controls"),
            ("step_refused", "Step refused"),
            ("hold_opened", "Put on hold"),
            ("hold_observed", "Would have been put on hold"),
            ("hold_changed", "Hold changed"),
            ("release_requested", "Release requested"),
            ("hold_released", "Released"),
            ("release_refused", "Release refused"),
            ("hold_lapsed", "Release lapsed"),
            ("hold_cleared", "Hold cleared"),
            ("control_changed", "Control switched"),
        ]
    )
