import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CreditCase

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CODE = "credit_confirmation"


class ConfirmationCase(CreditCase):
    """A company whose policy wants credit sales confirmed in writing, and whose control enforces that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.make_user("administrator", "o2c_base.group_policy_administrator")
        cls.policy = (
            cls.env["o2c.credit.policy"]
            .with_user(cls.administrator)
            .create({"name": "Credit", "company_id": cls.company.id, "confirmation_required": True})
        )
        cls.policy.action_put_in_force()
        settings = cls.env["o2c.control.setting"].search([("company_id", "=", cls.company.id)])
        settings.write({"mode": "off"})
        settings.filtered(lambda setting: setting.code == CODE).write({"mode": "enforcing"})
        cls.company.o2c_credit_clause = "Goods remain ours until they are paid."
        cls.customer.email = "buyer@example.com"

    def record(self, order, user=None, **values):
        """Record a signed document as a plain user does."""
        wizard = self.env["o2c.credit.confirmation.wizard"].with_user(user or self.seller)
        return wizard.create(
            {
                "order_id": order.id,
                "o2c_confirmation_file": base64.b64encode(b"scan"),
                "o2c_confirmation_filename": "scan.pdf",
                "name": "Ms. Willow",
                **values,
            }
        ).action_record()

    def deliver(self, order):
        picking = order.picking_ids.with_user(self.keeper)
        picking.move_ids.quantity = picking.move_ids.product_uom_qty
        picking.button_validate()
        return picking

    def get_holds(self, document):
        return document.sudo().o2c_hold_ids.filtered(lambda hold: hold.code == CODE)


@tagged("post_install", "-at_install", "o2c")
class TestConfirmation(ConfirmationCase):
    # === WHEN === #

    def test_delivery_waits_for_the_confirmation_and_goes_on_after_it(self):
        order = self.make_order(100, require_signature=False)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        picking = self.deliver(order)
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.get_holds(picking).state, "open")
        self.assertIn("has not confirmed", self.get_holds(picking).message)
        self.record(order)
        self.assertEqual(order.o2c_confirmation_state, "confirmed")
        self.deliver(order)
        self.assertEqual(picking.state, "done")

    def test_order_that_asks_for_a_signature_waits_itself(self):
        order = self.make_order(100, require_signature=True)
        order.action_confirm()
        self.assertEqual((order.state, order.o2c_confirmation_state), ("draft", "missing"))
        self.record(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_order_without_an_amount_needs_none(self):
        order = self.make_order(0)
        self.assertEqual(order.o2c_confirmation_state, "none")
        self.assertFalse(order._get_o2c_credit_terms())

    def test_policy_that_does_not_ask_leaves_everything_alone(self):
        self.policy.action_end()
        order = self.make_order(100, require_signature=True)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.deliver(order).state, "done")

    def test_other_company_is_judged_by_its_own_policy(self):
        other = self.env["res.company"].create({"name": "Second"})
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "company_id": other.id})
        self.assertFalse(order._is_o2c_confirmation_needed())

    # === WHAT === #

    def test_amount_changed_after_the_signature_is_stale(self):
        order = self.make_order(100, require_signature=False)
        self.record(order)
        order.action_confirm()
        order.order_line.product_uom_qty = 20
        self.assertEqual(order.o2c_confirmation_state, "stale")
        picking = self.deliver(order)
        self.assertNotEqual(picking.state, "done")
        message = self.get_holds(picking).message
        self.assertIn("100.00", message)
        self.assertIn("200.00", message)
        order.order_line.product_uom_qty = 10
        self.assertEqual(order.o2c_confirmation_state, "confirmed")

    def test_payment_term_changed_after_the_signature_is_stale(self):
        order = self.make_order(100)
        self.record(order)
        order.payment_term_id = self.env.ref("account.account_payment_term_end_following_month")
        self.assertEqual(order.o2c_confirmation_state, "stale")

    def test_change_of_a_confirmed_order_is_not_refused_for_it(self):
        order = self.make_order(100, require_signature=True)
        self.record(order)
        order.action_confirm()
        order.order_line.product_uom_qty = 30
        self.assertEqual(order.amount_total, 300)

    def test_cancelled_and_reopened_order_is_confirmed_again(self):
        order = self.make_order(100)
        self.record(order)
        order._action_cancel()
        order.action_draft()
        self.assertEqual(order.o2c_confirmation_state, "missing")
        self.assertEqual(len(self.env["o2c.credit.confirmation"].search([("order_id", "=", order.id)])), 1)

    def test_copy_starts_without_a_confirmation(self):
        order = self.make_order(100)
        self.record(order)
        self.assertEqual(order.copy().o2c_confirmation_state, "missing")

    def test_terms_name_customer_amount_period_and_clause(self):
        term = self.env.ref("account.account_payment_term_30days")
        order = self.make_order(100, payment_term_id=term.id)
        text = order._get_o2c_credit_terms_text()
        for word in ("Corner Shop", "100.00", term.name, "Goods remain ours until they are paid."):
            self.assertIn(word, text)

    def test_confirmation_is_registered_with_the_hash_of_the_file(self):
        order = self.make_order(100)
        self.record(order)
        confirmation = order.sudo().o2c_confirmation_id
        entry = self.env["o2c.register"].search(
            [("event", "=", "credit_confirmed"), ("res_id", "=", order.id)], limit=1
        )
        self.assertEqual(entry.user_ref, self.seller.id)
        self.assertEqual(entry.evidence["sha256"], confirmation.file_hash)
        self.assertEqual(entry.amount, 100)

    # === ATTACKS === #

    def test_signature_fields_written_by_a_salesperson_are_refused(self):
        order = self.make_order(100)
        forged = {"signed_by": "Buyer", "signature": PIXEL, "signed_on": "2026-01-01 00:00:00"}
        for vals in (forged, {"signed_by": "Buyer"}):
            with self.assertRaises(AccessError):
                order.write(vals)
        with self.assertRaises(AccessError):
            self.make_order(100, **forged)
        self.assertFalse(order.signature)
        self.assertEqual(order.o2c_confirmation_state, "missing")

    def test_signature_that_odoo_stored_otherwise_does_not_count(self):
        order = self.make_order(100, require_signature=True)
        order.sudo().write({"signed_by": "Buyer", "signature": PIXEL})
        self.assertEqual(order.o2c_confirmation_state, "missing")
        order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_observing_control_leaves_odoos_own_way_open_and_it_does_not_count(self):
        self.env["o2c.control.setting"].search(
            [("company_id", "=", self.company.id), ("control_id.code", "=", CODE)]
        ).mode = "observing"
        order = self.make_order(100)
        order.write({"signed_by": "Buyer", "signature": PIXEL})
        self.assertEqual(order.o2c_confirmation_state, "missing")

    def test_own_fields_are_guarded(self):
        order = self.make_order(100)
        for vals in (
            {"o2c_confirmed_hash": "x"},
            {"o2c_confirmation_id": 1},
            {"o2c_confirmed_amount": 1},
            {"o2c_confirmed_on": "2026-01-01 00:00:00"},
        ):
            with self.assertRaises(AccessError):
                order.write(vals)
            with self.assertRaises(AccessError):
                order.sudo().write(vals)
            with self.assertRaises(AccessError):
                self.make_order(100, **vals)
        self.assertFalse(order.o2c_confirmed_hash)

    def test_confirmations_are_neither_made_nor_changed_directly(self):
        order = self.make_order(100)
        self.record(order)
        confirmation = order.sudo().o2c_confirmation_id
        for user in (self.seller, self.officer):
            with self.assertRaises(AccessError):
                confirmation.with_user(user).write({"amount": 1})
            with self.assertRaises(AccessError):
                confirmation.with_user(user).copy()
            with self.assertRaises(AccessError):
                confirmation.with_user(user).unlink()
        self.assertEqual(confirmation.amount, 100)

    def test_document_needs_a_file_a_name_and_a_day_that_has_been(self):
        order = self.make_order(100)
        for values in ({"o2c_confirmation_file": ""}, {"name": " "}, {"date": "2999-01-01"}):
            with self.assertRaises(UserError):
                self.record(order, **values)
        self.assertFalse(order.o2c_confirmation_id)

    def test_document_is_recorded_by_those_who_may_write_the_order(self):
        order = self.make_order(100)
        order.sudo().user_id = self.manager
        self.seller.group_ids = [Command.unlink(self.env.ref("sales_team.group_sale_salesman_all_leads").id)]
        for user in (self.seller, self.keeper):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.record(order, user=user)
        self.assertFalse(order.sudo().o2c_confirmation_id)

    # === SPEED === #

    def test_verdict_costs_no_query_once_the_order_is_read(self):
        order = self.make_order(100)
        self.record(order)
        order = order.sudo()
        order.invalidate_recordset()
        order._get_o2c_confirmation_verdict()
        order.invalidate_recordset(["o2c_confirmation_state"])
        with self.assertQueryCount(0):
            self.assertEqual(order._get_o2c_confirmation_verdict().severity, "pass")
