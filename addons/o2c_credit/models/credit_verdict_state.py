from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.tools import format_amount

from .credit_verdict import CASH_ONLY

MISSING = "credit_grade_missing"
EXPIRED = "credit_grade_expired"
SUSPENDED = "credit_suspended"
PERIOD = "credit_period"


class CheckpointMixin(models.AbstractModel):
    """Whether the customer gets credit at all: grade, suspension, cash only, period (K2, K3, K4)."""

    _inherit = "o2c.checkpoint.mixin"

    def _get_o2c_state_verdicts(self, facts, owed, *, is_free):
        """Verdicts about the customer's standing.

        :param owed: exposure with this document, company currency
        :param is_free: the document needs no credit: it is paid, or receipts cover all that is owed
        """
        verdicts = [
            self._get_o2c_missing_verdict(facts, is_free=is_free),
            self._get_o2c_expired_verdict(facts, is_free=is_free),
            self._get_o2c_suspended_verdict(facts, is_free=is_free),
        ]
        if self._get_o2c_term(facts, "is_cash_only"):
            verdicts.append(self._get_o2c_cash_verdict(facts, owed, is_free=is_free))
        return verdicts

    def _get_o2c_missing_verdict(self, facts, *, is_free):
        """K2: a customer is graded before the first sale on credit. K1: by what its credit file says, where
        the policy asks for one."""
        is_graded = bool(self._get_o2c_term(facts, "grade_id"))
        lacks_file = not is_free and self._is_o2c_file_missing(facts)
        if is_free or (is_graded and not lacks_file):
            return Verdict(MISSING, "pass", self.env._("The customer is graded."), {})
        evidence = {self.env._("Credit file"): self.env._("none")} if lacks_file else {}
        if not lacks_file:
            message = self.env._("the customer was never graded.")
        elif is_graded:
            message = self.env._("the customer has no credit file.")
        else:
            message = self.env._("the customer was never graded and has no credit file.")
        return Verdict(MISSING, "hold", message, evidence)

    def _is_o2c_file_missing(self, facts):
        """Whether the policy asks for a credit file and there is none."""
        policies = self.env["o2c.credit.policy"]
        if facts["credit_has_file"] or not policies._is_file_asked(self.company_id.id):
            return False
        policy = self._get_o2c_credit_policy()
        return bool(policy and policy["file_required"])

    def _get_o2c_expired_verdict(self, facts, *, is_free):
        """K3: every grade expires."""
        day = self._get_o2c_term(facts, "review_date")
        if is_free or not self._get_o2c_term(facts, "is_expired"):
            return Verdict(EXPIRED, "pass", self.env._("The grade is valid."), {})
        message = self.env._("the grade of the customer expired on %s.", day)
        return Verdict(EXPIRED, "hold", message, {self.env._("Grade valid until"): day})

    def _get_o2c_suspended_verdict(self, facts, *, is_free):
        """K4: nothing on credit while the customer, or the group, is suspended."""
        since = (facts["credit_suspended"] and facts["credit_suspended_since"]) or (
            facts["group_credit_suspended"] and facts["group_credit_suspended_since"]
        )
        if is_free or not since:
            return Verdict(SUSPENDED, "pass", self.env._("Credit is not suspended."), {})
        message = self.env._("credit of the customer is suspended since %s.", since)
        return Verdict(SUSPENDED, "hold", message, {self.env._("Suspended since"): since})

    def _get_o2c_cash_verdict(self, facts, owed, *, is_free):
        """D: nothing on credit. What is owed with this document must have come in before."""
        if is_free or facts["credit_temporary_id"]:
            return Verdict(CASH_ONLY, "pass", self.env._("Nothing is owed after this document."), {})
        currency = self.company_id.currency_id
        message = self.env._(
            "the customer pays cash only: %s must be paid first.", format_amount(self.env, owed, currency)
        )
        evidence = {
            component.label: facts[f"exposure_{component.code}"]
            for component in self.env["o2c.exposure"]._components()
            if facts[f"exposure_{component.code}"]
        }
        evidence[self.env._("To be paid first")] = owed
        return Verdict(CASH_ONLY, "hold", message, evidence, owed)

    # === PERIOD === #

    def _get_o2c_period_verdicts(self, facts, days):
        """The granted credit period against the last due day of the document.

        :param days: from the invoice to its last due day
        """
        prefix = "credit" if facts["credit_limit_id"] else "group_credit"
        granted = facts[f"{prefix}_period_days"]
        if granted is None or facts[f"{prefix}_is_cash_only"]:
            return []
        evidence = {self.env._("Days to pay"): days, self.env._("Granted days"): granted}
        if days <= granted:
            return [Verdict(PERIOD, "pass", self.env._("The credit period is kept."), evidence)]
        message = self.env._(
            "payment after %(days)s days is longer than the granted %(granted)s days.",
            days=days,
            granted=granted,
        )
        return [Verdict(PERIOD, "hold", message, evidence, degree=self._get_o2c_period_degree(days))]

    def _get_o2c_period_degree(self, days):
        """The days of the document, told such that they don't change from one day to the next."""
        return max(days, 0)
