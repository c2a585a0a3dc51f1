from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import GateCase


@tagged("post_install", "-at_install", "o2c")
class TestApplication(GateCase):
    """From the application to the posted invoice."""

    def test_the_whole_way(self):
        order = self.make_goods(10)
        self.pay(order, 600)
        self.deliver(order)
        application = self.apply(order, reason="Customer needs it this month")
        line = application.product_line_ids
        self.assertRecordValues(line, [{
            "ordered": 10, "delivered": 10, "signed": 10, "invoiced": 0, "allowed": 10, "quantity": 10,
            "amount_now": 1000, "is_over": False}])
        self.assertEqual((application.missing, application.amount_now), (0, 1000))
        self.assertEqual((application.collected, application.ratio, application.threshold), (600, 60, 60))
        self.assertFalse(application.findings)
        application.action_submit()
        request = application.o2c_request_id.sudo()
        self.assertEqual(
            request.step_ids.group_id.mapped("name"),
            [self.env.ref(f"o2c_base.group_finance_{role}").name for role in ("officer", "director")])
        self.assertEqual((request.amount, request.kind), (1000, "invoice_application"))
        self.assertIn("Delivered", request.summary)
        self.assertIs(self.sign_application(application), True)
        self.assertEqual(application.state, "invoiced")
        invoice = application.sudo().move_id
        self.assertRecordValues(invoice, [{"state": "posted", "amount_total": 1000, "amount_residual": 400}])
        self.assertEqual(order.invoice_status, "invoiced")
        entry = self.env["o2c.register"].search([("event", "=", "invoice_signed")], limit=1, order="id desc")
        self.assertEqual((entry.amount, entry.res_id), (1000, application.id))
        self.assertFalse(invoice.sudo().o2c_is_on_hold)

    def test_exactly_what_was_approved(self):
        order = self.make_goods(10)
        order.order_line = [(0, 0, {"product_id": self.product.id, "product_uom_qty": 3, "price_unit": 7,
                                    "tax_ids": [(5,)]})]
        self.pay(order, 1000)
        self.deliver(order)
        application = self.apply(order)
        pumps, service = application.product_line_ids.sorted("sequence")
        pumps.quantity = 4
        service.quantity = 0
        application.action_submit()
        self.assertEqual(application.amount, 400)
        self.sign_application(application)
        invoice = application.sudo().move_id
        self.assertEqual([(one.quantity, one.price_unit) for one in invoice.invoice_line_ids], [(4, 100)])
        self.assertEqual(order.invoice_status, "to invoice")
        rest = self.issue(order)
        self.assertEqual((rest.amount_total, order.invoice_status), (621, "invoiced"))

    def test_below_the_share(self):
        order = self.make_order(100000)
        self.pay(order, 59999.99)
        application = self.apply(order)
        self.assertEqual(application.missing, 0.01)
        message = self.refuse(order, application.action_submit, text="Not enough was collected")
        self.assertIn("0.01", message)
        self.refuse(order, application.action_submit_exception, text="Say why")
        application.reason = "The bank transfer is on its way"
        application.action_submit_exception()
        self.assertEqual((application.is_exception, application.missing_submitted), (True, 0.01))
        self.assertEqual(application.sudo().o2c_request_id.kind, "invoice_exception")
        self.sign_application(application)
        self.assertEqual(application.sudo().move_id.state, "posted")

    def test_money_that_no_order_was_given_shows_where_it_is_missing(self):
        application = self.apply(self.make_order(1000))
        self.assertFalse(application.unallocated_text)
        self.make_payment(500)
        self.env.invalidate_all()
        self.assertIn("500.00", application.unallocated_text)

    def test_exceptions_by_policy_only(self):
        self.set_policy(exception_allowed=False)
        order = self.make_order(1000)
        application = self.apply(order, reason="please")
        self.refuse(order, application.action_submit_exception, text="no exceptions")
        self.pay(order, 600)
        self.refuse(order, application.action_submit_exception, text="no exception is needed")

    def test_exception_lapses_when_more_is_missing_than_was_accepted(self):
        order = self.make_order(1000)
        self.pay(order, 300)
        second = self.pay(order, 200)
        application = self.apply(order, reason="please")
        application.action_submit_exception()
        second.action_draft()
        application.sudo().o2c_request_id.with_user(self.officer).action_approve("checked")
        self.assertEqual(application.state, "draft")
        self.assertFalse(order.invoice_ids)

    def test_lapses_when_a_receipt_bounces(self):
        order = self.make_order(1000)
        payment = self.pay(order, 600)
        application = self.apply(order)
        application.action_submit()
        request = application.sudo().o2c_request_id
        request.with_user(self.officer).action_approve("checked")
        payment.action_draft()
        self.assertIsNot(request.with_user(self.director).action_approve("signed"), True)
        self.assertEqual((request.state, application.state), ("lapsed", "draft"))
        self.assertFalse(order.invoice_ids)

    def test_more_money_is_no_reason_to_lapse(self):
        order = self.make_order(1000)
        self.pay(order, 600)
        application = self.apply(order)
        application.action_submit()
        self.pay(order, 100)
        self.sign_application(application)
        self.assertEqual(application.state, "invoiced")

    def test_lapses_when_the_order_changes(self):
        order = self.make_order(1000)
        self.pay(order, 1000)
        application = self.apply(order)
        application.action_submit()
        order.order_line.price_unit = 900
        application.sudo().o2c_request_id.with_user(self.officer).action_approve("checked")
        self.assertEqual((application.state, order.invoice_ids.ids), ("draft", []))

    def test_refused_and_again(self):
        order = self.make_order(1000)
        self.pay(order, 600)
        application = self.apply(order)
        application.action_submit()
        application.sudo().o2c_request_id.with_user(self.officer).action_reject("Wrong month")
        self.assertEqual(application.state, "refused")
        application.action_reset_draft()
        application.action_submit()
        self.sign_application(application)
        self.assertEqual(application.state, "invoiced")

    def test_withdrawn_and_cancelled(self):
        order = self.make_order(1000)
        self.pay(order, 600)
        application = self.apply(order)
        application.action_submit()
        application.o2c_request_id.with_user(self.seller).action_withdraw()
        self.assertEqual(application.state, "draft")
        application.action_cancel()
        self.assertEqual(application.state, "cancelled")
        with self.assertRaises(UserError):
            application.unlink()

    def test_signature_covers_what_is_posted_by_hand(self):
        order = self.make_goods(10)
        self.pay(order, 1000)
        self.deliver(order)
        self.assertIn("invoice_application", self.get_codes(order, "invoice"))
        invoice = self.issue(order)
        note = self.make_credit_note(invoice)
        self.assertEqual(note.state, "posted")
        self.assertEqual(self.get_codes(order, "invoice"), {}, "the correction is covered")
        again = order.with_user(self.seller)._create_invoices().sudo()
        again.invoice_line_ids.price_unit = 101
        self.assertEqual(set(self.get_codes(again)), {"invoice_application", "invoice_three_way"})
        again.invoice_line_ids.price_unit = 100
        again.with_user(self.accountant).action_post()
        self.assertEqual(again.state, "posted")
        self.assertEqual(order.invoice_status, "invoiced")

    def test_cash_sale_needs_no_signature(self):
        order = self.make_order(1000)
        self.pay(order, 1000)
        self.assertIn("invoice_application", self.get_codes(order, "invoice"))
        self.set_policy(paid_exempt=True)
        self.assertEqual(self.get_codes(order, "invoice"), {})
        order._create_invoices().with_user(self.accountant).action_post()
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_down_payment_and_its_deduction(self):
        self.set_policy(down_payments="exempt")
        order = self.make_order(1000)
        asked = self.apply(order, kind="down_payment", down_amount=300)
        self.assertEqual(asked.missing, 0)
        asked.action_submit()
        self.sign_application(asked)
        first = asked.sudo().move_id
        self.assertRecordValues(first, [{"state": "posted", "amount_total": 300}])
        self.pay_invoice(first)
        self.pay(order, 300)
        application = self.apply(order)
        self.assertEqual((application.amount_now, application.missing), (700, 0))
        application.action_submit()
        self.sign_application(application)
        self.assertRecordValues(application.sudo().move_id, [{"state": "posted", "amount_total": 700}])
        again = self.env["sale.advance.payment.inv"].with_user(self.seller).with_context(
            active_model="sale.order", active_ids=order.ids).create(
            {"advance_payment_method": "fixed", "fixed_amount": 300})
        extra = again._create_invoices(order.with_user(self.seller)).sudo()
        self.assertIn("invoice_application", self.get_codes(extra))

    def test_down_payment_is_issued_by_who_signed(self):
        """As an ordinary application is: the system signs nothing. The signature gives no other rights."""
        self.set_policy(down_payments="exempt")
        plain = self.make_order(1000)
        self.pay(plain, 600)
        order = self.make_order(1000)
        asked = self.apply(order, kind="down_payment", down_amount=300)
        asked.action_submit()
        before = order.message_ids
        self.sign_application(asked)
        invoice, ordinary = asked.sudo().move_id, self.issue(plain)
        for move in (invoice, ordinary):
            self.assertEqual((move.create_uid, move.invoice_user_id), (self.director, self.seller))
            self.assertEqual(move.invoice_line_ids.create_uid, self.director)
            self.assertEqual(move.message_ids.author_id, self.director.partner_id)
        notes = order.message_ids - before
        self.assertTrue(notes.filtered(lambda note: "Down payment" in (note.body or "")))
        self.assertEqual(notes.author_id, self.director.partner_id)
        mine = order.with_user(self.director)
        for attempt in (
            lambda: mine.message_post(body="More"), lambda: mine.write({"note": "x"}),
            lambda: self.env["sale.advance.payment.inv"].with_user(self.director).with_context(
                active_model="sale.order", active_ids=order.ids).create(
                {"advance_payment_method": "fixed", "fixed_amount": 1}).create_invoices(),
        ):
            self.refuse(order, attempt)
        self.assertEqual(order.message_ids - before, notes)

    def test_counted_down_payment_needs_the_share(self):
        order = self.make_order(1000)
        asked = self.apply(order, kind="down_payment", down_amount=300)
        self.assertEqual(asked.missing, 600)
        self.refuse(order, asked.action_submit)

    def test_two_orders_on_one_invoice(self):
        first, second = self.make_order(1000), self.make_order(500)
        self.pay(first, 600)
        application = self.apply(first, second)
        self.assertEqual(application.missing, 300)
        self.refuse(second, application.action_submit, text=second.name)
        self.pay(second, 300)
        application.action_submit()
        self.sign_application(application)
        self.assertEqual(application.sudo().move_id.amount_total, 1500)

    def test_orders_that_do_not_fit_on_one_invoice(self):
        mine, theirs = self.make_order(1000), self.make_order(500, partner=self.stranger)
        self.refuse(mine, self.apply, mine, theirs, text="one customer")
        self.refuse(mine, self.apply, mine, self.make_order(5, currency=self.eur), text="one currency")
        self.refuse(mine, self.apply, self.make_order(5, confirm=False), text="Confirm the order first")

    def test_quantities_and_slips_must_agree(self):
        order = self.make_goods(10)
        self.pay(order, 1000)
        picking = self.deliver(order, 6, sign=False)
        application = self.apply(order)
        self.assertEqual(application.product_line_ids.quantity, 6)
        self.refuse(order, application.action_submit, text="signed for 0.0 of 6.0")
        self.sign(picking)
        application.product_line_ids.quantity = 7
        self.assertTrue(application.product_line_ids.is_over)
        self.refuse(order, application.action_submit, text="7.0")
        application.product_line_ids.quantity = 6
        application.action_submit()
        self.sign_application(application)
        self.assertEqual(application.sudo().move_id.amount_total, 600)

    def test_one_application_at_a_time(self):
        order = self.make_order([400, 600])
        self.pay(order, 1000)
        one = self.apply(order)
        one.action_submit()
        two = self.apply(order)
        self.assertNotEqual(one, two)
        self.refuse(order, two.action_submit, text=one.name)

    def test_amount_of_nothing_is_signed_by_the_director(self):
        order = self.make_order(0)
        application = self.apply(order)
        application.action_submit()
        self.assertEqual(len(application.sudo().o2c_request_id.step_ids), 2)
        self.sign_application(application)
        self.assertEqual(application.sudo().move_id.state, "posted")

    def test_foreign_currency(self):
        order = self.make_order(100, currency=self.eur)
        self.pay(order, 120)
        application = self.apply(order)
        application.action_submit()
        self.assertEqual((application.amount, application.sudo().o2c_request_id.amount), (100, 200))
        self.sign_application(application)
        self.assertEqual(application.sudo().move_id.amount_residual, 40)

    def test_without_authority_nothing_is_asked(self):
        self.env["o2c.authority"].search([("kind", "=", "invoice_application")]).unlink()
        order = self.make_order(1000)
        self.pay(order, 600)
        self.refuse(order, self.apply(order).action_submit, text="No authority row")

    def test_draft_invoice_that_another_control_stops_approves_nothing(self):
        order = self.make_order(1000)
        self.pay(order, 600)
        application = self.apply(order)
        application.action_submit()
        request = application.sudo().o2c_request_id
        request.with_user(self.officer).action_approve("checked")
        self.set_policy(quantity_check="all")
        self.assertIsNot(request.with_user(self.director).action_approve("signed"), True)
        self.assertFalse(order.invoice_ids.filtered(lambda move: move.state == "posted"))

    def test_report(self):
        order = self.make_order(1000)
        self.pay(order, 600)
        application = self.apply(order)
        application.action_submit()
        self.sign_application(application)
        html = self.env["ir.actions.report"].with_user(self.seller)._render_qweb_html(
            "o2c_invoice_gate.invoice_application_report", application.ids)[0].decode()
        self.assertIn(application.name, html)
        self.assertIn(self.director.name, html)
