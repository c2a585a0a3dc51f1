from odoo import models
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.tools import format_amount

CODE = "credit_limit"


class CheckpointMixin(models.AbstractModel):
    """The one rule about the limit, shared by orders and deliveries."""

    _inherit = "o2c.checkpoint.mixin"

    def _get_o2c_limit_verdict(self, facts, added):
        """Compare exposure plus what the document adds with the limit in force (K3).

        :param facts: facts of the debtor; amounts in company currency
        :param added: company currency; what the document adds to the exposure, 0 when it counts already
        :return: ``Verdict``; passes when the customer never had a limit
        """
        self.ensure_one()
        limit = facts["credit_limit"]
        if limit is None:
            return Verdict(CODE, "pass", self.env._("No credit limit was ever set."), {})
        currency = self.company_id.currency_id
        exposure = currency.round(facts["exposure"] + added)
        excess = max(currency.round(exposure - limit), 0.0)
        evidence = self._prepare_o2c_limit_evidence(facts, added, exposure)
        if currency.compare_amounts(exposure, limit) <= 0:
            message = self.env._(
                "Exposure %(exposure)s is within the credit limit %(limit)s.",
                exposure=format_amount(self.env, exposure, currency),
                limit=format_amount(self.env, limit, currency),
            )
            return Verdict(CODE, "pass", message, evidence)
        return Verdict(CODE, "hold", self._format_o2c_limit_excess(facts, exposure, excess), evidence, excess)

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
        return evidence

    def _format_o2c_limit_excess(self, facts, exposure, excess):
        currency = self.company_id.currency_id
        if not facts["credit_limit_valid"]:
            return self.env._(
                "the credit limit ended on %(date)s and exposure would be %(exposure)s.",
                date=facts["credit_limit_until"],
                exposure=format_amount(self.env, exposure, currency),
            )
        return self.env._(
            "exposure %(exposure)s would exceed the limit %(limit)s by %(excess)s.",
            exposure=format_amount(self.env, exposure, currency),
            limit=format_amount(self.env, facts["credit_limit"], currency),
            excess=format_amount(self.env, excess, currency),
        )
