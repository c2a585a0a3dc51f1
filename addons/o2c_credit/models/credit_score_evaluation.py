import hashlib
import json
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError

from ..rules import score as rules
from ..rules.source import Question


class Evaluation(NamedTuple):
    """What the scorecard says about one customer; ``refusals`` are sentences why there is no score."""

    partner: models.BaseModel
    policy: models.BaseModel
    date: object
    result: rules.Result | None = None
    fingerprint: str = ""
    refusals: tuple = ()


class CreditScore(models.Model):
    """How values become a score: reads everything at once and writes nothing."""

    _inherit = "o2c.credit.score"

    # === CHECKS === #

    @api.model
    def _check_policy(self, company, policy):
        """Refuse drafts, which would never become editable again, and policies of other companies."""
        policy = policy.sudo()
        if policy.state == "draft":
            raise UserError(
                self.env._(
                    "%s is a draft. Put it in force before customers are scored by it.", policy.display_name
                )
            )
        if policy.company_id not in company.sudo().parent_ids:
            raise UserError(
                self.env._(
                    "%(policy)s is not a policy of %(company)s.",
                    policy=policy.display_name,
                    company=company.sudo().name,
                )
            )

    # === BUSINESS METHODS === #

    @api.model
    def _evaluate(self, company, partners, date, *, policy=None):
        """What the scorecard says, without writing: ``{commercial partner id: Evaluation}``."""
        company = company.sudo().o2c_exposure_company_id
        debtors = partners.sudo().commercial_partner_id
        policies = self._get_policies(company, debtors, date, policy)
        question = Question(company, tuple(debtors.ids), date)
        factors = self.env["o2c.credit.factor"].sudo().union(*(p.factor_ids for p in policies.values()))
        values = self.env["o2c.credit.source"].sudo()._get_values(question, factors.mapped("source"))
        cards = {applied: applied._get_scorecard() for applied in set(policies.values()) if applied}
        return {
            debtor.id: self._evaluate_one(
                debtor, policies[debtor.id], date, cards.get(policies[debtor.id]), values[debtor.id]
            )
            for debtor in debtors
        }

    # === HELPERS === #

    def _evaluate_again(self):
        found = self._evaluate(self.company_id, self.partner_id, self.date, policy=self.policy_id)
        return found[self.partner_id.commercial_partner_id.id]

    @api.model
    def _get_policies(self, company, debtors, date, policy):
        if policy:
            self._check_policy(company, policy)
            return dict.fromkeys(debtors.ids, policy.sudo())
        return self.env["o2c.credit.policy"]._match_many(company, debtors, date=date)

    @api.model
    def _evaluate_one(self, debtor, policy, date, card, found):
        if not policy or not card:
            return Evaluation(debtor, policy, date, refusals=(self._get_policy_refusal(policy, date),))
        values = {factor.id: factor._get_value(found) for factor in policy.factor_ids}
        result = rules.grade(card, values)
        fingerprint = self._get_digest(
            [debtor.id, policy.id, str(date), [[line.factor, line.value] for line in result.lines]]
        )
        refusals = self._get_refusals(policy, result) if result.score is None else ()
        return Evaluation(debtor, policy, date, result, fingerprint, refusals)

    @api.model
    def _get_policy_refusal(self, policy, date):
        if policy:
            return self.env._("the policy %s has no scorecard", policy.display_name)
        return self.env._("no credit policy was in force for the customer on %s", date)

    @api.model
    def _get_refusals(self, policy, result):
        sources = self.env["o2c.credit.source"]._get_sources()
        factors = policy.factor_ids.filtered(lambda factor: factor.id in result.refused_by)
        if not factors:
            return (self.env._("nothing is known of any factor"),)
        return tuple(
            self.env._(
                "%(factor)s: %(reason)s",
                factor=factor.name,
                reason=sources[factor.source].missing
                if factor.source in sources
                else self.env._("its source is not installed"),
            )
            for factor in factors
        )

    @api.model
    def _get_digest(self, content):
        text = json.dumps(content, sort_keys=True, default=self._get_canonical)
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _get_canonical(self, value):
        return str(value)
