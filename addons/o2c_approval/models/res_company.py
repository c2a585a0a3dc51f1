from odoo import fields, models
from odoo.tools import formatLang


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_approval_reminder_days = fields.Integer(
        string="Remind Approvers After (Days)",
        default=2,
        help="Approvers are reminded of an open request every so many days. 0 means never.",
    )

    def write(self, vals):
        if "user_ids" not in vals:
            return super().write(vals)
        with self.env["o2c.role.watch"]._watch():
            return super().write(vals)

    def _o2c_format_amount(self, amount):
        """`amount` in company currency as text with its code: 57,500.00 CNY."""
        currency = self.currency_id
        return f"{formatLang(self.env, amount, digits=currency.decimal_places)} {currency.name}"
