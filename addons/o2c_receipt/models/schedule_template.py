from odoo import api, fields, models


class ScheduleTemplate(models.Model):
    """A payment schedule that salespeople choose on quotations."""

    _name = "o2c.schedule.template"
    _inherit = ["mail.thread"]
    _description = "Payment schedule template"
    _order = "sequence, name, id"

    # === FIELDS === #

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        tracking=True,
        index=True,
        ondelete="restrict",
        help="Empty: for all companies.",
    )
    line_ids = fields.One2many("o2c.schedule.template.line", "template_id", string="Parts", copy=True)
    summary = fields.Char(compute="_compute_summary")

    # === COMPUTES === #

    @api.depends("line_ids.percent", "line_ids.kind", "line_ids.terms")
    def _compute_summary(self):
        for template in self:
            template.summary = "; ".join(
                f"{line.percent:g} % {line.terms}" for line in template.line_ids)

    # === CHECKS === #

    @api.constrains("line_ids")
    def _check_lines(self):
        for template in self:
            template.line_ids._check_sum(template.name)

    # === CRUD === #

    def copy_data(self, default=None):
        return [
            vals if "name" in (default or {}) else {**vals, "name": self.env._("%s (copy)", template.name)}
            for template, vals in zip(self, super().copy_data(default), strict=True)
        ]
