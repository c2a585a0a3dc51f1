from odoo import fields, models


class CheckpointMixin(models.AbstractModel):
    """Overdue instalments count with overdue items, where the policy of the customer says so (R3)."""

    _inherit = "o2c.checkpoint.mixin"

    def _get_o2c_overdue_verdicts(self, facts, *, is_free):
        policy = self._get_o2c_credit_policy()
        if policy and facts.get("instalments_overdue") and self._is_o2c_counting_instalments(policy):
            facts = self._add_o2c_instalments(facts)
        return super()._get_o2c_overdue_verdicts(facts, is_free=is_free)

    def _is_o2c_counting_instalments(self, policy):
        return self.env["o2c.credit.policy"]._is_counting(policy["id"])

    def _add_o2c_instalments(self, facts):
        """Facts as if overdue instalments were invoiced. Receipts that pay instalments pay nothing else."""
        since = fields.Date.to_date(facts["instalments_since"])
        days = (self.company_id._o2c_today() - since).days
        amount = facts["instalments_overdue"]
        return {
            **facts,
            "overdue_amount": (facts["overdue_amount"] or 0.0) + amount,
            "overdue_days": max(facts["overdue_days"] or 0, days),
            "exposure_receivable": facts["exposure_receivable"] + amount,
            "exposure_unallocated": min(facts["exposure_unallocated"] + facts["instalments_advance"], 0.0),
        }
