from odoo import fields, models

from .payment_promise import PROMISE_READERS


class SaleOrder(models.Model):
    """What customers promised to pay for an order."""

    _inherit = "sale.order"

    # === FIELDS === #

    o2c_promise_ids = fields.One2many(
        "o2c.payment.promise", "order_id", string="Promises of payment", copy=False, groups=PROMISE_READERS)
    o2c_promise_count = fields.Integer(
        string="Number of promises", compute="_compute_o2c_promises", compute_sudo=True,
        groups=PROMISE_READERS)
    o2c_promised = fields.Monetary(
        string="Promised",
        compute="_compute_o2c_promises",
        compute_sudo=True,
        groups=PROMISE_READERS,
        help="What open promises of payment still let expect, in the currency of the order.",
    )
    o2c_promise_text = fields.Char(
        string="Broken promise",
        compute="_compute_o2c_promises",
        compute_sudo=True,
        groups=PROMISE_READERS,
        help="The promise that the customer broke and has not made good.",
    )

    # === COMPUTES === #

    def _compute_o2c_promises(self):
        """Measured when read, by one statement for all orders."""
        promises = self.env["o2c.payment.promise"].search([("order_id", "in", self._origin.ids)])
        promises.invalidate_recordset(["status", "missing", "received", "level", "days_late"])
        for order in self:
            own = promises.filtered(lambda one, order=order: one.order_id == order._origin)
            broken = own.filtered(lambda one: one._is_awaited_late()).sorted("date_promised")
            order.o2c_promise_count = len(own)
            order.o2c_promised = sum(own.filtered(lambda one: one.status == "open").mapped("missing"))
            order.o2c_promise_text = broken[0]._describe() if broken else False

    # === ACTIONS === #

    def action_o2c_promise_payment(self):
        """Record what the customer promised to pay for this order.

        :raise AccessError: for users who neither sell it nor deal with money
        """
        self.ensure_one()
        return self.env["o2c.payment.promise.record"]._start(self)

    def action_o2c_open_promises(self):
        """Open the promises of payment of this order, those of the past included."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_receipt.payment_promise_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    def _action_cancel(self):
        """Judge promises before, so that a cancelled order makes no broken promise disappear."""
        promises = self.sudo().o2c_promise_ids
        promises._settle()
        result = super()._action_cancel()
        promises._settle()
        return result
