from odoo.tests import tagged

from .common import ReceiptCase


@tagged("post_install", "-at_install", "o2c")
class TestCollected(ReceiptCase):
    """The worked numbers, and the ways in which money could be counted twice or not at all."""

    # === WORKED NUMBERS === #

    def test_advance_counts(self):
        order = self.make_order(1000)
        self.assertCollected([0], order)
        self.allocate(self.make_payment(600), {order: 600})
        self.assertCollected([600], order)
        order.invalidate_recordset()
        self.assertEqual(
            (order.o2c_collected, order.o2c_collected_ratio, order.o2c_uncollected), (600, 60, 400))

    def test_cash_on_an_invoice_of_two_orders_is_shared_by_their_lines(self):
        first, second = self.make_order(600), self.make_order(300)
        invoice = self.make_invoice(first | second)
        self.assertEqual(len(invoice), 1)
        self.pay_invoice(invoice, 300)
        self.assertCollected([200, 100], first, second)

    def test_credit_note_changes_nothing_and_refund_takes_back(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        self.pay_invoice(invoice, 1000)
        self.assertCollected([1000], order)
        note = self.make_credit_note(invoice, 300)
        self.assertCollected([1000], order)
        self.pay_invoice(note, 300)
        self.assertCollected([700], order)

    def test_credit_note_on_an_unpaid_invoice_is_no_cash(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        self.reconcile(invoice, self.make_credit_note(invoice))
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertCollected([0], order)

    def test_allocated_refund_takes_back(self):
        order = self.make_order(1000)
        self.allocate(self.make_payment(600), {order: 600})
        refund = self.make_payment(300, outbound=True)
        self.allocate(refund, {order: 300})
        self.assertCollected([300], order)

    def test_refund_matched_with_its_advance_is_taken_once(self):
        first, second = self.make_order(1000), self.make_order(1000)
        advance = self.make_payment(1000)
        self.allocate(advance, {first: 500, second: 500})
        refund = self.make_payment(500, outbound=True)
        self.allocate(refund, {first: 500})
        self.assertCollected([0, 500], first, second)
        self.reconcile(advance.move_id, refund.move_id)
        self.assertCollected([0, 500], first, second)

    def test_refund_matched_first_and_not_allocated_lessens_the_advance(self):
        order = self.make_order(1000)
        advance = self.make_payment(600)
        self.allocate(advance, {order: 600})
        self.reconcile(advance.move_id, self.make_payment(300, outbound=True).move_id)
        self.assertCollected([300], order)

    def test_refund_meets_the_advance_of_its_order_by_itself(self):
        order, other = self.make_order(1000), self.make_order(1000)
        advance = self.make_payment(1000)
        self.allocate(advance, {order: 600, other: 400})
        refund = self.make_payment(300, outbound=True)
        self.allocate(refund, {order: 300})
        self.assertTrue(refund.is_reconciled)
        receivable = advance.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable")
        self.assertEqual(receivable.amount_residual, -700)
        self.assertCollected([300, 400], order, other)
        self.assertEqual(self.make_invoice(order).amount_residual, 700)
        self.assertEqual(self.make_invoice(other).amount_residual, 600)
        self.assertTrue(advance.is_reconciled)
        self.assertCollected([300, 400], order, other)

    def test_refund_that_would_move_money_stays_open(self):
        """It is of two orders, whose advances are two: matched, each would be lessened by half."""
        first, second = self.make_order(1000), self.make_order(1000)
        self.allocate(self.make_payment(500), {first: 500})
        self.allocate(self.make_payment(500), {second: 500})
        refund = self.make_payment(600, outbound=True)
        self.allocate(refund, {first: 300, second: 300})
        self.assertCollected([200, 200], first, second)

    # === POSTED AND CANCELLED OTHERWISE === #

    def test_state_written_past_posting_meets_its_advances(self):
        order = self.make_order(1000)
        self.allocate(self.make_payment(600), {order: 600})
        invoice = self.make_invoice(order, post=False)
        self.assertEqual(invoice.amount_residual, 1000)
        invoice.write({"state": "posted"})
        self.assertEqual(invoice.amount_residual, 400)
        self.assertCollected([600], order)

    def test_cancelled_payment_of_a_posted_invoice_flags_the_order(self):
        order = self.make_order(1000)
        payment = self.make_payment(600)
        self.allocate(payment, {order: 600})
        invoice = self.make_invoice(order)
        tasks = order.activity_ids
        payment.action_draft()
        payment.action_cancel()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (1000, "not_paid"))
        self.assertCollected([0], order)
        self.assertTrue(order.o2c_receipt_stopped)
        [task] = order.activity_ids - tasks
        self.assertEqual(task.user_id, self.accountant)
        self.assertIn(payment.name, task.summary)
        entry = self.env["o2c.register"].search([("event", "=", "receipt_stopped")], limit=1)
        self.assertIn(order.name, entry.message)

    # === ADVANCE AND INVOICE === #

    def test_advance_meets_its_invoice_and_counts_once(self):
        order = self.make_order(1000)
        payment = self.make_payment(600)
        self.allocate(payment, {order: 600})
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 400)
        self.assertTrue(payment.is_reconciled)
        self.assertCollected([600], order)

    def test_invoice_takes_no_more_than_its_orders_were_given(self):
        first, second = self.make_order(1000), self.make_order(1000)
        payment = self.make_payment(1000)
        self.allocate(payment, {first: 400, second: 600})
        invoice = self.make_invoice(first)
        self.assertEqual(invoice.amount_residual, 600)
        self.assertCollected([400, 600], first, second)
        other = self.make_invoice(second)
        self.assertEqual(other.amount_residual, 400)
        self.assertTrue(payment.is_reconciled)
        self.assertCollected([400, 600], first, second)

    def test_collective_invoice_moves_no_money_between_orders(self):
        first, second = self.make_order(600), self.make_order(300)
        self.allocate(self.make_payment(600), {first: 600})
        invoice = self.make_invoice(first | second)
        self.assertEqual(invoice.amount_residual, 300)
        self.assertCollected([600, 0], first, second)
        self.pay_invoice(invoice, 300)
        self.assertEqual(sum(self.get_collected(first, second)), 900)

    def test_oldest_advance_is_used_first(self):
        order = self.make_order(500)
        young, old = self.make_payment(500, date="2026-03-10"), self.make_payment(500, date="2026-02-10")
        self.allocate(young, {order: 500})
        self.allocate(old, {order: 500})
        self.make_invoice(order)
        self.assertTrue(old.is_reconciled)
        self.assertFalse(young.is_reconciled)

    def test_receipt_allocated_after_the_invoice_is_matched_at_once(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        self.allocate(self.make_payment(250), {order: 250})
        self.assertEqual(invoice.amount_residual, 750)
        self.assertCollected([250], order)

    def test_unallocated_money_of_the_customer_is_not_touched(self):
        payment = self.make_payment(600)
        invoice = self.make_invoice(self.make_order(1000))
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertFalse(payment.is_reconciled)

    def test_money_matched_elsewhere_counts_for_what_is_left(self):
        first, second = self.make_order(1000), self.make_order(700)
        payment = self.make_payment(1000)
        self.allocate(payment, {first: 1000})
        invoice = self.make_invoice(second)
        self.reconcile(payment.move_id, invoice)
        self.assertCollected([300, 700], first, second)

    def test_down_payment_invoice_and_final_invoice(self):
        order = self.make_order(1000)
        wizard = self.env["sale.advance.payment.inv"].create({
            "sale_order_ids": [(6, 0, order.ids)], "advance_payment_method": "fixed", "fixed_amount": 300})
        down = wizard._create_invoices(order)
        down.action_post()
        self.pay_invoice(down, 300)
        self.assertCollected([300], order)
        final = self.make_invoice(order)
        self.assertEqual(final.amount_total, 700)
        self.pay_invoice(final, 700)
        self.assertCollected([1000], order)

    def test_draft_invoice_consumes_nothing(self):
        order = self.make_order(1000)
        payment = self.make_payment(600)
        self.allocate(payment, {order: 600})
        draft = self.make_invoice(order, post=False)
        self.reconcile(payment.move_id, draft)
        self.assertTrue(payment.is_reconciled)
        self.assertCollected([600], order)

    # === WHAT IS NO MONEY === #

    def test_draft_cancelled_and_rejected_receipts_count_nothing(self):
        order = self.make_order(1000)
        for step in ("action_draft", "action_cancel", "action_reject"):
            payment = self.make_payment(100)
            self.allocate(payment, {order: 100})
            self.assertCollected([100], order)
            getattr(payment, step)()
            self.assertCollected([0], order)
            self.assertTrue(order.o2c_receipt_stopped)
            self.reallocate(payment.o2c_allocation_ids.filtered(lambda row: row.state == "active"), 100)

    def test_write_off_inside_a_payment_is_no_cash(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        expense = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        self.pay_invoice(
            invoice, 900, payment_difference_handling="reconcile", writeoff_account_id=expense.id)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertCollected([900], order)

    def test_write_off_entry_is_no_cash(self):
        order = self.make_order(1000)
        invoice = self.make_invoice(order)
        receivable = self.customer.property_account_receivable_id
        expense = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        entry = self.env["account.move"].create({"line_ids": [
            (0, 0, {"account_id": receivable.id, "partner_id": self.customer.id, "credit": 1000}),
            (0, 0, {"account_id": expense.id, "debit": 1000}),
        ]})
        entry.action_post()
        self.reconcile(invoice, entry)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertCollected([0], order)

    def test_line_without_order_on_the_invoice_takes_its_part(self):
        order = self.make_order(200)
        invoice = self.make_invoice(order, post=False)
        invoice.write({"invoice_line_ids": [(0, 0, {
            "product_id": self.product.id, "quantity": 1, "price_unit": 100, "tax_ids": [(5,)]})]})
        invoice.action_post()
        self.pay_invoice(invoice, 300)
        self.assertCollected([200], order)

    # === RE-ALLOCATION === #

    def test_receipt_of_three_orders_reallocated_twice(self):
        first, second, third = (self.make_order(1000) for _order in range(3))
        payment = self.make_payment(1000)
        self.allocate(payment, {first: 500, second: 300, third: 200})
        self.assertCollected([500, 300, 200], first, second, third)
        row = payment.o2c_allocation_ids.filtered(lambda item: item.order_id == first)
        self.reallocate(row, 350, third)
        self.assertCollected([150, 300, 550], first, second, third)
        row = payment.o2c_allocation_ids.filtered(
            lambda item: item.order_id == second and item.state == "active")
        self.reallocate(row, 300, first)
        self.assertCollected([450, 0, 550], first, second, third)
        closed = payment.o2c_allocation_ids.filtered(lambda item: item.state == "replaced")
        self.assertEqual(closed.mapped("closed_by_id"), self.accountant)
        self.assertEqual(set(closed.mapped("reason")), {"Meant for another order"})
        self.assertTrue(all(closed.mapped("date_to")))

    def test_release_makes_it_free_again(self):
        order = self.make_order(1000)
        payment = self.make_payment(600)
        [row] = self.allocate(payment, {order: 600})
        self.assertEqual(payment._get_o2c_free(), 0)
        self.reallocate(row, 200)
        self.assertCollected([400], order)
        self.assertEqual(payment._get_o2c_free(), 200)

    def test_more_of_a_receipt_that_paid_a_collective_invoice_steals_from_nobody(self):
        first, second = self.make_order(400), self.make_order(100)
        payment = self.make_payment(1000)
        invoice = self.make_invoice(first | second)
        self.reconcile(payment.move_id, invoice)
        self.assertCollected([400, 100], first, second)
        third = self.make_order(1000)
        self.allocate(payment, {third: 300, first: 50})
        self.assertCollected([450, 100, 300], first, second, third)
        self.assertEqual(payment._get_o2c_free(), 150)

    # === BANK LINES === #

    def test_bank_line_on_the_receivable_account_is_a_receipt(self):
        order = self.make_order(1000)
        line = self.make_bank_line(600)
        self.assertEqual(line._get_o2c_free(), 600)
        self.allocate(line, {order: 600})
        self.assertCollected([600], order)
        invoice = self.make_invoice(order)
        self.assertEqual(invoice.amount_residual, 400)
        self.assertCollected([600], order)
        line.move_id.button_draft()
        self.assertCollected([0], order)
        self.assertTrue(order.activity_ids)

    def test_bank_line_with_a_fee_pays_only_what_arrived(self):
        """900.00 arrive for an invoice of 1,000.00 and one of 100.00; the bank kept 200.00."""
        first, second = self.make_order(1000), self.make_order(100)
        line = self.make_bank_line(900)
        expense = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        line.move_id.button_draft()
        receivable = line._get_o2c_receivable()
        receivable.with_context(skip_account_move_synchronization=True).move_id.write({"line_ids": [
            (1, receivable.id, {"credit": 1000}),
            (0, 0, {"account_id": receivable.account_id.id, "partner_id": self.customer.id, "credit": 100}),
            (0, 0, {"account_id": expense.id, "debit": 200}),
        ]})
        line.move_id.action_post()
        self.reconcile(line.move_id, self.make_invoice(first), self.make_invoice(second))
        self.assertEqual((first | second).invoice_ids.mapped("amount_residual"), [0, 0])
        found = self.get_collected(first, second)
        self.assertEqual([round(amount, 2) for amount in found], [818.18, 81.82])

    # === LISTS === #

    def test_search_and_sort_by_what_was_collected(self):
        orders = [self.make_order(100) for _order in range(3)]
        for order, amount in zip(orders, (60, 100, 10), strict=True):
            self.allocate(self.make_payment(amount), {order: amount})
        self.env.flush_all()
        found = self.env["sale.order"].with_user(self.seller)
        mine = [("id", "in", [order.id for order in orders])]
        ids = [orders[index].id for index in (1, 0, 2)]
        self.assertEqual(found.search(mine, order="o2c_collected desc").ids, ids)
        self.assertEqual(found.search(mine, order="o2c_collected_ratio").ids, ids[::-1])
        self.assertEqual(found.search(mine, order="o2c_uncollected, id").ids, ids)
        self.assertEqual(
            found.search([*mine, ("o2c_collected_ratio", "<", 60)]), orders[2])
        self.assertEqual(found.search([*mine, ("o2c_uncollected", "<=", 0)]), orders[1])
        self.assertEqual(found.search([*mine, ("o2c_collected", "=", 10)]), orders[2])
        self.assertFalse(found.search([*mine, ("o2c_collected", "=", 0)]))
        self.assertTrue(found.fields_get(["o2c_collected"])["o2c_collected"]["sortable"])

    def test_order_of_nothing_is_collected(self):
        self.assertEqual(self.make_order(0).o2c_collected_ratio, 100)
