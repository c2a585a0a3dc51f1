from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.schedule import Instalment

FIELDS_READ = {
    "sale.order": (
        "amount_total", "commitment_date", "company_id", "currency_id", "currency_rate", "date_order", "name",
        "partner_invoice_id", "payment_term_id", "state",
    ),
    "sale.order.line": (
        "display_type", "invoice_lines", "is_downpayment", "order_id", "price_total", "product_id",
        "product_uom_qty", "qty_delivered", "qty_delivered_method",
    ),
    "product.product": ("product_tmpl_id",),
    "product.template": ("invoice_policy",),
    "stock.move": (
        "date", "date_deadline", "location_dest_id", "location_final_id", "product_uom_qty", "quantity",
        "sale_line_id", "state",
    ),
    "account.move": ("currency_id", "date", "invoice_currency_rate", "move_type"),
    "account.move.line": (
        "account_id", "amount_residual_currency", "date", "move_id", "o2c_receipt_move_id", "parent_state",
        "price_total",
    ),
    "account.payment.term.line": (
        "days_next_month", "delay_type", "nb_days", "payment_id", "value", "value_amount",
    ),
    "o2c.instalment": (
        "days", "end_of_month", "fixed_date", "kind", "order_id", "percent", "sequence", "trigger",
    ),
    "o2c.receipt.allocation": (
        "amount", "date_from", "date_to", "instalment_id", "order_amount", "order_id", "payment_id",
        "receipt_date", "receipt_ref", "state", "statement_line_id",
    ),
    "account.bank.statement.line": ("move_id",),
    "account.partial.reconcile": ("credit_amount_currency", "debit_amount_currency", "max_date"),
    "account.payment": ("move_id", "state"),
    "res.company": ("currency_id", "o2c_tz"),
    "res.currency": ("rounding",),
    "res.partner": ("commercial_partner_id",),
}
# Invoices round taxes for themselves; what differs by less is no quantity that was dropped.
TOLERANCE = 0.001


