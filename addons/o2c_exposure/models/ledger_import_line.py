"""One row of an imported ledger: what it means, and what became of it."""

from odoo import api, fields, models
from odoo.tools import SQL

from .ledger_import_reason import REASON_LABELS, describe

INSERT_BATCH = 1000


class LedgerImportLine(models.Model):
    """Written by the dry run and by the booking, read by everybody who may see the import."""

    _name = "o2c.ledger.import.line"
    _description = "Row of a Ledger Import"
    _inherit = ["o2c.run.line.mixin"]
    _order = "import_id, row, id"
    _rec_name = "number"
    _guarded_fields = "*"

    import_id = fields.Many2one(
        "o2c.ledger.import", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    row = fields.Integer(readonly=True, aggregator=None, help="Row number in the file.")
    outcome = fields.Selection(
        [("open", "Open item"), ("settled", "Settled"), ("skipped", "Skipped"), ("wrong", "Wrong")],
        required=True,
        readonly=True,
        help="Open items become invoices, settled ones payment history. Skipped rows need nothing.",
    )
    reason = fields.Selection(REASON_LABELS, readonly=True, help="The first reason; the text names all.")
    message = fields.Text(string="Why")
    advice = fields.Text(string="What to do", readonly=True)
    state = fields.Selection(
        selection_add=[("none", "Nothing to book"), ("dropped", "Not booked")],
        ondelete={"none": "cascade", "dropped": "cascade"},
        help="Progress of the booking, or of its reversal.",
    )
    is_booked = fields.Boolean(readonly=True, help="The invoice or the history of this row stands.")

    number = fields.Char(readonly=True)
    customer_ref = fields.Char(string="Customer reference", readonly=True)
    customer_name = fields.Char(readonly=True)
    vat = fields.Char(string="Tax ID", readonly=True)
    country = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, ondelete="restrict")
    is_new_customer = fields.Boolean(readonly=True, help="The customer is created with the booking.")
    invoice_date = fields.Date(readonly=True)
    due_date = fields.Date(readonly=True)
    settled_date = fields.Date(readonly=True)
    days_late = fields.Integer(readonly=True, aggregator="avg")
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="restrict")
    amount = fields.Monetary(readonly=True, currency_field="currency_id")
    open_amount = fields.Monetary(readonly=True, currency_field="currency_id")
    amount_company = fields.Monetary(
        string="Amount (company currency)",
        readonly=True,
        currency_field="company_currency_id",
        help="Open amount of an open item, else the invoice amount, at the rate of the invoice date.",
    )
    disputed = fields.Boolean(readonly=True)

    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    # The same number is booked once, whatever two imports do at the same moment.
    _booked_once = models.UniqueIndex(
        "(company_id, number) WHERE is_booked",
        "An import has booked this number already.",
    )
    _pending_idx = models.Index("(import_id, id) WHERE state = 'pending'")

    # ------------------------------------------------------------------ writing by the import

    _INSERTED = (
        "import_id company_id row outcome reason message advice state number customer_ref customer_name vat "
        "country partner_id is_new_customer invoice_date due_date settled_date days_late currency_id amount "
        "open_amount amount_company disputed is_booked create_uid create_date write_uid write_date"
    ).split()

    @api.model
    def _insert_rows(self, ledger, judged):
        """Write all judged rows of an import: 50,000 through the ORM would take minutes.

        :param ledger: the import
        :param judged: `JudgedRow` objects
        """
        now = fields.Datetime.now()
        log = (self.env.uid, now, self.env.uid, now)
        columns = SQL(", ").join(map(SQL.identifier, self._INSERTED))
        for start in range(0, len(judged), INSERT_BATCH):
            values = [
                SQL("%s", (ledger.id, ledger.company_id.id, *self._prepare_row_vals(one), *log))
                for one in judged[start : start + INSERT_BATCH]
            ]
            self.env.cr.execute(
                SQL("INSERT INTO o2c_ledger_import_line (%s) VALUES %s", columns, SQL(", ").join(values))
            )
        self.invalidate_model()
        ledger.invalidate_recordset()

    @api.model
    def _prepare_row_vals(self, judged):
        """Column values of one judged row: `_INSERTED` without the first two and the last four."""
        row = judged.row
        message, advice = describe(self.env, row.problems)
        return (
            row.row,
            row.outcome,
            row.problems[0].code if row.problems else None,
            message or None,
            advice or None,
            "pending" if row.outcome in ("open", "settled") else "none",
            row.number or None,
            row.customer_ref or None,
            row.customer_name or None,
            row.vat or None,
            row.country or None,
            judged.partner_id or None,
            judged.is_new_customer,
            row.invoice_date,
            row.due_date,
            row.settled_date,
            row.days_late,
            judged.currency_id or None,
            row.amount,
            row.open_amount,
            judged.amount_company,
            row.disputed,
            False,
        )

    @api.model
    def _delete_rows(self, ledger):
        """Delete the rows of a preview; what was booked stays."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM o2c_ledger_import_line"
                " WHERE import_id = %s AND NOT is_booked AND move_id IS NULL",
                ledger.id,
            )
        )
        self.invalidate_model()
        ledger.invalidate_recordset()

    # ------------------------------------------------------------------ business

    def _is_booked_as(self, move):
        """True if the invoice still is what this row booked: same debtor, currency and amount, no product.

        An invoice that somebody reset and edited is an ordinary one and meets the controls.
        """
        self.ensure_one()
        amount = -move.amount_total if move.move_type == "out_refund" else move.amount_total
        lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        return (
            move.journal_id.o2c_is_opening
            and move.commercial_partner_id == self.partner_id.commercial_partner_id
            and move.currency_id == self.currency_id
            and move.currency_id.compare_amounts(amount, self.open_amount) == 0
            and not lines.product_id
            and lines.account_id == self.import_id.opening_account_id
        )

    def action_open_move(self):
        """Open the invoice that the row became."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id._get_records_action()
