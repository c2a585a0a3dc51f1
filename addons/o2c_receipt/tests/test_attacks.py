from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ReceiptCase

MODEL = "o2c.receipt.allocation"


@tagged("post_install", "-at_install", "o2c")
class TestAttacks(ReceiptCase):
    """Each attempt ends refused, and nothing has changed."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order(1000)
        self.payment = self.make_payment(600)
        [self.row] = self.allocate(self.payment, {self.order: 600})
        self.everybody = (self.accountant, self.officer, self.seller, self.auditor)

    def refuse(self, call, *args, **kwargs):
        """The call is refused; order, rows and free money stay what they were."""
        before = self.look()
        with mute_logger("odoo.sql_db"), self.assertRaises(UserError), self.env.cr.savepoint():
            call(*args, **kwargs)
        self.env.invalidate_all()
        self.assertEqual(self.look(), before)

    def look(self):
        rows = self.env[MODEL].search([])
        return (self.get_collected(self.order), rows.mapped("amount"), rows.mapped("state"),
                rows.order_id.ids, self.payment.amount, self.payment._get_o2c_free())

    # === ROWS === #

    def test_rows_can_be_made_changed_and_deleted_by_nobody(self):
        values = {
            "payment_id": self.payment.id, "receipt_ref": self.payment.id, "order_id": self.order.id,
            "partner_id": self.customer.id, "company_id": self.company.id, "currency_id": self.usd.id,
            "order_currency_id": self.usd.id, "amount": 400, "order_amount": 400, "state": "active",
            "origin": "manual", "date_from": "2026-03-20 10:00:00", "user_id": self.accountant.id,
        }
        context = {"o2c_guard_pass": True, "default_amount": 9999, "install_mode": True}
        defaults = {f"default_{name}": value for name, value in values.items()}
        for user in self.everybody:
            self.refuse(self.call, user, MODEL, "create", [values], context=context)
            self.refuse(self.call, user, MODEL, "create", [{}], context=defaults)
            self.refuse(self.call, user, MODEL, "write", self.row.ids, {"amount": 9999}, context=context)
            self.refuse(self.call, user, MODEL, "write", self.row.ids, {"order_id": self.make_order().id})
            self.refuse(self.call, user, MODEL, "write", self.row.ids, {"state": "void"})
            self.refuse(self.call, user, MODEL, "unlink", self.row.ids)
            self.refuse(self.call, user, MODEL, "copy", self.row.ids)
        self.refuse(self.row.sudo().write, {"amount": 9999})
        self.refuse(self.row.sudo().unlink)

    def test_private_methods_are_out_of_reach(self):
        for method in ("_allocate", "_reallocate", "_guarded_create", "_guarded_write", "_close"):
            self.refuse(self.call, self.accountant, MODEL, method, self.row.ids, {})

    def test_rows_come_along_with_no_other_document(self):
        for user in (self.accountant, self.seller):
            forged = {"o2c_allocation_ids": [Command.update(self.row.id, {"amount": 9999})]}
            self.refuse(self.call, user, "sale.order", "write", self.order.ids, forged)
            self.refuse(self.call, user, "account.payment", "write", self.payment.ids, forged)

    def test_nothing_the_rows_hang_on_can_be_deleted(self):
        self.assertFalse(self.env[MODEL]._guard_get_weaknesses())
        self.payment.action_draft()
        self.refuse(self.payment.unlink)

    # === MONEY === #

    def test_more_than_the_money_is_refused(self):
        other = self.make_order(1000)
        fresh = self.make_payment(100)
        self.refuse(self.allocate, fresh, {other: 100.01})
        self.refuse(self.allocate, fresh, {other: 60, self.order: 60})
        self.refuse(self.allocate, self.payment, {other: 0.01})
        self.refuse(self.allocate, fresh, {other: -5})
        self.allocate(fresh, {other: 100})

    def test_more_than_was_collected_is_not_paid_back(self):
        refund = self.make_payment(700, outbound=True)
        self.refuse(self.allocate, refund, {self.order: 600.01})
        self.refuse(self.allocate, refund, {self.make_order(100): 1})
        self.allocate(refund, {self.order: 600})
        self.assertCollected([0], self.order)

    def test_draft_and_cancelled_receipts_have_no_money(self):
        draft = self.make_payment(100, post=False)
        self.refuse(self.allocate, draft, {self.order: 10})
        draft.action_cancel()
        self.refuse(self.allocate, draft, {self.order: 10})

    def test_reallocation_moves_no_more_than_there_is(self):
        other = self.make_order(500)
        self.refuse(self.reallocate, self.row, 600.01, other)
        self.refuse(self.reallocate, self.row, 0, other)
        self.refuse(self.reallocate, self.row, -10, other)
        self.refuse(self.reallocate, self.row, 100, other, reason="  ")
        self.refuse(self.reallocate, self.row, 100, self.order)
        self.reallocate(self.row, 600, other)
        self.refuse(self.reallocate, self.row, 100, self.order)

    def test_money_that_paid_an_invoice_stays_there(self):
        self.make_invoice(self.order)
        self.refuse(self.reallocate, self.row, 600, self.make_order(1000))
        self.assertCollected([600], self.order)

    # === WHOSE MONEY === #

    def test_money_of_somebody_else_is_refused(self):
        self.refuse(self.allocate, self.make_payment(100), {self.make_order(500, partner=self.stranger): 50})
        self.refuse(self.reallocate, self.row, 10, self.make_order(500, partner=self.stranger))

    def test_money_within_a_group_is_for_finance_officers(self):
        group = self.env["o2c.corporate.group"].create({"name": "Bamboo"})
        (self.customer | self.stranger).o2c_corporate_group_id = group
        sister = self.make_order(500, partner=self.stranger)
        fresh = self.make_payment(100)
        self.refuse(self.allocate, fresh, {sister: 50})
        self.allocate(fresh, {sister: 50}, user=self.officer)
        self.assertCollected([50], sister)

    def test_money_of_another_company_is_refused(self):
        theirs = self.make_payment(100, company=self.other_company)
        self.refuse(self.allocate, theirs, {self.order: 50})
        self.refuse(self.reallocate, self.row, 10, self.make_order(500, company=self.other_company))
        both = self.make_user(
            "both", "account.group_account_invoice", company_ids=[
                Command.set((self.company | self.other_company).ids)], company_id=self.company.id)
        self.refuse(self.allocate, theirs, {self.order: 50}, user=both)

    def test_forged_line_of_the_wizard_is_refused(self):
        theirs = self.make_payment(100, company=self.other_company)
        wizard = self.env["o2c.receipt.allocate"].with_user(self.accountant).create({})
        self.env["o2c.receipt.allocate.line"].with_user(self.accountant).create({
            "wizard_id": wizard.id, "payment_id": theirs.id, "order_id": self.order.id,
            "currency_id": self.usd.id, "amount": 50})
        self.refuse(wizard.action_allocate)
        vendor = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "supplier", "partner_id": self.customer.id,
            "amount": 70,
        })
        vendor.action_post()
        wizard.line_ids.payment_id = vendor
        self.refuse(wizard.action_allocate)

    # === WHO === #

    def test_salespeople_and_auditors_allocate_nothing(self):
        fresh = self.make_payment(100)
        for user in (self.seller, self.auditor):
            self.refuse(self.allocate, fresh, {self.order: 50}, user=user)
            self.refuse(self.call, user, "account.payment", "action_o2c_allocate", fresh.ids)
            self.refuse(self.call, user, "sale.order", "action_o2c_allocate_receipts", self.order.ids)
            self.refuse(self.call, user, "sale.order", "action_o2c_register_receipt", self.order.ids)
            self.refuse(self.call, user, MODEL, "action_reallocate", self.row.ids)
            self.refuse(self.reallocate, self.row, 10, user=user)
            wizard = self.env["o2c.receipt.reallocate"].create({
                "allocation_id": self.row.id, "action": "release", "amount": 10, "reason": "mine"})
            self.refuse(wizard.with_user(user).action_reallocate)
        self.refuse(self.call, self.officer, "sale.order", "action_o2c_register_receipt", self.order.ids)

    def test_who_reads_what(self):
        self.assertEqual(self.env[MODEL].with_user(self.seller).search([]), self.row)
        self.assertFalse(self.env[MODEL].with_user(self.colleague).search([]))
        self.make_payment(100)
        for user in (self.auditor, self.accountant, self.officer):
            self.assertEqual(self.env[MODEL].with_user(user).search([]), self.row)
            self.assertTrue(self.env["o2c.receipt"].with_user(user).search([("free_amount", "=", 100)]))
        self.customer.user_id = self.colleague
        self.assertFalse(self.env["o2c.receipt"].with_user(self.seller).search([("free_amount", "=", 100)]))
        self.assertTrue(self.env["o2c.receipt"].with_user(self.colleague).search([("free_amount", "=", 100)]))

    # === RECEIPTS === #

    def test_allocated_payment_stays_what_it_is(self):
        for values in ({"amount": 9999}, {"amount": 1}, {"currency_id": self.eur.id},
                       {"partner_id": self.stranger.id}, {"payment_type": "outbound"}):
            self.refuse(self.payment.with_user(self.accountant).write, values)
        self.payment.action_draft()
        self.refuse(self.payment.with_user(self.accountant).write, {"amount": 599})
        self.refuse(self.payment.with_user(self.accountant).write, {"currency_id": self.eur.id})
        self.payment.write({"amount": 650, "memo": "Fee was missing"})
        self.payment.action_post()
        self.assertCollected([600], self.order)
        self.assertEqual(self.payment._get_o2c_free(), 50)

    def test_amount_of_a_posted_payment_says_nothing(self):
        fresh = self.make_payment(100)
        fresh.write({"amount": 5000})
        self.refuse(self.allocate, fresh, {self.order: 101})

    def test_cancelled_receipt_flags_the_order_and_opens_a_task(self):
        self.make_invoice(self.order)
        self.payment.action_draft()
        self.payment.action_cancel()
        self.assertCollected([0], self.order)
        self.assertTrue(self.order.o2c_receipt_stopped)
        self.assertEqual(
            self.env["sale.order"].search([("o2c_receipt_stopped", "=", True)]), self.order)
        self.assertEqual(self.order.activity_ids.user_id, self.accountant)
        self.assertEqual(len(self.order.activity_ids), 1)
        self.payment.action_draft()
        self.payment.action_post()
        self.assertCollected([600], self.order)
        self.assertFalse(self.order.o2c_receipt_stopped)
        self.assertEqual(self.order.invoice_ids.amount_residual, 400)

    def test_receipts_that_are_cancelled_together_are_named_at_their_own_orders(self):
        orders = self.make_order(100) | self.make_order(200)
        payments = self.env["account.payment"]
        for order in orders:
            payment = self.make_payment(50)
            self.allocate(payment, {order: 50})
            payments |= payment
        payments.action_cancel()
        for order, payment in zip(orders, payments, strict=True):
            self.assertIn(payment.name, order.activity_ids.summary)

    def test_cancelled_receipt_that_was_never_allocated_flags_too(self):
        order = self.make_order(100)
        payment = self.pay_invoice(self.make_invoice(order))
        payment.action_draft()
        self.assertCollected([0], order)
        self.assertIn(payment.name or "", order.activity_ids.summary)

    # === FIGURES OF THE ORDER === #

    def test_collected_amount_can_not_be_forged(self):
        manager = self.make_user("manager", "sales_team.group_sale_manager")
        forged = {"o2c_collected": 9999, "o2c_collected_ratio": 100, "o2c_uncollected": 0}
        for user in (self.seller, manager):
            order = self.order.with_user(user)
            order.write(forged)
            self.env.invalidate_all()
            self.assertEqual((order.o2c_collected, order.o2c_collected_ratio), (600, 60))
            [new] = self.env["sale.order"].with_user(user).with_context(
                default_o2c_collected=9999).create([{"partner_id": self.customer.id, **forged}])
            self.env.invalidate_all()
            self.assertEqual(new.o2c_collected, 0)
        self.env["ir.default"].set("sale.order", "o2c_collected", 9999)
        self.assertEqual(self.make_order(10).o2c_collected, 0)

    def test_online_payment_of_others_is_not_linked_by_hand(self):
        provider = self.env["payment.provider"].search([], limit=1)
        paid = self.env["payment.transaction"].create({
            "provider_id": provider.id, "amount": 900, "currency_id": self.usd.id, "reference": "elsewhere",
            "payment_method_id": self.env["payment.method"].search([], limit=1).id,
            "partner_id": self.stranger.id, "state": "done",
        })
        user = self.make_user("clever", "sales_team.group_sale_manager,account.group_account_invoice")
        link = {"transaction_ids": [Command.link(paid.id)]}
        self.refuse(self.order.with_user(user).write, link)
        self.refuse(self.env["sale.order"].with_user(user).create, {"partner_id": self.customer.id, **link})
