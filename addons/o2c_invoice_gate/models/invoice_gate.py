from dataclasses import dataclass, field
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..rules.gate import get_missing, get_required

FIELDS_READ = {
    "sale.order": ("currency_id", "currency_rate", "company_id"),
    "sale.order.line": (
        "currency_id", "display_type", "invoice_lines", "is_downpayment", "order_id", "price_total",
        "product_id", "product_uom_id", "product_uom_qty", "qty_delivered", "qty_delivered_method",
    ),
    "account.move": ("currency_id", "invoice_currency_rate", "move_type"),
    "account.move.line": ("move_id", "parent_state", "price_total", "product_uom_id", "quantity"),
    "o2c.delivery.slip": ("picking_id", "state"),
    "o2c.invoice.application": ("is_exception", "state"),
    "o2c.invoice.application.line": ("amount", "application_id", "order_id", "quantity", "sale_line_id"),
    "stock.move": ("picking_id", "product_id", "product_uom", "quantity", "sale_line_id", "state"),
    "stock.location": ("usage",),
    "uom.uom": ("factor",),
}


@dataclass
class LineFigures:
    """What is known of one order line, in its unit and in the currency of the order, tax included."""

    line_id: int
    is_downpayment: bool
    ordered: float
    delivered: float
    unsigned: float
    invoiced: float
    invoiced_amount: float
    approved: float
    approved_amount: float

    @property
    def signed(self) -> float:
        """Delivered quantity for which the customer has signed."""
        return self.delivered - self.unsigned


@dataclass
class OrderFigures:
    """What is known of one order. Amounts in order currency, tax included, not rounded.

    Invoiced is what posted invoices say less credit notes; approved is what applications cover.
    """

    order_id: int
    collected: Decimal
    lines: dict[int, LineFigures] = field(default_factory=dict)
    approved_down: float = 0.0
    has_exception: bool = False

    @property
    def invoiced(self) -> float:
        return sum(line.invoiced_amount for line in self.lines.values())

    @property
    def invoiced_down(self) -> float:
        return sum(line.invoiced_amount for line in self.lines.values() if line.is_downpayment)

    @property
    def approved(self) -> float:
        return self.approved_down + sum(line.approved_amount for line in self.lines.values())


