"""The import as its users meet it: preview, wrong rows, modes, repetition, interruption."""

import base64
import io
import time
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from openpyxl import Workbook, load_workbook

from ..rules import ledger_file
from .ledger_common import HEADER, LedgerCommon, make_csv


@tagged("post_install", "-at_install")
class TestLedgerImport(LedgerCommon):
    # ------------------------------------------------------------------ reading

    def test_unclear_dates_must_be_looked_at(self):
        rows = [self._row("1", dated="1/2/2024", due="3/4/2024")]
        ledger = self._import(rows, check=False)
        self.assertIn("month first", ledger.doubts)
        with self.assertRaisesRegex(UserError, "tick the box"):
            ledger.action_check()
        self.assertFalse(ledger.line_ids)
        ledger.write({"date_format": "dmy_slash", "doubts_confirmed": True})
        ledger.action_check()
        self.assertEqual(str(ledger.line_ids.invoice_date), "2024-02-01")

    def test_confirmation_is_void_after_another_format(self):
        ledger = self._import([self._row("1", dated="1/2/2024", due="3/4/2024")], check=False)
        ledger.doubts_confirmed = True
        ledger.date_format = "dmy_slash"
        self.assertFalse(ledger.doubts_confirmed)

    def test_guessed_encoding_must_be_looked_at(self):
        rows = [
            self._row("1", ref="A1", name="北京贸易有限公司"),
            self._row("2", ref="A1", name="上海贸易有限公司"),
        ]
        ledger = self._import(make_csv(rows, encoding="gb18030"), check=False)
        self.assertEqual(ledger.encoding, "gb18030")
        self.assertIn("北京贸易有限公司", ledger.sample_html)
        with self.assertRaisesRegex(UserError, "encoding"):
            ledger.action_check()
        ledger.doubts_confirmed = True
        ledger.action_check()
        self.assertEqual(ledger.open_count, 2)

    def test_wrong_encoding_makes_wrong_rows(self):
        rows = [self._row("1", name="Müller"), self._row("2", name="plain")]
        ledger = self._import(make_csv(rows, encoding="cp1252"), check=False)
        ledger.encoding = "utf-8"
        ledger.action_read_file()
        ledger.doubts_confirmed = True
        ledger.action_check()
        self.assertEqual(self._reasons(ledger), {"1": "encoding"})

    def test_sample_is_shown_as_text(self):
        ledger = self._import([self._row("1", name="<script>alert(1)</script>")], check=False)
        self.assertNotIn("<script>", ledger.sample_html)
        self.assertIn("&lt;script&gt;", ledger.sample_html)

    def test_missing_columns_are_named(self):
        ledger = self._import(make_csv([("1", "x")], ("Number", "Odd")), check=False)
        with self.assertRaisesRegex(UserError, "Invoice date, Due date, Invoice amount, Customer reference"):
            ledger.action_check()
        ledger.column_ids.target = "number"
        with self.assertRaisesRegex(UserError, "Only one column"):
            ledger.action_check()

    def test_columns_can_be_mapped_by_hand_and_saved(self):
        data = make_csv(
            [("A1", "77", "02.05.2024", "01.06.2024", "1.100,50")], ("k", "n", "d1", "d2", "b"), delimiter=";"
        )
        ledger = self._import(data, check=False)
        for column, target in zip(
            ledger.column_ids, ("customer_ref", "number", "invoice_date", "due_date", "amount"), strict=True
        ):
            column.target = target
        ledger.write({"date_format": "dmy_dot", "decimal_separator": "comma", "thousands_separator": "point"})
        ledger.action_check()
        self.assertEqual(ledger.open_total, 1100.50)
        template = self.env["o2c.ledger.import.template"].browse(ledger.action_save_template()["res_id"])
        again = self._import(data, template_id=template.id)
        self.assertEqual(again.column_ids.mapped("target"), ledger.column_ids.mapped("target"))
        self.assertEqual(again.open_total, 1100.50)

    def test_workbook_and_csv_give_the_same_preview(self):
        rows = [
            self._row("1"),
            self._row("2", settled="2024-06-10"),
            self._row("3", amount="x"),
            self._row("4", "?"),
        ]
        book = Workbook()
        book.active.append(HEADER)
        for row in rows:
            book.active.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        names = [
            "number",
            "outcome",
            "reason",
            "message",
            "partner_id",
            "invoice_date",
            "open_amount",
            "amount_company",
        ]
        previews = [
            [[line[name] for name in names] for line in self._import(data).line_ids]
            for data in (make_csv(rows), buffer.getvalue())
        ]
        self.assertEqual(*previews)

    # ------------------------------------------------------------------ judgement against the database

    def test_customers_by_reference_tax_id_and_name(self):
        header = ("Number", "Customer ID", "Tax ID", "Customer name", "Invoice date", "Due date", "Amount")
        dates = ("2024-05-02", "2024-06-01", "10")
        self.env["res.partner"].create([{"name": "Twin", "is_company": True}] * 2)
        self.env["res.partner"].create({"name": "Gone", "ref": "G1", "active": False})
        rows = [
            ("1", "a1", "", "", *dates),
            ("2", "", "xx1234", "", *dates),
            ("3", "", "", "ACME  ltd", *dates),
            ("4", "", "", "Twin", *dates),
            ("5", "G1", "", "", *dates),
            ("6", "Z9", "", "Acme Ltd", *dates),
            ("7", "Z9", "", "", *dates),
        ]
        ledger = self._import(make_csv(rows, header))
        self.assertEqual(ledger.line_ids[:3].partner_id.ids, [self.customer.id, self.other_customer.id])
        self.assertEqual(
            self._reasons(ledger),
            {
                "4": "ambiguous_customer",
                "5": "archived_customer",
                "6": "unknown_customer",  # Acme has another reference
                "7": "unknown_customer",
            },
        )
        self.assertIn("Z9", ledger.line_ids[6].message)
        self.assertIn("create missing customers", ledger.line_ids[6].advice)

    def test_missing_customers_are_created_once_each(self):
        header = (*HEADER, "Country")
        rows = [
            (*self._row("1", "N1", name="New One"), "DE"),
            (*self._row("2", "N1", name="New One"), "DE"),
            (*self._row("3", "N2", settled="2024-06-20"), "391"),
            (*self._row("4", "A1"), "DE"),
        ]
        before = self.env["res.partner"].search_count([])
        ledger = self._import(make_csv(rows, header), create_missing=True)
        self.assertEqual(ledger.new_customer_count, 2)
        self.assertEqual(self.env["res.partner"].search_count([]), before, "a preview creates nothing")
        self._book(ledger)
        one, two = (self.env["res.partner"].search([("ref", "=", ref)]) for ref in ("N1", "N2"))
        self.assertEqual((len(one), len(two)), (1, 1))
        self.assertEqual((one.name, one.country_id.code, one.is_company), ("New One", "DE", True))
        self.assertFalse(two.country_id)
        self.assertIn("391", two.comment)
        self.assertEqual(self._moves("1").partner_id + self._moves("2").partner_id, one)
        self.assertEqual(self._moves("4").partner_id, self.customer)

    def test_who_may_not_create_contacts_creates_none(self):
        user = self._user("ledger_nocreate", "o2c_base.group_finance_officer")
        ledger = self._import([self._row("1", "N1")], user=user, create_missing=True)
        with self.assertRaisesRegex(UserError, "may not create contacts"):
            ledger.action_start()
        self.assertFalse(self._moves("1"))

    def test_number_of_another_invoice_is_wrong(self):
        self._book(self._import([self._row("1")]))
        ledger = self._import([self._row("1", "B1"), self._row("2")])
        self.assertEqual(self._reasons(ledger), {"1": "number_taken"})
        self.assertIn("Acme Ltd", ledger.line_ids[0].message)

    def test_other_open_amount_is_a_difference(self):
        self._book(self._import([self._row("1")]))
        ledger = self._import([self._row("1", amount="60")])
        self.assertEqual(self._reasons(ledger), {"1": "open_differs"})
        self.assertIn("100.00", ledger.line_ids.message)
        self.assertEqual(self._moves("1").amount_residual, 100)

    def test_locked_period_is_named(self):
        self.company.sudo().fiscalyear_lock_date = "2024-04-30"
        ledger = self._import([self._row("1", dated="2024-04-30"), self._row("2", dated="2024-05-01")])
        self.assertEqual(self._reasons(ledger), {"1": "lock_date"})
        self.assertIn("04/30/2024", ledger.line_ids[0].message)

    def test_settled_items_of_locked_periods_are_history(self):
        self.company.sudo().fiscalyear_lock_date = "2024-06-30"
        ledger = self._import([self._row("1", settled="2024-06-11")])
        self._book(ledger)
        self.assertEqual(ledger.history_count, 1)

    # ------------------------------------------------------------------ currencies

    def test_foreign_currency_at_the_rate_of_the_invoice_date(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": name, "rate": rate, "company_id": self.company.id}
                for name, rate in (("2024-05-01", 0.5), ("2024-06-01", 0.8))
            ]
        )
        rows = [
            (*self._row("1", dated="2024-05-20"), "EUR"),
            (*self._row("2", dated="2024-06-20", due="2024-07-20"), "eur"),
            (*self._row("3", dated="2024-04-20", due="2024-05-20"), "EUR"),
            (*self._row("4", settled="2024-06-20"), "EUR"),
            (*self._row("5"), ""),
            (*self._row("6"), "XYZ"),
        ]
        ledger = self._import(make_csv(rows, (*HEADER, "Currency")))
        self.assertEqual(self._reasons(ledger), {"3": "no_rate", "6": "currency"})
        self.assertEqual(ledger.open_total, 200 + 125 + 100)
        self._book(ledger)
        self.assertEqual([self._moves(number).amount_total_signed for number in "125"], [200, 125, 100])
        self.assertEqual(self._moves("1").currency_id, euro)
        history = self.env["o2c.payment.history"].search([("invoice_number", "=", "4")])
        self.assertEqual((history.amount, history.amount_company, history.currency_id), (100, 200, euro))

    # ------------------------------------------------------------------ booking

    def test_rest_of_a_part_payment_is_what_is_booked(self):
        rows = [(*self._row("1"), "40"), (*self._row("2"), "")]
        self._book(self._import(make_csv(rows, (*HEADER, "Open amount"))))
        self.assertEqual([self._moves(number).amount_total for number in "12"], [40, 100])
        self.assertIn("100.00", self._moves("1").invoice_line_ids.name)

    def test_credit_notes_where_chosen(self):
        rows = [self._row("1", amount="-30"), self._row("2")]
        self.assertEqual(self._reasons(self._import(rows)), {"1": "negative_amount"})
        self._book(self._import(rows, negative_policy="credit_note"))
        self.assertEqual((self._moves("1").move_type, self._moves("1").amount_residual), ("out_refund", 30))
        again = self._import(rows, negative_policy="credit_note")
        self.assertEqual(self._reasons(again), {"1": "already_booked", "2": "already_booked"})

    def test_numbers_that_look_like_dates_keep_their_form(self):
        numbers = ("2013-02-0007", "INV/2019/00012", "发票-17", "0000000001234567890", "A")
        ledger = self._book(self._import([self._row(number) for number in numbers]))
        self.assertEqual(ledger.error_count, 0)
        self.assertEqual(set(ledger.line_ids.move_id.sudo().mapped("name")), set(numbers))
        self.assertNotIn(True, ledger.line_ids.move_id.sudo().mapped("made_sequence_gap"))

    def test_good_rows_are_booked_where_chosen(self):
        ledger = self._book(self._import([self._row("1"), self._row("2", amount="x"), self._row("3", "?")]))
        self.assertEqual((ledger.step, ledger.move_count, ledger.wrong_count), ("booked", 1, 2))
        self.assertTrue(self._moves("1"))

    def test_all_or_none_refuses_wrong_rows(self):
        ledger = self._import([self._row("1"), self._row("2", amount="x")], mode="all")
        with self.assertRaisesRegex(UserError, "1 rows are wrong"):
            ledger.action_start()
        self.assertFalse(self._moves())

    def test_all_or_none_takes_back_when_a_row_fails_at_booking(self):
        rows = [self._row(f"N{i}") for i in range(5)] + [self._row("S", settled="2024-06-20")]
        ledger = self._import(rows, mode="all")
        ledger.action_start()
        self.assertEqual(ledger.history_count, 1)
        ledger.sudo()._run_batch(2)
        self.assertEqual(ledger.move_count, 2)
        self._block("N3")
        self._work(ledger, limit=2)
        self.assertEqual((ledger.step, ledger.move_count, ledger.history_count), ("reverted", 0, 0))
        booked = self._moves().filtered("journal_id.o2c_is_opening")
        self.assertEqual((len(booked), set(booked.mapped("state"))), (3, {"cancel"}))
        self.assertFalse(self.env["o2c.payment.history"].search([("company_id", "=", self.company.id)]))
        self.assertEqual(ledger.line_ids.filtered(lambda line: line.state == "error").number, "N3")
        with self.assertRaises(UserError):
            ledger.action_retry_errors()

    def _block(self, number):
        """Somebody else books the number while the run is under way."""
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.other_customer.id,
                "company_id": self.company.id,
                "name": number,
                "invoice_date": "2024-06-01",
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 1, "tax_ids": False})],
            }
        )

    def test_failed_row_leaves_the_others_and_can_be_tried_again(self):
        ledger = self._import([self._row("1"), self._row("2"), self._row("3")])
        ledger.action_start()
        self._block("2")
        self._work(ledger)
        self.assertEqual((ledger.step, ledger.move_count, ledger.error_count), ("booked", 2, 1))
        failed = ledger.line_ids.filtered(lambda line: line.state == "error")
        self.assertIn("booked by somebody else", failed.message)
        self.env["account.move"].search(
            [("name", "=", "2"), ("partner_id", "=", self.other_customer.id)]
        ).unlink()
        ledger.action_retry_errors()
        self._work(ledger)
        self.assertEqual((ledger.move_count, ledger.error_count), (3, 0))

    def test_preview_that_no_longer_holds_is_not_booked(self):
        ledger = self._import([self._row("1"), self._row("2", "B1")])
        self.other_customer.active = False
        with self.assertRaises(UserError) as refused:
            ledger.action_start()
        self.assertIn("Make the preview again", str(refused.exception))
        self.assertFalse(self._moves())
        self.assertEqual((ledger.step, ledger.state), ("preview", "draft"))
        ledger.action_check()
        self.assertEqual(self._reasons(ledger), {"2": "archived_customer"})

    def test_crash_in_the_middle_books_nothing_twice(self):
        ledger = self._import([self._row(f"N{i}") for i in range(6)])
        ledger.action_start()
        ledger.sudo()._run_batch(2)
        model = type(self.env["account.move"])

        def die(moves, soft=True):
            raise RuntimeError("power cut")

        with (
            mute_logger("odoo.addons.o2c_base.models.run_line"),
            patch.object(model, "_post", die),
            self.assertRaises(RuntimeError),
            self.env.cr.savepoint(),
        ):
            ledger.sudo()._run_batch(2)
        self.env.invalidate_all()
        self.assertEqual((ledger.move_count, ledger.state), (2, "running"))
        self._work(ledger, limit=2)
        self.assertEqual((ledger.move_count, ledger.step), (6, "booked"))
        self.assertEqual(sorted(self._moves().mapped("name")), [f"N{i}" for i in range(6)])

    def test_two_imports_of_a_number_at_once_book_one(self):
        first, second = (self._import([self._row("1")]) for _i in range(2))
        first.action_start()
        second.action_start()
        self._work(first)
        self._work(second)
        self.assertEqual((first.move_count, second.move_count, second.error_count), (1, 0, 1))
        self.assertEqual(len(self._moves("1")), 1)

    def test_other_company_has_its_own_numbers(self):
        other = self._company("Ledger Second Company")
        user = self._user("ledger_second", "o2c_base.group_finance_officer", other)
        self._book(self._import([self._row("1")]))
        ledger = self._import(
            [self._row("1")],
            user=user,
            company_id=other.id,
            opening_account_id=self.env["account.account"]
            .sudo()
            .with_company(other)
            .search([("account_type", "=", "equity_unaffected"), ("company_ids", "in", other.ids)], limit=1)
            .id,
        )
        self._book(ledger)
        move = ledger.line_ids.move_id.sudo()
        self.assertEqual((move.company_id, move.name, move.journal_id.company_id), (other, "1", other))
        self.assertNotIn(ledger, self.env["o2c.ledger.import"].with_user(self.finance).search([]))

    # ------------------------------------------------------------------ wrong rows as a file

    def test_exported_rows_come_back_corrected(self):
        rows = [
            self._row("1"),
            self._row("=1+1", amount="x", name="-dash"),
            self._row("003", "A1", due="soon"),
        ]
        ledger = self._book(self._import(rows))
        for kind in ("xlsx", "csv"):
            with self.subTest(kind=kind):
                getattr(ledger, f"action_export_wrong_{kind}")()
                data = base64.b64decode(ledger.with_context(bin_size=False).wrong_file)
                table = (
                    ledger_file.read_xlsx(data)
                    if kind == "xlsx"
                    else ledger_file.read_csv(data, encoding="utf-8-sig")
                )
                self.assertEqual([cells[0] for _row, cells in table.rows], ["=1+1", "003"])
                self.assertEqual(
                    [cells[7] for _row, cells in table.rows], [3, 4] if kind == "xlsx" else ["3", "4"]
                )
                self.assertIn("no amount", table.rows[0][1][8])
        self.assertNotIn(b",=1", data, "a spreadsheet would run it")
        ledger.action_export_wrong_xlsx()
        book = load_workbook(io.BytesIO(base64.b64decode(ledger.with_context(bin_size=False).wrong_file)))
        self.assertEqual(book.active.cell(2, 1).data_type, "s")
        book.active.cell(2, 6).value, book.active.cell(3, 5).value = 12.5, "2024-06-02"
        buffer = io.BytesIO()
        book.save(buffer)
        corrected = self._book(self._import(buffer.getvalue()))
        self.assertEqual((corrected.wrong_count, corrected.move_count), (0, 2))

    # ------------------------------------------------------------------ settings

    def test_settings_are_fixed_after_the_preview(self):
        ledger = self._import([self._row("1")])
        for vals in ({"cut_off_date": "2024-01-31"}, {"mode": "all"}, {"file": base64.b64encode(b"a\n1")}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "Press Back"):
                ledger.write(vals)
        with self.assertRaisesRegex(UserError, "Back"):
            ledger.column_ids[0].target = False
        ledger.action_back()
        self.assertEqual((ledger.step, len(ledger.line_ids)), ("columns", 0))
        ledger.cut_off_date = "2024-01-31"
        ledger.action_check()
        self.assertEqual(ledger.skipped_count, 1)
        ledger.action_back()
        ledger.action_back()
        self.assertEqual((ledger.step, len(ledger.column_ids)), ("file", 0))

    def test_impossible_settings_are_refused(self):
        receivable = self.customer.with_company(self.company).property_account_receivable_id
        with self.assertRaisesRegex(ValidationError, "future"):
            self._import([self._row("1")], cut_off_date="2999-12-31")
        with self.assertRaisesRegex(ValidationError, "opening account"):
            self._import([self._row("1")], opening_account_id=receivable.id)
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        with self.assertRaisesRegex(ValidationError, "opening journal"):
            self._import([self._row("1")], journal_id=journal.id)

    def test_fifty_thousand_rows_are_previewed(self):
        rows = [self._row(f"N{i:06}", "A1" if i % 2 else "B1", settled="2024-06-20") for i in range(50_000)]
        ledger = self._import(rows, check=False)
        start = time.process_time()
        ledger.action_check()
        self.env.flush_all()
        self.assertLess(time.process_time() - start, 60)
        self.assertEqual(ledger.settled_count, 50_000)
        start = time.process_time()
        ledger.action_start()
        self.assertLess(time.process_time() - start, 60)
        self.assertEqual((ledger.history_count, ledger.step), (50_000, "booked"))
