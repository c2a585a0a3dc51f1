from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .advance_common import AdvanceCase


@tagged("post_install", "-at_install", "o2c")
class TestAdvanceKept(AdvanceCase):
    """Receipts on the receivable account that are allocated later: what orders have goes to the advances."""

    def make_kept(self, amount=1000, given=600, ordered=1000):
        """Bank line on the receivable account, of which an order is given a part later."""
        order = self.make_order(ordered)
        line = self.make_bank_line(amount)
        self.allocate(line, {order: given})
        return order, line

    def catch_up(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        self.env["o2c.receipt.matching"]._cron_keep_advances()

    def get_claims(self):
        self.env.flush_all()
        query = self.env["o2c.claim"]._sql_claims(None, SQL(
            "debtor.commercial_partner_id = %s", self.customer.id))
        return sorted(self.env.execute_query(SQL(
            "SELECT source, date, date_due, amount, amount_currency FROM (%s) claims", query)))

    def get_figures(self, *orders):
        """What must not change because money lies elsewhere."""
        receipts = self.env["o2c.receipt"].search([("partner_id", "=", self.customer.id)])
        return (
            self.get_collected(*orders), self.exposure(), self.get_claims(),
            receipts.read(["receipt_ref", "name", "date", "direction", "open_amount", "allocated_amount",
                           "free_amount", "free_company", "partner_id", "journal_id"]))

    def assertBalances(self, advances, receivable):
        self.assertEqual((self.balance(self.advances), self.balance(self.receivable)), (advances, receivable))
        self.judge_entries()
        # Nothing is won or lost by moving it.
        self.assertFalse(self.env["account.move"].search([
            ("journal_id", "=", self.company.currency_exchange_journal_id.id),
            ("line_ids.partner_id", "=", self.customer.id)]))

    # === ITS WAY === #

    def test_what_an_order_has_of_a_bank_line_is_a_liability(self):
        order, line = self.make_kept()
        self.assertBalances(-600, -400)
        self.assertCollected([600], order)
        transfer = self.transfers()
        self.assertRecordValues(transfer, [{
            "kind": "kept", "statement_line_id": line.id, "payment_id": False, "invoice_id": False,
            "receipt_ref": -line.id, "amount": 600, "partner_id": self.customer.id, "date": line.date}])
        self.assertEqual(transfer.move_id.ref, f"{line.move_id.name} on 220400")
        [row] = self.env["o2c.receipt"].search([("statement_line_id", "=", line.id)])
        self.assertEqual((row.open_amount, row.allocated_amount, row.free_amount), (1000, 600, 400))
        entry = self.env["o2c.register"].search(
            [("event", "=", "advance_transferred")], order="id desc", limit=1)
        self.assertEqual((entry.res_model, entry.res_id, entry.amount), (transfer._name, transfer.id, 600))

    def test_payment_of_odoo_is_kept_as_it_is_allocated(self):
        first, second = self.make_order(500), self.make_order(700)
        payment = self.make_payment(1000)
        self.assertBalances(0, -1000)
        self.allocate(payment, {first: 300})
        self.assertBalances(-300, -700)
        self.allocate(payment, {second: 700})
        self.assertBalances(-1000, 0)
        self.assertCollected([300, 700], first, second)

    def test_invoice_takes_it_and_leaves_what_is_free(self):
        order, _line = self.make_kept()
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 400)
        self.assertBalances(0, 0)
        self.assertCollected([600], order)
        self.assertEqual(sorted(self.transfers().mapped("kind")), ["carried", "kept"])
        [row] = self.env["o2c.receipt"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((row.open_amount, row.free_amount), (400, 400))
        self.catch_up()
        self.assertBalances(0, 0)

    def test_only_what_no_invoice_takes_is_kept(self):
        order = self.make_order([300, 700])
        invoice = self.make_down_payment(order, 300)
        line = self.make_bank_line(1000)
        self.allocate(line, {order: 800})
        self.assertEqual(invoice.amount_residual, 0)
        self.assertBalances(-500, -200)
        self.assertCollected([800], order)

    def make_down_payment(self, order, amount):
        wizard = self.env["sale.advance.payment.inv"].create({
            "sale_order_ids": [Command.set(order.ids)], "advance_payment_method": "fixed",
            "fixed_amount": amount})
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        return invoice

    def test_released_part_is_on_the_receivable_again(self):
        order, line = self.make_kept()
        self.reallocate(line.o2c_allocation_ids, 250)
        self.assertBalances(-350, -650)
        self.assertCollected([350], order)
        [row] = line.o2c_allocation_ids.filtered(lambda row: row.state == "active")
        self.reallocate(row, 350)
        self.assertBalances(0, -1000)
        self.assertCollected([0], order)
        self.assertFalse(self.transfers())
        # As of no day did the account hold more than orders had.
        lines = self.env["account.move.line"].search([("account_id", "=", self.advances.id)])
        self.assertEqual(set(lines.mapped("date")), {line.date})

    def test_reallocated_money_stays_where_it_is(self):
        order, line = self.make_kept()
        other = self.make_order(800)
        before = self.transfers()
        self.reallocate(line.o2c_allocation_ids, 600, other)
        self.assertBalances(-600, -400)
        self.assertCollected([0, 600], order, other)
        self.assertEqual(self.transfers(), before)

    def test_reallocated_to_an_invoiced_order_it_is_carried_over(self):
        _order, line = self.make_kept()
        other = self.make_order(800)
        invoice = self.make_invoice(other)
        self.reallocate(line.o2c_allocation_ids, 600, other)
        self.assertEqual(invoice.amount_residual, 200)
        self.assertBalances(0, -200)

    def test_free_part_of_an_entry_that_went_on_waits_for_the_next_order(self):
        first, second = self.make_order(300), self.make_order(700)
        line = self.make_bank_line(1000)
        rows = self.allocate(line, {first: 300, second: 700})
        self.make_invoice(first)
        self.reallocate(rows.filtered(lambda row: row.order_id == second), 700)
        self.assertBalances(-700, 0)
        [row] = self.env["o2c.receipt"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(row.free_amount, 700)
        self.allocate(line, {second: 700})
        self.assertBalances(-700, 0)
        self.assertEqual(len(self.transfers()), 2)
        self.make_invoice(second)
        self.assertBalances(0, 0)

    def test_move_changes_no_figure(self):
        first, second = self.make_order([400, 600]), self.make_order(700)
        self.company.o2c_advance_account_id = False
        self.make_down_payment(first, 200)
        self.allocate(self.make_bank_line(1000), {first: 600, second: 250})
        self.allocate(self.make_payment(100), {second: 100})
        self.allocate(self.make_payment(60, outbound=True), {second: 50})
        before = self.get_figures(first, second)
        self.company.o2c_advance_account_id = self.advances
        self.catch_up()
        self.assertEqual(self.balance(self.advances), -700)
        self.env.invalidate_all()
        self.assertEqual(self.get_figures(first, second), before)

    def test_account_chosen_later(self):
        self.company.o2c_advance_account_id = False
        order, _line = self.make_kept()
        self.assertBalances(0, -1000)
        self.company.o2c_advance_account_id = self.advances
        self.catch_up()
        self.assertBalances(-600, -400)
        self.assertCollected([600], order)
        before = self.transfers()
        self.catch_up()
        self.assertEqual(self.transfers(), before)

    def test_fee_of_the_bank_goes_with_what_arrived(self):
        """900.00 arrive for 1,100.00 on two items; 450.00 of them stand for half of it."""
        order = self.make_order(1000)
        line = self.make_bank_line(900)
        line.move_id.button_draft()
        item = line._get_o2c_receivable()
        expense = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        item.with_context(skip_account_move_synchronization=True).move_id.write({"line_ids": [
            Command.update(item.id, {"credit": 500}),
            Command.create({"account_id": item.account_id.id, "partner_id": self.customer.id, "credit": 600}),
            Command.create({"account_id": expense.id, "debit": 200})]})
        line.move_id.action_post()
        self.allocate(line, {order: 450})
        self.assertBalances(-550, -550)
        self.assertCollected([450], order)
        self.assertEqual(len(self.transfers()), 2)
        self.assertEqual(self.make_invoice(order).amount_residual, 450)
        self.assertBalances(0, -100)
        self.assertCollected([450], order)

    # === MONEY THAT GOES BACK === #

    def test_refund_by_bank_line_comes_from_the_liability(self):
        order, _line = self.make_kept()
        refund = self.make_bank_line(-250, ref="Back")
        self.allocate(refund, {order: 250})
        self.assertBalances(-350, -400)
        self.assertCollected([350], order)
        self.assertFalse(self.env["o2c.receipt"].search([("statement_line_id", "=", refund.id)]))
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 650)
        self.assertBalances(0, 250)
        self.assertCollected([350], order)

    def test_refund_that_is_registered_comes_from_what_is_kept(self):
        order, _line = self.make_kept()
        refund = self.register(order, 250, direction="out")
        self.assertTrue(refund.is_reconciled)
        self.assertBalances(-350, -400)
        self.assertCollected([350], order)

    def test_refund_meets_a_credit_note(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        self.allocate(self.make_bank_line(1000), {order: 1000})
        self.assertBalances(0, 0)
        refund = self.make_bank_line(-250, ref="Back")
        self.allocate(refund, {order: 250})
        self.assertBalances(250, 0)
        note = self.make_credit_note(invoice, 250)
        self.assertEqual(note.amount_residual, 0)
        self.assertBalances(0, 0)

    # === CURRENCIES === #

    def test_foreign_receipt_keeps_its_own_rate(self):
        """100.00 EUR on 23 March are 250.00 USD, whenever they are allocated."""
        order = self.make_order(200, currency=self.eur)
        payment = self.make_payment(100, currency=self.eur, date="2026-03-23")
        self.allocate(payment, {order: 33.33})
        self.assertEqual(self.balance(self.advances), -83.33)
        self.allocate(payment, {order: 66.67})
        self.assertBalances(-250, 0)
        self.assertCollected([100], order)
        self.reallocate(payment.o2c_allocation_ids.filtered(lambda row: row.amount == 33.33), 33.33)
        self.assertBalances(-166.68, -83.32)
        invoice = self.make_invoice(order)
        self.assertAlmostEqual(invoice.amount_residual, 133.33)
        self.assertEqual(self.balance(self.advances), 0)

    # === UNDONE === #

    def test_payment_in_draft_leaves_nothing_and_comes_back(self):
        order = self.make_order(1000)
        payment = self.make_payment(1000)
        self.allocate(payment, {order: 600})
        payment.action_draft()
        self.assertBalances(0, 0)
        self.assertFalse(self.transfers())
        self.assertCollected([0], order)
        self.assertTrue(order.o2c_receipt_stopped)
        payment.action_post()
        self.assertBalances(-600, -400)
        self.assertCollected([600], order)

    def test_payment_in_draft_after_its_invoice_leaves_nothing(self):
        order = self.make_order(1000)
        payment = self.make_payment(1000)
        self.allocate(payment, {order: 600})
        invoice = self.make_invoice(order)
        payment.action_draft()
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertBalances(0, 1000)
        self.assertFalse(self.transfers())
        payment.action_post()
        self.assertEqual(invoice.amount_residual, 400)
        self.assertBalances(0, 0)

    def test_matching_of_the_receipt_taken_apart_by_hand(self):
        order, line = self.make_kept()
        line.move_id.line_ids.remove_move_reconcile()
        self.assertFalse(self.transfers())
        self.assertBalances(0, -1000)
        self.assertCollected([600], order)
        self.catch_up()
        self.assertBalances(-600, -400)

    def test_receipt_taken_apart_takes_back_what_was_carried_over(self):
        order, line = self.make_kept()
        invoice = self.make_invoice(order)
        line.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertFalse(self.transfers())
        self.assertBalances(0, 0)
        self.assertEqual(self.transfers("undone").mapped("reversal_id.state"), ["posted"] * 2)

    def test_invoice_taken_apart_leaves_what_is_kept(self):
        order, _line = self.make_kept()
        invoice = self.make_invoice(order)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self.transfers().kind, "kept")
        self.assertBalances(-600, 600)
        self.assertCollected([600], order)

    def test_what_was_carried_over_is_taken_apart_at_the_account_for_advances(self):
        order, _line = self.make_kept()
        invoice = self.make_invoice(order)
        kept = self.transfers().filtered(lambda row: row.kind == "kept")
        kept.move_id.line_ids.filtered("o2c_receipt_move_id").remove_move_reconcile()
        self.assertEqual(self.transfers(), kept)
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertBalances(-600, 600)

    def test_refund_taken_apart_leaves_both_on_the_account(self):
        order, line = self.make_kept()
        refund = self.make_bank_line(-250, ref="Back")
        self.allocate(refund, {order: 250})
        before = self.transfers()
        [kept] = before.filtered(lambda row: row.statement_line_id == refund)
        kept.move_id.line_ids.filtered("o2c_receipt_move_id").remove_move_reconcile()
        self.assertEqual(self.transfers(), before)
        self.assertBalances(-350, -400)
        self.assertCollected([350], order)
        refund.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self.transfers().statement_line_id, line)
        self.assertBalances(-600, -150)
        self.assertCollected([350], order)

    def test_cancelled_invoice_that_had_the_receipt_itself(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        self.allocate(self.make_bank_line(600), {order: 600})
        self.assertFalse(self.transfers())
        invoice.button_draft()
        self.assertFalse(self.transfers(), "It waits for the draft.")
        invoice.button_cancel()
        self.assertBalances(0, -600)
        self.catch_up()
        self.assertBalances(-600, 0)
        self.assertCollected([600], order)

    # === WHERE IT CAN'T BE DONE === #

    def test_locked_period_moves_the_entry_not_the_money(self):
        order, payment = self.make_order(1000), self.make_payment(1000)
        self.company.sudo().fiscalyear_lock_date = "2026-03-31"
        self.allocate(payment, {order: 600})
        self.assertBalances(-600, -400)
        self.assertGreater(self.transfers().date, date(2026, 3, 31))
        self.assertCollected([600], order)
        self.assertEqual(self.get_on_account(order, "2026-03-31"), 0)
        self.assertEqual(self.get_on_account(order, self.transfers().date), 600)

    def test_released_after_the_period_was_locked(self):
        order, line = self.make_kept()
        self.company.sudo().fiscalyear_lock_date = "2026-03-31"
        self.reallocate(line.o2c_allocation_ids, 600)
        self.assertBalances(0, -1000)
        self.assertCollected([0], order)
        [transfer] = self.transfers("undone")
        self.assertGreater(transfer.reversal_id.date, date(2026, 3, 31))

    def test_failure_doesnt_stop_the_allocation_and_is_told_once(self):
        order = self.make_order(1000)
        transfers = type(self.env["o2c.receipt.transfer"])
        with patch.object(transfers, "_keep", side_effect=UserError("No")), mute_logger(
                "odoo.addons.o2c_receipt.models.receipt_matching_kept"):
            self.allocate(self.make_bank_line(1000), {order: 600})
            self.catch_up()
        self.assertBalances(0, -1000)
        self.assertCollected([600], order)
        [activity] = order.activity_ids
        self.assertIn("No", activity.note)
        self.catch_up()
        self.assertBalances(-600, -400)

    # === MONTH END === #

    def get_on_account(self, order, day):
        self.env.flush_all()
        return self.env["o2c.schedule"]._get_advances_on_account(order.ids, day).get(order.id, 0)

    def test_month_end_finds_it_on_the_account(self):
        order, line = self.make_kept()
        self.assertEqual(self.get_on_account(order, line.date), 600)
        self.make_invoice(order)
        self.assertEqual(self.get_on_account(order, line.date), 600)
        self.assertEqual(self.get_on_account(order, "2026-03-25"), 0)

    # === WHO MAY NOT === #

    def test_nobody_says_whose_money_an_item_is(self):
        _order, line = self.make_kept()
        manager = self.make_user("manager", "account.group_account_manager")
        kept = self.transfers().move_id.line_ids.filtered("o2c_receipt_move_id")
        self.assertEqual(kept.o2c_receipt_move_id, line.move_id)
        for user in (self.accountant, manager, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login):
                self.assertForged(user, kept, line.move_id)
        self.env.invalidate_all()
        self.assertEqual(kept.o2c_receipt_move_id, line.move_id)
        self.assertEqual(self.env["account.move.line"].search([("o2c_receipt_move_id", "!=", False)]), kept)
        self.assertBalances(-600, -400)

    def assertForged(self, user, kept, receipt):
        value = {"o2c_receipt_move_id": receipt.id}
        defaults = {"default_o2c_receipt_move_id": receipt.id}
        draft = self.env["account.move"].browse(
            self.call(user, "account.move", "create", [self.prepare_entry()], context=defaults))
        with_link = self.prepare_entry()
        with_link["line_ids"][1][2].update(value)
        for model, method, args in (
            ("account.move.line", "write", (kept.ids, {"o2c_receipt_move_id": False})),
            ("account.move.line", "write", (receipt.line_ids.ids, value)),
            ("account.move", "write", (draft.ids, {
                "line_ids": [Command.update(draft.line_ids[0].id, value)]})),
            ("account.move", "create", ([with_link],)),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.call(user, model, method, *args)
        self.assertFalse(draft.line_ids.o2c_receipt_move_id)
        copied = self.transfers().move_id.copy()
        self.assertFalse(copied.line_ids.o2c_receipt_move_id)
        copied.unlink()

    def prepare_entry(self):
        journal = self.company._get_o2c_advance_journal()
        return {"move_type": "entry", "journal_id": journal.id, "line_ids": [
            Command.create({"account_id": account.id, "partner_id": self.customer.id, "balance": balance})
            for account, balance in ((self.receivable, 5), (self.advances, -5))]}

    def test_entry_is_not_taken_back_by_itself(self):
        order, _line = self.make_kept()
        entry = self.transfers().move_id
        for call in (entry.button_draft, entry.button_cancel, lambda: entry.write({"state": "draft"})):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                call()
        self.env.invalidate_all()
        self.assertBalances(-600, -400)
        self.assertCollected([600], order)
