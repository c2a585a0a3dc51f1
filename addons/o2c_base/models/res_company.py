"""The company's own clock: Odoo has time zones for people only."""

from datetime import date, datetime, time

import pytz
from odoo import fields, models
from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_tz = fields.Selection(
        _tz_get,
        string="Order-to-Cash Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Due dates, policies and deadlines change at midnight of this time zone.",
    )

    # === BUSINESS METHODS === #

    def _o2c_now(self) -> datetime:
        """The present moment in the company's time zone (aware)."""
        self.ensure_one()
        return pytz.utc.localize(fields.Datetime.now()).astimezone(self._o2c_get_tz())

    def _o2c_today(self) -> date:
        """Today's date where the company is."""
        return self._o2c_now().date()

    def _o2c_midnight(self, day: date) -> datetime:
        """The moment at which a day of the company begins, in UTC and naive as Odoo stores it."""
        self.ensure_one()
        local = self._o2c_get_tz().localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # === HELPERS === #

    def _o2c_get_tz(self):
        return pytz.timezone(self.sudo().o2c_tz or "UTC")
