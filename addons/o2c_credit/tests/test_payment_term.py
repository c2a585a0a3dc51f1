from odoo import Command
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestPaymentTerm(CreditCase):
    """The payment term of orders and invoices comes from what was granted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.days = {days: cls.make_term(days) for days in (15, 30, 60)}

    @classmethod
    def make_term(cls, days):
        line = Command.create({"value": "percent", "value_amount": 100, "nb_days": days})
        return cls.env["account.payment.term"].create({"name": f"{days} days", "line_ids": [line]})

    def make_draft(self):
        return self.env["account.move"].create({"move_type": "out_invoice", "partner_id": self.customer.id})

    def assertTerm(self, term):
        self.assertEqual(self.make_order(10.0).payment_term_id, term)
        self.assertEqual(self.make_draft().invoice_payment_term_id, term)

    def grant_period(self, days, **values):
        self.grant_limit(1000.0, period_days=days, payment_term_id=self.days[days].id, **values)

    def test_customer_without_a_term_gets_the_granted_one(self):
        self.assertTerm(self.env["account.payment.term"])
        self.grant_period(30)
        self.assertTerm(self.days[30])

    def test_longer_term_of_the_customer_gives_way(self):
        self.customer.property_payment_term_id = self.days[60]
        self.assertTerm(self.days[60])
        self.grant_period(30)
        self.assertTerm(self.days[30])

    def test_shorter_term_of_the_customer_stays(self):
        self.customer.property_payment_term_id = self.days[15]
        self.grant_period(30)
        self.assertTerm(self.days[15])

    def test_member_of_a_group_gets_the_term_of_the_group(self):
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        self.customer.o2c_corporate_group_id = group
        self.grant_period(30, group=group)
        self.assertTerm(self.days[30])

    def test_cash_customer_gets_no_time(self):
        self.customer.property_payment_term_id = self.days[15]
        self.grant_limit(0.0, is_cash_only=True, period_days=0)
        self.assertTerm(self.env["account.payment.term"])

    def test_salesperson_may_choose_another(self):
        """The longer one is then a verdict, not a refusal to write."""
        self.grant_period(30)
        order = self.make_order(10.0, payment_term_id=self.days[60].id)
        self.assertEqual(order.payment_term_id, self.days[60])

    def test_suppliers_bill_is_left_alone(self):
        self.grant_period(30)
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.customer.id})
        self.assertFalse(bill.invoice_payment_term_id)

    def test_terms_are_printed_on_order_and_invoice(self):
        self.grant_period(30)
        order = self.make_order(10.0)
        invoice = self.make_invoice(10.0)
        for report, record in (
            ("sale.action_report_saleorder", order),
            ("account.account_invoices", invoice),
        ):
            html, _kind = self.env["ir.actions.report"]._render_qweb_html(report, record.ids)
            self.assertIn("Credit terms", html.decode())
            self.assertIn("30 days from the invoice", html.decode())
            self.assertNotIn("1,000", html.decode(), "the limit is no business of the reader")
