from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .advance_common import AdvanceCase


@tagged("post_install", "-at_install", "o2c")
class TestAdvance(AdvanceCase):
    """Advances on a liability account, carried over to the invoice."""

    # === ITS WAY === #

    def test_advance_is_a_liability_until_it_is_invoiced(self):
        order = self.make_order(1000)
        before = self.exposure()
        payment = self.register(order, 600)
        self.assertEqual((self.balance(self.advances), self.balance(self.receivable)), (-600, 0))
        self.assertCollected([600], order)
        self.assertEqual(self.exposure(), before - 600)
        [row] = self.env["o2c.receipt"].search([("payment_id", "=", payment.id)])
        self.assertEqual((row.open_amount, row.allocated_amount), (600, 600))
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 400)
        self.assertEqual((self.balance(self.advances), self.balance(self.receivable)), (0, 400))
        self.assertCollected([600], order)
        self.assertEqual(self.exposure(), before - 600)
        self.assertTrue(payment.is_reconciled)
        transfer = self.transfers()
        self.assertRecordValues(transfer, [{
            "invoice_id": invoice.id, "payment_id": payment.id, "amount": 600, "state": "done"}])
        self.assertFalse(self.env["o2c.receipt"].search([("payment_id", "=", payment.id)]))
        self.judge_entries()

    def test_receipt_of_several_orders_is_carried_over_in_parts(self):
        first, second = self.make_order(500), self.make_order(700)
        payment = self.register(first, 500)
        self.reallocate(payment.o2c_allocation_ids, 200, second)
        self.assertCollected([300, 200], first, second)
        invoice = self.make_invoice(first)
        self.assertEqual(invoice.amount_residual, 200)
        self.assertEqual(self.balance(self.advances), -200)
        other = self.make_invoice(second)
        self.assertEqual(other.amount_residual, 500)
        self.assertEqual(self.balance(self.advances), 0)
        self.assertCollected([300, 200], first, second)
        self.assertEqual(len(self.transfers()), 2)
        self.judge_entries()

    def test_more_than_the_invoice_stays_an_advance(self):
        order = self.make_order([400, 600])
        payment = self.register(order, 700)
        wizard = self.env["sale.advance.payment.inv"].create({
            "sale_order_ids": [Command.set(order.ids)], "advance_payment_method": "fixed",
            "fixed_amount": 300})
        down = wizard._create_invoices(order)
        down.action_post()
        self.assertEqual(down.amount_residual, 0)
        self.assertEqual(self.balance(self.advances), -400)
        self.assertCollected([700], order)
        self.assertEqual(self.make_invoice(order).amount_residual, 300)
        self.assertEqual(self.balance(self.advances), 0)
        self.assertCollected([700], order)
        self.assertTrue(payment.is_reconciled)

    def test_receipt_after_the_invoice_is_carried_over_at_once(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        self.register(order, 250)
        self.assertEqual(invoice.amount_residual, 750)
        self.assertEqual(self.balance(self.advances), 0)
        self.assertCollected([250], order)

    def test_refund_of_an_advance_comes_from_the_liability(self):
        order = self.make_order(1000)
        self.register(order, 600)
        refund = self.register(order, 250, direction="out")
        self.assertEqual((self.balance(self.advances), self.balance(self.receivable)), (-350, 0))
        self.assertTrue(refund.is_reconciled)
        self.assertCollected([350], order)
        self.assertEqual(self.make_invoice(order).amount_residual, 650)
        self.assertCollected([350], order)
        self.assertEqual(self.balance(self.advances), 0)

    # === CURRENCIES === #

    def test_foreign_order_and_advance_in_company_currency(self):
        """900.00 USD on 20 March are 450.00 EUR, whatever the rate becomes."""
        order = self.make_order(1000, currency=self.eur)
        self.register(order, 900, currency=self.usd)
        self.assertEqual(self.balance(self.advances), -900)
        self.assertCollected([450], order)
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 550)
        self.assertEqual(self.balance(self.advances), 0)
        self.assertCollected([450], order)
        self.judge_entries()

    def test_company_order_and_advance_in_foreign_currency(self):
        """100.00 EUR on 23 March are 250.00 USD; the invoice takes no more than it lacks."""
        order = self.make_order(200)
        payment = self.register(order, 100, currency=self.eur, date="2026-03-23")
        self.assertCollected([250], order)
        invoice = self.make_invoice(order)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(invoice.amount_residual, 0)
        self.assertCollected([250], order)
        self.assertEqual(self.balance(self.advances), -50)
        self.assertEqual(payment._get_o2c_free(), 0)
        self.judge_entries()

    # === UNDONE === #

    def check_undone(self, order, invoice, collected, liability):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertFalse(self.transfers())
        [transfer] = self.transfers("undone")
        self.assertEqual(transfer.reversal_id.state, "posted")
        self.assertTrue(all(
            line.reconciled for line in (transfer.move_id | transfer.reversal_id).line_ids))
        self.assertCollected([collected], order)
        self.assertEqual(self.balance(self.advances), liability)
        self.judge_entries()

    def make_carried(self):
        order = self.make_order(1000)
        payment = self.register(order, 600)
        return order, payment, self.make_invoice(order)

    def test_matching_taken_apart_makes_it_an_advance_again(self):
        order, _payment, invoice = self.make_carried()
        invoice.line_ids.remove_move_reconcile()
        self.check_undone(order, invoice, 600, -600)

    def test_invoice_in_draft_makes_it_an_advance_again(self):
        order, payment, invoice = self.make_carried()
        invoice.button_draft()
        self.check_undone(order, invoice, 600, -600)
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 400)
        self.assertCollected([600], order)
        self.assertTrue(payment.is_reconciled)

    def test_cancelled_payment_leaves_nothing(self):
        order, payment, invoice = self.make_carried()
        payment.action_draft()
        payment.action_cancel()
        self.check_undone(order, invoice, 0, 0)
        self.assertTrue(order.o2c_receipt_stopped)
        self.assertTrue(order.activity_ids)

    # === WHO MAY NOT === #

    def test_entry_of_a_transfer_is_not_taken_back_by_itself(self):
        order, _payment, invoice = self.make_carried()
        entry = self.transfers().move_id
        for call in (entry.button_draft, entry.button_cancel, lambda: entry.write({"state": "draft"})):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                call()
        self.env.invalidate_all()
        self.assertEqual((entry.state, invoice.amount_residual), ("posted", 400))
        self.assertCollected([600], order)

    def test_transfers_and_the_flag_are_written_by_nobody(self):
        self.make_carried()
        transfer = self.transfers()
        manager = self.make_user("manager", "account.group_account_manager")
        before = transfer.read()
        for user in (self.accountant, self.officer, self.auditor, manager):
            for method, args in (
                ("write", (transfer.ids, {"amount": 1})), ("unlink", (transfer.ids,)),
                ("create", ([{"move_id": transfer.move_id.id, "receipt_ref": 1, "amount": 5}],)),
            ):
                with mute_logger("odoo.sql_db"), self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.call(user, transfer._name, method, *args)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.call(manager, "account.account", "write", self.receivable.ids, {"o2c_is_advance": True})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.call(manager, "account.account", "write", self.advances.ids, {"o2c_is_advance": False})
        self.env.invalidate_all()
        self.assertEqual(transfer.read(), before)
        self.assertTrue(self.advances.o2c_is_advance)

    def test_account_has_to_fit(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.company.o2c_advance_account_id = self.receivable
        self.company.o2c_advance_account_id = False
        # Advances that lie there still count.
        self.assertTrue(self.advances.o2c_is_advance)
        order = self.make_order(1000)
        self.register(order, 100)
        self.assertEqual(self.balance(self.receivable), -100)

    def make_account(self, code, company=None, **values):
        company = company or self.company
        return self.env["account.account"].with_company(company).create({
            "name": code, "code": code, "account_type": "liability_current", "reconcile": True,
            "company_ids": [Command.set(company.ids)], **values})

    def assertUnfit(self, *call):
        """Refused for what is chosen, not for who chooses."""
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            self.call(*call)
        self.assertNotIsInstance(caught.exception, AccessError)

    def test_account_and_journal_are_those_of_the_company_for_rpc_too(self):
        """An administrator who may write companies chooses only what can keep the money."""
        admin = self.make_user(
            "admin", "base.group_system,account.group_account_manager",
            company_ids=[Command.set((self.company | self.other_company).ids)])
        journals = self.env["account.journal"]
        general = [("type", "=", "general")]
        foreign = journals.search([*general, ("company_id", "=", self.other_company.id)], limit=1)
        own = journals.search([*general, ("company_id", "=", self.company.id)], limit=1)
        sales = journals.search([("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1)
        refused = [
            {"o2c_advance_account_id": self.make_account("220401", self.other_company).id},
            {"o2c_advance_account_id": self.make_account("220402", reconcile=False).id},
            {"o2c_advance_account_id": self.make_account("220403", active=False).id},
            {"o2c_advance_account_id": self.make_account("220404", account_type="income_other").id},
            {"o2c_advance_journal_id": foreign.id},
            {"o2c_advance_journal_id": sales.id},
        ]
        for vals in refused:
            with self.subTest(vals=vals):
                self.assertUnfit(admin, "res.company", "write", self.company.ids, vals)
                self.assertUnfit(admin, "res.config.settings", "create", [vals])
        self.env.invalidate_all()
        self.assertEqual(self.company.o2c_advance_account_id, self.advances)
        self.assertFalse(self.company.o2c_advance_journal_id)
        self.call(admin, "res.company", "write", self.company.ids, {"o2c_advance_journal_id": own.id})
        self.assertEqual(self.company.o2c_advance_journal_id, own)

    def test_chosen_account_stays_fit(self):
        manager = self.make_user(
            "manager", "account.group_account_manager",
            company_ids=[Command.set((self.company | self.other_company).ids)])
        for vals in (
            {"reconcile": False}, {"account_type": "income_other"}, {"active": False},
            {"company_ids": [Command.set(self.other_company.ids)]},
        ):
            with self.subTest(vals=vals):
                self.assertUnfit(manager, "account.account", "write", self.advances.ids, vals)
        self.env.invalidate_all()
        self.assertTrue(self.advances.reconcile and self.advances.active)
        self.assertEqual(self.advances.company_ids, self.company)

    def test_settings_offer_accounts_and_journals_of_the_company_only(self):
        views = self.env["res.config.settings"].fields_get(
            ["o2c_advance_account_id", "o2c_advance_journal_id"], ["domain"])
        for name, needed in (
            ("o2c_advance_account_id", ("liability_current", "reconcile", "company_id")),
            ("o2c_advance_journal_id", ("general", "company_id")),
        ):
            for word in needed:
                self.assertIn(word, str(views[name]["domain"]))
