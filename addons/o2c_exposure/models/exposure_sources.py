from odoo import api, models
from odoo.tools import SQL

from .account_move_line import SQL_ITEM_IS_OPEN
from .sale_order import SQL_ORDER_IS_OPEN
from .stock_move import SQL_MOVE_IS_DROPPED

RECEIVABLE_FIELDS_READ = {
    "account.move.line": (
        "account_id", "amount_residual", "company_id", "date", "date_maturity", "display_type",
        "parent_state", "partner_id", "reconciled",
    ),
    "account.account": ("account_type",),
    "res.partner": ("commercial_partner_id", "o2c_corporate_group_id"),
    "res.company": ("o2c_exposure_company_id",),
}
ORDER_FIELDS_READ = {
    "sale.order": (
        "amount_total", "company_id", "currency_rate", "invoice_status", "o2c_draft_invoiced",
        "o2c_open_kind", "partner_invoice_id", "state",
    ),
    "sale.order.line": (
        "currency_id", "discount", "display_type", "invoice_lines", "is_downpayment", "order_id",
        "price_total", "price_unit", "product_id", "product_uom_id", "product_uom_qty", "qty_delivered",
        "qty_delivered_method", "qty_invoiced", "tax_ids",
    ),
    "stock.move": (
        "location_dest_id", "location_final_id", "origin_returned_move_id", "product_id", "product_uom",
        "product_uom_qty", "quantity", "sale_line_id", "state",
    ),
    "account.move.line": ("parent_state", "price_total", "product_uom_id", "quantity"),
    "account.move": ("currency_id", "invoice_currency_rate", "move_type"),
    "uom.uom": ("factor",),
    "res.partner": ("commercial_partner_id", "o2c_corporate_group_id"),
    "res.company": ("currency_id", "o2c_exposure_company_id"),
}


