from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import tagged

from .common import PAPER, GateCase

# One transparent pixel.
IMAGE = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install", "o2c")
class TestSlip(GateCase):
    """Who registers a signature, for what, and that it stays."""

    def setUp(self):
        super().setUp()
        self.order = self.make_goods(10)
        self.picking = self.deliver(self.order, sign=False)

    def register(self, user=None, **values):
        wizard = self.env["o2c.delivery.slip.register"].with_user(user or self.warehouse_user).create({
            "picking_id": self.picking.id, "signed_by": "Mr Li", "file": PAPER, **values})
        wizard.action_register()
        return self.picking.o2c_slip_ids

    def test_warehouse_registers_and_the_register_keeps_it(self):
        self.assertTrue(self.picking.o2c_can_sign)
        slip = self.register(file_name="slip.pdf")
        self.assertRecordValues(slip, [{
            "signed_by": "Mr Li", "source": "file", "file_name": "slip.pdf", "state": "valid",
            "user_id": self.warehouse_user.id, "partner_id": self.customer.id}])
        self.assertTrue(self.picking.o2c_is_signed)
        self.assertFalse(self.picking.o2c_can_sign)
        self.assertIn(self.picking, self.picking.search([("o2c_is_signed", "=", True)]))
        self.assertNotIn(self.picking, self.picking.search([("o2c_is_signed", "=", False)]))
        entry = self.env["o2c.register"].search([("event", "=", "slip_registered")], limit=1, order="id desc")
        self.assertEqual(entry.evidence["sha256"], slip.digest)

    def test_signature_from_the_screen_is_kept(self):
        self.picking.signature = IMAGE
        slip = self.register(file=False)
        self.assertEqual((slip.source, slip.file), ("signature", self.picking.signature))

    def test_who_may_not_register(self):
        for user in (self.seller, self.accountant, self.auditor, self.director.browse(self.policy_user.id)):
            with self.subTest(user=user.name):
                self.refuse(self.order, self.picking.with_user(user).action_o2c_register_slip)
        self.order.user_id = self.warehouse_user
        self.refuse(self.order, self.register, text="Whoever sells")

    def test_what_can_not_be_registered(self):
        self.refuse(self.order, self.register, file=False, text="Upload")
        self.refuse(self.order, self.register, signed_by=" ")
        self.refuse(self.order, self.register, signed_on="2999-01-01")
        waiting = self.make_goods(1).picking_ids
        self.refuse(self.order, self.register, picking_id=waiting.id, text="nobody can have signed")
        self.register()
        self.refuse(self.order, self.register, text="has a signed slip")

    def test_nobody_edits_a_slip(self):
        slip = self.register()
        for user in (self.warehouse_user, self.officer, self.auditor, self.env.ref("base.user_admin")):
            mine = slip.with_user(user)
            self.refuse(self.order, mine.write, {"signed_by": "Mr Wang"})
            self.refuse(self.order, mine.unlink)
            self.refuse(self.order, self.call, user, slip._name, "create", [{"picking_id": self.picking.id}])
        self.refuse(self.order, slip.sudo().write, {"signed_on": Date.today()})

    def test_void_until_an_invoice_relies_on_it(self):
        slip = self.register()
        with self.assertRaises(AccessError):
            slip.with_user(self.warehouse_user).action_void("wrong")
        with self.assertRaises(UserError):
            slip.with_user(self.stock_manager).action_void(" ")
        slip.with_user(self.stock_manager).action_void("Wrong customer")
        self.assertEqual((slip.state, slip.void_reason), ("void", "Wrong customer"))
        self.assertFalse(self.picking.o2c_is_signed)
        again = self.register() - slip
        self.pay(self.order, 600)
        self.issue(self.order)
        self.refuse(self.order, again.with_user(self.stock_manager).action_void, "x", text="relies")
