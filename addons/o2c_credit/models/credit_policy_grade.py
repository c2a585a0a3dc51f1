from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules.limit_formula import Formula

# Proposed limits are rounded down to a step that people would choose, in company currency.
ROUNDING = 100.0
PERCENTAGES = ("tolerance", "deposit", "cover", "limit_percent")


class CreditPolicyGrade(models.Model):
    """What one grade grants under one policy (K3)."""

    _name = "o2c.credit.policy.grade"
    _inherit = ["o2c.policy.line.mixin"]
    _description = "Grade of a credit policy"
    _order = "policy_id, score_from desc, id"
    _rec_name = "grade_id"

    policy_id = fields.Many2one("o2c.credit.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="policy_id.currency_id")
    grade_id = fields.Many2one("o2c.credit.grade", required=True, ondelete="restrict")
    score_from = fields.Float(
        string="Score from", help="Lowest score of the grade, on the scale of 0 to 100. The worst has 0."
    )
    is_cash_only = fields.Boolean(string="Cash only", help="Nothing is sold on credit.")
    limit_method = fields.Selection(
        [
            ("months", "Months of average sales"),
            ("purchases", "Share of yearly purchases"),
            ("net_worth", "Share of net worth"),
            ("fixed", "Fixed amount"),
        ],
        default="months",
        required=True,
        help="How the proposed limit is found. Sales are those of the last twelve months, tax included.",
    )
    limit_months = fields.Float(string="Months", help="Months of average sales that may be owed.")
    limit_percent = fields.Float(string="Share (%)", help="Share of yearly purchases, or of net worth.")
    limit_floor = fields.Monetary(
        string="At least", help="The proposal is never lower. For a fixed amount: the amount."
    )
    limit_ceiling = fields.Monetary(string="At most", help="The proposal is never higher. 0: no ceiling.")
    period_days = fields.Integer(string="Credit period (days)", help="Longest time to pay, from the invoice.")
    payment_term_id = fields.Many2one(
        "account.payment.term",
        check_company=False,
        help="Given to orders and invoices of customers with this grade. "
        "Its last day must not lie after the credit period.",
    )
    tolerance = fields.Float(
        string="Tolerance (%)", help="The limit may be exceeded by this share before a document waits."
    )
    deposit = fields.Float(string="Deposit (%)", help="Share of an order to be paid before it is delivered.")
    cover = fields.Float(
        string="Cover (%)", help="Guarantees that the customer must give, as a share of the exposure."
    )
    review_months = fields.Integer(
        string="Review after (months)", default=6, help="The grade expires after so many months."
    )
    may_change_limit = fields.Boolean(
        string="Limit may differ",
        default=True,
        help="An application may propose another limit than the formula's.",
    )
    may_change_period = fields.Boolean(
        string="Period may differ", help="An application may propose a longer credit period."
    )
    may_change_grade = fields.Boolean(
        string="Grade may differ", help="An application may propose a better grade than the score's."
    )

    _grade_uniq = models.Constraint("UNIQUE (policy_id, grade_id)", "A policy says once what a grade grants.")

    # === CHECKS === #

    @api.constrains(
        "score_from", "limit_months", "period_days", "review_months", "limit_floor", "limit_ceiling"
    )
    def _check_ranges(self):
        for line in self:
            if not 0 <= line.score_from <= 100:
                raise ValidationError(self.env._("Scores go from 0 to 100."))
            if line.review_months < 1:
                raise ValidationError(self.env._("Every grade expires: review after one month or more."))
            if min(line.limit_months, line.period_days, line.limit_floor, line.limit_ceiling) < 0:
                raise ValidationError(
                    self.env._("Months, days and amounts of grade %s can't be negative.", line.grade_id.name)
                )
            if line.limit_ceiling and line.limit_floor > line.limit_ceiling:
                raise ValidationError(
                    self.env._("The lowest limit of grade %s is above the highest.", line.grade_id.name)
                )

    @api.constrains(*PERCENTAGES)
    def _check_percentages(self):
        for line in self:
            if min(line[name] for name in PERCENTAGES) < 0 or line.deposit > 100:
                raise ValidationError(
                    self.env._(
                        "Percentages of grade %s can't be negative, a deposit not above 100.",
                        line.grade_id.name,
                    )
                )

    # === BUSINESS METHODS === #

    def _get_formula(self):
        """How the line proposes a limit, as pure data for ``rules/limit_formula.py``."""
        self.ensure_one()
        return Formula(
            self.limit_method,
            months=self.limit_months,
            percent=self.limit_percent,
            floor=self.limit_floor,
            ceiling=self.limit_ceiling,
            is_cash_only=self.is_cash_only,
            rounding=ROUNDING,
        )
