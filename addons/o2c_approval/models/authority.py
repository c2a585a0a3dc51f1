from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..rules.ladder import LADDER, Level, UncoveredAmountError, plan_steps


class Authority(models.Model):
    """One row of the company's authority table: a role signs a kind of document up to an amount.

    Open requests are not touched by changes: their steps were frozen when they were submitted.
    """

    _name = "o2c.authority"
    _description = "Authority Row"
    _inherit = "o2c.logged.mixin"
    _order = "company_id, kind, is_unlimited, amount_to, id"
    _check_company_auto = True

    _logged_event = "authority_changed"
    _logged_fields = ("company_id", "kind", "group_id", "amount_to", "is_unlimited")

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(selection="_selection_kind", required=True, index=True)
    mode = fields.Selection(selection="_selection_mode", compute="_compute_mode", string="Way")
    group_id = fields.Many2one(
        "res.groups",
        string="Role",
        required=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Whoever belongs to this group, directly or by another group that implies it, may sign.",
    )
    amount_to = fields.Monetary(
        string="Amount Up To",
        aggregator=None,
        help="In company currency, the amount itself included. Rows are used in the order of their amounts.",
    )
    is_unlimited = fields.Boolean(string="Unlimited", help="This role signs any amount.")

    _amount_positive = models.Constraint(
        "CHECK (amount_to >= 0)", "An authority covers an amount of zero or more."
    )
    _role_uniq = models.Constraint(
        "UNIQUE (company_id, kind, group_id)",
        "This role already has a row for this kind in this company: change that row.",
    )
    _amount_uniq = models.UniqueIndex(
        "(company_id, kind, amount_to) WHERE is_unlimited IS NOT TRUE",
        "Two roles would have the same authority for this kind: give them different amounts, so that their "
        "order is clear.",
    )
    _unlimited_uniq = models.UniqueIndex(
        "(company_id, kind) WHERE is_unlimited IS TRUE",
        "Only one role per kind and company may sign any amount.",
    )

    @api.model
    def _selection_kind(self):
        return self.env["o2c.request"]._fields["kind"]._description_selection(self.env)

    @api.model
    def _selection_mode(self):
        return self.env["o2c.authority.kind"]._fields["mode"]._description_selection(self.env)

    # --- computes ---------------------------------------------------------------------------------------

    @api.depends("company_id", "kind")
    def _compute_mode(self):
        settings = self.env["o2c.authority.kind"].sudo().search([("company_id", "in", self.company_id.ids)])
        modes = {(setting.company_id, setting.kind): setting.mode for setting in settings}
        for row in self:
            row.mode = modes.get((row.company_id, row.kind), LADDER)

    @api.depends("kind", "group_id", "amount_to", "is_unlimited")
    def _compute_display_name(self):
        kinds = dict(self._selection_kind())
        for row in self:
            limit = self.env._("any amount") if row.is_unlimited else row._format_amount(row.amount_to)
            row.display_name = (
                f"{kinds.get(row.kind, row.kind)}: {row.sudo().group_id.display_name} ({limit})"
            )

    def _format_amount(self, amount):
        return self.company_id._o2c_format_amount(amount)

    # --- checks -----------------------------------------------------------------------------------------

    @api.constrains("group_id")
    def _check_group_id(self):
        outsiders = self.env.ref("base.group_portal") | self.env.ref("base.group_public")
        for row in self:
            if row.group_id.sudo().share or row.group_id.sudo().all_implied_ids & outsiders:
                raise ValidationError(
                    self.env._(
                        "%(role)s is a group of outsiders: authority is given to roles of employees.",
                        role=row.group_id.sudo().display_name,
                    )
                )

    @api.onchange("is_unlimited")
    def _onchange_is_unlimited(self):
        if self.is_unlimited:
            self.amount_to = 0.0

    # --- CRUD -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        for row in rows:
            self.env["o2c.authority.kind"]._ensure_setting(row.kind, row.company_id)
        return rows

    # --- business ---------------------------------------------------------------------------------------

    @api.model
    def _get_rows(self, kind, company):
        """Rows that count for `company`: its own, or those of the nearest parent company that has any."""
        for owner in reversed(company.sudo().parent_ids):
            rows = self.sudo().search([("kind", "=", kind), ("company_id", "=", owner.id)])
            if rows:
                return rows
        return self.sudo().browse()

    @api.model
    def _plan(self, kind, company, amount):
        """Steps (see `rules.ladder`) for `amount` in company currency.

        :raises UserError: no row covers the amount; the message names the row that is missing
        """
        rows = self._get_rows(kind, company)
        owner = rows.company_id or company
        setting = self.env["o2c.authority.kind"]._get_setting(kind, owner)
        levels = [Level(row.group_id.id, None if row.is_unlimited else row.amount_to) for row in rows]
        try:
            return plan_steps(
                levels,
                amount,
                mode=setting.mode or LADDER,
                cosigns=setting._get_cosigns(),
                rounding=company.currency_id.rounding,
            )
        except UncoveredAmountError as error:
            raise UserError(
                self.env._(
                    "No authority row covers %(amount)s for '%(kind)s' in company %(company)s: add one in "
                    "Configuration > Authority table.",
                    amount=company._o2c_format_amount(amount),
                    kind=dict(self._selection_kind()).get(kind, kind),
                    company=company.name,
                )
            ) from error
