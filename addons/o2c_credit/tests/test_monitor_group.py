from datetime import timedelta

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_monitor import TODAY, MonitorCase
from .test_monitor_speed import QueryCounter


class GroupCase(MonitorCase):
    """Two shops that are one risk; the group has terms, its members none of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["o2c.corporate.group"].create({"name": "Shops"})
        cls.second = cls.env["res.partner"].create({
            "name": "Annex", "is_company": True, "o2c_corporate_group_id": cls.group.id})
        cls.customer.o2c_corporate_group_id = cls.group

    @classmethod
    def grant_group(cls, amount=1000.0, *, group=None, **values):
        group = group or cls.group
        return cls.grant_row(amount, **{"partner_id": False, "corporate_group_id": group.id, **values})

    def get_group_watch(self, state="open"):
        return self.env["o2c.credit.watch"].search(
            [("corporate_group_id", "=", self.group.id), ("state", "=", state)])

    def get_group_applications(self):
        return self.env["o2c.credit.application"].search([("corporate_group_id", "=", self.group.id)])

    def owe(self, amount, partner):
        self.make_invoice(amount, partner=partner, invoice_date_due=TODAY + timedelta(days=9))


@tagged("post_install", "-at_install", "o2c")
class TestMonitorGroup(GroupCase):
    """A corporate group is looked at as one customer is (K3, K4)."""

    def test_use_of_the_limit_by_all_members_is_watched(self):
        self.grant_group()
        self.owe(500, self.customer)
        self.owe(401, self.second)
        self.run_monitor()
        watch = self.get_group_watch()
        self.assertEqual(self.get_triggers(watch), {"usage": 90.1})
        self.assertRecordValues(watch, [{
            "partner_id": False, "display_name": "Shops", "exposure": 901.0, "limit_amount": 1000.0,
            "measure": "review"}])
        self.assertIn(self.seller, watch.activity_ids.user_id)
        self.assertFalse(self.get_watch())
        self.assertFalse(self.get_watch(self.second))

    def test_use_at_the_threshold_is_not_watched(self):
        self.grant_group()
        self.owe(500, self.customer)
        self.owe(400, self.second)
        self.run_monitor()
        self.assertFalse(self.get_group_watch())

    def test_guarantees_of_the_group_count(self):
        self.make_authority("credit_guarantee", manager=10000.0, director=None)
        self.grant_group()
        bank = self.env["res.partner"].create({"name": "Bank", "is_company": True})
        guarantee = self.env["o2c.credit.guarantee"].with_user(self.officer).create({
            "kind": "third_party", "guarantor_id": bank.id, "value": 1000.0, "haircut": 0.0,
            "date_from": TODAY, "adds_to_limit": True, "corporate_group_id": self.group.id})
        guarantee.action_submit()
        self.sign(guarantee)
        self.owe(1500, self.customer)
        self.run_monitor()
        self.assertFalse(self.get_group_watch())

    def test_grade_of_a_group_that_ends_opens_one_review(self):
        self.grant_group(review_date=TODAY + timedelta(days=30))
        self.run_monitor()
        application = self.get_group_applications()
        self.assertRecordValues(application, [{
            "kind": "review", "state": "draft", "partner_id": False, "score_id": False}])
        self.assertTrue(application.activity_ids.user_id.has_group("o2c_base.group_credit_officer"))
        self.assertIn("Shops", application.activity_ids.summary)
        with freeze_time("2026-06-20 10:00:00"):
            self.run_monitor()
        self.assertEqual(self.get_group_applications(), application)
        self.assertEqual(
            self.env["o2c.register"].search_count([("event", "=", "review_opened")]), 1)

    def test_member_that_is_late_suspends_the_group(self):
        self.grant_group()
        self.make_late(100, 61, partner=self.second)
        self.run_monitor()
        limits = self.env["o2c.credit.limit"]
        self.assertTrue(limits._get_suspension(self.company, self.group))
        self.assertFalse(limits._get_suspension(self.company, self.second))
        self.assertTrue(self.get_group_applications().decided_by_policy)
        self.assertEqual(self.get_group_watch().measure, "suspend")
        self.set_mode("enforcing", codes=("credit_suspended",))
        order = self.make_order(10)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertTrue(self.get_hold(order, "credit_suspended"))

    def test_at_the_threshold_nothing_is_suspended(self):
        self.grant_group()
        self.make_late(100, 60, partner=self.second)
        self.run_monitor()
        self.assertFalse(self.env["o2c.credit.limit"]._get_suspension(self.company, self.group))

    def test_lifting_for_a_group_stands_until_another_item_is_late(self):
        self.grant_group()
        self.make_late(100, 61)
        self.run_monitor()
        lifting = self.env["o2c.credit.application"].with_user(self.officer).create({
            "corporate_group_id": self.group.id, "company_id": self.company.id, "kind": "lifting",
            "reason": "Paid tomorrow"})
        lifting.action_submit()
        self.sign(lifting)
        self.run_monitor()
        limits = self.env["o2c.credit.limit"]
        self.assertFalse(limits._get_suspension(self.company, self.group))
        self.make_late(50, 30, partner=self.second)
        with freeze_time(TODAY + timedelta(days=31)):
            self.run_monitor()
            self.assertTrue(limits._get_suspension(self.company, self.group))

    def test_receipt_of_one_member_does_not_pay_for_another(self):
        self.grant_group()
        self.make_late(100, 40)
        self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.second.id,
            "amount": 100.0, "date": TODAY}).action_post()
        self.run_monitor()
        watch = self.get_group_watch()
        self.assertEqual((watch.overdue, watch.oldest_days), (100.0, 40))

    def test_second_run_on_the_day_changes_nothing(self):
        self.grant_group(review_date=TODAY)
        self.make_late(1000, 70)
        self.run_monitor()
        self.assertTrue(self.get_group_watch())
        before = self.count_everything()
        self.run_monitor()
        self.assertEqual(self.count_everything(), before)

    def test_row_closes_when_the_last_trigger_is_gone(self):
        self.grant_group(100.0)
        self.owe(99, self.customer)
        self.run_monitor()
        self.assertTrue(self.get_group_watch())
        self.grant_group(1000.0, date_from=TODAY)
        self.run_monitor()
        self.assertFalse(self.get_group_watch())
        self.assertEqual(len(self.get_group_watch("closed")), 1)

    def test_group_without_terms_or_members_is_left_alone(self):
        self.make_late(100, 90)
        self.run_monitor()
        self.assertFalse(self.get_group_watch())
        empty = self.env["o2c.corporate.group"].create({"name": "Empty"})
        self.grant_group(group=empty, review_date=TODAY)
        self.run_monitor()
        self.assertFalse(self.env["o2c.credit.watch"].search([("corporate_group_id", "=", empty.id)]))

    def test_officer_proposes_the_measure_for_the_group(self):
        self.grant_group()
        self.owe(950, self.second)
        self.run_monitor()
        watch = self.get_group_watch().with_user(self.officer)
        application = self.env["o2c.credit.application"].browse(watch.action_propose()["res_id"])
        self.assertRecordValues(application, [{
            "kind": "review", "corporate_group_id": self.group.id, "partner_id": False}])
        self.assertEqual(watch.application_count, 1)
        self.assertEqual(watch.action_open_partner()["res_model"], "o2c.corporate.group")

    def test_salesperson_sees_rows_of_groups_with_an_own_customer(self):
        self.grant_group()
        self.owe(950, self.second)
        self.run_monitor()
        stranger = self.make_user("stranger", "sales_team.group_sale_salesman")
        watch = self.get_group_watch()
        watches = self.env["o2c.credit.watch"]
        self.assertTrue(watches.with_user(self.seller).search([("id", "=", watch.id)]))
        self.assertFalse(watches.with_user(stranger).search([("id", "=", watch.id)]))
        self.assertFalse(self.env["o2c.credit.watch.line"].with_user(stranger).search(
            [("watch_id", "=", watch.id)]))

    def test_quiet_day_costs_the_same_for_few_groups_and_many(self):
        counts = []
        for number in (2, 20):
            for index in range(number):
                group = self.env["o2c.corporate.group"].create({"name": f"Group {number}-{index}"})
                for name in ("A", "B"):
                    self.env["res.partner"].create({
                        "name": name, "is_company": True, "o2c_corporate_group_id": group.id})
                self.grant_group(group=group)
            ids = self.monitor._get_candidate_group_ids(self.company)
            self.monitor._look_at_groups(self.company, ids)
            with QueryCounter(self.env) as counted:
                self.monitor._look_at_groups(self.company, ids)
            counts.append(counted[0])
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 14)


@tagged("post_install", "-at_install", "o2c")
class TestReportGroup(GroupCase):
    """Members without terms of their own show those of their group."""

    def get_row(self, partner, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["o2c.credit.report"].with_user(user or self.auditor).search([
            ("partner_id", "=", partner.id), ("company_id", "=", self.company.id)])

    def test_member_without_terms_shows_those_of_the_group(self):
        self.grant_group()
        self.owe(600, self.customer)
        self.owe(300, self.second)
        self.assertRecordValues(self.get_row(self.second), [{
            "grade_id": self.grades[2].id, "has_terms": True, "uses_group_terms": True,
            "limit_amount": 0.0, "exposure": 300.0, "group_limit_amount": 1000.0, "group_exposure": 900.0,
            "group_available": 100.0, "usage": 90.0, "is_over_limit": False, "is_suspended": False,
            "corporate_group_id": self.group.id}])
        self.owe(101, self.customer)
        row = self.get_row(self.second)
        self.assertEqual((row.is_over_limit, row.group_available, row.usage_band), (True, -1.0, "5_over"))

    def test_member_with_own_terms_is_judged_by_them(self):
        self.grant_group()
        self.grant_row(500.0, partner=self.second, grade_id=self.grades[0].id)
        self.owe(900, self.customer)
        self.owe(100, self.second)
        self.assertRecordValues(self.get_row(self.second), [{
            "grade_id": self.grades[0].id, "uses_group_terms": False, "limit_amount": 500.0,
            "available": 400.0, "usage": 20.0, "is_over_limit": False, "group_available": 0.0}])

    def test_member_who_owes_nothing_is_listed(self):
        self.grant_group()
        self.assertTrue(self.get_row(self.second).uses_group_terms)

    def test_suspended_group_suspends_its_members(self):
        self.grant_group()
        self.grant_group(0.0, kind="suspension", date_from=TODAY)
        self.owe(10, self.second)
        self.assertRecordValues(self.get_row(self.second), [{
            "is_suspended": True, "group_limit_amount": 0.0, "is_over_limit": True}])

    def test_report_agrees_with_the_verdict(self):
        self.grant_group()
        self.owe(990, self.customer)
        order = self.make_order(20, partner=self.second)
        for amount, is_over in ((10, False), (1, True)):
            self.owe(amount, self.customer)
            [facts] = self.env["o2c.facts"].sudo()._get_facts(
                [(self.company.id, self.second.id)], "order", TODAY).values()
            [verdict] = order._get_o2c_group_verdicts(facts, 0.0, is_paid=False)
            self.assertEqual(verdict.severity == "hold", is_over)
            self.assertEqual(self.get_row(self.second).is_over_limit, is_over)

    def test_buttons_of_the_group(self):
        self.grant_group()
        self.owe(600, self.customer)
        self.env.invalidate_all()
        group = self.group.with_user(self.auditor)
        self.assertEqual((group.o2c_exposure, group.o2c_credit_limit), (600.0, 1000.0))
        self.assertTrue(group.o2c_has_credit_limit)
        for action in (group.action_o2c_credit_limits(), group.action_o2c_credit_report(),
                       group.action_o2c_watch(), group.action_open_o2c_exposure()):
            self.assertTrue(self.env[action["res_model"]].with_user(self.auditor).search(
                action["domain"]) or action["res_model"] == "o2c.credit.watch")
        self.assertEqual(
            self.group.with_user(self.officer).action_o2c_credit_file()["res_model"], "o2c.credit.file")

    def test_salesperson_of_own_customers_sees_no_exposure_of_the_group(self):
        self.owe(600, self.second)
        with self.assertRaises(AccessError):
            self.group.with_user(self.seller).read(["o2c_exposure"])
