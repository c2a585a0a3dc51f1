import importlib.util
from datetime import date, datetime

from freezegun import freeze_time
from odoo.tests import tagged
from odoo.tools import file_path

from .schedule_common import ScheduleCase, days, oracle

START = "2026-03-02"


@tagged("post_install", "-at_install", "o2c")
class TestSchedule(ScheduleCase):
    """What is due when: the schedule against hand-made figures, day by day."""

    # === AGREED PARTS === #

    def test_update_gives_orders_their_agreed_parts(self):
        order = self.make_order(1000, confirm=False, o2c_schedule_template_id=self.template.id)
        plain = self.make_order(1000)
        parts = order.o2c_agreed_parts
        self.assertTrue(parts)
        self.env.flush_all()
        self.cr.execute("UPDATE sale_order SET o2c_agreed_parts = NULL")
        self.env.invalidate_all()
        for name in ("pre", "post"):
            path = file_path(f"o2c_receipt/migrations/19.0.1.1.0/{name}-migrate.py")
            spec = importlib.util.spec_from_file_location("migration", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            module.migrate(self.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual((order.o2c_agreed_parts, plain.o2c_agreed_parts), (parts, False))

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
        # Invoiced late: what was overdue still is, to the day.
        for day in days("2026-05-20", 0, 1, 30):
            self.check_day(
                day, parts, invoiced=100000, receivables=oracle(100000, parts, advance=45000))
        with freeze_time("2026-06-25 12:00:00"):
            self.pay_invoice(invoice, 20000, date="2026-06-25")
        for day in days("2026-06-25", 0, 40):
            self.check_day(
                day, parts, invoiced=100000, receivables=oracle(100000, parts, advance=65000))
        # The days before keep their claims.
        for day, advance in ((date(2026, 3, 10), 0), (date(2026, 3, 25), 10000), (date(2026, 4, 30), 45000)):
            expected = [
                ("instalment", due, amount, max(0, (day - due).days))
                for due, amount in oracle(100000, parts, advance=advance)]
            self.assertEqual(self.get_claims(as_of=day), expected)

    def test_payment_term_day_by_day_before_and_after_the_invoice(self):
        """Of 1,000.00 400.00 leave on 10 March and 600.00 on 25 April, 30 days each; 100.00 come in advance,
        the invoice on 20 May."""
        term = self.env["account.payment.term"].create({"name": "30 days", "line_ids": [
            (0, 0, {"value": "percent", "value_amount": 100, "nb_days": 30})]})
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_goods_order([(10, 100)], payment_term_id=term.id)
            self.allocate(self.make_payment(100, date=START), {order: 100})
        first, second = date(2026, 4, 9), date(2026, 5, 25)
        with freeze_time("2026-03-10 12:00:00"):
            self.deliver(order, 4)
        with freeze_time("2026-04-25 12:00:00"):
            self.deliver(order)
        parts = [(40, first), (60, second)]
        acts = {date(2026, 5, 20): self.post_on}
        for day in [date(2026, 4, 25), *days(first, 0, 1, 30), *days("2026-05-19", 0, 1, 2, 6, 7, 40)]:
            with freeze_time(datetime.combine(day, datetime.min.time()).replace(hour=12)):
                acts.get(day, lambda *_args: None)(order, day)
                for as_of in (None, day):
                    self.assertEqual(
                        [row[1:] for row in self.get_claims(as_of=as_of)],
                        [(due, amount, max(0, (day - due).days))
                         for due, amount in oracle(1000, parts, advance=100)], f"{day} as of {as_of}")
                self.assertEqual(self.get_exposure().total, 900)

    def post_on(self, order, day):
        invoice = self.make_invoice(order, post=False)
        invoice.invoice_date = day
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 900)

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

    def test_invoice_that_was_credited_twice_may_be_asked_for_again(self):
        """The second note is a credit of the customer, and the order may be invoiced for it anew."""
        order = self.make_order(1000, o2c_schedule_template_id=self.template.id)
        invoice = self.make_invoice(order)
        self.reconcile(invoice, self.make_credit_note(invoice))
        self.make_credit_note(invoice)
        self.assertEqual([row[3] for row in self.get_instalments(order)], [600, 600, 800])
        self.assertEqual(sum(row[2] for row in self.get_claims()), 1000)
        self.assertEqual(self.get_exposure().total, 1000)

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

    # === WHO PAID, AND AT WHICH RATE === #

    def make_sister(self):
        """Another customer of the same corporate group."""
        sister = self.make_customer("Receipt Sister")
        group = self.env["o2c.corporate.group"].create({"name": "Receipt Group"})
        (self.customer | sister).write({"o2c_corporate_group_id": group.id})
        return sister

    def test_advance_of_a_sister_company_pays_the_instalments_of_the_debtor(self):
        """Whoever is looked at: the debtor alone, the sister alone, or both in one list."""
        sister = self.make_sister()
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_order(1000, o2c_schedule_template_id=self.template.id)
            self.allocate(self.make_payment(450, partner=sister), {order: 450}, user=self.officer)
            self.make_order(200, partner=sister)
            self.make_payment(70, partner=sister)
        expected = [(30, 150.0), (60, 400.0)]
        with freeze_time("2026-03-20 12:00:00"):
            for as_of in (None, date(2026, 3, 20)):
                self.assertEqual(
                    [(row[1], row[2]) for row in self.get_claims(as_of=as_of)],
                    [(days(START, offset)[0], amount) for offset, amount in expected])
                self.assertEqual(
                    sorted(row[2] for row in self.get_claims(sister, as_of=as_of)), [-70.0, 200.0])
            rows = self.env["o2c.claim"].search([("partner_id", "in", (self.customer | sister).ids)])
            self.assertEqual(sorted(rows.mapped("amount")), [-70.0, 150.0, 200.0, 400.0])
            # The books know only who paid; the group owes the same either way.
            own, hers = self.get_exposure().total, self.get_exposure(sister).total
            self.assertEqual((own, hers, own + hers), (1000, 200 - 450 - 70, sum(rows.mapped("amount"))))

    def test_sister_s_money_is_a_credit_again_when_it_is_released(self):
        sister = self.make_sister()
        order = self.make_order(1000, o2c_schedule_template_id=self.template.id)
        row = self.allocate(self.make_payment(450, partner=sister), {order: 450}, user=self.officer)
        self.assertEqual(self.get_claims(sister), [])
        self.reallocate(row, 450, user=self.officer)
        self.assertEqual([claim[2] for claim in self.get_claims(sister)], [-450])
        self.assertEqual(sum(claim[2] for claim in self.get_claims()), 1000)

    def test_advance_at_another_rate_differs_from_the_exposure_by_the_exchange_difference(self):
        """100.00 EUR at 2.00; 120.00 USD come in when the euro is at 2.50: they pay 48.00 EUR."""
        self.make_currency("EUR", 0.5, ("2026-03-10", 0.4))
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_order(100, currency=self.eur, o2c_schedule_template_id=self.template.id)
        with freeze_time("2026-03-20 12:00:00"):
            self.allocate(self.make_payment(120, date="2026-03-20"), {order: 120})
            claims = self.env["o2c.claim"].search([("partner_id", "=", self.customer.id)], order="date_due")
            # 30 + 30 + 40 EUR, of which 48 are paid; open at the rate of the order.
            self.assertEqual(claims.mapped("amount_currency"), [12, 40])
            self.assertEqual(claims.mapped("amount"), [24, 80])
            difference = 48 * (2.5 - 2.0)
            self.assertEqual(self.get_exposure().total, sum(claims.mapped("amount")) - difference)
            invoice = self.make_invoice(order, post=False)
            invoice.invoice_date = "2026-03-20"
            invoice.action_post()
        # Matching realises it: what is left is 52.00 EUR at the rate of the invoice, and both agree.
        self.assertEqual(invoice.amount_residual, 52)
        rest = self.get_claims()
        self.assertAlmostEqual(sum(row[2] for row in rest), 52 * 2.5)
        self.assertAlmostEqual(self.get_exposure().total, 52 * 2.5)

    # === PAST DAYS === #

    def look(self):
        """Claims as people see them on the day."""
        return self.get_claims()

    def check_replay(self, order, acts, at):
        """Do ``acts`` (day: function) and look on each day of ``at``; later every one is shown again."""
        seen = {}
        for day in sorted({*acts, *at}):
            with freeze_time(f"{day} 12:00:00"):
                if day in acts:
                    acts[day]()
                if day in at:
                    seen[day] = self.look()
        with freeze_time("2026-08-01 12:00:00"):
            for day, claims in seen.items():
                self.assertEqual(self.get_claims(as_of=date.fromisoformat(day)), claims, day)
        return seen

    def make_before(self, **values):
        template = self.make_template("Before and after", [
            {"kind": "before_delivery", "percent": 50, "days": -3},
            {"kind": "on_delivery", "percent": 50, "days": 10},
        ])
        with freeze_time(f"{START} 12:00:00"):
            return self.make_goods_order([(10, 100)], o2c_schedule_template_id=template.id, **values)

    def test_past_days_know_nothing_of_later_deliveries(self):
        order = self.make_before(commitment_date="2026-04-01 12:00:00")
        seen = self.check_replay(
            order, {"2026-03-20": lambda: self.deliver(order, 4), "2026-04-20": lambda: self.deliver(order)},
            ("2026-03-10", "2026-03-20", "2026-03-31", "2026-04-05", "2026-04-20", "2026-05-10"))
        # Delivered late: on 5 April the 300.00 of the promised day were overdue by a week.
        self.assertIn(("instalment", date(2026, 3, 29), 300.0, 7), seen["2026-04-05"])
        self.assertIn(("instalment", date(2026, 3, 17), 200.0, 19), seen["2026-04-05"])

    def test_past_days_without_a_promised_day_use_the_planned_one(self):
        self.goods.sale_delay = 20
        order = self.make_before()
        seen = self.check_replay(
            order, {"2026-03-10": lambda: self.deliver(order)}, ("2026-03-05", "2026-03-09", "2026-03-10"))
        self.assertIn(("instalment", date(2026, 3, 19), 500.0, 0), seen["2026-03-09"])
        self.assertIn(("instalment", date(2026, 3, 7), 500.0, 3), seen["2026-03-10"])
