from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestLimitVerdict(CreditCase):
    def assertHeld(self, order, excess):
        self.assertIn(order.state, ("draft", "sent"))
        hold = self.env["o2c.hold"].search([("order_id", "=", order.id), ("code", "=", "credit_limit")])
        self.assertRecordValues(hold, [{"state": "open", "excess": excess}])
        return hold

    def test_published_example_of_limits(self):
        """Worked example 10: owed 100; no limit, limit 0, limit 200."""
        self.make_invoice(100.0)
        free = self.make_order(1e6)
        free.action_confirm()
        self.assertEqual(free.state, "sale", "no limit passes everything")
        free._action_cancel()

        self.grant_limit(0.0)
        order = self.make_order(0.0)
        order.action_confirm()
        self.assertHeld(order, 100.0)
        order = self.make_order(10.0)
        order.order_line.price_unit = 0.01
        order.action_confirm()
        self.assertHeld(order, 100.01)

        self.grant_limit(200.0)
        order = self.make_order(100.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale", "200 of 200 passes")
        order._action_cancel()
        order = self.make_order(100.0)
        order.order_line.product_uom_qty = 1
        order.order_line.price_unit = 100.01
        order.action_confirm()
        self.assertHeld(order, 0.01)

    def test_message_says_what_is_wrong_and_by_how_much(self):
        self.make_invoice(90000.0)
        self.grant_limit(100000.0)
        order = self.make_order(28400.0)
        order.action_confirm()
        hold = self.assertHeld(order, 18400.0)
        for part in ("118,400.00", "100,000.00", "18,400.00"):
            self.assertIn(part, hold.message)

    def test_release_confirms_the_order(self):
        self.grant_limit(1000.0)
        order = self.make_order(1500.0)
        order.action_confirm()
        hold = self.assertHeld(order, 500.0)
        self.ask_release(hold)
        self.sign(hold)
        self.recheck()
        self.assertEqual(hold.state, "released")
        self.assertEqual(order.state, "sale")

    def test_released_order_may_not_grow(self):
        self.grant_limit(1000.0)
        order = self.make_order(1150.0)
        order.action_confirm()
        hold = self.assertHeld(order, 150.0)
        self.ask_release(hold)
        self.sign(hold)
        order.order_line.product_uom_qty = 5750
        self.recheck()
        self.assertEqual(order.state, "draft", "approved at 1,150, not at 57,500")
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertEqual(hold.state, "lapsed")

    def ask_release(self, hold):
        until = self.company._o2c_today() + timedelta(days=7)
        hold.with_user(self.seller)._request_release("Long-standing customer", until)

    def test_raised_limit_clears_the_hold_and_confirms(self):
        self.grant_limit(1000.0)
        order = self.make_order(1500.0)
        order.action_confirm()
        hold = self.assertHeld(order, 500.0)
        self.grant_limit(2000.0)
        self.recheck()
        self.assertEqual(hold.state, "cleared")
        self.assertEqual(order.state, "sale")

    def test_larger_quantity_on_a_confirmed_order_is_refused_whole(self):
        self.grant_limit(1000.0)
        order = self.make_order(900.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        moves = order.order_line.move_ids.mapped("product_uom_qty")
        with self.assertRaisesRegex(UserError, "50.00"):
            order.order_line.product_uom_qty = 105
        self.env.invalidate_all()
        self.assertEqual(order.order_line.product_uom_qty, 90)
        self.assertEqual(order.order_line.move_ids.mapped("product_uom_qty"), moves)
        order.order_line.product_uom_qty = 100
        self.assertEqual(order.amount_total, 1000.0)

    def test_foreign_currency_counts_at_the_rate_of_the_order(self):
        currency = self.env["res.currency"].create({"name": "XTC", "symbol": "x", "rounding": 0.01})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 2.0, "name": "2000-01-01", "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": currency.id})
        self.grant_limit(500.0)
        order = self.make_order(1000.0, pricelist_id=pricelist.id)
        order.action_confirm()
        self.assertEqual(order.state, "sale", "1,000 at 2 for 1 is 500")
        order = self.make_order(10.0, pricelist_id=pricelist.id)
        order.action_confirm()
        self.assertHeld(order, 5.0)

    def test_two_orders_in_one_batch_cant_share_the_limit(self):
        self.grant_limit(1000.0)
        orders = self.make_order(600.0) | self.make_order(600.0)
        orders.action_confirm()
        self.assertEqual(sorted(orders.mapped("state")), ["draft", "sale"])

    def make_transaction(self, order, amount, state):
        provider = self.env["payment.provider"].create({"name": "Card", "code": "none", "state": "test"})
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "reference": f"{order.name}-{amount}-{state}",
                "state": state,
            }
        )

    def test_paid_order_needs_no_credit(self):
        self.make_invoice(500.0)
        self.grant_limit(100.0)
        order = self.make_order(300.0)
        self.make_transaction(order, 300.0, "done")
        order.action_confirm()
        self.assertEqual(order.state, "sale", "the customer is over the limit, this order is paid")

    def test_pending_money_is_not_received_money(self):
        self.grant_limit(100.0)
        order = self.make_order(300.0)
        self.make_transaction(order, 300.0, "pending")
        order.action_confirm()
        self.assertHeld(order, 200.0)

    def test_part_payment_reduces_what_the_order_adds(self):
        self.grant_limit(100.0)
        order = self.make_order(300.0)
        self.make_transaction(order, 199.99, "done")
        order.action_confirm()
        hold = self.assertHeld(order, 0.01)
        self.assertIn("100.01", hold.message)

    def test_delivery_is_held_when_the_customer_has_gone_over(self):
        self.grant_limit(1000.0)
        order = self.make_order(800.0)
        order.action_confirm()
        self.make_invoice(300.0)
        picking = order.picking_ids
        picking.with_user(self.keeper).button_validate()
        self.assertNotEqual(picking.state, "done")
        hold = self.env["o2c.hold"].search([("picking_id", "=", picking.id), ("code", "=", "credit_limit")])
        self.assertRecordValues(hold, [{"state": "open", "excess": 100.0}])

    def test_observing_records_and_stops_nothing(self):
        self.set_mode("observing")
        self.grant_limit(10.0)
        order = self.make_order(1500.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        hold = self.env["o2c.hold"].search([("order_id", "=", order.id), ("code", "=", "credit_limit")])
        self.assertEqual(hold.mapped("state"), ["observed"])
