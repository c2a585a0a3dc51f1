from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ..rules.guarantee import USUAL_HAIRCUTS
from ..rules.validity import is_current

# What an approver decides on; nobody changes it after submission.
TERMS = (
    "kind",
    "partner_id",
    "corporate_group_id",
    "company_id",
    "guarantor_id",
    "value",
    "currency_id",
    "haircut",
    "adds_to_limit",
    "date_from",
    "date_to",
    "payment_id",
    "replaces_id",
    "reason",
)


class CreditGuarantee(models.Model):
    """What secures the debts of a customer or a corporate group (K5).

    A guarantee counts from its approval, between its days, with its value less the haircut.
    Nothing of it is edited after submission: another one replaces it.
    """

    _name = "o2c.credit.guarantee"
    _inherit = [
        "o2c.transition.mixin",
        "o2c.approval.mixin",
        "o2c.credit.subject.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Guarantee"
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "partner_id", "corporate_group_id"]

    _approval_kind = "credit_guarantee"
    _guarded_fields = ("name", "cover_approved", "closed_on", "closing_reason", "contributor_ids", "reminded")
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _transition_event = "guarantee_state"
    _transitions = {
        "draft": ("requested",),
        "requested": ("in_force", "refused", "draft"),
        "refused": ("draft",),
        "in_force": ("released", "called", "expired"),
    }

    name = fields.Char(
        string="Number",
        required=True,
        readonly=True,
        default=lambda self: self.env["ir.sequence"].sudo().next_by_code("o2c.credit.guarantee"),
    )
    kind = fields.Selection(
        [
            ("deposit", "Deposit"),
            ("mortgage", "Mortgage"),
            ("pledge", "Pledge"),
            ("third_party", "Third-party guarantee"),
            ("letter_of_credit", "Letter of credit"),
            ("insurance", "Credit insurance"),
        ],
        string="Type",
        required=True,
        default="third_party",
        tracking=True,
    )
    partner_id = fields.Many2one(tracking=True, help="Whose debts are secured.")
    corporate_group_id = fields.Many2one(
        tracking=True,
        help="Instead of a customer: the debts of all members together are secured.",
    )
    company_id = fields.Many2one(help="The company whose claims are secured.")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    guarantor_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        tracking=True,
        help="Who pays if the customer does not: bank, insurer, parent company, owner.",
    )
    officer_id = fields.Many2one(
        "res.users",
        string="Credit officer",
        ondelete="set null",
        default=lambda self: self.env.user,
        domain=lambda self: [("all_group_ids", "in", self.env.ref("o2c_base.group_credit_officer").ids)],
        help="Is reminded before the guarantee ends.",
    )

    # === WORTH === #

    value = fields.Monetary(
        required=True, tracking=True, help="What the guarantee is worth, before the haircut."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company.o2c_exposure_company_id.currency_id,
    )
    haircut = fields.Float(
        string="Haircut (%)",
        compute="_compute_haircut",
        store=True,
        readonly=False,
        tracking=True,
        help="What the value would lose until it has become money.",
    )
    adds_to_limit = fields.Boolean(
        string="Adds to the limit",
        tracking=True,
        help="The cover is granted on top of the credit limit. Otherwise it serves where cover is asked for.",
    )
    payment_id = fields.Many2one(
        "account.payment",
        string="Receipt",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('payment_type', '=', 'inbound'), ('partner_type', '=', 'customer'),"
        " ('move_id', '!=', False)]",
        help="The money of a deposit, when it was booked as a receipt of the customer. "
        "It is either a guarantee or a receipt: while the guarantee is in force, it does not reduce the "
        "exposure, and what is matched with an invoice does not count as a guarantee any more.",
    )
    cover_value = fields.Monetary(
        string="Cover",
        compute="_compute_cover_value",
        currency_field="company_currency_id",
        help="Value less haircut at today's rate, in the currency of the company.",
    )
    cover_approved = fields.Monetary(
        string="Cover when approved",
        readonly=True,
        currency_field="company_currency_id",
        help="Value less haircut at the rate of the day of the approval.",
    )

    # === LIFE === #

    date_from = fields.Date(
        string="Valid from", required=True, tracking=True, default=lambda self: self.env.company._o2c_today()
    )
    date_to = fields.Date(
        string="Valid until",
        tracking=True,
        index=True,
        help="Last day on which the guarantee can be called. Empty: it does not end.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To approve"),
            ("in_force", "In force"),
            ("refused", "Refused"),
            ("released", "Released"),
            ("called", "Called"),
            ("expired", "Expired"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    is_counted = fields.Boolean(
        string="Counts today",
        compute="_compute_is_counted",
        help="It is in force and today lies between its days.",
    )
    reason = fields.Text(help="Why this value and this haircut: what an approver should know.")
    contributor_ids = fields.Many2many(
        "res.users",
        string="Worked out by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Whoever wrote the terms. None of them decides on the guarantee.",
    )
    replaces_id = fields.Many2one(
        "o2c.credit.guarantee",
        ondelete="restrict",
        copy=False,
        index="btree_not_null",
        help="The guarantee that ends when this one begins.",
    )
    closed_on = fields.Date(string="Ended on", readonly=True)
    closing_reason = fields.Text(string="Why it ended", readonly=True)
    reminded = fields.Boolean(readonly=True, help="Somebody was told that the guarantee will end.")
    document_ids = fields.One2many("o2c.credit.guarantee.document", "guarantee_id", string="Documents")
    custody_ids = fields.One2many(
        "o2c.credit.guarantee.custody", "guarantee_id", string="Receipts and hand-outs", readonly=True
    )

    _value_positive = models.Constraint(
        "CHECK (value >= 0 AND haircut >= 0 AND haircut <= 100)",
        "The value of a guarantee can't be negative, and a haircut is between 0 and 100 %.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A guarantee can't end before it begins."
    )
    _payment_uniq = models.UniqueIndex(
        "(payment_id) WHERE payment_id IS NOT NULL AND state = 'in_force'",
        "This receipt is a guarantee already.",
    )
    _in_force_idx = models.Index("(company_id, partner_id) WHERE state = 'in_force'")
    _in_force_group_idx = models.Index("(company_id, corporate_group_id) WHERE state = 'in_force'")

    # === COMPUTES === #

    @api.depends("name", "partner_id", "corporate_group_id")
    def _compute_display_name(self):
        for guarantee in self:
            guarantee.display_name = " ".join(
                filter(None, (guarantee.name, guarantee._get_subject().name)))

    @api.depends("kind")
    def _compute_haircut(self):
        for guarantee in self:
            guarantee.haircut = USUAL_HAIRCUTS.get(guarantee.kind, 0.0)

    @api.depends("state", "date_from", "date_to", "company_id")
    def _compute_is_counted(self):
        for guarantee in self:
            today = (guarantee.company_id or self.env.company)._o2c_today()
            guarantee.is_counted = guarantee.state == "in_force" and is_current(
                today, guarantee.date_from or None, guarantee.date_to or None
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        guarantees = super().create(vals_list)
        guarantees._guarded_write({"contributor_ids": [Command.link(self.env.uid)]})
        return guarantees

    def write(self, vals):
        result = super().write(vals)
        if not set(TERMS).isdisjoint(vals):
            new = self.sudo().filtered(lambda guarantee: self.env.user not in guarantee.contributor_ids)
            new._guarded_write({"contributor_ids": [Command.link(self.env.uid)]})
        return result

    def unlink(self):
        # Before the open request lapses, which would put the guarantee back into draft.
        self._check_is_draft()
        return super().unlink()

    # === ACTIONS === #

    def action_submit(self):
        """Ask the people whom the authority table names to accept the guarantee."""
        self.check_access("write")
        self._check_is_draft()
        self._check_complete()
        self._check_receipt()
        self._move_state(
            "requested",
            event="guarantee_requested",
            message=lambda guarantee: self.env._(
                "Guarantee submitted for approval: %s", guarantee._describe()
            ),
            evidence=lambda guarantee: guarantee._get_approval_fingerprint(),
        )
        for guarantee in self:
            guarantee._submit_for_approval(guarantee.reason)
        return True

    def action_reset_draft(self):
        """Work on a refused guarantee again; the refusal stays in the history."""
        self.check_access("write")
        self._back_to_draft()
        return True

    def action_replace(self):
        """Open a draft of the guarantee that will replace this one."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("in_force", "expired"):
            raise UserError(self.env._("Only a guarantee in force, or one that has expired, is replaced."))
        draft = self.search([("replaces_id", "=", self.id), ("state", "in", ("draft", "requested"))], limit=1)
        if not draft:
            draft = self.copy({"replaces_id": self.id, "payment_id": self.payment_id.id})
        return draft.get_formview_action()

    # === HELPERS === #

    def _get_debtors(self):
        """Customers whose debts are secured."""
        return self.partner_id | self.corporate_group_id.partner_ids

    def _recheck(self):
        """Have the holds of the customers looked at again."""
        self.env["o2c.hold"]._recheck_partner(self.sudo()._get_debtors())

    def _prepare_register_vals(self):
        self.ensure_one()
        return {
            "partner": self.partner_id,
            "amount": self.value,
            "currency": self.currency_id,
            "company": self.company_id,
        }

    def _describe(self):
        self.ensure_one()
        until = self.date_to and self.env._(" until %s", format_date(self.env, self.date_to)) or ""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "%(number)s, %(kind)s of %(value)s for %(customer)s%(until)s",
            number=self.name,
            kind=kinds[self.kind],
            value=format_amount(self.env, self.value, self.currency_id),
            customer=self._get_subject().name,
            until=until,
        )

    def _guard_get_hint(self):
        return self.env._("Nothing of a guarantee is edited after submission: make one that replaces it.")
