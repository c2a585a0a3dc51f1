from odoo import fields, models


class ScheduleChangeLine(models.TransientModel):
    """A part of the schedule as it shall be."""

    _name = "o2c.schedule.change.line"
    _inherit = ["o2c.instalment.mixin"]
    _description = "Part of a changed payment schedule"
    _order = "sequence, id"

    wizard_id = fields.Many2one("o2c.schedule.change", required=True, ondelete="cascade")
    instalment_id = fields.Many2one(
        "o2c.instalment",
        string="Part as it was",
        ondelete="set null",
        help="The part keeps the money that was given to it.",
    )
