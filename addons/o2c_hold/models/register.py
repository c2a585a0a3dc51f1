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
            ("change_moved", "Change of an order moved"),
            ("change_requested", "Change of an order requested"),
            ("change_applied", "Change of an order applied"),
            ("change_refused", "Change of an order refused"),
            ("change_lapsed", "Change of an order lapsed"),
            ("control_changed", "Control switched"),
        ]
    )
