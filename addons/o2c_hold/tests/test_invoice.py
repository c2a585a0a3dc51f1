from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestInvoice(HoldCommon):
    """Posting customer invoices, by every way, as an accountant."""

    def setUp(self):
        super().setUp()
        self.set_control("invoice_without_order")

    def make_invoice(self, amount=100.0, *, move_type="out_invoice", **values):
        return (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": move_type,
                    "partner_id": self.customer.id,
                    "invoice_date": self.company._o2c_today(),
                    "invoice_line_ids": [
                        Command.create({"name": "Advice", "price_unit": amount, "tax_ids": [Command.clear()]})
                    ],
                    **values,
                }
            )
        )

    def refuse(self, function):
        refusals = self.env["o2c.register"].search_count([("event", "=", "step_refused")])
        try:
            function()
        except UserError as error:
            self.assertIn("belong to no order", str(error))
        else:
            self.fail("It was not refused.")
        self.env.invalidate_all()
        self.assertEqual(
            self.env["o2c.register"].search_count([("event", "=", "step_refused")]), refusals + 1
        )

    # --- buttons --------------------------------------------------------------------------------------------

    def test_invoice_without_order_waits(self):
        invoice = self.make_invoice()
        action = self.call(self.accountant, "account.move", "action_post", invoice.ids)
        self.assertIn("1 of its lines belong to no order", action["params"]["message"])
        self.assertEqual(invoice.state, "draft")
        self.assertFalse(invoice.name)
        self.assertRecordValues(
            self.get_holds(invoice),
            [{"state": "open", "checkpoint": "invoice", "amount": 100.0, "move_id": invoice.id}],
        )

    def test_invoice_of_an_order_is_posted(self):
        invoice = self.make_confirmed(100).sudo()._create_invoices().with_user(self.accountant)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertFalse(self.get_holds(invoice))

    def test_released_invoice_is_posted_by_the_next_click(self):
        invoice = self.make_invoice()
        invoice.action_post()
        request = self.ask_release(self.get_holds(invoice), user=self.accountant)
        request.with_user(self.credit_manager).action_approve()
        self.run_recheck()
        self.assertEqual(invoice.state, "draft")
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_released_invoice_with_a_greater_amount_lapses(self):
        invoice = self.make_invoice()
        invoice.action_post()
        request = self.ask_release(self.get_holds(invoice), user=self.accountant)
        request.with_user(self.credit_manager).action_approve()
        invoice.invoice_line_ids.price_unit = 5000
        invoice.action_post()
        self.assertEqual((invoice.state, self.get_holds(invoice).state), ("draft", "lapsed"))

    def test_batch_posts_what_may_be_posted(self):
        free = self.make_confirmed(100).sudo()._create_invoices().with_user(self.accountant)
        held = self.make_invoice()
        action = (free | held).action_post()
        self.assertEqual((free.state, held.state), ("posted", "draft"))
        self.assertEqual(action["params"]["title"], "1 of 2 wait")

    def test_mass_posting_wizard_says_what_waits(self):
        free = self.make_confirmed(100).sudo()._create_invoices().with_user(self.accountant)
        held = self.make_invoice()
        wizard = (
            self.env["validate.account.move"]
            .with_user(self.accountant)
            .create({"move_ids": [Command.set((free | held).ids)], "force_post": True})
        )
        action = wizard.validate_move()
        self.assertEqual((free.state, held.state), ("posted", "draft"))
        self.assertEqual(action["params"]["next"]["type"], "ir.actions.act_window_close")

    def test_autopost_job_goes_on_with_the_rest(self):
        free = self.make_confirmed(100).sudo()._create_invoices()
        held = self.make_invoice()
        (free | held.sudo())._post()
        self.assertEqual((free.state, held.state), ("posted", "draft"))

    def test_credit_note_entry_and_bill_pass(self):
        refund = self.make_invoice(move_type="out_refund")
        refund.action_post()
        self.assertEqual(refund.state, "posted")
        bill = self.make_invoice(move_type="in_invoice")
        bill.action_post()
        self.assertEqual(bill.state, "posted")
        account = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create({"account_id": account.id, "debit": 10}),
                    Command.create({"account_id": account.id, "credit": 10}),
                ],
            }
        )
        entry.action_post()
        self.assertEqual(entry.state, "posted")

    def test_down_payment_invoice_of_an_order_is_posted(self):
        order = self.make_confirmed(100)
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": 50})
        )
        wizard.create_invoices()
        order.invoice_ids.sudo().action_post()
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_module_may_let_documents_pass_by_their_nature(self):
        original = type(self.env["account.move"])._is_o2c_gated
        self.patch(
            type(self.env["account.move"]),
            "_is_o2c_gated",
            lambda move: original(move) and move.ref != "opening",
        )
        invoice = self.make_invoice(ref="opening")
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    # --- round the buttons ----------------------------------------------------------------------------------

    def test_writing_the_state_is_refused(self):
        invoice = self.make_invoice()
        self.refuse(
            lambda: self.call(self.accountant, "account.move", "write", invoice.ids, {"state": "posted"})
        )
        self.assertEqual(invoice.state, "draft")

    def test_creating_a_posted_invoice_is_refused(self):
        for context in ({}, {"default_state": "posted"}):
            vals = {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create({"name": "Advice", "price_unit": 100})],
            }
            if not context:
                vals["state"] = "posted"
            before = self.env["account.move"].search_count([])
            with self.subTest(context=context), self.assertRaises(UserError):
                self.call(self.accountant, "account.move", "create", [vals], context=context)
            self.assertEqual(self.env["account.move"].search_count([]), before)

    def test_turning_a_posted_credit_note_into_an_invoice_is_refused(self):
        refund = self.make_invoice(move_type="out_refund")
        refund.action_post()
        self.refuse(
            lambda: self.call(
                self.accountant, "account.move", "write", refund.ids, {"move_type": "out_invoice"}
            )
        )
        self.assertEqual(refund.move_type, "out_refund")

    def test_resetting_changing_and_posting_again_is_judged_again(self):
        order = self.make_confirmed(100)
        invoice = order.sudo()._create_invoices().with_user(self.accountant)
        invoice.action_post()
        invoice.button_draft()
        invoice.write({"invoice_line_ids": [Command.create({"name": "Advice", "price_unit": 5000})]})
        invoice.action_post()
        self.assertEqual(invoice.state, "draft")

    def test_switching_the_type_of_a_draft_is_judged_when_posted(self):
        refund = self.make_invoice(move_type="out_refund")
        refund.action_switch_move_type()
        self.assertEqual(refund.move_type, "out_invoice")
        refund.action_post()
        self.assertEqual(refund.state, "draft")

    # --- invoicing orders -----------------------------------------------------------------------------------

    def hold_invoicing(self, order):
        original = type(order)._get_invoicing_verdicts
        self.patch(
            type(order),
            "_get_invoicing_verdicts",
            lambda self, facts: (
                original(self, facts)
                + (
                    [Verdict("test_limit", "hold", "too little was collected.", {})]
                    if self.id == order.id
                    else []
                )
            ),
        )
        self.set_control("test_limit")

    def test_order_that_must_not_be_invoiced_is_left_out(self):
        free, held = self.make_confirmed(100), self.make_confirmed(100)
        self.hold_invoicing(held)
        invoices = (free | held).sudo()._create_invoices()
        self.assertEqual(invoices.invoice_line_ids.sale_line_ids.order_id, free)
        self.assertRecordValues(self.get_holds(held), [{"checkpoint": "invoice", "state": "open"}])

    def test_invoicing_wizard_says_why_nothing_was_made(self):
        held = self.make_confirmed(100)
        self.hold_invoicing(held)
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(self.sales_manager)
            .with_context(active_ids=held.ids, active_model="sale.order")
            .create({"advance_payment_method": "delivered"})
        )
        action = wizard.create_invoices()
        self.assertIn("too little was collected", action["params"]["message"])
        self.assertFalse(held.sudo().invoice_ids)

    # --- customers become free ------------------------------------------------------------------------------

    def make_waiting_order(self):
        self.set_control()
        self.set_limit(1000)
        order = self.make_order(1100)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.set_limit(2000)
        self.run_recheck()
        self.assertEqual(order.state, "draft", "Nobody has named the customer yet.")
        return order

    def test_payment_looks_at_what_waits(self):
        invoice = self.make_confirmed(100).sudo()._create_invoices()
        invoice.action_post()
        order = self.make_waiting_order()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(self.run_recheck(), 1)
        self.assertEqual(order.state, "sale")

    def test_unmatched_receipt_looks_at_what_waits(self):
        order = self.make_waiting_order()
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 500,
                "payment_type": "inbound",
                "partner_type": "customer",
            }
        )
        payment.action_post()
        self.run_recheck()
        self.assertEqual(order.state, "sale")

    def test_cancelled_invoice_looks_at_what_waits(self):
        invoice = self.make_confirmed(100).sudo()._create_invoices()
        invoice.action_post()
        order = self.make_waiting_order()
        invoice.button_draft()
        self.run_recheck()
        self.assertEqual(order.state, "sale")

    def test_many_receipts_of_many_customers_cost_one_statement(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(50)])
        # The end of the transaction included, where the statement is.
        with self.assertQueryCount(1):
            for partner in partners:
                self.env["o2c.hold"]._recheck_partner(partner)

    def test_salesperson_sees_the_draft_that_accounting_will_post(self):
        order = self.make_order(100)
        order.action_confirm()
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices().with_user(self.seller)
        invoice.invalidate_recordset()
        self.assertFalse(self.seller.has_group("account.group_account_readonly"))
        self.assertEqual(invoice.payment_count, 0)
