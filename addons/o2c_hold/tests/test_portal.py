from odoo.tests import HttpCase, tagged

from .common import HoldCommon

SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install", "o2c")
class TestPortal(HoldCommon, HttpCase):
    """A customer signs on the portal: nothing fails, nothing passes silently, and no reason is told."""

    def setUp(self):
        super().setUp()
        self.set_control()
        self.set_limit(50)

    def sign(self, order):
        order._portal_ensure_token()
        self.patch(
            type(self.env["ir.actions.report"]),
            "_render_qweb_pdf",
            lambda report, ref, res_ids=None, data=None: (b"%PDF-1.4", "pdf"),
        )
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept?access_token={order.access_token}",
            {"name": "Mr. Bamboo", "signature": SIGNATURE},
        )

    def open_page(self, order, query="&message=sign_ok"):
        return self.url_open(order.get_portal_url(query_string=query)).text

    def test_signed_order_above_the_limit_waits(self):
        order = self.make_order(100, require_signature=True, require_payment=False)
        order.sudo().state = "sent"
        result = self.sign(order)
        self.assertTrue(result.get("force_refresh"), result)
        self.env.invalidate_all()
        self.assertEqual((order.state, order.signed_by), ("sent", "Mr. Bamboo"))
        hold = self.get_holds(order)
        self.assertRecordValues(hold, [{"state": "open", "confirm_requested": True}])
        self.assertEqual(order.activity_ids.user_id, self.seller)
        page = self.open_page(order)
        self.assertIn("is being processed", page)
        self.assertNotIn("has been confirmed", page)
        for word in ("limit", "exposure", "on hold", "Test limit"):
            self.assertNotIn(word, page)

    def test_signed_order_within_the_limit_is_confirmed(self):
        order = self.make_order(40, require_signature=True, require_payment=False)
        order.sudo().state = "sent"
        self.sign(order)
        self.env.invalidate_all()
        self.assertEqual(order.state, "sale")
        self.assertIn("has been confirmed", self.open_page(order))

    def test_signed_order_confirms_itself_later_as_the_system(self):
        order = self.make_order(100, require_signature=True, require_payment=False)
        order.sudo().state = "sent"
        self.sign(order)
        self.set_limit(1000)
        self.env["o2c.hold"]._recheck_partner(self.customer)
        self.run_recheck()
        self.assertEqual(order.state, "sale")
