"""Settled items of an imported ledger."""

from odoo import fields, models


class PaymentHistory(models.Model):
    """How a customer paid an invoice of the former system: never open here, read by behaviour figures only.

    Rows come from `o2c.ledger.import` alone and are never edited.
    """

    _name = "o2c.payment.history"
    _description = "Payment History"
    _inherit = ["o2c.guarded.mixin"]
    _order = "settled_date desc, id desc"
    _rec_name = "invoice_number"
    _check_company_auto = True
    _guarded_fields = "*"

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    import_id = fields.Many2one(
        "o2c.ledger.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="The commercial partner that owed the invoice.",
    )
    invoice_number = fields.Char(required=True, readonly=True)
    invoice_date = fields.Date(required=True, readonly=True)
    due_date = fields.Date(required=True, readonly=True)
    settled_date = fields.Date(required=True, readonly=True)
    days_late = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Days from the due date to the settlement; 0 where it was settled in time.",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(readonly=True, currency_field="currency_id")
    amount_company = fields.Monetary(
        string="Amount (company currency)",
        readonly=True,
        currency_field="company_currency_id",
        help="At the rate of the invoice date.",
    )
    disputed = fields.Boolean(readonly=True)

    _company_number_unique = models.Constraint(
        "UNIQUE(company_id, invoice_number)",
        "The payment history of a company holds an invoice number once.",
    )
    _partner_settled_idx = models.Index("(partner_id, company_id, settled_date)")