class InvoiceGate(models.AbstractModel):
    """The figures by which invoices are judged, for many orders at once."""

    _name = "o2c.invoice.gate"
    _description = "Figures of the invoice gate"

    @api.model
    def _get_figures(self, orders):
        """Figures of the orders that a policy judges: ``{order id: OrderFigures}``. Two statements; one
        more where a policy counts cleared money only.

        To be called with superuser rights.
        """
        orders = orders._origin
        terms = {order: self.env["o2c.invoice.policy"]._get_terms(order) for order in orders}
        judged = orders.filtered(lambda order: terms[order])
        if not judged:
            return {}
        collected = self._get_collected(terms, judged)
        figures = {order.id: OrderFigures(order.id, collected[order.id]) for order in judged}
        for order_id, *values in self.env.execute_query(self._sql_lines(judged.ids)):
            self._add_row(figures[order_id], *values)
        return figures

    @api.model
    def _add_row(self, figures, line_id, is_downpayment, has_exception, *values):
        """Put one row of ``_sql_lines`` into the figures of its order."""
        figures.has_exception |= bool(has_exception)
        if line_id is None:
            figures.approved_down += float(values[-1])
        else:
            figures.lines[line_id] = LineFigures(line_id, bool(is_downpayment), *map(float, values))

    @api.model
    def _get_collected(self, terms, orders):
        """Money that counts by the policy of each order, as exact decimals: by text, since Odoo reads
        numbers as floats."""
        ledger = self.env["o2c.receipt.ledger"]
        scope = SQL("orders.id = ANY(%s)", orders.ids)
        rows = self.env.execute_query(SQL(
            "SELECT order_id, collected::text FROM (%s) sums", ledger._sql_collected(scope)))
        collected = {order_id: Decimal(amount) for order_id, amount in rows}
        strict = [order.id for order in orders if terms[order]["receipts"] == "cleared"]
        if strict:
            query = ledger._sql_uncleared(SQL("orders.id = ANY(%s)", strict))
            for order_id, amount in self.env.execute_query(query):
                collected[order_id] = max(Decimal(0), collected[order_id] - Decimal(amount))
        return collected

    # === RULE === #

    @api.model
    def _get_missing(self, order, terms, figures, *, more=0.0):
        """Money that an invoice over ``more`` of the order lacks, rounded up to the order's currency.

        :param more: amount of the invoice, order currency, tax included
        """
        required = get_required(
            self._get_base(order), figures.invoiced + more, threshold=terms["threshold"], rule=terms["rule"])
        return get_missing(required, figures.collected, order.currency_id.rounding)

    @api.model
    def _get_base(self, order):
        """The amount of which a share must be in. Hook: a contract may say another one."""
        return order.amount_total

    # === STATEMENT === #

    @api.model
    def _sql_lines(self, order_ids):
        """One row per order line: ``order_id, line_id, is_downpayment, has_exception`` and the figures of
        ``LineFigures``; approved down payments have no line yet.

        The ORM would read each invoice and each move of the orders.
        """
        return SQL(
            """SELECT line.order_id, line.id, line.is_downpayment, COALESCE(approved.exception, FALSE),
                      line.product_uom_qty, COALESCE(line.qty_delivered, 0), COALESCE(unsigned.quantity, 0),
                      COALESCE(billed.quantity, 0), COALESCE(billed.amount, 0),
                      COALESCE(approved.quantity, 0), COALESCE(approved.amount, 0)
                 FROM sale_order_line line
                 JOIN sale_order orders ON orders.id = line.order_id
            LEFT JOIN LATERAL (%(billed)s) billed ON TRUE
            LEFT JOIN LATERAL (%(approved)s) approved ON TRUE
            LEFT JOIN LATERAL (%(unsigned)s) unsigned ON TRUE
                WHERE line.order_id = ANY(%(ids)s) AND line.display_type IS NULL
            UNION ALL
               SELECT part.order_id, NULL, TRUE, application.is_exception, 0, 0, 0, 0, 0, 0, part.amount
                 FROM o2c_invoice_application_line part
                 JOIN o2c_invoice_application application ON application.id = part.application_id
                WHERE part.order_id = ANY(%(ids)s) AND part.sale_line_id IS NULL
                  AND application.state = 'invoiced'""",
            billed=self._sql_billed(),
            approved=self._sql_approved(),
            unsigned=self._sql_unsigned(),
            ids=list(order_ids),
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )

    @api.model
    def _sql_factor(self, unit):
        """What one of ``unit`` is in the unit of the order line."""
        return SQL(
            """CASE WHEN %(unit)s IS NULL OR %(unit)s = line.product_uom_id THEN 1 ELSE COALESCE(
                   (SELECT factor FROM uom_uom WHERE id = %(unit)s)
                   / NULLIF((SELECT factor FROM uom_uom WHERE id = line.product_uom_id), 0), 1) END""",
            unit=unit,
        )

    @api.model
    def _sql_billed(self):
        """Quantity and amount of ``line`` on posted invoices, credit notes taken off.

        An item of several order lines counts for each of them by an equal part of its amount.
        """
        return SQL(
            """SELECT SUM(sign.sign * item.quantity * %s) AS quantity,
                      SUM(sign.sign * item.price_total
                          * CASE WHEN move.currency_id = orders.currency_id THEN 1
                                 ELSE COALESCE(orders.currency_rate, 1)
                                      / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1) END
                          / (SELECT COUNT(*) FROM sale_order_line_invoice_rel links
                              WHERE links.invoice_line_id = item.id)) AS amount
                 FROM sale_order_line_invoice_rel rel
                 JOIN account_move_line item ON item.id = rel.invoice_line_id
                 JOIN account_move move ON move.id = item.move_id
           CROSS JOIN LATERAL (
                      SELECT CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign) sign
                WHERE rel.order_line_id = line.id AND item.parent_state = 'posted'
                  AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')""",
            self._sql_factor(SQL("item.product_uom_id")),
        )

    @api.model
    def _sql_approved(self):
        """Quantity and amount of ``line`` that approved applications cover."""
        return SQL(
            """SELECT SUM(part.quantity) AS quantity, SUM(part.amount) AS amount,
                      BOOL_OR(application.is_exception) AS exception
                 FROM o2c_invoice_application_line part
                 JOIN o2c_invoice_application application ON application.id = part.application_id
                WHERE part.sale_line_id = line.id AND application.state = 'invoiced'"""
        )

    @api.model
    def _sql_unsigned(self):
        """Quantity of ``line`` that was delivered by deliveries without a signed slip.

        A component of a product in parts says nothing about quantities of the whole: one without a
        signature leaves all of the line unsigned.
        """
        return SQL(
            """SELECT LEAST(COALESCE(line.qty_delivered, 0), COALESCE(SUM(
                          CASE WHEN moves.product_id = line.product_id THEN moves.quantity * %s
                               ELSE COALESCE(line.qty_delivered, 0) END), 0)) AS quantity
                 FROM stock_move moves
                 JOIN stock_location target ON target.id = moves.location_dest_id
                 JOIN stock_location origin ON origin.id = moves.location_id
                WHERE moves.sale_line_id = line.id AND moves.state = 'done'
                  AND line.qty_delivered_method = 'stock_move'
                  AND target.usage = 'customer' AND origin.usage <> 'customer'
                  AND NOT EXISTS (SELECT FROM o2c_delivery_slip slip
                                   WHERE slip.picking_id = moves.picking_id AND slip.state = 'valid')""",
            self._sql_factor(SQL("moves.product_uom")),
        )
