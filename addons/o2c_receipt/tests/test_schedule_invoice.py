from datetime import date

from freezegun import freeze_time
from odoo.tests import Form, tagged

from .schedule_common import ScheduleCase


@tagged("post_install", "-at_install", "o2c")
class TestScheduleInvoice(ScheduleCase):
    """Receivable lines take over the instalments, with their due dates."""

    def get_due(self, invoice):
        lines = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return sorted((line.date_maturity, line.amount_currency) for line in lines)

    def make_scheduled(self, amount=1000, **values):
        with freeze_time("2026-03-02 12:00:00"):
            return self.make_order(amount, o2c_schedule_template_id=self.template.id, **values)

    def test_late_invoice_is_due_when_the_schedule_says(self):
        order = self.make_scheduled()
        with freeze_time("2026-06-15 12:00:00"):
            invoice = self.make_invoice(order, post=False)
            invoice.invoice_date = "2026-06-15"
            invoice.invoice_payment_term_id = self.env.ref("account.account_payment_term_30days")
            invoice.action_post()
        self.assertEqual(self.get_due(invoice), [
            (date(2026, 3, 2), 300), (date(2026, 4, 1), 300), (date(2026, 5, 1), 400)])
        self.assertEqual(invoice.invoice_date_due, date(2026, 5, 1))
        self.assertEqual(sum(invoice.line_ids.mapped("balance")), 0)

    def test_due_dates_of_the_draft_can_not_be_moved(self):
        order = self.make_scheduled()
        invoice = self.make_invoice(order, post=False)
        lines = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        invoice.write({"line_ids": [(1, lines[0].id, {"date_maturity": "2027-01-01"})]})
        with Form(invoice.with_user(self.accountant)) as form:
            form.invoice_date = "2026-06-15"
            form.invoice_payment_term_id = self.env.ref("account.account_payment_term_end_following_month")
        invoice.action_post()
        self.assertEqual([day for day, _amount in self.get_due(invoice)], [
            date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 1)])

    def test_invoices_consume_the_oldest_instalments(self):
        with freeze_time("2026-03-02 12:00:00"):
            order = self.make_goods_order([(10, 100)], o2c_schedule_template_id=self.template.id)
            order.order_line.product_id.invoice_policy = "delivery"
            self.deliver(order, 4)
            first = self.make_invoice(order)
            self.assertEqual(self.get_due(first), [(date(2026, 3, 2), 300), (date(2026, 4, 1), 100)])
            self.assertEqual(
                [(row[1], row[2], row[4], row[6]) for row in self.get_instalments(order)][:2],
                [("deposit", date(2026, 3, 2), 300, 0), ("on_delivery", date(2026, 4, 1), 100, 20)])
            self.deliver(order)
            second = self.make_invoice(order)
        self.assertEqual(self.get_due(second), [(date(2026, 4, 1), 200), (date(2026, 5, 1), 400)])
        self.assertEqual(self.get_claims(source="instalment"), [])

    def test_deposit_invoice_is_the_deposit(self):
        order = self.make_scheduled()
        wizard = self.env["sale.advance.payment.inv"].create({
            "sale_order_ids": [(6, 0, order.ids)], "advance_payment_method": "fixed", "fixed_amount": 300})
        deposit = wizard._create_invoices(order)
        deposit.action_post()
        self.assertEqual(self.get_due(deposit), [(date(2026, 3, 2), 300)])
        self.assertEqual([row[2] for row in self.get_claims(source="instalment")], [300, 400])
        self.assertEqual(self.get_exposure().total, 1000)
        rest = self.make_invoice(order)
        self.assertEqual(self.get_due(rest), [(date(2026, 4, 1), 300), (date(2026, 5, 1), 400)])

    def test_invoice_of_two_orders_keeps_the_terms_of_each(self):
        term = self.env.ref("account.account_payment_term_30days")
        plain = self.make_order(500, payment_term_id=term.id)
        invoice = self.make_invoice(self.make_scheduled(payment_term_id=term.id) | plain, post=False)
        invoice.invoice_date = "2026-06-15"
        invoice.action_post()
        self.assertEqual(self.get_due(invoice), [
            (date(2026, 3, 2), 300), (date(2026, 4, 1), 300), (date(2026, 5, 1), 400),
            (date(2026, 7, 15), 500)])

    def test_foreign_invoice_adds_up_in_both_currencies(self):
        for currency, total in ((self.eur, 100.01), (self.jpy, 1001), (self.kwd, 10.001)):
            order = self.make_scheduled(total, currency=currency)
            invoice = self.make_invoice(order)
            self.assertAlmostEqual(sum(amount for _day, amount in self.get_due(invoice)), total, 3)
            self.assertEqual(invoice.amount_residual, total)
            self.assertAlmostEqual(sum(invoice.line_ids.mapped("balance")), 0, 3)

    def test_advances_pay_the_oldest_lines_of_the_invoice(self):
        order = self.make_scheduled()
        self.allocate(self.make_payment(450), {order: 450})
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 550)
        lines = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(
            lines.sorted("date_maturity").mapped("amount_residual"), [0, 150, 400])

    def test_credit_note_is_left_to_odoo(self):
        order = self.make_scheduled()
        invoice = self.make_invoice(order)
        note = self.make_credit_note(invoice)
        self.assertEqual(len(self.get_due(note)), 1)

    def test_scheduled_invoices_of_one_batch_take_one_part_after_the_other(self):
        order = self.make_scheduled([400, 600])
        invoices = self.env["account.move"]
        for line in order.order_line:
            invoice = self.make_invoice(order, post=False)
            invoice.invoice_line_ids.filtered(lambda item, line=line: item.sale_line_ids != line).unlink()
            invoices |= invoice
        invoices.action_post()
        self.assertEqual([self.get_due(invoice) for invoice in invoices], [
            [(date(2026, 3, 2), 300), (date(2026, 4, 1), 100)],
            [(date(2026, 4, 1), 200), (date(2026, 5, 1), 400)]])
