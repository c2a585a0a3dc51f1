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

    def _get_step_exclusions(self, step):
        """{user: reason}: beside the request's exclusions those that hang on the role of the step."""
        reasons = self._get_exclusions()
        for user, reason in self.env["o2c.segregation.rule"]._get_document_conflicts(step).items():
            reasons.setdefault(user, reason)
        for user in self._get_self_appointed(step):
            reasons.setdefault(
                user, self.env._("gave himself the role after this request had been submitted")
            )
        return reasons

    def _get_self_appointed(self, step):
        """Users who put themselves into the circle after they could see what is to be decided."""
        entries = (
            self.env["o2c.register"]
            .sudo()
            .search(
                [
                    ("event", "=", "role_changed"),
                    ("res_model", "=", "res.users"),
                    ("date", ">=", self.create_date),
                ]
            )
        )
        return self.env["res.users"].browse(
            entry.res_id
            for entry in entries
            if entry.user_ref == entry.res_id
            and step.group_id.id in (entry.evidence or {}).get("added_ids", ())
        )

    def _get_circle(self, step, exclusions=None):
        """Holders of the step's role who may decide it themselves."""
        if exclusions is None:
            exclusions = self._get_step_exclusions(step)
        excluded = self.env["res.users"].union(*exclusions)
        return self._get_members(step.group_id) - excluded

    def _get_hands(self, step):
        """{user: holder of the role} of everybody who may decide now: holders, then their delegates.

        A delegate stands in for a holder who may decide himself: the delegate of an excluded person is
        nobody, and an excluded person is nobody's delegate.
        """
        if not step:
            return {}
        exclusions = self._get_step_exclusions(step)
        circle = self._get_circle(step, exclusions)
        hands = {user: user for user in circle}
        delegations = self.env["o2c.delegate"]._get_active(
            company=self.company_id, principals=circle, kind=self.kind
        )
        for delegation in delegations:
            delegate = delegation.delegate_id
            if delegate not in exclusions and delegation._is_fit(self.company_id, step.group_id):
                hands.setdefault(delegate, delegation.user_id)
        return hands

    def _get_refusal_reason(self, step, user):
        """Why `user` may not decide `step`: one sentence for the user himself."""
        role = step.group_id.sudo().display_name
        reason = self._get_step_exclusions(step).get(user)
        if reason:
            return self.env._(
                "%(user)s may not decide this request: %(user)s %(reason)s.", user=user.name, reason=reason
            )
        return self.env._(
            "%(user)s may not decide this step: it belongs to the role '%(role)s' in company %(company)s.",
            user=user.name,
            role=role,
            company=self.company_id.sudo().name,
        )

    # --- staffing ---------------------------------------------------------------------------------------

    def _get_open_circles(self):
        """[(step, circle)] of the steps that still need a signature, in their order."""
        steps = self.step_ids.filtered(lambda step: step.state in ("waiting", "current")).sorted("sequence")
        return [(step, self._get_circle(step)) for step in steps]

    def _find_unstaffed_step(self):
        """First open step for which nobody is left when each person signs one step only."""
        circles = self._get_open_circles()
        index = find_unstaffed([circle.ids for _step, circle in circles])
        return self.env["o2c.request.step"] if index is None else circles[index][0]

    def _find_better_signers(self, principal):
        """Others who should sign the current step since `principal` is the last one for a later step."""
        circles = self._get_open_circles()
        ids = [circle.ids for _step, circle in circles]
        if len(ids) < 2 or may_sign_first(principal.id, ids):
            return self.env["res.users"]
        return circles[0][1].filtered(lambda user: may_sign_first(user.id, ids))

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
