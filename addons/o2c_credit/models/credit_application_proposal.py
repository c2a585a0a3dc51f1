from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.limit_formula import Basis, propose_limit
from .credit_application import REGULAR, TERMS, WITH_AMOUNT

# What a grade's line of the policy and terms in force have in common.
LINE_TERMS = ("is_cash_only", "period_days", "payment_term_id", "tolerance", "deposit", "cover")


SALES_KEY = "o2c_yearly_sales"


class YearlySales:
    """Sales of a year of many customers, read at once for the applications that are drafted together.

    It travels in the context of one ``create``; who calls from outside can send no such object.
    """

    __slots__ = ("amounts", "company_id")

    def __init__(self, company_id: int, amounts: dict[int, float]):
        self.company_id = company_id
        self.amounts = amounts


class CreditApplication(models.Model):
    """What is proposed: the terms that the policy gives to the grade, beside those of today."""

    _inherit = "o2c.credit.application"

    policy_id = fields.Many2one(
        "o2c.credit.policy",
        string="Credit policy",
        compute="_compute_policy_id",
        store=True,
        precompute=True,
        ondelete="restrict",
        help="What the grade grants. Empty where the company has no credit policy for this customer.",
    )
    score_grade_id = fields.Many2one(
        "o2c.credit.grade", string="Grade of the score", compute="_compute_score_grade_id", compute_sudo=True
    )
    grade_id = fields.Many2one(
        "o2c.credit.grade",
        compute="_compute_grade_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
        help="A limit in another currency than the company's counts at the rate of each day.",
    )
    amount = fields.Monetary(
        string="Limit",
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Most that may be owed: open invoices, undelivered and uninvoiced orders, less receipts not yet "
        "matched. Zero means: nothing on credit.",
    )
    formula_amount = fields.Monetary(
        string="Limit by formula",
        compute="_compute_formula",
        compute_sudo=True,
        currency_field="company_currency_id",
        help="What the policy's formula gives to this grade, in company currency.",
    )
    formula_text = fields.Char(string="How it is found", compute="_compute_formula", compute_sudo=True)
    is_cash_only = fields.Boolean(
        string="Cash only", compute="_compute_line_terms", store=True, readonly=False, precompute=True
    )
    period_days = fields.Integer(
        string="Credit period (days)",
        compute="_compute_line_terms",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Longest time to pay, from the invoice.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        compute="_compute_line_terms",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        check_company=True,
        help="Given to orders and invoices of the customer.",
    )
    tolerance = fields.Float(
        string="Tolerance (%)", compute="_compute_line_terms", store=True, readonly=False, precompute=True
    )
    deposit = fields.Float(
        string="Deposit (%)", compute="_compute_line_terms", store=True, readonly=False, precompute=True
    )
    cover = fields.Float(
        string="Cover (%)", compute="_compute_line_terms", store=True, readonly=False, precompute=True
    )
    date_from = fields.Date(
        string="Valid from",
        required=True,
        default=lambda self: self.env.company._o2c_today(),
        help="Terms count from the day of their approval at the earliest.",
    )
    date_to = fields.Date(
        string="Valid until",
        tracking=True,
        help="Last day of the terms; a temporary raise needs one. Empty: until other terms follow.",
    )
    review_date = fields.Date(
        string="Grade valid until",
        compute="_compute_review_date",
        store=True,
        readonly=False,
        precompute=True,
        help="The grade expires after this day.",
    )

    # Today
    current_limit_id = fields.Many2one(
        "o2c.credit.limit",
        string="Terms so far",
        compute="_compute_current_limit_id",
        store=True,
        precompute=True,
        ondelete="restrict",
        help="Regular terms in force when the application was submitted.",
    )
    is_suspended = fields.Boolean(string="Suspended so far", compute="_compute_today")
    current_grade_id = fields.Many2one(related="current_limit_id.grade_id", string="Grade so far")
    current_currency_id = fields.Many2one(related="current_limit_id.currency_id", string="Currency so far")
    current_amount = fields.Monetary(
        related="current_limit_id.amount", string="Limit so far", currency_field="current_currency_id"
    )
    current_period_days = fields.Integer(related="current_limit_id.period_days", string="Period so far")
    current_payment_term_id = fields.Many2one(
        related="current_limit_id.payment_term_id", string="Payment terms so far"
    )
    current_tolerance = fields.Float(related="current_limit_id.tolerance", string="Tolerance so far (%)")
    current_deposit = fields.Float(related="current_limit_id.deposit", string="Deposit so far (%)")
    current_cover = fields.Float(related="current_limit_id.cover", string="Cover so far (%)")
    current_review_date = fields.Date(related="current_limit_id.review_date", string="Grade valid so far")
    current_date_to = fields.Date(related="current_limit_id.date_to", string="Valid so far until")
    amount_change = fields.Monetary(
        string="Change",
        compute="_compute_today",
        currency_field="company_currency_id",
        help="Proposed limit less the limit so far, in company currency.",
    )

    # === COMPUTES: TODAY === #

    @api.depends("partner_id", "corporate_group_id", "company_id")
    def _compute_current_limit_id(self):
        for application in self.filtered(lambda one: one.state == "draft"):
            application.current_limit_id = application._find_current()

    @api.depends(
        "partner_id", "corporate_group_id", "company_id", "amount", "currency_id", "current_limit_id"
    )
    def _compute_today(self):
        limits = self.env["o2c.credit.limit"]
        for application in self:
            subject = application._get_subject()
            application.is_suspended = bool(
                subject and limits._get_suspension(application.company_id, subject)
            )
            application.amount_change = (
                application._get_company_amount() - application._get_current_company_amount()
            )

    # === COMPUTES: PROPOSAL === #

    @api.depends("partner_id", "corporate_group_id", "company_id")
    def _compute_policy_id(self):
        for application in self.filtered(lambda one: one.state == "draft"):
            application.policy_id = application._find_policy()

    @api.depends("score_id", "policy_id")
    def _compute_score_grade_id(self):
        for application in self:
            application.score_grade_id = application._get_score_grade()

    @api.depends("partner_id", "corporate_group_id", "company_id", "policy_id", "score_id")
    def _compute_grade_id(self):
        for application in self.filtered(lambda one: one.state == "draft"):
            application.grade_id = application._get_score_grade() or application.current_limit_id.grade_id

    @api.depends("company_id", "current_limit_id")
    def _compute_currency_id(self):
        for application in self.filtered(lambda one: one.state == "draft"):
            application.currency_id = (
                application.current_limit_id.currency_id or application.company_id.currency_id
            )

    @api.depends("kind", "grade_id", "policy_id", "current_limit_id")
    def _compute_line_terms(self):
        """Terms of the grade; those of today where a grade or a policy is missing, or stays as it is."""
        for application in self.filtered(lambda one: one.state == "draft"):
            source = application._get_line() or application.current_limit_id
            if application.kind in ("raise", "cut") and application.current_limit_id:
                source = application.current_limit_id
            for name in LINE_TERMS:
                application[name] = source[name]
            if not source:
                application.period_days = application._get_usual_period()

    @api.depends("kind", "grade_id", "policy_id", "current_limit_id", "currency_id")
    def _compute_amount(self):
        for application in self.filtered(lambda one: one.state == "draft"):
            if application.kind not in WITH_AMOUNT:
                application.amount = 0.0
            elif application._get_line() and application.kind in ("first", "review"):
                proposal = application._get_proposal()
                application.amount = application._from_company_currency(proposal.amount)
            else:
                application.amount = application.current_limit_id.amount

    @api.depends("partner_id", "corporate_group_id", "company_id", "grade_id", "policy_id")
    def _compute_formula(self):
        for application in self:
            line = application._get_line()
            proposal = application._get_proposal() if line else None
            application.formula_amount = proposal.amount if proposal else 0.0
            application.formula_text = application._describe_formula(line, proposal) if proposal else False

    @api.depends("kind", "grade_id", "policy_id", "date_from", "current_limit_id")
    def _compute_review_date(self):
        for application in self.filtered(lambda one: one.state == "draft"):
            application.review_date = application._get_latest_review()

    # === BUSINESS METHODS === #

    def _find_current(self):
        """Regular terms in force today."""
        subject = self._get_subject()
        if not subject:
            return self.env["o2c.credit.limit"]
        company = self.company_id or self.env.company
        return self.env["o2c.credit.limit"]._get_row(company, subject._origin or subject, ("regular",))

    def _find_policy(self):
        """The credit policy of the customer; of a group the one of its first member."""
        policies = self.env["o2c.credit.policy"]
        customer = self._get_customers()[:1]
        return policies._match(self.company_id, customer) if customer and self.company_id else policies

    def _get_line(self):
        """What the policy grants to the proposed grade."""
        return (
            self.policy_id._get_line_of(self.grade_id)
            if self.policy_id and self.grade_id
            else (self.env["o2c.credit.policy.grade"])
        )

    def _get_score_grade(self):
        """The grade that the score earns. Hook of the scorecard; empty without a score."""
        return self.env["o2c.credit.grade"]

    def _refresh_proposal(self):
        """Compare with today's terms and judge by today's policy, whenever the draft was begun."""
        self.ensure_one()
        current, policy = self._find_current(), self._find_policy()
        vals = {}
        if current != self.current_limit_id:
            vals["current_limit_id"] = current.id
        if policy != self.policy_id:
            vals["policy_id"] = policy.id
        if vals:
            # What the officer proposes stays as it is; the checks compare it with what holds today.
            kept = {name: self._fields[name].convert_to_write(self[name], self) for name in (*TERMS, "kind")}
            self._guarded_write({**vals, **kept})

    def _get_latest_review(self):
        """Last day that a grade granted now may be valid; reviews come, and nothing else prolongs it."""
        current = self.current_limit_id
        if self.kind not in REGULAR or (self.kind in ("raise", "cut") and current):
            return current.review_date
        return self._get_latest_grade_day(self._get_line())

    def _get_latest_grade_day(self, line):
        """Last day of a grade that is granted now: every grade expires, after half a year by default."""
        start = self.date_from or self.company_id._o2c_today()
        return start + relativedelta(months=line.review_months or 6, days=-1)

    def _get_usual_period(self):
        """Days of the customer's own payment term: a policy that says nothing changes nothing."""
        customer = self.partner_id.with_company(self.company_id)
        term = customer.property_payment_term_id
        return term._get_o2c_last_days(self.company_id._o2c_today()) if term else 0

    def _get_proposal(self):
        """What the formula of the grade's line gives: `Proposal`, company currency."""
        formula = self._get_line()._get_formula()
        return propose_limit(formula, self._get_basis(formula))

    def _get_basis(self, formula):
        """The figure that a formula starts from, in company currency; none that it does not look at."""
        return Basis(
            yearly_sales=self._get_yearly_sales() if formula.needs_sales else None,
            net_worth=self._get_net_worth() if formula.needs_net_worth else None,
        )

    def _get_yearly_sales(self):
        """Invoiced in the last twelve months, tax included, less credit notes; ``None`` without any."""
        customers = self._get_customers()._origin
        company = self.company_id
        if not customers or not company:
            return None
        known = self.env.context.get(SALES_KEY)
        if type(known) is YearlySales and known.company_id == company.id and self.partner_id:
            return known.amounts.get(customers.id)
        found = self._read_yearly_sales(company, customers)
        return sum(found.values()) if found else None

    @api.model
    def _read_yearly_sales(self, company, customers):
        """``{partner id: amount}`` of those who bought something, in one statement."""
        today = company._o2c_today()
        scope = SQL(
            "debtor.commercial_partner_id = ANY(%s) AND company.o2c_exposure_company_id = %s",
            customers.ids,
            company.id,
        )
        found = self.env["o2c.behaviour"]._get_behaviour(
            today - relativedelta(years=1) + relativedelta(days=1), today, scope=scope
        )
        sales = {}
        for (_company_id, partner_id), behaviour in found.items():
            sales[partner_id] = sales.get(partner_id, 0.0) + behaviour.sales
        return sales

    @api.model
    def _draft_many(self, company, vals_list):
        """Draft applications of many customers of a company, with what their formulas need read at once.

        Sales of corporate groups are read group by group.
        """
        customers = self.env["res.partner"].browse(filter(None, (vals["partner_id"] for vals in vals_list)))
        sales = YearlySales(company.id, self._read_yearly_sales(company, customers))
        drafts = self.with_context(**{SALES_KEY: sales}).create(vals_list)
        return drafts.with_env(self.env)

    def _get_net_worth(self):
        """Net worth in the latest figures of the credit file; ``None`` where it is not known. Hook."""
        return None

    def _describe_formula(self, line, proposal):
        """The formula in words, with the figure it started from."""
        words = {
            "months": self.env._("%s months of average sales", f"{line.limit_months:g}"),
            "purchases": self.env._("%s %% of yearly purchases", f"{line.limit_percent:g}"),
            "net_worth": self.env._("%s %% of net worth", f"{line.limit_percent:g}"),
            "fixed": self.env._("fixed amount"),
        }
        text = self.env._("cash only") if line.is_cash_only else words[line.limit_method]
        if proposal.raw is None:
            return self.env._("%s: the figure is not known, the lowest limit stands in", text)
        bounds = {
            "floor": self.env._("raised to the lowest limit"),
            "ceiling": self.env._("cut to the highest limit"),
        }
        return f"{text}: {bounds[proposal.bound]}" if proposal.bound else text

    # === MONEY === #

    def _get_company_amount(self):
        """The proposed limit in company currency at today's rate."""
        self.ensure_one()
        company = self.company_id
        if not self.currency_id or not company:
            return self.amount
        return self.currency_id._convert(self.amount, company.currency_id, company, company._o2c_today())

    def _get_current_company_amount(self):
        """The limit so far in company currency at today's rate; 0.0 without one."""
        return self.current_limit_id._get_amount_in_company()

    def _from_company_currency(self, amount):
        """An amount in company currency in the currency of the application."""
        company = self.company_id
        if not self.currency_id or self.currency_id == company.currency_id:
            return amount
        return company.currency_id._convert(amount, self.currency_id, company, company._o2c_today())
