from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

KINDS = [
    ("regular", "Regular"),
    ("temporary", "Temporary raise"),
    ("suspension", "Suspension"),
    ("lifting", "Lifting of a suspension"),
]


class CreditLimit(models.Model):
    """What was granted to a customer or a corporate group, from a day on.

    Rows are never edited: a new one follows the old one, so the terms of any day can always be
    answered. Only an approved application writes them, and the merge of two customers, which
    lets the stricter terms stand until they are reviewed.

    In force on a day is the latest row of its kind, by first day and then by number, that has not
    ended. When a regular row ends, an earlier one that is still valid counts again. A temporary raise
    counts until its last day, unless other regular terms were decided after it.
    """

    _name = "o2c.credit.limit"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Credit limit"
    _order = "date_from desc, id desc"

    _guarded_fields = "*"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="The company that owes. Contacts of a company share its limit.",
    )
    corporate_group_id = fields.Many2one(
        "o2c.corporate.group",
        string="Corporate group",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="Customers that are one risk: what they owe together is measured against this limit.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        help="The company that sells. Branches share the limit of their main company.",
    )
    kind = fields.Selection(KINDS, required=True, readonly=True, default="regular", index=True)
    source = fields.Selection(
        [("application", "Application"), ("merge", "Merge of customers")],
        required=True,
        readonly=True,
        default="application",
        help="Where the terms come from.",
    )
    application_id = fields.Many2one(
        "o2c.credit.application",
        string="Credit application",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    policy_id = fields.Many2one(
        "o2c.credit.policy",
        string="Credit policy",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Version of the policy under which the terms were granted.",
    )
    grade_id = fields.Many2one("o2c.credit.grade", readonly=True, index="btree_not_null", ondelete="restrict")
    is_cash_only = fields.Boolean(string="Cash only", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    amount = fields.Monetary(
        string="Limit",
        readonly=True,
        aggregator=None,
        help="Most that may be owed: open invoices, undelivered and uninvoiced orders, less receipts not "
        "yet matched. In another currency than the company's it counts at the rate of the day.",
    )
    tolerance = fields.Float(
        string="Tolerance (%)",
        readonly=True,
        aggregator=None,
        help="The limit may be exceeded by this share before a document waits.",
    )
    period_days = fields.Integer(
        string="Credit period (days)",
        readonly=True,
        aggregator=None,
        help="Longest time to pay, from the invoice.",
    )
    payment_term_id = fields.Many2one("account.payment.term", readonly=True, ondelete="restrict")
    deposit = fields.Float(string="Deposit (%)", readonly=True, aggregator=None)
    cover = fields.Float(string="Cover (%)", readonly=True, aggregator=None)
    date_from = fields.Date(string="Valid from", required=True, readonly=True)
    date_to = fields.Date(
        string="Valid until",
        readonly=True,
        help="Last day. Empty: until other terms follow. When regular terms end, earlier ones that are "
        "still valid count again; if there are none, nothing may be owed.",
    )
    review_date = fields.Date(
        string="Grade valid until", readonly=True, help="The grade expires after this day."
    )
    is_current = fields.Boolean(
        string="In force today",
        compute="_compute_is_current",
        search="_search_is_current",
        help="Orders and deliveries are measured against this row today.",
    )

    _subject_one = models.Constraint(
        "CHECK ((partner_id IS NULL) <> (corporate_group_id IS NULL))",
        "Terms are granted either to a customer or to a corporate group.",
    )
    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A credit limit can't be negative.")
    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A credit limit can't end before it begins."
    )
    _temporary_ends = models.Constraint(
        "CHECK (kind <> 'temporary' OR date_to IS NOT NULL)", "A temporary raise names its last day."
    )
    _partner_idx = models.Index("(partner_id, company_id, kind, date_from) WHERE partner_id IS NOT NULL")
    _group_idx = models.Index(
        "(corporate_group_id, company_id, kind, date_from) WHERE corporate_group_id IS NOT NULL"
    )

    # === COMPUTES === #

    @api.depends("partner_id", "corporate_group_id", "amount", "currency_id", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for limit in self:
            what = (
                format_amount(self.env, limit.amount, limit.currency_id)
                if limit.kind in ("regular", "temporary") and limit.currency_id
                else labels.get(limit.kind, "")
            )
            limit.display_name = f"{limit._get_subject().name or ''} {what}".strip()

    def _compute_is_current(self):
        current = set(self._get_current_ids())
        for limit in self:
            limit.is_current = limit._origin.id in current

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in" if True in value else "not in", self._get_current_ids())]

    # === LOOK-UP === #

    @api.model
    def _get_terms(self, company, partner, date=None):
        """The regular terms of a customer in force on ``date`` (default: today in the company), or none.

        A branch without limits of its own answers with those of the company that holds them.
        """
        return self._get_row(company, partner.commercial_partner_id, ("regular",), date)

    @api.model
    def _get_group_terms(self, company, group, date=None):
        """The same for a corporate group."""
        return self._get_row(company, group, ("regular",), date)

    @api.model
    def _get_effective_terms(self, company, partner, date=None):
        """Regular terms of a customer; those of its corporate group where it has none of its own."""
        debtor = partner.sudo().commercial_partner_id
        terms = self._get_terms(company, debtor, date)
        if terms or not debtor.o2c_corporate_group_id:
            return terms
        return self._get_group_terms(company, debtor.o2c_corporate_group_id, date)

    @api.model
    def _get_suspension(self, company, subject, date=None):
        """The suspension of a customer or corporate group that counts on ``date``, or none."""
        row = self._get_row(company, subject, ("suspension", "lifting"), date)
        return row.filtered(lambda limit: limit.kind == "suspension")

    @api.model
    def _get_temporary(self, company, subject, date=None):
        """The temporary raise of a customer or corporate group that counts on ``date``, or none."""
        regular = self._get_row(company, subject, ("regular",), date)
        return self._get_row(company, subject, ("temporary",), date, [("id", ">", regular.id or 0)])

    @api.model
    def _get_limit_amount(self, company, partner, date=None):
        """Limit of a customer on ``date`` in company currency, temporary raise and suspension included.

        :return: 0.0 when the limit has ended or credit is suspended; ``None`` when no limit was ever
            granted: then nothing is measured
        """
        owner = company.sudo().o2c_exposure_company_id
        found = self._read_terms(owner, partner.commercial_partner_id.ids, date)
        terms = found.get(partner.commercial_partner_id.id)
        if not terms or terms["credit_limit"] is None:
            return None
        return 0.0 if terms["credit_suspended"] else terms["credit_limit"]

    @api.model
    def _get_row(self, company, subject, kinds, date=None, domain=()):
        company = company.sudo().o2c_exposure_company_id
        date = date or company._o2c_today()
        is_group = subject._name == "o2c.corporate.group"
        return self.sudo().search(
            [
                ("corporate_group_id" if is_group else "partner_id", "=", subject.id),
                ("company_id", "=", company.id),
                ("kind", "in", kinds),
                ("date_from", "<=", date),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", date),
                *domain,
            ],
            order="date_from desc, id desc",
            limit=1,
        )

    @api.model
    def _get_current_ids(self):
        """Ids of the rows that count today, in the companies that the user has opened."""
        self.flush_model()
        ids = []
        for company in self.env.companies.sudo().o2c_exposure_company_id:
            rows = self.env.execute_query(self._sql_current(company))
            ids += [row_id for row in rows for row_id in row if row_id]
        return ids

    # === CHECKS === #

    def _guard_get_hint(self):
        return self.env._("Only an approved credit application grants terms.")

    # === ACTIONS === #

    def action_open_application(self):
        """Open the application that granted the terms."""
        self.ensure_one()
        self.check_access("read")
        if not self.application_id:
            raise UserError(
                self.env._("These terms come from a merge of customers, not from an application.")
            )
        return self.application_id._get_form_action()

    def action_new_application(self):
        """Open a draft that would replace these terms."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "o2c.credit.application",
            "view_mode": "form",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_corporate_group_id": self.corporate_group_id.id,
                "default_company_id": self.company_id.id,
                "default_kind": "review",
            },
        }

    # === BUSINESS METHODS === #

    def _get_subject(self):
        """Whose terms these are: the customer or the corporate group."""
        self.ensure_one()
        return self.partner_id or self.corporate_group_id

    def _get_amount_in_company(self, date=None):
        """The amount in company currency at the rate of ``date``; 0.0 for an empty record."""
        if not self:
            return 0.0
        company = self.company_id
        day = date or company._o2c_today()
        return self.currency_id._convert(self.amount, company.currency_id, company, day)

    def _describe(self):
        """One line for registers and messages: amount, grade, dates."""
        self.ensure_one()
        until = self.date_to and self.env._(" until %s", format_date(self.env, self.date_to)) or ""
        return self.env._(
            "%(what)s from %(start)s%(until)s",
            what=self.display_name,
            start=format_date(self.env, self.date_from),
            until=until,
        )

    def _prepare_evidence(self):
        """The row as the register keeps it."""
        self.ensure_one()
        return {
            "limit": self.id,
            "kind": self.kind,
            "grade": self.grade_id.name,
            "amount": self.amount,
            "currency": self.currency_id.name,
            "period_days": self.period_days,
            "payment_term": self.payment_term_id.name or "",
            "tolerance": self.tolerance,
            "deposit": self.deposit,
            "cover": self.cover,
            "cash_only": self.is_cash_only,
            "from": str(self.date_from),
            "to": str(self.date_to or ""),
            "review": str(self.review_date or ""),
        }

    def _choose_payment_term(self, usual, company):
        """The payment term of a document under these terms.

        The customer's usual one stays while it is not longer than the credit period. The granted one
        takes its place otherwise, or where there is none; who pays cash gets none.

        :param usual: what Odoo would choose; may be empty
        """
        if not self:
            return usual
        days = usual._get_o2c_last_days(company._o2c_today()) if usual else 0
        if usual and days <= self.period_days:
            return usual
        granted = self.payment_term_id
        if granted.company_id and granted.company_id not in company.sudo().parent_ids:
            return usual
        if granted or self.is_cash_only:
            return granted
        return usual

    def _format_printed_terms(self, term, lang):
        """What the customer reads on order and invoice, in its language."""
        self.ensure_one()
        limit = self.with_context(lang=lang or self.env.lang)
        sentences = [
            limit.env._(
                "Sold on credit: the longest time to pay is %s days from the invoice.", self.period_days
            )
            if self.period_days
            else limit.env._("Sold on credit: payment is due with the invoice.")
        ]
        if term:
            sentences.append(limit.env._("Payment: %s.", term.with_env(limit.env).name))
        return sentences

    def _announce(self):
        """Let whatever is judged by these terms meet them: confirmations of this moment, and what waits."""
        profiles, holds = self.env["o2c.credit.profile"], self.env["o2c.hold"]
        for limit in self.sudo():
            customers = limit.partner_id or limit.corporate_group_id.partner_ids
            profiles._touch([(limit.company_id.id, customer.id) for customer in customers])
            holds._recheck_partner(customers, limit.company_id)
