import base64
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .schedule_common import ScheduleCase

MODEL = "o2c.payment.request"


@tagged("post_install", "-at_install", "o2c")
class TestPaymentRequest(ScheduleCase):
    """The customer is asked for an instalment; the money says whether it is paid."""

    def setUp(self):
        super().setUp()
        with freeze_time("2026-03-02 12:00:00"):
            self.order = self.make_order(1000, o2c_schedule_template_id=self.template.id)

    def ask(self, user=None, order=None):
        order = order or self.order
        action = order.with_user(user or self.seller).action_o2c_request_payment()
        return self.env[MODEL].browse(action["res_id"])

    def test_each_press_asks_for_the_next_instalment(self):
        requests = self.env[MODEL].union(*[self.ask() for _press in range(3)])
        self.assertRecordValues(requests.sorted("threshold"), [
            {"no": 1, "kind": "deposit", "amount": 300, "threshold": 300, "status": "open"},
            {"no": 2, "kind": "on_delivery", "amount": 300, "threshold": 600, "status": "open"},
            {"no": 3, "kind": "retention", "amount": 400, "threshold": 1000, "status": "open"},
        ])
        self.assertEqual(len(set(requests.mapped("name"))), 3)
        with self.assertRaises(UserError):
            self.ask()

    def test_status_follows_the_money(self):
        first, second = self.ask(), self.ask()
        payment = self.make_payment(450)
        self.allocate(payment, {self.order: 450})
        self.env.invalidate_all()
        self.assertEqual((first.status, first.missing), ("paid", 0))
        self.assertEqual((second.status, second.received, second.missing), ("partial", 150, 150))
        for status, found in (("paid", first), ("partial", second)):
            self.assertEqual(self.env[MODEL].search([("status", "=", status)]), found)
        payment.action_draft()
        self.env.invalidate_all()
        self.assertEqual((first | second).mapped("status"), ["open", "open"])
        self.assertEqual(self.env[MODEL].search([("is_late", "=", True)]), first | second)

    def test_part_that_came_in_is_not_asked_for_again(self):
        self.allocate(self.make_payment(400), {self.order: 400})
        request = self.ask()
        self.assertEqual((request.no, request.amount, request.threshold), (2, 200, 600))

    def test_order_without_schedule_asks_by_its_payment_term(self):
        request = self.ask(order=self.make_order(500))
        self.assertEqual((request.kind, request.amount), ("term", 500))
        with self.assertRaises(UserError):
            self.ask(order=self.make_order(500, confirm=False))

    def test_withdrawn_request_asks_for_nothing(self):
        request = self.ask()
        request.with_user(self.seller).action_cancel()
        self.assertEqual((request.status, request.missing), ("cancelled", 0))
        self.assertEqual(self.env["o2c.register"].search(
            [("event", "=", "request_cancelled")], limit=1).res_id, request.id)
        with self.assertRaises(UserError):
            request.with_user(self.seller).action_cancel()
        self.assertEqual(self.ask().no, 1)

    def test_printed_request_names_the_amount_and_is_no_invoice(self):
        request = self.ask()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "o2c_receipt.report_payment_request", request.ids)
        text = html.decode()
        for part in (request.name, self.order.name, "300.00", "This is no invoice"):
            self.assertIn(part, text)

    def test_mail_goes_to_the_customer_with_the_document(self):
        request = self.ask()
        self.customer.email = "buyer@example.com"
        template = self.env.ref("o2c_receipt.mail_template_payment_request")
        pdf = (base64.b64decode(b"JVBERi0="), "pdf")
        with patch.object(type(self.env["ir.actions.report"]), "_render_qweb_pdf", lambda *a, **k: pdf):
            mail = self.env["mail.mail"].browse(template.send_mail(request.id))
        self.assertIn(self.customer, mail.recipient_ids)
        self.assertIn(request.name, mail.subject)
        self.assertIn(f"/my/payment-requests/{request.id}", mail.body_html)
        self.assertTrue(mail.attachment_ids)
        action = request.with_user(self.seller).action_send()
        self.assertEqual(action["context"]["default_template_id"], template.id)

    # === RIGHTS === #

    def refuse(self, method, *args, **kwargs):
        with mute_logger("odoo.sql_db"), self.assertRaises(UserError), self.cr.savepoint():
            method(*args, **kwargs)

    def test_nobody_writes_a_request(self):
        request = self.ask()
        before = request.read(["amount", "threshold", "is_cancelled", "name"])
        for user in (self.seller, self.accountant, self.officer, self.auditor):
            for values in ({"amount": 1}, {"is_cancelled": True}, {"threshold": 0}):
                self.refuse(self.call, user, MODEL, "write", request.ids, values)
            self.refuse(self.call, user, MODEL, "create", [{"order_id": self.order.id, "amount": 5}])
            self.refuse(self.call, user, MODEL, "unlink", request.ids)
            self.refuse(self.call, user, MODEL, "_request", self.order.ids, [], 0)
        self.refuse(request.sudo().write, {"amount": 1})
        self.refuse(self.call, self.auditor, MODEL, "action_cancel", request.ids)
        self.refuse(self.call, self.auditor, "sale.order", "action_o2c_request_payment", self.order.ids)
        self.refuse(self.call, self.colleague, MODEL, "action_cancel", request.ids)
        self.refuse(self.call, self.colleague, "sale.order", "action_o2c_request_payment", self.order.ids)
        self.env.invalidate_all()
        self.assertEqual(request.read(["amount", "threshold", "is_cancelled", "name"]), before)

    def test_who_reads_requests(self):
        request = self.ask()
        theirs = self.ask(user=self.env.user, order=self.make_order(10, company=self.other_company))
        for user in (self.seller, self.accountant, self.officer, self.auditor):
            self.assertTrue(request.with_user(user).has_access("read"))
        self.assertFalse(request.with_user(self.colleague).has_access("read"))
        self.assertFalse(theirs.with_user(self.officer).has_access("read"))
        contacts = self.env["res.partner"].create([
            {"name": "Buyer", "parent_id": owner.id} for owner in (self.customer, self.stranger)])
        portals = [
            new_test_user(self.env, login=f"receipt_portal_{contact.id}", groups="base.group_portal",
                          partner_id=contact.id)
            for contact in contacts]
        self.assertEqual(
            [request.with_user(user).has_access("read") for user in portals], [True, False])
        with self.assertRaises(AccessError):
            request.with_user(portals[0]).action_cancel()


@tagged("post_install", "-at_install", "o2c")
class TestPaymentRequestPortal(HttpCase, ScheduleCase):
    """What the customer sees."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order(1000, o2c_schedule_template_id=self.template.id)
        action = self.order.action_o2c_request_payment()
        self.request = self.env[MODEL].browse(action["res_id"])

    def test_page_needs_the_link_and_offers_payment(self):
        page = self.url_open(f"/my/payment-requests/{self.request.id}")
        self.assertNotIn(self.request.name, page.text)
        page = self.url_open(self.request.get_portal_url())
        self.assertIn(self.request.name, page.text)
        self.assertIn("payment_amount=300.00", page.text)

    def test_order_shows_the_request_and_takes_the_amount(self):
        page = self.url_open(self.order.get_portal_url())
        self.assertIn(self.request.name, page.text)
        page = self.url_open(self.request._get_pay_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn("300.00", page.text)
        self.allocate(self.make_payment(300), {self.order: 300})
        page = self.url_open(self.request.get_portal_url())
        self.assertNotIn("payment_amount", page.text)
