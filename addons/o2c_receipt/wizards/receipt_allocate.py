from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..rules.suggest import Candidate, is_named, suggest

MOST_ORDERS = 80


class ReceiptAllocate(models.TransientModel):
    """Gives one receipt to many orders, or many receipts to one order, with suggestions."""

    _name = "o2c.receipt.allocate"
    _description = "Allocate receipts"

    # === FIELDS === #

    payment_id = fields.Many2one("account.payment", readonly=True)
    statement_line_id = fields.Many2one("account.bank.statement.line", string="Bank line", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    summary = fields.Char(readonly=True)
    memo = fields.Char(readonly=True)
    reason = fields.Char(string="Note", help="Anything that explains the allocation. It is registered.")
    line_ids = fields.One2many("o2c.receipt.allocate.line", "wizard_id", string="Allocation")
    has_instalments = fields.Boolean(string="Has instalments", compute="_compute_has_instalments")

    # === COMPUTES === #

    @api.depends("line_ids.order_id")
    def _compute_has_instalments(self):
        for wizard in self:
            wizard.has_instalments = any(wizard.line_ids.mapped("has_instalments"))

    # === START === #

    @api.model
    def _start(self, *, receipt=None, order=None):
        """Open the wizard from a receipt or from an order."""
        values = self._prepare_from_receipt(receipt) if receipt else self._prepare_from_order(order)
        wizard = self.create(values)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Allocate"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _prepare_from_receipt(self, receipt):
        receipt = receipt.sudo()
        self.env["o2c.receipt.allocation"]._check_receipt(receipt)
        currency, free = receipt._get_o2c_currency(), receipt._get_o2c_free()
        lines = self._suggest_orders(receipt, free)
        return {
            **self._prepare_receipt_vals(receipt),
            "partner_id": receipt.partner_id.commercial_partner_id.id,
            "memo": receipt._get_o2c_text(),
            "summary": self.env._(
                "%(free)s of %(receipt)s are unallocated.",
                free=format_amount(self.env, free, currency), receipt=receipt.display_name),
            "line_ids": [Command.create(line) for line in lines],
        }

    @api.model
    def _prepare_from_order(self, order):
        order = order.sudo()
        debtor = order.partner_invoice_id.commercial_partner_id
        return {
            "order_id": order.id,
            "partner_id": debtor.id,
            "summary": self.env._(
                "%(open)s of order %(order)s are still to collect.",
                open=format_amount(self.env, order.o2c_uncollected, order.currency_id), order=order.name),
            "line_ids": [Command.create(line) for line in self._suggest_receipts(order, debtor)],
        }

    # === SUGGESTIONS === #

    @api.model
    def _suggest_orders(self, receipt, free):
        """Lines for the orders of who paid: those that the text names, of this amount, or the oldest."""
        incoming = receipt._get_o2c_money() > 0
        currency, tolerance = receipt._get_o2c_currency(), receipt._get_o2c_currency().rounding / 2
        orders = self._get_orders(receipt)
        candidates = [
            Candidate(
                order,
                currency.round(order.currency_id._convert(
                    max(order.o2c_uncollected, 0.0) if incoming else order.o2c_collected,
                    currency, order.company_id, receipt.date, round=False)),
                self._get_references(order),
            )
            for order in orders
        ]
        found = {item.key: item for item in suggest(free, candidates, receipt._get_o2c_text(), tolerance)}
        waiting = [item for item in candidates if item.open_amount > tolerance]
        waiting.sort(key=lambda item: item.key not in found)
        return [
            {
                **self._prepare_receipt_vals(receipt),
                "order_id": item.key.id,
                "instalment_id": self._find_asked(item.key, receipt._get_o2c_text()).id,
                "currency_id": currency.id,
                "amount": found[item.key].amount if item.key in found else 0.0,
                "hint": found[item.key].reason if item.key in found else False,
                "receipt_name": receipt.display_name,
                "free_amount": free,
                "open_amount": item.open_amount,
            }
            for item in waiting[:MOST_ORDERS]
        ]

    @api.model
    def _get_orders(self, receipt):
        """Orders to which the receipt may be given, oldest first; within a group for finance officers."""
        payer = receipt.partner_id.commercial_partner_id
        partners = payer
        if payer.o2c_corporate_group_id and self.env.user.has_group("o2c_base.group_finance_officer"):
            partners |= payer.o2c_corporate_group_id.partner_ids
        return self.env["sale.order"].sudo(False).search([
            ("partner_invoice_id.commercial_partner_id", "in", partners.ids),
            ("company_id", "child_of", receipt.company_id.root_id.ids),
            ("state", "!=", "cancel"),
        ], order="date_order, id").sudo()

    @api.model
    def _suggest_receipts(self, order, debtor):
        """Lines for the free receipts of the order's debtor: those naming it first, then the oldest.

        Nothing is suggested of a receipt that names another order of the customer.
        """
        left = max(order.o2c_uncollected, 0.0)
        receipts = self.env["o2c.receipt"]._search_free(debtor, order.company_id)
        hints = self._get_hints(receipts, order, debtor)
        ranks = ("reference", "oldest", "other")
        lines = []
        for row in receipts.sorted(lambda row: ranks.index(hints[row])):
            currency, company = row.receipt_currency_id, order.company_id
            wanted = order.currency_id._convert(left, currency, company, row.date)
            amount = 0.0 if hints[row] == "other" else max(min(row.free_amount, wanted), 0.0)
            left -= currency._convert(amount, order.currency_id, company, row.date)
            lines.append({
                **self._prepare_receipt_vals(row._get_receipt()),
                "order_id": order.id,
                "instalment_id": self._find_asked(order, row.memo).id,
                "currency_id": currency.id,
                "amount": amount,
                "hint": hints[row] if amount or hints[row] == "other" else False,
                "receipt_name": row.name,
                "memo": row.memo,
                "date": row.date,
                "free_amount": row.free_amount,
                "open_amount": order.currency_id._convert(
                    max(order.o2c_uncollected, 0.0), currency, company, row.date),
            })
        return lines

    @api.model
    def _get_hints(self, receipts, order, debtor):
        """Per receipt: its memo names this order, another one of the customer, or none."""
        others = self.env["sale.order"].sudo().search([
            ("partner_invoice_id.commercial_partner_id", "=", debtor.id),
            ("company_id", "=", order.company_id.id),
            ("state", "!=", "cancel"),
            ("id", "!=", order.id),
        ], order="id desc", limit=MOST_ORDERS)
        own = self._get_references(order)
        foreign = [reference for other in others for reference in self._get_references(other)]
        hints = {}
        for row in receipts:
            if any(is_named(reference, row.memo) for reference in own):
                hints[row] = "reference"
            else:
                hints[row] = "other" if any(is_named(ref, row.memo) for ref in foreign) else "oldest"
        return hints

    @api.model
    def _get_references(self, order):
        """What a payer may call the order: its own numbers, those of its payment requests and invoices."""
        order = order.sudo()
        transactions = order.transaction_ids.mapped("reference")
        asked = order.o2c_payment_request_ids.mapped("name")
        invoices = order.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice")
        return tuple(filter(None, (
            order.name, order.client_order_ref, order.reference, *transactions, *asked,
            *invoices.mapped("name"), *invoices.mapped("payment_reference"))))

    @api.model
    def _find_asked(self, order, text):
        """The instalment of the payment request that the payer named, if any."""
        requests = order.sudo().o2c_payment_request_ids.filtered(
            lambda request: request.instalment_id and is_named(request.name, text))
        return requests[:1].instalment_id

    @api.model
    def _prepare_receipt_vals(self, receipt):
        payment = receipt._name == "account.payment"
        return {
            "payment_id": receipt.id if payment else False,
            "statement_line_id": False if payment else receipt.id,
        }

    # === ACTIONS === #

    def action_allocate(self):
        """Give the amounts to the orders; everything or nothing.

        :raise AccessError: for users who don't allocate, or don't see the order or the company
        :raise UserError: when a receipt has not that much, or belongs to somebody else
        """
        self.ensure_one()
        allocation = self.env["o2c.receipt.allocation"]
        allocation._check_allocator()
        by_receipt = {}
        for line in self.line_ids:
            if line.currency_id.is_zero(line.amount):
                continue
            line._check_line_access()
            receipt = line.sudo()._get_receipt()
            amounts, key = by_receipt.setdefault(receipt, {}), line._get_key()
            amounts[key] = amounts.get(key, 0.0) + line.amount
        if not by_receipt:
            raise UserError(self.env._("Enter an amount in at least one line."))
        for receipt, amounts in by_receipt.items():
            allocation._allocate(receipt, amounts, reason=self.reason)
        return {"type": "ir.actions.act_window_close"}
