import io

import xlsxwriter
from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .quantity_check import SIDES

HEAD = ("order_id", "partner_id", "product_id", "uom_id", "ordered", "delivered", "invoiced", "drafted",
        "to_deliver", "to_invoice", "reason", "explanation")


class QuantityCheck(models.Model):
    """Who signs a check of quantities, how it is opened again, and its documents."""

    _inherit = "o2c.quantity.check"

    # === SIGNING === #

    def action_sign_warehouse(self):
        """The warehouse says that what it delivered is what is written here.

        :raise AccessError: unless a warehouse manager asks
        :raise UserError: when it is not ready, or the same person signed for finance
        """
        return self._sign("warehouse")

    def action_sign_finance(self):
        """Finance says that what it invoiced is what is written here.

        :raise AccessError: unless a finance officer asks
        :raise UserError: when it is not ready, or the same person signed for the warehouse
        """
        return self._sign("finance")

    def _sign(self, side):
        self._check_side(side)
        for check in self:
            check.sudo()._sign_side(side)
        return True

    def _sign_side(self, side):
        _group, user_field, date_field = SIDES[side]
        self._check_signable(side)
        other = next(key for key in SIDES if key != side)
        is_last = bool(self[SIDES[other][1]])
        self._move_state(
            "signed" if is_last else "half",
            event="check_signed",
            vals={user_field: self.env.uid, date_field: fields.Datetime.now()},
            message=self.env._("%(check)s signed for: %(side)s", check=self.display_name,
                               side=self._fields[user_field]._description_string(self.env)),
            evidence={**self._get_evidence(), "side": side, "sha256": self._get_lines_hash()},
        )
        people = self.env["o2c.accrual.run"]._get_people(SIDES[side][0], self.company_id)
        self.activity_ids.filtered(lambda activity: activity.user_id in people).unlink()

    def _check_signable(self, side):
        if self.state not in ("counted", "half"):
            raise UserError(self.env._("Count the quantities of %s first.", self.display_name))
        self.invalidate_recordset(["unexplained_count"])
        if self.unexplained_count:
            raise UserError(self.env._(
                "%(check)s: differences that are not explained: %(count)s. Say what is behind each of them.",
                check=self.display_name, count=self.unexplained_count))
        if self[SIDES[side][1]]:
            raise UserError(self.env._("%s has been signed for this side.", self.display_name))
        signed = self.warehouse_user_id | self.finance_user_id
        if self.env.user in signed:
            raise UserError(self.env._("Warehouse and finance are signed for by two different people."))

    def _get_lines_hash(self):
        """SHA-256 over what is signed, by the database: a check may have many lines."""
        self.env["o2c.quantity.check.line"].flush_model()
        [[value]] = self.env.execute_query(SQL(
            """SELECT encode(sha256(convert_to(COALESCE(string_agg(
                      concat_ws('|', order_id, product_id, ordered, delivered, invoiced, reason, explanation),
                      E'\\n' ORDER BY order_id, product_id), ''), 'UTF8')), 'hex')
                 FROM o2c_quantity_check_line WHERE check_id = %s""", self.id))
        return value

    def action_reopen(self, reason):
        """Open what was signed off; it has to be signed again.

        :param reason: why; it is registered
        :raise AccessError: unless the finance director of the company asks
        """
        self.env["o2c.accrual.run"]._check_reason(reason)
        self.check_access("read")
        user = self.env.user
        for check in self.sudo():
            if not user.has_group("o2c_base.group_finance_director") or (
                    check.company_id not in user.company_ids):
                check._refuse_reopen()
            check._move_state(
                "counted", event="check_reopened",
                vals={
                    "reopen_reason": reason.strip(),
                    **dict.fromkeys(("warehouse_user_id", "warehouse_date", "finance_user_id",
                                     "finance_date"), False),
                },
                message=self.env._("%(check)s opened again: %(reason)s", check=check.display_name,
                                   reason=reason.strip()),
                evidence={
                    "warehouse": check.warehouse_user_id.name, "finance": check.finance_user_id.name,
                    "sha256": check._get_lines_hash(),
                })
        return True

    def _refuse_reopen(self):
        message = self.env._("Only the finance director opens quantities again that were signed off.")
        self.env["o2c.register"]._log_refusal(self, "guard_refused", message)
        raise AccessError(message)

    # === DOCUMENTS === #

    def action_download_xlsx(self):
        """All lines and the signatures as a spreadsheet."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/o2c_month_end/quantities/{self.id}/xlsx",
            "target": "download",
        }

    def action_print(self):
        """Lines with a difference and the signatures as a PDF."""
        self.check_access("read")
        return self.env.ref("o2c_month_end.quantity_check_report").report_action(self)

    def _prepare_xlsx(self):
        """Content of a workbook with all lines and the signatures."""
        self.ensure_one()
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
            bold = book.add_format({"bold": True})
            head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
            number = book.add_format({"num_format": "#,##0.00##"})
            sheet = book.add_worksheet(self.env._("Quantities")[:31])
            sheet.write_string(0, 0, f"{self.display_name} - {self.company_id.name}", bold)
            for row, text in enumerate(self._get_signatures(), start=1):
                sheet.write_string(row, 0, text)
            self._write_lines(sheet, 4, head, number)
        return stream.getvalue()

    def _get_signatures(self):
        """A sentence for each side."""
        texts = []
        for _group, user_field, date_field in SIDES.values():
            side = self._fields[user_field]._description_string(self.env)
            texts.append(self.env._(
                "%(side)s: %(person)s, %(moment)s (UTC)", side=side, person=self[user_field].sudo().name,
                moment=self[date_field]) if self[user_field] else self.env._("%s: not signed", side))
        return texts

    def _write_lines(self, sheet, first, head, number):
        lines = self.env["o2c.quantity.check.line"]
        for column, name in enumerate(HEAD):
            sheet.write_string(first, column, lines._fields[name]._description_string(self.env), head)
        reasons = dict(lines._fields["reason"]._description_selection(self.env))
        for row, line in enumerate(self.line_ids, start=first + 1):
            for column, name in enumerate(HEAD):
                value, kind = line[name], lines._fields[name].type
                if kind == "float":
                    sheet.write_number(row, column, value, number)
                elif kind == "many2one":
                    sheet.write_string(row, column, value.sudo().display_name or "")
                else:
                    sheet.write_string(row, column, reasons.get(value, value) or "")
        sheet.autofilter(first, 0, first + max(len(self.line_ids), 1), len(HEAD) - 1)
        sheet.freeze_panes(first + 1, 0)
        sheet.set_column(0, 2, 26)
        sheet.set_column(3, len(HEAD) - 1, 14)
