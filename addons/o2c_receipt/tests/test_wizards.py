from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import ReceiptCase


@tagged("post_install", "-at_install", "o2c")
class TestWizards(ReceiptCase):
    """The screens as people use them: buttons, defaults, suggestions."""

    def open(self, action, user=None):
        return self.env[action["res_model"]].with_user(user or self.accountant).browse(action["res_id"])

    # === REGISTER === #

    def test_receipt_is_registered_from_the_order(self):
        order = self.make_order(1000, client_order_ref="PO-4711")
        wizard = self.open(order.with_user(self.accountant).action_o2c_register_receipt())
        self.assertEqual((wizard.amount, wizard.currency_id), (1000, self.usd))
        self.assertEqual(wizard.memo, f"{order.name} PO-4711")
        with Form(wizard) as form:
            form.amount = 600
        wizard.action_register()
        payment = order.o2c_allocation_ids.payment_id
        self.assertEqual((payment.amount, payment.partner_id, payment.create_uid),
                         (600, self.customer, self.accountant))
        self.assertEqual(payment.move_id.state, "posted")
        self.assertCollected([600], order)
        wizard = self.open(order.with_user(self.accountant).action_o2c_register_receipt())
        with Form(wizard) as form:
            form.direction = "out"
            self.assertEqual(form.amount, 600)
            form.amount = 100
        wizard.action_register()
        self.assertCollected([500], order)

    def test_company_without_a_bank_is_told(self):
        order = self.make_order(100)
        self.env["account.journal"].search([("type", "in", ("bank", "cash", "credit"))]).active = False
        wizard = self.open(order.with_user(self.accountant).action_o2c_register_receipt())
        with self.assertRaisesRegex(UserError, "Choose the bank or cash journal"):
            wizard.action_register()

    # === ALLOCATE === #

    def test_order_that_the_payer_names_is_suggested(self):
        first, second = self.make_order(600), self.make_order(500, client_order_ref="PO-4711")
        payment = self.make_payment(800, memo="Deposit PO 4711")
        wizard = self.open(payment.with_user(self.accountant).action_o2c_allocate())
        amounts = {line.order_id: (line.amount, line.hint) for line in wizard.line_ids}
        self.assertEqual(amounts, {second: (500, "reference"), first: (0, False)})
        wizard.action_allocate()
        self.assertCollected([0, 500], first, second)
        self.assertEqual(payment._get_o2c_free(), 300)

    def test_order_is_known_by_its_payment_requests_and_invoices(self):
        """An older order waits for the same amount: only the number tells whose money it is."""
        self.make_order(500)
        invoiced, asked = self.make_order(500), self.make_order(500)
        invoice = self.make_invoice(invoiced)
        request = asked._request_o2c_payment()
        for memo, order in (
            (f"Your invoice {invoice.name.replace('/', ' ')}", invoiced),
            (f"{request.name} thanks", asked),
        ):
            payment = self.make_payment(200, memo=memo).with_user(self.accountant)
            wizard = self.open(payment.action_o2c_allocate())
            self.assertEqual(
                {line.order_id: line.amount for line in wizard.line_ids if line.amount}, {order: 200}, memo)
            wizard = self.open(order.with_user(self.officer).action_o2c_allocate_receipts(), self.officer)
            self.assertEqual(
                {line.payment_id: line.hint for line in wizard.line_ids if line.amount},
                {payment: "reference"}, memo)
            wizard.action_allocate()
        references = self.env["o2c.receipt.allocate"]._get_references
        self.assertIn(invoice.name, references(invoiced))
        invoice.button_draft()
        self.assertNotIn(invoice.name, references(invoiced))

    def test_same_amount_then_oldest(self):
        first, second = self.make_order(600), self.make_order(500)
        wizard = self.open(self.make_payment(500).with_user(self.accountant).action_o2c_allocate())
        hints = {line.order_id: line.hint for line in wizard.line_ids}
        self.assertEqual(hints, {second: "amount", first: False})
        wizard = self.open(self.make_payment(700).with_user(self.accountant).action_o2c_allocate())
        self.assertEqual({line.order_id: line.amount for line in wizard.line_ids}, {first: 600, second: 100})

    def test_order_takes_receipts_that_name_it_and_not_those_of_others(self):
        first, second = self.make_order(1000, client_order_ref="PO-1000"), self.make_order(500)
        old = self.make_payment(300, date="2026-02-01")
        named = self.make_payment(400, memo=f"for {first.name}")
        other = self.make_payment(500, memo=second.name)
        wizard = self.open(first.with_user(self.officer).action_o2c_allocate_receipts(), self.officer)
        self.assertEqual(
            {line.payment_id: (line.amount, line.hint) for line in wizard.line_ids},
            {named: (400, "reference"), old: (300, "oldest"), other: (0, "other")})
        wizard.action_allocate()
        self.assertCollected([700, 0], first, second)

    def test_suggestion_in_another_currency(self):
        order = self.make_order(1000)
        payment = self.make_payment(800, currency=self.eur)
        wizard = self.open(payment.with_user(self.accountant).action_o2c_allocate())
        self.assertEqual((wizard.line_ids.amount, wizard.line_ids.currency_id), (500, self.eur))
        wizard.action_allocate()
        self.assertCollected([1000], order)

    # === RE-ALLOCATE === #

    def test_reallocation_is_opened_by_its_button(self):
        first, second = self.make_order(1000), self.make_order(1000)
        [row] = self.allocate(self.make_payment(600), {first: 600})
        wizard = self.open(row.with_user(self.accountant).action_reallocate())
        self.assertEqual((wizard.amount, wizard.action), (600, "move"))
        with Form(wizard) as form:
            form.order_id = second
            form.amount = 100
            form.reason = "Wrong order"
        wizard.action_reallocate()
        self.assertCollected([500, 100], first, second)

    # === WHAT OTHERS SEE === #

    def test_unallocated_money_shows_on_each_order(self):
        order = self.make_order(1000)
        self.assertFalse(order.o2c_unallocated_text)
        payment = self.make_payment(250)
        order.invalidate_recordset()
        self.assertIn("250.00", order.with_user(self.seller).o2c_unallocated_text)
        found = self.env["o2c.receipt"].with_user(self.seller).search(
            order.with_user(self.seller).action_o2c_open_unallocated()["domain"])
        self.assertEqual(found.payment_id, payment)
        self.assertEqual(found.free_amount, 250)

    def test_allocation_is_told_and_registered(self):
        order, payment = self.make_order(1000), self.make_payment(600)
        [row] = self.allocate(payment, {order: 600})
        self.assertIn("allocated to order", order.message_ids[0].body)
        self.assertIn("allocated to order", payment.message_ids[0].body)
        self.assertEqual(order.message_ids[0].author_id, self.accountant.partner_id)
        entry = self.env["o2c.register"].search(
            [("event", "=", "receipt_allocated"), ("res_id", "=", row.id)])
        self.assertEqual((entry.amount, entry.user_name, entry.partner_ref),
                         (600, "Accountant", self.customer.id))

    def test_everybody_opens_the_screens(self):
        order = self.make_order(1000)
        self.allocate(self.make_payment(600), {order: 500})
        for user in (self.accountant, self.officer, self.seller, self.auditor):
            for model, kinds in (("o2c.receipt", ("list", "kanban", "pivot", "graph")),
                                 ("o2c.receipt.allocation", ("list", "kanban", "form", "pivot"))):
                records = self.env[model].with_user(user)
                for kind in kinds:
                    self.assertTrue(records.get_view(view_type=kind)["arch"])
                self.assertTrue(records.search([]))
            data = order.with_user(user).web_read({
                name: {} for name in (
                    "o2c_collected", "o2c_collected_ratio", "o2c_receipt_stopped", "o2c_unallocated_text")})
            self.assertEqual(data[0]["o2c_collected"], 500)
        with Form(order.o2c_allocation_ids.payment_id.with_user(self.accountant)) as form:
            self.assertEqual((form.o2c_allocation_count, form.o2c_free_amount), (1, 100))
