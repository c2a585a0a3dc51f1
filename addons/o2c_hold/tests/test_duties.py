from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestDuties(HoldCommon):
    """What somebody did with an order counts when its hold is to be released."""

    def setUp(self):
        super().setUp()
        self.set_control()
        self.set_limit(1000)
        self.clerk = self.make_user(
            "clerk", "sales_team.group_sale_salesman_all_leads,o2c_base.group_credit_manager"
        )

    def make_invoice_hold(self):
        """An order of the seller that the clerk confirmed, and the hold on the accountant's invoice of it."""
        order = self.make_order(800)
        order.with_user(self.clerk).action_confirm()
        self.assertEqual(order.state, "sale")
        self.set_limit(500)
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.state, "draft")
        return self.get_holds(invoice)

    def test_who_confirmed_the_order_does_not_release_its_invoice(self):
        hold = self.make_invoice_hold()
        request = self.ask_release(hold, user=self.accountant)
        with self.assertRaisesRegex(AccessError, "keeps apart"):
            self.call(self.clerk, "o2c.request", "action_approve", request.ids)
        self.assertEqual((request.state, hold.state), ("pending", "requested"))
        self.call(self.credit_manager, "o2c.request", "action_approve", request.ids)
        self.assertEqual((request.state, hold.state), ("approved", "released"))

    def test_who_did_nothing_with_the_order_may_release_it_whatever_else_he_holds(self):
        order = self.make_order(1150)
        order.action_confirm()
        hold = self.get_holds(order)
        request = self.ask_release(hold)
        self.call(self.clerk, "o2c.request", "action_approve", request.ids)
        self.assertEqual(hold.state, "released")

    def test_hold_is_about_its_documents(self):
        hold = self.make_invoice_hold()
        self.assertEqual(hold._get_approval_related(), [hold.order_id, hold.move_id])
