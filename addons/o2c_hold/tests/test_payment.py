from odoo.tests import tagged

from ..rules.verdict import Verdict
from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestPayment(HoldCommon):
    """Online payments: the order waits, the money stays, somebody is told, nothing fails."""

    def setUp(self):
        super().setUp()
        self.set_control()
        self.set_limit(50)
        self.provider = self.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        self.provider.state = "test"
        self.method = self.env.ref("payment_demo.payment_method_demo", raise_if_not_found=False) or self.env[
            "payment.method"
        ].search([("code", "=", "demo")], limit=1)

    def pay(self, order, *, state="done", amount=None):
        """What the provider's notification does, as the public user."""
        public = self.env.ref("base.public_user")
        tx = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.method.id,
                    "reference": f"{order.name}-{self.env['payment.transaction'].search_count([])}",
                    "amount": amount or order.amount_total,
                    "currency_id": order.currency_id.id,
                    "partner_id": order.partner_id.id,
                    "operation": "online_direct",
                    "sale_order_ids": [(6, 0, order.ids)],
                    "state": "draft",
                }
            )
        )
        tx = tx.with_user(public).sudo()
        getattr(tx, f"_set_{state}")()
        tx._post_process()
        return tx

    def test_paid_order_above_the_limit_waits_and_the_money_is_booked(self):
        order = self.make_order(100)
        tx = self.pay(order)
        self.assertEqual(tx.state, "done")
        self.assertTrue(tx.payment_id, "The receipt is booked whatever becomes of the order.")
        self.assertIn(order.state, ("draft", "sent"))
        self.assertTrue(order._is_o2c_waiting())
        self.assertTrue(self.get_holds(order).confirm_requested)
        self.assertEqual(order.activity_ids.user_id, self.seller)
        self.assertIn("would exceed the limit", order.activity_ids.note)
        self.assertFalse(order.sudo().invoice_ids)

    def test_paid_order_that_waited_is_confirmed_by_the_system(self):
        order = self.make_order(100)
        self.pay(order)
        self.set_limit(1000)
        self.env["o2c.hold"]._recheck_partner(self.customer)
        self.run_recheck()
        self.assertEqual(order.state, "sale")
        self.assertFalse(order._is_o2c_waiting())

    def test_receipt_itself_looks_at_what_waits(self):
        order = self.make_order(100)
        self.pay(order)
        # Whatever is flushed in between puts a customer into the queue again; he is looked at once.
        self.assertTrue(self.run_recheck())

    def test_paid_order_within_the_limit_is_confirmed(self):
        order = self.make_order(40)
        self.pay(order)
        self.assertEqual(order.state, "sale")

    def test_automatic_invoice_is_not_made_for_a_waiting_order(self):
        self.env["ir.config_parameter"].sudo().set_param("sale.automatic_invoice", "True")
        held, free = self.make_order(100), self.make_order(40)
        self.pay(held)
        self.assertFalse(held.sudo().invoice_ids)
        self.pay(free)
        self.assertEqual(free.sudo().invoice_ids.state, "posted")

    def test_automatic_invoice_on_hold_stays_a_draft_and_the_money_is_booked(self):
        self.env["ir.config_parameter"].sudo().set_param("sale.automatic_invoice", "True")
        # The order passes, its invoice does not.
        self.set_limit(1000)
        order = self.make_order(100)
        original = type(self.env["account.move"])._get_invoice_verdicts

        def hold_everything(move, facts):
            return original(move, facts) + [Verdict("test_limit", "hold", "not yet.", {})]

        self.patch(type(self.env["account.move"]), "_get_invoice_verdicts", hold_everything)
        tx = self.pay(order)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.sudo().invoice_ids.state, "draft")
        self.assertIn(tx.payment_id.state, ("in_process", "paid"))
        self.assertTrue(self.get_holds(order.sudo().invoice_ids))

    def test_authorized_payment_waits_too(self):
        self.provider.support_manual_capture = "full_only"
        self.provider.capture_manually = True
        order = self.make_order(100)
        self.pay(order, state="authorized")
        self.assertNotEqual(order.state, "sale")
        self.assertTrue(order._is_o2c_waiting())
