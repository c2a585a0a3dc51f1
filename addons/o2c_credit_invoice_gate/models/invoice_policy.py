from odoo import fields, models


class InvoicePolicy(models.Model):
    """How much of an order has to be in before it is invoiced may depend on the customer's grade."""

    _inherit = "o2c.invoice.policy"

    # Restrict: an emptied scope would admit everybody.
    grade_ids = fields.Many2many(
        "o2c.credit.grade",
        string="Grades",
        ondelete="restrict",
        help="Customers whose terms, or those of their corporate group, have one of these grades today. Who"
        " was never graded is not among them.",
    )
