"""Import of a receivables ledger: the document and its steps."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

STEPS = [
    ("file", "File"),
    ("columns", "Columns"),
    ("preview", "Preview"),
    ("booking", "Booking"),
    ("booked", "Booked"),
    ("reverting", "Taking Back"),
    ("reverted", "Taken Back"),
]


class LedgerImport(models.Model):
    """Takes over a ledger at a cut-off date: file, columns, preview, booking in the background.

    The preview says for each row what will become of it and changes nothing. The booking is a run
    (`o2c.run.mixin`): open items become invoices, settled ones payment history, each number once.
    """

    _name = "o2c.ledger.import"
    _description = "Import of a Receivables Ledger"
    _inherit = ["o2c.run.mixin", "o2c.ledger.import.format"]
    _order = "id desc"
    _check_company_auto = True
    _guarded_fields = (
        "step",
        "doubts",
        "sample_html",
        "sheet_names",
        "file_hash",
        "check_digest",
        "line_ids",
        "wrong_file",
    )
    # What the preview was made from; the booking must find it unchanged.
    _settings_fields = frozenset(
        "company_id file file_name sheet_name cut_off_date journal_id opening_account_id mode template_id "
        "column_ids doubts_confirmed encoding delimiter date_format decimal_separator thousands_separator "
        "match_by create_missing negative_policy".split()
    )
    _format_fields_doubted = frozenset(
        {"encoding", "delimiter", "sheet_name", "date_format", "decimal_separator", "thousands_separator"}
    )

    name = fields.Char(default=lambda self: self.env._("Receivables ledger"))
    step = fields.Selection(STEPS, required=True, readonly=True, default="file", copy=False)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")

    file = fields.Binary(string="Ledger file", attachment=True, help="CSV with any delimiter, or XLSX.")
    file_name = fields.Char()
    file_hash = fields.Char(string="SHA-256 of the file", readonly=True, copy=False)
    sheet_name = fields.Char(string="Sheet", help="Sheet of the workbook; empty for the first.")
    sheet_names = fields.Char(string="Sheets in the file", readonly=True, copy=False)
    template_id = fields.Many2one(
        "o2c.ledger.import.template",
        string="Read like",
        check_company=True,
        help="Columns and format that were saved from an earlier import.",
    )
    column_ids = fields.One2many("o2c.ledger.import.column", "import_id", string="Columns")
    sample_html = fields.Html(string="First rows", readonly=True, sanitize=False, copy=False)
    doubts = fields.Text(readonly=True, copy=False)
    doubts_confirmed = fields.Boolean(
        string="I have looked at the first rows: they are read correctly", copy=False
    )

    cut_off_date = fields.Date(
        string="Cut-off",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1) - timedelta(days=1),
        help="Open is what was invoiced up to this day and not settled by then.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Opening journal",
        domain="[('o2c_is_opening', '=', True), ('type', '=', 'sale')]",
        check_company=True,
        help="Holds the open items. Empty: the company's opening journal, made when there is none.",
    )
    opening_account_id = fields.Many2one(
        "account.account",
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', 'off_balance'))]",
        check_company=True,
        default=lambda self: self._default_opening_account(),
        help="The other side of the open items.",
    )
    mode = fields.Selection(
        [("good", "Book the good rows"), ("all", "Book all rows or none")],
        string="Wrong rows",
        required=True,
        default="all",
    )

    line_ids = fields.One2many("o2c.ledger.import.line", "import_id", string="Rows", copy=False)
    check_digest = fields.Char(readonly=True, copy=False)
    wrong_file = fields.Binary(attachment=False, readonly=True, copy=False)

    open_count = fields.Integer(string="Open items", compute="_compute_counts")
    open_total = fields.Monetary(
        string="Open amount", compute="_compute_counts", currency_field="company_currency_id"
    )
    settled_count = fields.Integer(string="Settled items", compute="_compute_counts")
    settled_total = fields.Monetary(
        string="Settled", compute="_compute_counts", currency_field="company_currency_id"
    )
    skipped_count = fields.Integer(string="Skipped rows", compute="_compute_counts")
    wrong_count = fields.Integer(string="Wrong", compute="_compute_counts")
    row_count = fields.Integer(string="Number of rows", compute="_compute_counts")
    new_customer_count = fields.Integer(string="Customers to create", compute="_compute_new_customer_count")
    move_count = fields.Integer(string="Invoices", compute="_compute_booked_counts")
    history_count = fields.Integer(string="History", compute="_compute_booked_counts")

    # ------------------------------------------------------------------ defaults and computes

    @api.model
    def _default_opening_account(self):
        """The account of the company's last import, else its undistributed profits."""
        company = self.env.company
        last = self.sudo().search([("company_id", "=", company.id)], limit=1)
        return last.opening_account_id or self.env["account.account"].sudo().with_company(company).search(
            [("account_type", "=", "equity_unaffected"), ("company_ids", "in", company.ids)], limit=1
        )

    @api.depends("state", "step")
    def _compute_progress(self):
        """Only rows that were to be booked count."""
        groups = self.env["o2c.ledger.import.line"]._read_group(
            [("import_id", "in", self.ids), ("state", "not in", ("none", "dropped"))],
            ["import_id", "state"],
            ["__count"],
        )
        counts = {(ledger.id, state): count for ledger, state, count in groups}
        for ledger in self:
            done, error, pending = (
                counts.get((ledger._origin.id, state), 0) for state in ("done", "error", "pending")
            )
            ledger.total = done + error + pending
            ledger.done_count, ledger.error_count = done, error
            ledger.progress = 100.0 * (done + error) / ledger.total if ledger.total else 0.0

    @api.depends("step", "line_ids.outcome")
    def _compute_counts(self):
        groups = self.env["o2c.ledger.import.line"]._read_group(
            [("import_id", "in", self.ids)],
            ["import_id", "outcome"],
            ["__count", "amount_company:sum"],
        )
        counts = {(ledger.id, outcome): count for ledger, outcome, count, _amount in groups}
        sums = {(ledger.id, outcome): amount for ledger, outcome, _count, amount in groups}
        for ledger in self:
            own = ledger._origin.id
            ledger.open_count, ledger.open_total = counts.get((own, "open"), 0), sums.get((own, "open"), 0.0)
            ledger.settled_count = counts.get((own, "settled"), 0)
            ledger.settled_total = sums.get((own, "settled"), 0.0)
            ledger.skipped_count = counts.get((own, "skipped"), 0)
            ledger.wrong_count = counts.get((own, "wrong"), 0)
            ledger.row_count = sum(
                count for (ledger_id, _outcome), count in counts.items() if ledger_id == own
            )

    @api.depends("step", "line_ids.is_new_customer")
    def _compute_new_customer_count(self):
        groups = self.env["o2c.ledger.import.line"]._read_group(
            [("import_id", "in", self.ids), ("is_new_customer", "=", True)],
            ["import_id", "customer_ref", "vat", "customer_name"],
        )
        # As the booking does: the reference decides, then the tax ID, then the name.
        keys = {(ledger.id, ref or vat or name) for ledger, ref, vat, name in groups}
        for ledger in self:
            ledger.new_customer_count = sum(ledger_id == ledger._origin.id for ledger_id, _key in keys)

    @api.depends("step", "state", "line_ids.is_booked")
    def _compute_booked_counts(self):
        groups = self.env["o2c.ledger.import.line"]._read_group(
            [("import_id", "in", self.ids), ("is_booked", "=", True)], ["import_id", "outcome"], ["__count"]
        )
        counts = {(ledger.id, outcome): count for ledger, outcome, count in groups}
        for ledger in self:
            ledger.move_count = counts.get((ledger._origin.id, "open"), 0)
            ledger.history_count = counts.get((ledger._origin.id, "settled"), 0)

    # ------------------------------------------------------------------ checks

    @api.constrains("cut_off_date")
    def _check_cut_off_date(self):
        for ledger in self:
            if ledger.cut_off_date > fields.Date.context_today(ledger):
                raise ValidationError(
                    self.env._("The cut-off can't lie in the future: nobody knows what is open then.")
                )

    @api.constrains("journal_id")
    def _check_journal(self):
        for ledger in self:
            if ledger.journal_id and not ledger.journal_id.sudo().o2c_is_opening:
                raise ValidationError(
                    self.env._("%s is not an opening journal.", ledger.journal_id.sudo().display_name)
                )

    @api.constrains("opening_account_id")
    def _check_opening_account(self):
        for ledger in self:
            account = ledger.opening_account_id.sudo()
            if account.account_type in ("asset_receivable", "liability_payable", "off_balance"):
                raise ValidationError(
                    self.env._(
                        "%s can't be the opening account: choose equity or a clearing account.",
                        account.display_name,
                    )
                )

    def _check_may_import(self):
        """Finance officers and accounting managers import; everybody else at most reads."""
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("o2c_base.group_finance_officer")
            or user.has_group("account.group_account_manager")
        ):
            raise AccessError(
                self.env._("Only a finance officer or an accounting manager imports a receivables ledger.")
            )
        self.check_access("write")

    def _check_run_right(self):
        self._check_may_import()
        return super()._check_run_right()

    def _check_step_is(self, *steps):
        labels = dict(self._fields["step"]._description_selection(self.env))
        for ledger in self:
            if ledger.step not in steps:
                raise UserError(
                    self.env._("%(name)s is at step %(step)s.", name=ledger.name, step=labels[ledger.step])
                )

    # ------------------------------------------------------------------ CRUD

    def write(self, vals):
        if self._format_fields_doubted & set(vals):
            # What was confirmed was read otherwise; a form that sends both at once has seen both.
            vals = {"doubts_confirmed": False, **vals}
        return super().write(vals)

    def _guard_check_write(self, vals):
        super()._guard_check_write(vals)
        changed = self._settings_fields & set(vals)
        if changed:
            self._check_settings_editable(changed)

    def _check_settings_editable(self, changed):
        for ledger in self:
            if ledger.step not in ("file", "columns"):
                raise UserError(
                    self.env._("The preview was made with these settings. Press Back before you change them.")
                )
            if ledger.step == "columns" and changed & {"file", "company_id"}:
                raise UserError(
                    self.env._("The columns belong to this file. Press Back before you take another one.")
                )

    def _guard_get_hint(self):
        return self.env._("Use the buttons of the import.")
