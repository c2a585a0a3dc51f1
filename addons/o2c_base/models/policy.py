"""Dated policies: what judged a document is never edited."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, ormcache

from ..rules.policy_match import PolicyRule, first_match

SCOPE_FIELDS = ("corporate_group_ids", "partner_category_ids", "country_ids", "team_ids")
CONTENT_FIELDS = ("name", "company_id", "sequence", "active", "date_from", "date_to", *SCOPE_FIELDS)


class OwnModelMany2one(fields.Many2one):
    """Many2one to the model that inherits it, which a mixin can't name."""

    def _setup_attrs__(self, model_class, name):
        super()._setup_attrs__(model_class, name)
        self.comodel_name = model_class._name


class PolicyMixin(models.AbstractModel):
    """A dated company record with a scope; the first match by sequence applies.

    draft → in force → superseded. A policy that has judged a document can't be edited any
    more: a new version takes its place from a day on, and the old one keeps answering for the
    days before. Concrete models list the fields that hold their thresholds in
    ``_policy_locked_fields``; the mixin adds its own.
    """

    _name = "o2c.policy.mixin"
    _inherit = ["o2c.transition.mixin", "mail.thread"]
    _description = "Dated Policy"
    _order = "sequence, id"

    _guarded_fields = ("version", "previous_id", "is_used")
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _transitions = {"draft": ("in_force",), "in_force": ("superseded",)}
    # Class attributes of all classes of the model add up, as with _guarded_fields.
    _policy_locked_fields: tuple[str, ...] = CONTENT_FIELDS

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
        tracking=True,
    )
    sequence = fields.Integer(
        default=10,
        tracking=True,
        help="Of the policies that fit a customer the one with the lowest number applies.",
    )
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("draft", "Draft"), ("in_force", "In Force"), ("superseded", "Superseded")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    date_from = fields.Date(
        string="In Force from",
        required=True,
        default=lambda self: self.env.company._o2c_today(),
        tracking=True,
    )
    date_to = fields.Date(
        string="In Force until",
        copy=False,
        tracking=True,
        help="Last day on which the policy applies. Empty: until a new version replaces it.",
    )
    version = fields.Integer(required=True, readonly=True, default=1, copy=False)
    previous_id = OwnModelMany2one(
        string="Previous Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    is_used = fields.Boolean(
        string="Has Judged",
        readonly=True,
        copy=False,
        help="Documents were judged by this policy. It can only be replaced by a new version.",
    )

    # Restrict: an emptied scope would admit everybody.
    corporate_group_ids = fields.Many2many(
        "o2c.corporate.group", string="Corporate Groups", ondelete="restrict")
    partner_category_ids = fields.Many2many(
        "res.partner.category",
        string="Customer Tags",
        ondelete="restrict",
        help="Also applies to customers with a tag below one of these.",
    )
    country_ids = fields.Many2many("res.country", string="Countries", ondelete="restrict")
    team_ids = fields.Many2many("crm.team", string="Sales Teams", ondelete="restrict")

    # === COMPUTES === #

    @api.depends("name", "version")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = policy.name if policy.version <= 1 else self.env._(
                "%(name)s (version %(version)s)", name=policy.name, version=policy.version)

    # === CHECKS === #

    @api.constrains("date_from", "date_to", "state")
    def _check_dates(self):
        for policy in self:
            # A version that was replaced on its first day applies on no day at all.
            if policy.state != "superseded" and policy.date_to and policy.date_to < policy.date_from:
                raise ValidationError(self.env._(
                    "%(policy)s would end on %(end)s, before it begins on %(start)s.",
                    policy=policy.display_name, end=policy.date_to, start=policy.date_from))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for policy in self:
            if policy.state != "draft":
                raise UserError(self.env._(
                    "%(policy)s has been in force and stays in the history. End it instead.",
                    policy=policy.display_name))

    def _check_policy_right(self):
        if not self.env.su and not self.env.user.has_group("o2c_base.group_policy_administrator"):
            raise AccessError(self.env._("Only a policy administrator may do this."))
        self.check_access("write")

    def _guard_check_write(self, vals):
        super()._guard_check_write(vals)
        if not self._get_locked_fields().isdisjoint(vals):
            self._check_editable()
            self._log_edit(vals)

    def _check_editable(self):
        """Refuse changes of what has judged documents or is history.

        :raise UserError: that asks for a new version
        """
        for policy in self:
            if policy.is_used or policy.state == "superseded":
                raise UserError(self.env._(
                    "Documents were judged by %(policy)s, so it stays as it is. "
                    "Create a new version to change it from a day on.",
                    policy=policy.display_name,
                ) if policy.is_used else self.env._(
                    "%(policy)s is history and stays as it is.", policy=policy.display_name))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - {"is_used"}:
            self.env.registry.clear_cache()
        if vals.get("active") is False and self.filtered(lambda policy: policy.state == "in_force"):
            raise UserError(self.env._("A policy in force can't be archived. End it first."))
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # === ACTIONS === #

    def action_put_in_force(self):
        """Put drafts in force; the version before ends on the day before."""
        self._check_policy_right()
        for policy in self:
            previous = policy.previous_id.filtered(lambda p: p.state == "in_force")
            policy._check_not_backdated(previous)
            policy._move_state("in_force", event="policy_in_force", message=self.env._(
                "%(policy)s is in force from %(start)s",
                policy=policy.display_name, start=policy.date_from,
            ), evidence=policy._prepare_policy_evidence())
            previous._supersede(policy.date_from - timedelta(days=1), event="policy_superseded")
        return True

    def action_new_version(self):
        """Open a draft that will replace this policy."""
        self.ensure_one()
        self._check_policy_right()
        if self.state != "in_force":
            raise UserError(self.env._("Only a policy in force gets a new version."))
        draft = self.search([("previous_id", "=", self.id), ("state", "=", "draft")], limit=1)
        if not draft:
            [vals] = self.copy_data({"name": self.name, "date_from": max(
                self.date_from, self.company_id._o2c_today())})
            draft = self._guarded_create([{
                **vals, "version": self.version + 1, "previous_id": self.id}])
        return draft._get_form_action()

    def action_end(self):
        """Let policies apply until yesterday, without a successor."""
        self._check_policy_right()
        for policy in self:
            policy._supersede(
                policy.company_id._o2c_today() - timedelta(days=1), event="policy_ended")
        return True

    # === BUSINESS METHODS === #

    @api.model
    def _match(self, company, partner, *, team=None, date=None):
        """The policy that applies to a customer.

        :param company: policies of this company come before those of its parents
        :param partner: customer (its commercial partner counts), or an empty recordset
        :param team: sales team of the document
        :param date: as of this day; today of the company if empty. Past days are answered by
            the version that was in force then.
        :return: one policy with superuser rights, or an empty recordset
        """
        return self._match_many(company, partner, team=team, date=date)[partner.id]

    @api.model
    def _match_many(self, company, partners, *, team=None, date=None):
        """Policies of many customers: ``{partner_id: policy}``; see ``_match``."""
        day = fields.Date.to_date(date) or company._o2c_today()
        rules = self._get_rules(company.id)
        # Where every policy is for everybody, nothing about the customers has to be read.
        is_scoped = any(rule.is_scoped for rule in rules)
        subjects = self._get_policy_subjects(company, partners, team=team, day=day) if is_scoped else {}
        return {
            partner.id: self.sudo().browse(first_match(rules, subjects.get(partner.id, {}), day))
            for partner in partners or [partners]
        }

    def _mark_used(self):
        """Remember that a document was judged; from now on the policy can't be edited."""
        fresh = self.sudo().filtered(lambda policy: not policy.is_used)
        if fresh:
            fresh._guarded_write({"is_used": True})

    # === HOOKS === #

    @api.model
    def _get_scope_fields(self):
        """Names of the fields that say for whom; extend together with _get_policy_subject."""
        return SCOPE_FIELDS

    @api.model
    def _get_policy_subjects(self, company, partners, *, team=None, day=None):
        """What customers are for a company on a day: ``{partner id: ids per scope field}``.

        Hook for what is not on the customer: ask for all of them at once.
        """
        return {partner.id: self._get_policy_subject(partner, team) for partner in partners or [partners]}

    @api.model
    def _get_policy_subject(self, partner, team=None):
        """What a customer is, as ids per scope field."""
        commercial = partner.sudo().commercial_partner_id
        tags = {
            int(tag_id)
            for tag in commercial.category_id
            for tag_id in (tag.parent_path or f"{tag.id}/").split("/")[:-1]
        }
        return {
            "corporate_group_ids": set(commercial.o2c_corporate_group_id.ids),
            "partner_category_ids": tags,
            "country_ids": set(commercial.country_id.ids),
            "team_ids": set(team.ids) if team else set(),
        }

    # === IN SQL === #

    @api.model
    def _sql_match(self, companies, company_id, *, team=None):
        """Id of the policy that applies today to a row: the rules by which ``_match`` finds it, as one CASE.

        The row has the alias ``customer``: the commercial partner of a customer (res_partner).

        :param companies: those whose rows are asked about
        :param company_id: SQL of the row's company
        :param team: SQL of the row's sales team; without one, policies for teams apply to nobody
        """
        cases = [
            SQL("WHEN %s = %s AND %s THEN %s",
                company_id, company.id, self._sql_is_for(rule.scope, company, team), rule.policy_id)
            for company in companies
            for rule in self._get_rules(company.id)
            if rule.is_in_force(company._o2c_today())
        ]
        return SQL("CASE %s END", SQL(" ").join(cases)) if cases else SQL("NULL::int")

    @api.model
    def _sql_is_for(self, scope, company, team=None):
        """Whether a row is inside every scope that a policy names."""
        conditions = [
            self._sql_is_in(name, sorted(ids), company, team) for name, ids in scope.items() if ids]
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")

    @api.model
    def _sql_is_in(self, name, ids, company, team=None):
        """Whether a row of ``company`` is in one scope of a policy. Hook: extend with _get_scope_fields."""
        columns = {
            "corporate_group_ids": SQL("customer.o2c_corporate_group_id"),
            "country_ids": SQL("customer.country_id"),
            "team_ids": team or SQL("NULL::int"),
        }
        if name in columns:
            return SQL("COALESCE(%s = ANY(%s), FALSE)", columns[name], ids)
        if name != "partner_category_ids":
            return SQL("FALSE")
        return SQL(
            """EXISTS (SELECT FROM res_partner_res_partner_category_rel rel
                         JOIN res_partner_category tag ON tag.id = rel.category_id
                        WHERE rel.partner_id = customer.id
                          AND STRING_TO_ARRAY(TRIM(TRAILING '/' FROM tag.parent_path), '/')::int[] && %s)""",
            ids)

    # === HELPERS === #

    @api.model
    @ormcache("company_id")
    def _get_rules(self, company_id):
        """All policies that ever applied in a company and its parents, in order of precedence."""
        parents = self.env["res.company"].sudo().browse(company_id).parent_ids
        depth = {company.id: position for position, company in enumerate(parents[::-1])}
        policies = self.sudo().with_context(active_test=False).search([
            ("company_id", "in", parents.ids), ("state", "!=", "draft")])
        return tuple(
            PolicyRule(policy.id, policy.date_from, policy.date_to or None, {
                name: frozenset(policy[name].ids) for name in self._get_scope_fields()
            })
            for policy in policies.sorted(lambda p: (depth[p.company_id.id], p.sequence, p.id))
        )

    @api.model
    @ormcache()
    def _get_locked_fields(self):
        names = set(self._get_scope_fields())
        for cls in type(self).__mro__:
            names.update(vars(cls).get("_policy_locked_fields", ()))
        return frozenset(names)

    def _supersede(self, last_day, *, event):
        for policy in self:
            end = min(last_day, policy.date_to) if policy.date_to else last_day
            policy._move_state("superseded", event=event, vals={"date_to": end}, message=self.env._(
                "%(policy)s applies until %(end)s", policy=policy.display_name, end=end))

    def _check_not_backdated(self, previous):
        today = self.company_id._o2c_today()
        if previous.is_used and self.date_from < today:
            raise UserError(self.env._(
                "%(previous)s has judged documents. Its new version can be in force from today "
                "(%(today)s) on, not from %(start)s.",
                previous=previous.display_name, today=today, start=self.date_from))

    def _log_edit(self, vals):
        """Register edits of policies that are in force but have judged nothing yet."""
        names = sorted(self._get_locked_fields().intersection(vals))
        for policy in self.filtered(lambda policy: policy.state == "in_force"):
            self.env["o2c.register"]._log(
                policy, "policy_edited", policy=policy,
                message=self.env._("%(policy)s was edited before its first use",
                                   policy=policy.display_name),
                evidence={name: {"from": policy._get_evidence_value(name), "to": vals[name]}
                          for name in names},
            )

    def _prepare_register_vals(self):
        return {**super()._prepare_register_vals(), "policy": self}

    def _prepare_policy_evidence(self):
        """The whole policy as it judges from now on."""
        return {name: self._get_evidence_value(name) for name in sorted(self._get_locked_fields())
                if name in self._fields}

    def _get_evidence_value(self, name):
        value = self[name]
        return value.mapped("display_name") if isinstance(value, models.BaseModel) else value

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _guard_get_hint(self):
        return self.env._("Put the policy in force, create a new version, or end it.")
