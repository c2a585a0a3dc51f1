from odoo.addons.o2c_hold.tests.common import HoldCommon
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestKit(HoldCommon):
    """Two kits of three bolts: six bolts are ordered, no more and nothing else."""

    def setUp(self):
        super().setUp()
        self.set_control("delivery_without_order")
        self.set_control("delivery_over_order")
        self.bolt, self.nut = (self.make_product(name) for name in ("Bolt", "Nut"))
        for part in (self.bolt, self.nut):
            self.make_stock(part, 100)
        kit = self.make_product("Kit")
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [Command.create({"product_id": self.bolt.id, "product_qty": 3})],
            }
        )
        order = self.make_order(100)
        order.order_line.write({"product_id": kit.id, "product_uom_qty": 2})
        order.action_confirm()
        self.order = order
        self.picking = order.picking_ids.with_user(self.warehouse_user)

    def test_parts_of_the_ordered_kits_leave(self):
        self.assertEqual(self.picking.move_ids.product_id, self.bolt)
        self.picking.move_ids.quantity = 6
        self.picking.button_validate()
        self.assertEqual((self.picking.state, self.order.order_line.qty_delivered), ("done", 2))

    def test_more_parts_than_ordered_wait(self):
        self.picking.move_ids.quantity = 9
        self.picking.button_validate()
        self.assertEqual(self.get_holds(self.picking).code, "delivery_over_order")

    def test_other_goods_are_no_part_of_the_kit(self):
        self.env["stock.move"].with_user(self.warehouse_user).create(
            {
                "picking_id": self.picking.id,
                "product_id": self.nut.id,
                "product_uom_qty": 5,
                "quantity": 5,
                "location_id": self.picking.location_id.id,
                "location_dest_id": self.picking.location_dest_id.id,
                "sale_line_id": self.order.order_line.id,
                "bom_line_id": self.picking.move_ids.bom_line_id.id,
            }
        )
        self.picking.button_validate()
        self.assertEqual(self.get_holds(self.picking).code, "delivery_without_order")
