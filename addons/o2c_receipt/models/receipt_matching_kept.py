import logging
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL, split_every

from .receipt_ledger import LIQUIDITY_JOURNALS

_logger = logging.getLogger(__name__)

BATCH = 100
FIELDS_READ = {
    "res.company": ("o2c_advance_account_id",),
    "res.currency": ("rounding",),
    "account.move": ("company_id", "journal_id", "origin_payment_id", "state", "statement_line_id"),
    "account.move.line": (
        "account_id", "amount_residual_currency", "currency_id", "move_id", "o2c_receipt_move_id",
        "parent_state", "reconciled",
    ),
}


class Place(NamedTuple):
    """A receipt whose money does not lie where it should, in the currency of its item."""

    receipt_ref: int
    move_id: int
    wanted: float  # what orders have of it and no invoice took
    kept: float  # what lies on the account for advances


class ReceiptMatching(models.AbstractModel):
    """What orders have of a receipt, and no invoice took, lies on the account for advances.

    Only where a company has one. A failure is told to finance and undoes nothing but itself.
    """

    _inherit = "o2c.receipt.matching"

    # === BUSINESS METHODS === #

    @api.model
    def _keep_advances(self, orders, receipt=None):
        """Put the money of all receipts of ``orders`` where it should lie.

        :param receipt: looked at even if no order has anything of it any more
        """
        companies = orders.company_id | (receipt or orders).company_id
        if not companies.sudo().o2c_advance_account_id:
            return
        self._keep_receipts(SQL(
            """SELECT DISTINCT receipt_ref FROM o2c_receipt_allocation
                WHERE state = 'active' AND order_id = ANY(%s) UNION SELECT %s""",
            list(orders.ids), receipt._get_o2c_ref() if receipt else None))

    @api.model
    def _keep_receipts(self, refs):
        """:param refs: SELECT of ``receipt_ref``"""
        for place in self._get_misplaced(refs):
            receipt = self.env["account.move"].sudo().browse(place.move_id)
            try:
                with self.env.cr.savepoint():
                    self._keep_receipt(receipt, place)
            except (UserError, RedirectWarning) as error:
                self._report_kept(receipt, error)

    @api.model
    def _keep_receipt(self, receipt, place):
        """Keep what is missing on the account for advances; what is too much there goes back first."""
        transfers = self.env["o2c.receipt.transfer"]
        kept = place.kept - self._give_back(place)
        for line in self._get_open_lines([receipt.id])[receipt.id]:
            part = min(line.currency_id.round(place.wanted - kept), abs(line.amount_residual_currency))
            if line.account_id.o2c_is_advance or line.currency_id.compare_amounts(part, 0) <= 0:
                continue
            transfers._keep(line, part)
            kept += part

    @api.model
    def _give_back(self, place):
        """Undo the newest entries that keep more than is wanted and of which nothing went on.

        What the money of an entry that went on in part leaves free stays on the account: the next order
        takes it from there.

        :return: the amount, which may be more than was too much
        """
        given = 0.0
        for transfer in self.env["o2c.receipt.transfer"].sudo().search([
            ("receipt_ref", "=", place.receipt_ref), ("kind", "=", "kept"), ("state", "=", "done"),
        ]):
            surplus = place.kept - given - place.wanted
            if transfer.currency_id.compare_amounts(surplus, 0) <= 0:
                break
            if transfer._is_untouched():
                transfer._undo()
                given += transfer.amount
        return given

    @api.model
    def _report_kept(self, receipt, error):
        """Tell finance, once, that an advance has to be moved by hand."""
        _logger.warning("Advance of %s not moved to its account: %s", receipt.name, error)
        summary = self.env._("Move the advance of %s by hand", receipt.name)
        orders = receipt._get_o2c_paid_orders()
        for order in orders.filtered(lambda order: summary not in order.activity_ids.mapped("summary")):
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=self.env._(
                    "It could not be moved to the account for advances: %s", error.args[0]),
                user_id=self.env["o2c.receipt.allocation"]._get_warned(order).id,
            )

    # === JOB === #

    @api.model
    def _cron_keep_advances(self):
        """Catch up with what happened since receipts were allocated: the account was chosen later, an
        invoice was taken back, a period was opened."""
        refs = [place.receipt_ref for place in self._get_misplaced(self._sql_open_refs())]
        self.env["ir.cron"]._commit_progress(remaining=len(refs))
        for batch in split_every(BATCH, refs, list):
            self._keep_receipts(SQL("SELECT UNNEST(%s::int[]) AS receipt_ref", self._lock_receipts(batch)))
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return

    @api.model
    def _lock_receipts(self, refs):
        """Of these receipts those that nobody is allocating at this moment, locked as an allocation does."""
        payments = self.env["account.payment"].sudo().browse(ref for ref in refs if ref > 0)
        lines = self.env["account.bank.statement.line"].sudo().browse(-ref for ref in refs if ref < 0)
        return [
            *payments.try_lock_for_update(allow_referencing=True).ids,
            *(-line_id for line_id in lines.try_lock_for_update(allow_referencing=True).ids)]

    # === SQL === #

    @api.model
    def _get_misplaced(self, refs):
        """Posted receipts whose money can be moved to where it should lie, oldest first."""
        query = SQL(
            """SELECT asked.receipt_ref, entry.id, COALESCE(wanted.amount, 0), COALESCE(lies.kept, 0)
                 FROM (%(refs)s) asked
            LEFT JOIN account_payment payment ON payment.id = asked.receipt_ref
            LEFT JOIN account_bank_statement_line item ON item.id = -asked.receipt_ref
                 JOIN account_move entry
                   ON entry.id = COALESCE(payment.move_id, item.move_id) AND entry.state = 'posted'
                 JOIN res_company company
                   ON company.id = entry.company_id AND company.o2c_advance_account_id IS NOT NULL
            LEFT JOIN (SELECT receipt_ref, SUM(taken / cash_share) AS amount
                         FROM (%(taken)s) taken WHERE taken > 0 AND cash_share > 0
                     GROUP BY receipt_ref) wanted ON wanted.receipt_ref = asked.receipt_ref
           CROSS JOIN LATERAL (%(lies)s) lies
                 JOIN res_currency currency ON currency.id = lies.currency_id
                WHERE COALESCE(wanted.amount, 0) - COALESCE(lies.kept, 0) >= currency.rounding / 2
                      AND lies.due > 0
                   OR COALESCE(lies.kept, 0) - COALESCE(wanted.amount, 0) >= currency.rounding / 2
                      AND lies.is_kept
             ORDER BY entry.date, asked.receipt_ref""",
            refs=refs,
            taken=self.env["o2c.receipt.ledger"]._sql_taken(refs),
            lies=self._sql_lies(),
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )
        return [
            Place(ref, move_id, float(wanted), float(kept))
            for ref, move_id, wanted, kept in self.env.execute_query(query)]

    @api.model
    def _sql_lies(self):
        """What of the receipt ``entry`` is open: ``due`` on the receivable account, ``kept`` on that for
        advances; ``is_kept``: an entry has brought some of it there that nothing took."""
        residual = SQL("ABS(line.amount_residual_currency)")
        return SQL(
            """SELECT SUM(%(residual)s) FILTER (WHERE account.account_type = 'asset_receivable') AS due,
                      SUM(%(residual)s) FILTER (WHERE account.o2c_is_advance) AS kept,
                      COALESCE(BOOL_OR(
                          line.o2c_receipt_move_id IS NOT NULL
                          AND line.amount_residual_currency = line.amount_currency), FALSE) AS is_kept,
                      MIN(line.currency_id) AS currency_id
                 FROM account_move_line line
                 JOIN account_account account ON account.id = line.account_id
                WHERE (line.move_id = entry.id OR line.o2c_receipt_move_id = entry.id)
                  AND (account.account_type = 'asset_receivable' OR account.o2c_is_advance)""",
            residual=residual,
        )

    @api.model
    def _sql_open_refs(self):
        """Receipts with something open that orders have, or had when it was kept for them."""
        return SQL(
            """SELECT DISTINCT COALESCE(move.origin_payment_id, -move.statement_line_id) AS receipt_ref
                 FROM account_move_line line
                 JOIN account_move move ON move.id = COALESCE(line.o2c_receipt_move_id, line.move_id)
                 JOIN account_journal journal ON journal.id = move.journal_id
                 JOIN res_company company
                   ON company.id = move.company_id AND company.o2c_advance_account_id IS NOT NULL
                WHERE line.account_id = ANY(ARRAY(%(accounts)s))
                  AND line.reconciled IS NOT TRUE
                  AND line.parent_state = 'posted'
                  AND journal.type IN %(liquidity)s
                  AND (line.o2c_receipt_move_id IS NOT NULL OR EXISTS (
                       SELECT FROM o2c_receipt_allocation allocation
                        WHERE allocation.state = 'active' AND allocation.receipt_ref
                              = COALESCE(move.origin_payment_id, -move.statement_line_id)))""",
            accounts=self.env["o2c.exposure"]._sql_customer_accounts(),
            liquidity=LIQUIDITY_JOURNALS,
        )
