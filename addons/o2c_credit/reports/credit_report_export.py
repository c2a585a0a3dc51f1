import base64
import io

import xlsxwriter
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

COLUMNS = (
    "partner_id",
    "grade_id",
    "limit_amount",
    "addition",
    "exposure",
    "available",
    "usage",
    "overdue",
    "overdue_scheduled",
    "oldest_days",
    "review_date",
    "is_suspended",
    "watch_measure",
    "user_id",
    "team_id",
    "state_id",
    "country_id",
    "corporate_group_id",
)
SUMMED = ("limit_amount", "addition", "exposure", "available", "overdue", "overdue_scheduled")
ROWS = 1_000_000


class CreditReportExport(models.TransientModel):
    """The credit overview as a workbook: a sheet per company, and one by grade and salesperson."""

    _name = "o2c.credit.report.export"
    _description = "Export of the credit overview"

    domain = fields.Char(required=True, readonly=True)
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    def action_download(self):
        """Write the workbook with the rights of the user, and download it."""
        self.ensure_one()
        self.env["o2c.exposure"]._check_reader()
        self.file = base64.b64encode(self._prepare_xlsx())
        self.filename = f"credit-{self.env.company._o2c_today():%Y%m%d}.xlsx"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.filename}?download=true",
            "target": "download",
        }

    # === WORKBOOK === #

    def _prepare_xlsx(self):
        """Content of the workbook."""
        reports = self.env["o2c.credit.report"]
        stored = [name for name, field in reports._fields.items() if field.store]
        rows = reports.search_fetch(safe_eval(self.domain), stored, order="company_id, exposure desc, id")
        if not rows:
            raise UserError(self.env._("No customer fits. Choose another filter."))
        if len(rows) > ROWS:
            raise UserError(self.env._("%s customers don't fit into a sheet. Choose a filter.", len(rows)))
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
            formats = self._add_formats(book)
            for number, company in enumerate(rows.company_id, start=1):
                own = rows.filtered(lambda row, company=company: row.company_id == company)
                self._write_company(book.add_worksheet(f"{number}"), company, own, formats)
            self._write_summary(book.add_worksheet(self.env._("Summary")[:31]), rows, formats)
        return stream.getvalue()

    def _add_formats(self, book):
        amount = {"num_format": "#,##0.00"}
        return {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "align": "center"}),
            "amount": book.add_format(amount),
            "total": book.add_format({**amount, "bold": True, "top": 1}),
            "percent": book.add_format({"num_format": '0.0"%"'}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "bold": book.add_format({"bold": True, "top": 1}),
        }

    def _write_company(self, sheet, company, rows, formats):
        reports = self.env["o2c.credit.report"]
        sheet.write_string(0, 0, f"{company.name} - {company._o2c_today()}", formats["title"])
        sheet.write_string(1, 0, self.env._("Amounts in %s", company.currency_id.name))
        for column, name in enumerate(COLUMNS):
            label = reports._fields[name]._description_string(self.env)
            sheet.write_string(3, column, label, formats["head"])
        for number, row in enumerate(rows, start=4):
            for column, name in enumerate(COLUMNS):
                self._write_cell(sheet, (number, column), row, name, formats)
        last = 4 + len(rows)
        sheet.write_string(last, 0, self.env._("Total"), formats["bold"])
        for name in SUMMED:
            sheet.write_number(last, COLUMNS.index(name), sum(rows.mapped(name)), formats["total"])
        sheet.autofilter(3, 0, last - 1, len(COLUMNS) - 1)
        sheet.freeze_panes(4, 1)
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(COLUMNS) - 1, 15)

    def _write_cell(self, sheet, place, row, name, formats):
        value, kind = row[name], row._fields[name].type
        if kind == "monetary":
            sheet.write_number(*place, value, formats["amount"])
        elif kind == "float":
            sheet.write_number(*place, value, formats["percent"])
        elif kind == "integer":
            sheet.write_number(*place, value)
        elif kind == "date" and value:
            sheet.write_datetime(*place, value, formats["date"])
        else:
            sheet.write_string(*place, self._format_text(row, name, value, kind))

    def _format_text(self, row, name, value, kind):
        if kind == "boolean":
            return self.env._("yes") if value else ""
        if kind == "selection":
            return dict(row._fields[name]._description_selection(self.env)).get(value, "")
        return (value.display_name if kind == "many2one" else value) or ""

    def _write_summary(self, sheet, rows, formats):
        """Sums by company and grade, then by company and salesperson."""
        line = 0
        for name in ("grade_id", "user_id"):
            line = self._write_groups(sheet, line, rows, name, formats) + 2
        sheet.set_column(0, 1, 28)
        sheet.set_column(2, 8, 15)

    def _write_groups(self, sheet, line, rows, name, formats):
        reports = self.env["o2c.credit.report"]
        head = ["company_id", name, None, *SUMMED]
        for column, field in enumerate(head):
            label = reports._fields[field]._description_string(self.env) if field else self.env._("Customers")
            sheet.write_string(line, column, label, formats["head"])
        groups = rows.grouped(lambda row: (row.company_id, row[name]))
        for (company, value), members in sorted(
            groups.items(), key=lambda pair: (pair[0][0].id, pair[0][1].display_name or "")
        ):
            line += 1
            sheet.write_string(line, 0, company.name)
            sheet.write_string(line, 1, value.display_name or self.env._("None"))
            sheet.write_number(line, 2, len(members))
            for column, field in enumerate(SUMMED, start=3):
                sheet.write_number(line, column, sum(members.mapped(field)), formats["amount"])
        return line
