"""Reading of ledger files without a database: doctests, encodings, 50,000 rows."""

import doctest
import io
import time
from datetime import date, datetime
from decimal import Decimal

from odoo.tests import BaseCase, tagged
from openpyxl import Workbook

from ..rules import ledger_file, ledger_match, ledger_parse, ledger_values
from .ledger_common import HEADER, make_csv

COLUMNS = {
    "number": 0, "customer_ref": 1, "customer_name": 2, "invoice_date": 3, "due_date": 4, "amount": 5,
    "settled_date": 6,
}  # fmt: skip


def read(rows, **vals):
    """Rows of cells, judged at 2024-06-30 in US dollars."""
    settings = ledger_parse.ReadSettings(
        **{
            "columns": COLUMNS,
            "width": len(COLUMNS),
            "date_format": "%Y-%m-%d",
            "decimal": ".",
            "thousands": ",",
            "cut_off": date(2024, 6, 30),
            "company_currency": "USD",
            "currencies": {"USD": 2, "JPY": 0},
            **vals,
        }
    )
    return ledger_parse.read_rows(enumerate(map(list, rows), start=2), settings)


def codes(row):
    return [problem.code for problem in row.problems]


@tagged("post_install", "-at_install")
class TestLedgerRules(BaseCase):
    def test_doctests(self):
        for module in (ledger_file, ledger_values, ledger_parse, ledger_match):
            result = doctest.testmod(module)
            self.assertEqual(result.failed, 0, module.__name__)
        self.assertGreaterEqual(doctest.testmod(ledger_values).attempted, 10)

    def test_encodings_are_told_or_asked(self):
        table = (
            ("客户名称,金额\n北京贸易有限公司,1", "gb18030", "gb18030", False),
            ("客户名称,金额\n北京贸易有限公司,1", "utf-8-sig", "utf-8-sig", True),
            ("Kunde,Betrag\nMüller & Söhne,1\nGroßhändler Köln,2", "latin-1", "cp1252", False),
            ("Kunde,Betrag\nMüller,1", "utf-16", "utf-16", True),
            ("plain", "ascii", "utf-8", True),
        )
        for text, written, found, sure in table:
            with self.subTest(written=written, text=text):
                guess = ledger_file.guess_encoding(text.encode(written))
                self.assertEqual((guess.encoding, guess.sure), (found, sure))
                self.assertIn(text.split("\n")[0].split(",")[0], text.encode(written).decode(guess.encoding))

    def test_one_broken_row_stays_one_broken_row(self):
        good = "".join(f"{i},客户{i}\n" for i in range(40)).encode()
        data = "编号,客户\n".encode() + good + b"99,\xff\xfe\n" + good
        self.assertEqual(ledger_file.guess_encoding(data).encoding, "utf-8")
        rows = ledger_file.read_csv(data, encoding="utf-8").rows
        self.assertEqual([number for number, cells in rows if ledger_file.REPLACEMENT in cells[1]], [42])

    def test_delimiters(self):
        for delimiter in ledger_file.DELIMITERS:
            with self.subTest(delimiter=delimiter):
                data = make_csv([("1", "A, B; C")], ("Number", "Name"), delimiter=delimiter)
                table = ledger_file.read_csv(data, encoding="utf-8")
                self.assertEqual((table.header, table.rows), (["Number", "Name"], [(2, ["1", "A, B; C"])]))

    def test_headers_in_three_languages(self):
        english = ["Invoice No.", "Customer ID", "Invoice date", "Due date", "Total amount", "Currency"]
        chinese = ["发票号码", "客户编码", "开票日期", "到期日", "价税合计", "币种"]
        expected = ["number", "customer_ref", "invoice_date", "due_date", "amount", "currency"]
        self.assertEqual(ledger_file.propose_columns(english), expected)
        self.assertEqual(ledger_file.propose_columns(chinese), expected)

    def test_workbook_gives_what_csv_gives(self):
        book = Workbook()
        book.active.append(HEADER)
        book.active.append(
            (1001, "A1", None, datetime(2024, 5, 2), date(2024, 6, 1), 100.10000000000001, None)
        )
        buffer = io.BytesIO()
        book.save(buffer)
        from_book = read([cells for _row, cells in ledger_file.read_xlsx(buffer.getvalue()).rows])
        data = make_csv([("1001", "A1", "", "2024-05-02", "2024-06-01", "100.10", "")])
        from_text = read([cells for _row, cells in ledger_file.read_csv(data, encoding="utf-8").rows])
        self.assertEqual(from_book, from_text)
        self.assertEqual(from_book[0].amount, Decimal("100.1"))

    def test_broken_files_are_refused_with_a_reason(self):
        table = ((b"", "empty"), (b"Number\n", "empty"))
        for data, code in table:
            with self.subTest(code=code), self.assertRaises(ledger_file.LedgerFileError) as caught:
                ledger_file.read_csv(data, encoding="utf-8")
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(ledger_file.LedgerFileError) as caught:
            ledger_file.read_xlsx(b"PK\x03\x04 no workbook")
        self.assertEqual(caught.exception.code, "bad_workbook")

    def test_each_kind_of_bad_row_is_named(self):
        good = ("1", "A1", "", "2024-05-02", "2024-06-01", "100", "")
        table = (
            ("no_number", 0, ""),
            ("bad_number", 0, "/"),
            ("no_customer", 1, ""),
            ("no_invoice_date", 3, ""),
            ("bad_invoice_date", 3, "2024-02-30"),
            ("bad_invoice_date", 3, "0024-02-20"),
            ("no_due_date", 4, ""),
            ("bad_due_date", 4, "soon"),
            ("due_before_invoice", 4, "2024-05-01"),
            ("no_amount", 5, ""),
            ("bad_amount", 5, "1,00"),
            ("zero_amount", 5, "0.00"),
            ("negative_amount", 5, "(5)"),
            ("precision", 5, "1.005"),
            ("bad_settled_date", 6, "31/12/2024"),
            ("settled_before_invoice", 6, "2024-05-01"),
            ("encoding", 1, "A\ufffd"),
            ("line_break", 1, "A\n1"),
        )
        for code, column, value in table:
            with self.subTest(code=code, value=value):
                [row] = read([good[:column] + (value,) + good[column + 1 :]])
                self.assertEqual((row.outcome, codes(row)), ("wrong", [code]))
        [row] = read([good + ("one too many",)])
        self.assertEqual(codes(row), ["columns"])

    def test_all_problems_of_a_row_are_named(self):
        [row] = read([("", "", "", "2024-05-02", "", "x", "never")])
        self.assertEqual(
            set(codes(row)), {"no_number", "no_customer", "no_due_date", "bad_amount", "bad_settled_date"}
        )

    def test_cut_off_divides_open_and_settled(self):
        table = (
            ("2024-06-30", "", "open"),
            ("2024-07-01", "", "skipped"),
            ("2024-05-01", "2024-06-30", "settled"),
            ("2024-05-01", "2024-07-01", "open"),
        )
        for dated, settled, outcome in table:
            with self.subTest(dated=dated, settled=settled):
                [row] = read([("1", "A1", "", dated, "2024-07-31", "100", settled)])
                self.assertEqual(row.outcome, outcome)

    def test_duplicates(self):
        first = ("1", "A1", "", "2024-05-02", "2024-06-01", "100", "")
        other = ("1", "A1", "", "2024-05-02", "2024-06-01", "200", "")
        self.assertEqual([row.outcome for row in read([first, first])], ["open", "wrong"])
        self.assertEqual([codes(row) for row in read([first, other])], [["duplicate"], ["duplicate"]])

    def test_open_amounts(self):
        columns = {**COLUMNS, "open_amount": 7}
        table = (
            ("100", "", "40", "open", []),
            ("100", "", "140", "wrong", ["open_amount"]),
            ("100", "", "-4", "wrong", ["open_amount"]),
            ("100", "", "0", "wrong", ["closed_without_date"]),
            ("100", "2024-06-01", "40", "wrong", ["settled_but_open"]),
            ("100", "2024-07-09", "0", "open", []),
        )
        for amount, settled, left, outcome, problems in table:
            with self.subTest(settled=settled, left=left):
                cells = ("1", "A1", "", "2024-05-02", "2024-06-01", amount, settled, left)
                [row] = read([cells], columns=columns, width=8)
                self.assertEqual((row.outcome, codes(row)), (outcome, problems))
        [row] = read(
            [("1", "A1", "", "2024-05-02", "2024-06-01", "100", "2024-07-09", "0")], columns=columns, width=8
        )
        self.assertEqual(row.open_amount, 100, "paid after the cut-off: all of it was open then")

    def test_currency_decides_about_decimals(self):
        columns = {**COLUMNS, "currency": 7}
        cells = ("1", "A1", "", "2024-05-02", "2024-06-01", "100.50", "")
        for currency, problems in (("USD", []), ("", []), ("JPY", ["precision"]), ("XYZ", ["currency"])):
            with self.subTest(currency=currency):
                [row] = read([(*cells, currency)], columns=columns, width=8)
                self.assertEqual(codes(row), problems)

    def test_credit_notes_where_wanted(self):
        cells = ("1", "A1", "", "2024-05-02", "2024-06-01", "-5", "")
        self.assertEqual(read([cells], credit_notes=True)[0].open_amount, -5)
        self.assertEqual(codes(read([cells[:6] + ("2024-06-02",)], credit_notes=True)[0]), ["settled_credit"])

    def test_fifty_thousand_rows(self):
        rows = [
            (
                f"N{i:06}",
                f"C{i % 3000}",
                "",
                "2024-05-02",
                "2024-06-01",
                "1,234.50",
                "2024-06-20" if i % 9 else "",
            )
            for i in range(50_000)
        ]
        data = make_csv(rows)
        start = time.process_time()
        table = ledger_file.read_csv(data, encoding=ledger_file.guess_encoding(data).encoding)
        result = read([cells for _row, cells in table.rows])
        self.assertLess(time.process_time() - start, 15)
        self.assertEqual(sum(row.outcome == "open" for row in result), 5556)
        self.assertEqual(sum(row.amount for row in result), Decimal("1234.50") * 50_000)
