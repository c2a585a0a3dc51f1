from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .exposure_common import ExposureCommon


@tagged("post_install", "-at_install")
class TestExposureReport(ExposureCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._user(
            "report_officer", "o2c_base.group_credit_officer,account.group_account_readonly")
        cls.seller = cls._user("report_seller", "sales_team.group_sale_salesman")
        cls.officer.company_ids = cls.company | cls.other_company

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(amount=1000.0)
        self.receipt = self._receipt(self.contact, 200.0)
        self.order = self._order(lines=[(self.service, 4, 50.0)])
        self._order(lines=[(self.service, 1, 50.0)], company=self.other_company)

    def _reports(self, user, *companies):
        return self.env["o2c.exposure.report"].with_user(user).with_context(
            allowed_company_ids=[company.id for company in companies or (self.company,)])

    def test_components_have_names(self):
        lines = self.env["o2c.exposure.line"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual(
            set(lines.mapped("display_name")),
            {"Open receivables", "Unallocated receipts", "Ordered, not delivered"})

    def test_row_is_the_exposure(self):
        report = self._reports(self.officer).search([("partner_id", "=", self.partner.id)])
        self.assertRecordValues(report, [{
            "company_id": self.company.id, "currency_id": self.company.currency_id.id, "receivable": 1000.0,
            "unallocated": -200.0, "delivered": 0.0, "ordered": 200.0, "total": 1000.0,
        }])
        self.assertEqual(report.line_ids.mapped("component"), ["receivable", "unallocated", "ordered"])
        self.assertEqual(report.line_ids.mapped("total"), [1000.0, -200.0, 200.0])
        again = self._reports(self.officer).browse(report.id)
        again.invalidate_recordset()
        self.assertEqual((again.partner_id, again.total), (self.partner, 1000.0))

    def test_rows_are_those_of_the_chosen_companies(self):
        domain = [("partner_id", "=", self.partner.id)]
        self.assertEqual(self._reports(self.officer).search(domain).company_id, self.company)
        both = self._reports(self.officer, self.company, self.other_company).search(domain)
        self.assertEqual({row.company_id: row.total for row in both},
                         {self.company: 1000.0, self.other_company: 50.0})
        self.assertEqual(len(set(both.ids)), 2)

    def test_weight_shows_in_the_lines(self):
        self.env["o2c.exposure.weight"].create(
            {"company_id": self.company.id, "component": "ordered", "weight": 0.5})
        report = self._reports(self.officer).search([("partner_id", "=", self.partner.id)])
        line = report.line_ids.filtered(lambda part: part.component == "ordered")
        self.assertEqual((line.amount, line.weight, line.total, report.total), (200.0, 0.5, 100.0, 900.0))

    def test_drill_down_opens_the_documents(self):
        lines = self._reports(self.officer).search([("partner_id", "=", self.partner.id)]).line_ids
        documents = {}
        for line in lines:
            action = line.action_open_documents()
            documents[line.component] = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(documents["receivable"].move_id, self.invoice)
        self.assertEqual(documents["unallocated"].move_id, self.receipt.move_id)
        self.assertEqual(documents["ordered"], self.order)

    def test_drill_down_needs_the_right_to_read_the_documents(self):
        credit_only = self._user("report_credit_only", "o2c_base.group_credit_officer")
        line = self._reports(credit_only).search([("partner_id", "=", self.partner.id)]).line_ids[-1]
        self.assertEqual(line.component, "ordered")
        # Where holds are installed, the roles of the suite read the orders that they decide on.
        self.env["ir.model.access"].search(
            [
                ("model_id.model", "=", "sale.order"),
                ("group_id", "in", credit_only.all_group_ids.ids),
            ]
        ).perm_read = False
        with self.assertRaises(AccessError):
            line.action_open_documents()

    def test_salesperson_sees_own_and_unassigned_customers(self):
        domain = [("partner_id", "=", self.partner.id)]
        self.assertTrue(self._reports(self.seller).search(domain))
        self.partner.user_id = self.officer
        self.assertFalse(self._reports(self.seller).search(domain))
        self.assertFalse(self.env["o2c.exposure.line"].with_user(self.seller).search(domain))
        self.partner.user_id = self.seller
        self.assertTrue(self._reports(self.seller).search(domain))

    def test_user_without_a_role_reads_nothing(self):
        nobody = self._user("report_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self._reports(nobody).search([])
        with self.assertRaises(AccessError):
            self.partner.with_user(nobody).read(["o2c_exposure"])
        with self.assertRaises(AccessError):
            self.partner.with_user(nobody).action_open_o2c_exposure()

    def test_groups_of_the_list(self):
        group = self.env["o2c.corporate.group"].create({"name": "Report Group"})
        self.partner.write({"o2c_corporate_group_id": group.id, "user_id": self.seller.id,
                            "country_id": self.env.ref("base.fr").id})
        for field, value in (("corporate_group_id", group), ("user_id", self.seller),
                             ("country_id", self.env.ref("base.fr")), ("company_id", self.company)):
            rows = self._reports(self.officer)._read_group(
                [("partner_id", "=", self.partner.id)], [field], ["total:sum"])
            self.assertEqual(rows, [(value.with_env(rows[0][0].env), 1000.0)])

    def test_search_on_the_customer(self):
        nobody = self._partner("Report Nothing")
        both = [("id", "in", (self.partner | nobody).ids)]
        search = self.env["res.partner"].with_user(self.officer).search
        for domain, found in (
            ([("o2c_exposure", ">", 999)], self.partner),
            ([("o2c_exposure", ">", 1000)], self.env["res.partner"]),
            ([("o2c_exposure", "<", 1)], nobody),
            ([("o2c_exposure", "=", 0)], nobody),
            ([("o2c_exposure", "!=", 0)], self.partner),
            ([("o2c_exposure", ">=", 0)], self.partner | nobody),
            ([("o2c_overdue", ">", 0)], self.partner),
            ([("o2c_overdue", "<=", 0)], nobody),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(search(both + domain), found)

    def test_list_of_customers_costs_as_many_queries_as_one(self):
        partners = self.partner | self.env["res.partner"].create(
            [{"name": f"Report {number}"} for number in range(40)])
        counts = []
        for some in (partners, self.partner, partners):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            for name in ("o2c_exposure", "o2c_overdue", "o2c_days_late"):
                some.with_user(self.officer).mapped(name)
            counts.append(self.env.cr.sql_log_count - before)
        counts.pop(0)  # filled the caches of the registry
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 12)

    def test_overview_counts(self):
        tiles = self.env["o2c.overview.tile"].with_user(self.officer).search(
            [("code", "in", ("exposure", "overdue"))])
        counts = {tile.code: tile.count for tile in tiles}
        self.assertGreaterEqual(counts["overdue"], 1)
        report = self.env["o2c.exposure.report"].with_user(self.officer)
        self.assertEqual(counts["exposure"], report.search_count([("total", ">", 0)]))
        self.assertGreaterEqual(counts["exposure"], 2)

    def test_own_company_of_the_branch_user(self):
        branch = self.env["res.company"].create({"name": "Report Branch", "parent_id": self.company.id})
        self.officer.company_ids += branch
        self.env.user.company_ids += branch
        reports = self._reports(self.officer, branch)
        self.assertEqual(reports.search([("partner_id", "=", self.partner.id)]).company_id, self.company)
        self.officer.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        self.assertEqual(reports.search([("partner_id", "=", self.partner.id)]).company_id, self.company)
