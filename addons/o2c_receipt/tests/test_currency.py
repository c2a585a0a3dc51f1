from odoo.tests import tagged

from .common import ReceiptCase


@tagged("post_install", "-at_install", "o2c")
class TestCurrency(ReceiptCase):
    """Currencies with 0, 2 and 3 decimals, orders paid in another one at changing rates."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.make_currency("EUR", 0.5, ("2026-03-22", 0.4), ("2026-03-28", 0.8))

    def test_order_in_currencies_of_0_and_3_decimals(self):
        for currency, total, amount in ((self.jpy, 100001, 60001), (self.kwd, 1000.001, 600.001)):
            order = self.make_order(total, currency=currency)
            payment = self.make_payment(amount, currency=currency)
            self.allocate(payment, {order: amount})
            self.assertCollected([amount], order)
            invoice = self.make_invoice(order)
            self.assertEqual(
                currency.compare_amounts(invoice.amount_residual, total - amount), 0, currency.name)
            self.assertCollected([amount], order)

    def test_missing_cent_is_not_rounded_away(self):
        order = self.make_order(100000)
        self.allocate(self.make_payment(59999.99), {order: 59999.99})
        self.assertLess(order.o2c_collected_ratio, 60)
        self.assertEqual(order.o2c_uncollected, 40000.01)
        low = self.env["sale.order"].search([("o2c_collected_ratio", "<", 60), ("id", "=", order.id)])
        self.assertEqual(low, order)
        self.allocate(self.make_payment(0.01), {order: 0.01})
        order.invalidate_recordset()
        self.assertEqual(order.o2c_collected_ratio, 60)

    def test_foreign_order_paid_in_company_currency(self):
        """1,000.00 EUR; 900.00 USD on 20 March are 450.00 EUR, whatever the rate becomes."""
        order = self.make_order(1000, currency=self.eur)
        payment = self.make_payment(900)
        self.allocate(payment, {order: 900})
        self.assertCollected([450], order)
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 550)
        self.assertTrue(payment.is_reconciled)
        self.assertCollected([450], order)
        self.pay_invoice(invoice, 550, date="2026-03-30")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertCollected([1000], order)

    def test_company_order_paid_in_foreign_currency(self):
        """600.00 USD; 100.00 EUR on 23 March are 250.00 USD; two orders share them."""
        first, second = self.make_order(300), self.make_order(300)
        payment = self.make_payment(100, currency=self.eur, date="2026-03-23")
        self.allocate(payment, {first: 60, second: 40})
        self.assertCollected([150, 100], first, second)
        invoice = self.make_invoice(first)
        self.assertCollected([150, 100], first, second)
        self.assertEqual(invoice.amount_residual, 150)
        self.make_invoice(second)
        self.assertCollected([150, 100], first, second)
        self.assertTrue(payment.is_reconciled)

    def test_exchange_difference_is_no_money(self):
        order = self.make_order(1000, currency=self.eur)
        invoice = self.make_invoice(order)
        self.pay_invoice(invoice, 1000, date="2026-03-30", currency_id=self.eur.id)
        self.assertTrue(invoice.line_ids.matched_credit_ids.exchange_move_id)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertCollected([1000], order)

    def test_other_company_has_its_own_currency(self):
        order = self.make_order(800, company=self.other_company)
        payment = self.make_payment(200, company=self.other_company)
        manager = self.make_user(
            "europe", "account.group_account_invoice", company_ids=[(6, 0, self.other_company.ids)],
            company_id=self.other_company.id)
        self.allocate(payment, {order: 200}, user=manager)
        self.assertCollected([200], order)
        self.assertEqual(order.currency_id, self.eur)
