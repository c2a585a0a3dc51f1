from odoo import api, fields, models
from odoo.tools import ormcache

from ..rules.schedule import split

QUOTATION_STATES = ("draft", "sent")


class Instalment(models.Model):
    """A part of the payment schedule that an order was given: agreed terms, not amounts.

    Whoever may edit a quotation edits its parts. Once the order is confirmed they are what both
    sides agreed: only a finance officer or credit manager changes them, with a reason
    (`sale.order._change_o2c_schedule`). What is due, invoiced and received is measured by
    `o2c.schedule`. An order without parts follows its payment term.
    """

    _name = "o2c.instalment"
    _inherit = ["o2c.guarded.mixin", "o2c.instalment.mixin"]
    _description = "Instalment of an order"
    _order = "order_id, sequence, id"
    _rec_name = "kind"

    _guarded_create_allowed = True

    # === FIELDS === #

    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount = fields.Monetary(
        compute="_compute_amount", aggregator=None, help="Share of the order's total, tax included."
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list and not self._is_used():
            self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        """Parts that a command takes off a quotation are deleted: there is nothing else for them."""
        if vals.keys() == {"order_id"} and not vals["order_id"]:
            return self.unlink()
        return super().write(vals)

    def unlink(self):
        """Money that was given to a part that goes is said to pay the oldest from now on."""
        self.env["o2c.receipt.allocation"]._drop_instalments(self)
        return super().unlink()

    @api.model
    @ormcache()
    def _is_used(self):
        """Whether any order ever got a schedule of its own; where none did, invoices look no further."""
        return bool(self.sudo().search([], limit=1))

    # === COMPUTES === #

    @api.depends("percent", "sequence", "order_id.amount_total", "order_id.o2c_instalment_ids.percent")
    def _compute_amount(self):
        for order, parts in self.grouped("order_id").items():
            rows = order.o2c_instalment_ids.sorted("sequence")
            rounding = order.currency_id.rounding or 0.01
            amounts = dict(zip(
                rows, split(order.amount_total, rows.mapped("percent"), rounding), strict=True))
            for part in parts:
                part.amount = amounts.get(part, 0.0)

    @api.depends("kind", "percent")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for part in self:
            part.display_name = f"{kinds.get(part.kind, '')} {part.percent:g} %"

    @api.model
    def _search_display_name(self, operator, value):
        """People type what they read: the kind in their language, with its share or without."""
        if operator != "ilike" or not value:
            return super()._search_display_name(operator, value)
        text = value.lower()
        kinds = [
            kind for kind, label in self._fields["kind"]._description_selection(self.env)
            if text in label.lower() or label.lower() in text
        ]
        return [("kind", "in", kinds)]

    # === CHECKS === #

    @property
    def _guarded_unlink_allowed(self):
        return self._is_open_to_edit(self.sudo().order_id)

    @api.model
    def _is_open_to_edit(self, orders):
        """Parts of a quotation are open: nobody has agreed to them yet."""
        return all(order.state in QUOTATION_STATES for order in orders)

    def _guard_check_create(self, vals_list):
        super()._guard_check_create(vals_list)
        # An order that comes by a default would not be seen here.
        ids = {vals.get("order_id") for vals in vals_list}
        if not all(ids) or not self._is_open_to_edit(self.env["sale.order"].sudo().browse(ids)):
            self._guard_refuse("create", ())

    def _guard_check_write(self, vals):
        super()._guard_check_write(vals)
        if "order_id" in vals or not self._is_open_to_edit(self.sudo().order_id):
            self._guard_refuse("write", vals)

    def _guard_get_hint(self):
        return self.env._(
            "The schedule of a confirmed order is changed by a finance officer or credit manager:"
            " Change schedule on the order.")
