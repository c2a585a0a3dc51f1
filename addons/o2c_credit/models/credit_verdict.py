from odoo import models
from odoo.addons.o2c_hold.rules.effect import STOPPING
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.tools import format_amount

LIMIT = "credit_limit"
GROUP_LIMIT = "credit_group_limit"
CASH_ONLY = "credit_cash_only"


class CheckpointMixin(models.AbstractModel):
    """What a document may owe, alone and with its group; shared by orders and deliveries (K3)."""

    _inherit = "o2c.checkpoint.mixin"

    # === ALL === #

    def _get_o2c_credit_verdicts(self, facts, added, *, is_paid):
        """Verdicts of all controls of credit about one document.

        :param facts: facts of the debtor; amounts in company currency
        :param added: company currency; what the document adds to the exposure, 0 when it counts already
        :param is_paid: money that came in covers the document
        """
        self.ensure_one()
        owed = self.company_id.currency_id.round(facts["exposure"] + added)
        is_free = is_paid or owed <= 0
        return [
            self._get_o2c_limit_verdict(facts, added, is_paid=is_paid),
            *self._get_o2c_group_verdicts(facts, added, is_paid=is_paid),
            *self._get_o2c_state_verdicts(facts, owed, is_free=is_free),
            *self._get_o2c_overdue_verdicts(facts, is_free=is_free),
        ]

    def _is_o2c_money_asked(self, verdicts):
        """Whether a control would stop the document, so that it matters what was paid for it."""
        control = self.env["o2c.control"]
        return any(
            verdict.severity != "pass"
            and control._get_setting(verdict.code, self.company_id).mode != "off"
            for verdict in verdicts
        )

    # === LIMIT === #

    def _get_o2c_limit_verdict(self, facts, added, *, is_paid=False):
        """Compare exposure plus what the document adds with the limit in force (K3).

        :return: ``Verdict``; passes when the customer never had a limit
        """
        if is_paid:
            return Verdict(LIMIT, "pass", self.env._("The order is paid: it needs no credit."), {})
        limit = facts["credit_limit"]
        if limit is None:
            return Verdict(LIMIT, "pass", self.env._("No credit limit was ever set."), {})
        if self._is_o2c_cash_judged(facts):
            return Verdict(LIMIT, "pass", self.env._("Cash only: no limit is granted."), {})
        currency = self.company_id.currency_id
        # Guarantees that were granted on top of the limit.
        limit = currency.round(limit + facts["guarantee_addition"])
        exposure = currency.round(facts["exposure"] + added)
        evidence = self._prepare_o2c_limit_evidence(facts, added, exposure)
        excess = self._get_o2c_limit_excess(exposure, limit, facts["credit_tolerance"])
        if not excess:
            # The figures are the evidence: formatting them too would cost each order a query.
            message = self.env._("Exposure is within the credit limit.")
            return Verdict(LIMIT, "pass", message, evidence)
        return Verdict(
            LIMIT, "hold", self._format_o2c_limit_excess(facts, exposure, excess), evidence, excess
        )

    def _get_o2c_ceiling(self, limit, tolerance):
        """The limit with its tolerance, rounded in company currency."""
        return self.company_id.currency_id.round(limit * (1 + tolerance / 100)) if tolerance else limit

    def _get_o2c_limit_excess(self, exposure, limit, tolerance):
        """By how much the exposure is over the limit; 0.0 within its tolerance. Company currency."""
        currency = self.company_id.currency_id
        is_within = currency.compare_amounts(exposure, self._get_o2c_ceiling(limit, tolerance)) <= 0
        return 0.0 if is_within else currency.round(exposure - limit)

    def _is_o2c_cash_judged(self, facts):
        """Whether the control about cash customers stops what the limit of zero would stop too."""
        if not self._get_o2c_term(facts, "is_cash_only") or facts["credit_temporary_id"]:
            return False
        setting = self.env["o2c.control"]._get_setting(CASH_ONLY, self.company_id)
        return setting.mode == "enforcing" and setting.severity in STOPPING

    @staticmethod
    def _get_o2c_term(facts, name):
        """A term of the customer; of its group where the customer has no terms of its own."""
        prefix = "credit" if facts["credit_limit_id"] else "group_credit"
        return facts[f"{prefix}_{name}"]

    def _prepare_o2c_limit_evidence(self, facts, added, exposure):
        """Waterfall of the exposure, then the limit. The labels are what the screen shows."""
        evidence = {
            component.label: facts[f"exposure_{component.code}"]
            for component in self.env["o2c.exposure"]._components()
            if facts[f"exposure_{component.code}"]
        }
        if added:
            evidence[self.env._("This document")] = added
        evidence[self.env._("Exposure")] = exposure
        evidence[self.env._("Credit limit")] = facts["credit_limit"]
        if facts["guarantee_addition"]:
            evidence[self.env._("Guarantees on top of the limit")] = facts["guarantee_addition"]
        if facts["credit_temporary_id"]:
            evidence[self.env._("Temporary raise until")] = facts["credit_temporary_until"]
        if facts["credit_tolerance"]:
            evidence[self.env._("Tolerance (%)")] = str(facts["credit_tolerance"])
        return evidence

    def _format_o2c_limit_excess(self, facts, exposure, excess):
        currency = self.company_id.currency_id
        if not facts["credit_limit_valid"] and not facts["credit_temporary_id"]:
            return self.env._(
                "the credit limit ended on %(date)s and exposure would be %(exposure)s.",
                date=facts["credit_limit_until"],
                exposure=format_amount(self.env, exposure, currency),
            )
        return self.env._(
            "exposure %(exposure)s would exceed the limit %(limit)s by %(excess)s.",
            exposure=format_amount(self.env, exposure, currency),
            limit=format_amount(self.env, facts["credit_limit"] + facts["guarantee_addition"], currency),
            excess=format_amount(self.env, excess, currency),
        )

    # === GROUP === #

    def _get_o2c_group_verdicts(self, facts, added, *, is_paid):
        """The limit of the corporate group against what its members owe together."""
        limit = facts["group_credit_limit"]
        if limit is None:
            return []
        if is_paid:
            return [Verdict(GROUP_LIMIT, "pass", self.env._("The order is paid: it needs no credit."), {})]
        currency = self.company_id.currency_id
        limit = currency.round(limit + facts["group_guarantee_addition"])
        exposure = currency.round(facts["group_exposure"] + added)
        evidence = self._prepare_o2c_group_evidence(facts, added, exposure)
        excess = self._get_o2c_limit_excess(exposure, limit, facts["group_credit_tolerance"])
        if not excess:
            message = self.env._("Exposure is within the limit of the group.")
            return [Verdict(GROUP_LIMIT, "pass", message, evidence)]
        message = self.env._(
            "exposure %(exposure)s of the group %(group)s would exceed its limit %(limit)s by %(excess)s.",
            exposure=format_amount(self.env, exposure, currency),
            group=self._get_o2c_debtor().o2c_corporate_group_id.name,
            limit=format_amount(self.env, limit, currency),
            excess=format_amount(self.env, excess, currency),
        )
        return [Verdict(GROUP_LIMIT, "hold", message, evidence, excess)]

    def _prepare_o2c_group_evidence(self, facts, added, exposure):
        evidence = {
            self.env._("This customer"): facts["exposure"],
            self.env._("Other members of the group"): facts["group_exposure"] - facts["exposure"],
        }
        if added:
            evidence[self.env._("This document")] = added
        evidence[self.env._("Exposure of the group")] = exposure
        evidence[self.env._("Limit of the group")] = facts["group_credit_limit"]
        if facts["group_guarantee_addition"]:
            evidence[self.env._("Guarantees on top of the limit")] = facts["group_guarantee_addition"]
        return evidence
