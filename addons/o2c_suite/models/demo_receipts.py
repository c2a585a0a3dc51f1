from odoo import api, models

from ..demo.scenario import CASH, DEPOSIT, TRANSFER


class Demo(models.AbstractModel):
    """Money of the demo company's customers, entered by its people."""

    _inherit = "o2c.demo"

    @api.model
    def _build_receipts(self):
        """A deposit, a transfer for two orders, and cash that the salesperson has in hand."""
        self._register_deposit(*DEPOSIT)
        self._allocate_transfer(*TRANSFER)
        self._take_cash(*CASH)

    @api.model
    def _register_deposit(self, key, amount):
        order = self._get_demo_order(key, "accountant")
        wizard = self._get_wizard(order.action_o2c_register_receipt(), "accountant")
        wizard.amount = amount
        wizard.action_register()

    @api.model
    def _allocate_transfer(self, total, amounts):
        """The customer's transfer names no order: the accountant knows from a call what it is for."""
        orders = {self._get_demo_order(key, "accountant"): amount for key, amount in amounts.items()}
        customer = next(iter(orders)).partner_invoice_id.commercial_partner_id
        payment = self.env["account.payment"].with_user(self._get_person("accountant")).create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": customer.id,
            "amount": total, "date": self._get_today(), "memo": self.env._("Two orders, as discussed"),
        })
        payment.action_post()
        wizard = self._get_wizard(payment.action_o2c_allocate(), "accountant")
        for line in wizard.line_ids:
            line.amount = orders.get(line.order_id, 0.0)
        wizard.reason = self.env._("By telephone with the customer")
        wizard.action_allocate()

    @api.model
    def _take_cash(self, key, amount):
        wizard = self._get_wizard(self._get_demo_order(key, "sales").action_o2c_take_money(), "sales")
        wizard.amount = amount
        wizard.action_take()

    @api.model
    def _get_demo_order(self, key, login):
        order = self.env["sale.order"].search([("client_order_ref", "=", f"demo-{key}")], limit=1)
        return order.with_user(self._get_person(login))

    @api.model
    def _get_wizard(self, action, login):
        return self.env[action["res_model"]].with_user(self._get_person(login)).browse(action["res_id"])
