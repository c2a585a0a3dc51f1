from odoo import fields, models


class PresetLoadLine(models.TransientModel):
    """One thing that a preset sets, beside what is there now."""

    _name = "o2c.preset.load.line"
    _description = "Change by a Preset"
    _order = "id"

    wizard_id = fields.Many2one("o2c.preset.load", required=True, ondelete="cascade")
    section_code = fields.Char()
    section = fields.Char(readonly=True)
    key = fields.Char()
    name = fields.Char(string="What", readonly=True)
    now = fields.Text(readonly=True)
    then = fields.Text(readonly=True)
    state = fields.Selection(
        [
            ("new", "New"),
            ("changed", "Changed"),
            ("same", "As it is"),
            ("kept", "Stays"),
            ("error", "Error"),
        ],
        readonly=True,
    )
    note = fields.Text(readonly=True)
    is_chosen = fields.Boolean(string="Load")
