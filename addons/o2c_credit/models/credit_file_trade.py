from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.addons.o2c_exposure.rules.behaviour import Behaviour

from ..rules.source import Question

MONTHS = 12


class CreditFile(models.Model):
    """What the customer bought and how it paid: measured when it is shown, never stored.

    The figures are those of the scorecard: orders and sales from the same statement, payment
    behaviour of the same twelve months.
    """

    _inherit = "o2c.credit.file"

    first_sale_on = fields.Date(
        string="Customer since", compute="_compute_trade", help="First order, or invoice without an order."
    )
    purchase_count = fields.Integer(
        string="Orders", compute="_compute_trade", help="Confirmed in the last twelve months."
    )
    sales = fields.Monetary(
        compute="_compute_trade",
        help="Invoices less credit notes of the last twelve months, tax included, in company currency.",
    )
    exposure = fields.Monetary(
        compute="_compute_exposure", help="What the customer owes and will owe for confirmed orders, now."
    )
    overdue = fields.Monetary(compute="_compute_trade", help="Open items past their due date, now.")
    settled_count = fields.Integer(
        string="Items paid", compute="_compute_trade", help="Invoices paid in the last twelve months."
    )
    on_time_share = fields.Float(
        string="Paid on time (%)",
        digits=(5, 1),
        compute="_compute_trade",
        help="Of the invoices paid in the last twelve months.",
    )
    days_late = fields.Float(
        string="Mean days late",
        digits=(16, 1),
        compute="_compute_trade",
        help="Of the invoices paid in the last twelve months; early payment counts as 0.",
    )
    dso = fields.Float(
        string="DSO (days)",
        digits=(16, 1),
        compute="_compute_trade",
        help="Days of sales that are in the receivables.",
    )

    # === COMPUTES === #

    def _compute_trade(self):
        for company, files in self.grouped("company_id").items():
            debtors = files._get_debtor_ids()
            question = files._prepare_trade_question(company, debtors)
            trade = self.env["o2c.credit.source"].sudo()._get_trade(question)
            behaviours = files._get_trade_behaviours(question)
            for file in files:
                file._set_trade(
                    [trade[debtor] for debtor in debtors[file] if debtor in trade],
                    sum((behaviours[one] for one in debtors[file] if one in behaviours), Behaviour()),
                )

    def _compute_exposure(self):
        for company, files in self.grouped("company_id").items():
            debtors = files._get_debtor_ids()
            partners = self.env["res.partner"].sudo().browse(one for ids in debtors.values() for one in ids)
            exposures = self.env["o2c.exposure"].sudo()._get_exposure(partners, company) if company else {}
            for file in files:
                file.exposure = sum(exposures[debtor].total for debtor in debtors[file])

    # === HELPERS === #

    def _get_debtor_ids(self):
        """Customers of each file: one, or the members of the group; ``{file: (partner id, ...)}``."""
        return {
            file: tuple((file.partner_id or file.corporate_group_id.partner_ids)._origin.ids)
            for file in self.sudo()
        } | dict.fromkeys(self.filtered(lambda file: not file.company_id), ())

    def _prepare_trade_question(self, company, debtors):
        today = (company or self.env.company)._o2c_today()
        ids = sorted({debtor for ids in debtors.values() for debtor in ids})
        return Question(company or self.env.company, tuple(ids), today)

    def _get_trade_behaviours(self, question):
        """``{partner id: Behaviour}`` of the last twelve months, over the branches of the company."""
        start = self.env["o2c.credit.source"]._get_start(question)
        scope = self.env["o2c.exposure"]._sql_scope(
            partner_ids=question.partner_ids, company_ids=question.company.ids
        )
        found = self.env["o2c.behaviour"]._get_behaviour(start, question.date, scope=scope)
        sums = {}
        for (__, partner_id), behaviour in found.items():
            sums[partner_id] = sums.get(partner_id, Behaviour()) + behaviour
        return sums

    def _set_trade(self, trades, behaviour):
        """Put the sums of a file's customers into its fields."""
        self.first_sale_on = min((trade["first"] for trade in trades if trade["first"]), default=False)
        self.purchase_count = sum(trade["purchases"] for trade in trades)
        self.sales = sum(trade["last"] + trade["before"] for trade in trades)
        self.overdue = behaviour.overdue
        self.settled_count = behaviour.settled_count
        self.on_time_share = behaviour.on_time_percent if behaviour.settled_count else 0.0
        self.days_late = behaviour.mean_days_late
        self.dso = behaviour.dso

    def _get_trade_start(self):
        """First day of the twelve months that the figures are about."""
        today = (self.company_id or self.env.company)._o2c_today()
        return today - relativedelta(months=MONTHS, days=-1)
