from datetime import timedelta

from odoo.tests import tagged

from .test_monitor import TODAY, MonitorCase


@tagged("post_install", "-at_install", "o2c")
class TestCeiling(MonitorCase):
    """Limit and what guarantees add to it: one ceiling on all screens and for the controls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_authority("credit_guarantee", manager=10000.0, director=None)
        cls.reports = cls.env["o2c.credit.report"].with_user(cls.auditor)
        cls.bank = cls.env["res.partner"].create({"name": "Bank", "is_company": True})

    def secure(self, value, **values):
        guarantee = self.env["o2c.credit.guarantee"].with_user(self.officer).create({
            "kind": "third_party", "guarantor_id": self.bank.id, "value": value, "haircut": 0.0,
            "date_from": TODAY, "adds_to_limit": True, "partner_id": self.customer.id, **values})
        guarantee.action_submit()
        self.sign(guarantee)
        return guarantee

    def owe(self, amount, **values):
        self.make_invoice(amount, invoice_date_due=TODAY + timedelta(days=9), **values)

    def ask(self):
        """``{place: (what is left, over the limit)}``, each place read on its own."""
        self.env.flush_all()
        self.env.invalidate_all()
        row = self.reports.search([
            ("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)])
        customer = self.customer.with_user(self.seller)
        found = self.env["res.partner"].search([
            ("o2c_over_limit", "=", True), ("id", "=", self.customer.id)])
        [subject] = self.monitor._get_subjects(self.company, self.customer.ids)
        figures = subject.figures
        order = self.make_order(10)
        [facts] = self.env["o2c.facts"].sudo()._get_facts(
            [(self.company.id, self.customer.id)], "order", TODAY).values()
        verdict = order._get_o2c_limit_verdict(facts, 0.0)
        order.sudo().unlink()
        return {
            "report": (row.available, row.is_over_limit),
            "partner": (customer.o2c_credit_available, customer.o2c_over_limit),
            "search": (customer.o2c_credit_available, bool(found)),
            "monitor": (figures.ceiling - figures.exposure, figures.usage > 100),
            "verdict": (
                facts["credit_limit"] + facts["guarantee_addition"] - facts["exposure"],
                verdict.severity == "hold"),
        }

    def test_report_customer_monitor_and_verdict_agree(self):
        for secured, owed, left, is_over in (
            (0, 900, 100.0, False), (0, 200, -100.0, True), (500, 0, 400.0, False), (0, 400, 0.0, False),
            (0, 1, -1.0, True),
        ):
            if not self.env["o2c.credit.limit"].search_count([("partner_id", "=", self.customer.id)]):
                self.grant_row(1000.0)
            if secured:
                self.secure(secured)
            if owed:
                self.owe(owed)
            for place, answer in self.ask().items():
                self.assertEqual(answer, (left, is_over), (place, secured, owed))

    def test_overview_counts_use_of_limit_and_guarantees(self):
        self.grant_row(1000.0)
        self.secure(1000.0)
        self.owe(1500.0)
        self.run_monitor()
        self.assertFalse(self.get_watch())
        row = self.reports.search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(row, [{
            "limit_amount": 1000.0, "addition": 1000.0, "exposure": 1500.0, "available": 500.0,
            "usage": 75.0, "usage_band": "3_half", "is_over_limit": False}])
        self.owe(400.0)
        self.run_monitor()
        watch = self.get_watch()
        self.assertEqual(self.get_triggers(watch), {"usage": 95.0})
        self.assertEqual(watch.limit_amount, 2000.0)

    def test_suspension_takes_what_guarantees_add_as_well(self):
        self.grant_row(1000.0)
        self.secure(1000.0)
        self.owe(100.0)
        self.grant_row(0.0, kind="suspension", date_from=TODAY)
        row = self.reports.search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(row, [{
            "limit_amount": 0.0, "addition": 0.0, "available": -100.0, "is_over_limit": True}])
        [subject] = self.monitor._get_subjects(self.company, self.customer.ids)
        self.assertEqual(subject.figures.ceiling, 0.0)

    def test_guarantee_that_is_only_held_adds_nothing(self):
        self.grant_row(1000.0)
        self.secure(1000.0, adds_to_limit=False)
        self.owe(1001.0)
        self.assertEqual(set(self.ask().values()), {(-1.0, True)})

    def test_guarantees_of_another_company_add_nothing_here(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.grant_row(1000.0)
        self.grant_row(1000.0, company_id=second.id)
        self.secure(300.0)
        rows = self.env["o2c.credit.report"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            {row.company_id: row.available for row in rows}, {self.company: 1300.0, second: 1000.0})

    def test_application_shows_what_guarantees_add(self):
        self.grant_row(1000.0)
        self.secure(500.0)
        self.owe(700.0)
        application = self.make_application(1200.0, kind="raise")
        rows = {row[0]: row[1] for row in application.sudo()._get_exposure_rows()}
        money = application._format_company
        self.assertEqual(rows["Guarantees on top of the limit"], money(500.0))
        self.assertEqual(rows["Available so far"], money(800.0))
        self.assertEqual(rows["Available as proposed"], money(1000.0))

    def test_application_of_a_group_counts_guarantees_of_the_group_alone(self):
        group = self.env["o2c.corporate.group"].create({"name": "Shops"})
        self.customer.o2c_corporate_group_id = group
        self.secure(500.0)
        self.secure(250.0, partner_id=False, corporate_group_id=group.id)
        application = self.make_application(1000.0, group=group)
        rows = {row[0]: row[1] for row in application.sudo()._get_exposure_rows()}
        self.assertEqual(rows["Available as proposed"], application._format_company(1250.0))
