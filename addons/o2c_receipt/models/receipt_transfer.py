from odoo import api, fields, models
from odoo.exceptions import UserError

REFUSED = ("draft", "cancel")


class ReceiptTransfer(models.Model):
    """Moves an advance to the liability account, or from there to the receivable of an invoice.

    A company may keep advances in a liability account until they are invoiced. What orders were given of
    a receipt on the receivable account is ``kept`` by an entry of its own (`_keep`). An entry per receipt
    and invoice carries advances over (``carried``), in the currency of the invoice at the rate of the
    receipt's day, so that nothing is won or lost by the way; what the rate did since shows when it is
    matched, as with any payment. Taken apart (invoice or payment is no longer posted, or somebody undoes
    the matching), the entry is reversed and the money is where it was before.
    """

    _name = "o2c.receipt.transfer"
    _inherit = ["o2c.transition.mixin"]
    _description = "Transfer of an advance"
    _order = "id desc"
    _rec_name = "move_id"

    _guarded_fields = "*"
    _transitions = {"done": ("undone",)}
    _transition_event = "advance_transferred"

    # === FIELDS === #

    move_id = fields.Many2one(
        "account.move", string="Entry", required=True, readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(
        [("carried", "To an invoice"), ("kept", "To advances")], required=True,
        readonly=True, default="carried")
    invoice_id = fields.Many2one("account.move", readonly=True, index="btree_not_null", ondelete="restrict")
    reversal_id = fields.Many2one("account.move", readonly=True, ondelete="restrict")
    payment_id = fields.Many2one(
        "account.payment", readonly=True, index="btree_not_null", ondelete="restrict")
    statement_line_id = fields.Many2one(
        "account.bank.statement.line", string="Bank line", readonly=True, index="btree_not_null",
        ondelete="restrict")
    receipt_ref = fields.Integer(
        string="Key of the receipt", required=True, readonly=True, aggregator=None, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(
        "res.currency", string="Currency of the receipt", required=True, readonly=True, ondelete="restrict")
    amount = fields.Monetary(
        readonly=True, aggregator=None,
        help="What left the liability account, or came to it, in the receipt's currency.")
    date = fields.Date(related="move_id.date", store=True)
    state = fields.Selection(
        [("done", "Transferred"), ("undone", "Undone")], required=True, readonly=True, default="done",
        index=True)

    _carried_to_an_invoice = models.Constraint(
        "CHECK (kind <> 'carried' OR invoice_id IS NOT NULL)",
        "An advance is carried over to an invoice.",
    )

    # === BUSINESS METHODS === #

    @api.model
    def _transfer(self, invoice, line, available, *, due=None):
        """Carry over what the invoice takes of an advance, and match it.

        :param line: journal item of the receipt on the liability account
        :param available: what of it the orders of the invoice have, in its currency
        :param due: items of the invoice that are paid; all that are open
        :return: the amount that was carried over, in the currency of the item
        """
        due = (due or invoice.line_ids).filtered(
            lambda item: item.display_type == "payment_term" and not item.reconciled
            and item.balance * line.balance < 0)
        part = self._prepare_part(invoice, due, line, available)
        if not due or not part["amount"] or not part["due_amount"]:
            return 0.0
        move = self.env["account.move"].sudo().with_company(invoice.company_id).create(
            self._prepare_entry(invoice, due[0], line, part))
        move._post(soft=False)
        advance, receivable = move.line_ids.sorted(lambda item: item.account_id != line.account_id)
        # Before anything is matched, so that undoing finds it.
        self._log_transfer(self.sudo()._guarded_create([self._prepare_transfer(invoice, line, move, part)]))
        (line | advance).with_context(o2c_budget=None).reconcile()
        (due | receivable).with_context(o2c_budget=None).reconcile()
        return part["amount"]

    @api.model
    def _prepare_part(self, invoice, due, line, available):
        """Amounts of the entry: of the item, of the invoice and in company currency.

        The invoice takes what it lacks; converted at the rate of the receipt's day.
        """
        lacking = abs(sum(due.mapped("amount_residual_currency")))
        currency, company, day = line.currency_id, invoice.company_id, line._get_o2c_receipt_move().date
        whole = abs(line.amount_residual_currency)
        amount = currency.round(min(available, whole))
        due_amount = currency._convert(amount, invoice.currency_id, company, day)
        if invoice.currency_id.compare_amounts(due_amount, lacking) > 0:
            due_amount = lacking
            amount = min(amount, invoice.currency_id._convert(lacking, currency, company, day))
        share = amount / whole if whole else 0.0
        return {
            "amount": amount,
            "due_amount": due_amount,
            "balance": company.currency_id.round(abs(line.amount_residual) * share),
        }

    @api.model
    def _prepare_entry(self, invoice, due, line, part):
        sign, receipt = 1 if line.balance < 0 else -1, line._get_o2c_receipt_move()
        common = {"partner_id": line.partner_id.id, "name": self.env._("Advance of %s", receipt.name)}
        company = invoice.company_id
        return {
            "move_type": "entry",
            "journal_id": company._get_o2c_advance_journal().id,
            "date": max(invoice.date, line.date),
            "ref": self.env._("%(receipt)s on %(invoice)s", receipt=receipt.name, invoice=invoice.name),
            "line_ids": [
                fields.Command.create({
                    **common, "account_id": line.account_id.id, "currency_id": line.currency_id.id,
                    "amount_currency": sign * part["amount"], "balance": sign * part["balance"]}),
                fields.Command.create({
                    **common, "account_id": due.account_id.id, "currency_id": invoice.currency_id.id,
                    "amount_currency": -sign * part["due_amount"], "balance": -sign * part["balance"]}),
            ],
        }

    @api.model
    def _prepare_transfer(self, invoice, line, move, part):
        return {
            **self._prepare_receipt(line),
            "move_id": move.id,
            "kind": "carried",
            "invoice_id": invoice.id,
            "partner_id": invoice.commercial_partner_id.id,
            "company_id": invoice.company_id.id,
            "amount": part["amount"],
        }

    @api.model
    def _prepare_receipt(self, line):
        """Whose money the journal item is."""
        receipt = line._get_o2c_receipt_move()
        payment, bank = receipt.origin_payment_id, receipt.statement_line_id
        return {
            "payment_id": payment.id,
            "statement_line_id": False if payment else bank.id,
            "receipt_ref": payment.id or -bank.id,
            "currency_id": line.currency_id.id,
        }

    @api.model
    def _log_transfer(self, transfer):
        self.env["o2c.register"]._log_many([{
            **transfer._prepare_register_vals(), "record": transfer, "event": "advance_transferred",
            "message": transfer.move_id.ref}])

    def _undo(self):
        """Reverse the entries: the money is where it was before. What was carried over goes first."""
        for transfer in self.sudo().sorted(lambda row: row.kind == "kept"):
            if transfer.state == "done":
                transfer._undo_one()

    def _undo_one(self):
        move = self.move_id
        # First, since taking the matching apart comes back here.
        self._move_state("undone", message=self.env._("%s was taken apart.", move.ref))
        move.line_ids.remove_move_reconcile()
        move.line_ids._link_o2c_receipt(self.env["account.move"])
        values = {"date": self._get_reversal_date(), "ref": self.env._("Reversal of: %s", move.ref)}
        reversal = move._reverse_moves([values], cancel=True)
        self._guarded_write({"reversal_id": reversal.id})

    def _get_reversal_date(self):
        """What was kept was never an advance if it is none: its reversal has its day."""
        move = self.move_id
        return move.date if self.kind == "kept" else max(move.date, fields.Date.context_today(move))

    @api.model
    def _find_done(self, moves):
        """Transfers that stand on these entries: their own, of the invoice or of the receipt."""
        if not moves:
            return self.browse()
        return self.sudo().search([
            ("state", "=", "done"),
            "|", "|", "|", ("move_id", "in", moves.ids), ("invoice_id", "in", moves.ids),
            ("payment_id.move_id", "in", moves.ids), ("statement_line_id.move_id", "in", moves.ids)])

    @api.model
    def _undo_for(self, moves):
        """Before entries are no longer posted.

        :raise UserError: for the entries of transfers themselves
        """
        transfers = self._find_done(moves)
        own = transfers.filtered(lambda row: row.move_id in moves)[:1]
        if own.kind == "kept":
            raise UserError(self.env._(
                "%(entry)s keeps an advance of %(receipt)s on the account for advances. Release what orders"
                " have of the receipt instead: the entry is then reversed by itself.",
                entry=own.move_id.name, receipt=own._get_receipt_name()))
        if own:
            raise UserError(self.env._(
                "%(entry)s transfers an advance to invoice %(invoice)s. Undo the matching of the invoice"
                " instead: the entry is then reversed by itself.",
                entry=own.move_id.name, invoice=own.invoice_id.name))
        transfers._undo()

    def action_open_entry(self):
        """Open the entry, with the rights of the user who asks."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id._get_records_action()

    # === HELPERS === #

    def _get_receipt_name(self):
        return (self.payment_id.move_id or self.statement_line_id.move_id).name

    def _prepare_register_vals(self):
        return {"partner": self.partner_id, "amount": self.amount, "currency": self.currency_id,
                "company": self.company_id}

    def _guard_get_hint(self):
        return self.env._(
            "Allocating a receipt, or matching an invoice with an advance, makes it; taking that back"
            " reverses it.")
