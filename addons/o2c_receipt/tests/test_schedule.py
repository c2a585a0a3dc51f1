from datetime import date, datetime

from freezegun import freeze_time
from odoo.tests import tagged

from .schedule_common import ScheduleCase, days, oracle

START = "2026-03-02"


@tagged("post_install", "-at_install", "o2c")
class TestSchedule(ScheduleCase):
    """What is due when: the schedule against hand-made figures, day by day."""

    # === THE ORDER OF THE ISSUE === #

    def check_day(self, day, parts, *, invoiced=0.0, advance=0.0, receivables=()):
        """Claims, their ageing and the exposure of the customer against the oracle."""
        expected = sorted(
            [("instalment", due, amount, max(0, (day - due).days))
             for due, amount in oracle(100000, parts, invoiced=invoiced, advance=advance)]
            + [("receivable", due, amount, max(0, (day - due).days)) for due, amount in receivables],
            key=lambda row: (row[1], row[0]))
        with freeze_time(datetime.combine(day, datetime.min.time()).replace(hour=12)):
            for as_of in (None, day):
                found = self.get_claims(as_of=as_of)
                self.assertEqual(found, expected, f"{day} as of {as_of}")
            exposure = self.get_exposure()
            self.assertEqual(exposure.total, sum(row[2] for row in expected))
            self.assertEqual(exposure.total, 100000 - advance - invoiced + sum(r[1] for r in receivables))
        return expected

    def test_deposit_delivery_retention_day_by_day(self):
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_order(100000, o2c_schedule_template_id=self.template.id)
        confirmed = date(2026, 3, 2)
        parts = list(zip((30, 30, 40), days(confirmed, 0, 30, 60), strict=True))
        for day in days(confirmed, 0, 1, 29, 30, 31, 60, 61, 120):
            self.check_day(day, parts)
        with freeze_time("2026-03-20 12:00:00"):
            deposit = self.make_payment(10000, date="2026-03-20")
            self.allocate(deposit, {order: 10000})
        for day in days("2026-03-20", 0, 12, 41, 80):
            self.check_day(day, parts, advance=10000)
        with freeze_time("2026-04-10 12:00:00"):
            second = self.make_payment(35000, date="2026-04-10")
            self.allocate(second, {order: 35000})
        for day in days("2026-04-10", 0, 21, 60):
            self.check_day(day, parts, advance=45000)
        with freeze_time("2026-05-20 12:00:00"):
            invoice = self.make_invoice(order, post=False)
            invoice.invoice_date = "2026-05-20"
            invoice.action_post()
        self.assertEqual(self.get_claims(source="instalment"), [])
        self.assertEqual(self.get_exposure().total, 55000)
        # The days before keep their claims.
        for day, advance in ((date(2026, 3, 10), 0), (date(2026, 3, 25), 10000), (date(2026, 4, 30), 45000)):
            expected = [
                ("instalment", due, amount, max(0, (day - due).days))
                for due, amount in oracle(100000, parts, advance=advance)]
            self.assertEqual(self.get_claims(as_of=day), expected)

    def test_rows_show_amount_invoiced_received_and_open(self):
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_order(1000, o2c_schedule_template_id=self.template.id)
            self.allocate(self.make_payment(450), {order: 450})
            found = self.get_instalments(order)
        first, second, third = days(START, 0, 30, 60)
        self.assertEqual(found, [
            (1, "deposit", first, 300, 0, 300, 0),
            (2, "on_delivery", second, 300, 0, 150, 150),
            (3, "retention", third, 400, 0, 0, 400),
        ])

    # === DELIVERIES === #

    def test_delivery_counts_by_the_value_that_left_on_each_day(self):
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_goods_order(
                [(10, 100)], o2c_schedule_template_id=self.template.id, commitment_date="2026-04-01 12:00:00")
            expected = [
                (1, "deposit", date(2026, 3, 2), 300, 0, 0, 300),
                (2, "on_delivery", date(2026, 5, 1), 300, 0, 0, 300),
                (3, "retention", date(2026, 5, 31), 400, 0, 0, 400),
            ]
            self.assertEqual(self.get_instalments(order), expected)
        with freeze_time("2026-03-11 12:00:00"):
            self.deliver(order, 4)
            self.assertEqual(self.get_instalments(order), [
                expected[0],
                (2, "on_delivery", date(2026, 4, 10), 120, 0, 0, 120),
                (2, "on_delivery", date(2026, 5, 1), 180, 0, 0, 180),
                (3, "retention", date(2026, 5, 10), 160, 0, 0, 160),
                (3, "retention", date(2026, 5, 31), 240, 0, 0, 240),
            ])
        with freeze_time("2026-04-20 12:00:00"):
            # Who delivers late waits longer.
            self.assertEqual(
                [row[2] for row in self.get_instalments(order)],
                days(START, 0, 39, 69, 79, 109))
            self.deliver(order)
        with freeze_time("2026-08-01 12:00:00"):
            self.assertEqual(
                [row[2] for row in self.get_instalments(order)],
                days(START, 0, 39, 69, 79, 109))

    def test_what_is_due_before_delivery_keeps_its_day(self):
        template = self.make_template("Before", [
            {"kind": "before_delivery", "percent": 50, "days": -3},
            {"kind": "on_delivery", "percent": 50},
        ])
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_goods_order(
                [(1, 100)], o2c_schedule_template_id=template.id, commitment_date="2026-04-01 12:00:00")
        with freeze_time("2026-04-20 12:00:00"):
            self.assertEqual(
                [row[1:4] for row in self.get_instalments(order)],
                [("before_delivery", date(2026, 3, 29), 50), ("on_delivery", date(2026, 4, 20), 50)])

    def test_dropped_backorder_is_owed_by_nobody(self):
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_goods_order([(10, 100)], o2c_schedule_template_id=self.template.id)
            self.deliver(order, 6)
            order.picking_ids.filtered(lambda item: item.state != "done").action_cancel()
            self.assertEqual([row[3] for row in self.get_instalments(order)], [180, 180, 240])
            self.assertEqual(self.get_exposure().total, sum(row[2] for row in self.get_claims()))

    # === PAYMENT TERMS === #

    def test_payment_term_counts_from_delivery_without_a_row(self):
        term = self.env["account.payment.term"].create({
            "name": "Two parts", "line_ids": [
                (0, 0, {"value": "percent", "value_amount": 33.33, "nb_days": 10}),
                (0, 0, {"value": "percent", "value_amount": 66.67, "nb_days": 15,
                        "delay_type": "days_end_of_month_on_the", "days_next_month": "31"}),
            ]})
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_goods_order(
                [(1, 100.01)], payment_term_id=term.id, commitment_date="2026-04-01 12:00:00")
            self.assertFalse(order.o2c_instalment_ids)
            self.assertEqual(
                [row[1:4] for row in self.get_instalments(order)],
                [("term", date(2026, 4, 11), 33.33), ("term", date(2026, 5, 31), 66.68)])

    def test_delays_of_payment_terms_are_counted_as_odoo_does(self):
        cases = [
            ("days_after", 45, "10"), ("days_after_end_of_month", 10, "10"),
            ("days_after_end_of_next_month", 5, "10"), ("days_end_of_month_on_the", 0, "0"),
            ("days_end_of_month_on_the", 20, "30"), ("days_end_of_month_on_the", 3, "10"),
        ]
        for delay, number, month_day in cases:
            term = self.env["account.payment.term"].create({"name": delay, "line_ids": [(0, 0, {
                "value": "percent", "value_amount": 100, "nb_days": number, "delay_type": delay,
                "days_next_month": month_day})]})
            for day in ("2026-01-31", "2026-02-10", "2028-01-30"):
                with freeze_time(f"{day} 12:00:00"):
                    order = self.make_order(100, payment_term_id=term.id)
                    [row] = self.get_instalments(order)
                self.assertEqual(row[2], term.line_ids._get_due_date(day), (delay, number, month_day, day))

    def test_order_without_term_is_due_at_delivery(self):
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_order(100, payment_term_id=False)
            self.assertEqual(self.get_instalments(order), [(1, "term", date(2026, 3, 2), 100, 0, 0, 100)])

    # === CURRENCIES AND COMPANIES === #

    def test_amounts_are_rounded_in_the_currency_of_the_order(self):
        for currency, total, amounts in (
            (self.jpy, 1001, [300, 300, 401]), (self.kwd, 10.001, [3.0, 3.0, 4.001]),
            (self.eur, 100.05, [30.02, 30.02, 40.01]),
        ):
            order = self.make_order(total, currency=currency, o2c_schedule_template_id=self.template.id)
            self.assertEqual([row[3] for row in self.get_instalments(order)], amounts)

    def test_foreign_order_splits_the_exposure_to_the_cent(self):
        self.make_order(1000.01, currency=self.eur, o2c_schedule_template_id=self.template.id)
        amounts = [row[2] for row in self.get_claims()]
        self.assertEqual(len(amounts), 3)
        self.assertAlmostEqual(sum(amounts), self.get_exposure().total, 2)
        self.assertAlmostEqual(self.get_exposure().total, 2000.02, 2)

    def test_foreign_advance_leaves_no_rest(self):
        order = self.make_order(1000, currency=self.eur, o2c_schedule_template_id=self.template.id)
        self.allocate(self.make_payment(500), {order: 500})
        self.assertEqual([row[2] for row in self.get_claims()], [100, 600, 800])
        self.assertEqual(self.get_exposure().total, 1500)

    def test_companies_are_apart(self):
        self.make_order(1000, company=self.other_company)
        self.make_order(500)
        rows = self.env["o2c.claim"].with_context(allowed_company_ids=self.company.ids).with_user(
            self.officer).search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.mapped("amount"), [500])

    # === UNALLOCATED MONEY === #

    def test_unallocated_and_surplus_money_stays_a_credit(self):
        order = self.make_order(1000, o2c_schedule_template_id=self.template.id)
        payment = self.make_payment(1500)
        self.allocate(payment, {order: 1200})
        self.assertEqual([(row[0], row[2]) for row in self.get_claims()], [("receivable", -500)])
        self.assertEqual(self.get_exposure().total, -500)
        self.make_payment(50)
        self.assertEqual(sum(row[2] for row in self.get_claims()), -550)
