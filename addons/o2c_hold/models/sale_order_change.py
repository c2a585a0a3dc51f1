from odoo import fields, models
from odoo.fields import Command


class SaleOrder(models.Model):
    """The way to change a confirmed order where a rule speaks against it."""

    _inherit = "sale.order"

    o2c_change_ids = fields.One2many(
        "o2c.order.change", "order_id", string="Changes", readonly=True, copy=False
    )
    o2c_change_count = fields.Integer(
        string="Number of changes", compute="_compute_o2c_change_count", compute_sudo=True
    )

    def _compute_o2c_change_count(self):
        counts = dict(
            self.env["o2c.order.change"]._read_group(
                [("order_id", "in", self._origin.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.o2c_change_count = counts.get(order._origin, 0)

    # === ACTIONS === #

    def action_request_o2c_change(self):
        """Open a draft with the lines of the order: the user's own unfinished one, or a new one."""
        self.ensure_one()
        self.check_access("write")
        Change = self.env["o2c.order.change"]
        change = Change.search(
            [("order_id", "=", self.id), ("state", "=", "draft"), ("create_uid", "=", self.env.uid)], limit=1
        ) or Change.create(self._prepare_o2c_change_vals())
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_hold.order_change_action")
        return {**action, "res_id": change.id, "views": [(False, "form")], "context": {}}

    def _prepare_o2c_change_vals(self):
        lines = self.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
        return {
            "order_id": self.id,
            "line_ids": [
                Command.create(
                    {
                        "sequence": line.sequence,
                        "order_line_id": line.id,
                        "product_id": line.product_id.id,
                        "quantity": line.product_uom_qty,
                        "price_unit": line.price_unit,
                        "discount": line.discount,
                    }
                )
                for line in lines
            ],
        }

    def action_open_o2c_changes(self):
        """Show the changes of the order."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_hold.order_change_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}
