from odoo.addons.o2c_hold.tests.common import HoldCommon
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestPos(HoldCommon):
    """The till goes on while deliveries and invoices without order are stopped."""

    def setUp(self):
        super().setUp()
        self.set_control("delivery_without_order")
        self.set_control("invoice_without_order")
        cash = self.env["account.journal"].create({"name": "Till", "type": "cash", "code": "TILL"})
        method = self.env["pos.payment.method"].create({"name": "Cash", "journal_id": cash.id})
        self.config = self.env["pos.config"].create(
            {"name": "Shop", "payment_method_ids": [Command.set(method.ids)]}
        )
        self.session = self.env["pos.session"].create({"config_id": self.config.id, "user_id": self.env.uid})
        self.method = method

    def sell(self):
        order = self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "partner_id": self.customer.id,
                "amount_total": 100,
                "amount_tax": 0,
                "amount_paid": 0,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "qty": 1,
                            "price_unit": 100,
                            "price_subtotal": 100,
                            "price_subtotal_incl": 100,
                        }
                    )
                ],
            }
        )
        order.add_payment({"pos_order_id": order.id, "amount": 100, "payment_method_id": self.method.id})
        order.action_pos_order_paid()
        order._create_order_picking()
        return order

    def test_goods_over_the_counter_leave_and_are_invoiced(self):
        self.config.company_id.point_of_sale_update_stock_quantities = "real"
        order = self.sell()
        self.assertEqual(order.picking_ids.state, "done")
        order.with_context(generate_pdf=False)._generate_pos_order_invoice()
        self.assertEqual(order.account_move.state, "posted")

    def test_session_written_onto_a_transfer_opens_nothing(self):
        order = self.sell()
        picking = (
            self.env["stock.picking"]
            .with_user(self.warehouse_user)
            .create(
                {
                    "picking_type_id": self.config.picking_type_id.id,
                    "partner_id": self.customer.id,
                    "location_id": self.warehouse.lot_stock_id.id,
                    "location_dest_id": self.customers.id,
                    "pos_session_id": self.session.id,
                    "pos_order_id": order.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": 5,
                                "quantity": 5,
                                "location_id": self.warehouse.lot_stock_id.id,
                                "location_dest_id": self.customers.id,
                            }
                        )
                    ],
                }
            )
        )
        picking.button_validate()
        self.assertNotEqual(picking.state, "done")
        self.assertEqual(self.get_holds(picking).code, "delivery_without_order")
