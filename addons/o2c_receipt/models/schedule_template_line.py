from odoo import fields, models


class ScheduleTemplateLine(models.Model):
    """A part of a template."""

    _name = "o2c.schedule.template.line"
    _inherit = ["o2c.instalment.mixin"]
    _description = "Part of a payment schedule template"
    _order = "template_id, sequence, id"
    _rec_name = "kind"

    template_id = fields.Many2one("o2c.schedule.template", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="template_id.company_id")
