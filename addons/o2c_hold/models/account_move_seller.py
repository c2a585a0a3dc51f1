from odoo import fields, models


class AccountMove(models.Model):
    """Whoever sells may look at the invoice of the order without being an accountant.

    Duties are kept apart: the salesperson drafts an invoice, accounting posts it. Odoo computes the
    button with the number of payments with the rights of the reader, and the form of the draft fails
    for a salesperson without accounting rights. The number tells nothing that the form does not say.
    """

    _inherit = "account.move"

    reconciled_payment_ids = fields.Many2many(compute_sudo=True)
    payment_count = fields.Integer(compute_sudo=True)
