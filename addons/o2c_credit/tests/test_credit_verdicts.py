from datetime import timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditCase

CODES = (
    "credit_limit",
    "credit_group_limit",
    "credit_grade_missing",
    "credit_grade_expired",
    "credit_suspended",
    "credit_cash_only",
    "credit_period",
    "credit_overdue",
    "credit_overdue_share",
)
NOON = "2031-03-10 12:00:00"


class VerdictCase(CreditCase):
    """All controls of credit enforce; a graded customer buys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("off", codes=[control.code for control in cls.env["o2c.control"].search([])])
        cls.set_mode("enforcing", codes=CODES)
        cls.term = cls.env["account.payment.term"].create(
            {
                "name": "45 days",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 45})],
            }
        )

    @classmethod
    def grant_grade(cls, amount=10000.0, grade="b", **values):
        values = {"period_days": 30, **values}
        return cls.grant_limit(amount, grade_id=cls.grade(grade).id, **values)

    def confirm(self, amount=100.0, **values):
        order = self.make_order(amount, **values)
        order.action_confirm()
        return order

    def assertHeldBy(self, order, *codes):
        """Which controls, and no others, hold a document."""
        link = "picking_id" if order._name == "stock.picking" else "order_id"
        waiting = [(link, "=", order.id), ("state", "=", "open"), ("res_model", "=", order._name)]
        holds = self.env["o2c.hold"].search(waiting)
        self.assertEqual(sorted(holds.mapped("code")), sorted(codes), holds.mapped("message"))
        return holds

    def assertConfirmed(self, order):
        self.assertHeldBy(order)
        self.assertEqual(order.state, "sale")

    def pay(self, amount, partner=None, date=None):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "date": date or self.company._o2c_today(),
            }
        )
        payment.action_post()
        return payment


@tagged("post_install", "-at_install")
class TestStanding(VerdictCase):
    """Grade, suspension, cash only, period."""

    def test_customer_that_was_never_graded_waits(self):
        order = self.confirm()
        [hold] = self.assertHeldBy(order, "credit_grade_missing")
        self.assertIn("never graded", hold.message)
        self.grant_grade()
        self.recheck()
        self.assertEqual((hold.state, order.state), ("cleared", "sale"))

    def test_receipts_in_advance_need_no_grade(self):
        self.pay(100.0)
        self.assertConfirmed(self.confirm(100.0))
        self.assertHeldBy(self.confirm(0.01 * 1000), "credit_grade_missing")

    def test_limit_without_grade_is_no_grading(self):
        self.grant_limit(10000.0)
        self.assertHeldBy(self.confirm(), "credit_grade_missing")

    def test_grade_expires_after_its_last_day(self):
        with freeze_time(NOON):
            self.grant_grade(review_date="2031-04-30")
        with freeze_time("2031-04-30 12:00:00"):
            self.assertConfirmed(self.confirm())
        with freeze_time("2031-05-01 12:00:00"):
            [hold] = self.assertHeldBy(self.confirm(), "credit_grade_expired")
        self.assertIn("2031-04-30", hold.message)

    def test_suspended_customer_gets_nothing_on_credit(self):
        self.grant_grade()
        order = self.confirm(100.0)
        self.assertConfirmed(order)
        self.grant(kind="suspension")
        self.assertHeldBy(self.confirm(100.0), "credit_suspended")
        picking = order.picking_ids
        picking.with_user(self.keeper).button_validate()
        self.assertHeldBy(picking, "credit_suspended")
        self.assertNotEqual(picking.state, "done")
        self.grant(kind="lifting")
        self.recheck()
        self.assertHeldBy(picking)

    def test_suspended_group_stops_its_members(self):
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        self.customer.o2c_corporate_group_id = group
        self.grant_grade()
        self.grant(group=group, kind="suspension")
        self.assertHeldBy(self.confirm(), "credit_suspended")

    def test_cash_customer_pays_first(self):
        self.grant_grade(0.0, "d", is_cash_only=True, period_days=0)
        order = self.confirm(250.0)
        [hold] = self.assertHeldBy(order, "credit_cash_only")
        self.assertIn("250.00", hold.message)
        self.assertEqual(hold.excess, 250.0)
        self.pay(250.0)
        self.recheck()
        self.assertEqual((hold.state, order.state), ("cleared", "sale"))
        self.assertHeldBy(self.confirm(10.0), "credit_cash_only")

    def test_cash_customer_is_still_limited_while_its_control_observes(self):
        self.grant_grade(0.0, "d", is_cash_only=True, period_days=0)
        self.set_mode("observing", codes=("credit_cash_only",))
        self.assertHeldBy(self.confirm(250.0), "credit_limit")

    def test_payment_terms_longer_than_granted(self):
        self.grant_grade(period_days=30)
        [hold] = self.assertHeldBy(self.confirm(payment_term_id=self.term.id), "credit_period")
        self.assertIn("45 days", hold.message)
        self.grant_grade(period_days=45, payment_term_id=self.term.id)
        self.assertConfirmed(self.confirm(payment_term_id=self.term.id))

    def test_a_changed_payment_term_is_seen_at_once(self):
        self.grant_grade(period_days=45, payment_term_id=self.term.id)
        self.assertConfirmed(self.confirm(payment_term_id=self.term.id))
        self.term.line_ids.nb_days = 46
        self.assertHeldBy(self.confirm(payment_term_id=self.term.id), "credit_period")

    def test_invoice_promises_no_more_than_granted(self):
        self.grant_grade(period_days=30)
        invoice = self.make_invoice_draft(self.company._o2c_today() + timedelta(days=31))
        invoice.action_post()
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(self.get_hold(invoice, "credit_period").state, "open")
        invoice = self.make_invoice_draft(self.company._o2c_today() + timedelta(days=30))
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def make_invoice_draft(self, due):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.company._o2c_today(),
                "invoice_payment_term_id": False,
                "invoice_date_due": due,
                "invoice_line_ids": [
                    Command.create({"name": "Goods", "price_unit": 10.0, "tax_ids": [Command.clear()]})
                ],
            }
        )


@tagged("post_install", "-at_install")
class TestLimits(VerdictCase):
    """Tolerance, raises, groups, currencies and clocks."""

    def test_tolerance_lets_a_little_more_pass(self):
        self.grant_grade(1000.0, tolerance=5.0)
        order = self.confirm(1050.0)
        self.assertConfirmed(order)
        [hold] = self.assertHeldBy(self.confirm(10.0), "credit_limit")
        self.assertEqual(hold.excess, 60.0, "the excess is over the limit, not over the tolerance")

    def test_published_example_of_authority(self):
        """Worked example 11: limit 5,000; an excess of 1,000 is the manager's, a cent more is not."""
        self.env["o2c.authority.kind"]._get_setting("hold_release", self.company).mode = "direct"
        self.grant_grade(5000.0)
        for excess, role in ((1000.0, "manager"), (1000.01, "director")):
            order = self.make_order(10.0)
            order.order_line.price_unit = 5000.0 + excess
            order.order_line.product_uom_qty = 1
            order.action_confirm()
            [hold] = self.assertHeldBy(order, "credit_limit")
            self.assertEqual(hold.excess, excess)
            hold.with_user(self.seller)._request_release("Please", self.company._o2c_today())
            signer = self.manager if role == "manager" else self.director
            request = hold.sudo().o2c_request_id
            self.assertEqual([bool(request.with_user(u).can_decide) for u in (self.manager, self.director)],
                             [signer == self.manager, signer == self.director])  # fmt: skip
            request.with_user(signer).action_reject("Only asked")
            order._action_cancel()

    def test_temporary_raise_ends_at_midnight_of_the_company(self):
        """Shanghai is eight hours ahead: its 11 March begins at 16:00 of the 10th in UTC."""
        self.company.o2c_tz = "Asia/Shanghai"
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_grade(1000.0)
            self.grant_limit(1500.0, kind="temporary", date_to="2031-03-10")
        with freeze_time("2031-03-10 15:59:00"):
            order = self.confirm(1400.0)
            self.assertConfirmed(order)
            order._action_cancel()
        with freeze_time("2031-03-10 16:01:00"):
            [hold] = self.assertHeldBy(self.confirm(1400.0), "credit_limit")
        self.assertEqual(hold.excess, 400.0)

    def test_clock_is_that_of_the_selling_company(self):
        """A salesperson who works in another company's window buys no extra hour."""
        self.company.o2c_tz = "Asia/Shanghai"
        other = self.env["res.company"].create({"name": "Other", "o2c_tz": "America/Los_Angeles"})
        self.seller.company_ids |= other
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_grade(1000.0)
            self.grant_limit(1500.0, kind="temporary", date_to="2031-03-10")
        with freeze_time("2031-03-10 16:01:00"):
            order = self.make_order(1400.0)
            abroad = order.with_user(self.seller).with_context(
                allowed_company_ids=[other.id, self.company.id]
            )
            abroad.action_confirm()
            self.assertHeldBy(order, "credit_limit")

    def test_limit_in_another_currency(self):
        currency = self.env["res.currency"].create({"name": "XTC", "symbol": "x", "rounding": 0.01})
        for day, rate in (("2000-01-01", 2.0), ("2031-03-11", 4.0)):
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "rate": rate, "name": day, "company_id": self.company.id}
            )
        with freeze_time(NOON):
            self.grant_grade(1000.0, currency_id=currency.id)
            order = self.confirm(500.0)
            self.assertConfirmed(order)
            order._action_cancel()
        with freeze_time("2031-03-11 12:00:00"):
            [hold] = self.assertHeldBy(self.confirm(500.0), "credit_limit")
        self.assertEqual(hold.excess, 250.0)

    def make_group(self):
        """A parent and its child, one risk."""
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        child = self.env["res.partner"].create({"name": "Daughter", "is_company": True})
        (self.customer | child).o2c_corporate_group_id = group
        return group, child

    def test_parent_over_its_limit_does_not_stop_the_child(self):
        group, child = self.make_group()
        self.grant_grade(100.0)
        self.grant_grade(1000.0, partner=child)
        self.grant_limit(5000.0, group=group)
        self.make_invoice(300.0)
        self.assertHeldBy(self.confirm(10.0), "credit_limit")
        self.assertConfirmed(self.confirm(900.0, partner=child))

    def test_group_over_its_limit_stops_members_within_theirs(self):
        group, child = self.make_group()
        self.grant_grade(1000.0)
        self.grant_grade(1000.0, partner=child)
        self.grant_limit(1500.0, group=group)
        self.make_invoice(900.0)
        [hold] = self.assertHeldBy(self.confirm(700.0, partner=child), "credit_group_limit")
        self.assertEqual(hold.excess, 100.0)
        self.assertIn("Holding", hold.message)
        self.assertConfirmed(self.confirm(600.0, partner=child))

    def test_child_over_its_limit_does_not_stop_the_parent(self):
        group, child = self.make_group()
        self.grant_grade(1000.0)
        self.grant_grade(100.0, partner=child)
        self.grant_limit(5000.0, group=group)
        self.make_invoice(300.0, partner=child)
        self.assertHeldBy(self.confirm(10.0, partner=child), "credit_limit")
        self.assertConfirmed(self.confirm(900.0))

    def test_member_without_terms_has_the_grade_of_the_group(self):
        group, child = self.make_group()
        self.grant_limit(5000.0, group=group, grade_id=self.grade("b").id, period_days=30)
        self.assertConfirmed(self.confirm(900.0, partner=child))

    def test_two_members_cant_share_the_limit_in_one_batch(self):
        group, child = self.make_group()
        self.grant_grade(1000.0)
        self.grant_grade(1000.0, partner=child)
        self.grant_limit(1000.0, group=group)
        orders = self.make_order(600.0) | self.make_order(600.0, partner=child)
        orders.action_confirm()
        self.assertEqual(sorted(orders.mapped("state")), ["draft", "sale"])

    def test_members_collide_on_the_row_of_their_group(self):
        group, child = self.make_group()
        self.grant_grade(1000.0, partner=child)
        profile = self.env["o2c.credit.profile"].search([("corporate_group_id", "=", group.id)])
        before = profile.decisions
        self.assertConfirmed(self.confirm(10.0, partner=child))
        profile = self.env["o2c.credit.profile"].search([("corporate_group_id", "=", group.id)])
        profile.invalidate_recordset()
        self.assertEqual(profile.decisions, before + 1)

    def test_companies_have_their_own_terms_and_debts(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.grant_grade(1000.0)
        facts = self.env["o2c.facts"]._get_facts(
            [(self.company.id, self.customer.id), (other.id, self.customer.id)], "order", "2031-01-01"
        )
        self.assertEqual(
            [one["credit_limit"] for one in facts.values()],
            [1000.0, None],
        )


@tagged("post_install", "-at_install")
class TestOverdue(VerdictCase):
    """Who pays late gets no new credit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = [("b", {"limit_method": "fixed", "limit_floor": 10000.0, "period_days": 30,
                        "may_change_grade": True})]  # fmt: skip
        cls.policy = cls.make_policy(lines, overdue_days=30, overdue_min_amount=50.0, overdue_share=0.0)
        cls.grant_grade()
        cls.today = cls.company._o2c_today()

    def owe(self, amount, days):
        """An invoice overdue by so many days."""
        issued = self.today - timedelta(days=days)
        return self.make_invoice(amount, date=issued, invoice_date_due=issued)

    def test_item_overdue_for_too_long_stops_orders(self):
        self.owe(200.0, 30)
        self.assertConfirmed(self.confirm())
        invoice = self.owe(200.0, 31)
        order = self.confirm()
        [hold] = self.assertHeldBy(order, "credit_overdue")
        self.assertIn("31 days", hold.message)
        self.assertTrue(self.policy.is_used, "what has judged is not edited any more")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.recheck()
        self.assertEqual((hold.state, order.state), ("cleared", "sale"), "the customer has paid")

    def test_item_overdue_for_too_long_stops_deliveries(self):
        order = self.confirm()
        self.owe(200.0, 31)
        order.picking_ids.with_user(self.keeper).button_validate()
        self.assertHeldBy(order.picking_ids, "credit_overdue")

    def test_little_overdue_stops_nobody(self):
        self.owe(50.0, 100)
        self.assertConfirmed(self.confirm())
        self.owe(0.01, 1)
        self.assertHeldBy(self.confirm(), "credit_overdue")

    def test_receipts_that_nobody_matched_count_as_paid(self):
        self.owe(200.0, 40)
        self.pay(150.0)
        self.assertConfirmed(self.confirm())

    def test_share_overdue(self):
        self.policy.action_new_version()
        version = self.env["o2c.credit.policy"].search([("previous_id", "=", self.policy.id)])
        version.write({"overdue_days": 0, "overdue_share": 25.0})
        version.action_put_in_force()
        self.owe(250.0, 5)
        self.make_invoice(750.0, invoice_date_due=self.today + timedelta(days=30))
        self.assertConfirmed(self.confirm())
        self.owe(10.0, 5)
        [hold] = self.assertHeldBy(self.confirm(), "credit_overdue_share")
        self.assertIn("25.7 %", hold.message)

    def test_without_a_policy_nothing_is_judged(self):
        self.policy.action_end()
        self.owe(200.0, 400)
        self.assertConfirmed(self.confirm())

    def test_larger_quantity_is_refused_before_procurement(self):
        order = self.confirm()
        self.owe(200.0, 31)
        moves = order.order_line.move_ids.mapped("product_uom_qty")
        with self.assertRaises(UserError):
            order.order_line.product_uom_qty += 1
        self.env.invalidate_all()
        self.assertEqual(order.order_line.move_ids.mapped("product_uom_qty"), moves)
