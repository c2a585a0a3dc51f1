import logging
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL

from ..rules.budget import Budget

_logger = logging.getLogger(__name__)


class ReceiptMatching(models.AbstractModel):
    """Reconciles invoices with the advances of their orders.

    Oldest receipt first, up to what is allocated to the orders of the invoice and not more; money of
    other orders or customers is not touched. Money paid back meets credit notes in the same way.
    """

    _name = "o2c.receipt.matching"
    _description = "Matching of advances with invoices"

    @api.model
    def _match_orders(self, orders):
        """Match the open posted invoices of ``orders``, oldest first."""
        if not orders:
            return
        invoices = orders.sudo().order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.payment_state in ("not_paid", "partial")
        )
        self._match(invoices.sorted(lambda move: (move.invoice_date or move.date, move.id)))

    @api.model
    def _match(self, invoices):
        """Match posted invoices. A failure is told to finance and undoes nothing but itself."""
        invoices = invoices.sudo()
        owners = {invoice: invoice.invoice_line_ids.sale_line_ids.order_id for invoice in invoices}
        owners = {invoice: orders for invoice, orders in owners.items() if orders}
        receipts = self._get_receipts({order.id for orders in owners.values() for order in orders})
        if not receipts:
            return
        budget, plan = self._prepare_plan(owners, receipts)
        if not plan:
            return
        try:
            with self.env.cr.savepoint():
                lines = self.env["account.move.line"].sudo()
                lines.with_context(o2c_budget=budget)._reconcile_plan(plan)
        except (UserError, RedirectWarning) as error:
            self._report(owners, error)

    # === PLAN === #

    @api.model
    def _get_receipts(self, order_ids):
        """What receipts have for these orders: ``[{move_id, sign, amounts: {order id: amount}}]``.

        Amounts in the currency of the receipt's journal item, a write-off inside it included.
        """
        if not order_ids:
            return []
        refs = SQL(
            "SELECT DISTINCT receipt_ref FROM o2c_receipt_allocation"
            " WHERE state = 'active' AND order_id = ANY(%s)", list(order_ids))
        query = SQL(
            """SELECT found.move_id, found.sign, found.order_id, found.taken / found.cash_share
                 FROM (%s) found JOIN account_move move ON move.id = found.move_id
                WHERE found.order_id = ANY(%s) AND found.taken > 0 AND found.cash_share > 0
             ORDER BY move.date, found.receipt_ref, found.first_id""",
            self.env["o2c.receipt.ledger"]._sql_taken(refs), list(order_ids))
        receipts = {}
        for move_id, sign, order_id, amount in self.env.execute_query(query):
            receipt = receipts.setdefault(move_id, {"move_id": move_id, "sign": sign, "amounts": {}})
            receipt["amounts"][order_id] = float(amount)
        return list(receipts.values())

    @api.model
    def _prepare_plan(self, owners, receipts):
        """Budget and reconciliation plan: per invoice one node for each receipt, oldest first."""
        budget, plan = Budget(), []
        open_lines = self._get_open_lines([receipt["move_id"] for receipt in receipts])
        for receipt in receipts:
            budget.add_receipt([line.id for line in open_lines[receipt["move_id"]]], receipt["amounts"])
        for invoice, orders in owners.items():
            budget.add_invoice(invoice.id, orders.ids)
            due = invoice.line_ids.filtered(
                lambda line: line.display_type == "payment_term" and not line.reconciled)
            nodes = [
                due_part | line
                for receipt in receipts if not receipt["amounts"].keys().isdisjoint(orders.ids)
                for line in open_lines[receipt["move_id"]]
                if (due_part := due.filtered(
                    lambda item, line=line: item.account_id == line.account_id
                    and item.balance * line.balance < 0))
            ]
            if nodes:
                plan.append(nodes)
        return budget, plan

    @api.model
    def _get_open_lines(self, move_ids):
        """Open receivable items of the receipts, by entry."""
        lines = self.env["account.move.line"].sudo().search([
            ("move_id", "in", move_ids),
            ("account_id.account_type", "=", "asset_receivable"),
            ("reconciled", "=", False),
        ], order="id")
        by_move = defaultdict(list)
        for line in lines:
            by_move[line.move_id.id].append(line)
        return by_move

    @api.model
    def _report(self, owners, error):
        """Tell finance that advances have to be matched by hand."""
        _logger.warning("Advances not matched with %s: %s", [move.name for move in owners], error)
        for invoice in owners:
            invoice.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Match advances by hand"),
                note=self.env._("The advances of its orders could not be matched: %s", error.args[0]),
                user_id=(invoice.invoice_user_id or self.env.user).id,
            )
