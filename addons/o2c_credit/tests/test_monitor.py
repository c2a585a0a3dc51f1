from datetime import timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase

TODAY = fields.Date.to_date("2026-06-15")


class MonitorCase(CreditCase):
    """A company with a credit policy in force, on a fixed day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time("2026-06-15 10:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.administrator = cls.make_user("administrator", "o2c_base.group_policy_administrator")
        cls.grades = cls.env["o2c.credit.grade"].search([])
        cls.policy = cls.make_policy()
        cls.monitor = cls.env["o2c.credit.monitor"]

    @classmethod
    def make_policy(cls, **values):
        policy = cls.env["o2c.credit.policy"].with_user(cls.administrator).create({
            "name": "Credit", "company_id": cls.company.id, "date_from": "2026-01-01",
            "watch_overdue_days": 15, "watch_overdue_share": 50.0, "watch_dormant_months": 0,
            "watch_usage": 90.0, "watch_score_fall": 10.0, "suspend_overdue_days": 60, "notice_days": 30,
            "grade_line_ids": [(0, 0, {
                "grade_id": grade.id, "score_from": 100 - 20 * number if number < 5 else 0,
                "limit_method": "fixed", "limit_floor": 1000.0, "period_days": 30,
                "may_change_limit": True, "may_change_period": True, "may_change_grade": True,
            }) for number, grade in enumerate(cls.grades)],
            **values,
        })
        policy.action_put_in_force()
        return policy

    @classmethod
    def grant_row(cls, amount=1000.0, *, partner=None, **values):
        """Terms in force, written as an approved application writes them."""
        return cls.env["o2c.credit.limit"].sudo()._guarded_create([{
            "partner_id": (partner or cls.customer).id, "company_id": cls.company.id,
            "currency_id": cls.company.currency_id.id, "amount": amount, "date_from": "2026-01-01",
            "grade_id": cls.grades[2].id, "period_days": 30, "review_date": "2026-12-31", **values,
        }])

    @classmethod
    def make_late(cls, amount, days, *, partner=None):
        """A posted invoice that is overdue by so many days."""
        return cls.make_invoice(
            amount, partner=partner, date=TODAY - timedelta(days=days),
            invoice_date_due=TODAY - timedelta(days=days), invoice_payment_term_id=False)

    def get_watch(self, partner=None, state="open"):
        return self.env["o2c.credit.watch"].search(
            [("partner_id", "=", (partner or self.customer).id), ("state", "=", state)])

    def get_triggers(self, watch):
        return {line.trigger: line.figure for line in watch.line_ids if not line.date_to}

    def run_monitor(self):
        self.monitor._run(self.company)
        self.env.invalidate_all()

    def count_everything(self):
        return {name: self.env[name].search_count([]) for name in (
            "o2c.register", "o2c.credit.watch", "o2c.credit.watch.line", "o2c.credit.application",
            "o2c.credit.limit", "o2c.credit.score", "mail.activity", "mail.message")}


@tagged("post_install", "-at_install", "o2c")
class TestWatch(MonitorCase):

    def test_item_overdue_opens_one_row_with_figure_threshold_and_measure(self):
        self.grant_row()
        self.make_late(100, 16)
        self.run_monitor()
        watch = self.get_watch()
        self.assertEqual(self.get_triggers(watch), {"overdue_days": 16.0, "overdue_share": 100.0})
        line = watch.line_ids.filtered(lambda line: line.trigger == "overdue_days")
        self.assertRecordValues(line, [{"threshold": 15.0, "measure": "call", "date_from": TODAY}])
        self.assertRecordValues(watch, [{
            "measure": "review", "exposure": 100.0, "limit_amount": 1000.0, "overdue": 100.0,
            "oldest_days": 16, "policy_id": self.policy.id, "user_id": self.seller.id}])
        entry = self.env["o2c.register"].search([("event", "=", "watch_opened")], limit=1)
        self.assertEqual((entry.res_id, entry.policy_ref), (watch.id, self.policy.id))
        self.assertEqual(len(entry.evidence["triggers"]), 2)

    def test_figures_at_the_threshold_open_nothing(self):
        self.grant_row(1000.0)
        self.make_late(100, 15)
        self.make_invoice(800, invoice_date_due=TODAY + timedelta(days=30))
        self.run_monitor()
        self.assertFalse(self.get_watch())

    def test_receipt_that_nobody_matched_pays_what_is_overdue(self):
        self.grant_row()
        self.make_late(100, 40)
        self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id,
            "amount": 100.0, "date": TODAY}).action_post()
        self.run_monitor()
        self.assertFalse(self.get_watch())

    def test_overdue_amount_that_does_not_count_for_the_policy_is_not_watched(self):
        self.policy.with_user(self.administrator).write({"overdue_min_amount": 100.0})
        self.grant_row()
        self.make_late(100, 90)
        self.run_monitor()
        self.assertFalse(self.get_watch())
        self.assertFalse(self.env["o2c.credit.limit"]._get_suspension(self.company, self.customer))
        self.make_late(1, 3)
        self.run_monitor()
        self.assertEqual(self.get_watch().measure, "suspend")

    def test_usage_counts_open_orders(self):
        self.grant_row(1000.0)
        order = self.make_order(905, require_signature=False)
        self.set_mode("off")
        order.action_confirm()
        self.run_monitor()
        self.assertEqual(self.get_triggers(self.get_watch()), {"usage": 90.5})

    def test_dormant_is_a_limit_without_orders(self):
        self.policy.with_user(self.administrator).write({"watch_dormant_months": 4})
        self.grant_row(date_from=TODAY - relativedelta(months=5))
        self.run_monitor()
        watch = self.get_watch()
        self.assertEqual((self.get_triggers(watch), watch.measure), ({"dormant": 5.0}, "cut"))
        self.set_mode("off")
        self.make_order(10, require_signature=False).action_confirm()
        self.run_monitor()
        self.assertFalse(self.get_watch())

    def test_falling_score_is_watched(self):
        self.grant_row()
        for day, score in (("2026-03-01", 80.0), ("2026-05-01", 69.0)):
            self.env["o2c.credit.score"].sudo()._guarded_create([{
                "partner_id": self.customer.id, "company_id": self.company.id, "date": day,
                "policy_id": self.policy.id, "score": score}])
        self.run_monitor()
        self.assertEqual(self.get_triggers(self.get_watch()), {"score_fall": 11.0})

    def test_second_run_on_the_day_changes_nothing(self):
        self.grant_row(review_date=TODAY)
        self.make_late(1000, 70)
        self.run_monitor()
        self.assertTrue(self.get_watch())
        before = self.count_everything()
        self.run_monitor()
        self.assertEqual(self.count_everything(), before)

    def test_row_closes_itself_and_comes_back_as_a_new_one(self):
        self.grant_row()
        invoice = self.make_late(100, 20)
        self.run_monitor()
        first = self.get_watch()
        self.assertEqual(len(first.activity_ids), 2)
        self.pay(invoice)
        with freeze_time("2026-06-18 10:00:00"):
            self.run_monitor()
            self.assertRecordValues(first, [{
                "state": "closed", "closed_on": TODAY + timedelta(days=3), "days_open": 3}])
            self.assertFalse(first.activity_ids)
            self.assertFalse(first.line_ids.filtered(lambda line: not line.date_to))
            self.make_late(50, 20)
            self.run_monitor()
        second = self.get_watch()
        self.assertTrue(second and second != first)
        events = self.env["o2c.register"].search([("res_model", "=", "o2c.credit.watch")]).mapped("event")
        self.assertEqual(sorted(events), ["watch_closed", "watch_opened", "watch_opened"])

    def pay(self, invoice):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids).create({}).action_create_payments()

    def test_new_trigger_is_registered_and_nobody_is_told_again(self):
        self.grant_row(100.0)
        self.make_late(50, 20)
        self.run_monitor()
        watch = self.get_watch()
        activities = watch.activity_ids
        self.make_invoice(45, invoice_date_due=TODAY + timedelta(days=9))
        with freeze_time("2026-06-16 10:00:00"):
            self.run_monitor()
        self.assertEqual(set(self.get_triggers(watch)), {"overdue_days", "overdue_share", "usage"})
        self.assertEqual(self.get_triggers(watch)["overdue_days"], 21.0)
        self.assertEqual(watch.activity_ids, activities)
        entry = self.env["o2c.register"].search([("event", "=", "watch_changed")])
        self.assertEqual(entry.evidence["new"], ["usage"])

    def test_salesperson_and_officer_get_one_activity_each(self):
        self.grant_row()
        self.make_late(1000, 20)
        self.run_monitor()
        users = self.get_watch().activity_ids.user_id
        self.assertIn(self.seller, users)
        self.assertEqual(len(self.get_watch().activity_ids), 2)
        self.assertTrue((users - self.seller).has_group("o2c_base.group_credit_officer"))

    def test_companies_are_watched_apart(self):
        other = self.env["res.company"].create({"name": "Second"})
        self.make_late(100, 20)
        self.assertEqual(self.monitor._run(other), 0)
        self.assertFalse(self.get_watch())
        self.run_monitor()
        reader = self.make_user("elsewhere", "o2c_base.group_auditor")
        reader.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["o2c.credit.watch"].with_user(reader).search([]))

    def test_customers_without_a_policy_are_left_alone(self):
        self.policy.with_user(self.administrator).action_end()
        self.make_late(100, 90)
        with freeze_time("2026-06-16 10:00:00"):
            self.run_monitor()
        self.assertFalse(self.get_watch())

    # === WORK ON IT === #

    def test_officer_proposes_the_measure_once(self):
        self.grant_row()
        self.make_late(100, 20)
        self.run_monitor()
        watch = self.get_watch().with_user(self.officer)
        action = watch.action_propose()
        application = self.env["o2c.credit.application"].browse(action["res_id"])
        self.assertRecordValues(application, [{
            "kind": "review", "state": "draft", "partner_id": self.customer.id}])
        self.assertIn("overdue", application.reason)
        self.assertEqual(watch.action_propose()["res_id"], application.id)

    def test_others_propose_nothing(self):
        self.make_late(100, 20)
        self.run_monitor()
        count = self.env["o2c.credit.application"].search_count([])
        for user in (self.seller, self.director, self.auditor):
            with self.assertRaises(AccessError):
                self.get_watch().with_user(user).action_propose()
        self.assertEqual(self.env["o2c.credit.application"].search_count([]), count)

    def test_nobody_edits_the_list(self):
        self.make_late(100, 20)
        self.run_monitor()
        watch = self.get_watch()
        for user in (self.officer, self.manager, self.seller):
            record = watch.with_user(user)
            for attack in (
                lambda record=record: record.write({"state": "closed"}),
                lambda record=record: record.write({"measure": "call"}),
                lambda record=record: record.line_ids.write({"date_to": TODAY}),
                lambda record=record: record.create({"partner_id": self.customer.id}),
                lambda record=record: record.unlink(),
                lambda record=record: record.copy(),
            ):
                with self.assertRaises(AccessError):
                    attack()
        self.assertRecordValues(watch, [{"state": "open", "measure": "review"}])

    def test_salesperson_sees_own_customers(self):
        other = self.make_user("other_seller", "sales_team.group_sale_salesman")
        self.make_late(100, 20)
        self.run_monitor()
        watches = self.env["o2c.credit.watch"]
        self.assertTrue(watches.with_user(self.seller).search([]))
        self.assertFalse(watches.with_user(other).search([]))


@tagged("post_install", "-at_install", "o2c")
class TestReview(MonitorCase):

    def test_grade_that_ends_opens_a_review_once(self):
        self.grant_row(review_date=TODAY + timedelta(days=30))
        self.run_monitor()
        application = self.env["o2c.credit.application"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(application, [{"kind": "review", "state": "draft"}])
        self.assertTrue(application.activity_ids.user_id.has_group("o2c_base.group_credit_officer"))
        with freeze_time("2026-06-20 10:00:00"):
            self.run_monitor()
        self.assertEqual(
            self.env["o2c.credit.application"].search_count([("partner_id", "=", self.customer.id)]), 1)

    def test_grade_that_ends_later_opens_none(self):
        self.grant_row(review_date=TODAY + timedelta(days=31))
        self.run_monitor()
        self.assertFalse(self.env["o2c.credit.application"].search([("partner_id", "=", self.customer.id)]))

    def test_cancelled_review_is_not_opened_again(self):
        self.grant_row(review_date=TODAY + timedelta(days=10))
        self.run_monitor()
        application = self.env["o2c.credit.application"].search([("partner_id", "=", self.customer.id)])
        application.with_user(self.officer).action_cancel()
        with freeze_time("2026-06-16 10:00:00"):
            self.run_monitor()
        self.assertEqual(
            self.env["o2c.credit.application"].search([("partner_id", "=", self.customer.id)]), application)


@tagged("post_install", "-at_install", "o2c")
class TestSuspension(MonitorCase):

    def get_suspension(self):
        return self.env["o2c.credit.limit"]._get_suspension(self.company, self.customer)

    def test_policy_suspends_who_is_overdue_for_too_long(self):
        self.grant_row()
        self.make_late(100, 61)
        self.run_monitor()
        suspension = self.get_suspension()
        self.assertTrue(suspension)
        application = suspension.application_id
        self.assertRecordValues(application, [{
            "state": "approved", "kind": "suspension", "decided_by_policy": True}])
        self.assertIn("61 days", application.reason)
        entry = self.env["o2c.register"].search([("event", "=", "suspended_by_policy")])
        self.assertEqual((entry.res_id, entry.policy_ref), (application.id, self.policy.id))
        self.assertTrue(self.policy.is_used)
        self.assertEqual(self.get_watch().measure, "suspend")

    def test_at_the_threshold_or_without_one_nothing_is_suspended(self):
        self.grant_row()
        self.make_late(100, 60)
        self.run_monitor()
        self.assertFalse(self.get_suspension())
        self.make_late(100, 400)
        draft = self.policy.with_user(self.administrator).action_new_version()
        draft = self.policy.browse(draft["res_id"])
        draft.write({"suspend_overdue_days": 0})
        draft.with_user(self.administrator).action_put_in_force()
        self.run_monitor()
        self.assertFalse(self.get_suspension())

    def test_lifting_stands_until_another_item_is_overdue_for_too_long(self):
        self.grant_row()
        self.make_late(100, 61)
        self.run_monitor()
        lifting = self.env["o2c.credit.application"].with_user(self.officer).create({
            "partner_id": self.customer.id, "company_id": self.company.id, "kind": "lifting",
            "reason": "Paid tomorrow"})
        lifting.action_submit()
        self.sign(lifting)
        self.assertFalse(self.get_suspension())
        self.run_monitor()
        self.assertFalse(self.get_suspension())
        late = self.make_late(50, 30)
        self.assertTrue(late)
        with freeze_time(TODAY + timedelta(days=30)):
            self.run_monitor()
            self.assertFalse(self.get_suspension())
        with freeze_time(TODAY + timedelta(days=31)):
            self.run_monitor()
            self.assertTrue(self.get_suspension())

    def test_nobody_calls_himself_the_policy(self):
        self.grant_row()
        application = self.env["o2c.credit.application"].with_user(self.officer).create({
            "partner_id": self.customer.id, "company_id": self.company.id, "kind": "suspension"})
        with self.assertRaises(AccessError):
            application.write({"decided_by_policy": True})
        with self.assertRaises(AccessError):
            application.create({
                "partner_id": self.customer.id, "company_id": self.company.id, "kind": "suspension",
                "decided_by_policy": True})
        self.assertFalse(application.decided_by_policy)
