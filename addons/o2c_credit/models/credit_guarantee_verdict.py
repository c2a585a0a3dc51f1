from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.tools import format_amount

from ..rules.guarantee import Cover

CODE = "credit_guarantee"


class CheckpointMixin(models.AbstractModel):
    """The one rule about guarantees, shared by orders and deliveries (K5)."""

    _inherit = "o2c.checkpoint.mixin"

    def _get_o2c_guarantee_verdict(self, facts, added):
        """Compare the cover that the exposure asks for with the guarantees that count today.

        :param facts: facts of the debtor; amounts in company currency
        :param added: company currency; what the document adds to the exposure, 0 when it counts already
        :return: ``Verdict``; the excess is the exposure above what the cover allows
        """
        self.ensure_one()
        currency = self.company_id.currency_id
        percent, why = self._get_o2c_cover_percent(facts)
        if not percent:
            return Verdict(CODE, "pass", self.env._("No cover is asked for."), {})
        exposure = currency.round(facts["exposure"] + added)
        own = Cover(exposure, percent, facts["guarantee_cover"])
        found = self._prepare_o2c_cover_verdict(own, why, self.env._("Exposure"))
        needs_group = currency.compare_amounts(own.needed, facts["guarantee_own"]) > 0
        if found.severity != "pass" or not needs_group:
            return found
        # A guarantee for a whole group covers its members together, not each of them again.
        total = currency.round(facts["group_exposure"] + added)
        group = Cover(max(total, exposure), percent, facts["group_guarantee_cover"])
        return self._prepare_o2c_cover_verdict(group, why, self.env._("Exposure of the group"))

    def _prepare_o2c_cover_verdict(self, cover, why, label):
        """Verdict about one exposure and its cover."""
        currency = self.company_id.currency_id
        needed, missing = currency.round(cover.needed), currency.round(cover.missing)
        evidence = {
            label: cover.exposure,
            self.env._("Cover asked for (%)"): f"{cover.percent:g}",
            self.env._("Cover needed"): needed,
            self.env._("Cover present"): cover.present,
            self.env._("Cover missing"): missing,
        }
        if currency.is_zero(missing):
            # The figures are the evidence: formatting them too would cost each order a query.
            return Verdict(CODE, "pass", self.env._("Guarantees cover what is needed."), evidence)
        message = self.env._(
            "guarantees of %(needed)s are needed for an exposure of %(exposure)s (%(percent)s %%, %(why)s); "
            "%(present)s are present, %(missing)s are missing.",
            exposure=format_amount(self.env, cover.exposure, currency),
            needed=format_amount(self.env, needed, currency),
            present=format_amount(self.env, cover.present, currency),
            missing=format_amount(self.env, missing, currency),
            percent=f"{cover.percent:g}",
            why=why,
        )
        return Verdict(CODE, "hold", message, evidence, currency.round(cover.excess))

    def _get_o2c_cover_percent(self, facts):
        """Percent of the exposure, and why: the highest of grade, first sale and foreign customer."""
        grade = max(facts.get("credit_cover") or 0.0, facts.get("group_credit_cover") or 0.0)
        asked = [(grade, self.env._("by the grade"))]
        asked += self._get_o2c_policy_covers(facts)
        return max(asked, key=lambda one: one[0])

    def _get_o2c_policy_covers(self, facts):
        """What the credit policy asks of new and of foreign customers: list of (percent, why)."""
        policies = self.env["o2c.credit.policy"]
        company = self.company_id
        if not policies._is_cover_asked(company.id):
            return []
        debtor = self._get_o2c_debtor()
        policy = policies._match(company, debtor, team=self._get_o2c_team())
        asked = []
        if policy.new_cover and self.env["o2c.facts"]._is_first_sale(company, debtor):
            asked.append((policy.new_cover, self.env._("first sale")))
        if facts["guarantee_is_foreign"]:
            asked.append((policy.foreign_cover, self.env._("foreign customer")))
        return asked
