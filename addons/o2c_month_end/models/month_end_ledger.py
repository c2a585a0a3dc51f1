"""What was ordered, delivered and invoiced at the end of a day: one statement for all orders."""

from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

FIELDS_READ = {
    "sale.order": ("company_id", "date_order", "partner_invoice_id", "state"),
    "sale.order.line": (
        "display_type", "is_downpayment", "order_id", "price_subtotal", "product_id", "product_uom_id",
        "product_uom_qty", "qty_delivered", "qty_delivered_method", "qty_invoiced", "invoice_lines",
    ),
    "stock.move": (
        "company_id", "date", "is_in", "is_out", "location_dest_id", "location_id", "origin_returned_move_id",
        "product_id", "product_uom", "quantity", "sale_line_id", "state", "to_refund", "value",
    ),
    "account.move": ("date", "move_type", "state"),
    "account.move.line": (
        "account_id", "amount_currency", "balance", "cogs_origin_id", "company_id", "currency_id", "date",
        "display_type", "parent_state", "price_subtotal", "price_total", "product_uom_id", "quantity",
    ),
    "product.template": ("invoice_policy", "type"),
    "product.product": ("product_tmpl_id",),
    "uom.uom": ("factor",),
    "stock.location": ("company_id", "usage"),
}  # fmt: skip


class Quantities(NamedTuple):
    """One order line at the end of a day, in the line's own unit; values in company currency."""

    line_id: int
    order_id: int
    product_id: int | None
    method: str
    policy: str | None
    is_downpayment: bool
    price: float  # of one unit, without tax, order currency; sign of the line
    ordered: float
    delivered: float
    invoiced: float
    drafted: float  # on draft invoices
    returned: float  # came back and is deducted in delivered; positive
    value: float  # of what left stock, less what came back, at the moves' values
    cogs: float  # cost that posted invoices have taken out of stock already
    is_kit: bool
    part_id: int | None  # a component of the kit


