from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_limits_taken_over = fields.Boolean(
        string="Odoo's credit limits replaced",
        readonly=True,
        help="Credit limits of the suite are used; the warning of Odoo's own limits is not shown.",
    )
    o2c_credit_clause = fields.Text(
        string="Clause of credit sales",
        translate=True,
        default=lambda self: self.env._(
            "The buyer pays by the due date, without deduction. Goods remain the seller's property until "
            "they are paid. While an invoice is overdue, the seller may suspend further deliveries."
        ),
        help="Stands under the credit terms, above the customer's signature.",
    )
