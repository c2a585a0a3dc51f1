import base64
from datetime import timedelta

from odoo import Command, models

from ..demo.scenario import PROJECT_CUSTOMER, PROJECT_PROMISES, PROJECT_TAG, PROJECTS


class Demo(models.AbstractModel):
    """Projects: no invoice before enough was collected and the finance director has signed."""

    _inherit = "o2c.demo"

    def _build_projects(self):
        """Orders of projects on the way to their invoices: money, delivery, signature, application."""
        tag = self.env["res.partner.category"].create({"name": PROJECT_TAG})
        self._get_customer(PROJECT_CUSTOMER).category_id = tag
        policy = self.env["o2c.invoice.policy"].with_user(self._get_person("policy")).create({
            "name": self.env._("Invoices of projects"),
            "date_from": self._get_today(),
            "partner_category_ids": [Command.set(tag.ids)],
        })
        policy.action_put_in_force()
        deeds = {"deliver": self._deliver, "sign": self._sign_for, "apply": self._apply_for_invoice}
        for key, lines, share, todo in PROJECTS:
            order = self._build_order(key, PROJECT_CUSTOMER, lines)
            order.action_confirm()
            if share:
                self._receive(order, order.amount_total * share)
            for deed in todo:
                deeds[deed](order)
            for promise in PROJECT_PROMISES.get(key, ()):
                self._promise(key, *promise)

    def _promise(self, key, login, days, share, promised_by):
        """Somebody writes down what the customer said on the phone."""
        order = self._get_demo_order(key, login)
        wizard = self._get_wizard(order.action_o2c_promise_payment(), login)
        wizard.write({
            "amount": order.currency_id.round(order.amount_total * share),
            "date_promised": self._get_today() + timedelta(days=days),
            "promised_by": promised_by,
            "note": self.env._("On the phone"),
        })
        wizard.action_record()

    def _receive(self, order, amount):
        """The accountant enters what came in."""
        wizards = self.env["o2c.receipt.register"].with_user(self._get_person("accountant"))
        wizard = wizards.browse(wizards._start(order.sudo(False))["res_id"])
        wizard.amount = order.currency_id.round(amount)
        wizard.action_register()

    def _deliver(self, order):
        """The warehouse brings everything to the customer."""
        pickings = order.sudo().picking_ids.with_user(self._get_person("warehouse")).sudo(False)
        for picking in pickings:
            for move in picking.move_ids:
                move.write({"quantity": move.product_uom_qty, "picked": True})
            picking.button_validate()

    def _sign_for(self, order):
        """The warehouse registers that the customer has signed."""
        text = self.env._("Received in good order: %s", order.name)
        slips = self.env["o2c.delivery.slip"].with_user(self._get_person("warehouse"))
        for picking in order.sudo().picking_ids.with_user(self._get_person("warehouse")).sudo(False):
            slips._record_signature(
                picking, signed_by="Rui Costa", signed_on=self._get_today(),
                file=base64.b64encode(text.encode()), file_name=f"{order.name}.txt")

    def _apply_for_invoice(self, order):
        """The salesperson applies for the invoice; finance has to check it."""
        action = order.with_user(self._get_person("sales")).action_o2c_apply_invoice()
        application = self.env["o2c.invoice.application"].with_user(self._get_person("sales"))
        application.browse(action["res_id"]).action_submit()