class MonthEndLedger(models.AbstractModel):
    """Quantities as of a day, read from stock moves and posted invoices; stored nowhere.

    Moves count by their date and the company's clock, invoices by their accounting date. What was
    ordered, and what services say that they have delivered, has no history in Odoo: it counts as it
    stands now.
    """

    _name = "o2c.month.end.ledger"
    _description = "Quantities as of a day"

    # === BUSINESS METHODS === #

    @api.model
    def _get_open_order_ids(self, company, day, *, since=None) -> list[int]:
        """Confirmed orders where delivered and invoiced differ, or may have differed, at the end of ``day``.

        :param since: first day of a period: orders that were ordered, delivered or invoiced in it, too
        """
        return [order_id for [order_id] in self.env.execute_query(
            SQL("SELECT order_id FROM (%s) found ORDER BY order_id", self._sql_orders(company, day, since)))]

    @api.model
    def _get_quantities(self, company, day, order_ids) -> list[Quantities]:
        """Lines of these orders at the end of ``day``, by order and line; one statement."""
        if not order_ids:
            return []
        rows = [Quantities(*row) for row in self.env.execute_query(
            self._sql_quantities(company, day, SQL("orders.id = ANY(%s)", list(order_ids))))]
        kits = {row.line_id for row in rows if row.is_kit}
        delivered = self._get_kit_quantities(company, day, kits) if kits else {}
        return [
            row._replace(delivered=delivered[row.line_id]) if row.line_id in delivered else row
            for row in rows
        ]

    # === HOOKS === #

    @api.model
    def _get_kit_quantities(self, company, day, line_ids) -> dict[int, float]:
        """Kits delivered until the end of ``day``. Only the module that knows kits can count them."""
        return {}

    # === SQL === #

    @api.model
    def _sql_orders(self, company, day: date, since):
        """Ids of orders. The cost follows what is open and what happened after the day, not history.

        A line whose stored quantities are equal can differ only if something happened later, or if a
        draft invoice is counted in them. Services that are invoiced as ordered and whose delivery nobody
        notes are left out: they count as done when they are invoiced (see ``o2c_accrual_service``).
        """
        until = self._get_midnight(company, day)
        start = self._get_midnight(company, since - timedelta(days=1)) if since else until
        parts = [
            SQL(
                """SELECT line.order_id FROM sale_order_line line
                     JOIN sale_order orders ON orders.id = line.order_id
                LEFT JOIN product_product product ON product.id = line.product_id
                LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                    WHERE orders.company_id = %s AND orders.state = 'sale' AND line.display_type IS NULL
                      AND COALESCE(line.qty_delivered, 0) <> COALESCE(line.qty_invoiced, 0)
                      AND NOT %s AND NOT %s""",
                company.id, self._sql_is_done_when_invoiced(company), self._sql_is_settled_discount()),
            SQL(
                """SELECT line.order_id FROM stock_move move
                     JOIN sale_order_line line ON line.id = move.sale_line_id
                     JOIN sale_order orders ON orders.id = line.order_id
                    WHERE move.state = 'done' AND move.date >= %s AND orders.company_id = %s
                      AND orders.state = 'sale'""",
                start, company.id),
            SQL(
                """SELECT line.order_id FROM account_move_line item
                     JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                     JOIN sale_order_line line ON line.id = rel.order_line_id
                     JOIN sale_order orders ON orders.id = line.order_id
                    WHERE item.company_id = %s AND orders.state = 'sale'
                      AND (item.parent_state = 'draft'
                           OR item.parent_state = 'posted' AND item.date >= %s)""",
                company.id, since or day + timedelta(days=1)),
        ]
        if since:
            parts.append(SQL(
                "SELECT id AS order_id FROM sale_order WHERE company_id = %s AND state = 'sale'"
                " AND date_order >= %s AND date_order < %s",
                company.id, start, until))
        return SQL("%s", SQL(" UNION ").join(parts), to_flush=self._flushed())

    @api.model
    def _sql_quantities(self, company, day: date, scope):
        """One row for each line, see ``Quantities``; ``scope`` is a condition on ``orders``.

        The rules which moves count are those of ``sale.order.line._get_outgoing_incoming_moves``.
        """
        return SQL(
            """SELECT line.id, line.order_id, line.product_id,
                      COALESCE(line.qty_delivered_method, 'manual'), template.invoice_policy,
                      COALESCE(line.is_downpayment, FALSE),
                      CASE WHEN line.product_uom_qty <> 0 THEN line.price_subtotal / line.product_uom_qty
                           ELSE line.price_unit * (1 - COALESCE(line.discount, 0) / 100) END::float8,
                      line.product_uom_qty::float8,
                      CASE WHEN line.qty_delivered_method = 'stock_move'
                            AND NOT COALESCE(moves.is_kit, FALSE)
                           THEN COALESCE(moves.delivered, 0)
                           ELSE COALESCE(line.qty_delivered, 0) END::float8,
                      COALESCE(items.invoiced, 0)::float8, COALESCE(items.drafted, 0)::float8,
                      COALESCE(moves.returned, 0)::float8, COALESCE(moves.value, 0)::float8,
                      COALESCE(items.cogs, 0)::float8, COALESCE(moves.is_kit, FALSE), moves.part_id
                 FROM sale_order orders
                 JOIN sale_order_line line ON line.order_id = orders.id
            LEFT JOIN product_product product ON product.id = line.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN LATERAL (%(moves)s) moves ON TRUE
            LEFT JOIN LATERAL (%(items)s) items ON TRUE
                WHERE orders.company_id = %(company)s AND orders.state = 'sale'
                  AND line.display_type IS NULL AND %(scope)s
             ORDER BY line.order_id, line.id""",
            moves=self._sql_moves(self._get_midnight(company, day)),
            items=self._sql_items(day),
            company=company.id, scope=scope, to_flush=self._flushed(),
        )

    @api.model
    def _sql_moves(self, until):
        """What moves of ``line`` delivered and were worth before the moment ``until``."""
        return SQL(
            """SELECT SUM(CASE WHEN is_part THEN 0 WHEN is_outgoing THEN
                               CASE WHEN origin_returned_move_id IS NULL OR to_refund THEN quantity ELSE 0 END
                               WHEN is_incoming AND to_refund THEN -quantity ELSE 0 END) AS delivered,
                      SUM(CASE WHEN NOT is_part AND NOT is_outgoing AND is_incoming AND to_refund
                               THEN quantity ELSE 0 END) AS returned,
                      SUM(CASE WHEN is_out THEN value WHEN is_in THEN -value ELSE 0 END) AS value,
                      BOOL_OR(is_part) AS is_kit,
                      MIN(product_id) FILTER (WHERE is_part) AS part_id
                 FROM (SELECT move.product_id, move.origin_returned_move_id, move.to_refund,
                              move.is_in, move.is_out,
                              COALESCE(move.value, 0) AS value,
                              move.product_id <> line.product_id AS is_part,
                              %(dest_outside)s AS is_outgoing,
                              (src.usage = 'supplier' OR %(src_outside)s) AS is_incoming,
                              ROUND((move.quantity * %(factor)s)::numeric, %(digits)s) AS quantity
                         FROM stock_move move
                         JOIN stock_location src ON src.id = move.location_id
                         JOIN stock_location dest ON dest.id = move.location_dest_id
                        WHERE move.sale_line_id = line.id AND move.state = 'done'
                          AND move.date < %(until)s AND dest.usage <> 'inventory') done""",
            dest_outside=SQL(
                "(dest.usage = 'customer' OR dest.usage = 'transit' AND dest.company_id IS NULL)"),
            src_outside=SQL("(src.usage = 'customer' OR src.usage = 'transit' AND src.company_id IS NULL)"),
            factor=self._sql_factor(SQL("move.product_uom")), digits=self._get_digits(), until=until,
        )

    @api.model
    def _sql_items(self, day):
        """What invoices of ``line`` say: posted until the end of the day, and in draft now.

        Cost that invoices have booked is the credit on their cost lines of the stock account; the other
        line of the pair has a negative price.
        """
        return SQL(
            """SELECT SUM(sign * quantity) FILTER (WHERE is_posted) AS invoiced,
                      SUM(sign * quantity) FILTER (WHERE parent_state = 'draft') AS drafted,
                      SUM(cogs) FILTER (WHERE is_posted) AS cogs
                 FROM (SELECT item.parent_state,
                              item.parent_state = 'posted' AND item.date <= %(day)s AS is_posted,
                              CASE entry.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign,
                              ROUND((item.quantity * %(factor)s)::numeric, %(digits)s) AS quantity,
                              (SELECT SUM(-cost.balance) FROM account_move_line cost
                                WHERE cost.cogs_origin_id = item.id AND cost.display_type = 'cogs'
                                  AND (cost.price_unit >= 0)) AS cogs
                         FROM sale_order_line_invoice_rel rel
                         JOIN account_move_line item ON item.id = rel.invoice_line_id
                         JOIN account_move entry ON entry.id = item.move_id
                        WHERE rel.order_line_id = line.id
                          AND entry.move_type IN ('out_invoice', 'out_refund')) invoices""",
            factor=self._sql_factor(SQL("item.product_uom_id")), digits=self._get_digits(), day=day,
        )

    @api.model
    def _sql_advances(self, company, day, order_ids):
        """Posted down payments less what later invoices deducted: order, account, net and tax.

        In order currency where the invoice has it, otherwise NULL: the caller converts company currency.
        """
        return SQL(
            """SELECT line.order_id, item.account_id, MIN(line.id),
                      SUM(-item.amount_currency) FILTER (WHERE item.currency_id = line.currency_id),
                      SUM(-item.balance) FILTER (WHERE item.currency_id <> line.currency_id),
                      SUM(sign.sign * (item.price_total - item.price_subtotal))
                          FILTER (WHERE item.currency_id = line.currency_id),
                      SUM(sign.sign * (item.price_total - item.price_subtotal)
                          / COALESCE(NULLIF(entry.invoice_currency_rate, 0), 1))
                          FILTER (WHERE item.currency_id <> line.currency_id)
                 FROM sale_order_line line
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                 JOIN account_move_line item ON item.id = rel.invoice_line_id
                 JOIN account_move entry ON entry.id = item.move_id
           CROSS JOIN LATERAL (
                      SELECT CASE entry.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign) sign
                WHERE line.order_id = ANY(%(orders)s) AND line.is_downpayment AND line.display_type IS NULL
                  AND item.parent_state = 'posted' AND item.date <= %(day)s
                  AND entry.company_id = %(company)s
             GROUP BY line.order_id, item.account_id
             ORDER BY line.order_id, item.account_id""",
            orders=list(order_ids), day=day, company=company.id, to_flush=self._flushed(),
        )

    @api.model
    def _sql_is_done_when_invoiced(self, company):
        """Services sold at a fixed price whose delivery nobody notes count as done when invoiced."""
        if company.o2c_accrual_service == "delivered":
            return SQL("FALSE")
        return SQL(
            """COALESCE(line.qty_delivered_method = 'manual' AND template.type = 'service'
                AND template.invoice_policy = 'order'
                AND COALESCE(line.qty_delivered, 0) <= COALESCE(line.qty_invoiced, 0)
                AND line.price_subtotal >= 0, FALSE)""")

    @api.model
    def _sql_is_settled_discount(self):
        """A discount that was invoiced, on an order that has nothing to deliver, is no difference."""
        return SQL(
            """COALESCE(line.price_subtotal < 0 AND line.qty_delivered_method = 'manual'
                AND line.qty_invoiced >= line.product_uom_qty
                AND NOT EXISTS (
                    SELECT FROM sale_order_line other
                     WHERE other.order_id = line.order_id AND other.display_type IS NULL
                       AND other.qty_delivered_method <> 'manual'
                       AND other.qty_delivered < other.product_uom_qty), FALSE)""")

    # === HELPERS === #

    @api.model
    def _sql_factor(self, unit):
        """Factor from ``unit`` to the unit of ``line``; mostly they are the same."""
        return SQL(
            """CASE WHEN %(unit)s IS NULL OR %(unit)s = line.product_uom_id THEN 1 ELSE COALESCE(
                   (SELECT factor FROM uom_uom WHERE id = %(unit)s)
                   / NULLIF((SELECT factor FROM uom_uom WHERE id = line.product_uom_id), 0), 1) END""",
            unit=unit,
        )

    @api.model
    def _get_midnight(self, company, day):
        """The moment at which ``day`` ends in the company, as Odoo stores it."""
        return company._o2c_midnight(day + timedelta(days=1))

    @api.model
    def _get_digits(self) -> int:
        return self.env["decimal.precision"].precision_get("Product Unit")

    @api.model
    def _flushed(self):
        return [self.env[model]._fields[name] for model, names in FIELDS_READ.items() for name in names]
