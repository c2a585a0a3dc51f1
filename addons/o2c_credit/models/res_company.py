from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_limits_taken_over = fields.Boolean(
        string="Odoo's credit limits replaced",
        readonly=True,
        help="Credit limits of the suite are used; the warning of Odoo's own limits is not shown.",
    )
