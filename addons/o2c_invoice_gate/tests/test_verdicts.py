from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import GateCase


@tagged("post_install", "-at_install", "o2c")
class TestVerdicts(GateCase):
    """What stops an invoice, by what figures, on every path."""

    def setUp(self):
        super().setUp()
        self.set_control("invoice_application", "off")

    # === THE SHARE === #

    def test_a_cent_below_the_share_is_missing(self):
        order = self.make_order(100000)
        self.pay(order, 59999.99)
        codes = self.get_codes(order, "invoice")
        self.assertEqual(list(codes), ["invoice_ratio"])
        self.assertIn("60 % are needed", codes["invoice_ratio"])
        self.assertRegex(codes["invoice_ratio"], r": \D*0\.01\D* missing\.$")
        self.assertFalse(order.with_user(self.seller)._create_invoices())
        self.assertFalse(order.invoice_ids)
        self.pay(order, 0.01)
        self.assertEqual(self.get_codes(order, "invoice"), {})
        invoice = order._create_invoices()
        invoice.with_user(self.accountant).action_post()
        self.assertEqual(invoice.state, "posted")

    def test_share_in_other_decimals(self):
        for currency, total, enough, unit in (
            (self.jpy, 1001, 601, 1), (self.kwd, 100.005, 60.003, 0.001), (self.eur, 999.99, 600.0, 0.01),
        ):
            with self.subTest(currency=currency.name):
                for paid, missing in ((enough - unit, unit), (enough, 0)):
                    order = self.make_order(total, currency=currency)
                    self.pay(order, currency.round(paid), currency=currency)
                    self.assertEqual(order.o2c_invoice_missing, missing)

    def test_foreign_order_paid_in_company_currency(self):
        """100 EUR at 0.5 EUR for 1 USD: 120 USD are 60 EUR; at the later rate they are not."""
        order = self.make_order(100, currency=self.eur)
        self.pay(order, 119.98)
        self.assertEqual(order.o2c_invoice_missing, 0.01)
        self.pay(order, 0.02)
        self.assertEqual(order.o2c_invoice_missing, 0)

    def test_proportional_rule(self):
        self.set_policy(rule="proportional", quantity_check="none")
        order = self.make_order([600, 400])
        self.pay(order, 360)
        self.assertEqual(order.o2c_invoice_missing, 240)
        invoice = order.order_line[0]
        order.order_line[1].product_uom_qty = 1
        self.assertIn("invoice_ratio", self.get_codes(order, "invoice"))
        move = self.make_manual(order, {invoice: 1})
        self.assertEqual(self.get_codes(move), {})
        move.action_post()
        self.assertEqual(move.state, "posted")
        second = self.make_manual(order, {order.order_line[1]: 1})
        self.assertIn("invoice_ratio", self.get_codes(second))

    def test_cleared_money_only(self):
        self.set_policy(receipts="cleared")
        order = self.make_order(1000)
        payment = self.pay(order, 600)
        self.assertEqual(order.o2c_invoice_missing, 600)
        payment.sudo().is_matched = True
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(order.o2c_invoice_missing, 0)

    def test_order_of_nothing_and_full_discount_pass(self):
        free = self.make_order(0)
        self.assertEqual(self.get_codes(free, "invoice"), {})
        gift = self.make_order(100)
        gift.order_line.discount = 100
        self.assertEqual((gift.amount_total, gift.o2c_invoice_missing), (0, 0))
        gift._create_invoices().action_post()
        self.assertEqual(gift.invoice_ids.state, "posted")

    def test_negative_lines_lower_the_total(self):
        order = self.make_order([1000, -200])
        self.pay(order, 479.99)
        self.assertEqual(order.o2c_invoice_missing, 0.01)
        self.pay(order, 0.01)
        order._create_invoices(final=True).action_post()
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_sections_alone_say_nothing(self):
        order = self.make_order(100)
        self.pay(order, 60)
        order.order_line = [Command.create({"name": "Part", "display_type": "line_section"})]
        self.assertEqual(self.get_codes(order, "invoice"), {})
        move = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.customer.id,
            "invoice_line_ids": [Command.create({"name": "Only a section", "display_type": "line_section"})]})
        self.assertEqual(self.get_codes(move), {})

    def test_rounding_line_needs_no_money(self):
        rounding = self.env["account.cash.rounding"].create({
            "name": "To 1", "rounding": 1, "strategy": "add_invoice_line",
            "profit_account_id": self.env["account.account"].search(
                [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1).id,
            "loss_account_id": self.env["account.account"].search(
                [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1).id})
        order = self.make_order(99.6)
        self.pay(order, 59.76)
        invoice = order._create_invoices()
        invoice.invoice_cash_rounding_id = rounding
        self.assertEqual(invoice.amount_total, 100)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_invoice_of_two_orders_names_the_one_that_lacks(self):
        rich, poor = self.make_order(1000), self.make_order(500)
        self.pay(rich, 600)
        self.pay(poor, 100)
        lines = {rich.order_line: 1, poor.order_line: 1}
        message = self.get_codes(self.make_manual(rich | poor, lines))["invoice_ratio"]
        self.assertIn(poor.name, message)
        self.assertNotIn(rich.name, message)

    def test_refund_passes_and_its_correction_needs_no_new_money(self):
        order = self.make_order(1000)
        payment = self.pay(order, 600)
        order._create_invoices().action_post()
        note = self.make_credit_note(order.invoice_ids)
        self.assertEqual(note.state, "posted")
        payment.action_draft()
        self.env.flush_all()
        self.assertEqual(self.get_collected(order), [0])
        again = self.make_manual(order, {order.order_line: 1})
        self.assertIn("invoice_ratio", self.get_codes(again), "no application covers it")

    # === PATHS === #

    def make_manual(self, orders, lines, *, partner=None, price=None, **values):
        """Invoice created directly, with lines linked to order lines: the API's way."""
        return self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": (partner or self.customer).id,
            "currency_id": orders.currency_id[:1].id,
            "invoice_line_ids": [Command.create({
                "name": line.name, "product_id": line.product_id.id, "quantity": quantity,
                "price_unit": line.price_unit if price is None else price, "tax_ids": [Command.clear()],
                "sale_line_ids": [Command.link(line.id)]}) for line, quantity in lines.items()],
            **values})

    def test_down_payment_wizard_waits_at_posting(self):
        order = self.make_order(1000)
        wizard = self.env["sale.advance.payment.inv"].with_user(self.seller).with_context(
            active_model="sale.order", active_ids=order.ids).create(
            {"advance_payment_method": "percentage", "amount": 30})
        invoice = wizard._create_invoices(order.with_user(self.seller)).sudo()
        invoice.with_user(self.accountant).action_post()
        self.assertEqual(invoice.state, "draft")
        self.refuse(order, invoice.with_user(self.accountant).write, {"state": "posted"}, text="missing")
        self.set_policy(down_payments="exempt")
        invoice.with_user(self.accountant).action_post()
        self.assertEqual(invoice.state, "posted")

    def test_goods_disguised_as_a_down_payment_are_goods(self):
        self.set_policy(down_payments="exempt")
        order = self.make_order(1000)
        order.order_line.sudo()._write({"is_downpayment": True})
        self.env.invalidate_all()
        move = self.make_manual(order, {order.order_line: 1})
        self.assertIn("invoice_ratio", self.get_codes(move))

    def test_two_invoices_posted_at_once_do_not_share_what_is_there_for_one(self):
        self.set_policy(rule="proportional", quantity_check="none")
        order = self.make_order([500, 500])
        self.pay(order, 300)
        first, second = [self.make_manual(order, {line: 1}) for line in order.order_line]
        (first | second).with_user(self.accountant).action_post()
        self.assertEqual(sorted((first | second).mapped("state")), ["draft", "posted"])

    def test_linked_to_a_paid_order_of_somebody_else(self):
        order = self.make_order(1000)
        self.pay(order, 1000)
        move = self.make_manual(order, {order.order_line: 1}, partner=self.stranger)
        self.assertIn("another customer", self.get_codes(move)["invoice_three_way"])

    def test_price_above_the_order(self):
        order = self.make_order(1000)
        self.pay(order, 1000)
        move = self.make_manual(order, {order.order_line: 1}, price=1000.03)
        self.assertIn("by the prices of the order", self.get_codes(move)["invoice_three_way"])

    def test_amounts_of_items_cannot_be_forged(self):
        order = self.make_order(1000)
        move = self.make_manual(order, {order.order_line: 1})
        self.refuse(order, move.with_user(self.accountant).invoice_line_ids.write, {"price_total": 0})

    def test_manual_invoice_past_open_orders(self):
        order = self.make_order(1000)
        move = self.env["account.move"].with_user(self.accountant).create({
            "move_type": "out_invoice", "partner_id": self.customer.id,
            "invoice_line_ids": [Command.create({"name": "Advice", "price_unit": 10})]})
        self.assertIn(order.name, self.get_codes(move)["invoice_open_orders"])
        move.partner_id = self.stranger
        self.assertEqual(self.get_codes(move), {})
        move.partner_id = self.customer
        self.set_policy(manual_checked=False)
        self.assertEqual(self.get_codes(move), {})

    def test_online_payment_makes_no_invoice_past_the_gate(self):
        """The job that invoices paid orders leaves out what must wait, and never fails."""
        order = self.make_order(1000)
        self.assertFalse(order.with_context(raise_if_nothing_to_invoice=False)._create_invoices(final=True))
        self.assertFalse(order.invoice_ids)

    def test_without_a_policy_nothing_is_judged(self):
        order = self.make_order(1000, company=self.other_company)
        self.assertFalse(order.o2c_is_gate_judged)
        with self.assertQueryCount(0):
            self.assertFalse(self.env["o2c.invoice.policy"]._get_terms(order))
        order._create_invoices().action_post()
        self.assertEqual(order.invoice_ids.state, "posted")

    # === QUANTITIES AND SLIPS === #

    def test_no_more_than_delivered_with_tolerance(self):
        order = self.make_goods(10)
        self.pay(order, 1000)
        self.deliver(order, 8)
        line = order.order_line
        self.assertIn("9.0", self.get_codes(self.make_manual(order, {line: 9}))["invoice_three_way"])
        self.assertEqual(self.get_codes(self.make_manual(order, {line: 8})), {})
        self.set_policy(quantity_tolerance=12.5)
        self.assertEqual(self.get_codes(self.make_manual(order, {line: 9})), {})
        self.set_policy(quantity_check="none", quantity_tolerance=0)
        self.assertEqual(self.get_codes(self.make_manual(order, {line: 9})), {})

    def test_services_are_compared_by_policy(self):
        order = self.make_order(1000)
        self.pay(order, 1000)
        self.assertEqual(self.get_codes(self.make_manual(order, {order.order_line: 1})), {})
        self.set_policy(quantity_check="all")
        move = self.make_manual(order, {order.order_line: 1})
        self.assertIn("invoice_three_way", self.get_codes(move))
        order.order_line.qty_delivered = 1
        self.assertEqual(self.get_codes(move), {})

    def test_unsigned_delivery(self):
        order = self.make_goods(10)
        self.pay(order, 1000)
        first = self.deliver(order, 4)
        second = order.picking_ids - first
        second.move_ids.write({"quantity": 6, "picked": True})
        second._action_done()
        line = order.order_line
        self.assertEqual(self.get_codes(self.make_manual(order, {line: 4})), {})
        message = self.get_codes(self.make_manual(order, {line: 5}))["invoice_slip"]
        self.assertIn("signed for 4.0 of 5.0", message)
        self.set_policy(signature_needed=False)
        self.assertEqual(self.get_codes(self.make_manual(order, {line: 10})), {})

    # === NUMBERS OF TAX INVOICES === #

    def make_numbered(self, number, post=True):
        order = self.make_order(100)
        self.pay(order, 100)
        move = order._create_invoices()
        move.o2c_tax_number = number
        if post:
            move.action_post()
            self.assertEqual(move.state, "posted")
        return move

    def test_number_of_a_tax_invoice(self):
        first = self.make_numbered("2531 2000 0000 1234 5678")
        self.assertEqual(first.o2c_tax_number, "25312000000012345678")
        second = self.make_numbered("25312000000012345678", post=False)
        self.assertIn(first.name, self.get_codes(second)["invoice_tax_number"])
        second.action_post()
        self.assertEqual(second.state, "draft")
        second.o2c_tax_number = "12345678"
        second.action_post()
        self.assertEqual(second.state, "posted")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            second.o2c_tax_number = "25312000000012345678"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            second.o2c_tax_number = "1234"
        self.env.invalidate_all()
        self.assertEqual(second.o2c_tax_number, "12345678")

    def test_storno_repeats_the_number_and_others_do_not(self):
        first = self.make_numbered("87654321")
        note = self.env["account.move"].browse(first._reverse_moves().ids)
        note.o2c_tax_number = "87654321"
        note.action_post()
        self.assertEqual(note.state, "posted")
        stranger = self.make_numbered("11112222")._reverse_moves()
        stranger.o2c_tax_number = "87654321"
        with self.assertRaises(UserError), self.env.cr.savepoint():
            stranger.action_post()
        self.assertEqual(stranger.state, "draft")

    def test_other_companies_have_numbers_of_their_own(self):
        self.make_numbered("33334444")
        order = self.make_order(100, company=self.other_company)
        move = order._create_invoices()
        move.o2c_tax_number = "33334444"
        self.assertFalse(move._get_o2c_number_twin())
