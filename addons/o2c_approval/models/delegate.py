from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

POLICY_GROUP = "o2c_base.group_policy_administrator"


class Delegate(models.Model):
    """Somebody decides for somebody else between two dates.

    The rule: a delegate is an active employee with access to the company of the request, and no person
    whom segregation of duties would keep from the role. He passes nothing on, and he decides only what
    the holder of the role could decide himself: the delegate of a requester approves nothing for him.
    Delegations are never edited or deleted; they end.
    """

    _name = "o2c.delegate"
    _description = "Delegation of Decisions"
    _inherit = "o2c.guarded.mixin"
    _order = "date_from desc, id desc"

    _guarded_fields = ("ended_on",)
    _guarded_create_allowed = True

    user_id = fields.Many2one(
        "res.users",
        string="Holder of the Role",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    delegate_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date(required=True, help="The last day, included.")
    kind = fields.Selection(selection="_selection_kind", help="Empty: every kind of request.")
    reason = fields.Char(help="Holiday, business trip, illness.")
    ended_on = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        [("planned", "Planned"), ("active", "Active"), ("ended", "Ended")], compute="_compute_state"
    )
    can_end = fields.Boolean(compute="_compute_can_end")

    _dates = models.Constraint("CHECK (date_to >= date_from)", "A delegation ends on or after its first day.")
    _self = models.Constraint("CHECK (user_id != delegate_id)", "Nobody is his own delegate.")

    @api.model
    def _selection_kind(self):
        return self.env["o2c.request"]._fields["kind"]._description_selection(self.env)

    # --- computes ---------------------------------------------------------------------------------------

    @api.depends("user_id", "delegate_id")
    def _compute_display_name(self):
        for delegation in self:
            delegation.display_name = self.env._(
                "%(delegate)s for %(user)s",
                delegate=delegation.sudo().delegate_id.name,
                user=delegation.sudo().user_id.name,
            )

    @api.depends("date_from", "date_to", "ended_on")
    def _compute_state(self):
        today = self.env.company._o2c_today()
        for delegation in self:
            if delegation.ended_on or (delegation.date_to and delegation.date_to < today):
                delegation.state = "ended"
            else:
                is_planned = not delegation.date_from or delegation.date_from > today
                delegation.state = "planned" if is_planned else "active"

    @api.depends("state", "user_id")
    @api.depends_context("uid")
    def _compute_can_end(self):
        for delegation in self:
            delegation.can_end = delegation.state != "ended" and delegation._may_manage(self.env.user)

    # --- checks -----------------------------------------------------------------------------------------

    @api.constrains("user_id", "delegate_id", "date_from")
    def _check_delegate(self):
        for delegation in self:
            for user in (delegation.user_id, delegation.delegate_id):
                if user.share or not user.active:
                    raise ValidationError(
                        self.env._("%s is no active employee: decisions stay among employees.", user.name)
                    )
            if not delegation.user_id.company_ids & delegation.delegate_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(delegate)s has no access to any company of %(user)s.",
                        delegate=delegation.delegate_id.name,
                        user=delegation.user_id.name,
                    )
                )
            delegation._check_segregation()

    def _check_segregation(self):
        """:raises ValidationError: the delegate holds a duty that excludes the role he would exercise"""
        held = self.delegate_id.all_group_ids
        rule = self.env["o2c.segregation.rule"]._find_conflict(held, self.user_id.all_group_ids - held)
        if rule:
            raise ValidationError(
                self.env._(
                    "%(delegate)s can't decide for %(user)s: '%(rule)s' keeps these duties apart.",
                    delegate=self.delegate_id.name,
                    user=self.user_id.name,
                    rule=rule.name,
                )
            )

    # --- CRUD -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        for delegation in delegations:
            delegation._check_manager()
            # a day of tolerance: today may be yesterday in UTC
            if delegation.date_from < fields.Date.today() - timedelta(days=1):
                raise ValidationError(self.env._("A delegation can't begin in the past."))
            delegation._log(self.env._("Delegation: %s", delegation.display_name))
        return delegations

    def write(self, vals):
        if set(vals) - {"ended_on"}:
            raise AccessError(self.env._("A delegation is not edited. End it and make a new one."))
        return super().write(vals)

    # --- actions ----------------------------------------------------------------------------------------

    def action_end(self):
        """End the delegation now: the holder of the role, or a policy administrator."""
        for delegation in self:
            delegation.check_access("read")
            delegation._check_manager()
            if delegation.state == "ended":
                continue
            delegation.sudo()._guarded_write({"ended_on": fields.Datetime.now()})
            delegation._log(self.env._("Delegation ended: %s", delegation.display_name))
        return True

    # --- business ---------------------------------------------------------------------------------------

    def _may_manage(self, user):
        self.ensure_one()
        return user == self.user_id or user.has_group(POLICY_GROUP)

    def _check_manager(self):
        if not self._may_manage(self.env.user):
            raise AccessError(
                self.env._(
                    "Only %s or a policy administrator delegates these decisions.", self.sudo().user_id.name
                )
            )

    def _log(self, message):
        self.env["o2c.register"]._log(
            self,
            "delegate_changed",
            message,
            evidence={
                "user": self.sudo().user_id.login,
                "delegate": self.sudo().delegate_id.login,
                "from": self.date_from,
                "to": self.date_to,
                "kind": self.kind or None,
                "reason": self.reason or None,
                "ended_on": self.ended_on or None,
            },
        )

    @api.model
    def _get_active(self, *, company=None, principals=None, delegates=None, kind=None):
        """Delegations that count today, of these holders or for these delegates."""
        today = (company or self.env.company)._o2c_today()
        domain = Domain([("date_from", "<=", today), ("date_to", ">=", today), ("ended_on", "=", False)])
        if principals is not None:
            domain &= Domain("user_id", "in", principals.ids)
        if delegates is not None:
            domain &= Domain("delegate_id", "in", delegates.ids)
        if kind:
            domain &= Domain("kind", "in", [kind, False])
        return self.sudo().search(domain, order="id")

    def _is_fit(self, company, group):
        """Whether the delegate may act in `company` today, as if he held the role `group` himself."""
        self.ensure_one()
        delegate = self.delegate_id
        if not delegate.active or delegate.share or company not in delegate.company_ids:
            return False
        return not self.env["o2c.segregation.rule"]._find_conflict(delegate.all_group_ids, group)

    @api.model
    def _get_principals_by_kind(self, user):
        """{holder: kinds} for whom `user` may decide today; None instead of kinds means all."""
        principals = {}
        for delegation in self._get_active(delegates=user):
            holder = delegation.user_id
            if not holder.active or holder.share:
                continue
            kinds = principals.get(holder, set())
            principals[holder] = None if kinds is None or not delegation.kind else kinds | {delegation.kind}
        return principals

    @api.model
    def _get_principals(self, user):
        return self.env["res.users"].union(*self._get_principals_by_kind(user))

    def _guard_get_hint(self):
        return self.env._("End the delegation and make a new one.")
