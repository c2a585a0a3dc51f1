from collections import defaultdict
from datetime import date

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .schedule_common import ScheduleCase

ORDERED, DELIVERED, LATE = "2026-03-02", "2026-03-10", "2026-06-15"


@tagged("post_install", "-at_install", "o2c")
class TestDueDates(ScheduleCase):
    """Orders without a schedule of their own: the payment term counted from delivery, invoiced or not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term = cls.make_term((100, 30))

    @classmethod
    def make_term(cls, *parts, **values):
        return cls.env["account.payment.term"].create({
            "name": "Term", **values,
            "line_ids": [
                Command.create({"value": "percent", "value_amount": percent, "nb_days": days})
                for percent, days in parts],
        })

    def make_ordered(self, lines, *, term=None, **values):
        with freeze_time(f"{ORDERED} 12:00:00"):
            return self.make_goods_order(lines, payment_term_id=(term or self.term).id, **values)

    def deliver_on(self, day, order, quantity=None):
        with freeze_time(f"{day} 12:00:00"):
            self.deliver(order, quantity)

    def invoice_on(self, day, orders, *, post=True):
        with freeze_time(f"{day} 12:00:00"):
            invoice = self.make_invoice(orders, post=False)
            invoice.invoice_date = day
            if post:
                invoice.action_post()
        return invoice

    def get_due(self, invoice):
        lines = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(sum(invoice.line_ids.mapped("balance")), 0)
        return sorted((str(line.date_maturity), line.amount_currency) for line in lines)

    def get_owed(self, day, partner=None):
        """``{due: amount}`` of what the customer owes on a day, invoiced or not."""
        owed = defaultdict(float)
        with freeze_time(f"{day} 12:00:00"):
            for _source, due, amount, _late in self.get_claims(partner):
                owed[str(due)] += amount
        return {due: round(amount, 2) for due, amount in owed.items()}

    def make_by_delivery(self, lines, **values):
        order = self.make_ordered(lines, **values)
        order.order_line.product_id.invoice_policy = "delivery"
        return order

    # === ONE DAY === #

    def test_late_invoice_is_due_from_delivery(self):
        order = self.make_ordered([(10, 100)])
        self.deliver_on(DELIVERED, order)
        self.assertEqual(self.get_owed(LATE), {"2026-04-09": 1000})
        invoice = self.invoice_on(LATE, order)
        self.assertEqual(self.get_due(invoice), [("2026-04-09", 1000)])
        self.assertEqual(invoice.invoice_date_due, date(2026, 4, 9))
        self.assertEqual(self.get_owed(LATE), {"2026-04-09": 1000})
        self.assertIn("instead of", str(invoice.message_ids.mapped("body")))

    def test_invoice_of_the_day_of_delivery_is_left_as_odoo_made_it(self):
        order = self.make_ordered([(10, 100)], term=self.make_term((30, 0), (70, 60)))
        self.deliver_on(DELIVERED, order)
        invoice = self.invoice_on(DELIVERED, order, post=False)
        lines = invoice.line_ids
        with freeze_time(f"{DELIVERED} 12:00:00"):
            invoice.action_post()
        self.assertEqual(invoice.line_ids, lines)
        self.assertEqual(self.get_due(invoice), [("2026-03-10", 300), ("2026-05-09", 700)])
        self.assertNotIn("instead of", str(invoice.message_ids.mapped("body")))

    def test_invoice_before_delivery_keeps_odoo_s_day(self):
        order = self.make_ordered([(10, 100)], commitment_date="2026-08-01 12:00:00")
        self.deliver_on("2026-06-01", order, 4)
        invoice = self.invoice_on(LATE, order)
        self.assertEqual(self.get_due(invoice), [("2026-07-01", 400), ("2026-07-15", 600)])
        self.deliver_on("2026-07-01", order)
        self.assertEqual(self.get_owed("2026-07-01"), {"2026-07-01": 400, "2026-07-15": 600})

    def test_services_count_from_confirmation_as_their_claims(self):
        with freeze_time(f"{ORDERED} 12:00:00"):
            order = self.make_order(500, payment_term_id=self.term.id)
        before = self.get_owed(LATE)
        self.assertEqual(self.get_due(self.invoice_on(LATE, order)), [("2026-04-01", 500)])
        self.assertEqual(self.get_owed(LATE), before)

    def test_services_that_are_invoiced_as_delivered_are_due_from_the_invoice(self):
        """Nobody writes down the day on which they were done: until the invoice they are expected."""
        self.product.invoice_policy = "delivery"
        with freeze_time(f"{ORDERED} 12:00:00"):
            order = self.make_order(500, payment_term_id=self.term.id)
            self.assertEqual(self.get_owed(ORDERED), {"2026-04-01": 500})
        order.order_line.qty_delivered = 0.4
        self.assertEqual(self.get_owed(LATE), {"2026-07-15": 500})
        self.assertEqual(self.get_due(self.invoice_on(LATE, order)), [("2026-07-15", 200)])
        self.assertEqual(self.get_owed(LATE), {"2026-07-15": 500})
        self.assertEqual(self.get_owed("2026-06-20"), {"2026-07-15": 200, "2026-07-20": 300})

    def test_shorter_term_of_the_invoice_stays(self):
        order = self.make_ordered([(10, 100)], term=self.make_term((100, 120)))
        self.deliver_on(DELIVERED, order)
        invoice = self.invoice_on(LATE, order, post=False)
        invoice.invoice_payment_term_id = self.make_term((100, 5))
        invoice.action_post()
        self.assertEqual(self.get_due(invoice), [("2026-06-20", 1000)])

    def test_without_a_term_the_day_of_delivery(self):
        order = self.make_ordered([(10, 100)])
        order.payment_term_id = False
        self.deliver_on(DELIVERED, order)
        invoice = self.invoice_on(LATE, order)
        self.assertFalse(invoice.invoice_payment_term_id)
        self.assertEqual(self.get_due(invoice), [("2026-03-10", 1000)])
        self.assertEqual(invoice.invoice_date_due, date(2026, 3, 10))

    # === PARTS AND DELIVERIES === #

    def test_each_delivery_has_the_parts_of_its_term(self):
        """30 % at once and 70 % after 60 days; 4 and 6 of 10 leave, each is invoiced late."""
        order = self.make_by_delivery(
            [(10, 100)], term=self.make_term((30, 0), (70, 60)), commitment_date="2026-05-01 12:00:00")
        self.deliver_on(DELIVERED, order, 4)
        before = self.get_owed("2026-04-01")
        self.assertEqual(
            before, {"2026-03-10": 120, "2026-05-09": 280, "2026-05-01": 180, "2026-06-30": 420})
        first = self.invoice_on("2026-04-01", order)
        self.assertEqual(self.get_due(first), [("2026-03-10", 120), ("2026-05-09", 280)])
        self.assertEqual(self.get_owed("2026-04-01"), before)
        self.deliver_on("2026-05-20", order)
        before = self.get_owed(LATE)
        self.assertEqual(
            before, {"2026-03-10": 120, "2026-05-09": 280, "2026-05-20": 180, "2026-07-19": 420})
        second = self.invoice_on(LATE, order)
        self.assertEqual(self.get_due(second), [("2026-05-20", 180), ("2026-07-19", 420)])
        self.assertEqual(self.get_owed(LATE), before)

    def test_one_late_invoice_of_two_deliveries(self):
        order = self.make_by_delivery([(3, 33.33), (7, 10.01)], term=self.make_term((50, 10), (50, 40)))
        self.deliver_on("2026-03-10", order, 2)
        self.deliver_on("2026-03-20", order)
        before = self.get_owed(LATE)
        invoice = self.invoice_on(LATE, order)
        self.assertEqual(self.get_owed(LATE), before)
        self.assertEqual(len(self.get_due(invoice)), 4)

    def test_invoices_of_one_batch_take_one_part_after_the_other(self):
        order = self.make_by_delivery([(10, 100)])
        self.deliver_on("2026-03-10", order, 4)
        first = self.invoice_on("2026-06-15", order, post=False)
        self.deliver_on("2026-04-10", order)
        second = self.invoice_on("2026-06-15", order, post=False)
        before = self.get_owed(LATE)
        with freeze_time(f"{LATE} 12:00:00"):
            (first | second).action_post()
        self.assertEqual(self.get_due(first), [("2026-04-09", 400)])
        self.assertEqual(self.get_due(second), [("2026-05-10", 600)])
        self.assertEqual(self.get_owed(LATE), before)

    def test_taxes_that_are_rounded_make_no_line_of_their_own(self):
        tax = self.env["account.tax"].create({"name": "7 %", "amount": 7, "amount_type": "percent"})
        order = self.make_by_delivery([(3, 0.49), (3, 33.37)])
        order.order_line.tax_ids = tax
        for day in ("2026-03-10", "2026-03-11", "2026-03-12"):
            self.deliver_on(day, order, 1)
            invoice = self.invoice_on(LATE, order)
            self.assertEqual(len(self.get_due(invoice)), 1)
            self.assertLess(invoice.invoice_date_due, date(2026, 4, 12))
        self.assertEqual(set(self.get_owed(LATE)), {"2026-04-09", "2026-04-10", "2026-04-11"})

    # === CASH DISCOUNT === #

    def make_discounted(self, day):
        """400.00 delivered on 10 March, 600.00 on 25 March; 2 % for payment within 10 days, 30 net."""
        term = self.make_term(
            (100, 30), early_discount=True, discount_percentage=2, discount_days=10,
            early_pay_discount_computation="included")
        order = self.make_by_delivery([(10, 100)], term=term)
        self.deliver_on("2026-03-10", order, 4)
        self.deliver_on("2026-03-25", order)
        invoice = self.invoice_on(day, order)
        return invoice, invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def test_cash_discount_keeps_the_one_line_that_odoo_needs_for_it(self):
        invoice, lines = self.make_discounted("2026-04-05")
        self.assertRecordValues(lines, [
            {"date_maturity": date(2026, 4, 24), "discount_date": date(2026, 4, 15), "balance": 1000,
             "discount_balance": 980, "discount_amount_currency": 980}])
        self.assertEqual(self.pay_invoice(invoice, date="2026-04-08").amount, 980)
        self.assertEqual(invoice.amount_residual, 0)

    def test_who_is_overdue_has_no_cash_discount(self):
        invoice, lines = self.make_discounted("2026-04-12")
        self.assertEqual(self.get_due(invoice), [("2026-04-09", 400), ("2026-04-24", 600)])
        self.assertEqual(lines.mapped("discount_date"), [False, False])
        self.assertEqual(self.pay_invoice(invoice, 1000, date="2026-04-13").amount, 1000)
        self.assertEqual(invoice.amount_residual, 0)

    # === OTHER DOCUMENTS === #

    def test_invoice_of_several_orders_and_of_none(self):
        first, second = self.make_ordered([(1, 100)]), self.make_ordered([(1, 200)])
        self.deliver_on("2026-03-10", first)
        self.deliver_on("2026-03-20", second)
        invoice = self.invoice_on(LATE, first | second, post=False)
        invoice.invoice_line_ids = [Command.create({
            "name": "Freight", "quantity": 1, "price_unit": 50, "tax_ids": [Command.clear()]})]
        invoice.action_post()
        self.assertEqual(self.get_due(invoice), [
            ("2026-04-09", 100), ("2026-04-19", 200), ("2026-07-15", 50)])

    def test_foreign_invoice(self):
        self.make_currency("EUR", 0.5, ("2026-05-01", 0.4))
        order = self.make_by_delivery([(3, 33.37)], currency=self.eur)
        self.deliver_on("2026-03-10", order, 2)
        self.deliver_on("2026-03-20", order)
        invoice = self.invoice_on(LATE, order)
        self.assertEqual(invoice.currency_id, self.eur)
        self.assertEqual(self.get_due(invoice), [("2026-04-09", 66.74), ("2026-04-19", 33.37)])
        self.assertEqual(invoice.amount_residual, 100.11)

    def test_down_payment_and_rest(self):
        order = self.make_ordered([(10, 100)], commitment_date="2026-08-01 12:00:00")
        with freeze_time("2026-03-05 12:00:00"):
            wizard = self.env["sale.advance.payment.inv"].create({
                "sale_order_ids": [Command.set(order.ids)], "advance_payment_method": "fixed",
                "fixed_amount": 300})
            deposit = wizard._create_invoices(order)
            deposit.action_post()
        self.assertEqual(self.get_due(deposit), [("2026-04-04", 300)])
        self.deliver_on(DELIVERED, order)
        before = self.get_owed(LATE)
        rest = self.invoice_on(LATE, order)
        self.assertEqual(self.get_due(rest), [("2026-04-09", 700)])
        self.assertEqual(self.get_owed(LATE), before)

    def test_credit_note_is_left_alone_and_a_correction_gives_no_time(self):
        order = self.make_ordered([(10, 100)])
        self.deliver_on(DELIVERED, order)
        first = self.invoice_on(LATE, order)
        with freeze_time(f"{LATE} 12:00:00"):
            note = self.make_credit_note(first)
        self.assertEqual(len(self.get_due(note)), 1)
        again = self.invoice_on("2026-06-20", order)
        self.assertEqual(self.get_due(again), [("2026-04-09", 1000)])

    def test_set_back_to_draft_and_posted_again_stays(self):
        order = self.make_ordered([(10, 100)])
        self.deliver_on(DELIVERED, order)
        invoice = self.invoice_on(LATE, order)
        for _time in range(2):
            invoice.button_draft()
            with freeze_time("2026-06-20 12:00:00"):
                invoice.invoice_date = "2026-06-20"
                invoice.action_post()
            self.assertEqual(self.get_due(invoice), [("2026-04-09", 1000)])

    # === WHO DECIDES === #

    def test_company_may_keep_odoo_s_dates(self):
        self.company.o2c_due_by_schedule = False
        order = self.make_ordered([(10, 100)])
        self.deliver_on(DELIVERED, order)
        self.assertEqual(self.get_due(self.invoice_on(LATE, order)), [("2026-07-15", 1000)])

    def test_accountant_gains_no_time_in_the_draft_nor_by_another_door(self):
        order = self.make_ordered([(10, 100)])
        self.deliver_on(DELIVERED, order)
        invoice = self.invoice_on(LATE, order, post=False).with_user(self.accountant)
        line = invoice.line_ids.filtered(lambda item: item.display_type == "payment_term")
        for door in ("action_post", "state"):
            self.call(self.accountant, "account.move", "write", invoice.ids, {
                "line_ids": [Command.update(line.id, {"date_maturity": "2027-01-01"})]})
            with freeze_time(f"{LATE} 12:00:00"):
                if door == "state":
                    self.call(self.accountant, "account.move", "write", invoice.ids, {"state": "posted"})
                else:
                    self.call(self.accountant, "account.move", "action_post", invoice.ids, context={
                        "o2c_due_by_schedule": False, "default_o2c_due_by_schedule": False})
            self.assertEqual(self.get_due(invoice), [("2026-04-09", 1000)], door)
            invoice.button_draft()
            line = invoice.line_ids.filtered(lambda item: item.display_type == "payment_term")

    def test_earlier_day_of_the_draft_stays(self):
        order = self.make_ordered([(10, 100)])
        self.deliver_on(DELIVERED, order)
        invoice = self.invoice_on(LATE, order, post=False)
        line = invoice.line_ids.filtered(lambda item: item.display_type == "payment_term")
        invoice.write({"line_ids": [Command.update(line.id, {"date_maturity": "2026-04-01"})]})
        invoice.action_post()
        self.assertEqual(self.get_due(invoice), [("2026-04-01", 1000)])

    def test_accountant_does_not_switch_it_off(self):
        with self.assertRaises(AccessError):
            self.call(self.accountant, "res.company", "write", self.company.ids, {
                "o2c_due_by_schedule": False})
        self.assertTrue(self.company.o2c_due_by_schedule)
