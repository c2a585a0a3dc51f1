"""Figures from live documents and the credit file: what counts, once, and as of which day."""

from datetime import date

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..rules.source import Question
from .scorecard_common import ScorecardCase


@tagged("post_install", "-at_install")
class TestSource(ScorecardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Kettle", "type": "service", "invoice_policy": "order", "list_price": 10.0}
        )
        cls.product.taxes_id = False

    def ask(self, *keys, customer=None, day=None, company=None):
        customer = customer or self.customer
        question = Question(company or self.company, (customer.id,), day or self.today)
        return self.env["o2c.credit.source"].sudo()._get_values(question, keys)[customer.id]

    def make_order(self, amount, day, *, confirm=True, customer=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": (customer or self.customer).id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": amount}
                    )
                ],
            }
        )
        if confirm:
            order.action_confirm()
            order.date_order = day
        return order

    # === TRADE === #

    def test_order_and_its_invoice_are_one_purchase(self):
        order = self.make_order(100.0, "2026-02-02 10:00:00")
        invoice = order._create_invoices()
        invoice.invoice_date = date(2026, 2, 3)
        invoice.action_post()
        self.make_order(50.0, "2026-02-02 10:00:00", confirm=False)
        self.make_order(70.0, "2026-02-03 10:00:00").with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.ask("purchase_count")["purchase_count"], 1)
        self.make_invoice(30.0, date="2026-03-01", due="2026-03-31")
        self.assertEqual(self.ask("purchase_count")["purchase_count"], 2, "an invoice without an order")
        self.make_order(10.0, "2025-06-30 10:00:00")
        found = self.ask("purchase_count", "relation_months")
        self.assertEqual(found["purchase_count"], 2, "twelve months and not a day more")
        self.assertEqual(found["relation_months"], 12)

    def test_days_are_those_of_the_company(self):
        self.company.o2c_tz = "Asia/Shanghai"
        # Half past eleven in the evening of 1 March in London is the morning of 2 March in Shanghai.
        self.make_order(10.0, "2026-03-01 23:30:00")
        self.assertFalse(self.ask("purchase_count", day=date(2026, 3, 1)))
        self.assertEqual(self.ask("purchase_count", day=date(2026, 3, 2))["purchase_count"], 1)

    def test_sales_are_invoices_less_credit_notes(self):
        invoice = self.make_invoice(1200.0, date="2025-09-01", due="2025-10-01")
        self.make_invoice(600.0, date="2026-02-01", due="2026-03-01")
        refund = invoice._reverse_moves([{"date": date(2026, 3, 1), "invoice_date": date(2026, 3, 1)}])
        refund.invoice_line_ids.price_unit = 300.0
        refund.action_post()
        found = self.ask("monthly_sales", "sales_trend", "purchase_count")
        self.assertAlmostEqual(found["monthly_sales"], (1200.0 + 600.0 - 300.0) / 12)
        self.assertAlmostEqual(found["sales_trend"], (300.0 - 1200.0) / 1200.0 * 100)
        self.assertEqual(found["purchase_count"], 2, "a credit note is no purchase")

    def test_trend_is_not_known_without_sales_before(self):
        self.make_invoice(600.0, date="2026-02-01", due="2026-03-01")
        self.assertIsNone(self.ask("sales_trend")["sales_trend"])

    def test_contacts_and_branches_count_for_the_company_that_owes(self):
        contact = self.env["res.partner"].create(
            {"name": "Anna", "parent_id": self.customer.id, "type": "invoice"}
        )
        self.make_invoice(100.0, customer=contact, date="2026-01-05", due="2026-02-04")
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids = [Command.link(branch.id)]
        self.env["account.chart.template"].try_loading(
            self.company.chart_template, company=branch, install_demo=False
        )
        self.env["account.move"].with_company(branch).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-06-01",
                "invoice_date_due": "2026-06-15",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Goods", "price_unit": 300.0, "tax_ids": False})
                ],
            }
        ).action_post()
        found = self.ask("purchase_count", "overdue_days", "overdue_share")
        self.assertEqual(found["purchase_count"], 2)
        self.assertEqual((found["overdue_days"], found["overdue_share"]), (146, 100.0))
        branch.o2c_own_exposure = True
        self.env.flush_all()
        self.assertEqual(self.ask("purchase_count")["purchase_count"], 1)
        found = self.ask("purchase_count", "overdue_days", company=branch)
        self.assertEqual((found["purchase_count"], found["overdue_days"]), (1, 15))

    def test_overdue_share_leaves_credits_aside(self):
        self.make_invoice(300.0, date="2026-05-01", due="2026-05-31")
        self.make_invoice(100.0, date="2026-06-01", due="2026-07-31")
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_date": "2026-06-02",
                "invoice_line_ids": [Command.create({"name": "Back", "price_unit": 350.0, "tax_ids": False})],
            }
        )
        refund.action_post()
        found = self.ask("overdue_days", "overdue_share")
        self.assertEqual((found["overdue_days"], found["overdue_share"]), (30, 75.0))

    def test_nothing_open_is_nothing_overdue_but_no_history_is_not_known(self):
        self.assertFalse(self.ask("overdue_days", "on_time_amount", "purchase_count"))
        self.make_invoice(100.0, date="2026-01-05", due="2026-02-04", paid="2026-01-20")
        found = self.ask("overdue_days", "overdue_share", "on_time_amount", "days_late_mean")
        self.assertEqual(
            found,
            {
                "overdue_days": 0,
                "overdue_share": 0.0,
                "on_time_amount": 100.0,
                "on_time_count": 100.0,
                "days_late_mean": 0.0,
                "days_late_weighted": 0.0,
            },
        )

    # === FILE === #

    def _file(self, **values):
        return (
            self.env["o2c.credit.file"]
            .with_user(self.officer)
            .create({"partner_id": self.customer.id, "company_id": self.company.id, **values})
        )

    def _figures(self, file, year, **values):
        return (
            self.env["o2c.credit.file.figure"]
            .with_user(self.officer)
            .create({"file_id": file.id, "year": year, **values})
        )

    def test_latest_figures_that_count_are_taken(self):
        file = self._file(founded_on="2016-07-01")
        self._figures(
            file,
            2024,
            turnover=1000.0,
            net_income=10.0,
            current_assets=100.0,
            current_liabilities=50.0,
            total_assets=500.0,
            total_liabilities=200.0,
            operating_cash_flow=80.0,
        )
        keys = (
            "file_current_ratio",
            "file_debt_ratio",
            "file_net_margin",
            "file_turnover",
            "file_cash_flow_share",
            "file_net_worth",
            "file_operating_cash_flow",
        )
        found = self.ask(*keys)
        self.assertEqual([found[key] for key in keys], [2.0, 40.0, 1.0, 1000.0, 8.0, 300.0, 80.0])
        self._figures(file, 2025, turnover=2000.0)
        found = self.ask(*keys)
        self.assertEqual(found["file_turnover"], 2000.0)
        self.assertIsNone(found["file_current_ratio"], "what is not filled in is not 0")
        self.assertIsNone(found["file_operating_cash_flow"])
        self.assertEqual(self.ask(*keys, day=date(2025, 12, 31))["file_turnover"], 1000.0)
        self.assertFalse(self.ask(*keys, day=date(2024, 6, 30)), "the year had not ended")
        self.assertFalse(self.ask("file_turnover", day=date(2029, 1, 1)), "too old to say anything")

    def test_figures_in_another_currency_count_at_the_rate_of_the_day(self):
        foreign = self.env["res.currency"].search(
            [("active", "=", False), ("id", "!=", self.company.currency_id.id)], limit=1
        )
        foreign.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": foreign.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "company_rate": 4.0,
            }
        )
        file = self._file()
        self._figures(file, 2025, turnover=2000.0, currency_id=foreign.id)
        self.assertAlmostEqual(self.ask("file_turnover")["file_turnover"], 500.0)

    def test_age_completeness_and_rating_of_the_file(self):
        file = self._file(founded_on="2016-07-01")
        ratings = self.env["o2c.credit.file.rating"].with_user(self.officer)
        for day, points in (("2026-01-01", 60.0), ("2026-03-01", 80.0), ("2024-01-01", 10.0)):
            ratings.create(
                {"file_id": file.id, "agency": "Agency", "grade": "B", "score": points, "date": day}
            )
        found = self.ask("file_years", "file_completeness", "file_rating")
        self.assertEqual((found["file_years"], found["file_rating"]), (9, 80.0))
        self.assertEqual(found["file_completeness"], file.completeness)
        self.assertGreater(file.completeness, 0)
        self.assertEqual(self.ask("file_rating", day=date(2026, 2, 1))["file_rating"], 60.0)
        self.assertFalse(self.ask("file_rating", day=date(2025, 6, 1)))
        file.active = False
        self.assertFalse(self.ask("file_years", "file_completeness", "file_rating"))

    # === REGISTRY === #

    def test_unknown_source_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "there is no source moon"):
            self.get_factor("Management").write({"source": "moon"})

    def test_every_source_has_a_label_and_says_what_is_missing(self):
        for key, source in self.env["o2c.credit.source"]._get_sources().items():
            with self.subTest(key):
                self.assertTrue(source.label and source.missing)
                self.assertIn(source.kind, ("number", "choice"))
                self.assertIn(source.origin, ("answer", "file", "behaviour"))
