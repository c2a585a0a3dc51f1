from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_amount, format_date

TERMS = {"partner_id", "company_id", "amount", "date_from", "date_to"}


class CreditLimit(models.Model):
    """How much a customer may owe a company, from a day on.

    Limits are never edited after submission: a new limit follows the old one,
    so the limit of any past day can always be answered.
    """

    _name = "o2c.credit.limit"
    _inherit = ["o2c.transition.mixin", "o2c.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Credit limit"
    _order = "date_from desc, id desc"

    _approval_kind = "credit_limit"
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _transitions = {
        "draft": ("requested",),
        "requested": ("in_force", "refused", "draft"),
        "refused": ("draft",),
    }

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        domain="[('parent_id', '=', False), ('company_id', 'in', [False, company_id])]",
        help="The company that owes. Contacts of a company share its limit.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.o2c_exposure_company_id,
        help="The company that sells. Branches share the limit of their main company.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        string="Limit",
        required=True,
        tracking=True,
        help="Most that the customer may owe: open invoices, undelivered and uninvoiced orders, "
        "less receipts not yet matched. In the currency of the company. Zero means: nothing on credit.",
    )
    date_from = fields.Date(
        string="Valid from",
        required=True,
        tracking=True,
        default=lambda self: self.env.company._o2c_today(),
    )
    date_to = fields.Date(
        string="Valid until",
        tracking=True,
        help="Last day of the limit. Empty: until another limit follows. When a limit ends, "
        "an earlier one that is still valid counts again; if there is none, nothing may be owed.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To approve"),
            ("in_force", "Approved"),
            ("refused", "Refused"),
        ],
        default="draft",
        required=True,
        copy=False,
        index=True,
        tracking=True,
    )
    reason = fields.Text(help="Why this amount: what an approver should know.")
    is_current = fields.Boolean(
        string="In force today",
        compute="_compute_is_current",
        search="_search_is_current",
        help="This is the limit that orders and deliveries are measured against today.",
    )

    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A credit limit can't be negative.")
    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A credit limit can't end before it begins."
    )
    _in_force_idx = models.Index("(partner_id, company_id, date_from DESC, id DESC) WHERE state = 'in_force'")

    # === COMPUTES === #

    @api.depends("partner_id", "amount", "company_id")
    def _compute_display_name(self):
        for limit in self:
            amount = format_amount(self.env, limit.amount, limit.currency_id) if limit.currency_id else ""
            limit.display_name = f"{limit.partner_id.name or ''} {amount}".strip()

    @api.depends("state", "date_from", "date_to", "partner_id", "company_id")
    def _compute_is_current(self):
        current = set(self._get_current_ids(self.partner_id.ids))
        for limit in self:
            limit.is_current = limit._origin.id in current

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = True in value
        return [("id", "in" if wanted else "not in", self._get_current_ids())]

    @api.model
    def _get_current_ids(self, partner_ids=None):
        """Ids of the limits in force today, one per customer and company."""
        self.flush_model()
        companies = self.env.companies.o2c_exposure_company_id
        ids = []
        for company in companies:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (l.partner_id) l.id
                      FROM o2c_credit_limit l
                     WHERE l.company_id = %(company)s AND %(valid)s %(partners)s
                     ORDER BY l.partner_id, l.date_from DESC, l.id DESC
                    """,
                    company=company.id,
                    valid=self._sql_valid("l", company._o2c_today()),
                    partners=SQL("AND l.partner_id = ANY(%s)", list(partner_ids))
                    if partner_ids is not None
                    else SQL(),
                )
            )
            ids += [row[0] for row in rows]
        return ids

    @api.model
    def _sql_valid(self, alias, date):
        """SQL condition: the limit ``alias`` is approved and valid on ``date``."""
        table = SQL.identifier(alias)
        return SQL(
            "%(t)s.state = 'in_force' AND %(t)s.date_from <= %(day)s"
            " AND (%(t)s.date_to IS NULL OR %(t)s.date_to >= %(day)s)",
            t=table,
            day=date,
        )

    # === CHECKS === #

    @api.constrains("partner_id")
    def _check_partner_is_debtor(self):
        for limit in self:
            debtor = limit.partner_id.commercial_partner_id
            if limit.partner_id != debtor:
                raise ValidationError(
                    self.env._(
                        "A limit belongs to the company that owes. "
                        "Choose %(debtor)s instead of its contact %(contact)s.",
                        debtor=debtor.display_name,
                        contact=limit.partner_id.display_name,
                    )
                )

    @api.constrains("company_id")
    def _check_company_holds_limits(self):
        for limit in self:
            root = limit.company_id.o2c_exposure_company_id
            if limit.company_id != root:
                raise ValidationError(
                    self.env._(
                        "%(branch)s shares the limits of %(root)s. Choose that company.",
                        root=root.name,
                        branch=limit.company_id.name,
                    )
                )

    def _check_is_draft(self, what):
        fixed = self.filtered(lambda limit: limit.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "The limit of %(customer)s was submitted and can't be %(what)s any more. "
                    "Make a new limit instead: it replaces this one once it is approved.",
                    customer=fixed[0].partner_id.display_name,
                    what=what,
                )
            )

    # === CRUD === #

    def write(self, vals):
        if TERMS & set(vals):
            self._check_is_draft(self.env._("changed"))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        self._check_is_draft(self.env._("deleted"))

    # === ACTIONS === #

    def action_submit(self):
        """Ask the people whom the authority table names to approve the limit."""
        self.check_access("write")
        self._check_is_draft(self.env._("submitted again"))
        self._move_state(
            "requested",
            event="limit_requested",
            message=lambda limit: self.env._("Credit limit submitted for approval: %s", limit._describe()),
        )
        for limit in self:
            limit._submit_for_approval(limit.reason)
        return True

    def action_reset_draft(self):
        """Work on a refused limit again; the refusal stays in the history."""
        self.check_access("write")
        self._move_state(
            "draft",
            event="limit_reopened",
            message=lambda limit: self.env._("Refused credit limit taken up again: %s", limit._describe()),
        )
        return True

    def action_new_limit(self):
        """Open a draft that would follow this limit."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "view_mode": "form",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "default_amount": self.amount,
            },
        }

    # === APPROVAL === #

    def _get_approval_amount(self):
        return self.amount

    def _get_approval_partner(self):
        return self.partner_id

    def _get_approval_excluded_users(self):
        return super()._get_approval_excluded_users() | self.partner_id.user_id

    def _get_approval_fingerprint(self):
        return {
            "partner": self.partner_id.id,
            "company": self.company_id.id,
            "amount": self.amount,
            "date_from": str(self.date_from),
            "date_to": str(self.date_to or ""),
        }

    def _get_approval_summary(self):
        exposure = self._get_exposure()
        before = self._get_limit(self.company_id, self.partner_id)
        return self.env["ir.qweb"]._render(
            "o2c_credit.limit_approval_summary",
            {
                "limit": self,
                "before": before,
                "exposure": exposure,
                "money": lambda amount: format_amount(self.env, amount, self.currency_id),
            },
        )

    def _on_request_approved(self, request):
        super()._on_request_approved(request)
        self._move_state(
            "in_force",
            event="limit_approved",
            message=lambda limit: self.env._("Credit limit approved: %s", limit._describe()),
        )
        for limit in self:
            self.env["o2c.hold"]._recheck_partner(limit.partner_id, limit.company_id)

    def _on_request_rejected(self, request):
        super()._on_request_rejected(request)
        self._move_state(
            "refused",
            event="limit_refused",
            message=lambda limit: self.env._("Credit limit refused: %s", limit._describe()),
        )

    def _on_request_lapsed(self, request):
        super()._on_request_lapsed(request)
        self._back_to_draft()

    def _on_request_withdrawn(self, request):
        super()._on_request_withdrawn(request)
        self._back_to_draft()

    def _back_to_draft(self):
        self._move_state(
            "draft",
            event="limit_reopened",
            message=lambda limit: self.env._("Credit limit back in draft: %s", limit._describe()),
        )

    # === BUSINESS METHODS === #

    @api.model
    def _get_limit(self, company, partner, date=None):
        """The limit in force on ``date`` (default: today in the company), or an empty record.

        A branch without limits of its own answers with those of the company that holds them.
        """
        company = company.sudo().o2c_exposure_company_id
        date = date or company._o2c_today()
        return self.sudo().search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "=", company.id),
                ("state", "=", "in_force"),
                ("date_from", "<=", date),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", date),
            ],
            order="date_from desc, id desc",
            limit=1,
        )

    def _get_exposure(self):
        """Exposure of the customer now, in company currency."""
        self.ensure_one()
        exposures = self.env["o2c.exposure"]._get_exposure(self.partner_id, self.company_id)
        return exposures[self.partner_id.id]

    def _prepare_register_vals(self):
        self.ensure_one()
        return {
            "partner": self.partner_id,
            "amount": self.amount,
            "currency": self.currency_id,
            "company": self.company_id,
        }

    def _describe(self):
        self.ensure_one()
        until = self.date_to and self.env._(" until %s", format_date(self.env, self.date_to)) or ""
        return self.env._(
            "%(customer)s, %(amount)s from %(start)s%(until)s",
            customer=self.partner_id.display_name,
            amount=format_amount(self.env, self.amount, self.currency_id),
            start=format_date(self.env, self.date_from),
            until=until,
        )
