"""Export of the register with its seals, so that it can be verified elsewhere."""

import base64
import csv
import io
from datetime import timedelta

import xlsxwriter
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..rules.seal import CURRENT_FORMAT, FORMATS, GENESIS, canonical_text

SEAL_COLUMNS = ("seal_sequence", "seal_format", "seal_date", "previous_seal", "seal", "canonical_text")
XLSX_ROWS = 1_048_575
XLSX_CELL = 32_767
BATCH = 5_000


class RegisterExport(models.TransientModel):
    _name = "o2c.register.export"
    _description = "Export the Register"

    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    domain = fields.Char(
        string="Filter",
        default=lambda self: repr(self.env.context.get("active_domain") or []),
        help="The filter of the list from which the export was opened.",
    )
    entry_count = fields.Integer(string="Entries", compute="_compute_entry_count")
    file_format = fields.Selection(
        [("xlsx", "Excel (XLSX)"), ("csv", "CSV")], required=True, default="xlsx")
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    # === COMPUTES === #

    @api.depends("date_from", "date_to", "domain")
    def _compute_entry_count(self):
        for wizard in self:
            wizard.entry_count = self.env["o2c.register"].search_count(wizard._get_domain())

    # === ACTIONS === #

    def action_export(self):
        """Write the file and download it."""
        self.ensure_one()
        self.env["o2c.register.seal"]._check_auditor()
        count = self.entry_count
        if not count:
            raise UserError(self.env._("No entry fits. Choose another period or filter."))
        if self.file_format == "xlsx" and count > XLSX_ROWS:
            raise UserError(self.env._(
                "%(count)s entries don't fit into a sheet of %(limit)s rows. "
                "Choose a shorter period, or CSV.", count=count, limit=XLSX_ROWS))
        content = self._write_xlsx() if self.file_format == "xlsx" else self._write_csv()
        today = self.env.company._o2c_today()
        self.write({
            "file": base64.b64encode(content),
            "file_name": f"register-{today:%Y%m%d}.{self.file_format}",
        })
        self.env["o2c.register"]._log(
            self.env["o2c.register"], "register_exported",
            self.env._("%s entries of the register were exported", count),
            evidence={"entries": count, "domain": str(self._get_domain())})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}?download=true",
            "target": "download",
        }

    # === HELPERS === #

    def _get_domain(self):
        """Filter of the list and period, in days of the company."""
        domain = Domain(safe_eval(self.domain or "[]"))
        company = self.env.company
        if self.date_from:
            domain &= Domain("date", ">=", company._o2c_midnight(self.date_from))
        if self.date_to:
            domain &= Domain("date", "<", company._o2c_midnight(self.date_to + timedelta(days=1)))
        return domain

    def _get_columns(self):
        return (*FORMATS[CURRENT_FORMAT], *SEAL_COLUMNS)

    def _iter_rows(self):
        """Rows of the export in batches, with the rights of the user."""
        entries = self.env["o2c.register"].search(self._get_domain(), order="id")
        seals = self.env["o2c.register.seal"]
        for start in range(0, len(entries), BATCH):
            for row in seals._fetch_dicts(SQL(
                "SELECT %s, s.sequence AS seal_sequence, s.format_number AS seal_format,"
                " s.date AS seal_date, COALESCE(p.hash, CASE WHEN s.sequence = 1 THEN %s END)"
                " AS previous_seal, s.hash AS seal FROM o2c_register r"
                " LEFT JOIN o2c_register_seal s ON s.entry_ref = r.id"
                " LEFT JOIN o2c_register_seal p ON p.sequence = s.sequence - 1"
                " WHERE r.id IN %s ORDER BY r.id",
                seals._sql_entry(), GENESIS, tuple(entries.ids[start:start + BATCH]),
            )):
                row["canonical_text"] = canonical_text(row, row["seal_format"] or CURRENT_FORMAT)
                yield [row[name] for name in self._get_columns()]

    def _write_csv(self):
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(self._get_columns())
        for row in self._iter_rows():
            writer.writerow([_defuse(value) for value in row])
        return buffer.getvalue().encode("utf-8-sig")

    def _write_xlsx(self):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer, {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        }) as book:
            sheet = book.add_worksheet("Register")
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, self._get_columns(), book.add_format({"bold": True}))
            for number, row in enumerate(self._iter_rows(), start=1):
                for column, value in enumerate(row):
                    _write_cell(sheet, number, column, value)
        return buffer.getvalue()


def _write_cell(sheet, row, column, value):
    if value is None:
        return
    if isinstance(value, (bool, int)):
        sheet.write(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:XLSX_CELL])


def _defuse(value):
    """Keep a spreadsheet from running text that begins like a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
