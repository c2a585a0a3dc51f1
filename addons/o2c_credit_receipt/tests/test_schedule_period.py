from datetime import date, timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.addons.o2c_credit.tests.common import CreditCase
from odoo.addons.o2c_credit.tests.test_confirmation import ConfirmationCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..rules import period

LATE = ("on_delivery", 100, "delivery", 180)
GRANTED = ("on_delivery", 100, "delivery", 30)


def make_parts(*parts):
    """Commands of parts: (kind, percent, trigger, days or a date)."""
    return [
        Command.create({
            "kind": kind, "percent": percent, "trigger": trigger, "sequence": number,
            **({"fixed_date": when} if trigger == "date" else {"days": when}),
        })
        for number, (kind, percent, trigger, when) in enumerate(parts, start=1)
    ]


class PeriodCase(CreditCase):
    """A customer with 30 days; the control of the credit period enforces, nothing else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        settings = cls.env["o2c.control.setting"].search([("company_id", "=", cls.company.id)])
        settings.write({"mode": "off"})
        cls.set_mode("enforcing", codes=("credit_period",))
        cls.grant_limit(50000, period_days=30, grade_id=cls.grade("b").id)
        cls.short = cls.env["account.payment.term"].create({
            "name": "Seven days", "line_ids": [Command.create({
                "value": "percent", "value_amount": 100, "delay_type": "days_after", "nb_days": 7})]})
        cls.finance = cls.make_user("schedule_finance", "o2c_base.group_finance_officer")

    def make_scheduled(self, *parts, **values):
        return self.make_order(
            100, payment_term_id=self.short.id, o2c_instalment_ids=make_parts(*parts), **values)

    def find(self, order):
        return self.get_hold(order, "credit_period").sudo()

    def change(self, order, *parts, user=None):
        """What the dialogue of the finance officer does."""
        wizard = self.env["o2c.schedule.change"].with_user(user or self.finance).create({
            "order_id": order.id, "reason": "Agreed by mail", "line_ids": make_parts(*parts)})
        return wizard.action_change()

    def get_terms(self, order):
        self.env.invalidate_all()
        return [part._get_agreed() for part in order.sudo().o2c_instalment_ids]


@tagged("post_install", "-at_install", "o2c")
class TestSchedulePeriod(PeriodCase):
    """The credit that a schedule gives is judged like that of a payment term (K3)."""

    def test_longer_than_granted_is_held_whatever_the_payment_term_says(self):
        today = self.company._o2c_today()
        late = today + timedelta(days=31)
        for parts, days in (
            ([LATE], 180),
            ([("deposit", 90, "confirmation", 0), ("on_delivery", 10, "delivery", 31)], 31),
            ([("fixed_date", 100, "date", late)], 31),
            ([("on_delivery", 100, "confirmation", 45)], 45),
            ([("on_delivery", 95, "delivery", 0), ("retention", 5, "delivery", 365)], 365),
        ):
            order = self.make_scheduled(*parts)
            order.action_confirm()
            self.assertEqual((order.state, self.find(order).state), ("draft", "open"))
            self.assertIn(f"{days} days is longer than the granted 30", self.find(order).message)

    def test_what_was_granted_passes_although_the_payment_term_is_longer(self):
        long = self.short.copy({"name": "Long"})
        long.line_ids.nb_days = 90
        plain = self.make_order(100, payment_term_id=long.id)
        plain.action_confirm()
        self.assertEqual(plain.state, "draft")
        order = self.make_scheduled(("deposit", 50, "confirmation", 0), ("on_delivery", 50, "delivery", 30))
        order.payment_term_id = long
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_promised_delivery_and_dated_order_shorten_nothing(self):
        far = self.company._o2c_today() + timedelta(days=400)
        order = self.make_scheduled(("fixed_date", 100, "date", far - timedelta(days=100)))
        order.commitment_date = f"{far} 12:00:00"
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        with self.assertRaisesRegex(UserError, "300 days is longer"):
            order.write({"state": "sale", "date_order": f"{far} 12:00:00"})
        self.assertEqual(order.state, "draft")

    def test_policy_says_which_retention_is_no_credit(self):
        policy = self.make_policy(free_retention=10, overdue_days=0)
        plan = (("on_delivery", 90, "delivery", 30), ("retention", 10, "delivery", 365))
        order = self.make_scheduled(*plan)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        more = self.make_scheduled(("on_delivery", 89, "delivery", 30), ("retention", 11, "delivery", 365))
        more.action_confirm()
        self.assertIn("365 days", self.find(more).message)
        with self.assertRaises(ValidationError):
            policy.copy({"free_retention": 101})

    def test_invoice_with_a_free_retention_passes_and_a_longer_one_waits(self):
        self.make_policy(free_retention=10, overdue_days=0)
        plan = (("on_delivery", 90, "delivery", 30), ("retention", 10, "delivery", 365))
        order = self.make_scheduled(*plan)
        self.product.invoice_policy = "order"
        order.action_confirm()
        invoice = order.sudo()._create_invoices()
        self.assertGreater((invoice.invoice_date_due - self.company._o2c_today()).days, 300)
        invoice.with_user(self.biller).action_post()
        self.assertEqual(invoice.state, "posted")
        loose = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.customer.id,
            "invoice_date": self.company._o2c_today(), "invoice_payment_term_id": False,
            "invoice_date_due": self.company._o2c_today() + timedelta(days=200),
            "invoice_line_ids": [Command.create(
                {"name": "x", "price_unit": 1, "tax_ids": [Command.clear()]})]})
        loose.with_user(self.biller).action_post()
        self.assertEqual((loose.state, self.get_hold(loose, "credit_period").state), ("draft", "open"))

    # === RELEASES === #

    def test_release_covers_the_days_it_was_given_for_and_no_more(self):
        order = self.make_scheduled(("on_delivery", 100, "delivery", 45))
        order.action_confirm()
        hold = self.find(order)
        hold.with_user(self.seller)._request_release("Known", self.company._o2c_today() + timedelta(days=9))
        self.sign(hold)
        self.assertEqual((hold.state, hold.released_degree), ("released", 45))
        order.o2c_instalment_ids.days = 180
        order.action_confirm()
        self.assertEqual((order.state, hold.state), ("draft", "lapsed"))
        order.o2c_instalment_ids.days = 45
        hold.with_user(self.seller)._request_release("Known", self.company._o2c_today() + timedelta(days=9))
        self.sign(hold)
        self.recheck()
        self.assertEqual((order.state, hold.state), ("sale", "released"))

    def test_request_lapses_when_the_terms_get_longer_meanwhile(self):
        order = self.make_scheduled(("on_delivery", 100, "delivery", 45))
        order.action_confirm()
        hold = self.find(order)
        hold.with_user(self.seller)._request_release("Known", self.company._o2c_today() + timedelta(days=9))
        order.o2c_instalment_ids.days = 180
        hold.o2c_request_id.with_user(self.manager).action_approve("Fine")
        self.assertEqual((order.state, hold.state), ("draft", "lapsed"))

    def test_terms_from_the_end_of_a_month_are_released_for_all_days_of_it(self):
        with freeze_time("2027-01-31 10:00:00"):
            order = self.make_scheduled(("on_delivery", 100, "delivery", 31))
            order.o2c_instalment_ids.end_of_month = True
            order.action_confirm()
            self.assertIn("31 days", self.find(order).message)
            self.find(order).with_user(self.seller)._request_release("Known", date(2027, 2, 20))
            self.sign(self.find(order))
        with freeze_time("2027-02-01 10:00:00"):
            order.action_confirm()
            self.assertEqual(order.state, "sale")

    # === CHANGES === #

    def test_change_to_longer_terms_than_granted_is_refused_whole(self):
        order = self.make_scheduled(GRANTED)
        order.action_confirm()
        before = self.get_terms(order)
        messages = len(order.sudo().message_ids)
        for parts in ([LATE], [GRANTED[:1] + (50,) + GRANTED[2:], ("retention", 50, "delivery", 365)], [
                ("fixed_date", 100, "date", "2099-01-01")]):
            with self.assertRaisesRegex(UserError, "the granted 30 days.*schedule was not changed"):
                self.change(order, *parts)
            self.assertEqual(self.get_terms(order), before)
        self.assertEqual(len(order.sudo().message_ids), messages)
        self.change(order, ("on_delivery", 100, "delivery", 20))
        self.assertEqual(self.get_terms(order)[0][3], 20)

    def test_what_was_released_can_be_shortened_and_not_made_longer(self):
        order = self.make_scheduled(("on_delivery", 100, "delivery", 60))
        order.action_confirm()
        hold = self.find(order)
        hold.with_user(self.seller)._request_release("Known", self.company._o2c_today() + timedelta(days=9))
        self.sign(hold)
        self.recheck()
        self.assertEqual(order.state, "sale")
        with self.assertRaises(UserError):
            self.change(order, LATE)
        self.change(order, ("on_delivery", 100, "delivery", 50))
        self.assertEqual(self.get_terms(order)[0][3], 50)

    def test_back_to_a_payment_term_is_judged_by_it(self):
        self.short.line_ids.nb_days = 90
        order = self.make_scheduled(GRANTED)
        order.action_confirm()
        before = self.get_terms(order)
        with self.assertRaisesRegex(UserError, "90 days is longer"):
            order.with_user(self.finance)._change_o2c_schedule([], "Back")
        self.assertEqual(self.get_terms(order), before)

    def test_less_deposit_than_the_grade_demands_is_refused(self):
        self.set_mode("enforcing", codes=("credit_deposit",))
        self.grant_limit(50000, period_days=30, deposit=30, grade_id=self.grade("b").id)
        order = self.make_scheduled(("deposit", 40, "confirmation", 0), ("on_delivery", 60, "delivery", 0))
        order.action_confirm()
        before = self.get_terms(order)
        with self.assertRaisesRegex(UserError, "grade of the customer for 30"):
            self.change(order, ("deposit", 20, "confirmation", 0), ("on_delivery", 80, "delivery", 0))
        self.assertEqual(self.get_terms(order), before)

    # === ATTACKS === #

    def test_seller_reaches_longer_terms_by_no_field(self):
        order = self.make_scheduled(LATE)
        for values in (
            {"o2c_agreed_parts": False},
            {"o2c_agreed_parts": [["deposit", 100, "confirmation", 0, False, None]]},
        ):
            with self.assertRaises(AccessError):
                order.write(values)
            with self.assertRaises(AccessError):
                self.make_order(10, **values)
        with self.assertRaises(UserError):
            order.write({"state": "sale"})
        with self.assertRaises(UserError):
            self.make_scheduled(LATE, state="sale")
        with self.assertRaises(UserError):
            order.write({"state": "sale", "o2c_instalment_ids": [Command.clear()]})
        self.assertEqual((order.state, order.o2c_agreed_parts[0][3]), ("draft", 180))

    def test_seller_moves_no_confirmed_order_into_the_future(self):
        order = self.make_scheduled(("on_delivery", 100, "confirmation", 30))
        order.action_confirm()
        before = order.date_order
        with self.assertRaises(AccessError):
            order.write({"date_order": before + timedelta(days=180)})
        self.assertEqual(order.date_order, before)
        order.write({"date_order": before - timedelta(days=1)})

    def test_judging_an_order_asks_nothing_more_for_its_schedule(self):
        """The parts come with the order."""
        self.set_mode("observing", codes=("credit_period",))
        orders = [self.make_scheduled(GRANTED), self.make_order(100, payment_term_id=self.short.id)]
        counts = []
        for order in orders:
            order._decide_o2c()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order._decide_o2c()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[0], counts[1])

    def test_examples_of_the_rule_hold(self):
        import doctest

        results = doctest.testmod(period)
        self.assertTrue(results.attempted)
        self.assertFalse(results.failed)


@tagged("post_install", "-at_install", "o2c")
class TestConfirmedSchedule(ConfirmationCase):
    """The customer signs the terms that count (K6)."""

    def make_scheduled(self, *parts):
        return self.make_order(100, require_signature=False, o2c_instalment_ids=make_parts(*parts))

    def test_parts_stand_above_the_signature_in_the_language_of_the_customer(self):
        term = self.env.ref("account.account_payment_term_30days")
        order = self.make_scheduled(("deposit", 30, "confirmation", 0), ("on_delivery", 70, "delivery", 30))
        order.payment_term_id = term
        text = order._get_o2c_credit_terms_text()
        self.assertIn("Deposit 30 %: at confirmation", text)
        self.assertIn("On delivery 70 %: 30 days after delivery", text)
        self.assertNotIn(term.name, text)
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["o2c_credit", "o2c_receipt", "o2c_credit_receipt"], ["zh_CN"])
        self.customer.lang = "zh_CN"
        self.env.registry.clear_cache()
        text = order._get_o2c_credit_terms_text()
        self.assertIn("70 %", text)
        self.assertNotIn("days after delivery", text)

    def test_schedule_that_changes_after_the_signature_needs_another_one(self):
        order = self.make_scheduled(("on_delivery", 100, "delivery", 30))
        order.action_confirm()
        self.record(order)
        self.assertEqual(order.o2c_confirmation_state, "confirmed")
        row = order.sudo().o2c_confirmation_id
        self.assertIn("30 days after delivery", row.terms_text)
        finance = self.make_user("schedule_finance", "o2c_base.group_finance_officer")
        [part] = order.sudo().o2c_instalment_ids
        order.with_user(finance)._change_o2c_schedule(
            [{**part._prepare_part_vals(), "id": part.id, "days": 60}], "Agreed by mail")
        self.assertEqual(order.o2c_confirmation_state, "stale")
        self.assertFalse(row.is_valid)
        self.assertNotEqual(self.deliver(order).state, "done")

    def test_parts_of_a_signed_quotation_make_it_another_one(self):
        order = self.make_scheduled(("on_delivery", 100, "delivery", 30))
        self.record(order)
        order.o2c_instalment_ids.days = 45
        self.assertEqual(order.o2c_confirmation_state, "stale")
        order.o2c_instalment_ids.days = 30
        self.assertEqual(order.o2c_confirmation_state, "confirmed")

    def test_paper_says_the_parts(self):
        self.policy.action_end()
        self.grant_limit(5000, period_days=30, grade_id=self.grade("b").id)
        order = self.make_scheduled(("deposit", 30, "confirmation", 0), ("on_delivery", 70, "delivery", 30))
        text = " ".join(order._get_o2c_printed_terms())
        self.assertIn("30 days from the invoice", text)
        self.assertIn(
            "Payment: Deposit 30 %: at confirmation, On delivery 70 %: 30 days after delivery.", text)
        plain = self.make_order(100, payment_term_id=self.env.ref("account.account_payment_term_30days").id)
        self.assertIn("Payment: 30 Days.", " ".join(plain._get_o2c_printed_terms()))
