from odoo import models
from odoo.fields import Domain

from ..rules.circle import find_unstaffed, may_sign_first


class Request(models.Model):
    """Who may decide: looked up at the moment of the decision, never stored."""

    _inherit = "o2c.request"

    # --- persons ----------------------------------------------------------------------------------------

    def _get_members(self, group):
        """Active employees with access to the company who hold the role, by implication too."""
        self.ensure_one()
        return (
            self.env["res.users"]
            .sudo()
            .with_context(active_test=True)
            .search(
                [
                    ("all_group_ids", "in", group.ids),
                    ("share", "=", False),
                    ("company_ids", "in", self.company_id.ids),
                ],
                order="id",
            )
        )

    def _get_exclusions(self):
        """{user: reason} of everybody who may not decide this request, whatever roles he holds."""
        self.ensure_one()
        reasons = dict.fromkeys(
            self.excluded_user_ids, self.env._("had a part in the document when it was submitted")
        )
        document = self._get_document()
        if document:
            reasons |= document._get_approval_exclusions()
        reasons[self.requester_id] = self.env._("asked for this decision")
        for step in self.step_ids.filtered("decided_by"):
            reasons[step.on_behalf_of] = self.env._("has signed an earlier step, by a delegate")
            reasons[step.decided_by] = self.env._("has signed an earlier step")
        reasons.pop(self.env["res.users"], None)
        return reasons

    def _get_facts(self):
        """What all steps share, read once: (exclusions, acts on the document, self-appointments)."""
        self.ensure_one()
        return (
            self._get_exclusions(),
            self.env["o2c.segregation.rule"]._get_acts(self._get_acted_documents()),
            self._get_self_appointments(),
        )

    def _get_acted_documents(self):
        """[(model, id)] of the document and of those that it is about."""
        document = self._get_document()
        related = document._get_approval_related() if document else ()
        return [(self.res_model, self.res_id), *((record._name, record.id) for record in related)]

    def _get_step_exclusions(self, step, facts=None):
        """{user: reason}: beside the request's exclusions those that hang on the role of the step."""
        reasons, acts, appointments = facts or self._get_facts()
        reasons = dict(reasons)
        for user, reason in (
            self.env["o2c.segregation.rule"]._get_document_conflicts(step.group_id, acts).items()
        ):
            reasons.setdefault(user, reason)
        for user, group_ids in appointments.items():
            if step.group_id.id in group_ids:
                reasons.setdefault(
                    user, self.env._("gave himself the role after this request had been submitted")
                )
        return reasons

    def _get_self_appointments(self):
        """{user: ids of groups} that users gave themselves after they could see what is to be decided."""
        entries = (
            self.env["o2c.register"]
            .sudo()
            .search_fetch(
                [
                    ("event", "=", "role_changed"),
                    ("res_model", "=", "res.users"),
                    ("date", ">=", self.create_date),
                ],
                ["user_ref", "res_id", "evidence"],
            )
        )
        appointments = {}
        for entry in entries.filtered(lambda entry: entry.user_ref == entry.res_id):
            group_ids = appointments.setdefault(self.env["res.users"].browse(entry.res_id), set())
            group_ids.update((entry.evidence or {}).get("added_ids", ()))
        return appointments

    def _get_circle(self, step, facts=None):
        """Holders of the step's role who may decide it themselves."""
        excluded = self.env["res.users"].union(*self._get_step_exclusions(step, facts))
        return self._get_members(step.group_id) - excluded

    def _get_hands(self, step, facts=None):
        """{user: holder of the role} of everybody who may decide now: holders, then their delegates.

        A delegate stands in for a holder who may decide himself: the delegate of an excluded person is
        nobody, and an excluded person is nobody's delegate.
        """
        if not step:
            return {}
        facts = facts or self._get_facts()
        circle = self._get_circle(step, facts)
        hands = {user: user for user in circle}
        delegations = self.env["o2c.delegate"]._get_active(
            company=self.company_id, principals=circle, kind=self.kind
        )
        if delegations:
            exclusions = self._get_step_exclusions(step, facts)
            for delegation in delegations:
                delegate = delegation.delegate_id
                if delegate not in exclusions and delegation._is_fit(self.company_id, step.group_id):
                    hands.setdefault(delegate, delegation.user_id)
        return hands

    def _get_refusal_reason(self, step, user, facts=None):
        """Why `user` may not decide `step`: one sentence for the user himself."""
        reason = self._get_step_exclusions(step, facts).get(user)
        if reason:
            return self.env._(
                "%(user)s may not decide this request: %(user)s %(reason)s.", user=user.name, reason=reason
            )
        return self.env._(
            "%(user)s may not decide this step: it belongs to the role '%(role)s' in company %(company)s.",
            user=user.name,
            role=step.group_id.sudo().display_name,
            company=self.company_id.sudo().name,
        )

    # --- staffing ---------------------------------------------------------------------------------------

    def _get_open_steps(self):
        """Steps that still need a signature, in their order."""
        return self.step_ids.filtered(lambda step: step.state in ("waiting", "current")).sorted("sequence")

    def _find_unstaffed_step(self):
        """First open step for which nobody is left when each person signs one step only."""
        steps, facts = self._get_open_steps(), self._get_facts()
        index = find_unstaffed([self._get_circle(step, facts).ids for step in steps])
        return self.env["o2c.request.step"] if index is None else steps[index]

    def _find_better_signers(self, principal, facts):
        """Others who should sign the current step since `principal` is the last one for a later step."""
        steps = self._get_open_steps()
        if len(steps) < 2:
            return self.env["res.users"]
        circles = [self._get_circle(step, facts) for step in steps]
        ids = [circle.ids for circle in circles]
        if may_sign_first(principal.id, ids):
            return self.env["res.users"]
        return circles[0].filtered(lambda user: may_sign_first(user.id, ids))

    # --- sets of requests -------------------------------------------------------------------------------

    def _get_decidable_domain(self, user):
        """Pending requests that `user` may decide now, himself or for somebody, in one domain.

        The list uses it. The decision itself looks again, one request at a time, at the document too.
        """
        user = user.sudo()
        if not user.active or user.share:
            return Domain.FALSE
        principals = self.env["o2c.delegate"]._get_principals_by_kind(user)
        holders = self._get_holder_domain(user)
        for principal, kinds in principals.items():
            domain = self._get_holder_domain(principal)
            holders |= domain if kinds is None else domain & Domain("kind", "in", sorted(kinds))
        return (
            Domain("state", "=", "pending")
            & Domain("company_id", "in", user.company_ids.ids)
            & self._get_unsigned_domain(user)
            & holders
        )

    def _get_holder_domain(self, user):
        """Requests whose current role `user` holds and to which he is no stranger nor party."""
        return (
            Domain("current_group_id", "in", user._get_group_ids())
            & Domain("company_id", "in", user.company_ids.ids)
            & self._get_unsigned_domain(user)
        )

    @staticmethod
    def _get_unsigned_domain(user):
        signed = Domain("decided_by", "=", user.id) | Domain("on_behalf_of", "=", user.id)
        return (
            Domain("requester_id", "!=", user.id)
            & Domain("excluded_user_ids", "not in", user.ids)
            & Domain("step_ids", "not any", signed)
        )
