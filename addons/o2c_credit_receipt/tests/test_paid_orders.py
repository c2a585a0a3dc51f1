from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MoneyCase

CODES = (
    "credit_limit", "credit_group_limit", "credit_grade_missing", "credit_grade_expired", "credit_suspended",
    "credit_cash_only", "credit_period", "credit_overdue", "credit_guarantee", "credit_deposit",
)


@tagged("post_install", "-at_install", "o2c")
class TestPaidOrders(MoneyCase):
    """An order that its own receipts cover needs no credit, whatever is known of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        settings = cls.env["o2c.control.setting"].search([("company_id", "=", cls.company.id)])
        settings.write({"mode": "off"})
        cls.set_mode("enforcing", codes=CODES)
        cls.today = cls.company._o2c_today()

    # === CUSTOMERS THAT GET NO CREDIT === #

    def make_suspended(self):
        self.grant_limit(5000, grade_id=self.grade("b").id)
        self.grant(kind="suspension", reason="Bounced twice")
        return "credit_suspended"

    def make_ungraded(self):
        return "credit_grade_missing"

    def make_cash_only(self):
        self.grant_limit(0, is_cash_only=True, grade_id=self.grade("d").id)
        return "credit_cash_only"

    def make_overdue(self):
        self.grant_limit(50000, grade_id=self.grade("b").id)
        self.make_policy(overdue_days=10)
        day = self.today - timedelta(days=90)
        self.make_invoice(500, date=day, invoice_date_due=day)
        return "credit_overdue"

    def make_squeezed(self):
        self.grant_limit(1000, grade_id=self.grade("b").id)
        self.make_invoice(1500)
        return "credit_limit"

    def make_uncovered(self):
        self.grant_limit(5000, grade_id=self.grade("b").id, cover=50)
        self.make_invoice(500)
        return "credit_guarantee"

    def get_blocking(self, document):
        self.env.invalidate_all()
        return document.sudo().o2c_hold_ids.filtered(
            lambda hold: hold.state in ("open", "requested", "refused", "lapsed")).mapped("code")

    def deliver(self, order):
        picking = order.picking_ids.with_user(self.keeper)
        picking.move_ids.quantity = picking.move_ids.product_uom_qty
        picking.button_validate()
        return picking

    # === ORDER === #

    def check_order(self, make):
        code = make()
        # Money on account would pay for an order of somebody who owes nothing else.
        self.make_invoice(500)
        order = self.make_order(100)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertIn(code, self.get_blocking(order))
        line = self.make_bank_line(100)
        self.recheck()
        self.assertEqual(order.state, "draft", "money that no order was given pays for none")
        self.allocate(line, order, 99.99)
        self.recheck()
        self.assertEqual(order.state, "draft")
        self.assertIn(code, self.get_blocking(order))
        self.allocate(line, order, 0.01)
        self.recheck()
        self.assertEqual((order.state, self.get_blocking(order)), ("sale", []))
        self.assertEqual(self.deliver(order).state, "done")

    def test_suspended_customer_who_pays_gets_goods(self):
        self.check_order(self.make_suspended)

    def test_ungraded_customer_who_pays_gets_goods(self):
        self.check_order(self.make_ungraded)

    def test_cash_only_customer_who_pays_gets_goods(self):
        self.check_order(self.make_cash_only)

    def test_overdue_customer_who_pays_gets_goods(self):
        self.check_order(self.make_overdue)

    def test_customer_over_the_limit_who_pays_gets_goods(self):
        self.check_order(self.make_squeezed)

    def test_customer_without_cover_who_pays_gets_goods(self):
        self.check_order(self.make_uncovered)

    def test_group_over_its_limit_lets_a_paid_order_pass(self):
        group = self.env["o2c.corporate.group"].create({"name": "Shops"})
        sister = self.env["res.partner"].create({"name": "Sister Shop", "is_company": True})
        (self.customer | sister).o2c_corporate_group_id = group
        self.grant_limit(1000, group=group, grade_id=self.grade("b").id)
        self.make_invoice(1500, partner=sister)
        order = self.make_order(100)
        order.action_confirm()
        self.assertIn("credit_group_limit", self.get_blocking(order))
        self.allocate(self.make_payment(100), order, 100)
        self.recheck()
        self.assertEqual((order.state, self.get_blocking(order)), ("sale", []))

    def test_paid_order_needs_neither_the_period_nor_the_deposit(self):
        self.grant_limit(5000, period_days=10, deposit=30, grade_id=self.grade("b").id)
        order = self.make_order(100, payment_term_id=self.env.ref("account.account_payment_term_30days").id)
        order.action_confirm()
        self.assertEqual(set(self.get_blocking(order)), {"credit_period", "credit_deposit"})
        self.allocate(self.make_payment(100), order, 100)
        self.recheck()
        self.assertEqual((order.state, self.get_blocking(order)), ("sale", []))

    # === DELIVERY === #

    def make_confirmed(self):
        """An order of a customer who was fine, and is suspended now."""
        self.grant_limit(5000, grade_id=self.grade("b").id)
        order, other = self.make_order(100), self.make_order(100)
        (order | other).action_confirm()
        self.assertEqual(set((order | other).mapped("state")), {"sale"})
        self.grant(kind="suspension", reason="Bounced twice")
        return order, other

    def test_delivery_waits_until_the_order_is_paid(self):
        order, other = self.make_confirmed()
        picking = self.deliver(order)
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.get_blocking(picking), ["credit_suspended"])
        self.allocate(self.make_payment(100), order, 100)
        self.recheck()
        self.assertEqual(self.get_blocking(picking), [])
        self.assertEqual(self.deliver(order).state, "done")
        self.assertNotEqual(self.deliver(other).state, "done")

    def test_money_that_goes_to_another_order_pays_for_nothing_here(self):
        order, other = self.make_confirmed()
        row = self.allocate(self.make_payment(100), order, 100)
        row.with_user(self.biller)._reallocate({other: 100}, "Meant for the other one")
        self.assertNotEqual(self.deliver(order).state, "done")
        self.assertEqual(self.deliver(other).state, "done")

    def test_payment_that_bounces_before_the_delivery_stops_it(self):
        order, _other = self.make_confirmed()
        payment = self.make_payment(100)
        self.allocate(payment, order, 100)
        payment.action_draft()
        self.assertNotEqual(self.deliver(order).state, "done")
        move = order.picking_ids.move_ids.with_user(self.keeper)
        with self.assertRaises(UserError):
            move._action_done()
        self.assertNotEqual(move.state, "done")
        payment.action_post()
        self.assertEqual(self.deliver(order).state, "done")

    def test_goods_that_are_added_to_a_paid_order_are_credit(self):
        self.make_suspended()
        order = self.make_order(100)
        self.allocate(self.make_payment(100), order, 100)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        with self.assertRaises(UserError):
            order.order_line.product_uom_qty = 11
        self.assertEqual(order.amount_total, 100)

    def test_order_of_nothing_is_not_paid(self):
        self.make_suspended()
        self.make_invoice(500)
        order = self.make_order(0)
        order.action_confirm()
        self.assertEqual((order.state, self.get_blocking(order)), ("draft", ["credit_suspended"]))

    # === DEPOSITS THAT SECURE === #

    def test_deposit_on_the_account_for_advances_secures_what_is_left(self):
        """What orders have of it lies elsewhere, and is taken off once."""
        self.make_authority("credit_guarantee", manager=10000.0, director=None)
        self.keep_advances()
        payment = self.make_payment(100)
        self.allocate(payment, self.make_order(100), 60)
        guarantee = self.env["o2c.credit.guarantee"].with_user(self.officer).create({
            "partner_id": self.customer.id, "kind": "deposit", "value": 41, "payment_id": payment.id,
            "date_from": self.today})
        with self.assertRaisesRegex(UserError, "40.00 of it are booked"), self.env.cr.savepoint():
            guarantee.action_submit()
        guarantee.value = 40
        guarantee.action_submit()

    def test_deposit_that_secures_debts_pays_no_order(self):
        self.judge_deposit()

    def test_deposit_that_secures_debts_pays_no_order_where_advances_are_kept(self):
        self.keep_advances()
        self.judge_deposit()

    def keep_advances(self):
        self.company.o2c_advance_account_id = self.env["account.account"].with_company(self.company).create({
            "name": "Contract liabilities", "code": "220400", "account_type": "liability_current",
            "reconcile": True, "company_ids": [Command.set(self.company.ids)]})

    def judge_deposit(self):
        """A receipt is a guarantee or pays an order, never both."""
        self.make_authority("credit_guarantee", manager=10000.0, director=None)
        payment = self.make_payment(100)
        guarantee = self.env["o2c.credit.guarantee"].with_user(self.officer).create({
            "partner_id": self.customer.id, "kind": "deposit", "value": 80, "payment_id": payment.id,
            "date_from": self.today})
        guarantee.action_submit()
        self.sign(guarantee)
        self.assertEqual(guarantee.state, "in_force")
        order = self.make_order(100)
        with self.assertRaisesRegex(UserError, "80.00 of it secure"), self.env.cr.savepoint():
            self.allocate(payment, order, 20.01)
        self.env.invalidate_all()
        self.assertEqual(order.o2c_collected, 0)
        self.allocate(payment, order, 20)
        guarantee.with_user(self.manager).action_release("Not needed")
        self.allocate(payment, order, 80)
        self.env.invalidate_all()
        self.assertEqual(order.o2c_collected, 100)
        again = guarantee.copy({"payment_id": payment.id})
        with self.assertRaisesRegex(UserError, "0.00 of it are booked"), self.env.cr.savepoint():
            again.with_user(self.officer).action_submit()

    # === SPEED === #

    def test_nobody_asks_for_money_where_nothing_stops(self):
        self.grant_limit(5000, grade_id=self.grade("b").id)
        order = self.make_order(100)
        orders = type(self.env["sale.order"])

        def refuse(records):
            raise AssertionError("asked for money")

        with patch.object(orders, "_get_o2c_collected", refuse), patch.object(
                orders, "_get_o2c_transactions", refuse):
            order.action_confirm()
            self.assertEqual(order.state, "sale")
            self.assertEqual(self.deliver(order).state, "done")
            # A control that is off stops nothing.
            self.set_mode("off", codes=CODES)
            self.grant(kind="suspension", reason="Bounced twice")
            order = self.make_order(100)
            order.action_confirm()
            self.assertEqual(order.state, "sale")
