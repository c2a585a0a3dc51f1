from odoo import api, fields, models
from odoo.exceptions import UserError

SIZE_BANDS = ((10, "micro"), (50, "small"), (250, "medium"))


class CreditFile(models.Model):
    """What a company knows about a customer or a corporate group (K1, K2).

    One file per customer and company that holds limits. The file is evidence: it decides
    nothing itself, and every edit of it is registered. An archived file counts as no file.
    """

    _name = "o2c.credit.file"
    _inherit = [
        "o2c.credit.evidence.mixin",
        "o2c.credit.subject.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Credit file"
    _order = "id desc"
    _rec_names_search = ["partner_id", "corporate_group_id"]

    _guarded_unlink_allowed = False
    _pinned_fields = ("partner_id", "corporate_group_id", "company_id")
    _evidence_created_event = "file_opened"

    active = fields.Boolean(default=True, help="An archived file counts as no file.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    officer_id = fields.Many2one(
        "res.users",
        string="Credit officer",
        ondelete="set null",
        domain=lambda self: [("all_group_ids", "in", self.env.ref("o2c_base.group_credit_officer").ids)],
        help="Keeps the file up to date, and is reminded of what ends.",
    )
    country_id = fields.Many2one(related="partner_id.country_id")

    # === IDENTITY === #

    legal_form = fields.Char(
        string="Legal form", help="As in the register of companies: Ltd., GmbH, 有限责任公司."
    )
    registration_number = fields.Char(
        string="Registration number",
        help="Of the register of companies; in China the unified social credit code.",
    )
    vat = fields.Char(related="partner_id.vat", string="Tax ID")
    licence_number = fields.Char(
        string="Licence", help="Business licence, or the licence that the trade requires."
    )
    licence_valid_until = fields.Date(
        string="Licence valid until", help="Last day of the licence. Empty: it does not end."
    )
    founded_on = fields.Date(string="Founded on")
    legal_representative = fields.Char(string="Legal representative", help="Who may bind the company by law.")
    capital_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of the capital",
        ondelete="restrict",
        default=lambda self: self.env.company.o2c_exposure_company_id.currency_id,
    )
    registered_capital = fields.Monetary(string="Registered capital", currency_field="capital_currency_id")

    # === BUSINESS === #

    industry_id = fields.Many2one("res.partner.industry", ondelete="restrict")
    employees = fields.Integer(aggregator="avg")
    size_band = fields.Selection(
        [
            ("micro", "Micro (fewer than 10)"),
            ("small", "Small (10 to 49)"),
            ("medium", "Medium (50 to 249)"),
            ("large", "Large (250 and more)"),
        ],
        string="Size",
        compute="_compute_size_band",
        store=True,
        help="By the number of employees.",
    )
    opinion = fields.Text(help="How the officer judges the customer: management, market, dependencies.")

    # === PEOPLE AND PAPERS === #

    person_ids = fields.One2many("o2c.credit.file.person", "file_id", string="Decision makers")
    bank_ids = fields.One2many(related="partner_id.bank_ids", string="Bank accounts")
    bank_opinion = fields.Text(
        string="Opinion of the bank", help="What the customer's bank or a reference says about its payments."
    )
    document_ids = fields.One2many("o2c.credit.file.document", "file_id", string="Documents")
    figure_ids = fields.One2many("o2c.credit.file.figure", "file_id", string="Key figures")
    rating_ids = fields.One2many("o2c.credit.file.rating", "file_id", string="External ratings")

    _partner_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE partner_id IS NOT NULL",
        "There is a credit file of this customer already; look among the archived ones too.",
    )
    _group_uniq = models.UniqueIndex(
        "(corporate_group_id, company_id) WHERE corporate_group_id IS NOT NULL",
        "There is a credit file of this corporate group already; look among the archived ones too.",
    )
    _amounts_positive = models.Constraint(
        "CHECK (registered_capital >= 0 AND employees >= 0)",
        "Capital and number of employees can't be negative.",
    )

    # === COMPUTES === #

    @api.depends("partner_id", "corporate_group_id")
    def _compute_display_name(self):
        for file in self:
            subject = file._get_subject()
            file.display_name = self.env._("Credit file of %s", subject.name) if subject else ""

    @api.depends("employees")
    def _compute_size_band(self):
        for file in self:
            band = next((band for below, band in SIZE_BANDS if file.employees < below), "large")
            file.size_band = band if file.employees else False

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("partner_id") and "industry_id" not in vals:
                partner = self.env["res.partner"].browse(vals["partner_id"])
                vals["industry_id"] = partner.commercial_partner_id.industry_id.id
        files = super().create(vals_list)
        files._recheck_holds()
        return files

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self._recheck_holds()
        return result

    def _recheck_holds(self):
        """Documents may wait for the file alone (K1)."""
        customers = self.partner_id | self.sudo().corporate_group_id.partner_ids
        self.env["o2c.hold"]._recheck_partner(customers)

    # Nothing is ever copied, so there is nothing to hand on.
    def copy(self, default=None):  # pylint: disable=method-required-super
        """Refuse: the evidence of one customer says nothing about another.

        :raise UserError: always
        """
        raise UserError(
            self.env._("A credit file can't be copied: its evidence is about one customer. Open a new file.")
        )

    # === LOOK-UP === #

    @api.model
    def _get_file(self, company, subject):
        """The file that counts, with superuser rights, or an empty record; none is made.

        A branch without limits of its own answers with the file of the company that holds
        them. Archived files don't count.

        :param subject: customer (its commercial partner counts) or corporate group
        """
        return self._get_files(company, subject).get(subject.id, self.sudo().browse())

    @api.model
    def _get_files(self, company, subjects):
        """Files of many customers, or corporate groups, in one query: ``{subject id: file}``."""
        owner = company.sudo().o2c_exposure_company_id
        field = self._get_subject_field(subjects)
        keys = {
            subject.id: subject.commercial_partner_id.id if field == "partner_id" else subject.id
            for subject in subjects.sudo()
        }
        files = self.sudo().search([(field, "in", list(set(keys.values()))), ("company_id", "=", owner.id)])
        found = {file[field].id: file for file in files}
        return {subject: found[key] for subject, key in keys.items() if key in found}

    @api.model
    def _get_or_create(self, company, subject):
        """The file of a customer or corporate group, opened by the user if there is none.

        :raise UserError: when the file is archived
        :raise AccessError: when the user may not open files
        """
        owner = company.sudo().o2c_exposure_company_id
        field = self._get_subject_field(subject)
        key = subject.commercial_partner_id if field == "partner_id" else subject
        file = (
            self.sudo()
            .with_context(active_test=False)
            .search([(field, "=", key.id), ("company_id", "=", owner.id)])
            .with_context(self.env.context)
        )
        if file and not file.active:
            raise UserError(
                self.env._("%s is archived. Take it out of the archive first.", file.display_name)
            )
        return file.sudo(self.env.su) or self.create({field: key.id, "company_id": owner.id})

    @api.model
    def _get_subject_field(self, subject):
        return "corporate_group_id" if subject._name == "o2c.corporate.group" else "partner_id"

    # === REGISTER === #

    def _get_evidence_file(self):
        return self

    def _prepare_evidence_entry(self, message, evidence):
        entry = super()._prepare_evidence_entry(message, evidence)
        if evidence.keys() == {"active"}:
            entry["event"] = "file_archived" if evidence["active"]["from"] else "file_restored"
        return entry

    def _format_created(self):
        return self.env._("%s opened", self.display_name)

    def _format_changed(self, changes):
        if changes.keys() == {"active"}:
            archived = self.env._("%s archived: it counts as no file", self.display_name)
            return archived if changes["active"]["from"] else self.env._("%s restored", self.display_name)
        labels = ", ".join(self._fields[name]._description_string(self.env) for name in changes)
        return self.env._("%(file)s changed: %(fields)s", file=self.display_name, fields=labels)
