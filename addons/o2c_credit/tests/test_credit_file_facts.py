from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..rules.value_class import classify
from .common import CreditCase


@tagged("post_install", "-at_install")
class TestCreditFileFacts(CreditCase):
    """What is measured for the file: trading history, value, and what happens at a merge."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("off")
        cls.File = cls.env["o2c.credit.file"].with_user(cls.officer)
        cls.today = cls.company._o2c_today()
        cls.file = cls.File.create({"partner_id": cls.customer.id})

    def make_customer(self, name, **values):
        return self.env["res.partner"].create({"name": name, "is_company": True, **values})

    def entries(self, event, record=None):
        return self.env["o2c.register"].search(
            [
                ("res_model", "=", "o2c.credit.file"),
                ("res_id", "=", (record or self.file).id),
                ("event", "=", event),
            ]
        )

    def pay(self, invoice):
        """Money that is booked at once; without an outstanding account Odoo would wait for the bank."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        journal.inbound_payment_method_line_ids.payment_account_id = self.env["account.account"].search(
            [("account_type", "=", "asset_current"), ("company_ids", "in", self.company.ids)], limit=1
        )
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({"payment_date": self.today, "journal_id": journal.id})._create_payments()

    # === TRADING HISTORY === #

    def test_figures_are_those_of_orders_and_ledger(self):
        self.make_order(300.0).action_confirm()
        for amount, age in ((1000.0, 100), (50.0, 0), (7.0, 800)):
            day = self.today - timedelta(days=age)
            self.make_invoice(amount, date=day, invoice_date_due=day)
        self.file.invalidate_recordset()
        self.assertRecordValues(
            self.file.with_user(self.seller),
            [
                {
                    "purchase_count": 3,
                    "sales": 1050.0,
                    "exposure": 1357.0,
                    "overdue": 1007.0,
                    "first_sale_on": self.today - timedelta(days=800),
                }
            ],
        )
        self.assertEqual(self.file.exposure, self.customer.o2c_exposure)
        self.assertEqual(self.file.overdue, self.customer.o2c_overdue)

    def test_how_the_customer_paid(self):
        past = self.today - timedelta(days=10)
        self.pay(self.make_invoice(100.0, date=past, invoice_date_due=past))
        self.pay(self.make_invoice(100.0, date=self.today))
        self.file.invalidate_recordset()
        found = self.env["o2c.behaviour"]._get_behaviour(
            self.file._get_trade_start(),
            self.today,
            scope=self.env["o2c.exposure"]._sql_scope(partner_ids=self.customer.ids),
        )
        expected = found.get((self.company.id, self.customer.id))
        self.assertAlmostEqual(self.file.dso, expected.dso)
        self.assertRecordValues(
            self.file, [{"settled_count": 2, "days_late": 5.0, "on_time_share": 50.0, "sales": 200.0}]
        )

    def test_group_sums_its_members(self):
        sister = self.make_customer("Sister")
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        (self.customer | sister).o2c_corporate_group_id = group
        self.make_invoice(100.0)
        self.make_invoice(30.0, partner=sister)
        file = self.File.create({"corporate_group_id": group.id})
        self.assertRecordValues(file, [{"sales": 130.0, "exposure": 130.0, "purchase_count": 2}])

    def test_other_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.officer.company_ids |= other
        self.make_invoice(100.0)
        file = self.File.with_context(allowed_company_ids=other.ids).create(
            {"partner_id": self.customer.id, "company_id": other.id}
        )
        self.assertRecordValues(file, [{"sales": 0.0, "exposure": 0.0, "purchase_count": 0}])

    def test_list_costs_the_same_for_any_number_of_files(self):
        files = self.file
        for index in range(5):
            partner = self.make_customer(f"Customer {index}")
            self.make_invoice(10.0, partner=partner)
            files |= self.File.create({"partner_id": partner.id})
        names = ["completeness", "sales", "exposure", "overdue", "dso", "guarantee_count", "missing"]
        names += ["grade_id", "application_count", "score_count", "limit_count"]
        self.env.flush_all()

        def count_queries(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.web_read({name: {} for name in names})
            return self.env.cr.sql_log_count - before

        count_queries(files)
        self.assertEqual(count_queries(files), count_queries(files[:2]))

    def test_terms_of_today(self):
        self.assertFalse(self.file.grade_id)
        none = [("grade_id", "=", False), ("id", "=", self.file.id)]
        self.assertEqual(self.File.search(none), self.file)
        limit = self.grant_limit(500.0)
        self.file.invalidate_recordset()
        grade = limit.grade_id
        self.assertRecordValues(
            self.file,
            [{"grade_id": grade.id, "limit_amount": 500.0, "limit_count": 1, "application_count": 1}],
        )
        if grade:
            self.assertFalse(self.File.search(none))
            self.assertEqual(
                self.File.search([("grade_id", "=", grade.id), ("id", "=", self.file.id)]), self.file
            )
        for method in ("action_open_limits", "action_open_applications", "action_open_scores"):
            self.assertIn("domain", getattr(self.file.with_user(self.seller), method)())

    def test_approval_lapses_with_the_figures_of_the_file(self):
        self.file.figure_ids = [Command.create({"year": self.today.year - 1, "turnover": 1000.0})]
        application = self.make_application(500.0)
        application.action_submit()
        request = application.sudo().o2c_request_id
        self.file.legal_form = "Ltd."
        self.assertTrue(request._check_fingerprint())
        self.assertEqual(request.state, "pending", "the terms do not rest on the legal form")
        self.file.figure_ids.turnover = 9000.0
        request.with_user(self.manager).action_approve("Fine")
        self.assertEqual((request.state, application.state), ("lapsed", "draft"))
        self.assertFalse(self.env["o2c.credit.limit"]._get_terms(self.company, self.customer))

    def test_application_shows_the_guarantees(self):
        self.make_authority("credit_guarantee", manager=None)
        guarantee = (
            self.env["o2c.credit.guarantee"]
            .with_user(self.officer)
            .create(
                {
                    "partner_id": self.customer.id,
                    "kind": "deposit",
                    "value": 1000.0,
                    "haircut": 25.0,
                    "adds_to_limit": True,
                }
            )
        )
        application = self.make_application(500.0)
        labels = dict(row[:2] for row in application.sudo()._get_guarantee_rows())
        self.assertNotIn("750", " ".join(labels.values()))
        guarantee.action_submit()
        self.sign(guarantee)
        rows = application.sudo()._get_guarantee_rows()
        self.assertEqual(len(rows), 3, "the guarantee, the sum, and what is on top of the limit")
        for row in rows:
            self.assertIn("750.00", row[1])

    # === VALUE === #

    def test_classes_agree_with_the_rule(self):
        amounts = {"Whale": 8000.0, "Middle": 1500.0, "Small": 400.0, "Tiny": 100.0, "Nothing": 0.0}
        files = {}
        for name, amount in amounts.items():
            partner = self.make_customer(name)
            if amount:
                self.make_invoice(amount, partner=partner)
            files[name] = self.File.create({"partner_id": partner.id})
        self.make_invoice(99999.0, partner=self.make_customer("Old"), date=self.today - timedelta(days=800))
        sold = self.env["account.move"]._read_group(
            [
                ("company_id", "=", self.company.id),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "=", "posted"),
                ("invoice_date", ">", self.today - timedelta(days=360)),
            ],
            ["commercial_partner_id"],
            ["amount_total_signed:sum"],
        )
        expected = classify({partner.id: amount for partner, amount in sold})
        self.File.action_classify()
        for name, file in files.items():
            with self.subTest(name=name):
                self.assertEqual(file.value_class, expected.get(file.partner_id.id, "C"))
                self.assertEqual(file.value_sales, amounts[name])
                self.assertEqual(file.value_date, self.today)
        self.assertEqual(files["Whale"].value_class, "A")
        self.assertEqual(files["Nothing"].value_share, 100.0)
        with self.assertQueryCount(1):
            self.env["o2c.credit.file"]._classify(self.company)

    def test_group_is_classified_as_one(self):
        sister = self.make_customer("Sister")
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        (self.customer | sister).o2c_corporate_group_id = group
        self.make_invoice(600.0)
        self.make_invoice(500.0, partner=sister)
        single = self.make_customer("Single")
        self.make_invoice(1000.0, partner=single)
        file = self.File.create({"corporate_group_id": group.id})
        alone = self.File.create({"partner_id": single.id})
        self.File.action_classify()
        self.assertEqual(file.value_sales, 1100.0)
        self.assertLess(file.value_share, 100.0)
        self.assertEqual(alone.value_sales, 1000.0)
        self.assertLess(alone.value_share, self.file.value_share, "alone it is larger than each member")

    def test_only_officers_classify_and_nobody_writes_a_class(self):
        for user in (self.seller, self.auditor):
            with self.assertRaises(AccessError):
                self.File.with_user(user).action_classify()
        for vals in ({"value_class": "A"}, {"value_sales": 1e9}, {"value_share": 1.0}):
            for file in (self.file, self.file.sudo()):
                with self.assertRaises(AccessError):
                    file.write(vals)
        self.assertFalse(self.file.value_class)

    # === MERGE === #

    def test_merge_keeps_the_evidence_of_both(self):
        twin = self.make_customer("Twin")
        other = self.File.create(
            {
                "partner_id": twin.id,
                "legal_form": "AG",
                "founded_on": "1990-01-01",
                "opinion": "Well led",
                "person_ids": [Command.create({"name": "Eva", "signs_orders": True})],
                "document_ids": [Command.create({"kind": "licence", "attachment": b"c2Nhbg=="})],
                "figure_ids": [
                    Command.create({"year": 2020, "turnover": 7.0}),
                    Command.create({"year": 2019, "turnover": 6.0}),
                ],
                "rating_ids": [Command.create({"agency": "Agency", "grade": "A", "score": 80.0})],
            }
        )
        self.file.write(
            {
                "legal_form": "Ltd.",
                "opinion": "Large",
                "figure_ids": [Command.create({"year": 2020, "turnover": 5.0})],
            }
        )
        other.message_post(body="A call with the bank")
        self.env["o2c.credit.file"]._merge_files(self.customer, twin)
        self.assertFalse(other.exists())
        self.assertRecordValues(
            self.file,
            [{"legal_form": "Ltd.", "founded_on": other._fields["founded_on"].to_date("1990-01-01")}],
        )
        self.assertIn("Large", self.file.opinion)
        self.assertIn("Well led", self.file.opinion)
        self.assertEqual(self.file.person_ids.name, "Eva")
        self.assertEqual(self.file.document_ids.attachment, b"c2Nhbg==")
        self.assertEqual(self.file.rating_ids.grade, "A")
        figures = self.file.with_context(active_test=False).figure_ids
        self.assertEqual(
            sorted((figure.year, figure.turnover, figure.active) for figure in figures),
            [(2019, 6.0, True), (2020, 5.0, True), (2020, 7.0, False)],
        )
        self.assertIn("A call with the bank", " ".join(self.file.message_ids.mapped("body")))
        [entry] = self.entries("file_merged")
        self.assertEqual(entry.evidence["differing"], {"legal_form": {"kept": "Ltd.", "other": "AG"}})

    def test_merge_moves_the_only_file(self):
        twin = self.make_customer("Twin")
        target = self.make_customer("Target")
        other = self.File.create({"partner_id": twin.id, "legal_form": "AG"})
        self.env["o2c.credit.file"]._merge_files(target, twin)
        self.assertEqual((other.partner_id, other.legal_form), (target, "AG"))
        self.assertEqual(len(self.entries("file_merged", other)), 1)

    # === FROM THE CUSTOMER === #

    def test_customer_opens_its_file_or_offers_one(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        action = contact.with_user(self.seller).action_o2c_credit_file()
        self.assertEqual(action["res_id"], self.file.id)
        stranger = self.make_customer("Stranger")
        with self.assertRaises(UserError):
            stranger.with_user(self.seller).action_o2c_credit_file()
        action = stranger.with_user(self.officer).action_o2c_credit_file()
        self.assertFalse(action["res_id"])
        self.assertEqual(action["context"]["default_partner_id"], stranger.id)
        self.assertFalse(self.File.search([("partner_id", "=", stranger.id)]))
        self.assertEqual(self.customer.with_user(self.seller).o2c_credit_file_id, self.file)
        other = self.make_user("seller2", "sales_team.group_sale_salesman")
        self.assertFalse(self.customer.with_user(other).o2c_credit_file_id)

    def test_file_prints(self):
        self.file.write(
            {
                "legal_form": "有限责任公司",
                "person_ids": [Command.create({"name": "李伟", "signs_orders": True})],
                "figure_ids": [Command.create({"year": 2020, "turnover": 1000.0, "net_income": 50.0})],
                "document_ids": [Command.create({"kind": "licence"})],
                "rating_ids": [Command.create({"agency": "Agency", "grade": "A", "score": 80.0})],
            }
        )
        html, kind = (
            self.env["ir.actions.report"]
            .with_user(self.seller)
            ._render_qweb_html("o2c_credit.credit_file_document", self.file.ids)
        )
        self.assertEqual(kind, "html")
        text = html.decode()
        for part in ("有限责任公司", "李伟", "1,000.00", "5.00", "Agency", "Corner Shop"):
            self.assertIn(part, text)
