"""Factories for tests of the import of a ledger: a company of its own, real users, small files."""

import base64
import csv
import io

from odoo import Command
from odoo.tests import TransactionCase, new_test_user
from odoo.tools.misc import file_open

SAMPLE = "o2c_exposure/tests/data/receivables_2012_2013.csv"
HEADER = ("Number", "Customer ID", "Customer name", "Invoice date", "Due date", "Amount", "Settled date")
CUT_OFF = "2024-06-30"


def read_sample():
    """Bytes of the public sample ledger."""
    with file_open(SAMPLE, "rb") as sample:
        return sample.read()


def make_csv(rows, header=HEADER, *, delimiter=",", encoding="utf-8"):
    """Bytes of a delimited file."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows([header, *rows])
    return buffer.getvalue().encode(encoding)


class LedgerCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env.ref("base.USD")
        cls.usd.active = True
        cls.company = cls._company("Ledger Test Company")
        cls.env.user.write({"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id})
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.finance = cls._user("ledger_finance", "o2c_base.group_finance_officer,base.group_partner_manager")
        cls.customer = cls.env["res.partner"].create({"name": "Acme Ltd", "ref": "A1", "is_company": True})
        cls.other_customer = cls.env["res.partner"].create(
            {"name": "Bolt Ltd", "ref": "B1", "is_company": True, "vat": "XX-12 34"}
        )

    # ------------------------------------------------------------------ factories

    @classmethod
    def _company(cls, name):
        company = cls.env["res.company"].create({"name": name, "currency_id": cls.usd.id})
        cls.env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
        company.currency_id = cls.usd
        return company

    @classmethod
    def _user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,{groups}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _row(
        self, number, ref="A1", *, dated="2024-05-02", due="2024-06-01", amount="100.00", settled="", name=""
    ):
        return (number, ref, name, dated, due, amount, settled)

    def _import(self, data, *, user=None, read=True, check=True, file_name="ledger.csv", **vals):
        """An import of `data` (bytes or rows) at the preview."""
        if not isinstance(data, bytes):
            data = make_csv(data)
        ledger = (
            self.env["o2c.ledger.import"]
            .with_user(user or self.finance)
            .with_context(allowed_company_ids=[vals.get("company_id", self.company.id)])
            .create(
                {
                    "name": "Ledger",
                    "company_id": self.company.id,
                    "file": base64.b64encode(data),
                    "file_name": file_name,
                    "cut_off_date": CUT_OFF,
                    "mode": "good",
                    **vals,
                }
            )
        )
        if read:
            ledger.action_read_file()
        if read and check:
            ledger.action_check()
        return ledger

    def _book(self, ledger):
        """Start the booking and do the work of the cron."""
        ledger.action_start()
        self._work(ledger)
        return ledger

    def _work(self, ledger, limit=50):
        while ledger.sudo()._run_batch(limit):
            pass
        ledger.invalidate_recordset()

    def _moves(self, number=None):
        domain = [("company_id", "=", self.company.id), ("move_type", "in", ("out_invoice", "out_refund"))]
        return self.env["account.move"].search(domain + ([("name", "=", number)] if number else []))

    def _reasons(self, ledger):
        """number → reason of each row that has one."""
        return {line.number or line.row: line.reason for line in ledger.line_ids if line.reason}
