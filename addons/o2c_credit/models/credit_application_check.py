from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date

from .credit_application import REGULAR


class CreditApplication(models.Model):
    """What may be proposed: nobody gets more than the kind says or the policy allows.

    One list of objections serves the screen, the submission and the fingerprint.
    """

    _inherit = "o2c.credit.application"

    def _check_proposal(self):
        """:raise ValidationError: with every objection against the proposal"""
        self.ensure_one()
        objections = self._get_objections()
        if objections:
            raise ValidationError(
                self.env._(
                    "%(application)s can't be submitted:\n%(reasons)s",
                    application=self.display_name,
                    reasons="\n".join(f"- {objection}" for objection in objections),
                )
            )

    def _get_objections(self):
        """Why the proposal can't be submitted or approved as it is: a list of sentences."""
        self.ensure_one()
        objections = [*self._get_date_objections(), *self._get_kind_objections()]
        if self.kind in REGULAR:
            objections += self._get_term_objections()
            objections += self._get_policy_objections()
        return objections

    # === DATES === #

    def _get_date_objections(self):
        today = self.company_id._o2c_today()
        start = max(self.date_from, today)
        if self.date_to and self.date_to < start:
            yield self.env._("the last day %s is over.", format_date(self.env, self.date_to))
        if self.kind == "temporary" and not self.date_to:
            yield self.env._("a temporary raise names its last day.")
        if self.kind not in REGULAR:
            return
        if self.grade_id and not self.review_date:
            yield self.env._("every grade expires: say until when it is valid.")
        if self.review_date and self.review_date < start:
            yield self.env._("the grade would have expired on %s.", format_date(self.env, self.review_date))

    # === KIND === #

    def _get_kind_objections(self):
        """Whether the terms are what the kind calls them: its name decides how high the approval goes."""
        if self.kind in ("raise", "temporary"):
            return self._get_raise_objections()
        if self.kind == "cut":
            return self._get_cut_objections()
        if self.kind == "suspension" and self.is_suspended:
            return [self.env._("credit is suspended already.")]
        if self.kind == "lifting" and not self.is_suspended:
            return [self.env._("credit is not suspended.")]
        return []

    def _get_raise_objections(self):
        if self.company_currency_id.compare_amounts(self.amount_change, 0.0) > 0:
            return []
        return [
            self.env._(
                "%(amount)s is no raise of the limit so far, %(current)s.",
                amount=self._format_company(self._get_company_amount()),
                current=self._format_company(self._get_current_company_amount()),
            )
        ]

    def _get_cut_objections(self):
        """A cut is approved at the lowest level, so nothing in it may be better than today."""
        current = self.current_limit_id
        if not current:
            return [self.env._("there are no terms to cut.")]
        better = {
            "amount": self.company_currency_id.compare_amounts(self.amount_change, 0.0) > 0,
            "grade_id": self._is_grade_better(current.grade_id),
            "is_cash_only": current.is_cash_only and not self.is_cash_only,
            "period_days": self.period_days > current.period_days,
            "tolerance": self.tolerance > current.tolerance,
            "deposit": self.deposit < current.deposit,
            "cover": self.cover < current.cover,
            "date_to": bool(current.date_to) and (not self.date_to or self.date_to > current.date_to),
            "review_date": bool(current.review_date)
            and (not self.review_date or self.review_date > current.review_date),
        }
        return [
            self.env._(
                "%s would be better than today: apply for a review or a raise.",
                self._fields[name]._description_string(self.env),
            )
            for name, is_better in better.items()
            if is_better
        ]

    def _is_grade_better(self, than):
        """Whether the proposed grade ranks above another; any grade is better than none."""
        if not self.grade_id or self.grade_id == than:
            return False
        return not than or than._is_below(self.grade_id)

    # === TERMS === #

    def _get_term_objections(self):
        if self.is_cash_only and self.amount:
            yield self.env._("cash only means no limit: set it to zero.")
        if min(self.period_days, self.tolerance, self.deposit, self.cover) < 0:
            yield self.env._("days and percentages can't be negative.")
        if self.payment_term_id:
            days = self.payment_term_id._get_o2c_last_days(self.company_id._o2c_today())
            if days > self.period_days:
                yield self.env._(
                    "payment terms %(term)s run %(days)s days, the credit period is %(period)s days.",
                    term=self.payment_term_id.display_name,
                    days=days,
                    period=self.period_days,
                )

    # === POLICY === #

    def _get_policy_objections(self):
        """What goes beyond the grade's line of the policy; without a policy nothing does."""
        if not self.policy_id:
            return []
        line = self._get_line()
        if not line:
            return [self._get_no_line_objection()]
        return [*self._get_grade_objections(), *self._get_line_objections(line)]

    def _get_no_line_objection(self):
        if not self.grade_id:
            return self.env._("the credit policy asks for a grade.")
        return self.env._(
            "%(policy)s grants nothing to grade %(grade)s.",
            policy=self.policy_id.display_name,
            grade=self.grade_id.name,
        )

    def _get_grade_objections(self):
        """A grade is earned by a score, kept from today, or allowed to differ by the policy."""
        earned = self.score_grade_id
        if earned and not self._is_grade_better(earned):
            return []
        current = self.current_limit_id
        is_kept = current.grade_id and not self._is_grade_better(current.grade_id)
        if not earned and is_kept and self.review_date <= (current.review_date or self.review_date):
            return []
        if self.policy_id._get_line_of(earned or self.grade_id).may_change_grade:
            return []
        if not earned:
            return [self.env._("grade %s needs a score of the customer.", self.grade_id.name)]
        return [
            self.env._(
                "the score earns grade %(earned)s, and the policy allows no better one such as %(grade)s.",
                earned=earned.name,
                grade=self.grade_id.name,
            )
        ]

    def _get_line_objections(self, line):
        amount, formula = self._get_company_amount(), self.formula_amount
        is_more = self.company_currency_id.compare_amounts(amount, formula) > 0
        if is_more and not line.may_change_limit and self.kind != "cut":
            yield self.env._(
                "limit %(amount)s is above the formula's %(formula)s, and the policy allows no other.",
                amount=self._format_company(amount),
                formula=self._format_company(formula),
            )
        if self.period_days > line.period_days and not line.may_change_period and self.kind != "cut":
            yield self.env._(
                "the policy grants grade %(grade)s %(days)s days, not %(asked)s.",
                grade=self.grade_id.name,
                days=line.period_days,
                asked=self.period_days,
            )
        yield from self._get_fixed_objections(line)

    def _get_fixed_objections(self, line):
        """Terms that the policy fixes for the grade: they may be stricter, never looser."""
        looser = {
            "is_cash_only": line.is_cash_only and not self.is_cash_only,
            "tolerance": self.tolerance > line.tolerance,
            "deposit": self.deposit < line.deposit,
            "cover": self.cover < line.cover,
            "review_date": bool(self.review_date) and self.review_date > self._get_latest_grade_day(line),
        }
        for name, is_looser in looser.items():
            if is_looser and self.kind != "cut":
                yield self.env._(
                    "%(field)s is looser than the policy's for grade %(grade)s.",
                    field=self._fields[name]._description_string(self.env),
                    grade=self.grade_id.name,
                )

    def _format_company(self, amount):
        return format_amount(self.env, amount, self.company_currency_id)
