import base64
import io
from datetime import timedelta

import openpyxl
from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..reports.credit_report_export import COLUMNS
from .test_monitor import TODAY, MonitorCase


@tagged("post_install", "-at_install", "o2c")
class TestCreditReport(MonitorCase):
    """Figures of the overview equal those of the customer; who may not see a customer sees no row."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reports = cls.env["o2c.credit.report"]
        cls.other = cls.env["res.partner"].create({
            "name": "Bazaar", "is_company": True, "country_id": cls.env.ref("base.de").id,
            "user_id": cls.manager.id})

    def get_row(self, partner=None, company=None, user=None):
        self.env.invalidate_all()
        return self.reports.with_user(user or self.auditor).search([
            ("partner_id", "=", (partner or self.customer).id),
            ("company_id", "=", (company or self.company).id)])

    def test_row_has_terms_use_and_overdue(self):
        self.grant_row(1000.0)
        self.make_late(300, 20)
        self.make_invoice(650, invoice_date_due=TODAY + timedelta(days=9))
        self.run_monitor()
        self.assertRecordValues(self.get_row(), [{
            "grade_id": self.grades[2].id, "limit_amount": 1000.0, "exposure": 950.0, "available": 50.0,
            "usage": 95.0, "usage_band": "4_high", "overdue": 300.0, "oldest_days": 20,
            "review_date": TODAY.replace(month=12, day=31), "is_suspended": False, "is_over_limit": False,
            "watch_measure": "review", "user_id": self.seller.id, "has_terms": True,
            "currency_id": self.company.currency_id.id}])

    def test_figures_equal_those_of_the_customer(self):
        self.grant_row(1000.0)
        self.grant_row(1500.0, kind="temporary", date_to=TODAY + timedelta(days=3))
        self.make_invoice(1200, invoice_date_due=TODAY + timedelta(days=9))
        row = self.get_row()
        self.assertEqual(row.limit_amount, self.env["o2c.credit.limit"]._get_limit_amount(
            self.company, self.customer))
        self.assertEqual(row.exposure, self.env["o2c.exposure"]._get_exposure(
            self.customer, self.company)[self.customer.id].total)
        self.assertEqual((row.limit_amount, row.available, row.usage_band), (1500.0, 300.0, "3_half"))

    def test_suspended_customer_has_no_limit(self):
        self.grant_row(1000.0)
        self.make_late(100, 61)
        self.run_monitor()
        row = self.get_row()
        self.assertTrue(row.is_suspended and row.is_over_limit)
        self.assertEqual((row.limit_amount, row.usage_band), (0.0, "5_over"))

    def test_customer_who_owes_without_terms_is_ungraded_and_over_nothing(self):
        self.make_invoice(80, partner=self.other)
        row = self.get_row(self.other)
        self.assertRecordValues(row, [{
            "grade_id": False, "has_terms": False, "is_over_limit": False, "usage": 0.0, "exposure": 80.0}])
        self.assertIn(row, self.reports.search([("grade_id", "=", False)]))

    def test_receipts_reduce_what_is_overdue(self):
        self.make_late(100, 20)
        self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id,
            "amount": 60.0, "date": TODAY}).action_post()
        self.assertRecordValues(self.get_row(), [{"overdue": 40.0, "exposure": 40.0, "oldest_days": 20}])

    def test_search_of_the_filters_finds_the_rows(self):
        self.grant_row(1000.0, review_date=TODAY + timedelta(days=10))
        self.make_late(950, 20)
        row = self.get_row()
        for domain in (
            [("usage", ">", 90)], [("overdue", ">", 0)], [("review_date", "<=", "2026-07-15")],
            [("is_over_limit", "=", False)], [("usage_band", "=", "4_high")],
        ):
            self.assertIn(row, self.reports.search(domain), domain)

    def test_groups_add_up(self):
        self.grant_row(1000.0)
        self.make_invoice(80)
        self.make_invoice(20, partner=self.other)
        groups = dict(self.reports._read_group(
            [("partner_id", "in", (self.customer | self.other).ids)], ["user_id"], ["exposure:sum"]))
        self.assertEqual(groups[self.seller], 80.0)
        self.assertEqual(groups[self.manager], 20.0)

    def test_salesperson_sees_own_customers_only(self):
        self.make_invoice(80)
        self.make_invoice(20, partner=self.other)
        self.assertTrue(self.get_row(user=self.seller))
        self.assertFalse(self.get_row(self.other, user=self.seller))
        with self.assertRaises(AccessError):
            self.reports.with_user(self.keeper).search([])

    def test_companies_apart(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.grant_row(500.0, company_id=second.id)
        self.grant_row(900.0)
        reader = self.make_user("reader2", "o2c_base.group_auditor")
        rows = self.reports.with_user(reader).search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.mapped("limit_amount"), [900.0])
        reader.company_ids += second
        rows = self.reports.with_user(reader).with_context(
            allowed_company_ids=[self.company.id, second.id]).search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sorted(rows.mapped("limit_amount")), [500.0, 900.0])

    def test_workbook_has_the_rows_of_the_filter(self):
        self.grant_row(1000.0)
        self.make_invoice(80)
        self.make_invoice(20, partner=self.other)
        reports = self.reports.with_user(self.seller).with_context(
            active_domain=[("exposure", ">", 0)])
        reports.browse().action_export_xlsx()
        export = self.env["o2c.credit.report.export"].search([("create_uid", "=", self.seller.id)], limit=1)
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(export.file)))
        cells = [row[0].value for row in book.worksheets[0].iter_rows(min_row=5)]
        self.assertIn("Corner Shop", cells)
        self.assertNotIn("Bazaar", cells)
        totals = [cell.value for cell in list(book.worksheets[0].iter_rows())[-1]]
        own = reports.search([("exposure", ">", 0)])
        self.assertAlmostEqual(totals[COLUMNS.index("exposure")], sum(own.mapped("exposure")), 2)

    def test_workbook_needs_rows_and_a_role(self):
        with self.assertRaises(UserError):
            self.reports.with_user(self.auditor).with_context(
                active_domain=[("id", "=", 0)]).action_export_xlsx()
        with self.assertRaises(AccessError):
            self.reports.with_user(self.keeper).action_export_xlsx()

    def test_tiles_count_in_the_current_company(self):
        tiles = {
            code: self.env.ref(f"o2c_credit.overview_tile_{code}").with_user(self.auditor)
            for code in ("credit_expiring", "credit_suspended", "credit_over_limit", "credit_watch",
                         "credit_applications", "guarantees_ending")}
        before = {code: tile.count for code, tile in tiles.items()}
        self.grant_row(100.0, review_date=TODAY + timedelta(days=10))
        self.make_late(150, 70)
        self.run_monitor()
        application = self.env["o2c.credit.application"].search(
            [("partner_id", "=", self.customer.id), ("kind", "=", "review")])
        self.assertTrue(application)
        self.env.invalidate_all()
        grown = {code: tile.count - before[code] for code, tile in tiles.items()}
        self.assertEqual(grown, {
            "credit_expiring": 1, "credit_suspended": 1, "credit_over_limit": 1, "credit_watch": 1,
            "credit_applications": 0, "guarantees_ending": 0})
        for tile in tiles.values():
            self.assertTrue(tile.action_open()["res_model"])

    def test_buttons_of_the_customer(self):
        self.make_late(150, 20)
        self.run_monitor()
        customer = self.customer.with_user(self.seller)
        self.assertEqual(customer.o2c_watch_measure, "review")
        self.assertEqual(customer.action_o2c_watch()["domain"], [("partner_id", "=", self.customer.id)])
        self.assertEqual(customer.action_o2c_credit_report()["res_model"], "o2c.credit.report")
        self.assertFalse(self.customer.with_user(self.keeper).o2c_watch_measure)

    def test_every_component_of_the_exposure_has_its_column(self):
        """Cards and lists of the exposure add up to its total."""
        report = self.env["o2c.exposure.report"].with_user(self.auditor)
        codes = {component.code for component in self.env["o2c.exposure"]._components()}
        self.assertIn("deposit", codes)
        for view in ("list", "kanban", "pivot"):
            arch = etree.fromstring(report.get_view(view_type=view)["arch"])
            self.assertLessEqual(codes, {node.get("name") for node in arch.iter("field")}, view)
        self.make_invoice(80)
        row = report.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sum(row[code] for code in codes), row.total)

    def test_list_costs_a_constant_number_of_queries(self):
        self.grant_row(1000.0)
        stored = [name for name, field in self.reports._fields.items() if field.store]
        reports = self.reports.with_user(self.auditor)
        reports.search_fetch([], stored)
        for number in range(5):
            partner = self.env["res.partner"].create({"name": f"P{number}", "is_company": True})
            self.grant_row(partner=partner)
        self.env.flush_all()
        with self.assertQueryCount(5):
            self.env.invalidate_all(flush=False)
            reports.search_fetch([], stored)
