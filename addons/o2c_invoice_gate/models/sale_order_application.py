from odoo import api, fields, models


class SaleOrder(models.Model):
    """Invoice applications of an order."""

    _inherit = "sale.order"

    o2c_application_ids = fields.Many2many(
        "o2c.invoice.application", "o2c_invoice_application_order_rel", "order_id", "application_id",
        string="Invoice applications", readonly=True, copy=False)
    o2c_application_count = fields.Integer(
        string="Number of invoice applications", compute="_compute_o2c_application_count", compute_sudo=True)
    o2c_is_gate_judged = fields.Boolean(
        string="An invoice policy judges it", compute="_compute_o2c_is_gate_judged", compute_sudo=True)

    # === COMPUTES === #

    @api.depends("o2c_application_ids")
    def _compute_o2c_application_count(self):
        for order in self:
            order.o2c_application_count = len(order.o2c_application_ids)

    @api.depends("partner_invoice_id", "company_id")
    def _compute_o2c_is_gate_judged(self):
        policies = self.env["o2c.invoice.policy"]
        for order in self:
            order.o2c_is_gate_judged = bool(policies._get_terms(order))

    # === ACTIONS === #

    def action_o2c_apply_invoice(self):
        """Open a draft application over what can be invoiced of these orders now.

        :raise UserError: when the orders don't fit on one invoice
        """
        return self._start_o2c_application("lines")

    def action_o2c_apply_down_payment(self):
        """Open a draft application of a down-payment invoice."""
        self.ensure_one()
        return self._start_o2c_application("down_payment")

    def _start_o2c_application(self, kind):
        self.check_access("write")
        applications = self.env["o2c.invoice.application"]
        draft = applications.search([
            ("order_ids", "in", self.ids), ("state", "=", "draft"), ("kind", "=", kind),
            ("user_id", "=", self.env.uid)]).filtered(lambda one: one.order_ids == self)[:1]
        return (draft or applications._start(self, kind=kind)).get_formview_action()

    def action_o2c_open_applications(self):
        """Show the invoice applications of the order."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_invoice_gate.invoice_application_action")
        action["domain"] = [("order_ids", "in", self.ids)]
        action["context"] = {}
        if len(self.o2c_application_ids) == 1:
            action.update(res_id=self.o2c_application_ids.id, views=[(False, "form")])
        return action
