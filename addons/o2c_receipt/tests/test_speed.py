from contextlib import contextmanager

from odoo.tests import tagged

from .common import ReceiptCase

FIGURES = ("o2c_collected", "o2c_collected_ratio", "o2c_uncollected")


@tagged("post_install", "-at_install", "o2c")
class TestSpeed(ReceiptCase):
    """Counts of queries: what one order costs, that a thousand cost the same, and posting."""

    def make_paid(self):
        order = self.make_order(1000)
        self.allocate(self.make_payment(600), {order: 600})
        self.pay_invoice(self.make_invoice(order), 100)
        self.env.flush_all()
        self.env.invalidate_all()
        return order

    def test_one_order(self):
        order = self.make_paid()
        with self.assertQueryCount(1):
            order._get_o2c_collected()
        self.env.invalidate_all()
        with self.assertQueryCount(3):
            # The order, its currency, the statement.
            self.assertEqual([order[name] for name in FIGURES], [700, 70, 300])
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            # The order, who owes, the company and its currency, the statement.
            self.assertFalse(order.o2c_unallocated_text)

    def test_a_thousand_orders(self):
        paid = self.make_paid()
        many = self.env["sale.order"].create([
            {"partner_id": self.customer.id, "company_id": self.company.id} for _order in range(1000)])
        for orders in (many[:10] | paid, many | paid):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(2):
                orders.fetch(["amount_total", "currency_id"])
                self.assertEqual(len(orders._get_o2c_collected()), len(orders))
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            found = self.env["sale.order"].search([], order="o2c_collected desc", limit=1)
        self.assertEqual(found, paid)

    def test_posting_an_invoice(self):
        """At most 8 queries more than posting and matching of the same advance by Odoo."""
        for advances in (1, 3):
            for _warm in range(2):
                self.match_by_odoo(advances)
                self.match_by_suite(advances)
            plain, suite = self.match_by_odoo(advances), self.match_by_suite(advances)
            self.assertLessEqual(suite - plain, 8, f"{advances} advances")

    def test_posting_without_any_advance(self):
        counts = {}
        for name in ("warm", "measured"):
            invoice = self.make_invoice(self.make_order(100), post=False)
            self.env.flush_all()
            with self.counting() as counted:
                self.env["o2c.receipt.matching"]._match(invoice)
            counts[name] = counted[0]
        self.assertLessEqual(counts["measured"], 2)

    def match_by_odoo(self, advances):
        order = self.make_order(1000)
        payments = [self.make_payment(600 / advances) for _advance in range(advances)]
        invoice = self.make_invoice(order, post=False)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.counting() as counted:
            invoice.action_post()
            self.reconcile(*[payment.move_id for payment in payments], invoice)
            self.env.flush_all()
        self.assertEqual(invoice.amount_residual, 400)
        return counted[0]

    def match_by_suite(self, advances):
        order = self.make_order(1000)
        for _advance in range(advances):
            self.allocate(self.make_payment(600 / advances), {order: 600 / advances})
        invoice = self.make_invoice(order, post=False)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.counting() as counted:
            invoice.action_post()
            self.env.flush_all()
        self.assertEqual(invoice.amount_residual, 400)
        return counted[0]

    @contextmanager
    def counting(self):
        counted, before = [0], self.env.cr.sql_log_count
        yield counted
        counted[0] = self.env.cr.sql_log_count - before
