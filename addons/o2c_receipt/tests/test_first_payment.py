from odoo.exceptions import UserError
from odoo.tests import tagged

from .schedule_common import ScheduleCase


@tagged("post_install", "-at_install", "o2c")
class TestFirstPayment(ScheduleCase):
    """Goods wait for the deposit (D7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stockman = cls.make_user("stockman", "stock.group_stock_user")
        cls.env["o2c.control.setting"].search([
            ("control_id.code", "=", "first_payment"), ("company_id", "=", cls.company.id),
        ]).write({"mode": "enforcing", "severity": "hold"})

    def validate(self, order):
        picking = order.picking_ids.filtered(lambda item: item.state not in ("done", "cancel"))
        for move in picking.move_ids:
            move.write({"quantity": move.product_uom_qty, "picked": True})
        picking.with_user(self.stockman).button_validate()
        return picking

    def test_delivery_waits_until_the_deposit_is_there(self):
        order = self.make_goods_order([(10, 100)], o2c_schedule_template_id=self.template.id)
        picking = self.validate(order)
        self.assertEqual(picking.state, "assigned")
        hold = picking.sudo().o2c_hold_ids
        self.assertEqual((hold.code, hold.excess), ("first_payment", 300))
        self.assertIn("300.00", hold.message)
        self.allocate(self.make_payment(299.99), {order: 299.99})
        self.assertEqual(self.validate(order).state, "assigned")
        self.assertEqual(hold.excess, 0.01)
        self.allocate(self.make_payment(50), {order: 0.01})
        self.assertEqual(self.validate(order).state, "done")
        self.assertEqual(hold.state, "cleared")

    def test_money_that_no_order_was_given_shows_where_goods_wait(self):
        order = self.make_goods_order([(10, 100)], o2c_schedule_template_id=self.template.id)
        payment = self.make_payment(400)
        picking = self.validate(order)
        hold = picking.sudo().o2c_hold_ids
        self.assertEqual((hold.code, hold.state), ("first_payment", "open"))
        officer = self.make_user("unallocated_officer", "o2c_base.group_credit_officer")
        for waiting in (picking.with_user(self.stockman), hold.with_user(officer)):
            name = "o2c_unallocated_text" if waiting._name == "stock.picking" else "unallocated_text"
            self.assertIn("400.00", waiting[name])
        self.allocate(payment, {order: 400})
        self.env.invalidate_all()
        self.assertFalse(picking.with_user(self.stockman).o2c_unallocated_text)
        self.assertFalse(hold.with_user(officer).unallocated_text)

    def test_write_of_the_state_does_not_pass(self):
        order = self.make_goods_order([(10, 100)], o2c_schedule_template_id=self.template.id)
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 10, "picked": True})
        for call in (lambda: picking.with_user(self.stockman)._action_done(),
                     lambda: picking.move_ids.with_user(self.stockman).write({"state": "done"})):
            with self.assertRaises(UserError), self.cr.savepoint():
                call()
            self.env.invalidate_all()
            self.assertEqual(picking.state, "assigned")

    def test_foreign_order_says_what_is_missing_in_its_currency(self):
        order = self.make_goods_order(
            [(10, 100)], currency=self.eur, o2c_schedule_template_id=self.template.id)
        picking = self.validate(order)
        hold = picking.sudo().o2c_hold_ids
        self.assertEqual(hold.excess, 600)
        self.assertIn(["Missing", 300.0], [list(item) for item in hold.evidence])

    def test_orders_without_deposit_leave(self):
        later = self.make_template("Later", [{"kind": "retention", "percent": 100, "days": 30}])
        for order in (self.make_goods_order([(1, 100)]),
                      self.make_goods_order([(1, 100)], o2c_schedule_template_id=later.id)):
            self.assertEqual(self.validate(order).state, "done")

    def test_only_customers_with_deposits_are_looked_at(self):
        plain = self.make_goods_order([(1, 100)])
        self.assertFalse(self.get_facts(plain.picking_ids)["has_first_payments"])
        self.make_goods_order([(1, 100)], o2c_schedule_template_id=self.template.id)
        self.assertTrue(self.get_facts(plain.picking_ids)["has_first_payments"])
        self.assertEqual(self.validate(plain).state, "done")

    def get_facts(self, picking):
        key = (picking.company_id.id, picking._get_o2c_debtor().id)
        return self.env["o2c.facts"]._get_facts([key], "delivery", picking.company_id._o2c_today())[key]
