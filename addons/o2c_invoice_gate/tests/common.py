"""Factories: a policy in force, people who sign, goods with deliveries and signatures."""

import base64

from odoo import Command
from odoo.addons.o2c_receipt.tests.common import ReceiptCase
from odoo.exceptions import UserError
from odoo.tools import mute_logger

PAPER = base64.b64encode(b"%PDF-1.4 signed slip")
CODES = ("invoice_ratio", "invoice_application", "invoice_three_way", "invoice_slip", "invoice_tax_number",
         "invoice_open_orders")


class GateCase(ReceiptCase):
    """Threshold 60 %, all controls of the invoice enforce. Prices are without tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls.make_user("director", "o2c_base.group_finance_director")
        cls.policy_user = cls.make_user("policy", "o2c_base.group_policy_administrator")
        cls.warehouse_user = cls.make_user("warehouse", "stock.group_stock_user")
        cls.stock_manager = cls.make_user("stock_manager", "stock.group_stock_manager")
        cls.policy = cls.make_policy()
        cls.pump = cls.env["product.product"].create({
            "name": "Gate Pump", "is_storable": True, "list_price": 100.0, "invoice_policy": "order",
            "taxes_id": [Command.clear()]})
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.env["stock.quant"]._update_available_quantity(cls.pump, cls.warehouse.lot_stock_id, 10000)
        cls.make_authority()
        for code in CODES:
            cls.set_control(code)

    # --- set-up ---

    @classmethod
    def make_policy(cls, company=None, **values):
        company = company or cls.company
        policy = cls.env["o2c.invoice.policy"].create({
            "name": f"Gate of {company.name}", "company_id": company.id, "date_from": "2020-01-01", **values})
        policy.with_user(cls.env.ref("base.user_admin")).sudo().action_put_in_force()
        return policy

    def set_policy(self, **values):
        """Change what judges: a version that has judged is replaced, as a person would."""
        self.policy.sudo()._guarded_write({"is_used": False})
        self.policy.write(values)

    @classmethod
    def set_control(cls, code, mode="enforcing", severity=None, company=None):
        setting = cls.env["o2c.control.setting"].search([
            ("control_id.code", "=", code), ("company_id", "=", (company or cls.company).id)])
        setting.write({"mode": mode, **({"severity": severity} if severity else {})})

    @classmethod
    def make_authority(cls, company=None):
        company = company or cls.company
        kinds = ("invoice_application", "invoice_exception")
        cls.env["o2c.authority"].search([("company_id", "=", company.id), ("kind", "in", kinds)]).unlink()
        rows = (("o2c_base.group_finance_officer", 0.0), ("o2c_base.group_finance_director", None))
        cls.env["o2c.authority"].create([
            {"company_id": company.id, "kind": kind, "group_id": cls.env.ref(role).id,
             "amount_to": up_to or 0.0, "is_unlimited": up_to is None}
            for kind in kinds for role, up_to in rows])

    # --- documents ---

    def make_goods(self, quantity=10, price=100.0, **values):
        """Confirmed order of pumps; the salesperson's."""
        order = self.env["sale.order"].create({
            "partner_id": self.customer.id, "user_id": self.seller.id,
            "order_line": [Command.create({
                "product_id": self.pump.id, "product_uom_qty": quantity, "price_unit": price,
                "tax_ids": [Command.clear()]})],
            **values})
        order.action_confirm()
        return order

    def deliver(self, order, quantity=None, *, sign=True):
        """Deliver (a part), and register that the customer has signed."""
        picking = order.picking_ids.filtered(lambda one: one.state not in ("done", "cancel"))[:1]
        for move in picking.move_ids:
            move.write({"quantity": move.product_uom_qty if quantity is None else quantity, "picked": True})
        picking._action_done()
        self.assertEqual(picking.state, "done")
        if sign:
            self.sign(picking)
        return picking

    def sign(self, picking, user=None):
        return self.env["o2c.delivery.slip"].with_user(user or self.warehouse_user)._record_signature(
            picking.with_user(user or self.warehouse_user), signed_by="Mr Li",
            signed_on=self.company._o2c_today(), file=PAPER, file_name="slip.pdf")

    def pay(self, order, amount, **values):
        payment = self.make_payment(amount, **values)
        self.allocate(payment, {order: amount})
        # Money is measured when it is read, not when something is written.
        order.invalidate_recordset(["o2c_invoice_missing", "o2c_collected", "o2c_collected_ratio"])
        return payment

    def apply(self, *orders, user=None, kind="lines", **values):
        """Draft application of the seller."""
        orders = self.env["sale.order"].union(*orders).with_user(user or self.seller)
        action = (orders.action_o2c_apply_invoice() if kind == "lines"
                  else orders.action_o2c_apply_down_payment())
        application = self.env["o2c.invoice.application"].with_user(
            user or self.seller).browse(action["res_id"])
        application.write(values)
        return application

    def sign_application(self, application):
        """Finance checks, the director signs; the answer of the last one."""
        request = application.sudo().o2c_request_id
        request.with_user(self.officer).action_approve("checked")
        return request.with_user(self.director).action_approve("signed")

    def issue(self, *orders, **values):
        """The whole way: apply, check, sign; return the invoice."""
        application = self.apply(*orders, **values)
        application.action_submit()
        self.sign_application(application)
        return application.sudo().move_id

    # --- refusals ---

    def look(self, order):
        """What an attempt must not change."""
        self.env.flush_all()
        invoices = self.env["account.move"].search(
            [("invoice_line_ids.sale_line_ids.order_id", "=", order.id), ("state", "=", "posted")])
        applications = self.env["o2c.invoice.application"].search([("order_ids", "in", order.ids)])
        return (order.state, order.amount_total, invoices.ids, sorted(invoices.mapped("amount_total")),
                applications.mapped("state"), applications.move_id.ids, order.picking_ids.o2c_slip_ids.ids,
                order.picking_ids.o2c_slip_ids.mapped("state"))

    def refuse(self, order, call, *args, text=None, **kwargs):
        """The call is refused with ``text`` in the message, and nothing has changed."""
        before = self.look(order)
        with mute_logger("odoo.sql_db"), self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            call(*args, **kwargs)
        self.env.invalidate_all()
        self.assertEqual(self.look(order), before)
        if text:
            self.assertIn(text, str(caught.exception))
        return str(caught.exception)

    def get_codes(self, document, checkpoint=None):
        """Codes of what stops the document, and the messages."""
        decisions = document.sudo()._decide_o2c(checkpoint)
        return {judgement.code: judgement.verdict.message
                for decision in decisions for judgement in decision.stopping}
