from odoo import fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Payment requests of an order."""

    _inherit = "sale.order"

    o2c_payment_request_ids = fields.One2many(
        "o2c.payment.request", "order_id", string="Payment requests", copy=False)
    o2c_payment_request_count = fields.Integer(
        string="Number of payment requests", compute="_compute_o2c_payment_request_count")

    def _compute_o2c_payment_request_count(self):
        counts = dict(self.env["o2c.payment.request"]._read_group(
            [("order_id", "in", self._origin.ids), ("is_cancelled", "=", False)], ["order_id"], ["__count"]))
        for order in self:
            order.o2c_payment_request_count = counts.get(order._origin, 0)

    # === ACTIONS === #

    def action_o2c_request_payment(self):
        """Ask the customer for the next instalment that is neither paid nor asked for.

        :raise AccessError: for users who may not ask for money
        :raise UserError: when there is none
        """
        self.ensure_one()
        self.check_access("read")
        self.env["o2c.payment.request"]._check_requester()
        request = self.sudo()._request_o2c_payment()
        if not request:
            raise UserError(self.env._(
                "Every instalment of order %s is paid or asked for already.", self.name))
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_receipt.payment_request_action")
        return {**action, "res_id": request.id, "views": [(False, "form")], "context": {}}

    def action_o2c_open_payment_requests(self):
        """Open the payment requests of the order."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_receipt.payment_request_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _request_o2c_payment(self):
        """Make the request for the next instalment; empty when there is none."""
        Request = self.env["o2c.payment.request"]
        if self.state != "sale":
            raise UserError(self.env._("Order %s is not confirmed: nothing is owed yet.", self.name))
        instalments = self.env["o2c.schedule"]._get_instalments(self)[self.id]
        asked = max((request.threshold for request in self.o2c_payment_request_ids
                     if not request.is_cancelled), default=0.0)
        upto = 0.0
        for row in instalments:
            start, upto = upto, self.currency_id.round(upto + row.amount)
            missing = upto - max(start + row.received, asked)
            if self.currency_id.compare_amounts(missing, 0) > 0:
                return Request._request(self, [(row, upto, missing)])
        return Request

    def _get_o2c_open_requests(self):
        """Requests that are not paid yet, for the portal; the oldest first."""
        requests = self.o2c_payment_request_ids.sorted("threshold")
        return requests.filtered(lambda request: request.status in ("open", "partial"))
