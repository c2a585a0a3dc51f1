from odoo.tests import tagged

from .common import ReceiptCase
from .oracle import Oracle


@tagged("post_install", "-at_install", "o2c")
class TestCollective(ReceiptCase):
    """Invoices of several orders: what an order was given stands on one invoice, not on two."""

    def judge(self, *orders):
        self.env.flush_all()
        self.env.invalidate_all()
        oracle = Oracle(self.env)
        self.assertEqual(self.get_collected(*orders), [oracle.get_collected(order) for order in orders])

    def test_money_that_an_own_invoice_used_stands_on_no_collective_one(self):
        """184 of the first order pay its own invoice; the collective one takes 230 of the second."""
        first, second = self.make_order([184, 300]), self.make_order(230)
        payment = self.make_payment(1000)
        self.allocate(payment, {first: 184})
        own = self.make_invoice(first, post=False)
        own.invoice_line_ids[1:].unlink()
        own.action_post()
        self.assertEqual(own.amount_residual, 0)
        self.allocate(payment, {second: 230})
        both = self.make_invoice(first | second)
        self.assertEqual(both.amount_residual, 300)
        self.assertCollected([184, 230], first, second)
        self.assertEqual(payment._get_o2c_free(), 586)
        # Whoever is asked about alone is told the same.
        self.assertCollected([184], first)
        self.assertCollected([230], second)
        self.judge(first, second)

    def test_two_collective_invoices_of_one_advance(self):
        """600 and 100 were given; the first invoice takes 400 and 100, so that 200 of the first order are
        left for the second invoice, and nothing of the other's."""
        first, second = self.make_order(600), self.make_order(400)
        payment = self.make_payment(900)
        self.allocate(payment, {first: 600, second: 100})
        one = self.make_invoice(first | second, share=0.5)
        self.assertEqual((one.amount_total, one.amount_residual), (500, 0))
        self.assertCollected([600, 100], first, second)
        other = self.make_invoice(first | second)
        self.assertEqual((other.amount_total, other.amount_residual), (500, 300))
        self.assertCollected([600, 100], first, second)
        self.assertEqual(payment._get_o2c_free(), 200)
        self.judge(first, second)

    def test_money_of_a_companion_who_is_not_asked_about(self):
        """The receipt was given to the second order only; its own invoice used 150 of 200, so that the
        collective one, paid by the same receipt by hand, has 50 of it at most by allocation."""
        first, second = self.make_order(300), self.make_order([150, 300])
        payment = self.make_payment(350)
        self.allocate(payment, {second: 200})
        own = self.make_invoice(second, post=False)
        own.invoice_line_ids[1:].unlink()
        own.action_post()
        self.assertEqual(own.amount_residual, 0)
        both = self.make_invoice(first | second)
        self.assertEqual(both.amount_residual, 550)
        self.reconcile(both, payment.move_id)
        self.assertEqual(both.amount_residual, 400)
        # 150 that nobody was given: halves by the lines. The second had 150 and 50 before.
        self.assertCollected([75], first)
        self.assertCollected([275], second)
        self.assertCollected([75, 275], first, second)
        self.judge(first, second)

    def test_what_moves_to_an_order_of_a_collective_invoice_pays_all_of_it(self):
        """What is allocated is matched to the cent, so that no rest of it stays beside an open invoice."""
        first, second, third = self.make_order([184, 300]), self.make_order(230), self.make_order(500)
        payment = self.make_payment(767)
        self.allocate(payment, {first: 184, third: 230})
        own = self.make_invoice(first, post=False)
        own.invoice_line_ids[1:].unlink()
        own.action_post()
        both = self.make_invoice(first | second)
        self.assertEqual(both.amount_residual, 530)
        row = payment.o2c_allocation_ids.filtered(lambda item: item.order_id == third)
        self.reallocate(row, 230, second)
        self.assertEqual(both.amount_residual, 300)
        self.assertCollected([184, 230, 0], first, second, third)
        self.judge(first, second, third)
