from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date

KINDS = [
    ("first", "First grading"),
    ("review", "Review"),
    ("raise", "Raise"),
    ("cut", "Cut"),
    ("temporary", "Temporary raise"),
    ("suspension", "Suspension"),
    ("lifting", "Lifting of a suspension"),
]
# Kinds that grant regular terms.
REGULAR = frozenset(("first", "review", "raise", "cut"))
WITH_AMOUNT = REGULAR | {"temporary"}
TERMS = (
    "grade_id",
    "is_cash_only",
    "amount",
    "currency_id",
    "tolerance",
    "period_days",
    "payment_term_id",
    "deposit",
    "cover",
    "date_from",
    "date_to",
    "review_date",
)
# What an approver decides on. It is fixed at submission.
DECISIVE = frozenset(
    (*TERMS, "kind", "partner_id", "corporate_group_id", "company_id", "policy_id", "score_id")
)


class CreditApplication(models.Model):
    """What a credit officer proposes for a customer, and what the approvers need to decide.

    An approved application is the only way to grade, limit, period, raise or suspension.
    """

    _name = "o2c.credit.application"
    _inherit = [
        "o2c.transition.mixin",
        "o2c.approval.mixin",
        "o2c.credit.subject.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Credit application"
    _order = "id desc"
    _check_company_auto = True

    _guarded_fields = ("limit_id", "contributor_ids", "decided_on")
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _transitions = {
        "draft": ("requested", "cancelled"),
        "requested": ("approved", "refused", "draft"),
        "refused": ("draft", "cancelled"),
        "cancelled": ("draft",),
    }

    kind = fields.Selection(
        KINDS,
        compute="_compute_kind",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
        index=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To approve"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    partner_id = fields.Many2one(tracking=True)
    corporate_group_id = fields.Many2one(
        tracking=True,
        help="Customers that are one risk. Choose a group instead of a customer to limit them together.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    user_id = fields.Many2one(help="Is told about the decision, and never takes part in it.")
    reason = fields.Text(tracking=True, help="Why these terms: what an approver should know.")
    contributor_ids = fields.Many2many(
        "res.users",
        string="Worked out by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Whoever wrote the proposal. None of them decides on it.",
    )
    limit_id = fields.Many2one(
        "o2c.credit.limit", string="Granted", readonly=True, copy=False, index="btree_not_null"
    )
    decided_on = fields.Datetime(readonly=True, copy=False)

    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A credit limit can't be negative.")

    # === COMPUTES === #

    @api.depends("partner_id", "corporate_group_id", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for application in self:
            subject, kind = application._get_subject().name, labels.get(application.kind, "")
            application.display_name = f"{subject}: {kind}" if subject else kind

    @api.depends("partner_id", "corporate_group_id", "company_id")
    def _compute_kind(self):
        """A first grading while there are no terms, a review afterwards."""
        for application in self:
            if application.state == "draft" and (not application.kind or application.kind == "first"):
                application.kind = "review" if application._find_current() else "first"

    # === CHECKS === #

    def _check_is_draft(self, what):
        fixed = self.filtered(lambda application: application.state != "draft")
        if fixed:
            raise UserError(
                self.env._(
                    "%(application)s was submitted and can't be %(what)s any more. "
                    "Make a new application instead: its terms follow these once they are approved.",
                    application=fixed[0].display_name,
                    what=what,
                )
            )

    def _check_officer(self):
        """:raise AccessError: for everybody but credit officers"""
        if not self.env.su and not self.env.user.has_group("o2c_base.group_credit_officer"):
            raise AccessError(self.env._("Only a credit officer works on credit applications."))
        self.check_access("write")

    def _guard_check_write(self, vals):
        super()._guard_check_write(vals)
        if DECISIVE.intersection(vals):
            self._check_is_draft(self.env._("changed"))

    def _guard_get_hint(self):
        return self.env._("Submit the application: the people in the authority table decide.")

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        applications = super().create(vals_list)
        applications._guarded_write({"contributor_ids": [(4, self.env.uid)]})
        return applications

    def write(self, vals):
        changed = DECISIVE.intersection(vals)
        result = super().write(vals)
        if changed and any(self.env.user not in one.contributor_ids for one in self.sudo()):
            self.sudo()._guarded_write({"contributor_ids": [(4, self.env.uid)]})
        return result

    def unlink(self):
        # Before the open request lapses, which would put the application back into draft.
        self._check_is_draft(self.env._("deleted"))
        return super().unlink()

    # === ACTIONS === #

    def action_submit(self):
        """Ask the people whom the authority table names to approve the terms."""
        self._check_officer()
        self._check_is_draft(self.env._("submitted again"))
        for application in self:
            application._refresh_proposal()
            application._check_proposal()
        self._move_state(
            "requested",
            event="limit_requested",
            message=lambda one: self.env._("Credit application submitted: %s", one._describe()),
            evidence=lambda one: one._prepare_evidence(),
        )
        with self._submitting():
            for application in self:
                application._submit_for_approval(application.reason)
        return True

    def action_reset_draft(self):
        """Work on a refused or cancelled application again; the refusal stays in the history."""
        self._check_officer()
        self._move_state(
            "draft",
            event="limit_reopened",
            message=lambda one: self.env._("Credit application taken up again: %s", one._describe()),
        )
        return True

    def action_cancel(self):
        """Drop drafts and refused applications."""
        self._check_officer()
        self._move_state(
            "cancelled",
            event="limit_cancelled",
            message=lambda one: self.env._("Credit application cancelled: %s", one._describe()),
        )
        return True

    def action_open_limit(self):
        """Open what was granted."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "o2c.credit.limit",
            "res_id": self.limit_id.id,
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _prepare_register_vals(self):
        self.ensure_one()
        return {
            "partner": self.partner_id,
            "amount": self.amount,
            "currency": self.currency_id,
            "company": self.company_id,
            "policy": self.policy_id,
        }

    def _describe(self):
        """One line: whose terms, what, how much, from when until when."""
        self.ensure_one()
        until = self.date_to and self.env._(" until %s", format_date(self.env, self.date_to)) or ""
        return self.env._(
            "%(application)s, %(amount)s from %(start)s%(until)s",
            application=self.display_name,
            amount=format_amount(self.env, self.amount, self.currency_id or self.company_currency_id),
            start=format_date(self.env, self.date_from),
            until=until,
        )

    def _prepare_evidence(self):
        """The proposal as the register keeps it."""
        self.ensure_one()
        return {
            "kind": self.kind,
            "subject": self._get_subject().display_name,
            **{name: self._get_plain(name) for name in TERMS},
        }

    def _get_plain(self, name):
        """Value of a field for JSON: names of records, text of dates."""
        value = self[name]
        if isinstance(value, models.BaseModel):
            return value.display_name or ""
        return str(value or "") if self._fields[name].type == "date" else value
