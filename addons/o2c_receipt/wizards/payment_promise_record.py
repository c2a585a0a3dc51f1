from odoo import api, fields, models

from ..models.payment_promise import MEANS


class PaymentPromiseRecord(models.TransientModel):
    """Writes down what a customer promised to pay."""

    _name = "o2c.payment.promise.record"
    _description = "Promise of payment by the customer"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount = fields.Monetary(string="Promised amount")
    date_promised = fields.Date(
        string="Promised day", help="The last day on which the money comes in.")
    promised_by = fields.Char(help="Who at the customer promised it.")
    means = fields.Selection(MEANS, required=True, default="transfer")
    note = fields.Char(help="How it was said: on the phone, in which mail, ...")
    candidate_ids = fields.Many2many(
        "o2c.payment.promise", string="Awaited promises", compute="_compute_candidate_ids")
    replaces_ids = fields.Many2many(
        "o2c.payment.promise",
        "o2c_promise_record_rel",
        string="In place of",
        domain="[('id', 'in', candidate_ids)]",
        ondelete="cascade",
        help="Promises about the same money. An open one is replaced; a broken one stays broken, and nothing"
        " more is expected of it.",
    )

    @api.depends("order_id")
    def _compute_candidate_ids(self):
        for wizard in self:
            wizard.candidate_ids = self.env["o2c.payment.promise"]._get_awaited(wizard.order_id)

    @api.model
    def _start(self, order, *, replaces=None):
        """Open the wizard; a broken promise is about the money that is promised anew."""
        promises = self.env["o2c.payment.promise"]
        promises._check_recorder(order)
        order.sudo().o2c_promise_ids._settle()
        replaces = replaces or promises._get_awaited(order).filtered(lambda one: one.state == "broken")
        rest = promises._get_unpromised(order.sudo(), replaces.sudo())
        wizard = self.create({
            "order_id": order.id,
            "amount": sum(replaces.mapped("missing")) or max(rest, 0.0),
            "replaces_ids": replaces.ids,
        })
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Promise of payment"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_record(self):
        """Record the promise.

        :raise AccessError: for users who neither sell the order nor deal with money
        :raise UserError: where there is nothing like that to promise
        """
        self.ensure_one()
        promises = self.env["o2c.payment.promise"]
        promises._check_recorder(self.order_id)
        self.replaces_ids.check_access("read")
        promises._record(
            self.order_id, self.amount, day=self.date_promised, means=self.means,
            promised_by=self.promised_by, note=self.note, replaces=self.replaces_ids)
        return {"type": "ir.actions.act_window_close"}
