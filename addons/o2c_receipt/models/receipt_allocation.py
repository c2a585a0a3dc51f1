from odoo import api, fields, models

ALLOCATORS = ("account.group_account_invoice", "o2c_base.group_finance_officer")


class ReceiptAllocation(models.Model):
    """A part of a receipt that was given to an order.

    Rows are opened and closed, never changed: re-allocation closes one and opens another. What an
    order has collected is measured from them together with what was reconciled on its invoices
    (`o2c.receipt.ledger`); no row says by itself that the money is there.
    """

    _name = "o2c.receipt.allocation"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Allocation of a receipt"
    _order = "id desc"
    _rec_name = "receipt_name"

    _guarded_fields = "*"

    # === FIELDS === #

    payment_id = fields.Many2one(
        "account.payment", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    statement_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Bank line",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    receipt_ref = fields.Integer(
        string="Key of the receipt",
        required=True,
        readonly=True,
        aggregator=None,
        help="Technical: the payment's id, or minus the id of the bank line.",
    )
    receipt_name = fields.Char(string="Receipt", readonly=True)
    receipt_date = fields.Date(readonly=True)
    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Who owes for the order.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(
        "res.currency", string="Currency of the receipt", required=True, readonly=True, ondelete="restrict"
    )
    amount = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="Part of the receipt, in its currency. Negative: money that was paid back.",
    )
    order_currency_id = fields.Many2one(
        "res.currency", string="Currency of the order", required=True, readonly=True, ondelete="restrict"
    )
    order_amount = fields.Monetary(
        string="Amount in order currency",
        currency_field="order_currency_id",
        readonly=True,
        aggregator=None,
        help="At the rate of the receipt's date, fixed when it was allocated.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    company_amount = fields.Monetary(
        string="Amount in company currency",
        currency_field="company_currency_id",
        readonly=True,
        help="At the rate of the receipt's date.",
    )
    state = fields.Selection(
        [("active", "Active"), ("replaced", "Re-allocated"), ("void", "Released")],
        required=True,
        readonly=True,
        index=True,
    )
    origin = fields.Selection(
        [
            ("manual", "Allocated by hand"),
            ("register", "Registered for the order"),
            ("online", "Online payment"),
            ("matched", "Was matched with the invoice"),
            ("reallocation", "Re-allocation"),
        ],
        required=True,
        readonly=True,
        help="How it came about. Cash on an invoice belongs to its orders without any allocation; a row "
        "keeps it there when more of the same receipt is allocated.",
    )
    date_from = fields.Datetime(string="Allocated on", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Allocated by", required=True, readonly=True, ondelete="restrict"
    )
    date_to = fields.Datetime(string="Ended on", readonly=True)
    closed_by_id = fields.Many2one("res.users", string="Ended by", readonly=True, ondelete="restrict")
    reason = fields.Char(readonly=True, help="Why it was re-allocated or released.")
    previous_id = fields.Many2one(
        "o2c.receipt.allocation", string="Follows", readonly=True, ondelete="restrict"
    )
    is_counting = fields.Boolean(
        string="Receipt counts",
        compute="_compute_is_counting",
        search="_search_is_counting",
        help="The receipt is posted. Money of a cancelled, rejected or unposted one is no money.",
    )

    _one_receipt = models.Constraint(
        "CHECK ((payment_id IS NULL) <> (statement_line_id IS NULL))",
        "An allocation is about one receipt: a payment or a bank line.",
    )
    _active_receipt_idx = models.Index("(receipt_ref, order_id) WHERE state = 'active'")
    _active_order_idx = models.Index("(order_id) WHERE state = 'active'")

    # === COMPUTES === #

    @api.depends("payment_id.state", "statement_line_id.move_id.state")
    def _compute_is_counting(self):
        for allocation in self.sudo():
            allocation.is_counting = allocation._get_receipt()._is_o2c_counting()

    def _search_is_counting(self, operator, value):
        if operator != "in":
            return NotImplemented
        counting = [
            "|",
            ("payment_id.state", "in", ("in_process", "paid")),
            ("statement_line_id.move_id.state", "=", "posted"),
        ]
        ids = self.sudo()._search(counting)
        return [("id", "in" if True in value else "not in", ids)]

    @api.depends("receipt_name", "order_id", "instalment_name")
    def _compute_display_name(self):
        for allocation in self:
            target = allocation.sudo()._get_target_name()
            allocation.display_name = f"{allocation.receipt_name or ''} → {target or ''}"

    # === ACTIONS === #

    def action_open_receipt(self):
        """Open the payment or the entry of the bank line, with the rights of the user who asks."""
        self.ensure_one()
        self.check_access("read")
        return self.sudo()._get_receipt().sudo(False)._open_o2c_document()

    def action_open_order(self):
        """Open the order."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.get_formview_action()

    def action_reallocate(self):
        """Ask where this money belongs instead, and why."""
        self.ensure_one()
        self._check_allocator()
        return self.env["o2c.receipt.reallocate"]._start(self)

    # === CHECKS === #

    @api.model
    def _check_allocator(self):
        """Refuse users who neither do the invoicing nor are finance officers.

        :raise AccessError: naming who may
        """
        if not any(map(self.env.user.has_group, ALLOCATORS)):
            self._guard_refuse("create", ())

    # === HELPERS === #

    def _get_receipt(self):
        """The payment or bank line of one row."""
        return self.payment_id or self.statement_line_id

    def _guard_get_hint(self):
        return self.env._(
            "Accounting or a finance officer allocates receipts: Allocate on the payment or on the order."
        )
