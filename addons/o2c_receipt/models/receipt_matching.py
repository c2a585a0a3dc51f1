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
    other orders or customers is not touched, nor what was given to an instalment that is not invoiced.
    Money paid back meets credit notes in the same way.
    """

    _name = "o2c.receipt.matching"
    _description = "Matching of advances with invoices"

    @api.model
    def _match_orders(self, orders, receipt=None):
        """Match the open posted invoices of ``orders``, oldest first; what none takes goes to the account
        for advances.

        :param receipt: whose money has come to these orders or left them
        """
        if not orders:
            return
        invoices = orders.sudo().order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.payment_state in ("not_paid", "partial")
        )
        self._match(invoices.sorted(lambda move: (move.invoice_date or move.date, move.id)))
        self._keep_advances(orders, receipt)
        self._match_refunds(orders)

    @api.model
    def _match(self, invoices):
        """Match posted invoices. A failure is told to finance and undoes nothing but itself."""
        invoices = invoices.sudo()
        owners = {invoice: invoice.invoice_line_ids.sale_line_ids.order_id for invoice in invoices}
        owners = {invoice: orders for invoice, orders in owners.items() if orders}
        receipts = self._get_receipts({order.id for orders in owners.values() for order in orders})
        if not receipts:
            return
        receipts = self._match_named(owners, receipts)
        budget, plan, carried = self._prepare_plan(owners, receipts)
        if not plan and not carried:
            return
        try:
            with self.env.cr.savepoint():
                if carried:
                    # First: what a receipt has beside it on the receivable account is nobody's.
                    self._transfer(carried, budget)
                    plan = self._drop_reconciled(plan)
                if plan:
                    lines = self.env["account.move.line"].sudo()
                    lines.with_context(o2c_budget=budget)._reconcile_plan(plan)
        except (UserError, RedirectWarning) as error:
            self._report(owners, error)

    @api.model
    def _match_refunds(self, orders):
        """Match money that was paid back with what is left of the advances of the same orders.

        Only where it moves no money between orders: what they have collected is the same after it,
        or the pair stays open for whoever looks at the statement.
        """
        receipts = self._get_receipts(orders.ids)
        if len({receipt["sign"] for receipt in receipts}) < 2:
            return
        for refund in (receipt for receipt in receipts if receipt["sign"] < 0):
            for advance in (receipt for receipt in receipts if receipt["sign"] > 0):
                self._match_refund(refund, advance)

    @api.model
    def _match_refund(self, refund, advance):
        """One refund and one advance, up to what both have for their common orders."""
        common = {
            order: min(amount, advance["amounts"][order])
            for order, amount in refund["amounts"].items() if advance["amounts"].get(order, 0) > 0
        }
        if not common:
            return
        lines = self._get_open_lines([refund["move_id"], advance["move_id"]])
        pairs = [
            mine | other for mine in lines[refund["move_id"]] for other in lines[advance["move_id"]]
            if (mine.currency_id, mine.account_id) == (other.currency_id, other.account_id)]
        budget = Budget()
        budget.add_receipt([line.id for line in lines[advance["move_id"]]], common)
        for line in lines[refund["move_id"]]:
            budget.add_invoice(line.move_id.id, common)
        done = [self._reconcile_still(pair, budget) for pair in pairs]
        if any(done):
            for order, amount in common.items():
                refund["amounts"][order] -= amount
                advance["amounts"][order] -= amount

    @api.model
    def _reconcile_still(self, lines, budget):
        """Reconcile items of receipts if that moves no money between orders; whether it was done."""
        if any(line.reconciled for line in lines):
            return False
        orders = lines.move_id._get_o2c_paid_orders()
        before = orders._get_o2c_collected()
        try:
            with self.env.cr.savepoint():
                lines.sudo().with_context(o2c_budget=budget)._reconcile_plan([lines])
                if orders._is_o2c_collected_other(before):
                    raise UserError(self.env._("The refund and the advance are not of the same orders."))
        except (UserError, RedirectWarning) as error:
            _logger.info("Refund not matched with its advance: %s", error)
            return False
        return True

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
        """Budget and reconciliation plan: per invoice one node for each receipt, oldest first; beside it
        the invoices and items of receipts on a liability account, which are carried over first."""
        budget, plan, carried = Budget(), [], []
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
            carried += [
                (invoice, line)
                for receipt in receipts if not receipt["amounts"].keys().isdisjoint(orders.ids)
                for line in open_lines[receipt["move_id"]] if line.account_id.o2c_is_advance
            ]
        return budget, plan, carried

    @api.model
    def _transfer(self, carried, budget):
        """Carry advances over from the liability account, up to what the invoice's orders were given."""
        for invoice, line in carried:
            available = budget.get_available(line.id, invoice.id) or 0.0
            if line.reconciled or line.currency_id.compare_amounts(available, 0) <= 0:
                continue
            taken = self.env["o2c.receipt.transfer"]._transfer(invoice, line, available)
            if taken:
                budget.spend(line.id, invoice.id, taken)

    @api.model
    def _drop_reconciled(self, plan):
        """The plan without what is settled meanwhile."""
        plan = [[node.filtered(lambda line: not line.reconciled) for node in nodes] for nodes in plan]
        plan = [[node for node in nodes if len(node.filtered(lambda line: line.balance > 0)) and len(
            node.filtered(lambda line: line.balance < 0))] for nodes in plan]
        return [nodes for nodes in plan if nodes]

    @api.model
    def _get_open_lines(self, move_ids):
        """Open items of the receipts, by their entry; what lies on an account for advances comes first."""
        lines = self.env["account.move.line"].sudo().search([
            "|", ("move_id", "in", move_ids), ("o2c_receipt_move_id", "in", move_ids),
            "|",
            ("account_id.account_type", "=", "asset_receivable"),
            ("account_id.o2c_is_advance", "=", True),
            ("reconciled", "=", False),
        ], order="id")
        by_move = defaultdict(list)
        for line in lines.sorted(lambda line: not line.account_id.o2c_is_advance):
            by_move[line._get_o2c_receipt_move().id].append(line)
        return by_move

    @api.model
    def _get_advance(self, order, account, currency):
        """What the order has in ``currency`` on an account for advances."""
        receipts = {receipt["move_id"]: receipt for receipt in self._get_receipts(order.ids)}
        lines = self._get_open_lines(list(receipts))
        return sum(
            receipt["amounts"].get(order.id, 0.0) for move_id, receipt in receipts.items()
            if receipt["sign"] > 0 and any(
                (line.account_id, line.currency_id) == (account, currency) for line in lines[move_id]))

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
