from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules.quantity import NEEDS_WORD

REASONS = [
    ("agreed", "Agreed"),
    ("within", "Within tolerance"),
    ("open", "Not delivered yet"),
    ("to_invoice", "Not invoiced yet"),
    ("over_delivered", "More delivered than ordered"),
    ("over_invoiced", "More invoiced than delivered"),
    ("returned", "Returned, credit note is missing"),
]


class QuantityCheckLine(models.Model):
    """One product on one order: what sales, warehouse and finance say. Guarded whole."""

    _name = "o2c.quantity.check.line"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Quantities of a Product on an Order"
    _order = "check_id desc, order_id, id"
    _rec_name = "order_id"
    _rec_names_search = ["order_id.name", "product_id.name"]

    _guarded_fields = "*"

    check_id = fields.Many2one(
        "o2c.quantity.check", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="check_id.company_id", store=True, index=True, precompute=True)
    date = fields.Date(related="check_id.date", store=True, index=True, precompute=True)
    check_state = fields.Selection(related="check_id.state", string="State of the check")
    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(
        related="order_id.partner_id", string="Customer", store=True, index=True, precompute=True)
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True, ondelete="restrict")
    uom_id = fields.Many2one(related="product_id.uom_id")
    ordered = fields.Float(
        string="Ordered (sales)", digits="Product Unit", readonly=True,
        help="As the order stands now: Odoo keeps no history of it.")
    delivered = fields.Float(
        string="Delivered (warehouse)", digits="Product Unit", readonly=True,
        help="Done moves until the end of the day, less returns.")
    invoiced = fields.Float(
        string="Invoiced (finance)", digits="Product Unit", readonly=True,
        help="Posted invoices until the day, less credit notes.")
    drafted = fields.Float(string="On draft invoices", digits="Product Unit", readonly=True)
    returned = fields.Float(digits="Product Unit", readonly=True)
    to_deliver = fields.Float(
        string="Ordered, not delivered", digits="Product Unit", compute="_compute_differences", store=True,
        precompute=True)
    to_invoice = fields.Float(
        string="Delivered, not invoiced", digits="Product Unit", compute="_compute_differences", store=True,
        precompute=True)
    reason = fields.Selection(REASONS, required=True, readonly=True, index=True)
    explanation = fields.Char(readonly=True, help="What is behind a difference that time does not explain.")
    is_explained = fields.Boolean(readonly=True)
    explained_by_id = fields.Many2one("res.users", string="Explained by", readonly=True, ondelete="restrict")
    needs_word = fields.Boolean(compute="_compute_needs_word")

    _product_uniq = models.UniqueIndex(
        "(check_id, order_id, product_id)", "A product of an order stands once in a check.")

    # === COMPUTES === #

    @api.depends("ordered", "delivered", "invoiced")
    def _compute_differences(self):
        for line in self:
            line.to_deliver = line.ordered - line.delivered
            line.to_invoice = line.delivered - line.invoiced

    @api.depends("reason", "is_explained")
    def _compute_needs_word(self):
        for line in self:
            line.needs_word = line.reason in NEEDS_WORD and not line.is_explained

    # === ACTIONS === #

    def action_explain(self, reason):
        """Say what is behind differences.

        :param reason: the explanation; it is registered
        :raise AccessError: unless warehouse or finance asks
        :raise UserError: when the check is signed by one side already
        """
        reason = self.env["o2c.accrual.run"]._check_reason(reason)
        self.check_access("read")
        self.check_id._check_side("warehouse", "finance")
        for line in self:
            if line.check_id.state != "counted":
                raise UserError(self.env._(
                    "%s is signed or not counted. Count again to change it.", line.check_id.display_name))
        self.sudo()._guarded_write({
            "explanation": reason, "is_explained": True, "explained_by_id": self.env.uid})
        self.env["o2c.register"]._log_many([
            {
                "record": line.check_id, "event": "check_explained", "company": line.company_id,
                "message": self.env._("%(order)s, %(product)s: %(reason)s", order=line.order_id.name,
                                      product=line.product_id.display_name, reason=reason),
                "evidence": {"ordered": line.ordered, "delivered": line.delivered,
                             "invoiced": line.invoiced},
            }
            for line in self.sudo()
        ])
        return True

    def action_open_order(self):
        """Open the order with the rights of the user."""
        self.ensure_one()
        self.check_access("read")
        order = self.order_id.sudo(False)
        order.check_access("read")
        return order.get_formview_action()

    def action_open_pickings(self):
        """Deliveries and returns of the order."""
        return self._open_related("stock.action_picking_tree_all", "stock.picking",
                                  [("sale_id", "=", self.order_id.id)])

    def action_open_invoices(self):
        """Invoices of the order, drafts included."""
        lines = self.sudo().order_id.order_line.invoice_lines
        return self._open_related("account.action_move_out_invoice", "account.move",
                                  [("id", "in", lines.move_id.ids)])

    def _open_related(self, xmlid, model, domain):
        self.ensure_one()
        self.check_access("read")
        self.env[model].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = domain
        action["context"] = {"create": False}
        return action

    def _guard_get_hint(self):
        return self.env._("Count again, or explain a difference with the button.")
