"""The forecast of invoices against a computation of its own, in plain Python with decimals."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import GateCase

MODEL = "o2c.invoice.forecast"
TODAY = date(2026, 3, 2)
UNITS = {"USD": "0.01", "EUR": "0.01", "JPY": "1", "KWD": "0.001"}


def forecast(total, invoiced, money, payments, *, unit, threshold=60, rule="whole"):
    """``[(day, basis, amount)]`` that become allowed, with all that is known written out by hand.

    :param payments: ``[(day, basis, amount)]`` of expected money, in the order in which it comes
    """
    total, money, unit = Decimal(str(total)), Decimal(str(money)), Decimal(unit)
    allowed, found = Decimal(str(invoiced)), []
    for day, basis, amount in [(TODAY, "ready", 0), *payments]:
        money += Decimal(str(amount))
        if rule == "whole":
            limit = total if money * 100 >= total * threshold else allowed
        else:
            limit = min(total, (money * 100 / threshold).quantize(unit, ROUND_DOWN))
        if limit > allowed:
            found.append((day, basis, float(limit - allowed)))
            allowed = limit
    if total > allowed:
        found.append((None, "nothing", float(total - allowed)))
    return found


def day(offset):
    return TODAY + timedelta(days=offset)


@tagged("post_install", "-at_install", "o2c")
class TestForecast(GateCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_tz = "UTC"
        cls.promises = cls.env["o2c.payment.promise"]
        cls.env["sale.order"].search([("state", "=", "sale")])._action_cancel()

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(f"{TODAY} 10:00:00"))

    # --- documents ---

    def promise(self, order, *parts):
        """Promises of ``(days from today, amount)``, by the salesperson."""
        for offset, amount in parts:
            self.promises.with_user(self.seller)._record(
                order.with_user(self.seller), amount, day=day(offset), means="transfer")

    def make_scheduled(self, amount, parts, **values):
        """Order with parts of ``(percent, days after confirmation)``."""
        order = self.make_order(amount, confirm=False, **values)
        order.o2c_instalment_ids = [Command.clear(), *(
            Command.create({"kind": "deposit", "percent": percent, "trigger": "confirmation", "days": days})
            for percent, days in parts)]
        order.action_confirm()
        return order

    def invoice_part(self, order, amount):
        """What is on a posted invoice, past the controls: a down payment of long ago."""
        self.set_control("invoice_ratio", "off")
        self.set_control("invoice_application", "off")
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids).create(
                {"advance_payment_method": "fixed", "fixed_amount": amount})
        wizard.create_invoices()
        order.invoice_ids.filtered(lambda move: move.state == "draft").action_post()
        self.set_control("invoice_ratio")
        self.set_control("invoice_application")

    def get_rows(self, *orders, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env[MODEL].with_user(user or self.officer)
        return rows.search([("order_id", "in", [order.id for order in orders])], order="order_id, id")

    def show(self, order):
        return [(row.date or None, row.basis, row.amount) for row in self.get_rows(order)]

    def fill(self, currency, factor):
        """Orders of one currency, with what is known of each: ``{order: arguments of the oracle}``."""
        unit = UNITS[currency.name]
        cut = Decimal(unit)

        def amount(value):
            return float((Decimal(str(value)) * Decimal(str(factor))).quantize(cut, ROUND_HALF_UP))

        total, least = amount(100000), float(cut)
        short = float(Decimal(str(amount(60000))) - cut)
        made = {}

        def add(money=0.0, promised=(), parts=(), invoiced=0.0, value=total):
            order = (self.make_scheduled(value, parts, currency=currency) if parts
                     else self.make_order(value, currency=currency))
            if money:
                self.pay(order, money, currency=currency, date="2026-03-02")
            if invoiced:
                self.invoice_part(order, invoiced)
            self.promise(order, *promised)
            if promised:
                payments = [(day(offset), "promise", part) for offset, part in sorted(promised)]
            else:
                payments = self.plan(value, parts or [(100, 0)], money, cut)
            made[order] = {"total": value, "invoiced": invoiced, "money": money, "payments": payments,
                           "unit": unit}
        add()
        add(money=amount(60000))
        add(money=short, promised=[(9, least)])
        add(money=short)
        add(promised=[(5, amount(30000)), (40, amount(30000))])
        add(promised=[(5, amount(30000)), (40, short - amount(30000))])
        add(money=amount(10000), parts=[(30, 10), (40, 45), (30, 90)])
        add(money=amount(45000), promised=[(3, amount(15000))], parts=[(30, 10), (40, 45), (30, 90)])
        add(money=amount(70000), invoiced=amount(30000))
        add(money=amount(20000), invoiced=amount(20000), promised=[(12, amount(25000)), (13, amount(25000))])
        add(money=amount(33333), value=amount(77777.77), promised=[(20, amount(11111))])
        return made

    @staticmethod
    def plan(total, parts, money, cut):
        """What is not paid of a schedule: money serves the oldest part first."""
        total, rest, found, spent = Decimal(str(total)), Decimal(str(money)), [], Decimal(0)
        for number, (percent, days) in enumerate(parts, 1):
            part = total - spent if number == len(parts) else (total * percent / 100).quantize(
                cut, ROUND_HALF_UP)
            spent += part
            paid = min(rest, part)
            rest -= paid
            if part > paid:
                found.append((day(days), "schedule", part - paid))
        return found

    # === AGAINST THE ORACLE === #

    def check_everything(self, rule):
        self.set_policy(rule=rule)
        cases, months, rates = {}, defaultdict(Decimal), {"USD": 1, "EUR": 0.5, "JPY": 150, "KWD": 0.25}
        for currency, factor in ((self.usd, 1), (self.jpy, 150), (self.kwd, 0.25)):
            cases |= self.fill(currency, factor)
        self.assertEqual(len(cases), 33)
        rows = self.get_rows(*cases)
        shown = defaultdict(list)
        for row in rows:
            shown[row.order_id].append((row.date or None, row.basis, row.amount))
            self.assertEqual(row.collected, cases[row.order_id]["money"])
            self.assertEqual(row.invoiced, cases[row.order_id]["invoiced"])
        for order, known in cases.items():
            with self.subTest(order=order.name, **known):
                expected = forecast(**known, rule=rule)
                self.assertEqual(
                    [(*key, round(amount, 6)) for *key, amount in shown[order]],
                    [(*key, round(amount, 6)) for *key, amount in expected])
            allowed = start = Decimal(str(known["invoiced"]))
            for when, _basis, part in expected:
                allowed += Decimal(str(part))
                worth = [(value / Decimal(str(rates[order.currency_id.name]))).quantize(
                    Decimal("0.01"), ROUND_HALF_UP) for value in (allowed, start)]
                months[when and when.replace(day=1)] += worth[0] - worth[1]
                start = allowed
        groups = self.env[MODEL].with_user(self.officer)._read_group(
            [("order_id", "in", rows.order_id.ids)], ["date:month"], ["amount_company:sum"])
        self.assertEqual(
            {month or None: round(total, 2) for month, total in groups},
            {month: float(total) for month, total in months.items()})

    def test_whole_order_against_the_oracle(self):
        self.check_everything("whole")

    def test_proportional_against_the_oracle(self):
        self.check_everything("proportional")

    # === CASES BY HAND === #

    def test_a_cent_that_is_promised(self):
        order = self.make_order(100000)
        self.pay(order, 59999.99)
        self.promise(order, (9, 0.01))
        self.assertEqual(self.show(order), [(day(9), "promise", 100000)])
        self.set_policy(rule="proportional")
        self.assertEqual(self.show(order), [
            (TODAY, "ready", 99999.98), (day(9), "promise", 0.02)])

    def test_what_the_gate_says_of_ready_orders(self):
        for rule in ("whole", "proportional"):
            self.set_policy(rule=rule)
            order = self.make_order([300.01, 699.99])
            self.pay(order, 600 if rule == "whole" else 333.33)
            [(_day, basis, amount), *_more] = self.show(order)
            gate, terms = self.env["o2c.invoice.gate"], self.env["o2c.invoice.policy"]._get_terms(order)
            figures = gate._get_figures(order)[order.id]
            self.assertEqual(basis, "ready")
            self.assertEqual(gate._get_missing(order, terms, figures, more=amount), 0)
            if rule == "proportional":
                self.assertGreater(gate._get_missing(order, terms, figures, more=amount + 0.01), 0)

    def test_overdue_part_of_the_schedule_is_expected_today(self):
        order = self.make_scheduled(1000, [(60, 0), (40, 30)])
        with freeze_time("2026-03-12 10:00:00"):
            row = self.get_rows(order)
            self.assertRecordValues(row, [{
                "date": date(2026, 3, 12), "basis": "schedule", "is_overdue": True, "amount": 1000,
                "expected": 600}])

    def test_broken_promise_lets_expect_nothing(self):
        order = self.make_scheduled(1000, [(60, 0), (40, 30)])
        self.promise(order, (5, 600))
        self.assertEqual(self.show(order), [(day(5), "promise", 1000)])
        with freeze_time("2026-03-10 10:00:00"):
            self.assertEqual(self.show(order), [(date(2026, 3, 10), "schedule", 1000)])

    def test_promise_that_is_not_enough_leaves_the_rest_open(self):
        order = self.make_scheduled(1000, [(60, 0), (40, 30)])
        self.promise(order, (5, 599.99))
        self.assertEqual(self.show(order), [(None, "nothing", 1000)])

    def test_money_that_is_not_cleared_is_on_its_way(self):
        self.set_policy(receipts="cleared")
        order = self.make_order(1000)
        self.pay(order, 400)
        self.promise(order, (5, 200))
        self.assertEqual(self.show(order), [(day(5), "promise", 1000)])
        self.pay(order, 200)
        self.assertEqual(self.show(order), [(TODAY, "clearing", 1000)])
        self.assertEqual(self.get_rows(order).collected, 0)

    def test_invoiced_cancelled_and_unjudged_orders_are_not_listed(self):
        done, gone = self.make_order(100), self.make_order(100)
        self.pay(done, 100)
        self.issue(done)
        gone._action_cancel()
        plain = self.make_order(100, confirm=False)
        self.assertFalse(self.get_rows(done, gone, plain))
        tag = self.env["res.partner.category"].create({"name": "Forecast"})
        self.set_policy(partner_category_ids=[Command.set(tag.ids)])
        self.assertFalse(self.get_rows(self.make_order(100)))

    def test_day_is_that_of_the_company(self):
        self.company.o2c_tz = "Asia/Shanghai"
        order = self.make_order(100)
        self.pay(order, 100)
        with freeze_time("2026-03-05 20:00:00"):
            self.assertEqual(self.show(order), [(date(2026, 3, 6), "ready", 100)])

    # === PEOPLE AND COST === #

    def test_who_sees_what(self):
        order, other = self.make_order(100), self.make_order(100, user_id=self.colleague.id)
        for user in (self.officer, self.director, self.accountant, self.auditor):
            self.assertEqual(self.get_rows(order, other, user=user).order_id, order | other)
        self.assertEqual(self.get_rows(order, other, user=self.seller).order_id, order)
        with self.assertRaises(AccessError):
            self.get_rows(order, user=self.warehouse_user)
        row = self.get_rows(order)
        for call in (lambda: row.write({"amount": 0}), row.unlink, lambda: row.create({})):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                call()
        self.assertFalse(self.get_rows(self.make_order(100, company=self.other_company)))
        self.assertEqual(row.action_open_order()["res_id"], order.id)

    def test_list_and_pivot_cost_one_statement(self):
        for _number in range(3):
            self.promise(self.make_order(100), (3, 10))
        rows = self.env[MODEL].with_user(self.officer)
        rows.search([], limit=1)
        self.env.flush_all()
        with self.assertQueryCount(1):
            rows.search([("date", "<", fields.Date.to_string(day(30)))])
        with self.assertQueryCount(1):
            rows._read_group([], ["date:month"], ["amount_company:sum"])
