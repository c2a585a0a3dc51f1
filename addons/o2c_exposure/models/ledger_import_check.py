"""Import of a receivables ledger: the dry run."""

import hashlib
from dataclasses import dataclass

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from ..rules.ledger_match import Customer, CustomerIndex
from ..rules.ledger_parse import LedgerRow, ReadSettings, missing_targets, read_rows
from .ledger_import_column import TARGETS
from .ledger_import_template import DATE_FORMATS, SEPARATORS

NOT_CANCELLED = ("draft", "posted")


@dataclass(slots=True)
class JudgedRow:
    """A row with what the database adds to it."""

    row: LedgerRow
    partner_id: int | None = None
    is_new_customer: bool = False
    currency_id: int | None = None
    amount_company: float = 0.0

    @property
    def fingerprint(self):
        row = self.row
        return (
            row.row, row.number, row.outcome, row.problems, self.partner_id, self.is_new_customer,
            row.invoice_date, row.due_date, row.settled_date, row.open_amount, row.amount, self.currency_id,
        )  # fmt: skip


class LedgerImport(models.Model):
    _inherit = "o2c.ledger.import"

    # ------------------------------------------------------------------ actions

    def action_check(self):
        """Dry run: say for every row of the file what the booking will do with it. Books nothing."""
        self.ensure_one()
        self._check_may_import()
        self._check_step_is("columns", "preview")
        self._check_state_is("draft")
        judged = self._judge_file()
        lines = self.env["o2c.ledger.import.line"].sudo()
        lines._delete_rows(self)
        lines._insert_rows(self, judged)
        self._guarded_write(
            {
                "step": "preview",
                "check_digest": self._get_digest(judged),
                "file_hash": hashlib.sha256(self._get_file_data()).hexdigest(),
            }
        )
        return True

    # ------------------------------------------------------------------ judgement

    def _judge_file(self):
        """All rows of the file, judged against what is in the database now.

        :return: list of `JudgedRow`
        :raise UserError: if the file as a whole can't be judged
        """
        self.ensure_one()
        data = self._get_file_data()
        table = self._read_table(data)
        self._check_ready(data, table)
        rows = read_rows(table.rows, self._get_read_settings(table))
        judged = [JudgedRow(row) for row in rows]
        relevant = [one for one in judged if one.row.outcome != "skipped"]
        self._judge_customers(relevant)
        self._judge_booked_numbers(relevant)
        self._judge_history(relevant)
        self._judge_lock_dates(relevant)
        self._judge_currencies(relevant)
        return judged

    def _check_ready(self, data, table):
        positions = self._get_column_positions()
        self._check_columns_unique()
        missing = missing_targets(positions)
        if missing:
            labels = dict(self.column_ids._fields["target"]._description_selection(self.env))
            raise UserError(
                self.env._("Say which column holds: %s.", ", ".join(labels[target] for target in missing))
            )
        if not self.date_format:
            raise UserError(self.env._("Choose how dates are written."))
        if self.decimal_separator == self.thousands_separator:
            raise UserError(self.env._("Decimals and thousands can't have the same separator."))
        if not self.opening_account_id:
            raise UserError(self.env._("Choose the opening account, the other side of the open items."))
        doubts = self._get_doubts(data, table)
        if doubts and not self.doubts_confirmed:
            raise UserError(
                "\n".join(
                    [
                        *doubts,
                        self.env._(
                            "Look at the first rows, correct the format if needed, and tick the box there."
                        ),
                    ]
                )
            )

    def _check_columns_unique(self):
        targets = [column.target for column in self.column_ids if column.target]
        twice = {target for target in targets if targets.count(target) > 1}
        if twice:
            labels = dict(TARGETS)
            raise UserError(
                self.env._(
                    "Only one column can mean: %s.", ", ".join(sorted(labels[target] for target in twice))
                )
            )

    def _get_read_settings(self, table):
        currencies = self.env["res.currency"].search(Domain.TRUE)
        return ReadSettings(
            columns=self._get_column_positions(),
            width=len(table.header),
            date_format=DATE_FORMATS[self.date_format][0],
            decimal=SEPARATORS[self.decimal_separator or "point"],
            thousands=SEPARATORS[self.thousands_separator or "none"],
            cut_off=self.cut_off_date,
            company_currency=self.company_id.currency_id.name,
            currencies={currency.name: currency.decimal_places for currency in currencies},
            credit_notes=self.negative_policy == "credit_note",
        )

    # ------------------------------------------------------------------ customers

    def _get_customer_index(self):
        """All contacts that may be meant, in one query; archived ones are found to be named as such."""
        contacts = self.env["res.partner"].sudo()
        contacts.flush_model(["ref", "vat", "name", "active", "commercial_partner_id", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT id, commercial_partner_id, COALESCE(ref, ''), COALESCE(vat, ''),
                          COALESCE(name, ''), active
                     FROM res_partner
                    WHERE commercial_partner_id IS NOT NULL AND (company_id IS NULL OR company_id = %s)
                      AND (id = commercial_partner_id OR ref IS NOT NULL)""",
                self.company_id.id,
            )
        )
        return CustomerIndex((Customer(*row) for row in rows), self.match_by)

    def _judge_customers(self, judged):
        index = self._get_customer_index()
        for one in judged:
            row = one.row
            if not (row.customer_ref or row.vat or row.customer_name):
                continue
            match = index.find(ref=row.customer_ref, vat=row.vat, name=row.customer_name)
            one.partner_id = match.partner_id
            if match.problem == "unknown_customer" and self.create_missing:
                one.is_new_customer = row.outcome != "wrong"
            elif match.problem:
                row.wrong(match.problem, match.value)

    # ------------------------------------------------------------------ what is known already

    def _judge_booked_numbers(self, judged):
        """A number that is in the books is left out if it is the same invoice, and wrong if it is not."""
        booked = self._get_booked_invoices([one.row.number for one in judged if one.row.number])
        for one in judged:
            move = booked.get(one.row.number)
            if not move or one.row.outcome == "wrong":
                continue
            if move.commercial_partner_id.id != one.partner_id:
                one.row.wrong("number_taken", move.commercial_partner_id.display_name)
                one.is_new_customer = False
            else:
                self._judge_booked(one.row, move)

    def _judge_booked(self, row, move):
        """Say where the file and the books differ. The books are never changed by a file."""
        residual = move.amount_residual * (-1 if move.move_type == "out_refund" else 1)
        if row.currency != move.currency_id.name:
            row.wrong("number_taken", format_amount(self.env, move.amount_total, move.currency_id))
        elif row.outcome == "settled" and not move.currency_id.is_zero(residual):
            row.skip("now_settled", format_date(self.env, row.settled_date))
        elif row.outcome == "open" and move.currency_id.compare_amounts(residual, float(row.open_amount)):
            row.skip("open_differs", format_amount(self.env, residual, move.currency_id))
        else:
            row.skip("already_booked", move.name)

    def _get_booked_invoices(self, numbers):
        """number → customer invoice of this company that is not cancelled."""
        moves = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "in", NOT_CANCELLED),
                    ("name", "in", numbers),
                ]
            )
        )
        moves.fetch(["name", "move_type", "commercial_partner_id", "currency_id", "amount_residual"])
        return {move.name: move for move in moves}

    def _judge_history(self, judged):
        rows = self.env.execute_query(
            SQL(
                "SELECT invoice_number, settled_date, partner_id FROM o2c_payment_history"
                " WHERE company_id = %s AND invoice_number = ANY(%s)",
                self.company_id.id,
                [one.row.number for one in judged if one.row.number],
            )
        )
        known = {number: (settled, partner) for number, settled, partner in rows}
        for one in judged:
            if one.row.number not in known or one.row.outcome not in ("open", "settled"):
                continue
            settled, partner = known[one.row.number]
            if partner == one.partner_id:
                one.row.skip("in_history", format_date(self.env, settled))
            else:
                one.row.wrong("number_taken", self.env["res.partner"].sudo().browse(partner).display_name)
                one.is_new_customer = False

    # ------------------------------------------------------------------ periods and currencies

    def _judge_lock_dates(self, judged):
        """Odoo would silently move an invoice out of a locked period: say so instead."""
        violated = {}
        for one in judged:
            day = one.row.invoice_date
            if not day or one.row.outcome not in ("open", "wrong"):
                continue
            if day not in violated:
                violated[day] = self._get_lock_violation(day)
            if violated[day]:
                one.row.wrong("lock_date", violated[day])

    def _get_lock_violation(self, day):
        """The lock dates that forbid an invoice of that day for the user who asks, as text."""
        company = self.company_id.sudo()
        violations = company._get_lock_date_violations(
            day, fiscalyear=True, sale=True, purchase=False, tax=False, hard=True
        )
        return company._format_lock_dates(violations) if violations else ""

    def _judge_currencies(self, judged):
        company_currency = self.company_id.currency_id
        currencies = {currency.name: currency for currency in self.env["res.currency"].search(Domain.TRUE)}
        first_rates = self._get_first_rate_dates()
        for one in judged:
            row, currency = one.row, currencies.get(one.row.currency)
            if not currency or not row.invoice_date or row.amount is None:
                continue
            one.currency_id = currency.id
            if currency != company_currency:
                first = first_rates.get(currency.id)
                if row.outcome != "skipped" and (not first or first > row.invoice_date):
                    row.wrong("no_rate", currency.name)
            due = row.open_amount if row.outcome == "open" else row.amount
            one.amount_company = currency._convert(
                float(due), company_currency, self.company_id, row.invoice_date
            )

    def _get_first_rate_dates(self):
        """currency → day of its first rate in this company; before it Odoo would take any rate, or 1."""
        rows = (
            self.env["res.currency.rate"]
            .sudo()
            ._read_group(
                [("company_id", "in", [False, self.company_id.root_id.id])], ["currency_id"], ["name:min"]
            )
        )
        return {currency.id: fields.Date.to_date(first) for currency, first in rows}

    # ------------------------------------------------------------------ comparison

    def _get_digest(self, judged):
        """Changes if the booking would do anything else than the preview said."""
        parts = (str(one.fingerprint) for one in judged)
        settings = (self.cut_off_date, self.journal_id.id, self.opening_account_id.id, self.mode)
        return hashlib.sha256("\n".join([str(settings), *parts]).encode()).hexdigest()
