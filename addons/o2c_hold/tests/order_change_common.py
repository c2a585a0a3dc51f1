from .common import HoldCommon


class OrderChangeCommon(HoldCommon):
    """A confirmed order of 900 at a limit of 1,000, and who decides on raising it."""

    def setUp(self):
        super().setUp()
        self.set_control()
        self.set_limit(1000)
        self.make_change_authority()
        self.order = self.make_confirmed(900)

    def make_change_authority(self):
        rows = (("o2c_base.group_credit_manager", 500.0), ("o2c_base.group_general_manager", None))
        self.env["o2c.authority"].search([("kind", "=", "order_change")]).unlink()
        self.env["o2c.authority"].create(
            [
                {
                    "company_id": self.company.id,
                    "kind": "order_change",
                    "group_id": self.env.ref(role).id,
                    "amount_to": up_to or 0.0,
                    "is_unlimited": up_to is None,
                }
                for role, up_to in rows
            ]
        )
        self.env["o2c.authority.kind"]._get_setting("order_change", self.company).mode = "direct"

    def make_change(self, order=None, *, user=None, reason="Needed for the opening", **values):
        """A draft with the only line of the order changed, made as the web client does it."""
        user, order = user or self.seller, order or self.order
        action = self.call(user, "sale.order", "action_request_o2c_change", order.ids)
        change = self.env["o2c.order.change"].with_user(user).browse(action["res_id"])
        change.reason = reason
        if values:
            change.line_ids[:1].write(values)
        return change

    def submit(self, change):
        self.call(self.seller, "o2c.order.change", "action_submit", change.ids)
        return change.sudo().o2c_request_id

    def approve(self, request, user=None):
        return self.call(user or self.credit_manager, "o2c.request", "action_approve", request.ids, "fine")

    def get_demand(self, order=None):
        moves = (order or self.order).sudo().picking_ids.move_ids
        return sum(moves.filtered(lambda move: move.state != "cancel").mapped("product_uom_qty"))

    def assert_untouched(self, order=None):
        order = (order or self.order).sudo()
        self.env.invalidate_all()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [1.0])
        self.assertEqual(order.order_line.mapped("price_unit"), [900.0])
        self.assertEqual(self.get_demand(order), 1.0)
