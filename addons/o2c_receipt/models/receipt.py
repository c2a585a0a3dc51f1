from odoo import api, fields, models
from odoo.tools import SQL

from .receipt_ledger import LIQUIDITY_JOURNALS

FIELDS_READ = {
    "account.move.line": (
        "account_id", "company_id", "move_id", "o2c_receipt_move_id", "parent_state", "partner_id",
        "reconciled"),
    "account.move": ("journal_id", "name", "origin_payment_id", "ref", "statement_line_id"),
    "account.payment": ("company_id", "currency_id", "date", "journal_id", "memo", "name", "partner_id",
                        "partner_type"),
    "account.bank.statement.line": ("payment_ref",),
    "res.partner": ("commercial_partner_id",),
}


class Receipt(models.Model):
    """Receipts that are not consumed: posted money of customers which no invoice has taken yet.

    Payments and bank lines in one list, with what orders were given and what is free. Read from the
    ledger; what is fully matched is not here any more.
    """

    _name = "o2c.receipt"
    _description = "Open receipt"
    _inherit = ["o2c.debtor.mixin"]
    _auto = False
    _order = "date, id"

    # === FIELDS === #

    payment_id = fields.Many2one("account.payment", readonly=True)
    statement_line_id = fields.Many2one("account.bank.statement.line", string="Bank line", readonly=True)
    receipt_ref = fields.Integer(string="Key of the receipt", readonly=True, aggregator=None)
    name = fields.Char(string="Number", readonly=True)
    memo = fields.Char(readonly=True)
    date = fields.Date(readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    direction = fields.Selection([("in", "Received"), ("out", "Paid back")], readonly=True)
    receipt_currency_id = fields.Many2one(
        "res.currency", string="Currency of the receipt", readonly=True)
    open_amount = fields.Monetary(
        string="Not matched",
        currency_field="receipt_currency_id",
        readonly=True,
        aggregator=None,
        help="Money that no invoice has consumed.",
    )
    allocated_amount = fields.Monetary(
        string="Allocated",
        currency_field="receipt_currency_id",
        readonly=True,
        aggregator=None,
        help="What of it orders were given.",
    )
    free_amount = fields.Monetary(
        string="Unallocated",
        currency_field="receipt_currency_id",
        readonly=True,
        aggregator=None,
        help="Money of the customer that is nobody's yet.",
    )
    free_company = fields.Monetary(
        string="Unallocated in company currency",
        readonly=True,
        help="At booked value. Negative: paid back and not allocated.",
    )

    allocation_ids = fields.Many2many(
        "o2c.receipt.allocation",
        string="Allocations",
        compute="_compute_allocation_ids",
        help="What orders were given of it, as far as you may see these orders.",
    )

    # === COMPUTES === #

    @api.depends("name")
    def _compute_display_name(self):
        for receipt in self:
            receipt.display_name = receipt.name or receipt.memo

    @api.depends("receipt_ref")
    def _compute_allocation_ids(self):
        groups = self.env["o2c.receipt.allocation"]._read_group(
            [("receipt_ref", "in", self.mapped("receipt_ref")), ("state", "=", "active")],
            ["receipt_ref"], ["id:recordset"])
        rows = dict(groups)
        for receipt in self:
            receipt.allocation_ids = rows.get(receipt.receipt_ref)

    # === QUERY === #

    @property
    def _table_query(self):
        # The context only narrows what is read: one customer's receipts come by the index.
        debtors = self.env.context.get("o2c_debtor_ids")
        scope = SQL("debtor.commercial_partner_id = ANY(%s)", list(debtors)) if debtors else None
        return SQL(
            "SELECT receipts.*, %s FROM (%s) receipts %s",
            self._sql_attributes(), self._sql_open_receipts(scope), self._sql_attribute_joins("receipts"),
        )

    @api.model
    def _sql_open_receipts(self, scope=None):
        """SELECT with the columns of this model, for ``scope``: a condition on ``debtor`` and
        ``company`` as in the exposure."""
        scope = scope or SQL("TRUE")
        candidates = self._sql_candidates(scope)
        return SQL(
            """SELECT CASE WHEN found.receipt_ref > 0 THEN 2 * found.receipt_ref
                           ELSE 1 - 2 * found.receipt_ref END AS id,
                      found.receipt_ref, found.payment_id, found.statement_line_id, found.company_id,
                      found.partner_id, found.name, found.memo, found.date, found.journal_id,
                      found.receipt_currency_id,
                      CASE WHEN money.sign > 0 THEN 'in' ELSE 'out' END AS direction,
                      money.open AS open_amount, money.taken AS allocated_amount,
                      money.open - money.taken AS free_amount,
                      ROUND(money.sign * (money.open - money.taken) * found.rate, 6) AS free_company
                 FROM (%(candidates)s) found
                 JOIN (%(money)s) money ON money.receipt_ref = found.receipt_ref
                WHERE money.open > 0""",
            candidates=candidates,
            money=self.env["o2c.receipt.ledger"]._sql_receipts(
                SQL("SELECT receipt_ref FROM (%s) candidates", candidates)),
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )

    @api.model
    def _sql_candidates(self, scope):
        """Receipts with an open item, of their own or kept on the account for advances, and payments in
        process without an entry."""
        return SQL(
            """SELECT COALESCE(move.origin_payment_id, -move.statement_line_id) AS receipt_ref,
                      move.origin_payment_id AS payment_id, move.statement_line_id,
                      line.company_id, MIN(debtor.commercial_partner_id) AS partner_id,
                      move.name, COALESCE(move.ref, item.payment_ref) AS memo, move.date,
                      move.journal_id, MIN(line.currency_id) AS receipt_currency_id,
                      COALESCE(SUM(line.balance) / NULLIF(SUM(line.amount_currency), 0), 1) AS rate
                 FROM account_move_line line
                 JOIN account_move move ON move.id = COALESCE(line.o2c_receipt_move_id, line.move_id)
                 JOIN account_journal journal ON journal.id = move.journal_id
                 JOIN res_partner debtor ON debtor.id = line.partner_id
                 JOIN res_company company ON company.id = line.company_id
            LEFT JOIN account_bank_statement_line item ON item.id = move.statement_line_id
                WHERE line.account_id = ANY(ARRAY(%(accounts)s))
                  AND line.reconciled IS NOT TRUE
                  AND line.parent_state = 'posted'
                  AND journal.type IN %(liquidity)s
                  AND (move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL)
                  AND %(scope)s
             GROUP BY move.id, line.company_id, item.payment_ref
            UNION ALL
               SELECT payment.id, payment.id, NULL, payment.company_id, debtor.commercial_partner_id,
                      payment.name, payment.memo, payment.date, payment.journal_id,
                      payment.currency_id,
                      ABS(payment.amount_company_currency_signed) / NULLIF(payment.amount, 0)
                 FROM account_payment payment
                 JOIN res_partner debtor ON debtor.id = payment.partner_id
                 JOIN res_company company ON company.id = payment.company_id
                WHERE payment.move_id IS NULL AND payment.state = 'in_process'
                  AND payment.partner_type = 'customer' AND %(scope)s""",
            liquidity=LIQUIDITY_JOURNALS,
            accounts=self.env["o2c.exposure"]._sql_customer_accounts(),
            scope=scope,
        )

    @api.model
    def _search_free(self, debtor, companies, direction="in"):
        """Open receipts of a debtor with free money, oldest first, with superuser rights."""
        return self.sudo().with_context(o2c_debtor_ids=debtor.ids).search([
            ("partner_id", "in", debtor.ids),
            ("company_id", "in", companies.ids),
            ("direction", "=", direction),
            ("free_amount", ">", 0),
        ])

    # === ACTIONS === #

    def action_allocate(self):
        """Open the allocation of this receipt with suggestions."""
        self.ensure_one()
        self.check_access("read")
        self.env["o2c.receipt.allocation"]._check_allocator()
        return self.env["o2c.receipt.allocate"]._start(receipt=self.sudo()._get_receipt())

    def action_open_document(self):
        """Open the payment or the entry of the bank line; for who may not read these, what is known
        here of the receipt."""
        self.ensure_one()
        self.check_access("read")
        receipt = self.sudo()._get_receipt().sudo(False)
        if receipt._get_o2c_document().has_access("read"):
            return receipt._open_o2c_document()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _get_receipt(self):
        return self.payment_id or self.statement_line_id

    # === OVERVIEW === #

    @api.model
    def _get_overview_data(self, code):
        """Receipts with free money."""
        count = self.search_count([("free_amount", ">", 0), ("direction", "=", "in")])
        return {"count": count, "tone": "warning" if count else "muted"}
