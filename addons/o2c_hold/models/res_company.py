from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_release_days = fields.Integer(
        string="Days of a release",
        default=7,
        help="How long a release counts unless somebody asks for another date.",
    )
    o2c_release_days_max = fields.Integer(
        string="Longest release in days",
        default=30,
        help="No release can be asked for longer than this.",
    )

    _o2c_release_days_positive = models.Constraint(
        "CHECK (o2c_release_days > 0 AND o2c_release_days_max >= o2c_release_days)",
        "A release counts for at least one day, and not longer by default than at most.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["o2c.control.setting"]._create_missing()
        return companies
