from datetime import timedelta

from freezegun import freeze_time
from odoo.addons.o2c_credit.rules.source import Question
from odoo.addons.o2c_credit.tests.test_monitor import TODAY, MonitorCase
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestPromisesOfCustomers(MonitorCase):
    """Promises of payment in the score and on the watch list."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["o2c.control.setting"].search([]).write({"mode": "off"})
        cls.company.o2c_tz = "UTC"
        cls.other = cls.customer.copy({"name": "Second customer"})
        cls.promises = cls.env["o2c.payment.promise"]
        cls.collector = cls.make_user("promise_collector", "o2c_base.group_collector")

    def promise(self, days, amount=10.0, *, partner=None, order=None, **values):
        """A promise for a day from today on; one for a day of the past was recorded on that day."""
        order = order or self.make_order(100.0, partner=partner)
        if order.state != "sale":
            order.sudo().action_confirm()
        day = TODAY + timedelta(days=days)
        with freeze_time(f"{min(day, TODAY)} 08:00:00"):
            return self.promises.with_user(self.collector)._record(
                order.sudo().with_user(self.collector), amount, day=day, means="transfer", **values)

    def pay(self, promise, days):
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": promise.partner_id.id,
            "amount": promise.amount, "date": TODAY + timedelta(days=days)})
        payment.action_post()
        self.env["o2c.receipt.allocation"]._allocate(payment, {promise.order_id: promise.amount})

    def ask(self, *partners, day=TODAY):
        """What the source of the scorecard says of customers."""
        self.env.flush_all()
        question = Question(self.company, tuple(partner.id for partner in partners), day)
        found = self.env["o2c.credit.source"]._provide_promises(question)
        return [found.get(partner.id, {}).get("broken_promises") for partner in partners]

    # === SCORE === #

    def test_broken_promises_count_kept_ones_do_not(self):
        kept = self.promise(-9)
        self.pay(kept, -9)
        self.promise(-8)
        late = self.promise(-7)
        self.pay(late, -3)
        self.assertEqual(self.ask(self.customer, self.other), [2, None])
        self.promises.browse(self.promises._find_changed()).sudo()._settle()
        self.assertEqual(self.ask(self.customer), [2], "the daily job changes nothing of it")
        self.assertEqual(kept.state, "kept")

    def test_who_only_kept_promises_has_none_broken(self):
        self.pay(self.promise(-9), -10)
        self.assertEqual(self.ask(self.customer), [0])

    def test_who_only_has_promises_to_come_is_not_known(self):
        self.promise(3)
        self.assertEqual(self.ask(self.customer), [None])
        self.promise(0)
        self.assertEqual(self.ask(self.customer), [0], "today is not over")

    def test_day_and_twelve_months(self):
        self.promise(-20)
        self.promise(-364)
        self.promise(-366)
        self.assertEqual(self.ask(self.customer), [2])
        self.assertEqual(self.ask(self.customer, day=TODAY - timedelta(days=21)), [2])
        self.assertEqual(self.ask(self.customer, day=TODAY - timedelta(days=370)), [None])

    def test_replaced_and_withdrawn_promises_say_nothing(self):
        old = self.promise(5)
        self.promise(6, order=old.order_id, replaces=old)
        gone = self.promise(7, partner=self.other)
        gone.with_user(self.collector)._withdraw("Never said")
        self.assertEqual((old.state, gone.state), ("replaced", "withdrawn"))
        with freeze_time(f"{TODAY + timedelta(days=10)} 08:00:00"):
            self.assertEqual(
                self.ask(self.customer, self.other, day=TODAY + timedelta(days=10)), [1, None])

    def test_other_company_is_another_question(self):
        abroad = self.env["res.company"].create({"name": "Abroad"})
        self.promise(-5)
        self.env.flush_all()
        found = self.env["o2c.credit.source"]._provide_promises(Question(abroad, None, TODAY))
        self.assertFalse(found)
        self.assertEqual(self.env["o2c.credit.source"]._provide_promises(
            Question(self.company, None, TODAY))[self.customer.id], {"broken_promises": 1})

    # === WATCH LIST === #

    def test_broken_promises_put_customers_on_the_watch_list(self):
        self.policy.sudo()._guarded_write({"is_used": False})
        self.policy.watch_broken_promises = 2
        self.grant_row()
        self.grant_row(partner=self.other)
        self.promise(-9)
        late = self.promise(-8)
        self.pay(late, -2)
        self.promise(-8, partner=self.other)
        self.promise(4, partner=self.other)
        self.run_monitor()
        self.assertEqual(self.get_triggers(self.get_watch())["broken_promises"], 2)
        self.assertNotIn("broken_promises", self.get_triggers(self.get_watch(self.other)))

    def test_one_row_per_customer(self):
        for days in (-9, -8, 3):
            self.promise(days)
        self.env.flush_all()
        rows = self.env.execute_query(self.env["o2c.credit.monitor"]._sql_promises(
            self.company, [self.customer.id, self.other.id]))
        self.assertEqual(rows, [(self.customer.id, 2)])