class Schedule(models.AbstractModel):
    """What each confirmed order has to be paid, when, and what of it is neither invoiced nor paid.

    An order with parts of its own (`o2c.instalment`) follows them, any other one its payment term,
    counted from delivery. Nothing of it is stored: amounts follow the order, days the deliveries.

    The parts lie one after the other on an axis from 0 to the order's total, by due date. Invoices
    cover it from the start, so does money: the oldest instalment is served first. Invoices of an order
    that follows its payment term cover deliveries, the oldest first. Money that was given
    to one part covers that part, and no other before it is full; what the part can't hold, and money
    that was given to none, serves the oldest over what is left. What is not invoiced is by definition
    the open value of the order in the exposure, so that instalments split that value and never add to
    it. Where a part of the order was dropped, the total is what was invoiced and what may still be.

    A part that is counted from delivery has a row for each day on which goods left, in proportion to
    their price. What has not left is due from the expected day, but not before today: who delivers
    late waits longer. What is due *before* delivery keeps its day.
    """

    _name = "o2c.schedule"
    _description = "Payment schedules of orders"

    # === IN PYTHON === #

    @api.model
    def _get_instalments(self, orders, *, day=None):
        """Instalments of confirmed orders: ``{order id: [Instalment]}``, by due date. One statement.

        Callers have checked who asks.
        """
        ids = list(orders._origin.ids)
        found = {order_id: [] for order_id in ids}
        if not ids:
            return found
        query = self._sql_instalments(SQL("orders.id = ANY(%s)", ids), day=day)
        for row in self.env.execute_query(SQL(
            """SELECT order_id, no, instalment_id, kind, due, expected, turn,
                      amount, invoiced, received, named, open
                 FROM (%s) instalments ORDER BY order_id, seq""", query,
        )):
            found[row[0]].append(Instalment(*row[:7], *map(float, row[7:])))
        return found

    # === IN SQL === #

    @api.model
    def _sql_instalments(self, scope=None, *, day=None):
        """SELECT of the instalments of all confirmed orders of ``scope``.

        Columns: ``order_id, company_id, partner_id`` (debtor), ``currency_id, rate`` (of the order),
        ``seq`` (by due date), ``no`` (of the part), ``instalment_id`` (NULL: from the payment term),
        ``kind, due, expected`` (its goods have not left), ``turn`` (its place in what invoices cover),
        ``amount, upto`` (its end on the axis), ``invoiced, received, named`` (received because it was
        given to this part), ``open``; amounts in order currency, tax included, rounded.
        ``open`` is neither invoiced nor paid in advance.

        :param scope: condition on ``orders`` (sale_order), ``debtor`` and ``company``
        :param day: the day on which it is looked at; today
        """
        return SQL(
            """WITH %(chain)s,
               sched_money AS MATERIALIZED (%(collected)s)
               SELECT served.order_id, served.company_id, served.partner_id, served.currency_id, served.rate,
                      served.seq, served.no, served.instalment_id, served.kind, served.due,
                      served.is_expected AS expected, served.turn, served.amount, served.upto,
                      served.invoiced, served.named,
                      served.named + GREATEST(0, LEAST(served.space, served.collected - SUM(served.given) OVER
                          all_rows - SUM(served.space) OVER by_due + served.space)) AS received,
                      served.open
                 FROM (SELECT axis.*, axis.amount - axis.given AS space, money.collected,
                              GREATEST(0, LEAST(axis.given, money.collected - SUM(axis.given) OVER (
                                  PARTITION BY axis.order_id ORDER BY axis.seq) + axis.given)) AS named
                         FROM sched_axis axis
                         JOIN sched_money money ON money.order_id = axis.order_id) served
               WINDOW by_due AS (PARTITION BY served.order_id ORDER BY served.seq),
                      all_rows AS (PARTITION BY served.order_id)""",
            chain=self._sql_chain(scope or SQL("TRUE"), day or fields.Date.context_today(self)),
            collected=self.env["o2c.receipt.ledger"]._sql_collected(
                SQL("orders.id IN (SELECT id FROM sched_orders)")),
        )

    @api.model
    def _sql_chain(self, scope, day, *, past=None):
        """The common table expressions; the last, ``sched_axis``, has a row per instalment and day.

        :param past: a day before today: deliveries, invoices and receipts as they were at its end.
            Ordered quantities, prices and terms are those of today: nothing keeps what they were.
        """
        return SQL(
            """sched_orders AS MATERIALIZED (%(orders)s),
               sched_invoiced AS MATERIALIZED (%(invoiced)s),
               sched_receipts AS MATERIALIZED (%(receipts)s),
               sched_named AS MATERIALIZED (%(named)s),
               sched_heads AS MATERIALIZED (%(heads)s),
               sched_lines AS MATERIALIZED (%(lines)s),
               sched_moves AS MATERIALIZED (%(moves)s),
               sched_days AS MATERIALIZED (%(days)s),
               sched_parts AS MATERIALIZED (%(parts)s),
               sched_rows AS MATERIALIZED (%(rows)s),
               sched_wants AS MATERIALIZED (%(wants)s),
               sched_axis AS MATERIALIZED (%(axis)s)""",
            orders=self._sql_orders(scope),
            invoiced=self._sql_invoiced(past),
            receipts=self._sql_past_advances(past) if past else self._sql_advances(),
            named=self._sql_named(past),
            heads=self._sql_heads(scope),
            lines=self._sql_day_lines(),
            moves=self._sql_day_moves(),
            days=self._sql_days(past),
            parts=self._sql_parts(),
            rows=self._sql_axis_covered(day),
            wants=self._sql_axis_wants(),
            axis=self._sql_axis(),
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )

    @api.model
    def _sql_orders(self, scope):
        """Confirmed orders with the days that count."""
        zone = SQL("AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(company.o2c_tz, 'UTC')")
        return SQL(
            """SELECT orders.id, orders.name, orders.company_id, orders.currency_id, orders.amount_total,
                      orders.payment_term_id, debtor.commercial_partner_id AS partner_id,
                      COALESCE(NULLIF(orders.currency_rate, 0), 1)::numeric AS rate,
                      currency.rounding::numeric AS rounding, COALESCE(company.o2c_tz, 'UTC') AS zone,
                      (orders.date_order %(zone)s)::date AS confirmed,
                      (orders.commitment_date %(zone)s)::date AS promised
                 FROM sale_order orders
                 JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
                 JOIN res_company company ON company.id = orders.company_id
                 JOIN res_currency currency ON currency.id = orders.currency_id
                WHERE orders.state = 'sale' AND orders.amount_total > 0 AND %(scope)s""",
            zone=zone, scope=scope,
        )

    @api.model
    def _sql_heads(self, scope):
        """Per order: ``total`` to split, ``rest`` that is not invoiced, ``advance`` paid on the rest.

        The rest is the open value of the exposure at the order's rate, and what was invoiced later. Where
        more was credited than invoiced it exceeds the order, and all of it is split.
        """
        return SQL(
            """SELECT sums.*, LEAST(GREATEST(sums.advances, 0), sums.rest) AS advance,
                      GREATEST(sums.rest, CASE
                          WHEN ABS(sums.invoiced + sums.rest - sums.amount_total)
                               <= %(tolerance)s * sums.amount_total
                          THEN sums.amount_total ELSE sums.invoiced + sums.rest END) AS total
                 FROM (SELECT orders.*,
                              ROUND((COALESCE(open_value.amount, 0)::numeric * orders.rate
                                     + COALESCE(paper.later, 0)) / orders.rounding) * orders.rounding AS rest,
                              ROUND((COALESCE(paper.amount, 0) - COALESCE(paper.later, 0))
                                    / orders.rounding) * orders.rounding AS invoiced,
                              ROUND(COALESCE(money.amount, 0)::numeric / orders.rounding) * orders.rounding
                                  AS advances
                         FROM sched_orders orders
                    LEFT JOIN (SELECT res_id, COALESCE(delivered, 0) + COALESCE(ordered, 0) AS amount
                                 FROM (%(open)s) source) open_value
                           ON open_value.res_id = orders.id
                    LEFT JOIN sched_invoiced paper ON paper.order_id = orders.id
                    LEFT JOIN (SELECT order_id, SUM(amount) AS amount
                                 FROM sched_receipts WHERE move_id IS NOT NULL
                             GROUP BY order_id) money
                           ON money.order_id = orders.id) sums
                WHERE sums.invoiced + sums.rest > 0""",
            tolerance=TOLERANCE,
            open=self.env["o2c.exposure"]._sql_source_orders(scope),
        )

    @api.model
    def _sql_invoiced(self, past=None):
        """What posted invoices hold of each order, credit notes deducted, in order currency.

        ``later``: of it what was posted for days after ``past``.
        """
        return SQL(
            """SELECT items.order_id, SUM(items.amount)::numeric AS amount,
                      SUM(items.amount) FILTER (WHERE items.date > %(past)s::date)::numeric AS later
                 FROM (%(items)s) items GROUP BY items.order_id""",
            past=past,
            items=self._sql_invoiced_items(),
        )

    @api.model
    def _sql_invoiced_items(self):
        return SQL(
            """SELECT sold.order_id, move.date,
                      CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END * item.price_total
                      * CASE WHEN move.currency_id = orders.currency_id THEN 1
                             ELSE orders.rate / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)::numeric
                             END AS amount
                 FROM sched_orders orders
                 JOIN sale_order_line sold ON sold.order_id = orders.id
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                 JOIN account_move_line item ON item.id = rel.invoice_line_id AND item.parent_state = 'posted'
                 JOIN account_move move ON move.id = item.move_id"""
        )
