from odoo.tests import tagged

from .common import ReceiptCase


@tagged("post_install", "-at_install", "o2c")
class TestOnline(ReceiptCase):
    """Online payments count as soon as they are done, and once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        cls.provider.state = "test"
        cls.method = cls.env["payment.method"].search([("code", "=", "demo")], limit=1)

    def make_transaction(self, orders, amount, *, state="done", **values):
        return self.env["payment.transaction"].create({
            "provider_id": self.provider.id,
            "payment_method_id": self.method.id,
            "reference": f"T{self.env['payment.transaction'].search_count([])}-{amount}",
            "amount": amount,
            "currency_id": orders[:1].currency_id.id or self.usd.id,
            "partner_id": self.customer.id,
            "operation": "online_direct",
            "sale_order_ids": [(6, 0, orders.ids)],
            "state": state,
            **values,
        })

    def test_money_for_an_order_goes_to_the_account_for_advances(self):
        self.company.o2c_advance_account_id = account = self.env["account.account"].create({
            "name": "Contract liabilities", "code": "220401", "account_type": "liability_current",
            "reconcile": True})
        order = self.make_order(1000)
        paid = self.make_transaction(order, 400)
        paid._post_process()
        self.assertEqual(paid.payment_id.destination_account_id, account)
        self.assertCollected([400], order)
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 600)
        self.assertCollected([400], order)

    def test_done_payment_counts_before_and_after_it_is_booked(self):
        order = self.make_order(1000)
        paid = self.make_transaction(order, 400, state="pending")
        self.assertCollected([0], order)
        paid._set_done()
        self.assertFalse(paid.payment_id)
        self.assertCollected([400], order)
        paid._post_process()
        self.assertTrue(paid.payment_id)
        self.assertEqual(order.o2c_allocation_ids.payment_id, paid.payment_id)
        self.assertEqual(order.o2c_allocation_ids.origin, "online")
        self.assertCollected([400], order)
        paid.payment_id.action_cancel()
        self.assertCollected([0], order)

    def test_payment_of_several_orders_is_shared_by_their_totals(self):
        orders = self.make_order(600) | self.make_order(300)
        paid = self.make_transaction(orders, 100)
        self.env.flush_all()
        before = self.get_collected(*orders)
        self.assertAlmostEqual(sum(before), 100, 6)
        self.assertAlmostEqual(before[0], 200 / 3, 4)
        paid._post_process()
        self.assertCollected([66.67, 33.33], *orders)

    def test_refund_of_an_online_payment_takes_back(self):
        order = self.make_order(1000)
        paid = self.make_transaction(order, 400)
        paid._post_process()
        refund = self.make_transaction(
            self.env["sale.order"], -150, operation="refund", source_transaction_id=paid.id)
        self.assertCollected([250], order)
        refund._post_process()
        self.assertEqual(refund.payment_id.payment_type, "outbound")
        self.assertCollected([250], order)

    def test_payment_of_a_stranger_counts_for_the_order_it_was_made_for(self):
        order = self.make_order(1000)
        paid = self.make_transaction(order, 400, partner_id=self.stranger.id)
        paid._post_process()
        self.assertCollected([400], order)
        self.make_invoice(order)
        self.assertCollected([400], order)
        self.assertEqual(order.invoice_ids.amount_residual, 600)
