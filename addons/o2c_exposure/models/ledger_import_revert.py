"""Import of a receivables ledger: taking it back."""

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

SHOWN_NUMBERS = 10


class LedgerImport(models.Model):
    _inherit = "o2c.ledger.import"

    # ------------------------------------------------------------------ actions

    def action_revert(self, reason):
        """Take the import back: cancel its invoices and delete its history, if nothing was paid yet.

        Finance officers only; registered.

        :param reason: why, for the register
        """
        self.ensure_one()
        self._check_may_import()
        if not self.env.user.has_group("o2c_base.group_finance_officer"):
            raise AccessError(self.env._("Only a finance officer takes an import back."))
        self._check_step_is("booked")
        self._check_state_is("done", "failed")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the import is taken back."))
        self._check_nothing_paid()
        self._log_import(
            "ledger_revert", self.env._("%(name)s is taken back: %(reason)s", name=self.name, reason=reason)
        )
        return self._start_taking_back()

    def _check_nothing_paid(self):
        """An import whose invoices were paid, credited or allocated stays."""
        paid = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("id", "in", self.line_ids.sudo().filtered("is_booked").move_id.ids),
                    ("line_ids.account_type", "=", "asset_receivable"),
                    "|",
                    ("line_ids.matched_debit_ids", "!=", False),
                    ("line_ids.matched_credit_ids", "!=", False),
                ]
            )
        )
        if paid:
            names = ", ".join(paid[:SHOWN_NUMBERS].mapped("name"))
            raise UserError(
                self.env._(
                    "%(count)s invoices of this import are paid or allocated (%(names)s). Undo that first.",
                    count=len(paid),
                    names=names,
                )
            )

    def _start_taking_back(self):
        """History goes at once, invoices are cancelled by the run."""
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM o2c_payment_history WHERE import_id = %s", self.id))
        self.env.cr.execute(
            SQL(
                """
                UPDATE o2c_ledger_import_line
                   SET state = CASE WHEN outcome = 'open' AND is_booked THEN 'pending'
                                    WHEN state = 'error' THEN 'error' ELSE 'dropped' END,
                       is_booked = is_booked AND outcome = 'open'
                 WHERE import_id = %s AND outcome IN ('open', 'settled')
                """,
                self.id,
            )
        )
        self.env.invalidate_all()
        ledger = self.sudo()
        ledger._guarded_write({"step": "reverting"})
        if ledger.state != "running":
            ledger._move_state(
                "running",
                # Who takes it back is the one in whose name the invoices are cancelled.
                vals={"starter_id": self.env.uid, "date_finished": False},
                message=self.env._("%s is taken back", self.name),
            )
        if not ledger._count_pending():
            ledger._finish()
        return ledger._trigger()

    def _take_back_line(self, line):
        move = line.move_id.sudo()
        if move.line_ids.matched_debit_ids or move.line_ids.matched_credit_ids:
            raise UserError(
                self.env._("Invoice %s was paid or allocated meanwhile. Undo that and try again.", move.name)
            )
        if move.state != "cancel":
            move.button_cancel()
        line.sudo()._guarded_write({"is_booked": False})
        return self.env._("Invoice %s was cancelled", move.name)
