import re

from lxml import html
from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_confirmation import PIXEL, ConfirmationCase


@tagged("post_install", "-at_install", "o2c")
class TestConfirmationPortal(ConfirmationCase, HttpCase):
    """The customer signs on the portal, with an account or by the link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.env["res.users"].create(
            {
                "name": "Buyer",
                "login": "o2c_buyer",
                "password": "o2c_buyer",
                "partner_id": cls.env["res.partner"].create(
                    {"name": "Buyer", "parent_id": cls.customer.id, "email": "b@example.com"}
                ).id,
                "group_ids": [Command.set([cls.env.ref("base.group_portal").id])],
            }
        )

    def setUp(self):
        super().setUp()
        self.patch(
            type(self.env["ir.actions.report"]),
            "_render_qweb_pdf",
            lambda report, ref, res_ids=None, data=None: (b"%PDF-1.4", "pdf"),
        )

    def make_sent_order(self, amount=100, **values):
        order = self.make_order(amount, require_signature=True, require_payment=False, **values)
        order.sudo().state = "sent"
        order._portal_ensure_token()
        return order

    def sign(self, order, route="accept"):
        result = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/{route}?access_token={order.access_token}",
            {"name": "Mr. Bamboo", "signature": PIXEL},
        )
        self.env.invalidate_all()
        return result

    def test_customer_with_an_account_signs_and_the_order_is_confirmed(self):
        self.authenticate("o2c_buyer", "o2c_buyer")
        order = self.make_sent_order()
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("Goods remain ours until they are paid.", page)
        self.sign(order)
        self.assertEqual((order.state, order.o2c_confirmation_state), ("sale", "confirmed"))
        confirmation = order.sudo().o2c_confirmation_id
        self.assertRecordValues(
            confirmation,
            [{"source": "portal", "name": "Mr. Bamboo", "user_id": self.buyer.id, "amount": 100.0}],
        )
        self.assertIn("Goods remain ours", confirmation.terms_text)
        self.assertEqual(self.deliver(order).state, "done")

    def test_customer_signs_by_the_link(self):
        order = self.make_sent_order()
        self.sign(order)
        self.assertEqual((order.state, order.o2c_confirmation_state), ("sale", "confirmed"))
        self.assertRecordValues(order.sudo().o2c_confirmation_id, [{"user_id": False, "is_by_link": True}])

    def ask_for_an_account(self):
        """A new version of the policy that takes signatures of users of the customer only."""
        action = self.policy.action_new_version()
        version = self.policy.browse(action["res_id"])
        version.write({"confirmation_login": True})
        version.action_put_in_force()

    def make_foreign_user(self):
        """Somebody of another company who got hold of the link."""
        partner = self.env["res.partner"].create({"name": "Stranger", "email": "s@example.com"})
        return self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "o2c_stranger",
                "password": "o2c_stranger",
                "partner_id": partner.id,
                "group_ids": [Command.set([self.env.ref("base.group_portal").id])],
            }
        )

    def test_link_alone_signs_nothing_where_an_account_is_asked_for(self):
        self.ask_for_an_account()
        order = self.make_sent_order()
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("Please log in to sign", page)
        self.assertNotIn('data-bs-target="#modalaccept"', page)
        for route in ("accept", "confirm_terms"):
            self.assertIn("error", self.sign(order, route))
        self.assertFalse(order.signature)
        self.assertEqual((order.state, order.o2c_confirmation_state), ("sent", "missing"))

    def decline(self, order, token=None):
        page = self.url_open(order.get_portal_url()).text
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        self.url_open(
            f"/my/orders/{order.id}/decline?access_token={token or order.access_token}",
            data={"csrf_token": csrf, "decline_message": "We found it cheaper."},
        )
        self.env.invalidate_all()

    def test_order_that_needs_an_account_is_rejected_and_asked_about_without_one(self):
        self.ask_for_an_account()
        order = self.make_sent_order()
        page = self.url_open(order.get_portal_url()).text
        self.assertIn('data-bs-target="#modaldecline"', page)
        self.assertIn('href="#discussion"', page)
        self.assertEqual(page.count("Log in to sign"), 2, "beside the total, and below the order")
        self.decline(order, token="wrong")
        self.assertEqual(order.state, "sent")
        self.decline(order)
        self.assertEqual(order.state, "cancel")
        self.assertIn("We found it cheaper.", "".join(order.message_ids.mapped("body")))
        self.assertFalse(order.signature)
        self.assertNotIn("Log in to sign", self.url_open(order.get_portal_url()).text)

    def test_user_of_another_company_is_led_out_before_the_login(self):
        """Odoo leads whoever is logged in straight back to the page."""
        self.ask_for_an_account()
        self.make_foreign_user()
        order = self.make_sent_order()
        self.authenticate("o2c_stranger", "o2c_stranger")
        page = html.fromstring(self.url_open(order.get_portal_url()).text)
        [url, *others] = page.xpath("//a[contains(., 'Log in to sign')]/@href")
        self.assertEqual(set(others), {url})
        login = self.url_open(url)
        self.assertIn("/web/login", login.url)
        self.assertIn('name="password"', login.text)

    def test_user_of_another_company_signs_nothing_where_an_account_is_asked_for(self):
        self.ask_for_an_account()
        self.make_foreign_user()
        self.authenticate("o2c_stranger", "o2c_stranger")
        order = self.make_sent_order()
        for route in ("accept", "confirm_terms"):
            self.assertIn("error", self.sign(order, route))
        self.assertEqual((order.state, order.o2c_confirmation_state), ("sent", "missing"))

    def test_user_of_the_customer_signs_where_an_account_is_asked_for(self):
        self.ask_for_an_account()
        self.authenticate("o2c_buyer", "o2c_buyer")
        order = self.make_sent_order()
        self.assertIn('data-bs-target="#modalaccept"', self.url_open(order.get_portal_url()).text)
        self.sign(order)
        self.assertEqual((order.state, order.o2c_confirmation_state), ("sale", "confirmed"))
        self.assertFalse(order.sudo().o2c_confirmation_id.is_by_link)

    def test_signature_by_the_link_is_not_enough_once_an_account_is_asked_for(self):
        """It was recorded as what it is, and the delivery waits for a better one."""
        order = self.make_sent_order()
        self.sign(order)
        self.assertTrue(order.sudo().o2c_confirmation_id.is_by_link)
        self.ask_for_an_account()
        self.assertEqual(order.o2c_confirmation_state, "by_link")
        picking = self.deliver(order)
        self.assertNotEqual(picking.state, "done")
        self.assertIn("without an account", self.get_holds(picking).message)
        self.record(order)
        self.assertEqual(order.o2c_confirmation_state, "confirmed")
        self.deliver(order)
        self.assertEqual(picking.state, "done")

    def test_colleague_who_signs_on_the_customers_page_confirms_nothing(self):
        self.seller.password = "o2c_seller"
        self.authenticate("o2c_seller", "o2c_seller")
        order = self.make_sent_order()
        self.assertNotIn("error", self.sign(order))
        self.assertEqual((order.state, order.o2c_confirmation_state), ("sent", "missing"))
        self.assertIn("error", self.sign(order, "confirm_terms"))
        self.assertEqual(order.o2c_confirmation_state, "missing")

    def test_changed_order_is_signed_again_on_the_portal(self):
        order = self.make_sent_order()
        self.sign(order)
        self.assertIn("error", self.sign(order, "confirm_terms"))
        order.order_line.product_uom_qty = 20
        self.assertEqual(order.o2c_confirmation_state, "stale")
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("Please confirm the credit terms", page)
        self.assertNotIn("error", self.sign(order, "confirm_terms"))
        self.assertEqual(order.o2c_confirmation_state, "confirmed")
        self.assertEqual(order.sudo().o2c_confirmation_id.amount, 200.0)
        page = self.url_open(order.get_portal_url(query_string="&message=terms_ok")).text
        self.assertIn("has been received", page)

    def test_wrong_token_signs_nothing(self):
        order = self.make_sent_order()
        result = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/confirm_terms?access_token=wrong", {"name": "X", "signature": PIXEL}
        )
        self.assertIn("error", result)
        self.assertFalse(order.signature)

    def test_failure_of_ours_does_not_fail_the_customer(self):
        order = self.make_sent_order()

        def fail(*args, **kwargs):
            raise ValueError("broken")

        self.patch(type(self.env["o2c.credit.confirmation"]), "_record", fail)
        with self.assertLogs("odoo.addons.o2c_credit.models.sale_order_confirmation", "ERROR"):
            result = self.sign(order)
        self.assertTrue(result.get("force_refresh"), result)
        self.assertEqual((order.signed_by, order.o2c_confirmation_state), ("Mr. Bamboo", "missing"))

    def test_paper_shows_the_terms_above_the_signature(self):
        order = self.make_sent_order()
        html = self.env["ir.actions.report"]._render_qweb_html("sale.action_report_saleorder", order.ids)[0]
        self.assertIn(b"Goods remain ours until they are paid.", html)
