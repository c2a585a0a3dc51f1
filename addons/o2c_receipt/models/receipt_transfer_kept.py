from odoo import api, fields, models
from odoo.exceptions import UserError


class ReceiptTransfer(models.Model):
    """Moves what orders were given of a receipt from the receivable to the account for advances."""

    _inherit = "o2c.receipt.transfer"

    # === BUSINESS METHODS === #

    @api.model
    def _keep(self, line, amount):
        """Move a part of a receipt to the account for advances of its company.

        :param line: open receivable item of the receipt
        :param amount: positive, in its currency; not more than what is open
        :raise UserError: where the company has no journal for it
        """
        move = self.env["account.move"].sudo().with_company(line.company_id).create(
            self._prepare_kept_entry(line, amount))
        moved, kept = move.line_ids.sorted(lambda item: item.account_id != line.account_id)
        kept._link_o2c_receipt(line.move_id)
        # In a locked period it gets the first day after it.
        move._post(soft=False)
        self._log_transfer(self.sudo()._guarded_create([self._prepare_kept(line, move, amount)]))
        (line | moved).with_context(o2c_budget=None).reconcile()

    @api.model
    def _prepare_kept_entry(self, line, amount):
        company, journal = line.company_id, line.company_id._get_o2c_advance_journal()
        if not journal:
            raise UserError(self.env._(
                "%s has no journal for miscellaneous entries. Create one, or choose it in the settings.",
                company.name))
        account = company.o2c_advance_account_id.with_company(company)
        sign, receipt = 1 if line.amount_residual_currency < 0 else -1, line.move_id.name
        share = amount / abs(line.amount_residual_currency)
        balance = company.currency_id.round(abs(line.amount_residual) * share)
        common = {"partner_id": line.partner_id.id, "currency_id": line.currency_id.id,
                  "name": self.env._("Advance of %s", receipt)}
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": line.date,
            "ref": self.env._("%(receipt)s on %(account)s", receipt=receipt, account=account.code),
            "line_ids": [
                fields.Command.create({
                    **common, "account_id": account_id, "amount_currency": side * amount,
                    "balance": side * balance})
                for account_id, side in ((line.account_id.id, sign), (account.id, -sign))
            ],
        }

    @api.model
    def _prepare_kept(self, line, move, amount):
        return {
            **self._prepare_receipt(line),
            "move_id": move.id,
            "kind": "kept",
            "partner_id": line.partner_id.commercial_partner_id.id,
            "company_id": line.company_id.id,
            "amount": amount,
        }

    def _undo_one(self):
        """Before an advance is no longer kept, nothing stands on it."""
        if self.kind == "kept":
            self._find_standing()._undo()
        return super()._undo_one()

    def _find_standing(self):
        """What carried over the money that this entry keeps."""
        kept = self.move_id.line_ids.filtered("o2c_receipt_move_id")
        partials = kept.matched_debit_ids | kept.matched_credit_ids
        moves = partials.debit_move_id.move_id | partials.credit_move_id.move_id
        return self.search([("state", "=", "done"), ("kind", "=", "carried"), ("move_id", "in", moves.ids)])

    @api.model
    def _find_broken(self, partials):
        """Transfers that no longer hold when these partials go.

        What was carried over needs both its sides; what is kept needs the side of its receipt only: the
        other one is matched and taken apart as the money goes on.
        """
        lines = partials.debit_move_id | partials.credit_move_id
        transfers = self.sudo().search([("state", "=", "done"), ("move_id", "in", lines.move_id.ids)])
        own = lines.filtered(lambda line: not line.o2c_receipt_move_id).move_id
        return transfers.filtered(lambda row: row.kind == "carried" or row.move_id in own)

    def _is_untouched(self):
        """Whether all of the money is where the entry keeps it."""
        return all(
            not line.currency_id.compare_amounts(line.amount_residual_currency, line.amount_currency)
            for line in self.move_id.line_ids.filtered("o2c_receipt_move_id"))
