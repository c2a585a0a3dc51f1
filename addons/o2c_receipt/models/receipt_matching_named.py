from typing import Any, NamedTuple

from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError

from ..rules.budget import Budget


class Gift(NamedTuple):
    """Money of a receipt that was given to an instalment, in the currency of the receipt."""

    move_id: int  # entry of the receipt
    part: Any
    amount: float
    waiting: float  # of it what no invoice holds yet


class ReceiptMatching(models.AbstractModel):
    """Money that was given to one instalment meets the receivable of that instalment, and no other.

    It goes to the items of the invoice that are due when the instalment is, before the rest of the
    receipt pays the oldest. While no invoice holds the instalment, it stays an advance.
    """

    _inherit = "o2c.receipt.matching"

    @api.model
    def _match_named(self, owners, receipts):
        """Match money of instalments with their items, and set apart what no invoice holds yet.

        :param owners: ``{invoice: its orders}``
        :param receipts: what receipts have, as `_get_receipts`
        :return: the receipts with what is left for the oldest
        """
        if not self.env["o2c.receipt.allocation"]._is_naming():
            return receipts
        orders = self.env["sale.order"].union(*owners.values()).sudo()
        schedules = self.env["o2c.schedule"]._get_instalments(orders)
        gifts = self._get_gifts(orders, schedules)
        if not gifts:
            return receipts
        try:
            with self.env.cr.savepoint():
                for invoice in owners:
                    for gift in gifts:
                        self._match_gift(invoice, gift, schedules[gift.part.order_id.id])
        except (UserError, RedirectWarning) as error:
            self._report(owners, error)
        return self._set_apart(self._get_receipts(orders.ids), gifts)

    @api.model
    def _get_gifts(self, orders, schedules):
        """Money that came in for instalments, oldest receipt first."""
        rows = self.env["o2c.receipt.allocation"].sudo().search([
            ("order_id", "in", orders.ids), ("instalment_id", "!=", False), ("state", "=", "active"),
            ("amount", ">", 0)])
        given = {}
        for row in rows:
            given[row.instalment_id] = given.get(row.instalment_id, 0.0) + row.order_amount
        shares = {
            part: min(self._get_waiting(part, schedules[part.order_id.id]) / amount, 1.0)
            for part, amount in given.items() if amount
        }
        return [
            Gift(row._get_receipt().move_id.id, row.instalment_id, row.amount,
                 row.amount * shares.get(row.instalment_id, 0.0))
            for row in rows.sorted(lambda row: (row.receipt_date, row.id))
        ]

    @api.model
    def _get_waiting(self, part, schedule):
        """What was given to a part and no invoice holds yet, in order currency."""
        return sum(max(row.named - row.invoiced, 0.0) for row in schedule if row.instalment_id == part.id)

    @api.model
    def _match_gift(self, invoice, gift, schedule):
        """Match what is given to an instalment with the items of ``invoice`` that are due with it."""
        days = {row.due for row in schedule if row.instalment_id == gift.part.id and row.invoiced}
        due = invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term" and line.date_maturity in days)
        if not due or gift.part.order_id not in invoice.invoice_line_ids.sale_line_ids.order_id:
            return
        left = gift.amount - gift.waiting - self._get_matched(due, gift.move_id)
        for line in self._get_open_lines([gift.move_id])[gift.move_id]:
            left -= self._match_items(invoice, due, line, min(left, self._get_unused(gift)))

    @api.model
    def _get_unused(self, gift):
        """What the receipt has for the order that no invoice used, in the currency of its item."""
        order_id = gift.part.order_id.id
        return next(
            (receipt["amounts"].get(order_id, 0.0) for receipt in self._get_receipts([order_id])
             if receipt["move_id"] == gift.move_id and receipt["sign"] > 0), 0.0)

    @api.model
    def _match_items(self, invoice, due, line, amount):
        """Match up to ``amount`` of an item of a receipt with ``due``; what was matched, in its currency."""
        open_items = due.filtered(lambda item: not item.reconciled and item.balance * line.balance < 0)
        if not open_items or line.currency_id.compare_amounts(amount, 0) <= 0:
            return 0.0
        if line.account_id.o2c_is_advance:
            return self.env["o2c.receipt.transfer"]._transfer(invoice, line, amount, due=open_items)
        same = open_items.filtered(lambda item: item.account_id == line.account_id)
        budget, before = Budget(), abs(line.amount_residual_currency)
        budget.add_receipt(line.ids, {invoice.id: amount})
        budget.add_invoice(invoice.id, [invoice.id])
        if same:
            items = self.env["account.move.line"].sudo().with_context(o2c_budget=budget)
            items._reconcile_plan([same | line])
        return before - abs(line.amount_residual_currency)

    @api.model
    def _get_matched(self, due, move_id):
        """What these items have of a receipt already, in the currency of its item."""
        transfers = self.env["o2c.receipt.transfer"].sudo().search([
            ("state", "=", "done"), ("invoice_id", "in", due.move_id.ids),
            "|", ("payment_id.move_id", "=", move_id), ("statement_line_id.move_id", "=", move_id)])
        carried = {row.move_id: row.amount for row in transfers}
        total = 0.0
        for partial in due.matched_credit_ids:
            money = partial.credit_move_id.move_id
            if money.id == move_id:
                total += partial.credit_amount_currency
            elif money in carried:
                whole = abs(partial.credit_move_id.amount_currency)
                total += carried[money] * partial.credit_amount_currency / whole if whole else 0.0
        return total

    @api.model
    def _set_apart(self, receipts, gifts):
        """Take off what waits for the invoice of its instalment."""
        for receipt in receipts:
            amounts = receipt["amounts"]
            for gift in gifts:
                order_id = gift.part.order_id.id
                if gift.move_id == receipt["move_id"] and order_id in amounts:
                    amounts[order_id] = max(amounts[order_id] - gift.waiting, 0.0)
        return receipts
