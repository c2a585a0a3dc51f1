from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .promise_common import PromiseCase


@tagged("post_install", "-at_install", "o2c")
class TestPromise(PromiseCase):
    """Promises of payment against the money of their orders."""

    # === ITS WAY === #

    def test_promise_is_kept_by_money_of_the_promised_day(self):
        promise = self.promise(300, 5, promised_by="Mrs Costa", note="on the phone")
        self.assertRecordValues(promise, [{
            "state": "open", "amount": 300, "base": 0, "partner_id": self.customer.id, "put_off": 0,
            "recorded_by_id": self.seller.id, "date_promised": date(2026, 3, 5), "promised_by": "Mrs Costa",
            "user_id": self.seller.id,
        }])
        self.assertEqual(self.show(promise), ("open", "open", 0, 300))
        self.pay(100, 3)
        self.assertEqual(self.show(promise), ("open", "open", 100, 200))
        self.pay(200, 5)
        self.assertEqual(self.show(promise), ("open", "kept", 300, 0), "right before the job has run")
        self.judge()
        self.assertEqual(self.show(promise), ("kept", "kept", 300, 0))
        self.assertRecordValues(promise, [{"paid_on": date(2026, 3, 5), "closed_level": 300}])
        entries = self.env["o2c.register"].search([("res_model", "=", promise._name)], order="id")
        self.assertEqual(entries.mapped("event"), ["promise_recorded", "promise_moved"])
        self.assertEqual(entries.mapped("amount"), [300, 300])
        notes = self.order.message_ids.filtered(lambda note: promise.name in note.body)
        self.assertIn("300.00", notes.body)

    def test_promise_is_broken_when_the_day_is_over(self):
        promise = self.promise(300, 5)
        self.pay(299.99, 4)
        self.at(5, 23)
        self.judge()
        self.assertEqual(self.show(promise), ("open", "open", 299.99, 0.01))
        self.at(6, 0)
        self.assertEqual(self.show(promise), ("open", "broken", 299.99, 0.01))
        self.judge()
        self.assertEqual(self.show(promise), ("broken", "broken", 299.99, 0.01))
        self.assertEqual(promise.activity_ids.user_id, self.seller)
        self.assertIn("0.01", promise.activity_ids.note)
        self.assertEqual(promise.days_late, 1)
        self.judge()
        self.assertEqual(len(promise.activity_ids), 1)

    def test_the_day_is_over_by_the_clock_of_the_company(self):
        self.company.o2c_tz = "Asia/Shanghai"
        promise = self.promise(300, 5)
        self.at(5, 15)
        self.assertEqual(self.show(promise)[1], "open")
        self.at(5, 17)
        self.assertEqual(self.show(promise)[1], "broken", "it is the 6th in Shanghai")
        self.judge()
        self.assertEqual(promise.closed_on, date(2026, 3, 6))

    def test_money_after_the_day_is_late_even_when_the_job_has_not_run(self):
        promise = self.promise(300, 5)
        self.at(8)
        self.pay(300, 7)
        self.assertEqual(self.show(promise), ("open", "broken", 300, 0))
        self.judge()
        self.assertEqual(self.show(promise), ("broken", "broken", 300, 0))
        self.assertRecordValues(promise, [{"paid_on": date(2026, 3, 7), "days_late": 2}])
        self.assertFalse(promise.activity_ids, "nobody has to call")

    def test_broken_stays_broken_when_money_comes_late(self):
        promise = self.promise(300, 5)
        self.at(6)
        self.judge()
        self.assertTrue(promise.activity_ids)
        self.at(10)
        self.pay(300, 9)
        self.judge()
        self.assertEqual(self.show(promise), ("broken", "broken", 300, 0))
        self.assertEqual((promise.paid_on, promise.days_late), (date(2026, 3, 9), 4))
        self.assertFalse(promise.activity_ids)
        self.assertIn("promise_paid_late", self.env["o2c.register"].search(
            [("res_model", "=", promise._name)]).mapped("event"))

    def test_money_of_the_day_that_was_entered_later_keeps_the_promise(self):
        promise = self.promise(300, 5)
        self.at(6)
        self.judge()
        self.assertEqual(promise.state, "broken")
        self.pay(300, 5)
        self.judge()
        self.assertEqual(self.show(promise), ("kept", "kept", 300, 0))
        self.assertFalse(promise.activity_ids)

    def test_money_on_invoices_counts_like_receipts(self):
        promise = self.promise(1000, 31)
        invoice = self.make_invoice(self.order)
        self.pay_invoice(invoice, 600, date="2026-03-27")
        self.assertEqual(self.show(promise), ("open", "open", 600, 400))
        self.pay_invoice(invoice, 400, date="2026-03-28")
        self.assertEqual(self.show(promise)[1], "kept")
        self.assertEqual(promise.replaces_ids, promise.browse())
        self.judge()
        self.assertEqual(promise.paid_on, date(2026, 3, 28))

    def test_receipt_of_a_later_day_that_was_there_before_changes_nothing(self):
        """A payment of an invoice may be dated ahead; what is allocated to an order may not."""
        self.pay_invoice(self.make_invoice(self.order), 500, date="2026-03-25")
        promise = self.promise(300, 10)
        self.assertEqual((promise.base, promise.base_later, promise.level), (500, 500, 800))
        self.pay(299, 9)
        self.assertEqual(self.show(promise), ("open", "open", 299, 1))
        self.pay(1, 10)
        self.assertEqual(self.show(promise)[1:], ("kept", 300, 0))

    # === SEVERAL PROMISES === #

    def test_no_money_keeps_two_promises(self):
        first, second = self.promise(300, 5), self.promise(400, 20)
        self.assertEqual((first.level, second.level), (300, 700))
        self.pay(400, 4)
        self.assertEqual([self.show(one)[1] for one in (first, second)], ["kept", "open"])
        self.assertEqual(self.show(second)[2:], (100, 300))
        self.judge()
        self.pay(299.99, 19)
        self.assertEqual(self.show(second), ("open", "open", 399.99, 0.01))
        self.pay(0.01, 20)
        self.assertEqual(self.show(second)[1], "kept")

    def test_promise_of_an_earlier_day_that_was_recorded_later_goes_first(self):
        late = self.promise(400, 20)
        self.pay(100, 2)
        early = self.promise(300, 5)
        # The 100 were there when the second was recorded: they are of the first, and come after it now.
        self.assertEqual((early.base, early.level, late.level), (100, 400, 800))
        self.pay(300, 5)
        self.judge()
        self.assertEqual([self.show(one)[0] for one in (early, late)], ["kept", "open"])

    def test_promise_after_a_kept_one_starts_where_that_ended(self):
        self.promise(300, 10)
        last = self.promise(100, 20)
        self.pay(300, 3)
        self.judge()
        new = self.promise(200, 5)
        self.assertEqual((new.base, new.level), (300, 500))
        self.assertEqual(self.show(last)[2:], (0, 100))
        self.env.invalidate_all()
        self.assertEqual(last.level, 600)

    def test_broken_promise_goes_before_the_next_one(self):
        broken, following = self.promise(300, 5), self.promise(400, 20)
        self.at(6)
        self.judge()
        self.pay(400, 15)
        self.assertEqual(self.show(broken)[1:], ("broken", 300, 0))
        self.assertEqual(self.show(following), ("open", "open", 100, 300))

    def test_new_promise_replaces_with_history(self):
        old = self.promise(300, 5)
        action = old.with_user(self.seller).action_replace()
        wizard = self.env["o2c.payment.promise.record"].with_user(self.seller).browse(action["res_id"])
        self.assertEqual((wizard.replaces_ids, wizard.amount), (old, 300))
        wizard.write({"amount": 350, "date_promised": "2026-03-12"})
        wizard.action_record()
        new = old.replaced_by_id
        self.assertRecordValues(old | new, [
            {"state": "replaced", "amount": 300, "date_promised": date(2026, 3, 5), "put_off": 0},
            {"state": "open", "amount": 350, "date_promised": date(2026, 3, 12), "put_off": 1}])
        self.pay(350, 12)
        self.at(13)
        self.judge()
        self.assertEqual((old.state, new.state), ("replaced", "kept"))

    def test_promise_after_a_broken_one_is_about_the_same_money(self):
        broken = self.promise(300, 5)
        self.at(6)
        self.judge()
        action = self.order.with_user(self.seller).action_o2c_promise_payment()
        wizard = self.env["o2c.payment.promise.record"].with_user(self.seller).browse(action["res_id"])
        self.assertEqual(wizard.replaces_ids, broken)
        wizard.write({"amount": 300, "date_promised": "2026-03-12"})
        wizard.action_record()
        new = broken.replaced_by_id
        self.assertEqual((broken.state, new.level, new.put_off), ("broken", 300, 1))
        self.assertFalse(broken.activity_ids)
        self.pay(300, 10)
        self.judge()
        self.assertEqual((new.state, broken.state, broken.paid_on), ("kept", "broken", date(2026, 3, 10)))

    def test_replacing_does_not_hide_that_the_day_is_over(self):
        old = self.promise(300, 5)
        self.at(6)
        new = self.promise(300, 12)
        self.assertEqual((old.state, old.replaced_by_id), ("broken", new))

    # === MONEY THAT GOES, ORDERS THAT END === #

    def test_money_paid_back_does_not_keep_a_promise(self):
        self.pay(500, 2)
        promise = self.promise(300, 10)
        self.assertEqual((promise.base, promise.level), (500, 800))
        self.pay(300, 4)
        self.pay_back(300, 5)
        self.assertEqual(self.show(promise), ("open", "open", 0, 300))
        self.at(11)
        self.judge()
        self.assertEqual(promise.state, "broken")

    def test_kept_promise_stays_kept_when_money_is_paid_back_later(self):
        promise = self.promise(300, 10)
        self.pay(300, 4)
        self.judge()
        self.pay_back(300, 5)
        self.judge()
        self.assertEqual(self.show(promise), ("kept", "kept", 300, 0))

    def test_cancelled_order_withdraws_open_promises_only(self):
        broken, promise = self.promise(300, 3), self.promise(300, 10)
        self.at(4)
        self.order._action_cancel()
        self.assertEqual((broken.state, promise.state), ("broken", "withdrawn"))
        self.assertTrue(promise.reason)

    def test_order_that_is_cancelled_by_other_doors_is_seen_by_the_job(self):
        promise = self.promise(300, 10)
        self.order.state = "cancel"
        self.assertEqual(self.show(promise)[1], "withdrawn")
        self.judge()
        self.assertEqual(promise.state, "withdrawn")

    # === WHAT CAN BE PROMISED === #

    def test_no_more_can_be_promised_than_is_still_to_be_paid(self):
        self.pay(200, 2)
        self.promise(500, 5)
        text = self.refuse(UserError, self.promise, 300.01, 10)
        self.assertIn("300.00", text)
        self.promise(300, 10)
        self.refuse(UserError, self.promise, 0.01, 10)

    def test_only_sensible_promises_are_recorded(self):
        self.refuse(UserError, self.promise, 0, 5)
        self.refuse(UserError, self.promise, -5, 5)
        self.refuse(UserError, self.promise, 5, 1)
        self.refuse(UserError, self.promise, 5, 5, order=self.make_order(100, confirm=False))
        other = self.promise(10, 5, order=self.make_order(100))
        self.refuse(UserError, self.promise, 5, 5, replaces_ids=other.ids)

    def test_currency_without_decimals_and_with_three(self):
        for currency, amount, part in ((self.jpy, 100001, 50001), (self.kwd, 10.005, 3.335)):
            order = self.make_order(amount, currency=currency)
            promise = self.promise(part, 5, order=order)
            self.assertAlmostEqual(promise.company_amount, part / currency.rate, 2)
            self.pay(part, 5, order)
            self.assertEqual(self.show(promise)[1:], ("kept", part, 0))

    def test_share_of_a_common_invoice_is_compared_as_people_read_it(self):
        orders = self.make_order(100) | self.make_order(200)
        promise = self.promise(33.33, 31, order=orders[0])
        invoice = self.make_invoice(orders)
        self.pay_invoice(invoice, 100, date="2026-03-27")
        self.assertCollected([33.333333, 66.666667], *orders)
        self.assertEqual(self.show(promise)[1:], ("kept", 33.33, 0))

    # === SEARCH, JOB, OVERVIEW === #

    def test_search_says_what_the_form_says(self):
        kept, broken, late, opened = (
            self.promise(100, 3), self.promise(100, 4), self.promise(100, 5), self.promise(100, 20))
        other = self.promise(50, 10, order=self.make_order(100))
        self.pay(100, 3)
        self.at(6)
        self.pay(50, 6, other.order_id)
        self.env.flush_all()
        self.env.invalidate_all()
        mine = kept | broken | late | opened | other
        for status in ("open", "kept", "broken", "replaced"):
            found = self.promises.with_user(self.officer).search(
                [("status", "=", status), ("id", "in", mine.ids)])
            self.assertEqual(
                set(found.ids), set(mine.filtered(lambda one, status=status: one.status == status).ids),
                status)
        self.assertEqual((kept | other).mapped("status"), ["kept", "kept"])
        self.assertEqual((broken | late).mapped("status"), ["broken", "broken"])
        self.assertEqual(mine.mapped("state"), ["open"] * 5, "nothing was judged yet")

    def test_job_commits_by_batches_and_ends_where_all_is_said(self):
        promises = self.promises.browse()
        for _number in range(3):
            promises |= self.promise(10, 3, order=self.make_order(100))
        self.at(4)
        self.env.flush_all()
        calls = []
        self.patch(type(self.env["ir.cron"]), "_commit_progress",
                   lambda cron, processed=0, **values: calls.append((processed, values)) or 100.0)
        self.promises._cron_judge()
        self.assertEqual(promises.mapped("state"), ["broken"] * 3)
        self.assertEqual(sum(processed for processed, _values in calls), calls[0][1]["remaining"])
        self.env.flush_all()
        self.assertFalse(self.promises._find_changed())

    def test_job_measures_all_promises_by_one_statement(self):
        for _number in range(3):
            self.promise(10, 3, order=self.make_order(100))
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.promises._find_changed()

    def test_tile_and_order_show_what_is_promised(self):
        rows = self.promises.with_user(self.officer)
        before = rows._get_overview_data("promises")["count"]
        self.promise(300, 5)
        self.promise(200, 9)
        self.pay(100, 3)
        self.order.invalidate_recordset()
        self.assertEqual((self.order.o2c_promised, self.order.o2c_promise_count), (400, 2))
        self.assertEqual(rows._get_overview_data("promises")["count"], before + 2)
        self.at(6)
        self.env.invalidate_all()
        self.assertIn("300.00", self.order.o2c_promise_text)
        data = rows._get_overview_data("promises")
        self.assertEqual((data["count"], data["tone"]), (before + 1, "danger"))
