from odoo import fields, models


class O2cBehaviourLine(models.TransientModel):
    """How one customer paid over the period of a report; without a customer, how all did."""

    _name = "o2c.behaviour.line"
    _description = "Payment behaviour of a customer"
    _inherit = ["o2c.debtor.mixin"]
    _order = "closing desc, id"
    _rec_name = "partner_id"

    report_id = fields.Many2one("o2c.behaviour.report", required=True, ondelete="cascade", index=True)
    is_total = fields.Boolean(readonly=True)
    settled_count = fields.Integer(
        string="Settled Items", readonly=True, help="Invoices that were settled with money in the period.")
    late_count = fields.Integer(string="Settled Late", readonly=True)
    settled_amount = fields.Monetary(readonly=True)
    on_time_percent = fields.Float(
        string="On Time %", digits=(5, 1), readonly=True, aggregator="avg",
        help="Share of the settled items that were paid by their due date.")
    mean_days_late = fields.Float(
        digits=(16, 2), readonly=True, aggregator="avg",
        help="Mean of the days from due date to settlement; early settlement counts as 0.")
    weighted_days_late = fields.Float(
        digits=(16, 2), readonly=True, aggregator="avg",
        help="The same, weighted with the amounts.")
    opening = fields.Monetary(
        string="Opening Receivable", readonly=True, help="At the end of the day before the period.")
    sales = fields.Monetary(
        readonly=True, help="Invoices less credit notes of the period, tax included.")
    closing = fields.Monetary(string="Closing Receivable", readonly=True)
    overdue = fields.Monetary(readonly=True, help="The part of the closing receivable that is past due.")
    dso = fields.Float(
        string="Days Sales Outstanding (DSO)", digits=(16, 2), readonly=True, aggregator="avg",
        help="Days sales outstanding: closing receivable / sales x days of the period.")
    best_dso = fields.Float(
        string="Best Possible DSO", digits=(16, 2), readonly=True, aggregator="avg",
        help="DSO of what is not overdue: as if everybody paid when due.")
    days_delinquent = fields.Float(
        string="Average Days Delinquent", digits=(16, 2), readonly=True, aggregator="avg",
        help="DSO less the best possible DSO.")
    cei = fields.Float(
        string="Collection Effectiveness Index (CEI) %", digits=(16, 2), readonly=True, aggregator="avg",
        help="Collection effectiveness index: (opening + sales - closing) /"
             " (opening + sales - closing not overdue) x 100.")

