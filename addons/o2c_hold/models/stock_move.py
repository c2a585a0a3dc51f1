from odoo import models
from odoo.addons.o2c_base.models.wording import join_names, join_sentences
from odoo.tools import float_compare

from ..rules.verdict import Verdict


class StockMove(models.Model):
    """What single moves say about goods leaving, and the two controls that look at nothing else."""

    _inherit = "stock.move"

    def _is_o2c_leaving(self):
        """Whether the move, or a line of it, brings goods to a customer, wherever they come from: a
        warehouse, a supplier (dropship), transit, or nowhere at all."""
        self.ensure_one()
        return any(
            part.location_dest_id.usage == "customer" and part.location_id.usage != "customer"
            for part in (self, *self.move_line_ids)
        )

    def _get_o2c_quantity(self):
        """What leaves: the prepared quantity, or the whole demand where nothing was prepared yet."""
        self.ensure_one()
        if self.quantity or any(self.picking_id.move_ids.mapped("quantity")):
            return self.quantity
        return self.product_uom_qty

    def _get_o2c_value(self, quantity):
        """Value of a quantity (in the unit of the move), with taxes, in company currency."""
        self.ensure_one()
        line = self.sale_line_id
        if line and line.product_uom_qty:
            in_unit = self.product_uom._compute_quantity(quantity, line.product_uom_id, round=False)
            return line.price_total * in_unit / line.product_uom_qty / (line.order_id.currency_rate or 1.0)
        in_unit = self.product_uom._compute_quantity(quantity, self.product_id.uom_id, round=False)
        return self.product_id.with_company(self.company_id).lst_price * in_unit

    # === BUILT-IN CONTROLS === #

    def _is_o2c_ordered(self):
        """Whether a confirmed order stands behind the move, placed by the one who gets the goods."""
        self.ensure_one()
        line = self.sale_line_id
        order = line.order_id
        if not order or order.state != "sale" or order.company_id != self.company_id:
            return False
        if not self._get_o2c_share(line):
            return False
        receiver = (self.picking_id.partner_id or self.partner_id).commercial_partner_id
        parties = order.partner_id | order.partner_shipping_id | order.partner_invoice_id
        return not receiver or receiver in parties.commercial_partner_id

    def _get_o2c_share(self, line):
        """How much of the order line one unit (of the product) of this move makes; 0.0 when it is no part.

        Hook for products that are delivered in parts.
        """
        if self.product_id != line.product_id:
            return 0.0
        return self.product_id.uom_id._compute_quantity(1.0, line.product_uom_id, round=False)

    def _get_o2c_unordered_verdicts(self):
        """`delivery_without_order`: goods for which no confirmed order of this customer exists."""
        unordered = self.filtered(lambda move: not move._is_o2c_ordered() and move._get_o2c_quantity() > 0)
        if not unordered:
            return []
        products = join_names(self.env, dict.fromkeys(unordered.product_id.mapped("display_name")))
        return [
            Verdict(
                "delivery_without_order",
                "hold",
                self.env._("no confirmed order of this customer covers %s.", products),
                {
                    self.env._("Products"): products,
                    self.env._("Value"): round(
                        sum(move._get_o2c_value(move._get_o2c_quantity()) for move in unordered), 2
                    ),
                },
            )
        ]

    def _describe_o2c_overdelivery(self, line, ordered, delivered):
        return self.env._(
            "%(product)s: %(delivered)s %(unit)s would be delivered, %(ordered)s are ordered.",
            product=line.product_id.display_name,
            delivered=round(delivered, 3),
            ordered=round(ordered, 3),
            unit=line.product_uom_id.name,
        )

    def _get_o2c_overdelivery_verdicts(self):
        """`delivery_over_order`: more would have left than was ordered."""
        over = self._get_o2c_overdelivered()
        if not over:
            return []
        excess = sum(value for _line, _ordered, _delivered, value in over)
        return [
            Verdict(
                "delivery_over_order",
                "hold",
                join_sentences(
                    self.env, [self._describe_o2c_overdelivery(*figures[:3]) for figures in over]
                ),
                {self.env._("Value beyond the order"): round(excess, 2)},
                excess=round(max(excess, 0.0), 2),
            )
        ]

    def _get_o2c_overdelivered(self):
        """Lines of which more leaves than ordered: ``[(line, ordered, delivered, value beyond)]``."""
        result = []
        for line, moves in self.grouped("sale_line_id").items():
            delivered = moves._get_o2c_delivered(line) if line else 0.0
            ordered = line.product_uom_qty
            if (
                line
                and float_compare(delivered, ordered, precision_rounding=line.product_uom_id.rounding) > 0
            ):
                unit_price = line.price_total / ordered if ordered else line.price_unit
                value = unit_price * (delivered - ordered) / (line.order_id.currency_rate or 1.0)
                result.append((line, ordered, delivered, value))
        return result

    def _get_o2c_delivered(self, line):
        """What of an order line is with the customer once these moves are done. Of a product in parts, the
        part of which most has left counts."""
        leaving = {}
        for move in self.filtered(lambda move: move.state != "done"):
            quantity = move.product_uom._compute_quantity(
                move._get_o2c_quantity(), move.product_id.uom_id, round=False
            )
            share = quantity * move._get_o2c_share(line)
            leaving[move.product_id] = leaving.get(move.product_id, 0.0) + share
        return line.qty_delivered + max(leaving.values(), default=0.0)
