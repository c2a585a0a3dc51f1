from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

# What somebody wants; the rest of a line says how the order is.
ASKED = {"product_id", "quantity", "price_unit", "discount"}


class OrderChangeLine(models.Model):
    """One line of the order as it is and as it should be, or one to be added."""

    _name = "o2c.order.change.line"
    _description = "Line of an order's change"
    _inherit = ["o2c.guarded.mixin"]
    _order = "change_id, sequence, id"

    _guarded_fields = ("is_new", "old_quantity", "old_price_unit", "old_discount")
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True

    change_id = fields.Many2one("o2c.order.change", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    order_line_id = fields.Many2one(
        "sale.order.line", string="Order line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="restrict", domain=[("sale_ok", "=", True)]
    )
    is_new = fields.Boolean(string="New", readonly=True)
    currency_id = fields.Many2one(related="change_id.currency_id")
    old_quantity = fields.Float(string="Quantity now", digits="Product Unit", readonly=True)
    quantity = fields.Float(string="New quantity", digits="Product Unit", required=True, default=1.0)
    old_price_unit = fields.Float(string="Price now", digits="Product Price", readonly=True)
    price_unit = fields.Float(
        string="New price",
        digits="Product Price",
        required=True,
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        help="Per unit, in the currency of the order.",
    )
    old_discount = fields.Float(string="Discount now (%)", digits="Discount", readonly=True)
    discount = fields.Float(string="New discount (%)", digits="Discount")
    is_changed = fields.Boolean(string="Changed", compute="_compute_is_changed")

    _order_line_uniq = models.UniqueIndex(
        "(change_id, order_line_id) WHERE order_line_id IS NOT NULL",
        "A line of the order appears once in a change.",
    )
    _quantity_not_negative = models.Constraint("CHECK (quantity >= 0)", "A quantity is zero or more.")
    _discount_range = models.Constraint(
        "CHECK (discount BETWEEN 0 AND 100)", "A discount is between 0 and 100 percent."
    )

    # === COMPUTES === #

    @api.depends("product_id")
    def _compute_price_unit(self):
        """Price of the order's list, for a product that is added; else the one that is."""
        for line in self:
            order = line.change_id.order_id
            if line.order_line_id or not line.product_id or not order:
                line.price_unit = line.order_line_id.price_unit
                continue
            line.price_unit = order.pricelist_id._get_product_price(
                line.product_id, line.quantity or 1.0, currency=order.currency_id
            )

    @api.depends(
        "is_new", "quantity", "price_unit", "discount", "old_quantity", "old_price_unit", "old_discount"
    )
    def _compute_is_changed(self):
        for line in self:
            line.is_changed = line._differs(line.old_quantity, line.old_price_unit, line.old_discount) or (
                line.is_new and line.quantity > 0
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Lines are added to drafts by those who may change the order, and take what is now from the order.

        :raise UserError: for a line of another order, or a change that was submitted
        """
        lines = super().create(vals_list)
        lines._check_editable()
        for line in lines:
            line._check_own_order()
            line._guarded_write({"is_new": not line.order_line_id})
        lines._read_order()
        lines.change_id._add_contributor()
        return lines

    def write(self, vals):
        self._check_editable()
        if {"change_id", "order_line_id"} & vals.keys():
            raise UserError(self.env._("A line stays with its change and its order line."))
        if "product_id" in vals and any(
            line.order_line_id and line.product_id.id != vals["product_id"] for line in self
        ):
            raise UserError(self.env._("The product of an order line stays. Add another line."))
        result = super().write(vals)
        if ASKED & vals.keys():
            self.change_id._add_contributor()
        return result

    def unlink(self):
        self._check_editable()
        self.change_id._add_contributor()
        return super().unlink()

    # === CHECKS === #

    def _check_editable(self):
        changes = self.change_id
        if not changes:
            return
        changes._check_may_change()
        changes._check_draft()
        changes._forget_check()

    def _check_own_order(self):
        order_line = self.order_line_id
        if order_line and (
            order_line.order_id != self.change_id.order_id or order_line.product_id != self.product_id
        ):
            raise UserError(self.env._("This line belongs to another order or product."))
        if order_line and (order_line.display_type or order_line.is_downpayment):
            raise UserError(self.env._("Only lines of products can be changed."))

    # === BUSINESS METHODS === #

    def _read_order(self):
        """Take over what the order says now."""
        for line in self.filtered("order_line_id"):
            order_line = line.order_line_id
            line._guarded_write(
                {
                    "old_quantity": order_line.product_uom_qty,
                    "old_price_unit": order_line.price_unit,
                    "old_discount": order_line.discount,
                }
            )

    def _differs(self, quantity, price_unit, discount):
        """Whether quantity, price or discount are others than these, as Odoo rounds them."""
        self.ensure_one()
        precision = self.env["decimal.precision"].precision_get
        return any(
            float_compare(mine, other, precision_digits=precision(name))
            for mine, other, name in (
                (self.quantity, quantity, "Product Unit"),
                (self.price_unit, price_unit, "Product Price"),
                (self.discount, discount, "Discount"),
            )
        )

    def _write_to(self, order):
        """Bring the order's line to what is asked for, with the rights of the order's environment.

        All three values are written, so that Odoo computes none of them anew.
        :raise UserError: when the order does not say afterwards what was asked for
        """
        self.ensure_one()
        OrderLine = order.env["sale.order.line"]
        vals = {
            "product_uom_qty": self.quantity,
            "price_unit": self.price_unit,
            "discount": self.discount,
        }
        if self.is_new:
            order_line = OrderLine.create({"order_id": order.id, "product_id": self.product_id.id, **vals})
        else:
            order_line = OrderLine.browse(self.order_line_id.id)
            if not order_line or order_line.order_id != order:
                raise UserError(self.env._("A line of %s does not exist any more.", order.name))
            order_line.write(vals)
        if self._differs(order_line.product_uom_qty, order_line.price_unit, order_line.discount):
            raise UserError(self.env._("%s can't be changed as asked.", order_line.display_name))

    def _describe(self):
        """The line as plain values, for the register and the fingerprint."""
        self.ensure_one()
        return {
            "line": self.order_line_id.id or 0,
            "new": self.is_new,
            "product": self.product_id.id,
            "quantity": [self.old_quantity, self.quantity],
            "price": [self.old_price_unit, self.price_unit],
            "discount": [self.old_discount, self.discount],
        }
