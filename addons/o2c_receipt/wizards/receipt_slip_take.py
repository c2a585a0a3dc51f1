from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.receipt_slip import BY_FINANCE

TAKERS = ("sales_team.group_sale_salesman", *BY_FINANCE)


class ReceiptSlipTake(models.TransientModel):
    """Writes down money that somebody took from a customer."""

    _name = "o2c.receipt.slip.take"
    _description = "Money received"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False)
    amount = fields.Monetary(string="Amount received")
    means = fields.Selection(
        lambda self: self.env["o2c.receipt.slip"]._fields["means"].selection, required=True, default="cash")
    received_on = fields.Date(required=True, default=lambda self: self.env.company._o2c_today())
    received_by_id = fields.Many2one(
        "res.users", string="Received by", required=True, default=lambda self: self.env.user,
        domain="[('share', '=', False)]", ondelete="cascade")
    is_finance = fields.Boolean(compute="_compute_is_finance")
    note = fields.Char(help="Number of the cheque, who handed it over, ...")

    @api.depends("order_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = wizard.order_id.currency_id

    @api.depends_context("uid")
    def _compute_is_finance(self):
        self.is_finance = any(map(self.env.user.has_group, BY_FINANCE))

    @api.model
    def _start(self, order):
        self._check_taker(order)
        wizard = self.create({"order_id": order.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Money received"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _check_taker(self, order):
        """Sales and finance, for orders that they see.

        :raise AccessError: for others
        """
        order.check_access("read")
        if not any(map(self.env.user.has_group, TAKERS)):
            raise AccessError(self.env._("Sales and finance write down money that they received."))

    def action_take(self):
        """Make the slip. Whoever is not in finance writes down only what they took themselves.

        :raise AccessError: for users who don't see the order, or who name somebody else
        """
        self.ensure_one()
        self._check_taker(self.order_id)
        if self.received_by_id != self.env.user and not self.is_finance:
            raise AccessError(self.env._(
                "Write down what you received yourself. Finance enters it for others."))
        slip = self.env["o2c.receipt.slip"]._take(
            self.order_id, self.amount, means=self.means, currency=self.currency_id,
            received_on=self.received_on, receiver=self.received_by_id, note=self.note)
        return {
            "type": "ir.actions.act_window",
            "res_model": "o2c.receipt.slip",
            "res_id": slip.id,
            "view_mode": "form",
        }
