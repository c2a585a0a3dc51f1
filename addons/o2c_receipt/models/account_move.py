from contextlib import contextmanager

from odoo import models

# In the cursor's own dict: how many calls of `_post` are at work, each of which matches what it posted.
POSTING = "o2c_receipt.posting"
LIQUIDITY_JOURNALS = ("bank", "cash", "credit")


class AccountMove(models.Model):
    _inherit = "account.move"

    # === CRUD === #

    def write(self, vals):
        """An entry of money that is no longer posted pays for no order: finance is told.

        An invoice whose state is written past `_post` meets its advances all the same.
        """
        stopping = self.browse()
        if vals.get("state") in ("draft", "cancel"):
            stopping = self.filtered(
                lambda move: move.state == "posted" and move.journal_id.type in LIQUIDITY_JOURNALS)
            self.env["o2c.receipt.transfer"]._undo_for(self.filtered(lambda move: move.state == "posted"))
        fresh = self.browse()
        if vals.get("state") == "posted" and not self.env.cr.cache.get(POSTING):
            fresh = self.filtered(lambda move: move.state != "posted" and move.is_sale_document(True))
        stopped = {move: move._get_o2c_paid_orders() for move in stopping}
        result = super().write(vals)
        if fresh:
            self.env["o2c.receipt.matching"]._match(fresh)
        for move, orders in stopped.items():
            self.env["o2c.receipt.allocation"]._warn_stopped(move.name, orders)
        return result

    # === BUSINESS METHODS === #

    def _post(self, soft=True):
        """Match posted invoices with the advances of their orders. Posting never fails for it."""
        with self._posting_o2c():
            posted = super()._post(soft)
        invoices = posted.filtered(lambda move: move.state == "posted" and move.is_sale_document(True))
        if invoices:
            self.env["o2c.receipt.matching"]._match(invoices)
        return posted

    @contextmanager
    def _posting_o2c(self):
        """While inside, invoices are not matched by the write of their state: `_post` does it at its
        end, when Odoo is through with them."""
        cache = self.env.cr.cache
        depth = cache.get(POSTING, 0)
        cache[POSTING] = depth + 1
        try:
            yield
        finally:
            cache[POSTING] = depth

    def _get_o2c_paid_orders(self):
        """Orders that have money of these entries, by allocation or by an invoice."""
        if not self:
            return self.env["sale.order"]
        moves = self.sudo() | self.sudo().line_ids.o2c_receipt_move_id
        refs = [payment.id for payment in moves.origin_payment_id]
        refs += [-line.id for line in moves.statement_line_id]
        rows = self.env["o2c.receipt.allocation"].sudo().search(
            [("receipt_ref", "in", refs), ("state", "=", "active")])
        lines = moves.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        matched = lines.matched_debit_ids.debit_move_id | lines.matched_credit_ids.credit_move_id
        return rows.order_id | matched.move_id.invoice_line_ids.sale_line_ids.order_id
