"""Import of a receivables ledger: the booking."""

import logging

import psycopg2
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..rules.ledger_match import Customer

_logger = logging.getLogger(__name__)


class LedgerImport(models.Model):
    _inherit = "o2c.ledger.import"

    # ------------------------------------------------------------------ actions

    def action_retry_errors(self):
        """Try the rows that failed once more; an import that was taken back is over."""
        self._check_step_is("booked", "reverting")
        return super().action_retry_errors()

    # ------------------------------------------------------------------ run

    def _move_state(self, target, *, message, vals=None, **kwargs):
        """Keep the step in line with the state of the run."""
        for ledger in self:
            step = ledger._get_step_after(target)
            super(LedgerImport, ledger)._move_state(
                target, message=message, vals={**(vals or {}), "step": step}, **kwargs
            )
        return True

    def _get_step_after(self, target):
        if target not in ("running", "done", "failed"):
            return self.step
        if self.step in ("reverting", "reverted"):
            left = (
                self.env["o2c.ledger.import.line"]
                .sudo()
                .search_count([("import_id", "=", self.id), ("is_booked", "=", True)], limit=1)
            )
            return "reverting" if left or target == "running" else "reverted"
        return "booking" if target == "running" else "booked"

    def _prepare_run_lines(self):
        """Book what needs no invoice, and make sure that the preview still holds."""
        self.ensure_one()
        # A planned import starts long after the button: the right must still be there.
        self._check_may_import()
        self._check_step_before_booking()
        self._check_preview_holds()
        if not self.journal_id:
            self._set_opening_journal()
        self._create_missing_customers()
        self._book_history()
        self._log_import("ledger_import", self.env._("%s is booked", self.name))

    def _check_step_before_booking(self):
        # The run was moved to running already, and its step with it: the digest tells a preview.
        if not self.check_digest:
            raise UserError(self.env._("Make the preview first."))
        if self.mode == "all" and self.wrong_count:
            raise UserError(
                self.env._(
                    "%(count)s rows are wrong, and all rows or none shall be booked. Correct the file, or "
                    "choose to book the good rows.",
                    count=self.wrong_count,
                )
            )
        if not (self.open_count or self.settled_count):
            raise UserError(self.env._("No row of this file needs to be booked."))

    def _check_preview_holds(self):
        """What is booked is what was shown: judge again and compare."""
        if self._get_digest(self._judge_file()) != self.check_digest:
            raise UserError(
                self.env._(
                    "Customers, invoices, rates or lock dates changed since the preview. "
                    "Make the preview again."
                )
            )

    def _set_opening_journal(self):
        journal = self.env["account.journal"]._get_o2c_opening_journal(self.company_id)
        self._guarded_write({"journal_id": journal.id})

    def _process_lines(self, lines):
        """Book a batch at once, in a sixth of the time; row by row when one of them can't be booked."""
        if self.step == "reverting" or not self._book_at_once(lines):
            super()._process_lines(lines)

    def _run_line(self, line):
        """Book or take back one open item."""
        if self.step == "reverting":
            return self._take_back_line(line)
        return self.env._("Booked as %s", self._book_lines(line).name)

    def _run_batch(self, *args, **kwargs):
        """All or none: the first row that can't be booked takes the others back."""
        count = super()._run_batch(*args, **kwargs)
        if self.mode == "all" and self.step in ("booking", "booked") and self._has_failed_rows():
            worker = self._with_starter()
            worker._log_import(
                "ledger_revert", self.env._("%s: a row could not be booked, so none is", self.name)
            )
            worker._start_taking_back()
        return count

    def _has_failed_rows(self):
        return bool(
            self.env["o2c.ledger.import.line"]
            .sudo()
            .search_count([("import_id", "=", self.id), ("state", "=", "error")], limit=1)
        )

    # ------------------------------------------------------------------ customers

    def _create_missing_customers(self):
        """Create the customers of the preview's new ones, one for each key, and put them on the rows."""
        lines = self.line_ids.sudo().filtered("is_new_customer")
        if not lines:
            return
        if not self.env["res.partner"].has_access("create"):
            raise UserError(
                self.env._(
                    "Customers are missing, and you may not create contacts. Ask somebody who may, or leave "
                    "the rows out."
                )
            )
        index, groups = self._get_customer_index(), {}
        for line in lines:
            keys = {"ref": line.customer_ref or "", "vat": line.vat or "", "name": line.customer_name or ""}
            found = index.find(**keys)
            key = found.partner_id
            if key is None:
                key = -len(groups) - 1
                index.add(Customer(key, key, **keys))
            groups.setdefault(key, []).append(line)
        customers = self.env["res.partner"].create(
            [self._prepare_customer_vals(group[0]) for group in groups.values()]
        )
        for customer, group in zip(customers, groups.values(), strict=True):
            lines.browse([line.id for line in group])._guarded_write({"partner_id": customer.id})

    def _prepare_customer_vals(self, line):
        country = self._find_country(line.country)
        comment = (
            self.env._("Country in the imported ledger: %s", line.country)
            if line.country and not country
            else False
        )
        return {
            "name": line.customer_name or line.customer_ref or line.vat,
            "ref": line.customer_ref,
            "vat": line.vat,
            "country_id": country.id,
            "comment": comment,
            "is_company": True,
            "customer_rank": 1,
        }

    def _find_country(self, text):
        """By two-letter code or name; a code of the former system stays a remark on the customer."""
        if not text:
            return self.env["res.country"]
        return self.env["res.country"].search(
            ["|", ("code", "=ilike", text), ("name", "=ilike", text)], limit=1
        )

    # ------------------------------------------------------------------ history

    def _book_history(self):
        """Settled rows become payment history in one statement: there can be tens of thousands."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_payment_history (
                       company_id, import_id, partner_id, invoice_number, invoice_date, due_date,
                       settled_date, days_late, currency_id, amount, amount_company, disputed,
                       create_uid, create_date, write_uid, write_date)
                SELECT company_id, import_id, partner_id, number, invoice_date, due_date, settled_date,
                       days_late, currency_id, amount, amount_company, disputed,
                       %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
                  FROM o2c_ledger_import_line
                 WHERE import_id = %(ledger)s AND outcome = 'settled' AND state = 'pending'
                """,
                user=self.env.uid,
                ledger=self.id,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE o2c_ledger_import_line SET state = 'done', is_booked = true"
                " WHERE import_id = %s AND outcome = 'settled' AND state = 'pending'",
                self.id,
            )
        )
        self.env.invalidate_all()

    # ------------------------------------------------------------------ open items

    def _book_at_once(self, lines):
        """Book all rows in one go; says whether that worked, and leaves nothing behind if not."""
        try:
            with self.env.cr.savepoint():
                self._book_lines(lines)
        except psycopg2.OperationalError:
            raise
        except (UserError, psycopg2.Error) as error:
            _logger.info("%s: booking row by row after: %s", self, error)
            return False
        for line in lines:
            line._guarded_write({"state": "done", "message": self.env._("Booked as %s", line.number)})
        return True

    def _book_lines(self, lines):
        """Post the open items of rows as customer invoices or credit notes.

        Written with the rights of the import, which were checked when it was started.

        :raise UserError: if one of them can't be booked as it stands in the file
        """
        self._check_not_booked_meanwhile(lines)
        # The register and the row say where an invoice comes from; a note on each costs half of the time.
        moves = self.env["account.move"].sudo().with_context(mail_create_nolog=True)
        moves = moves.create([self._prepare_move_vals(line) for line in lines])
        for line, move in zip(lines.sudo(), moves, strict=True):
            line._guarded_write({"move_id": move.id, "is_booked": True})
        moves._post(soft=False)
        for line, move in zip(lines, moves, strict=True):
            self._check_booked_as_stated(line, move)
        return moves

    def _check_not_booked_meanwhile(self, lines):
        if booked := self._get_booked_invoices(lines.mapped("number")):
            raise UserError(
                self.env._(
                    "Invoice %s was booked by somebody else since the preview.", ", ".join(sorted(booked))
                )
            )

    def _check_booked_as_stated(self, line, move):
        """Odoo moves dates out of locked periods and numbers out of its sequences without a word."""
        if (
            move.state != "posted"
            or move.name != line.number
            or move.date != line.invoice_date
            or move.invoice_date_due != line.due_date
            or move.currency_id.compare_amounts(move.amount_total, abs(line.open_amount))
        ):
            raise UserError(
                self.env._(
                    "Odoo would book %(number)s as %(name)s on %(date)s. Check lock dates and the sequence "
                    "of journal %(journal)s.",
                    number=line.number,
                    name=move.name,
                    date=format_date(self.env, move.date),
                    journal=move.journal_id.display_name,
                )
            )

    def _prepare_move_vals(self, line):
        is_refund = line.open_amount < 0
        return {
            "move_type": "out_refund" if is_refund else "out_invoice",
            "name": line.number,
            "journal_id": self.journal_id.id,
            "company_id": self.company_id.id,
            "partner_id": line.partner_id.id,
            "currency_id": line.currency_id.id,
            "invoice_date": line.invoice_date,
            "date": line.invoice_date,
            "invoice_date_due": line.due_date,
            "invoice_payment_term_id": False,
            "fiscal_position_id": False,
            "invoice_user_id": line.partner_id.user_id.id,
            "payment_reference": line.number,
            "invoice_line_ids": [
                (
                    0,
                    0,
                    {
                        "name": self._get_move_line_label(line),
                        "quantity": 1.0,
                        "price_unit": abs(line.open_amount),
                        "account_id": self.opening_account_id.id,
                        "tax_ids": [(6, 0, [])],
                    },
                )
            ],
        }

    def _get_move_line_label(self, line):
        if line.currency_id.compare_amounts(line.amount, line.open_amount) == 0:
            return self.env._(
                "Open item %(number)s at %(date)s",
                number=line.number,
                date=format_date(self.env, self.cut_off_date),
            )
        return self.env._(
            "Open item %(number)s at %(date)s, rest of %(amount)s",
            number=line.number,
            date=format_date(self.env, self.cut_off_date),
            amount=line.currency_id.format(line.amount),
        )

    # ------------------------------------------------------------------ register

    def _log_import(self, event, message):
        self.env["o2c.register"]._log(
            self,
            event,
            message,
            company=self.company_id,
            amount=self.open_total,
            currency=self.company_id.currency_id,
            evidence={
                "file": self.file_name,
                "sha256": self.file_hash,
                "cut_off": str(self.cut_off_date),
                "open": [self.open_count, self.open_total],
                "settled": [self.settled_count, self.settled_total],
                "skipped": self.skipped_count,
                "wrong": self.wrong_count,
                "mode": self.mode,
            },
        )
