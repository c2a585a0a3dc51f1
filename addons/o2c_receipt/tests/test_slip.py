from datetime import date

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ReceiptCase

FRIDAY = "2026-03-20"


@tagged("post_install", "-at_install", "o2c")
class TestSlip(ReceiptCase):
    """Money that somebody received, on its way to the bank."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls.env.ref("resource.resource_calendar_std")
        cls.company.o2c_tz = "UTC"
        cls.officer.group_ids += cls.env.ref("account.group_account_invoice")
        cls.cashier = cls.make_user("cashier", "account.group_account_invoice")

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(FRIDAY + " 10:00:00"))
        self.order = self.make_order(1000)

    def take(self, user=None, amount=400, **values):
        user = user or self.seller
        action = self.order.with_user(user).action_o2c_take_money()
        wizard = self.env["o2c.receipt.slip.take"].with_user(user).browse(action["res_id"])
        wizard.write({"amount": amount, "means": "cash", "note": "From Mr Li", **values})
        return self.env["o2c.receipt.slip"].browse(wizard.action_take()["res_id"])

    def bank(self, slip, user=None, **values):
        user = user or self.cashier
        action = slip.with_user(user).action_bank()
        wizard = self.env["o2c.receipt.register"].with_user(user).browse(action["res_id"])
        wizard.write(values)
        wizard.action_register()
        return wizard

    def refuse(self, slip, error, call, *args, **kwargs):
        slip.env.flush_all()
        slip.env.invalidate_all()
        before = slip.read()
        payments = self.env["account.payment"].search_count([])
        with mute_logger("odoo.sql_db"), self.assertRaises(error), self.env.cr.savepoint():
            call(*args, **kwargs)
        self.env.invalidate_all()
        self.assertEqual(slip.read(), before)
        self.assertEqual(self.env["account.payment"].search_count([]), payments)

    # === ITS WAY === #

    def test_slip_of_a_salesperson_is_countersigned_and_banked(self):
        slip = self.take()
        self.assertRecordValues(slip, [{
            "state": "received", "received_by_id": self.seller.id, "amount": 400, "needs_countersign": True,
            "received_on": date(2026, 3, 20), "due_date": date(2026, 3, 23), "partner_id": self.customer.id,
        }])
        self.assertIn(self.officer, slip.activity_ids.user_id)
        self.assertNotIn(self.seller, slip.activity_ids.user_id)
        self.assertCollected([0], self.order)
        slip.with_user(self.officer).action_countersign()
        self.assertFalse(slip.activity_ids)
        self.bank(slip)
        self.assertRecordValues(slip, [{
            "state": "banked", "countersigned_by_id": self.officer.id, "banked_by_id": self.cashier.id,
            "banked_on": date(2026, 3, 20), "days_late": 0,
        }])
        self.assertEqual((slip.payment_id.amount, slip.payment_id.state), (400, "in_process"))
        self.assertIn(slip.name, slip.payment_id.memo)
        self.assertCollected([400], self.order)
        events = self.env["o2c.register"].search([("res_model", "=", slip._name), ("res_id", "=", slip.id)])
        self.assertEqual(sorted(events.mapped("event")), ["slip_moved", "slip_moved", "slip_taken"])

    def test_slip_of_finance_needs_no_countersign(self):
        slip = self.take(self.cashier)
        self.assertFalse(slip.needs_countersign)
        self.assertFalse(slip.activity_ids)
        self.refuse(slip, UserError, slip.with_user(self.officer).action_countersign)
        self.bank(slip)
        self.assertEqual(slip.state, "banked")

    def test_who_sells_needs_a_countersign_whatever_else_he_may_do(self):
        both = self.make_user(
            "slip_both", "sales_team.group_sale_salesman_all_leads,account.group_account_invoice")
        slip = self.take(both)
        self.assertTrue(slip.needs_countersign)
        for action in (slip.with_user(both).action_bank, slip.with_user(both).action_countersign):
            self.refuse(slip, UserError, action)
        slip.with_user(self.officer).action_countersign()
        self.refuse(slip, AccessError, slip.with_user(both).action_bank)
        self.bank(slip)
        self.assertEqual(slip.state, "banked")
        for owner in (self.order, self.customer):
            owner.user_id = self.cashier
            self.assertTrue(self.take(self.cashier).needs_countersign, owner)
            owner.user_id = self.seller

    def test_finance_writes_down_what_a_salesperson_brings(self):
        slip = self.take(self.cashier, received_by_id=self.seller.id, received_on="2026-03-19")
        self.assertRecordValues(slip, [{
            "received_by_id": self.seller.id, "needs_countersign": True, "due_date": date(2026, 3, 20)}])

    def test_due_day_follows_the_calendar_of_the_company(self):
        slips = self.env["o2c.receipt.slip"]
        self.env["resource.calendar.leaves"].create({
            "name": "Holiday", "calendar_id": self.company.resource_calendar_id.id,
            "date_from": "2026-03-23 00:00:00", "date_to": "2026-03-23 23:59:59", "resource_id": False})
        for day, due in (("2026-03-18", 19), ("2026-03-19", 20), (FRIDAY, 24), ("2026-03-22", 24)):
            found = slips._get_next_working_day(self.company, fields.Date.to_date(day))
            self.assertEqual(found, date(2026, 3, due), day)
        self.company.resource_calendar_id = False
        self.assertEqual(
            slips._get_next_working_day(self.company, date(2026, 3, 20)), date(2026, 3, 23))

    def test_late_money_is_listed_and_reminded_of_once(self):
        late, fresh = self.take(), None
        self.assertFalse(late.days_late)
        with freeze_time("2026-03-25 10:00:00"):
            fresh = self.take()
            self.env.invalidate_all()
            self.assertEqual((late.days_late, fresh.days_late), (2, 0))
            slips = self.env["o2c.receipt.slip"].with_user(self.officer)
            self.assertEqual(slips.search([("days_late", ">", 0)]), late)
            self.assertIn(fresh, slips.search([("days_late", "<=", 0)]))
            data = slips._get_overview_data("receipt_slips")
            self.assertEqual((data["count"], data["tone"]), (2, "danger"))
            for _day in range(2):
                slips.sudo()._cron_remind_late()
            kind = self.env.ref("o2c_receipt.activity_type_bank")
            reminded = late.activity_ids.filtered(lambda item: item.activity_type_id == kind)
            self.assertEqual(sorted(reminded.user_id.ids), sorted(set(reminded.user_id.ids)))
            self.assertTrue({self.seller, self.officer} <= set(reminded.user_id))
            late.with_user(self.officer).action_countersign()
            self.bank(late, date="2026-03-25")
            self.assertFalse(late.activity_ids)
            self.assertEqual(late.days_late, 2)
            self.assertFalse(slips.search([("days_late", ">", 0)]))

    def test_cancelled_slip_keeps_its_reason(self):
        slip = self.take()
        wizards = self.env["o2c.receipt.slip.void"].with_user(self.officer)
        self.refuse(slip, UserError, wizards.create({"slip_id": slip.id, "reason": " "}).action_void)
        wizards.create({"slip_id": slip.id, "reason": "Handed back"}).action_void()
        self.assertRecordValues(slip, [{"state": "void", "reason": "Handed back", "days_late": 0}])
        self.refuse(slip, UserError, slip.with_user(self.cashier).action_bank)

    # === WHO MAY NOT === #

    def test_nobody_decides_on_what_went_through_the_own_hands(self):
        self.seller.group_ids += self.env.ref("o2c_base.group_finance_officer")
        self.seller.group_ids += self.env.ref("account.group_account_invoice")
        slip = self.take(self.cashier, received_by_id=self.colleague.id)
        self.colleague.group_ids += self.env.ref("o2c_base.group_finance_officer")
        self.colleague.group_ids += self.env.ref("account.group_account_invoice")
        mine = slip.with_user(self.colleague)
        self.refuse(slip, AccessError, mine.action_countersign)
        self.refuse(slip, AccessError, mine.action_bank)
        self.refuse(slip, AccessError, mine.action_void)
        slip.with_user(self.officer).action_countersign()
        self.refuse(slip, AccessError, mine.action_bank)

    def test_others_neither_countersign_nor_bank(self):
        slip = self.take()
        for user in (self.seller, self.auditor, self.cashier):
            self.refuse(slip, AccessError, slip.with_user(user).action_countersign)
        for user in (self.seller, self.auditor):
            self.refuse(slip, AccessError, slip.with_user(user).action_bank)
            self.refuse(slip, AccessError, slip.with_user(user).action_void)
        # Nobody banks what was not countersigned.
        self.refuse(slip, UserError, slip.with_user(self.cashier).action_bank)
        register = self.env["o2c.receipt.register"].with_user(self.cashier).create(
            {"order_id": self.order.id, "slip_id": slip.id})
        self.refuse(slip, UserError, register.action_register)

    def test_less_than_was_received_is_not_banked(self):
        slip = self.take()
        slip.with_user(self.officer).action_countersign()
        other = self.make_order(1000)
        for values in ({"amount": 399.99}, {"order_id": other.id}, {"direction": "out"},
                       {"currency_id": self.eur.id, "amount": 400}):
            self.refuse(slip, UserError, self.bank, slip, **values)
        self.bank(slip)
        self.refuse(slip, UserError, self.bank, slip)

    def test_slips_are_made_and_changed_by_actions_only(self):
        slip = self.take()
        for user in (self.seller, self.officer, self.cashier, self.auditor):
            for method, args in (
                ("write", (slip.ids, {"state": "banked"})), ("write", (slip.ids, {"amount": 1})),
                ("unlink", (slip.ids,)), ("copy", (slip.ids,)),
                ("create", ([{"order_id": self.order.id, "amount": 5}],)),
            ):
                self.refuse(slip, AccessError, self.call, user, slip._name, method, *args)

    def test_salesperson_writes_down_only_the_own_and_only_for_orders_seen(self):
        self.refuse(self.take(), AccessError, self.take, self.seller, received_by_id=self.colleague.id)
        self.refuse(self.take(), AccessError, self.take, self.colleague)
        self.refuse(self.take(), AccessError, self.take, self.auditor)
        self.refuse(self.take(), UserError, self.take, amount=0)
        self.refuse(self.take(), UserError, self.take, received_on="2026-03-21")
        slip = self.take()
        with self.assertRaises(AccessError):
            slip.with_user(self.colleague).read(["amount"])

    # === OPEN RECEIPTS === #

    def test_salesperson_reads_an_open_receipt_without_the_payment(self):
        payment = self.make_payment(700)
        self.allocate(payment, {self.order: 300})
        self.customer.user_id = self.seller
        self.env.flush_all()
        receipts = self.env["o2c.receipt"]
        [row] = receipts.with_user(self.seller).search([("payment_id", "=", payment.id)])
        action = row.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("o2c.receipt", row.id))
        self.assertEqual(row.allocation_ids.order_id, self.order)
        self.assertEqual(row.free_amount, 400)
        row.web_read({"display_name": {}, "journal_id": {"fields": {"display_name": {}}},
                      "partner_id": {"fields": {"display_name": {}}},
                      "allocation_ids": {"fields": {"order_id": {"fields": {"display_name": {}}}}}})
        action = row.with_user(self.accountant).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.payment", payment.id))
