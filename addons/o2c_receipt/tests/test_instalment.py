from datetime import date, datetime

from freezegun import freeze_time
from odoo import Command
from odoo.tests import tagged

from .schedule_common import ScheduleCase, days

START = "2026-03-02"
DEPOSIT, SECOND, RETENTION = range(3)


class Shadow:
    """An order of 30/30/40 cent by cent: which of them are invoiced, and by what they are paid.

    Knows nothing of axes and advances: it lays coins on places, named ones first, then the others on the
    oldest free place.
    """

    def __init__(self, total, dues, *, invoiced=0.0, gifts=()):
        """:param gifts: ``[(number of the part or None, amount)]``, negative: paid back"""
        cents = round(total * 100)
        sizes = [cents * 30 // 100, cents * 30 // 100]
        self.dues, self.sizes = dues, [*sizes, cents - sum(sizes)]
        self.invoiced = self.fill(round(invoiced * 100), self.sizes)
        named = [max(0, round(100 * sum(amount for part, amount in gifts if part == number)))
                 for number in range(3)]
        money = max(0, round(100 * sum(amount for _part, amount in gifts)))
        self.named = []
        for wanted, size in zip(named, self.sizes, strict=True):
            self.named.append(min(wanted, size, money - sum(self.named)))
        self.others = money - sum(self.named)

    @staticmethod
    def fill(money, places):
        """Lay coins on places from the first on."""
        laid = []
        for place in places:
            laid.append(min(place, money))
            money -= laid[-1]
        return laid

    def get_received(self):
        free = [size - named for size, named in zip(self.sizes, self.named, strict=True)]
        return [(named + other) / 100
                for named, other in zip(self.named, self.fill(self.others, free), strict=True)]

    def get_claims(self):
        """``[(source, due, amount)]``: what invoices ask for, and what is not invoiced.

        Coins without a name go to what is invoiced before they go to what is not.
        """
        booked = [max(0, invoiced - named)
                  for invoiced, named in zip(self.invoiced, self.named, strict=True)]
        later = [size - invoiced - max(0, named - invoiced)
                 for size, invoiced, named in zip(self.sizes, self.invoiced, self.named, strict=True)]
        on_booked = self.fill(self.others, booked)
        on_later = self.fill(self.others - sum(on_booked), later)
        rows = [("receivable", due, (amount - paid) / 100)
                for due, amount, paid in zip(self.dues, booked, on_booked, strict=True)]
        rows += [("instalment", due, (amount - paid) / 100)
                 for due, amount, paid in zip(self.dues, later, on_later, strict=True)]
        return sorted((row for row in rows if row[2]), key=lambda row: (row[1], row[0]))


class InstalmentCase(ScheduleCase):
    """Receipts that are given to one instalment."""

    def setUp(self):
        super().setUp()
        with freeze_time(f"{START} 12:00:00"):
            self.order = self.make_order([600, 400], o2c_schedule_template_id=self.template.id)
        self.parts = self.order.o2c_instalment_ids.sorted("sequence")
        self.dues = days(START, 0, 30, 60)

    def give(self, part, amount, *, day="2026-03-20", outbound=False, **values):
        """Through the wizard, as accounting does; ``part`` None: to the order."""
        with freeze_time(f"{day} 12:00:00"):
            payment = self.make_payment(amount, date=day, outbound=outbound, **values)
            self.give_payment(payment, part, amount)
        return payment

    def give_payment(self, payment, part, amount, *, user=None, order=None):
        wizard_model = self.env["o2c.receipt.allocate"].with_user(user or self.accountant)
        action = wizard_model._start(receipt=payment.with_user(user or self.accountant))
        wizard, order = wizard_model.browse(action["res_id"]), order or self.order
        line = wizard.line_ids.filtered(lambda item: item.order_id == order)
        if not line:
            line = wizard.line_ids.create({
                **wizard._prepare_receipt_vals(payment), "wizard_id": wizard.id, "order_id": order.id,
                "currency_id": payment.currency_id.id})
        line.write({"amount": amount, "instalment_id": False if part is None else self.parts[part].id})
        (wizard.line_ids - line).amount = 0
        wizard.action_allocate()

    def get_rows(self, payment):
        return payment.o2c_allocation_ids.filtered(lambda row: row.state == "active")

    def get_received(self):
        return [row[5] for row in self.get_instalments(self.order)]

    def get_named(self):
        self.env.flush_all()
        return [row.named for row in self.env["o2c.schedule"]._get_instalments(self.order)[self.order.id]]

    def make_part_invoice(self, line):
        """Invoice of one line of the order."""
        invoice = self.order._create_invoices(final=True)
        invoice.invoice_line_ids.filtered(lambda item: item.sale_line_ids != line).unlink()
        invoice.invoice_date = "2026-04-15"
        invoice.action_post()
        return invoice


@tagged("post_install", "-at_install", "o2c")
class TestInstalment(InstalmentCase):
    """The figures of a named instalment against a shadow that lays coins."""

    # === DAY BY DAY === #

    def check(self, day, gifts, *, invoiced=0.0):
        shadow = Shadow(1000, self.dues, invoiced=invoiced, gifts=gifts)
        expected = [(source, due, amount, max(0, (day - due).days))
                    for source, due, amount in shadow.get_claims()]
        with freeze_time(datetime.combine(day, datetime.min.time()).replace(hour=12)):
            for as_of in (None, day):
                self.assertEqual(self.get_claims(as_of=as_of), expected, f"{day} as of {as_of}")
            self.assertEqual(self.get_received(), shadow.get_received(), day)
            total = sum(row[2] for row in expected)
            self.assertAlmostEqual(self.get_exposure().total, total, 2)
            self.assertAlmostEqual(total, 1000 - sum(amount for _part, amount in gifts), 2)

    def test_named_money_pays_its_part_and_the_rest_the_oldest_day_by_day(self):
        for day in days(START, 0, 1, 31):
            self.check(day, [])
        gifts = [(RETENTION, 250.5)]
        self.give(RETENTION, 250.5, day="2026-03-20")
        for day in days("2026-03-20", 0, 12, 80):
            self.check(day, gifts)
        gifts.append((None, 350))
        self.give(None, 350, day="2026-04-03")
        for day in days("2026-04-03", 0, 30):
            self.check(day, gifts)
        with freeze_time("2026-04-15 12:00:00"):
            invoice = self.make_part_invoice(self.order.order_line[0])
        # 600.00 are invoiced: deposit and second part. What the retention has waits for its invoice.
        self.assertEqual(invoice.amount_residual, 250)
        self.check(date(2026, 4, 15), gifts, invoiced=600)
        gifts.append((SECOND, 100))
        self.give(SECOND, 100, day="2026-04-20")
        self.assertEqual(invoice.amount_residual, 150)
        self.check(date(2026, 4, 20), gifts, invoiced=600)
        with freeze_time("2026-05-02 12:00:00"):
            last = self.make_part_invoice(self.order.order_line[1])
        self.assertEqual((last.amount_residual, invoice.amount_residual), (149.5, 150))
        self.check(date(2026, 5, 20), gifts, invoiced=1000)
        # The days before keep their claims.
        for day, past in (
                (date(2026, 3, 10), []), (date(2026, 3, 25), gifts[:1]), (date(2026, 4, 10), gifts[:2])):
            claims = Shadow(1000, self.dues, gifts=past).get_claims()
            self.assertEqual([row[:3] for row in self.get_claims(as_of=day)], claims, day)

    def test_one_invoice_is_paid_where_the_money_was_given(self):
        self.give(RETENTION, 300)
        self.give(SECOND, 120)
        with freeze_time("2026-06-15 12:00:00"):
            invoice = self.make_invoice(self.order)
        lines = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(
            [(line.date_maturity, line.amount_residual) for line in lines.sorted("date_maturity")],
            list(zip(self.dues, (300, 180, 100), strict=True)))
        self.assertCollected([420], self.order)
        self.check(date(2026, 6, 20), [(RETENTION, 300), (SECOND, 120)], invoiced=1000)
        # More for the retention than it lacks: the rest pays the oldest.
        self.give(RETENTION, 150, day="2026-06-21")
        self.check(date(2026, 6, 22), [(RETENTION, 450), (SECOND, 120)], invoiced=1000)

    def test_receipt_on_the_liability_account_is_carried_to_its_part(self):
        account = self.env["account.account"].create({
            "name": "Contract liabilities", "code": "220400", "account_type": "liability_current",
            "reconcile": True})
        self.company.o2c_advance_account_id = account
        wizard = self.env["o2c.receipt.register"].with_user(self.accountant).create({
            "order_id": self.order.id, "instalment_id": self.parts[RETENTION].id, "date": "2026-03-20"})
        self.assertEqual(wizard.amount, 400)
        wizard.amount = 250
        wizard.action_register()
        with freeze_time("2026-04-15 12:00:00"):
            self.assertEqual(self.make_part_invoice(self.order.order_line[0]).amount_residual, 600)
            last = self.make_part_invoice(self.order.order_line[1])
        self.assertEqual(last.amount_residual, 150)
        transfer = self.env["o2c.receipt.transfer"].search([("state", "=", "done")])
        self.assertEqual((transfer.invoice_id, transfer.amount), (last, 250))
        self.check(date(2026, 4, 20), [(RETENTION, 250)], invoiced=1000)

    def test_part_that_is_full_leaves_the_rest_to_the_oldest(self):
        self.give(RETENTION, 700)
        self.assertEqual(self.get_received(), [300, 0, 400])
        self.assertEqual(self.get_named(), [0, 0, 400])
        self.check(date(2026, 3, 21), [(RETENTION, 700)])

    def test_part_of_several_days_is_filled_from_its_first(self):
        with freeze_time(f"{START} 12:00:00"):
            order = self.make_goods_order(
                [(10, 100)], o2c_schedule_template_id=self.template.id,
                commitment_date="2026-04-01 12:00:00")
        with freeze_time("2026-03-11 12:00:00"):
            self.deliver(order, 4)
            self.order, self.parts = order, order.o2c_instalment_ids.sorted("sequence")
            payment = self.make_payment(200)
            self.give_payment(payment, RETENTION, 200)
            # Deposit, 120 and 180 of the second part, 160 and 240 of the retention, by due date.
            self.assertEqual(
                [(row[1], row[3], row[5]) for row in self.get_instalments(order)],
                [("deposit", 300, 0), ("on_delivery", 120, 0), ("on_delivery", 180, 0),
                 ("retention", 160, 160), ("retention", 240, 40)])

    def test_foreign_receipt_counts_in_the_currency_of_the_order(self):
        self.give(RETENTION, 100, currency=self.eur)
        self.assertEqual(self.get_received(), [0, 0, 200])
        self.check(date(2026, 3, 21), [(RETENTION, 200)])

    # === MONEY THAT GOES AWAY === #

    def test_reallocation_to_another_part_and_back_to_the_oldest(self):
        payment = self.give(RETENTION, 400)
        with freeze_time("2026-03-22 12:00:00"):
            self.move(self.get_rows(payment), 150, self.parts[SECOND])
        self.assertEqual(self.get_received(), [0, 150, 250])
        self.check(date(2026, 3, 23), [(RETENTION, 250), (SECOND, 150)])
        row = self.get_rows(payment).filtered(lambda item: item.instalment_id == self.parts[SECOND])
        self.assertEqual(row.amount, 150)
        with freeze_time("2026-03-24 12:00:00"):
            self.move(row, 150, None)
        self.assertEqual(self.get_received(), [150, 0, 250])
        self.check(date(2026, 3, 25), [(RETENTION, 250), (None, 150)])
        # History: what was named on a day counts on that day.
        self.assertEqual(
            [row[:3] for row in self.get_claims(as_of=date(2026, 3, 23))],
            Shadow(1000, self.dues, gifts=[(RETENTION, 250), (SECOND, 150)]).get_claims())
        entry = self.env["o2c.register"].search([("event", "=", "receipt_allocated")], limit=1)
        self.assertIn("Retention 40 %", entry.message)
        self.assertEqual(dict(entry.evidence)["instalment"], "Retention 40 %")

    def move(self, row, amount, part):
        wizard = self.env["o2c.receipt.reallocate"].with_user(self.accountant).create({
            "allocation_id": row.id, "amount": amount, "reason": "Meant for that", "action": "move",
            "order_id": self.order.id, "instalment_id": part.id if part else False})
        wizard.action_reallocate()

    def test_money_paid_back_leaves_the_part_that_it_names(self):
        self.give(RETENTION, 400)
        self.give(None, 100)
        self.give(RETENTION, 150, outbound=True, day="2026-03-22")
        self.check(date(2026, 3, 23), [(RETENTION, 250), (None, 100)])
        # Without a name it takes what has no name first.
        self.give(None, 120, outbound=True, day="2026-03-24")
        self.assertEqual(self.get_received(), [0, 0, 230])
        self.check(date(2026, 3, 25), [(RETENTION, 250), (None, -20)])

    def test_cancelled_receipt_counts_for_no_part(self):
        payment = self.give(RETENTION, 400)
        self.give(None, 100)
        payment.action_draft()
        self.assertEqual(self.get_received(), [100, 0, 0])
        payment.action_post()
        self.assertEqual(self.get_received(), [100, 0, 400])

    def test_money_that_was_matched_elsewhere_counts_for_what_is_left(self):
        payment = self.give(RETENTION, 400)
        self.give(None, 50)
        other = self.pay_elsewhere(payment, 300)
        self.assertEqual(other.amount_residual, 0)
        self.assertCollected([150], self.order)
        self.assertEqual(self.get_received(), [50, 0, 100])

    def pay_elsewhere(self, payment, amount):
        """By hand, an accountant matches the receipt with an invoice of no order."""
        invoice = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.customer.id, "invoice_date": "2026-03-25",
            "invoice_line_ids": [Command.create(
                {"name": "Other", "quantity": 1, "price_unit": amount, "tax_ids": [Command.clear()]})]})
        invoice.action_post()
        self.reconcile(invoice, payment.move_id)
        return invoice

    # === THE SCHEDULE CHANGES === #

    def change(self, keep, **values):
        """The parts ``keep`` stay, the first of them with other terms; a new one takes the rest."""
        wizard = self.env["o2c.schedule.change"].with_user(self.manager)
        wizard = wizard.browse(wizard._start(self.order.with_user(self.manager))["res_id"])
        lines = wizard.line_ids.sorted("sequence")
        kept = lines.filtered(lambda line: line.instalment_id in keep)
        kept[:1].write(values)
        wizard.line_ids = [
            *(Command.delete(line.id) for line in lines - kept),
            Command.create({"sequence": 9, "kind": "on_delivery", "days": 90,
                            "percent": 100 - sum(kept.mapped("percent"))})]
        wizard.reason = "Agreed by mail"
        wizard.action_change()

    def test_part_that_stays_keeps_its_money_and_a_removed_one_gives_it_to_the_oldest(self):
        payment = self.give(RETENTION, 150)
        self.give(SECOND, 200)
        self.change(self.parts[DEPOSIT] | self.parts[RETENTION], days=2)
        kept = self.parts[DEPOSIT] | self.parts[RETENTION]
        self.assertEqual(self.order.o2c_instalment_ids & self.parts, kept)
        rows = [(row.kind, row.received) for row in
                self.env["o2c.schedule"]._get_instalments(self.order)[self.order.id]]
        self.assertEqual(rows, [("deposit", 200), ("retention", 150), ("on_delivery", 0)])
        self.assertEqual(self.get_rows(payment).instalment_id, self.parts[RETENTION])
        rows = self.env["o2c.receipt.allocation"].search([("order_id", "=", self.order.id)])
        dropped = rows.filtered("is_dropped")
        self.assertRecordValues(dropped, [
            {"instalment_id": False, "instalment_name": "On delivery 30 %", "state": "active",
             "amount": 200}])
        entry = self.env["o2c.register"].search([("event", "=", "instalment_dropped")])
        self.assertEqual((entry.res_id, entry.amount, entry.user_ref), (dropped.id, 200, self.manager.id))
        bodies = self.order.message_ids.mapped("body")
        self.assertTrue(any("no longer in the schedule" in body for body in bodies))

    def test_order_that_goes_back_to_its_payment_term_serves_the_oldest(self):
        self.give(RETENTION, 150)
        wizard = self.env["o2c.schedule.change"].with_user(self.manager).create(
            {"order_id": self.order.id, "reason": "No schedule any more"})
        wizard.action_change()
        self.assertEqual(self.get_received(), [150])
        self.assertEqual(len(self.env["o2c.register"].search([("event", "=", "instalment_dropped")])), 1)

    # === PAYMENT REQUESTS === #

    def ask(self):
        action = self.order.with_user(self.seller).action_o2c_request_payment()
        return self.env["o2c.payment.request"].browse(action["res_id"])

    def assertStatus(self, *expected):
        requests = self.order.o2c_payment_request_ids.sorted("threshold")
        self.env.invalidate_all()
        self.assertEqual(
            [(item.no, item.received, item.status) for item in requests.with_user(self.officer)],
            list(expected))
        for request in requests:
            for status in ("open", "partial", "paid"):
                found = requests.search([("id", "=", request.id), ("status", "=", status)])
                self.assertEqual(bool(found), request.status == status, (request.no, status))

    def test_requests_are_paid_by_what_was_given_to_their_part(self):
        for _press in range(3):
            self.ask()
        self.give(RETENTION, 400)
        self.assertStatus((1, 0, "open"), (2, 0, "open"), (3, 400, "paid"))
        self.give(None, 350)
        self.assertStatus((1, 300, "paid"), (2, 50, "partial"), (3, 400, "paid"))

    def test_paid_part_is_not_asked_for(self):
        self.give(SECOND, 300)
        self.give(RETENTION, 100)
        first, second = self.ask(), self.ask()
        self.assertRecordValues(first | second, [
            {"no": 1, "amount": 300, "threshold": 300, "instalment_id": self.parts[DEPOSIT].id},
            {"no": 3, "amount": 300, "threshold": 1000, "instalment_id": self.parts[RETENTION].id}])
        self.give(None, 300)
        self.assertStatus((1, 300, "paid"), (3, 0, "open"))

    def test_receipt_of_a_request_is_given_to_its_part(self):
        first, second = self.ask(), self.ask()
        action = second.with_user(self.accountant).action_register_receipt()
        wizard = self.env[action["res_model"]].with_user(self.accountant).browse(action["res_id"])
        self.assertEqual((wizard.instalment_id, wizard.amount), (self.parts[SECOND], 300))
        wizard.action_register()
        self.assertStatus((1, 0, "open"), (2, 300, "paid"))
        payment = self.make_payment(300, memo=f"your request {first.name}")
        action = payment.with_user(self.accountant).action_o2c_allocate()
        line = self.env["o2c.receipt.allocate"].with_user(self.accountant).browse(action["res_id"]).line_ids
        self.assertRecordValues(line, [{
            "order_id": self.order.id, "instalment_id": self.parts[DEPOSIT].id, "amount": 300,
            "hint": "reference", "has_instalments": True}])

    # === WHAT PEOPLE CHOOSE FROM === #

    def test_choice_says_due_date_and_what_is_missing(self):
        self.give(SECOND, 120)
        part = self.parts[SECOND].with_user(self.accountant)
        self.assertEqual((part.date_due, part.received, part.missing), (self.dues[SECOND], 120, 180))
        self.assertEqual(part.display_name, "On delivery 30 %")
        shown = part.with_context(o2c_show_missing=True).display_name
        self.assertIn("180.00", shown)
        for typed in ("on deliv", "On delivery 30 %", "ON DELIVERY"):
            found = part.browse().name_search(typed, [("order_id", "=", self.order.id)])
            self.assertEqual([row[0] for row in found], part.ids, typed)
        self.assertFalse(part.browse().name_search("nothing like it", [("order_id", "=", self.order.id)]))
        self.assertIn("04/01/2026", shown)
        self.assertIn("120.00", self.order.with_user(self.seller).o2c_schedule_html)


@tagged("post_install", "-at_install", "o2c")
class TestFirstPaymentNamed(InstalmentCase):
    """What was given to the retention is no deposit (D7)."""

    def test_named_money_of_later_parts_lets_no_goods_leave(self):
        [verdict] = self.order._get_o2c_first_payment_verdicts()
        self.assertEqual((verdict.severity, verdict.excess), ("hold", 300))
        self.give(RETENTION, 400)
        [verdict] = self.order._get_o2c_first_payment_verdicts()
        self.assertEqual((verdict.severity, verdict.excess), ("hold", 300))
        # What the retention can't hold is for the oldest.
        self.give(RETENTION, 100)
        [verdict] = self.order._get_o2c_first_payment_verdicts()
        self.assertEqual((verdict.severity, verdict.excess), ("hold", 200))
        self.give(DEPOSIT, 200)
        self.assertEqual(self.order._get_o2c_first_payment_verdicts()[0].severity, "pass")