class O2cExposure(models.AbstractModel):
    """The two sources that plain Odoo has: receivable lines and open orders."""

    _inherit = "o2c.exposure"

    # -------------------------------------------------------------------------
    # Receivables
    # -------------------------------------------------------------------------

    @api.model
    def _sql_source_receivables(self, scope):
        """Open posted receivable lines at booked value.

        ``receivable``: invoices and other debits, net of open credit notes (lines of
        invoices are payment terms). ``unallocated``: credits that no invoice has consumed
        yet, negative. A payment counts once its entry is posted; a draft payment, or one
        in process that has no entry, is no money and reduces nothing. The other column is
        NULL and not 0, because sums skip it: a customer may have 10,000 open items.

        Settled and draft items are not in ``account_move_line_o2c_open_idx``, and all that is read of
        the others is: its size follows open items, never history. The accounts come as an array from a
        subquery of their own, so that they are looked up in it. Payments and entries may be booked on a
        contact, hence the join through the commercial partner instead of ``partner_id`` itself.
        """
        return SQL(
            """SELECT %(owner)s AS company_id,
                      %(debtor)s AS partner_id,
                      line.id AS res_id,
                      COALESCE(line.date_maturity, line.date) AS due,
                      line.amount_residual AS residual,
                      CASE WHEN line.display_type = 'payment_term' OR line.amount_residual > 0
                           THEN line.amount_residual END AS receivable,
                      CASE WHEN line.display_type = 'payment_term' OR line.amount_residual > 0
                           THEN NULL ELSE line.amount_residual END AS unallocated
                 FROM account_move_line line %(joins)s
                WHERE line.account_id = ANY(ARRAY(%(accounts)s))
                  AND %(is_open)s
                  AND %(scope)s""",
            accounts=self._sql_customer_accounts(),
            is_open=SQL(SQL_ITEM_IS_OPEN),
            **self._sql_debtor(scope, SQL("line.partner_id"), SQL("line.company_id")),
            to_flush=self._flushed(RECEIVABLE_FIELDS_READ),
        )

    @api.model
    def _sql_customer_accounts(self):
        """SELECT of the accounts on which customers owe or are owed: receivables. Modules add theirs."""
        return SQL("SELECT id FROM account_account WHERE account_type = 'asset_receivable'")

    @api.model
    def _sql_measure_overdue_since(self):
        """Due date of the oldest open item that is overdue on the day of the facts."""
        return SQL("MIN(due) FILTER (WHERE due < keys.date AND residual > 0)")

    @api.model
    def _sql_measure_overdue_amount(self):
        """What is overdue on the day of the facts; credits come off nothing here."""
        return SQL("SUM(residual) FILTER (WHERE due < keys.date AND residual > 0)")

    # -------------------------------------------------------------------------
    # Orders
    # -------------------------------------------------------------------------

    @api.model
    def _sql_source_orders(self, scope):
        """Open value of confirmed orders, one row per order.

        An order to which nothing happened yet, or nothing but its whole delivery, is open for its total
        (``o2c_open_kind``); of any other the lines are read. A line's open quantity is what was delivered
        or still may be, less what posted invoices hold; its price is ``price_total / quantity`` at the
        order's own rate.
        Posted down payments that no invoice has deducted yet are taken off, first from what
        is delivered. An order never counts below zero: it does not pay for another one.
        """
        return SQL(
            """SELECT company_id, partner_id, res_id,
                      CASE WHEN %(is_plain)s THEN done
                           ELSE GREATEST(%(done)s - COALESCE(prepaid, 0), 0) END AS delivered,
                      CASE WHEN %(is_plain)s THEN todo
                           ELSE GREATEST(%(todo)s - GREATEST(prepaid - %(done)s, 0), 0) END AS ordered
                 FROM (%(sums)s OFFSET 0) sums""",
            # Nothing to set off: mostly so, and then the sums stand as they are.
            is_plain=SQL(
                "(prepaid IS NULL AND (done >= 0) IS NOT FALSE AND (todo >= 0) IS NOT FALSE)"
            ),
            done=SQL("GREATEST(COALESCE(done, 0) + LEAST(todo, 0), 0)"),
            todo=SQL("GREATEST(COALESCE(todo, 0) + LEAST(done, 0), 0)"),
            sums=self._sql_order_sums(scope),
        )

    @api.model
    def _sql_order_sums(self, scope):
        """Per order: value delivered, value to deliver and down payments, all not invoiced; NULL for none.

        Orders that are open in full are read from ``sale_order_o2c_open_idx`` alone. The lines of others are
        summed order by order (LATERAL): grouping them afterwards would sort all of a customer's lines first.
        They are at prices of the order; its rate divides their sums.
        """
        return SQL(
            """SELECT %(owner)s AS company_id,
                      %(debtor)s AS partner_id,
                      orders.id AS res_id,
                      CASE orders.o2c_open_kind WHEN 'delivered' THEN orders.amount_total
                           ELSE sums.done END / rate.rate AS done,
                      CASE orders.o2c_open_kind WHEN 'untouched' THEN orders.amount_total
                           ELSE sums.todo END / rate.rate AS todo,
                      sums.prepaid
                 FROM sale_order orders %(joins)s
                CROSS JOIN LATERAL (SELECT COALESCE(NULLIF(orders.currency_rate, 0), 1) AS rate) rate
                CROSS JOIN LATERAL (
                      SELECT SUM(CASE WHEN untouched THEN NULL
                                      WHEN untouched IS NULL THEN detail[1]
                                      ELSE price_total END) AS done,
                             SUM(CASE WHEN untouched THEN price_total
                                      WHEN untouched IS NULL THEN detail[2] END) AS todo,
                             SUM(detail[3]) AS prepaid
                        FROM (SELECT price_total, untouched,
                                     CASE WHEN untouched IS NULL THEN %(detail)s END AS detail
                                FROM (SELECT id, price_total, %(untouched)s AS untouched
                                        FROM sale_order_line line
                                       WHERE orders.o2c_open_kind IS NULL
                                         AND line.order_id = orders.id AND line.display_type IS NULL
                                      OFFSET 0) lines
                              OFFSET 0) lines) sums
                WHERE orders.state = 'sale'
                  AND %(is_open)s
                  AND (orders.o2c_open_kind IS NOT NULL
                       OR COALESCE(sums.done, sums.todo, sums.prepaid) IS NOT NULL)
                  AND %(scope)s""",
            untouched=self._sql_line_is_untouched(),
            detail=self._sql_line_detail(),
            is_open=SQL(SQL_ORDER_IS_OPEN),
            **self._sql_debtor(scope, SQL("orders.partner_invoice_id"), SQL("orders.company_id")),
            to_flush=self._flushed(ORDER_FIELDS_READ),
        )

    @api.model
    def _sql_line_is_untouched(self):
        """TRUE: nothing of the line was delivered or invoiced. FALSE: it was delivered as ordered, and
        nothing invoiced. NULL: anything else.

        Most open lines are one or the other, and their value is simply their total, so that a customer
        with a thousand open orders costs little more than reading them.
        """
        return SQL(
            """CASE WHEN orders.o2c_draft_invoiced OR line.product_uom_qty <= 0 OR line.qty_invoiced <> 0
                    THEN NULL
                    WHEN line.qty_delivered = line.product_uom_qty THEN FALSE
                    WHEN line.qty_delivered <> 0 OR %s THEN NULL
                    ELSE TRUE END""",
            self._sql_line_is_dropped(),
        )

    @api.model
    def _sql_line_is_dropped(self):
        """Whether moves of a line may leave it with less than was ordered."""
        return SQL(
            """line.qty_delivered_method = 'stock_move'
               AND EXISTS (SELECT FROM stock_move dropped WHERE dropped.sale_line_id = line.id AND %s)""",
            SQL(SQL_MOVE_IS_DROPPED),
        )

    @api.model
    def _sql_line_detail(self):
        """Value delivered, value to deliver and down payments of a line, as an array.

        A line that was invoiced for more than was delivered gives nothing back; for lines of
        negative quantity everything is mirrored. The line is read once more, since handing all its columns
        through would cost more for those that need no detail.
        """
        return SQL(
            """(SELECT ARRAY[
                       price * done,
                       price * (CASE WHEN ordered < 0 THEN LEAST(target - invoiced, 0)
                                     ELSE GREATEST(target - invoiced, 0) END - done),
                       prepaid]
                  FROM (SELECT *,
                               CASE WHEN ordered < 0 THEN LEAST(delivered - invoiced, 0)
                                    ELSE GREATEST(delivered - invoiced, 0) END AS done
                          FROM (SELECT *,
                                       qty_invoiced - COALESCE(items[1], 0) AS invoiced,
                                       CASE WHEN is_downpayment THEN GREATEST(items[2], 0) END AS prepaid
                                  FROM (%s) read_line OFFSET 0) open_line) priced_line)""",
            self._sql_line_read(),
        )

    @api.model
    def _sql_line_read(self):
        """The line of the row ``lines`` with the quantities and the price that count.

        The parts that only few lines need are scalar subqueries behind a condition: the
        statement plans in a third of the time that joins would take. ``OFFSET 0`` keeps the
        planner from copying them into every expression above.
        """
        return SQL(
            """SELECT kind.is_downpayment,
                      line.product_uom_qty AS ordered,
                      COALESCE(line.qty_delivered, 0) AS delivered,
                      COALESCE(line.qty_invoiced, 0) AS qty_invoiced,
                      CASE WHEN kind.is_downpayment THEN 0 ELSE %(target)s END AS target,
                      CASE WHEN kind.is_downpayment THEN 0 ELSE %(price)s END AS price,
                      CASE WHEN orders.o2c_draft_invoiced OR kind.is_downpayment THEN %(items)s END AS items
                 FROM sale_order_line line
                CROSS JOIN LATERAL (SELECT %(is_downpayment)s AS is_downpayment OFFSET 0) kind
                WHERE line.id = lines.id
               OFFSET 0""",
            # Odoo's down payments order nothing; a mark alone must not hide an ordinary line.
            is_downpayment=SQL(
                "(line.is_downpayment AND line.product_uom_qty = 0 AND COALESCE(line.qty_delivered, 0) = 0)"
            ),
            target=self._sql_line_target(),
            price=self._sql_line_price(),
            items=self._sql_line_items(),
        )

    @api.model
    def _sql_line_target(self):
        """Quantity that was delivered or may still be.

        A line that stock moves deliver can still deliver what its open moves hold, so that
        a cancelled backorder is no exposure; without any move (a dropship that nobody has
        ordered yet) the ordered quantity counts, and while a kit's components are open its
        whole quantity does. What was ordered but never became a move counts too: a caller
        may raise a line without procurement (context ``skip_procurement``) or change its
        unit, and invoice it. A return on the order reduces nothing before it is done.

        All of that asks for the moves only where one was cancelled, returns goods or was done for less
        (``stock_move_o2c_dropped_idx``); for all other lines it comes to what was ordered.
        """
        return SQL(
            """CASE WHEN line.qty_delivered_method = 'stock_move' AND line.product_uom_qty < 0
                    THEN line.qty_delivered
                    WHEN line.product_uom_qty < 0
                    THEN LEAST(line.product_uom_qty, line.qty_delivered)
                    WHEN line.qty_delivered < line.product_uom_qty AND %s
                    THEN (SELECT CASE
                              WHEN COUNT(*) = 0 OR BOOL_OR(move.is_open AND move.is_part)
                              THEN line.product_uom_qty
                              ELSE LEAST(line.product_uom_qty, line.qty_delivered
                                  + COALESCE(SUM(move.quantity) FILTER (WHERE move.is_open), 0)
                                  + CASE WHEN BOOL_OR(move.is_part) THEN 0 ELSE GREATEST(
                                      line.product_uom_qty
                                      - COALESCE(SUM(move.quantity) FILTER (WHERE move.is_outgoing), 0),
                                      0) END) END
                            FROM (SELECT moves.product_uom_qty * %s AS quantity,
                                         moves.product_id <> line.product_id AS is_part,
                                         %s AS is_outgoing,
                                         moves.state NOT IN ('done', 'cancel') AND %s AS is_open
                                    FROM stock_move moves
                                    JOIN stock_location place
                                      ON place.id = COALESCE(
                                             CASE WHEN moves.state <> 'done' THEN moves.location_final_id END,
                                             moves.location_dest_id)
                                   WHERE moves.sale_line_id = line.id) move)
                    ELSE GREATEST(line.product_uom_qty, line.qty_delivered) END""",
            self._sql_line_is_dropped(),
            self._sql_unit_factor(SQL("moves.product_uom")),
            *[SQL("(place.usage = 'customer' OR place.usage = 'transit' AND place.company_id IS NULL)")] * 2,
        )

    @api.model
    def _sql_unit_factor(self, unit):
        """Factor from ``unit`` to the unit of the order line; mostly they are the same."""
        return SQL(
            """CASE WHEN %(unit)s IS NULL OR %(unit)s = line.product_uom_id THEN 1 ELSE COALESCE(
                   (SELECT factor FROM uom_uom WHERE id = %(unit)s)
                   / NULLIF((SELECT factor FROM uom_uom WHERE id = line.product_uom_id), 0), 1) END""",
            unit=unit,
        )

    @api.model
    def _sql_line_price(self):
        """Price of one unit with tax, in the currency of the order.

        A line of quantity 0 (re-invoiced expenses, quantities delivered only) has no
        ``price_total`` to divide: its unit price plus the percentage taxes on top stands in.
        """
        return SQL(
            """CASE WHEN line.product_uom_qty <> 0 THEN line.price_total / line.product_uom_qty
                    WHEN line.qty_delivered = 0 THEN 0
                    ELSE line.price_unit * (1 - COALESCE(line.discount, 0) / 100) * (1 + COALESCE((
                        SELECT SUM(tax.amount) / 100
                          FROM account_tax_sale_order_line_rel rel
                          JOIN account_tax tax ON tax.id = rel.account_tax_id
                         WHERE rel.sale_order_line_id = line.id
                           AND tax.amount_type = 'percent'
                           AND COALESCE(tax.price_include_override, (
                                   SELECT account_price_include FROM res_company
                                    WHERE id = orders.company_id)) <> 'tax_included'), 0))
               END"""
        )

    @api.model
    def _sql_line_items(self):
        """What the invoices of a line say beyond its stored quantities, as an array of two.

        1. The quantity that drafts hold, in the line's unit: ``qty_invoiced`` counts it.
        2. The value of posted items in company currency, for down payments: what was asked
           for less what later invoices deducted. At the order's rate, since it is taken off
           the order; an invoice in another currency is taken at its own.
        """
        return SQL(
            """(SELECT ARRAY[
                       SUM(sign.sign * item.quantity * %s) FILTER (WHERE item.parent_state = 'draft'),
                       SUM(sign.sign * item.price_total / COALESCE(NULLIF(
                               CASE WHEN move.currency_id = line.currency_id THEN orders.currency_rate
                                    ELSE move.invoice_currency_rate END, 0), 1))
                       FILTER (WHERE item.parent_state = 'posted')]
                  FROM sale_order_line_invoice_rel rel
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                  JOIN account_move move ON move.id = item.move_id
                  CROSS JOIN LATERAL (
                      SELECT CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign) sign
                 WHERE rel.order_line_id = line.id
                   AND move.move_type IN ('out_invoice', 'out_refund'))""",
            self._sql_unit_factor(SQL("item.product_uom_id")),
        )

    @api.model
    def _flushed(self, names):
        """Fields that a statement reads, for ``SQL(to_flush=)``."""
        return [self.env[model]._fields[name] for model, fields in names.items() for name in fields]
