from odoo.addons.o2c_credit.tests.test_confirmation import ConfirmationCase
from odoo.tests import tagged

from .common import MoneyCase


@tagged("post_install", "-at_install", "o2c")
class TestPaidInAdvance(MoneyCase, ConfirmationCase):
    """What receipts pay in full is no sale on credit: nobody has to confirm it (K6)."""

    def get_state(self, order):
        self.env.invalidate_all()
        return order.o2c_confirmation_state

    def test_money_on_bank_lines_and_payments_counts_to_the_cent(self):
        order = self.make_order(100, require_signature=True)
        self.assertEqual(self.get_state(order), "missing")
        self.allocate(self.make_bank_line(60), order, 60)
        self.allocate(self.make_payment(39.99), order, 39.99)
        self.assertEqual(self.get_state(order), "missing")
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.allocate(self.make_bank_line(1), order, 0.01)
        self.assertEqual(self.get_state(order), "none")
        self.assertFalse(order._get_o2c_credit_terms(), "there is nothing to sign above the signature")
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.deliver(order).state, "done")

    def test_money_that_is_there_and_not_allocated_counts_for_no_order(self):
        order = self.make_order(100, require_signature=False)
        line = self.make_bank_line(100)
        order.action_confirm()
        picking = self.deliver(order)
        self.assertNotEqual(picking.state, "done")
        self.assertEqual((self.get_state(order), self.get_holds(picking).state), ("missing", "open"))
        self.allocate(line, order, 100)
        self.env["o2c.hold.recheck"].sudo()._recheck_customer(self.customer.id, self.company.id)
        self.assertEqual((self.get_state(order), self.get_holds(picking).state), ("none", "cleared"))

    def test_money_that_goes_away_leaves_a_sale_on_credit(self):
        order, other = (self.make_order(100, require_signature=False) for _order in range(2))
        (order | other).action_confirm()
        payment = self.make_payment(100)
        row = self.allocate(payment, order, 100)
        self.assertEqual(self.get_state(order), "none")
        [followed] = row.with_user(self.biller)._reallocate({other: 60}, "Meant for another order").filtered(
            lambda one: one.order_id == order)
        self.assertEqual((self.get_state(order), self.get_state(other)), ("missing", "missing"))
        self.assertNotEqual(self.deliver(order).state, "done")
        self.allocate(self.make_bank_line(60), order, 60)
        self.assertEqual(self.get_state(order), "none")
        followed.payment_id.action_draft()
        self.assertEqual(self.get_state(order), "missing")
        self.assertNotEqual(self.deliver(order).state, "done")
        payment.action_post()
        self.assertEqual(self.deliver(order).state, "done")

    def test_bank_line_in_another_currency_counts_at_the_rate_of_its_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2000-01-01", "company_id": False})
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        order = self.make_order(100, require_signature=False)
        order.pricelist_id = pricelist
        order.order_line.price_unit = 10
        self.assertEqual((order.currency_id, order.amount_total), (euro, 100))
        order.action_confirm()
        self.allocate(self.make_bank_line(199.98), order, 199.98)
        self.assertEqual(self.get_state(order), "missing")
        self.allocate(self.make_bank_line(0.02), order, 0.02)
        self.assertEqual(self.get_state(order), "none")
