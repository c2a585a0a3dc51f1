"""Import of a receivables ledger: what leads from it elsewhere, and the wrong rows as a file."""

import base64
import csv
import io
from datetime import date

import xlsxwriter
from odoo import models
from odoo.exceptions import UserError


class LedgerImport(models.Model):
    _inherit = "o2c.ledger.import"

    # ------------------------------------------------------------------ actions: views

    def action_view_moves(self):
        """The invoices that the import booked."""
        moves = self._get_booked_moves()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices of %s", self.name),
            "res_model": "account.move",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", moves.ids)],
            "context": {"create": False, "default_move_type": "out_invoice"},
        }

    def action_view_history(self):
        """The payment history that the import wrote."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_exposure.payment_history_action")
        return {**action, "domain": [("import_id", "=", self.id)]}

    def action_view_lines(self):
        """All rows, grouped by what becomes of them; the context may ask for one outcome only."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_exposure.ledger_import_line_action")
        outcome = self.env.context.get("o2c_outcome")
        context = {f"search_default_{outcome}": 1} if outcome else {"search_default_group_outcome": 1}
        return {**action, "domain": [("import_id", "=", self.id)], "context": context}

    def _get_booked_moves(self):
        self.ensure_one()
        self.check_access("read")
        lines = self.env["o2c.ledger.import.line"].search(
            [("import_id", "=", self.id), ("is_booked", "=", True), ("move_id", "!=", False)]
        )
        return lines.move_id

    # ------------------------------------------------------------------ actions: wrong rows

    def action_export_wrong_xlsx(self):
        """The wrong rows as workbook, with reasons: correct them there and import the workbook."""
        return self._export_wrong("xlsx")

    def action_export_wrong_csv(self):
        """The wrong rows as CSV (UTF-8), with reasons: correct them there and import the file."""
        return self._export_wrong("csv")

    def _export_wrong(self, file_format):
        self.ensure_one()
        self._check_may_import()
        header, rows = self._get_wrong_rows()
        content = _write_xlsx(header, rows) if file_format == "xlsx" else _write_csv(header, rows)
        self._guarded_write({"wrong_file": base64.b64encode(content)})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/wrong_file/wrong_rows.{file_format}?download=true",
            "target": "download",
        }

    def _get_wrong_rows(self):
        """Header and cells of the wrong rows as they are in the file, with what is said about them."""
        lines = self.env["o2c.ledger.import.line"].search_fetch(
            [("import_id", "=", self.id), "|", ("outcome", "=", "wrong"), ("state", "=", "error")],
            ["row", "message", "advice"],
        )
        if not lines:
            raise UserError(self.env._("No row is wrong."))
        said = {line.row: (line.message or "", line.advice or "") for line in lines}
        table = self._read_table(self._get_file_data())
        header = [
            self.env._("Row in %s", self.file_name or self.env._("the file")),
            self.env._("Problem"),
            self.env._("How to correct it"),
        ]
        width = len(table.header)
        rows = [
            [*(list(cells) + [""] * width)[:width], number, *said[number]]
            for number, cells in table.rows
            if number in said
        ]
        return table.header + header, rows


def _write_xlsx(header, rows):
    """Text stays text: a value that begins with = is no formula, and 0001 no number."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for index, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            _write_cell(sheet, index, column, cell)
    book.close()
    return buffer.getvalue()


def _write_cell(sheet, row, column, cell):
    if isinstance(cell, date):
        sheet.write_datetime(row, column, cell)
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, str(cell))


def _write_csv(header, rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([_defuse(cell) for cell in cells] for cells in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _defuse(cell):
    """A text that a spreadsheet would run as formula gets an apostrophe, which the import removes again."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") and not _is_number(text) else text


def _is_number(text):
    return text.lstrip("+-").replace(",", "").replace(".", "").isdigit()
