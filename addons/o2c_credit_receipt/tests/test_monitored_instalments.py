from datetime import timedelta

from odoo import Command
from odoo.addons.o2c_credit.tests.test_monitor import TODAY, MonitorCase
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestMonitoredInstalments(MonitorCase):
    """Who pays his instalments late has no invoice that says so: the policy decides whether he is late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["o2c.control.setting"].search([]).write({"mode": "off"})
        cls.company.o2c_tz = "UTC"
        cls.policy.action_end()
        cls.foreign = cls.customer.copy({"name": "Far away", "country_id": cls.env.ref("base.jp").id})

    def make_late(self, partner=None, *, amount=1000.0, days=40, percent=40):
        """An order whose deposit was due so many days ago, and the rest in a year."""
        order = self.env["sale.order"].with_user(self.seller).create({
            "partner_id": (partner or self.customer).id,
            "order_line": [Command.create({
                "product_id": self.product.id, "product_uom_qty": 1, "price_unit": amount,
                "tax_ids": [Command.clear()]})],
            "o2c_instalment_ids": [
                Command.create({"kind": "deposit", "percent": percent, "trigger": "date",
                                "fixed_date": TODAY - timedelta(days=days)}),
                Command.create({"kind": "on_delivery", "percent": 100 - percent, "trigger": "date",
                                "fixed_date": TODAY + timedelta(days=365)}),
            ],
        })
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        return order

    def pay(self, order, amount):
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": order.partner_id.id,
            "amount": amount, "date": TODAY})
        payment.action_post()
        self.env["o2c.receipt.allocation"]._allocate(payment, {order: amount})

    def get_watch(self, partner=None):
        return self.env["o2c.credit.watch"].search(
            [("partner_id", "=", (partner or self.customer).id), ("state", "=", "open")])

    def get_row(self, partner=None, user=None):
        self.env.invalidate_all()
        return self.env["o2c.credit.report"].with_user(user or self.officer).search(
            [("partner_id", "=", (partner or self.customer).id), ("company_id", "=", self.company.id)])

    def watching(self, **values):
        return self.make_policy(**{
            "watch_overdue_days": 15, "suspend_overdue_days": 30, "watch_dormant_months": 0, "watch_usage": 0,
            "watch_overdue_share": 0, "counts_instalments": True, **values})

    def test_policy_that_does_not_count_them_sees_nobody(self):
        self.watching(counts_instalments=False)
        self.grant_row(5000)
        self.make_late()
        self.env["o2c.credit.monitor"]._run(self.company)
        self.assertFalse(self.get_watch())
        self.assertEqual((self.get_row().overdue, self.get_row().overdue_scheduled), (0, 0))

    def test_late_instalment_is_watched_suspended_and_shown(self):
        self.watching()
        self.grant_row(5000)
        self.make_late()
        self.env["o2c.credit.monitor"]._run(self.company)
        watch = self.get_watch()
        self.assertEqual(
            (watch.overdue, watch.overdue_scheduled, watch.oldest_days, watch.measure),
            (400, 400, 40, "suspend"))
        row = self.get_row()
        self.assertEqual(
            (row.overdue, row.overdue_scheduled, row.oldest_days, row.is_suspended), (400, 400, 40, True))
        [suspension] = self.env["o2c.credit.application"].search(
            [("partner_id", "=", self.customer.id), ("kind", "=", "suspension")])
        self.assertTrue(suspension.decided_by_policy)
        self.assertIn("400.00", suspension.reason)
        self.assertIn("not invoiced", suspension.reason)
        self.env["o2c.credit.monitor"]._run(self.company)
        self.assertEqual(self.env["o2c.credit.application"].search_count(
            [("partner_id", "=", self.customer.id), ("kind", "=", "suspension")]), 1)

    def test_customer_without_terms_or_invoices_is_looked_at(self):
        self.watching(suspend_overdue_days=0)
        self.make_late()
        self.env["o2c.credit.monitor"]._run(self.company)
        self.assertEqual(self.get_watch().overdue_scheduled, 400)

    def test_what_came_in_counts_once_and_closes_the_row(self):
        self.watching(suspend_overdue_days=0)
        order = self.make_late()
        self.pay(order, 150)
        self.env["o2c.credit.monitor"]._run(self.company)
        self.assertEqual((self.get_watch().overdue, self.get_row().overdue), (250, 250))
        self.pay(order, 250)
        self.env["o2c.credit.monitor"]._run(self.company)
        self.assertFalse(self.get_watch())
        self.assertEqual(self.get_row().overdue, 0)

    def test_invoices_and_instalments_are_told_apart(self):
        self.watching(suspend_overdue_days=0)
        self.make_late()
        due = TODAY - timedelta(days=20)
        self.make_invoice(70, date=due, invoice_date_due=due)
        self.env["o2c.credit.monitor"]._run(self.company)
        watch, row = self.get_watch(), self.get_row()
        self.assertEqual((watch.overdue, watch.overdue_scheduled), (470, 400))
        self.assertEqual((row.overdue, row.overdue_scheduled, row.oldest_days), (470, 400, 40))

    def test_each_customer_is_counted_by_his_own_policy(self):
        """The same figures as the policy that judges orders, for scopes of countries and tags."""
        self.watching(name="Abroad", country_ids=[Command.set(self.env.ref("base.jp").ids)], sequence=1,
                      suspend_overdue_days=0)
        self.watching(name="All", counts_instalments=False, suspend_overdue_days=0, sequence=2)
        for partner in (self.customer, self.foreign):
            self.make_late(partner)
            due = TODAY - timedelta(days=20)
            self.make_invoice(70, partner=partner, date=due, invoice_date_due=due)
        self.env["o2c.credit.monitor"]._run(self.company)
        for partner, figures in ((self.customer, (70, 0)), (self.foreign, (470, 400))):
            watch, row = self.get_watch(partner), self.get_row(partner)
            self.assertEqual((watch.overdue, watch.overdue_scheduled), figures)
            self.assertEqual((row.overdue, row.overdue_scheduled), figures)

    def test_overview_and_orders_tell_the_same(self):
        self.watching(overdue_days=10, suspend_overdue_days=0)
        self.set_mode("enforcing", codes=("credit_overdue",))
        self.set_mode("off", codes=("credit_period",))
        self.env["o2c.control.setting"].search([("control_id.code", "=", "credit_overdue")]).mode = "off"
        self.make_late()
        self.set_mode("enforcing", codes=("credit_overdue",))
        order = self.make_order(10)
        order.action_confirm()
        message = self.get_hold(order, "credit_overdue").message
        self.assertIn("40 days", message)
        self.assertIn("400.00", message)
        self.assertEqual((self.get_row().overdue, self.get_row().oldest_days), (400, 40))

    def test_lifting_stands_until_another_instalment_is_late(self):
        self.watching()
        self.grant_row(5000)
        self.make_late()
        self.env["o2c.credit.monitor"]._run(self.company)
        self.assertTrue(self.get_row().is_suspended)
        self.grant(kind="lifting", reason="Agreed")
        self.env["o2c.credit.monitor"]._run(self.company)
        self.assertFalse(self.get_row().is_suspended)
