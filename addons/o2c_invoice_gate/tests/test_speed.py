from odoo.tests import tagged

from .common import GateCase


@tagged("post_install", "-at_install", "o2c")
class TestSpeed(GateCase):
    """Counts of queries: what the gate costs when an invoice is posted and when an order is confirmed."""

    def make_ready(self):
        order = self.make_order(1000)
        self.pay(order, 1000)
        return order._create_invoices()

    def count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_posting_costs_little(self):
        """At most 8 queries more than posting where nothing is judged."""
        self.set_policy(paid_exempt=True)
        codes = ("invoice_ratio", "invoice_application", "invoice_three_way", "invoice_slip",
                 "invoice_tax_number", "invoice_open_orders")
        counts = {}
        for mode in ("enforcing", "off", "enforcing", "off"):
            for code in codes:
                self.set_control(code, mode)
            invoice = self.make_ready()
            counts[mode] = self.count(invoice.with_user(self.accountant).action_post)
            self.assertEqual(invoice.state, "posted")
        self.assertLessEqual(counts["enforcing"] - counts["off"], 8, counts)

    def test_many_invoices_cost_as_few_statements_as_one(self):
        self.set_policy(paid_exempt=True)
        few, many = [], []
        for invoices, number in ((few, 2), (many, 8)):
            invoices += [self.make_ready() for _invoice in range(number)]
        counts = [
            self.count(lambda invoices=invoices: self.env["account.move"].union(*invoices)._decide_o2c())
            for invoices in (few, many)]
        self.assertEqual(*counts)

    def test_confirming_an_order_costs_nothing(self):
        """The gate has no part in it: its statements are not among those of a confirmation."""
        order = self.make_order(1000, confirm=False)
        self.patch(type(self.env["o2c.invoice.gate"]), "_get_figures", lambda *args: self.fail("asked"))
        order.action_confirm()
        self.assertEqual(order.state, "sale")
