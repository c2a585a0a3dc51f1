from datetime import timedelta

from odoo import api, models


class Hold(models.Model):
    """What the credit policy says about judging and about releases."""

    _inherit = "o2c.hold"

    @api.model
    def _store_decisions(self, decisions, **kwargs):
        """A credit policy that has judged a step is not edited any more."""
        created = super()._store_decisions(decisions, **kwargs)
        ids = {
            policy["id"]
            for decision in decisions
            if decision.checkpoint in ("order", "delivery") and decision.judgements
            for policy in [decision.document._get_o2c_credit_policy()]
            if policy
        }
        self.env["o2c.credit.policy"].sudo().browse(ids)._mark_judged()
        return created

    def _get_release_deviation(self):
        """The deviation of the policy, for what controls of credit found."""
        policy = self._get_credit_policy()
        return policy["release_deviation"] if policy else super()._get_release_deviation()

    @api.model
    def _get_release_day(self, holds):
        """The days of the policy; the shortest, when several customers are released together."""
        policies = [policy for policy in (hold._get_credit_policy() for hold in holds) if policy]
        if not policies:
            return super()._get_release_day(holds)
        company = holds.company_id[:1]
        days = min(min(policy["release_days"] for policy in policies), company.o2c_release_days_max)
        return company._o2c_today() + timedelta(days=days)

    def _get_credit_policy(self):
        """Thresholds of the customer's policy where a control of credit holds the document."""
        self.ensure_one()
        if not self.code.startswith("credit_"):
            return None
        hold = self.sudo()
        return self.env["o2c.credit.policy"]._get_thresholds(hold.company_id, hold.partner_id, hold.team_id)
