from odoo import fields, models

REASONS = [
    ("delivered", "Delivered, not invoiced"),
    ("performed", "Performed, not invoiced"),
    ("early", "Invoiced before delivery"),
    ("returned", "Returned, credit note is missing"),
    ("discount", "Discount of the order"),
    ("advance", "Down payment, not deducted yet"),
]


class AccrualItem(models.Model):
    """One order line of a month-end run: its difference, what that is worth, and why. Guarded whole."""

    _name = "o2c.accrual.item"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Order Line of a Month-End Run"
    _order = "accrual_id, id"

    _guarded_fields = "*"
    # A down payment's line goes away with its invoice; name and figures keep what it said.
    _guarded_links = ("sale_line_id",)

    name = fields.Char(string="Description", readonly=True)
    accrual_id = fields.Many2one(
        "o2c.accrual.order", string="Order at month end", required=True, readonly=True, index=True,
        ondelete="cascade")
    run_id = fields.Many2one(related="accrual_id.run_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="accrual_id.company_id", store=True, index=True, precompute=True)
    order_id = fields.Many2one(related="accrual_id.order_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one(related="accrual_id.partner_id", store=True, index=True, precompute=True)
    sale_line_id = fields.Many2one(
        "sale.order.line", string="Order line", readonly=True, index="btree_not_null", ondelete="set null")
    product_id = fields.Many2one(
        "product.product", readonly=True, index="btree_not_null", ondelete="restrict")
    uom_id = fields.Many2one(related="sale_line_id.product_uom_id")
    reason = fields.Selection(REASONS, required=True, readonly=True, index=True)
    delivered = fields.Float(digits="Product Unit", readonly=True)
    invoiced = fields.Float(digits="Product Unit", readonly=True)
    quantity = fields.Float(
        string="Difference", digits="Product Unit", readonly=True, help="Delivered less invoiced.")
    currency_id = fields.Many2one(related="accrual_id.currency_id", string="Order currency")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    net = fields.Monetary(
        string="Without tax", readonly=True, help="What the difference is worth, in order currency.")
    tax = fields.Monetary(
        readonly=True, help="What an invoice of the difference would add, in order currency.")
    balance = fields.Monetary(
        string="Revenue", currency_field="company_currency_id", readonly=True,
        help="In company currency at the rate of the day.")
    cost = fields.Monetary(
        currency_field="company_currency_id", readonly=True,
        help="Value of the stock moves, less what invoices have booked.")
    account_id = fields.Many2one("account.account", string="Revenue account", readonly=True,
                                 ondelete="restrict")
    expense_account_id = fields.Many2one(
        "account.account", string="Cost account", readonly=True, ondelete="restrict")
    stock_account_id = fields.Many2one("account.account", string="Stock account", readonly=True,
                                       ondelete="restrict")

    def _guard_get_hint(self):
        return self.env._("Prepare the run again: it measures the orders.")

    # === ACTIONS === #

    def action_open_order(self):
        """Open the order with the rights of the user."""
        self.ensure_one()
        self.check_access("read")
        return self.accrual_id.action_open_order()
