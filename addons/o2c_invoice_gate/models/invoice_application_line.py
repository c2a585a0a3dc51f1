from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules.gate import get_allowed


class InvoiceApplicationLine(models.Model):
    """One order line of an application, with what order, delivery and invoices say about it.

    A down-payment application has one line without an order line; deductions of down payments are lines
    with a negative amount. Amounts are fixed when the application is submitted.
    """

    _name = "o2c.invoice.application.line"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Line of an invoice application"
    _order = "application_id, sequence, id"

    _guarded_fields = (
        "application_id", "order_id", "sale_line_id", "amount", "is_deduction", "sequence")
    _guarded_unlink_allowed = True

    application_id = fields.Many2one(
        "o2c.invoice.application", required=True, readonly=True, index=True, ondelete="cascade")
    sequence = fields.Integer(readonly=True)
    company_id = fields.Many2one(related="application_id.company_id")
    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    sale_line_id = fields.Many2one(
        "sale.order.line", string="Order line", readonly=True, index="btree_not_null", ondelete="restrict")
    is_deduction = fields.Boolean(string="Deducted down payment", readonly=True)
    currency_id = fields.Many2one(related="application_id.currency_id")
    product_id = fields.Many2one(related="sale_line_id.product_id")
    description = fields.Text(related="sale_line_id.name")
    uom_id = fields.Many2one(related="sale_line_id.product_uom_id", string="Unit")
    quantity = fields.Float(
        string="To invoice", digits="Product Unit", help="In the unit of the order line.")
    amount = fields.Monetary(
        string="Amount applied for", readonly=True, help="Tax included, in the currency of the order.")
    ordered = fields.Float(compute="_compute_match", compute_sudo=True, digits="Product Unit")
    delivered = fields.Float(compute="_compute_match", compute_sudo=True, digits="Product Unit")
    signed = fields.Float(
        string="Signed for", compute="_compute_match", compute_sudo=True, digits="Product Unit",
        help="Delivered with a slip that the customer signed.")
    invoiced = fields.Float(
        compute="_compute_match", compute_sudo=True, digits="Product Unit", help="Posted, less credit notes.")
    allowed = fields.Float(
        string="At most", compute="_compute_match", compute_sudo=True, digits="Product Unit",
        help="What may still be invoiced of the line, the tolerance of the policy included.")
    amount_now = fields.Monetary(string="Amount", compute="_compute_amount_now", compute_sudo=True)
    is_over = fields.Boolean(
        string="More than may be invoiced", compute="_compute_match", compute_sudo=True)

    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0 OR is_deduction)", "A quantity to invoice can't be negative.")

    # === COMPUTES === #

    @api.depends("quantity", "sale_line_id", "amount", "application_id.state")
    def _compute_amount_now(self):
        for line in self:
            if line.application_id.state in ("requested", "invoiced") or not line.sale_line_id:
                line.amount_now = line.amount
            else:
                line.amount_now = line.currency_id.round(line.sale_line_id._get_o2c_amount_of(line.quantity))

    @api.depends("quantity", "sale_line_id")
    def _compute_match(self):
        figures = self.env["o2c.invoice.gate"]._get_figures(self.order_id)
        for line in self:
            order = figures.get(line.order_id.id)
            found = order and order.lines.get(line.sale_line_id.id)
            line.ordered = found.ordered if found else 0.0
            line.delivered = found.delivered if found else 0.0
            line.signed = found.signed if found else 0.0
            line.invoiced = found.invoiced if found else 0.0
            line.allowed = line._get_allowed(found) if found else 0.0
            line.is_over = bool(found) and line.sale_line_id._is_o2c_more(line.quantity, line.allowed)

    def _get_allowed(self, figures):
        """What may still be invoiced: what Odoo would invoice, and the tolerance on what was delivered."""
        sold = self.sale_line_id
        terms = self.env["o2c.invoice.policy"]._get_terms(self.order_id)
        if sold._is_o2c_compared(terms):
            return max(0.0, get_allowed(figures.delivered, terms["quantity_tolerance"]) - figures.invoiced)
        return max(0.0, max(figures.ordered, figures.delivered) - figures.invoiced)

    # === CHECKS === #

    def _guard_check_write(self, vals):
        if "quantity" in vals:
            self.application_id._check_is_draft()
            if self.filtered("is_deduction"):
                self._guard_refuse("write", {"quantity"})
        super()._guard_check_write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_of_drafts(self):
        if any(line.application_id.state != "draft" for line in self):
            raise UserError(self.env._("What was applied for stays as it is."))

    # === BUSINESS METHODS === #

    @api.model
    def _create_for(self, application):
        """One line for each order line of which something may be invoiced now, else for all open ones."""
        vals_list = []
        for order in application.order_ids:
            for number, sold in enumerate(order.order_line.sorted(lambda line: (line.sequence, line.id))):
                if sold.display_type or sold.is_downpayment:
                    continue
                vals_list.append({
                    "application_id": application.id,
                    "order_id": order.id,
                    "sale_line_id": sold.id,
                    "sequence": number,
                    "quantity": 0.0,
                })
        for line in self._guarded_create(vals_list):
            line.quantity = max(0.0, min(line.sale_line_id.qty_to_invoice, line.allowed))

    def _guard_get_hint(self):
        return self.env._("Change quantities while the application is a draft.")
