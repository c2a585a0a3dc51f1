from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_sentences

from .credit_subject import get_subject_vals


class CreditApplication(models.Model):
    """What the credit policy decides by itself, without a person: suspension of who pays too late."""

    _inherit = "o2c.credit.application"

    decided_by_policy = fields.Boolean(
        readonly=True,
        copy=False,
        help="The daily job put it in force, by a rule of the credit policy. Only an approved application "
        "lifts it.",
    )

    _guarded_fields = ("decided_by_policy",)

    @api.model
    def _suspend_by_policy(self, company, due):
        """Suspend the credit of customers or corporate groups, as a decision of their policies.

        For the daily job: the rule was approved with the policy, so nobody signs each case. Taking
        credit away is all that it can do.
        :param due: ``[(customer or group, policy, figures)]``, see ``rules/watch.py``
        :return: the applications, approved
        """
        applications = self.sudo()._guarded_create(
            [
                {
                    **get_subject_vals(subject),
                    "company_id": company.id,
                    "kind": "suspension",
                    "decided_by_policy": True,
                    "reason": self._describe_policy_suspension(policy, figures),
                }
                for subject, policy, figures in due
            ]
        )
        applications._move_state(
            "requested",
            event="suspended_by_policy",
            message=lambda one: one.reason,
            evidence=lambda one: {"decided_by": one.policy_id.display_name or ""},
        )
        for application in applications:
            application._grant()
        return applications

    @api.model
    def _describe_policy_suspension(self, policy, figures):
        text = self._describe_overdue(policy, figures)
        if not figures.scheduled:
            return text
        part = policy.company_id._o2c_format_amount(figures.scheduled)
        more = self.env._("Of it %s are due by schedule and not invoiced.", part)
        return join_sentences(self.env, [text, more])

    @api.model
    def _describe_overdue(self, policy, figures):
        return self.env._(
            "Suspended by %(policy)s: an item is overdue by %(days)s days, %(allowed)s are allowed; "
            "%(amount)s are overdue.",
            policy=policy.display_name,
            days=figures.oldest_days,
            allowed=policy.suspend_overdue_days,
            amount=policy.company_id._o2c_format_amount(figures.overdue),
        )
