from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .promise_common import MODEL, PromiseCase

RECORD = "o2c.payment.promise.record"
WITHDRAW = "o2c.payment.promise.withdraw"


@tagged("post_install", "-at_install", "o2c")
class TestPromiseAttacks(PromiseCase):
    """Who may say what about a customer's promise, and what nobody may."""

    def test_who_records(self):
        for user in (self.seller, self.collector, self.officer, self.accountant):
            self.assertEqual(self.promise(10, 5, user=user).recorded_by_id, user)
        for user in (self.colleague, self.auditor, self.warehouse_user, self.portal_user):
            self.refuse(AccessError, self.promise, 10, 5, user=user)

    def test_who_reads(self):
        promise = self.promise(10, 5)
        for user in (self.seller, self.collector, self.officer, self.accountant, self.auditor):
            self.assertEqual(promise.with_user(user).status, "open")
        for user in (self.colleague, self.warehouse_user, self.portal_user):
            self.refuse(AccessError, promise.with_user(user).read, ["amount"])
        for name in ("o2c_promised", "o2c_promise_text", "o2c_promise_ids"):
            self.refuse(AccessError, self.order.with_user(self.warehouse_user).read, [name])

    def test_salesperson_of_other_orders_has_no_wizard_of_an_own_one(self):
        mine = self.make_order(100, user_id=self.colleague.id)
        action = mine.with_user(self.colleague).action_o2c_promise_payment()
        wizard = self.env[RECORD].with_user(self.colleague).browse(action["res_id"])
        wizard.write({"order_id": self.order.id, "amount": 10, "date_promised": "2026-03-05"})
        self.refuse(AccessError, wizard.action_record)
        strange = self.env[RECORD].with_user(self.colleague).create({
            "order_id": self.order.id, "amount": 10, "date_promised": "2026-03-05"})
        self.refuse(AccessError, strange.action_record)
        self.refuse(UserError, self.env[RECORD].with_user(self.seller).create({
            "order_id": self.order.id, "amount": 1001, "date_promised": "2026-03-05"}).action_record)

    def test_role_that_reads_all_orders_gives_a_salesperson_no_other_orders(self):
        both = self.make_user("both", "sales_team.group_sale_salesman,o2c_base.group_credit_officer")
        self.assertTrue(self.order.with_user(both).has_access("read"))
        self.refuse(AccessError, self.promise, 10, 5, user=both)

    def test_nobody_writes_creates_deletes_or_copies(self):
        promise = self.promise(300, 5)
        values = {"order_id": self.order.id, "amount": 5, "state": "kept", "name": "X"}
        for user in (self.seller, self.collector, self.officer, self.accountant, self.env.user):
            mine = promise.with_user(user)
            for write in ({"state": "kept"}, {"amount": 1}, {"date_promised": "2026-03-30"},
                          {"paid_on": "2026-03-05"}, {"base": -300}, {"replaced_by_id": promise.id},
                          {"user_id": user.id}, {"note": "x"}, {"status": "kept"}):
                if "status" not in write:
                    self.refuse(AccessError, mine.write, write)
            for context in ({}, {"o2c_guard_pass": True}, {"default_state": "kept"}):
                self.refuse(AccessError, mine.with_context(**context).create, values)
                self.refuse(AccessError, mine.with_context(**context).write, {"state": "withdrawn"})
            self.refuse(AccessError, mine.unlink)
            self.refuse(AccessError, mine.copy)

    def test_judging_can_not_be_called_from_outside(self):
        promise = self.promise(300, 5)
        for method in ("_settle", "_record", "_withdraw", "_cron_judge", "_become_kept", "_close"):
            self.refuse(AccessError, call_kw, self.env[MODEL].with_user(self.officer), method,
                        [promise.ids], {})

    def test_salesperson_puts_off_but_does_not_withdraw(self):
        promise = self.promise(300, 5)
        self.refuse(AccessError, promise.with_user(self.seller).action_withdraw)
        self.refuse(AccessError, self.env[WITHDRAW].with_user(self.seller).create, {"promise_id": promise.id})
        wizard = self.env[WITHDRAW].sudo().create({"promise_id": promise.id, "reason": "Never said"})
        self.refuse(AccessError, wizard.with_user(self.seller).sudo().action_withdraw)
        action = promise.with_user(self.collector).action_withdraw()
        mine = self.env[WITHDRAW].with_user(self.collector).browse(action["res_id"])
        self.refuse(UserError, mine.action_withdraw)
        mine.reason = "Never said"
        mine.action_withdraw()
        self.assertRecordValues(promise, [{"state": "withdrawn", "reason": "Never said"}])

    def test_broken_promise_can_not_be_withdrawn_before_the_job_has_seen_it(self):
        promise = self.promise(300, 5)
        self.at(6)
        wizard = self.env[WITHDRAW].with_user(self.collector).create(
            {"promise_id": promise.id, "reason": "It looks bad"})
        self.refuse(UserError, wizard.action_withdraw)
        self.judge()
        self.assertEqual(promise.state, "broken")

    def test_decided_promises_are_not_replaced(self):
        kept = self.promise(300, 5)
        self.pay(300, 3)
        self.refuse(UserError, self.promise, 100, 9, replaces_ids=kept.ids)
        self.judge()
        self.assertEqual(kept.state, "kept")

    def test_promise_follows_the_salesperson_of_the_order(self):
        promise = self.promise(10, 5, user=self.collector)
        self.order.user_id = self.colleague
        self.env.flush_all()
        self.assertEqual(promise.user_id, self.colleague)
        self.assertEqual(promise.with_user(self.colleague).amount, 10)
        self.refuse(AccessError, promise.with_user(self.seller).read, ["amount"])

    def test_promise_of_another_company_is_not_seen(self):
        order = self.make_order(100, company=self.other_company)
        self.env.user.company_ids |= self.other_company
        promise = self.promises._record(order, 10, day=self.promise(10, 5).date_promised, means="transfer")
        self.assertEqual(promise.company_id, self.other_company)
        for user in (self.officer, self.accountant, self.seller, self.auditor):
            self.refuse(AccessError, promise.with_user(user).read, ["amount"])
