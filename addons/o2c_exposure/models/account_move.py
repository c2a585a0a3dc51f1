"""Invoices that an import of a ledger booked."""

from odoo import api, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_o2c_opening_item(self):
        """True if the invoice is, unchanged, an open item taken over from another system.

        Controls of issuing an invoice don't apply to it: it was issued elsewhere. The journal alone proves
        nothing, since an accountant may choose it for any invoice.
        """
        self.ensure_one()
        if not self.journal_id.o2c_is_opening or not self.id:
            return False
        line = self.env["o2c.ledger.import.line"].sudo().search([("move_id", "=", self.id)], limit=1)
        return bool(line) and line._is_booked_as(self.sudo())

    @api.depends("journal_id", "sequence_number", "sequence_prefix", "state")
    def _compute_made_sequence_gap(self):
        # Numbers of the former system leave gaps where its invoices were settled: nothing to explain.
        opening = self.filtered("journal_id.o2c_is_opening")
        opening.made_sequence_gap = False
        return super(AccountMove, self - opening)._compute_made_sequence_gap()

    def _set_next_made_sequence_gap(self, made_gap):
        return super(
            AccountMove, self.filtered(lambda move: not move.journal_id.o2c_is_opening)
        )._set_next_made_sequence_gap(made_gap)
