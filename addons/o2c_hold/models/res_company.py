from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


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

    def _o2c_get_release_day(self):
        """Last day of a release for which nobody chose another."""
        return self._o2c_today() + timedelta(days=self.o2c_release_days)

    def _o2c_check_release_day(self, day):
        """:raise UserError: unless a release may count until this day"""
        for company in self:
            today = company._o2c_today()
            latest = today + timedelta(days=company.o2c_release_days_max)
            if not day or not today <= day <= latest:
                raise UserError(
                    self.env._(
                        "A release can be asked for from today until %(latest)s. Choose another date.",
                        latest=fields.Date.to_string(latest),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["o2c.control.setting"]._create_missing()
        return companies
