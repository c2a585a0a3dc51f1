from odoo import api, fields, models
from odoo.addons.o2c_receipt.rules.ratio import percent
from odoo.exceptions import UserError, ValidationError

# What an approver decides on; nobody changes it after submission.
EDITABLE = ("down_amount", "deduct_down_payments", "reason", "line_ids")


class InvoiceApplication(models.Model):
    """What a salesperson wants invoiced of one or more orders (I1, I2).

    Finance checks it, the finance director signs it, and the invoice is made and posted from exactly what was
    signed. Below the share that the policy wants collected only the way of exceptions is open.
    """

    _name = "o2c.invoice.application"
    _inherit = ["o2c.transition.mixin", "o2c.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Invoice application"
    _order = "id desc"

    _approval_kind = "invoice_application"
    _guarded_fields = (
        "name", "company_id", "partner_id", "order_ids", "currency_id", "kind", "is_exception", "amount",
        "move_id", "user_id", "missing_submitted", "submitted_on", "invoiced_on",
    )
    _guarded_unlink_allowed = True
    _transition_event = "invoice_state"
    _transitions = {
        "draft": ("requested", "cancelled"),
        "requested": ("invoiced", "refused", "draft"),
        "refused": ("draft", "cancelled"),
    }

    # === FIELDS === #

    name = fields.Char(string="Number", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict",
        help="Who gets the invoice.")
    order_ids = fields.Many2many(
        "sale.order", "o2c_invoice_application_order_rel", "application_id", "order_id", string="Orders",
        readonly=True, ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    user_id = fields.Many2one(
        "res.users", string="Applied for by", required=True, readonly=True, ondelete="restrict", index=True)
    kind = fields.Selection(
        [("lines", "Invoice of order lines"), ("down_payment", "Down-payment invoice")],
        string="Type", required=True, readonly=True, default="lines")
    down_amount = fields.Monetary(
        string="Down payment", tracking=True, help="What the down-payment invoice asks for, tax included.")
    deduct_down_payments = fields.Boolean(
        string="Deduct down payments",
        default=True,
        tracking=True,
        help="Take what down-payment invoices asked for off this invoice.",
    )
    reason = fields.Text(
        tracking=True, help="What finance and the director should know; an exception needs a reason.")
    is_exception = fields.Boolean(
        string="Exception", readonly=True, tracking=True, help="Less was collected than the policy asks for.")
    line_ids = fields.One2many("o2c.invoice.application.line", "application_id", string="Lines")
    product_line_ids = fields.One2many(
        "o2c.invoice.application.line", "application_id", string="What to invoice",
        domain=[("sale_line_id", "!=", False), ("is_deduction", "=", False)])
    amount = fields.Monetary(
        string="Amount applied for", readonly=True, help="Tax included, in the currency of the orders.")
    amount_now = fields.Monetary(
        string="Amount", compute="_compute_amount_now", compute_sudo=True,
        help="Of the lines as they are now, tax included, down payments deducted.")
    collected = fields.Monetary(
        compute="_compute_gate", compute_sudo=True,
        help="Money that counts by the policy, of all orders together.")
    ratio = fields.Float(
        string="Collected %", compute="_compute_gate", compute_sudo=True, digits=(16, 2),
        help="Of the order that has least, rounded down.")
    missing = fields.Monetary(
        compute="_compute_gate", compute_sudo=True,
        help="Money that must come in before the invoice may be applied for, rounded up.")
    unallocated_text = fields.Char(
        string="Unallocated receipts", compute="_compute_unallocated_text", compute_sudo=True,
        help="Receipts of this customer that no order was given.")
    missing_submitted = fields.Monetary(
        string="Missing when applied for", readonly=True, help="What the approvers of an exception accept.")
    threshold = fields.Float(
        string="Needed %", compute="_compute_gate", compute_sudo=True, digits=(16, 2))
    findings = fields.Text(
        string="Differences", compute="_compute_gate", compute_sudo=True,
        help="What order, delivery and application do not agree on.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To approve"),
            ("invoiced", "Invoiced"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True, readonly=True, default="draft", copy=False, index=True, tracking=True)
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null")
    submitted_on = fields.Datetime(string="Applied for on", readonly=True, copy=False)
    invoiced_on = fields.Datetime(readonly=True, copy=False)

    _down_positive = models.Constraint(
        "CHECK (down_amount >= 0)", "A down payment can't be negative: a credit note gives money back.")

    # === COMPUTES === #

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for application in self:
            application.display_name = " ".join(filter(None, (application.name, application.partner_id.name)))

    @api.depends("kind", "down_amount", "deduct_down_payments", "line_ids.quantity", "state")
    def _compute_amount_now(self):
        for application in self:
            if application.state in ("requested", "invoiced"):
                application.amount_now = application.amount
            else:
                application.amount_now = sum(application._get_amounts().values())

    @api.depends("kind", "down_amount", "deduct_down_payments", "line_ids.quantity", "order_ids", "state")
    def _compute_gate(self):
        for application in self:
            gate = application._get_gate()
            terms = list(gate["terms"].values())
            money = {order: float(gate["figures"][order.id].collected)
                     for order in application.order_ids if order.id in gate["figures"]}
            application.collected = sum(money.values())
            application.ratio = min(
                (percent(amount, order.amount_total) for order, amount in money.items()), default=0.0)
            application.missing = sum(gate["missing"].values())
            application.threshold = max((one["threshold"] for one in terms if one), default=0.0)
            application.findings = "\n".join(gate["findings"]) or False

    @api.depends("order_ids")
    def _compute_unallocated_text(self):
        for application in self:
            # All orders of an application are of one customer and company.
            application.unallocated_text = application.order_ids[:1].o2c_unallocated_text

    # === CHECKS === #

    def _guard_check_write(self, vals):
        fixed = self.filtered(lambda application: application.state != "draft")
        if fixed and (changed := set(EDITABLE).intersection(vals)):
            fixed._guard_refuse("write", changed)
        super()._guard_check_write(vals)

    def _check_is_draft(self):
        for application in self:
            if application.state != "draft":
                raise UserError(self.env._(
                    "%s was applied for. Withdraw the request before you change it.",
                    application.display_name))

    @api.constrains("company_id", "partner_id", "currency_id", "order_ids")
    def _check_orders(self):
        for application in self:
            keys = {(order.company_id, order.partner_invoice_id.commercial_partner_id, order.currency_id)
                    for order in application.order_ids}
            if keys != {(application.company_id, application.partner_id, application.currency_id)}:
                raise ValidationError(self.env._(
                    "One invoice is for one customer, in one currency and of one company."))

    # === CRUD === #

    def unlink(self):
        # Before an open request lapses, which would put the application back into draft.
        self._check_is_draft()
        self.sudo().line_ids._guarded_unlink()
        return super().unlink()

    # === ACTIONS === #

    def action_submit(self):
        """Ask finance to check and the finance director to sign.

        :raise UserError: naming the money that is missing, or what does not agree
        """
        self.check_access("write")
        for application in self:
            application._submit(is_exception=False)
        return True

    def action_submit_exception(self):
        """Ask for the invoice although less was collected than the policy wants."""
        self.check_access("write")
        for application in self:
            application._submit(is_exception=True)
        return True

    def action_reset_draft(self):
        """Work on a refused application again; the refusal stays in the history."""
        self.check_access("write")
        self.filtered(lambda application: application.state == "refused")._back_to_draft()
        return True

    def action_cancel(self):
        """Give an application up."""
        self.check_access("write")
        self._move_state(
            "cancelled", event="invoice_cancelled",
            message=lambda one: self.env._("Invoice application cancelled: %s", one._describe()))
        return True

    def action_open_move(self):
        """Open the invoice that was made."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id.get_formview_action()

    def action_open_orders(self):
        """Open the orders."""
        self.ensure_one()
        self.check_access("read")
        if len(self.order_ids) == 1:
            return self.order_ids.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        return {**action, "domain": [("id", "in", self.order_ids.ids)]}

    # === BUSINESS METHODS === #

    @api.model
    def _start(self, orders, *, kind="lines"):
        """Draft of an application over what can be invoiced of the orders now.

        The caller has checked that the user may read the orders.
        :raise UserError: when the orders don't fit on one invoice, or no policy judges them
        """
        self.check_access("create")
        self._check_startable(orders.sudo(), kind)
        application = self.sudo()._guarded_create([{
            "name": self.env["ir.sequence"].sudo().next_by_code("o2c.invoice.application") or "/",
            "company_id": orders.company_id.id,
            "partner_id": orders.sudo().partner_invoice_id.commercial_partner_id.id,
            "order_ids": [(6, 0, orders.ids)],
            "currency_id": orders.sudo().currency_id.id,
            "user_id": self.env.uid,
            "kind": kind,
        }])
        if kind == "lines":
            self.env["o2c.invoice.application.line"].sudo()._create_for(application)
        return application.sudo(False)

    @api.model
    def _check_startable(self, orders, kind):
        if not orders or any(order.state != "sale" for order in orders):
            raise UserError(self.env._("Confirm the order first: only confirmed orders are invoiced."))
        for name in ("company_id", "currency_id"):
            if len(orders[name]) > 1:
                raise UserError(self.env._(
                    "One invoice is for one customer, in one currency and of one company."))
        if len(orders.partner_invoice_id.commercial_partner_id) > 1:
            raise UserError(self.env._(
                "One invoice is for one customer, in one currency and of one company."))
        if kind == "down_payment" and len(orders) > 1:
            raise UserError(self.env._("A down payment is asked for one order."))
        policies = self.env["o2c.invoice.policy"]
        for order in orders:
            if not policies._get_terms(order):
                raise UserError(self.env._(
                    "No invoice policy judges order %s: make its invoice directly.", order.name))

    def _prepare_register_vals(self):
        return {
            "partner": self.partner_id,
            "company": self.company_id,
            "amount": self.amount,
            "currency": self.currency_id,
        }

    def _describe(self):
        """Number, customer, orders and amount, for the register."""
        return self.env._(
            "%(application)s of %(orders)s: %(amount)s",
            application=self.display_name, orders=", ".join(self.order_ids.mapped("name")),
            amount=self.order_ids[:1]._format_o2c(self.amount or self.amount_now))

    def _guard_get_hint(self):
        return self.env._(
            "Start an application with Apply for invoice on the order; decide it on its request.")

    # === OVERVIEW === #

    @api.model
    def _get_overview_data(self, code):
        """Applications that wait for finance."""
        count = self.search_count([("state", "=", "requested")])
        return {"count": count, "tone": "info" if count else "muted"}
