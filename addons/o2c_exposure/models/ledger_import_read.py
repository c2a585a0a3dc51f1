"""Import of a receivables ledger: from the file to columns and formats."""

import base64

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules import ledger_file, ledger_values
from .ledger_import_template import DATE_KEYS, DELIMITER_KEYS, DELIMITERS, SEPARATOR_KEYS

SAMPLE_ROWS = 6


class LedgerImport(models.Model):
    _inherit = "o2c.ledger.import"

    # ------------------------------------------------------------------ actions: file and columns

    def action_read_file(self):
        """Read the header and propose columns and formats; again with the encoding or sheet chosen."""
        self.ensure_one()
        self._check_may_import()
        self._check_step_is("file", "columns")
        data = self._get_file_data()
        if self.step == "file":
            self._guess_file_format(data)
        table = self._read_table(data)
        self._propose_columns(table)
        self._propose_formats(table)
        self._guarded_write(
            {
                "step": "columns",
                "sample_html": self._render_sample(table),
                "doubts": "\n".join(self._get_doubts(data, table)) or False,
                "doubts_confirmed": False,
            }
        )
        return True

    def action_back(self):
        """One step back: from the preview to the columns, from the columns to the file."""
        self.ensure_one()
        self._check_may_import()
        self._check_step_is("columns", "preview")
        self._check_state_is("draft")
        if self.step == "preview":
            self.env["o2c.ledger.import.line"]._delete_rows(self)
            return self._guarded_write({"step": "columns", "check_digest": False})
        self.column_ids.unlink()
        return self._guarded_write(
            {"step": "file", "sample_html": False, "doubts": False, "sheet_names": False}
        )

    def action_save_template(self):
        """Save columns and format, so that the next file of this kind is read without questions."""
        self.ensure_one()
        self._check_may_import()
        if not self.column_ids:
            raise UserError(self.env._("Read the file first."))
        template = self.env["o2c.ledger.import.template"].create(
            {
                "name": self.env._("As %s", self.file_name or self.name),
                "company_id": self.company_id.id,
                "column_ids": [
                    fields.Command.create(
                        {"sequence": column.sequence, "header": column.header, "target": column.target}
                    )
                    for column in self.column_ids
                ],
                **self._prepare_format_vals(),
            }
        )
        return template._get_records_action()

    # ------------------------------------------------------------------ reading

    def _get_file_data(self):
        self.ensure_one()
        content = self.with_context(bin_size=False).file
        if not content:
            raise UserError(self.env._("Attach the ledger file first."))
        return base64.b64decode(content)

    def _guess_file_format(self, data):
        """Encoding and delimiter from the file, or from the template where one was chosen."""
        vals = self.template_id._prepare_format_vals() if self.template_id else {}
        if not ledger_file.is_xlsx(data):
            vals["encoding"] = vals.get("encoding") or ledger_file.guess_encoding(data).encoding
            sign = ledger_file.guess_delimiter(data[:100_000].decode(vals["encoding"], errors="replace"))
            vals["delimiter"] = vals.get("delimiter") or DELIMITER_KEYS[sign]
        self.write({name: value for name, value in vals.items() if value})

    def _read_table(self, data):
        """The table of the file as it is to be read.

        :raise UserError: if it can't be read at all
        """
        try:
            if not ledger_file.is_xlsx(data):
                delimiter = DELIMITERS[self.delimiter][0] if self.delimiter else None
                return ledger_file.read_csv(data, encoding=self.encoding or "utf-8", delimiter=delimiter)
            self._guarded_write({"sheet_names": ", ".join(ledger_file.sheet_names(data))})
            return ledger_file.read_xlsx(data, sheet=self.sheet_name)
        except ledger_file.LedgerFileError as error:
            raise UserError(self._explain_file_error(error)) from error

    def _explain_file_error(self, error):
        return {
            "empty": self.env._("The file has no header with rows below it."),
            "too_big": self.env._("The file is larger than %s. Split it.", error.detail),
            "too_many_rows": self.env._("The file has more than %s rows. Split it.", error.detail),
            "bad_text": self.env._("The text can't be split into columns at line %s.", error.detail),
            "bad_workbook": self.env._("This is no readable XLSX workbook. Save it again as XLSX or CSV."),
            "no_sheet": self.env._("The workbook has no sheet %s.", error.detail),
        }[error.code]

    def _propose_columns(self, table):
        """One mapping row per column, from the template or from the names of the columns."""
        known = {column.header: column.target for column in self.template_id.column_ids}
        targets = ledger_file.propose_columns(table.header)
        self.column_ids.unlink()
        self.env["o2c.ledger.import.column"].create(
            [
                {
                    "import_id": self.id,
                    "sequence": index + 1,
                    "header": header or self.env._("(no name)"),
                    "sample": self._get_column_sample(table, index),
                    "target": known.get(header) if known else targets[index],
                }
                for index, header in enumerate(table.header)
            ]
        )

    @api.model
    def _get_column_sample(self, table, index):
        values = (str(cells[index]) for _row, cells in table.rows[:50] if index < len(cells))
        return ", ".join(list(dict.fromkeys(filter(None, values)))[:3])[:120]

    def _propose_formats(self, table):
        if self.template_id:
            return
        dates, numbers = self._guess_formats(table)
        self.write(
            {
                "date_format": DATE_KEYS.get(dates.format),
                "decimal_separator": SEPARATOR_KEYS[numbers.decimal],
                "thousands_separator": SEPARATOR_KEYS[numbers.thousands],
            }
        )

    def _guess_formats(self, table):
        """What the dates and the amounts of the whole file look like."""
        dates = self._get_cells(table, "invoice_date", "due_date", "settled_date")
        return ledger_values.guess_date_format(dates), ledger_values.guess_number_format(
            self._get_cells(table, "amount", "open_amount")
        )

    def _get_cells(self, table, *targets):
        columns = self._get_column_positions()
        wanted = [columns[target] for target in targets if target in columns]
        return [cells[index] for _row, cells in table.rows for index in wanted if index < len(cells)]

    def _get_column_positions(self):
        """target → position, from 0."""
        return {column.target: column.sequence - 1 for column in self.column_ids if column.target}

    def _get_doubts(self, data, table):
        """What only a person can decide by looking at the first rows."""
        doubts = []
        if not ledger_file.is_xlsx(data) and not ledger_file.guess_encoding(data).sure:
            label = dict(self._fields["encoding"]._description_selection(self.env)).get(self.encoding)
            doubts.append(
                self.env._("The file doesn't say its encoding. Is the text right when read as %s?", label)
            )
        if self.template_id:
            return doubts
        dates, numbers = self._guess_formats(table)
        if dates.rival and self.date_format in (DATE_KEYS[dates.format], DATE_KEYS[dates.rival]):
            doubts.append(self.env._("All dates can be read with the month first and with the day first."))
        if numbers.ambiguous:
            doubts.append(self.env._("Amounts like 1,234 can mean one thousand or one point two."))
        return doubts

    def _render_sample(self, table):
        head = Markup().join(Markup("<th>%s</th>") % cell for cell in table.header)
        body = Markup().join(
            Markup("<tr>%s</tr>") % Markup().join(Markup("<td>%s</td>") % cell for cell in cells)
            for _row, cells in table.rows[:SAMPLE_ROWS]
        )
        return Markup('<table class="table table-sm table-striped"><thead><tr>%s</tr></thead>%s</table>') % (
            head,
            Markup("<tbody>%s</tbody>") % body,
        )
