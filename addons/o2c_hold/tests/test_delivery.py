from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestDelivery(HoldCommon):
    """Goods leaving for customers, by the button and round it, as a warehouse user."""

    def setUp(self):
        super().setUp()
        for code in ("delivery_without_order", "delivery_over_order", "test_limit"):
            self.set_control(code)
        self.out_type = self.warehouse.out_type_id

    def make_picking(self, quantity=3.0, *, source=None, target=None, user=None, **values):
        """A transfer made by hand, without any order, ready to go."""
        source = source or self.warehouse.lot_stock_id
        target = target or self.customers
        picking = (
            self.env["stock.picking"]
            .with_user(user or self.warehouse_user)
            .create(
                {
                    "picking_type_id": self.out_type.id,
                    "partner_id": self.customer.id,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": quantity,
                                "location_id": source.id,
                                "location_dest_id": target.id,
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        picking.action_confirm()
        picking.move_ids.quantity = quantity
        return picking

    def get_at_customer(self):
        return sum(
            self.env["stock.quant"]
            .sudo()
            .search([("product_id", "=", self.product.id), ("location_id", "child_of", self.customers.id)])
            .mapped("quantity")
        )

    def refuse(self, function, *, text="no confirmed order"):
        """Expect a registered refusal, and that no goods went to a customer."""
        before = self.get_at_customer()
        refusals = self.env["o2c.register"].search_count([("event", "=", "step_refused")])
        try:
            function()
        except UserError as error:
            self.assertIn(text, str(error))
        else:
            self.fail("It was not refused.")
        self.env.invalidate_all()
        self.assertEqual(self.get_at_customer(), before)
        self.assertGreater(self.env["o2c.register"].search_count([("event", "=", "step_refused")]), refusals)

    # --- by the button --------------------------------------------------------------------------------------

    def test_delivery_of_an_order_leaves(self):
        order = self.make_confirmed(100)
        picking = order.picking_ids.with_user(self.warehouse_user)
        self.assertIs(picking.button_validate(), True)
        self.assertEqual(picking.state, "done")
        self.assertFalse(self.get_holds(picking))
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_delivery_without_order_waits(self):
        picking = self.make_picking()
        action = self.call(self.warehouse_user, "stock.picking", "button_validate", picking.ids)
        self.assertIn("no confirmed order of this customer covers Pump", action["params"]["message"])
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(self.get_at_customer(), 0)
        self.assertRecordValues(
            self.get_holds(picking),
            [{"state": "open", "checkpoint": "delivery", "amount": 300.0, "partner_id": self.customer.id}],
        )

    def test_delivery_above_the_limit_waits_although_its_order_passed(self):
        self.set_limit(500)
        order = self.make_confirmed(400)
        self.set_limit(300)
        picking = order.picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        hold = self.get_holds(picking)
        self.assertEqual((picking.state, hold.code, hold.order_id), ("assigned", "test_limit", order))
        self.assertTrue(order.o2c_is_on_hold, "The order shows the hold of its delivery.")

    def test_released_delivery_leaves_by_the_next_click(self):
        picking = self.make_picking()
        picking.button_validate()
        hold = self.get_holds(picking)
        request = self.ask_release(hold, user=self.warehouse_user)
        request.with_user(self.credit_manager).action_approve()
        self.run_recheck()
        self.assertEqual(picking.state, "assigned", "Goods don't leave by themselves.")
        self.assertTrue(picking.activity_ids.filtered(lambda a: a.summary == "No longer on hold"))
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_released_delivery_with_more_goods_lapses(self):
        picking = self.make_picking(3)
        picking.button_validate()
        request = self.ask_release(self.get_holds(picking), user=self.warehouse_user)
        request.with_user(self.credit_manager).action_approve()
        picking.move_ids.quantity = 50
        picking.button_validate()
        self.assertEqual((picking.state, self.get_holds(picking).state), ("assigned", "lapsed"))

    def test_batch_validates_what_may_leave(self):
        free = self.make_confirmed(100).picking_ids.with_user(self.warehouse_user)
        held = self.make_picking()
        action = (free | held).button_validate()
        self.assertEqual((free.state, held.state), ("done", "assigned"))
        self.assertIn(held.name, action["params"]["message"])
        self.assertNotIn(free.name, action["params"]["message"])

    def test_more_than_ordered_waits(self):
        picking = self.make_confirmed(100).picking_ids.with_user(self.warehouse_user)
        picking.move_ids.quantity = 50
        picking.button_validate()
        hold = self.get_holds(picking)
        self.assertEqual((picking.state, hold.code, hold.excess), ("assigned", "delivery_over_order", 4900.0))

    def test_backorder_is_judged_again(self):
        order = self.make_order(100)
        order.order_line.product_uom_qty = 10
        order.action_confirm()
        picking = order.picking_ids.with_user(self.warehouse_user)
        picking.move_ids.quantity = 4
        wizard = picking.button_validate()
        self.assertEqual(wizard["res_model"], "stock.backorder.confirmation")
        self.env[wizard["res_model"]].with_user(self.warehouse_user).with_context(wizard["context"]).create(
            {}
        ).process()
        self.assertEqual(picking.state, "done")
        backorder = order.picking_ids - picking
        self.set_limit(1)
        backorder.with_user(self.warehouse_user).button_validate()
        self.assertNotEqual(backorder.state, "done")
        self.assertEqual(self.get_holds(backorder).code, "test_limit")

    def test_internal_transfer_and_receipt_pass(self):
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.warehouse.lot_stock_id.id, "usage": "internal"}
        )
        picking = self.make_picking(target=shelf, picking_type_id=self.warehouse.int_type_id.id)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_return_and_redelivery_of_the_return_pass(self):
        order = self.make_confirmed(100)
        picking = order.picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        back = self.make_return(picking)
        back.button_validate()
        self.assertEqual((back.state, order.order_line.qty_delivered), ("done", 0))
        again = self.make_return(back)
        again.button_validate()
        self.assertEqual(again.state, "done")

    def make_return(self, picking):
        wizard = (
            self.env["stock.return.picking"]
            .with_user(self.warehouse_user)
            .with_context(active_id=picking.id, active_ids=picking.ids, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        return (
            self.env["stock.picking"]
            .browse(wizard.action_create_returns()["res_id"])
            .with_user(self.warehouse_user)
        )

    def test_goods_for_somebody_else_wait(self):
        picking = self.make_confirmed(100).picking_ids.with_user(self.warehouse_user)
        picking.partner_id = self.make_customer("Somebody else")
        picking.button_validate()
        self.assertEqual(
            (picking.state, self.get_holds(picking).code), ("assigned", "delivery_without_order")
        )

    def test_delivery_of_a_reopened_order_waits(self):
        order = self.make_confirmed(100)
        order.sudo().write({"state": "draft"})
        picking = order.picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        self.assertEqual(self.get_holds(picking).code, "delivery_without_order")

    def test_dropship_is_a_delivery_to_the_customer(self):
        supplier = self.env.ref("stock.stock_location_suppliers")
        picking = self.make_picking(source=supplier)
        picking.button_validate()
        self.assertEqual(self.get_holds(picking).code, "delivery_without_order")

    def test_observed_delivery_leaves_and_is_remembered(self):
        self.set_control("delivery_without_order", mode="observing")
        picking = self.make_picking()
        picking.button_validate()
        self.assertEqual((picking.state, self.get_holds(picking).state), ("done", "observed"))

    # --- round the button -----------------------------------------------------------------------------------

    def test_skipping_the_sanity_check_changes_nothing(self):
        picking = self.make_picking()
        context = {
            "skip_sanity_check": True,
            "skip_backorder": True,
            "button_validate_picking_ids": picking.ids,
        }
        self.call(self.warehouse_user, "stock.picking", "button_validate", picking.ids, context=context)
        self.assertEqual(picking.state, "assigned")

    def test_inner_method_is_refused(self):
        picking = self.make_picking()
        picking.move_ids.picked = True
        self.refuse(picking._action_done)
        self.refuse(picking.move_ids._action_done)

    def test_writing_the_state_of_a_move_is_refused(self):
        picking = self.make_picking()
        self.refuse(
            lambda: self.call(
                self.warehouse_user, "stock.move", "write", picking.move_ids.ids, {"state": "done"}
            )
        )
        self.assertEqual(picking.move_ids.state, "assigned")

    def test_writing_the_state_of_a_delivery_is_refused(self):
        picking = self.make_picking()
        self.refuse(
            lambda: self.call(self.warehouse_user, "stock.picking", "write", picking.ids, {"state": "done"})
        )
        self.assertEqual(picking.state, "assigned")

    def test_creating_a_done_move_is_refused(self):
        vals = {
            "product_id": self.product.id,
            "product_uom_qty": 5,
            "quantity": 5,
            "state": "done",
            "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.customers.id,
        }
        self.refuse(lambda: self.call(self.warehouse_user, "stock.move", "create", [vals]))

    def test_raising_a_done_line_is_refused(self):
        picking = self.make_confirmed(100).picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        self.refuse(
            lambda: self.call(
                self.warehouse_user, "stock.move.line", "write", picking.move_line_ids.ids, {"quantity": 50}
            ),
            text="are ordered",
        )
        self.refuse(
            lambda: self.call(
                self.warehouse_user, "stock.move", "write", picking.move_ids.ids, {"quantity": 50}
            ),
            text="are ordered",
        )
        self.assertEqual(picking.move_ids.quantity, 1)

    def test_lowering_a_done_line_passes(self):
        picking = self.make_confirmed(100).picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        self.set_limit(1)
        picking.move_line_ids.quantity = 0
        self.assertEqual(self.get_at_customer(), 0)

    def test_sending_a_done_transfer_on_to_the_customer_is_refused(self):
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.warehouse.lot_stock_id.id, "usage": "internal"}
        )
        picking = self.make_picking(target=shelf, picking_type_id=self.warehouse.int_type_id.id)
        picking.button_validate()
        for model, records in (("stock.move.line", picking.move_line_ids), ("stock.move", picking.move_ids)):
            with self.subTest(model=model):
                self.refuse(
                    lambda model=model, records=records: self.call(
                        self.warehouse_user,
                        model,
                        "write",
                        records.ids,
                        {"location_dest_id": self.customers.id},
                    )
                )
        self.refuse(
            lambda: self.call(
                self.warehouse_user,
                "stock.picking",
                "write",
                picking.ids,
                {"location_dest_id": self.customers.id},
            )
        )
        self.assertEqual(picking.move_line_ids.location_dest_id, shelf)

    def test_new_line_on_a_done_delivery_is_refused(self):
        picking = self.make_confirmed(100).picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        vals = {
            "picking_id": picking.id,
            "product_id": self.product.id,
            "quantity": 50,
            "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.customers.id,
        }
        self.refuse(lambda: self.call(self.warehouse_user, "stock.move.line", "create", [vals]))
        self.refuse(
            lambda: self.call(
                self.warehouse_user, "stock.move.line", "create", [{**vals, "move_id": picking.move_ids.id}]
            ),
            text="are ordered",
        )
        self.refuse(
            lambda: self.call(
                self.warehouse_user,
                "stock.picking",
                "write",
                picking.ids,
                {"move_line_ids": [Command.create({key: vals[key] for key in vals if key != "picking_id"})]},
            )
        )

    def test_new_move_on_a_done_delivery_is_refused(self):
        picking = self.make_confirmed(100).picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        move = {
            "product_id": self.product.id,
            "product_uom_qty": 5,
            "quantity": 5,
            "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.customers.id,
        }
        self.refuse(
            lambda: self.call(
                self.warehouse_user,
                "stock.picking",
                "write",
                picking.ids,
                {"move_ids": [Command.create(move)]},
            )
        )

    def test_scrap_to_the_customer_is_refused(self):
        scrap = (
            self.env["stock.scrap"]
            .with_user(self.warehouse_user)
            .create({"product_id": self.product.id, "scrap_qty": 2, "scrap_location_id": self.customers.id})
        )
        self.refuse(lambda: self.call(self.warehouse_user, "stock.scrap", "do_scrap", scrap.ids))

    def test_relocating_stock_to_the_customer_is_refused(self):
        quant = self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.warehouse.lot_stock_id.id)]
        )
        self.refuse(lambda: quant.sudo().move_quants(location_dest_id=self.customers))

    def test_order_line_written_onto_a_move_covers_no_other_customer(self):
        stranger = self.make_customer("Stranger")
        line = self.make_confirmed(100, partner=stranger).order_line
        picking = self.make_picking()
        self.call(self.warehouse_user, "stock.move", "write", picking.move_ids.ids, {"sale_line_id": line.id})
        picking.button_validate()
        self.assertNotEqual(picking.state, "done")
        self.assertIn("delivery_without_order", self.get_holds(picking).mapped("code"))

    def test_order_line_written_onto_a_move_covers_no_more_than_ordered(self):
        line = self.make_confirmed(100).order_line
        picking = self.make_picking(50)
        self.call(self.warehouse_user, "stock.move", "write", picking.move_ids.ids, {"sale_line_id": line.id})
        picking.button_validate()
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.get_holds(picking).code, "delivery_over_order")

    def test_order_line_of_a_cheap_product_covers_no_other_product(self):
        line = self.make_confirmed(100).order_line
        precious = self.make_product("Turbine")
        self.make_stock(precious, 10)
        picking = self.make_picking(1)
        picking.move_ids.product_id = precious
        picking.move_ids.quantity = 1
        self.call(self.warehouse_user, "stock.move", "write", picking.move_ids.ids, {"sale_line_id": line.id})
        picking.button_validate()
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.get_holds(picking).code, "delivery_without_order")

    def test_delivery_in_two_steps_is_judged_at_the_door(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.make_confirmed(100)
        pick = order.picking_ids.with_user(self.warehouse_user)
        pick.button_validate()
        self.assertEqual(pick.state, "done")
        out = (order.picking_ids - pick).with_user(self.warehouse_user)
        self.assertEqual(out.location_dest_id, self.customers)
        self.set_limit(1)
        out.button_validate()
        self.assertNotEqual(out.state, "done")
        self.set_limit(1000)
        out.button_validate()
        self.assertEqual(out.state, "done")

    def test_returned_move_written_onto_a_move_covers_nothing(self):
        order = self.make_confirmed(100)
        order.picking_ids.with_user(self.warehouse_user).button_validate()
        picking = self.make_picking(50)
        self.call(
            self.warehouse_user,
            "stock.move",
            "write",
            picking.move_ids.ids,
            {"origin_returned_move_id": order.picking_ids.move_ids.id},
        )
        picking.button_validate()
        self.assertNotEqual(picking.state, "done")
