import io

import xlsxwriter
from odoo import models

AMOUNT = {"num_format": "#,##0.00"}


class O2cAgeing(models.TransientModel):
    """The ageing as a spreadsheet: a sheet per company with its customers, and one with the items."""

    _inherit = "o2c.ageing"

    def _prepare_xlsx(self):
        """Content of the workbook for the rows of the snapshot."""
        self.ensure_one()
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
            formats = {
                "title": book.add_format({"bold": True, "font_size": 14}),
                "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "align": "center"}),
                "amount": book.add_format(AMOUNT),
                "total": book.add_format({**AMOUNT, "bold": True, "top": 1}),
                "date": book.add_format({"num_format": "yyyy-mm-dd"}),
                "bold": book.add_format({"bold": True, "top": 1}),
            }
            for table in self._get_tables():
                self._write_customers(
                    book.add_worksheet(self._sheet_name(book, table["company"].name)), table, formats
                )
            self._write_items(book.add_worksheet(self._sheet_name(book, self.env._("Open items"))), formats)
        return stream.getvalue()

    def _sheet_name(self, book, name):
        """Name that a sheet can have: 31 characters, none of ``[]:*?/\\``, each once."""
        clean = "".join(c for c in name if c not in "[]:*?/\\'").strip()[:28] or "Sheet"
        taken = {sheet.get_name().lower() for sheet in book.worksheets()}
        number, unique = 1, clean
        while unique.lower() in taken:
            number += 1
            unique = f"{clean[:28]} {number}"
        return unique

    def _write_customers(self, sheet, table, formats):
        head = [self.env._("Customer"), *(b.name for b in table["buckets"]), self.env._("Total")]
        sheet.write_string(0, 0, f"{self.display_name} - {table['company'].name}", formats["title"])
        sheet.write_string(1, 0, self.env._("Amounts in %s", table["currency"].name))
        for column, text in enumerate(head):
            sheet.write_string(3, column, text, formats["head"])
        for number, row in enumerate(table["rows"], start=4):
            sheet.write_string(number, 0, row["partner"].display_name or "")
            for column, amount in enumerate([*row["amounts"], row["total"]], start=1):
                sheet.write_number(number, column, amount, formats["amount"])
        last = 4 + len(table["rows"])
        sheet.write_string(last, 0, self.env._("Total"), formats["bold"])
        for column, amount in enumerate([*table["totals"], table["total"]], start=1):
            sheet.write_number(last, column, amount, formats["total"])
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(head) - 1, 15)
        sheet.freeze_panes(4, 1)

    def _write_items(self, sheet, formats):
        _ = self.env._
        head = [
            self.env._("Company"),
            self.env._("Customer"),
            self.env._("Number"),
            self.env._("Date"),
            self.env._("Due Date"),
            self.env._("Days"),
            self.env._("Bucket"),
            self.env._("Currency"),
            self.env._("Open in Currency"),
            self.env._("Company Currency"),
            self.env._("Open Amount"),
            self.env._("Salesperson"),
        ]
        for column, text in enumerate(head):
            sheet.write_string(0, column, text, formats["head"])
        for number, line in enumerate(self.line_ids, start=1):
            texts = {
                0: line.company_id.name,
                1: line.partner_id.display_name,
                2: line.name,
                6: line.bucket_id.name,
                7: line.doc_currency_id.name,
                9: line.currency_id.name,
                11: line.user_id.name,
            }
            for column, text in texts.items():
                sheet.write_string(number, column, text or "")
            for column, day in ((3, line.date), (4, line.date_due)):
                sheet.write_datetime(number, column, day, formats["date"])
            sheet.write_number(number, 5, line.age)
            sheet.write_number(number, 8, line.amount_currency, formats["amount"])
            sheet.write_number(number, 10, line.amount, formats["amount"])
        sheet.autofilter(0, 0, max(len(self.line_ids), 1), len(head) - 1)
        sheet.set_column(0, 2, 24)
        sheet.set_column(3, len(head) - 1, 14)
        sheet.freeze_panes(1, 0)
