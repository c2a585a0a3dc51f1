from odoo import fields, models


class SaleOrder(models.Model):
    """Money of the order that somebody received and that is not at the bank yet."""

    _inherit = "sale.order"

    o2c_slip_ids = fields.One2many("o2c.receipt.slip", "order_id", string="Receipt slips")
    o2c_slip_count = fields.Integer(string="Receipt slips of the order", compute="_compute_o2c_slip_count")

    def _compute_o2c_slip_count(self):
        groups = self.env["o2c.receipt.slip"]._read_group(
            [("order_id", "in", self.ids), ("state", "!=", "void")], ["order_id"], ["__count"])
        counts = {order.id: count for order, count in groups}
        for order in self:
            order.o2c_slip_count = counts.get(order._origin.id, 0)

    def action_o2c_take_money(self):
        """Write down money that was received for this order and has to be banked.

        :raise AccessError: for users who neither sell nor belong to finance
        """
        self.ensure_one()
        return self.env["o2c.receipt.slip.take"]._start(self)

    def action_o2c_open_slips(self):
        """Open the receipt slips of this order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_receipt.receipt_slip_action")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action
