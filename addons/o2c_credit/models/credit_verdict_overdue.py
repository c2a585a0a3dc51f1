from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.tools import float_compare, format_amount

OVERDUE = "credit_overdue"
SHARE = "credit_overdue_share"


class CheckpointMixin(models.AbstractModel):
    """Who pays late gets no new credit (R3). The policy of the customer says from when on."""

    _inherit = "o2c.checkpoint.mixin"

    def _get_o2c_overdue_verdicts(self, facts, *, is_free):
        """Oldest overdue item and share overdue; without a credit policy nothing is judged."""
        policy = self._get_o2c_credit_policy()
        if not policy:
            return []
        if is_free or not facts["overdue_amount"]:
            overdue = 0.0
        else:
            # Receipts that nobody has matched yet pay what is overdue.
            overdue = max(facts["overdue_amount"] + min(facts["exposure_unallocated"], 0.0), 0.0)
        overdue = self.company_id.currency_id.round(overdue)
        return [
            self._get_o2c_oldest_verdict(facts, policy, overdue),
            self._get_o2c_share_verdict(facts, policy, overdue),
        ]

    def _get_o2c_credit_policy(self):
        """Thresholds that judge the document's debtor, or ``None``."""
        return self.env["o2c.credit.policy"]._get_thresholds(
            self.company_id, self._get_o2c_debtor(), self._get_o2c_team()
        )

    def _get_o2c_oldest_verdict(self, facts, policy, overdue):
        """The oldest overdue item against the days of the policy, above its least amount."""
        currency, days = self.company_id.currency_id, facts["overdue_days"]
        is_small = currency.compare_amounts(overdue, policy["overdue_min_amount"]) <= 0
        if not policy["overdue_days"] or days <= policy["overdue_days"] or is_small:
            return Verdict(OVERDUE, "pass", self.env._("No item is overdue for too long."), {})
        message = self.env._(
            "the oldest item is overdue by %(days)s days, %(allowed)s are allowed; %(amount)s are overdue.",
            days=days,
            allowed=policy["overdue_days"],
            amount=format_amount(self.env, overdue, currency),
        )
        evidence = {
            self.env._("Oldest overdue item (days)"): days,
            self.env._("Allowed days"): policy["overdue_days"],
            **self._prepare_o2c_overdue_evidence(facts, policy, overdue),
        }
        return Verdict(OVERDUE, "hold", message, evidence)

    def _get_o2c_share_verdict(self, facts, policy, overdue):
        """The overdue part of what is owed against the share of the policy."""
        owed = facts["exposure_receivable"] + min(facts["exposure_unallocated"], 0.0)
        share = min(overdue / owed * 100, 100.0) if owed > 0 else 0.0
        is_within = float_compare(share, policy["overdue_share"], precision_digits=2) <= 0
        if not policy["overdue_share"] or is_within:
            return Verdict(SHARE, "pass", self.env._("Not too much is overdue."), {})
        message = self.env._(
            "%(share)s %% of what the customer owes is overdue, %(allowed)s %% are allowed.",
            share=f"{share:.1f}",
            allowed=f"{policy['overdue_share']:g}",
        )
        evidence = {
            self.env._("Share overdue (%)"): f"{share:.1f}",
            self.env._("Allowed share (%)"): f"{policy['overdue_share']:g}",
            **self._prepare_o2c_overdue_evidence(facts, policy, overdue),
        }
        return Verdict(SHARE, "hold", message, evidence)

    def _prepare_o2c_overdue_evidence(self, facts, policy, overdue):
        evidence = {
            self.env._("Overdue"): overdue,
            self.env._("Open receivables"): facts["exposure_receivable"],
        }
        if facts["exposure_unallocated"]:
            evidence[self.env._("Unallocated receipts")] = facts["exposure_unallocated"]
        return {**evidence, self.env._("Credit policy"): policy["name"]}
