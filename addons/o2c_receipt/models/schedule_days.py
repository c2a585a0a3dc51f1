from odoo import api, models
from odoo.tools import SQL


class Schedule(models.AbstractModel):
    """Parts of the total, days of deliveries, and both on one axis."""

    _inherit = "o2c.schedule"

    @api.model
    def _sql_parts(self):
        """Amount of each part in its own order: ``amount``; the last takes what rounding leaves."""
        return SQL(
            """SELECT bounds.*, bounds.upto - LAG(bounds.upto, 1, 0) OVER (
                          PARTITION BY bounds.order_id ORDER BY bounds.no) AS amount
                 FROM (SELECT plan.*, CASE WHEN plan.no = plan.parts THEN heads.total ELSE LEAST(
                              heads.total, SUM(ROUND(plan.share / heads.rounding) * heads.rounding) OVER (
                                  PARTITION BY plan.order_id ORDER BY plan.no)) END AS upto
                         FROM (%s) plan
                         JOIN sched_heads heads ON heads.id = plan.order_id) bounds""",
            self._sql_plan(),
        )

    @api.model
    def _sql_plan(self):
        """Terms of each order: its own parts, or else the lines of its payment term, or the whole."""
        return SQL(
            """SELECT heads.id AS order_id, part.id AS instalment_id, part.kind, part.trigger,
                      part.fixed_date,
                      ROW_NUMBER() OVER (PARTITION BY heads.id ORDER BY part.sequence, part.id) AS no,
                      COUNT(*) OVER (PARTITION BY heads.id) AS parts,
                      heads.total * part.percent::numeric / 100 AS share, part.days,
                      CASE WHEN part.end_of_month THEN 'days_after_end_of_month'
                           ELSE 'days_after' END AS delay,
                      NULL AS month_day
                 FROM sched_heads heads JOIN o2c_instalment part ON part.order_id = heads.id
            UNION ALL
               SELECT heads.id, NULL, 'term', 'delivery', NULL,
                      ROW_NUMBER() OVER (PARTITION BY heads.id ORDER BY term.id),
                      COUNT(*) OVER (PARTITION BY heads.id),
                      CASE term.value WHEN 'percent' THEN heads.total * term.value_amount::numeric / 100
                                      ELSE COALESCE(term.value_amount::numeric, heads.total) END,
                      COALESCE(term.nb_days, 0), COALESCE(term.delay_type, 'days_after'), term.days_next_month
                 FROM sched_heads heads
            LEFT JOIN account_payment_term_line term ON term.payment_id = heads.payment_term_id
                WHERE NOT EXISTS (SELECT FROM o2c_instalment part WHERE part.order_id = heads.id)"""
        )

    @api.model
    def _sql_axis(self):
        """Rows per part and day with ``upto``, their end on the axis, and what is open of them.

        Of the advances each row first has its own, in the order of due dates: what was ``given`` to its
        part and no invoice holds (``want``). The others are for the oldest row that has room.
        """
        return SQL(
            """SELECT rows.*, COALESCE(wants.given, 0) AS given, rows.bare
                      - GREATEST(0, LEAST(own.want, rows.advance - own.upto + own.want))
                      - GREATEST(0, LEAST(rows.bare - own.want, rows.advance - own.total
                          - (rows.bare_upto - own.upto) + rows.bare - own.want)) AS open
                 FROM sched_rows rows
            LEFT JOIN sched_wants wants ON wants.order_id = rows.order_id AND wants.seq = rows.seq
           CROSS JOIN LATERAL (
                      SELECT COALESCE(wants.want, 0) AS want, COALESCE(wants.upto, 0) AS upto,
                             COALESCE(wants.total, 0) AS total) own"""
        )

    @api.model
    def _sql_axis_wants(self):
        """Rows of orders of which an instalment was given money by name: ``given, want``, and the wants up
        to the row and of the whole order. The others need no window."""
        return SQL(
            """SELECT wants.*, SUM(wants.want) OVER (
                          PARTITION BY wants.order_id ORDER BY wants.seq) AS upto,
                      SUM(wants.want) OVER (PARTITION BY wants.order_id) AS total
                 FROM (SELECT given.*, GREATEST(0, given.given - given.invoiced) AS want
                         FROM (SELECT rows.order_id, rows.seq, rows.invoiced,
                                      GREATEST(0, LEAST(rows.amount, COALESCE(named.amount, 0)
                                          - SUM(rows.amount) OVER (
                                              PARTITION BY rows.order_id, rows.no ORDER BY rows.seq)
                                          + rows.amount)) AS given
                                 FROM sched_rows rows
                            LEFT JOIN sched_named named ON named.order_id = rows.order_id
                                  AND named.instalment_id = rows.instalment_id
                                WHERE rows.order_id IN (SELECT order_id FROM sched_named)) given) wants"""
        )

    @api.model
    def _sql_axis_covered(self, day):
        """Each row with what invoices hold of it; ``bare`` is the rest, ``bare_upto`` of all up to it."""
        return SQL(
            """SELECT held.*, held.amount - held.invoiced AS bare,
                      SUM(held.amount - held.invoiced) OVER (
                          PARTITION BY held.order_id ORDER BY held.seq) AS bare_upto
                 FROM (SELECT rows.*, heads.company_id, heads.partner_id, heads.currency_id, heads.rate,
                              heads.name, heads.confirmed, heads.advance,
                              GREATEST(0, LEAST(rows.paper, heads.total - heads.rest)
                                          - rows.paper + rows.amount) AS invoiced
                         FROM (%s) rows
                         JOIN sched_heads heads ON heads.id = rows.order_id) held""",
            self._sql_axis_rows(day),
        )

    @api.model
    def _sql_axis_rows(self, day):
        """Amounts of the parts per day, one after the other by due date.

        ``paper`` is their end in the order in which invoices cover them, ``turn`` their place in it: for
        a payment term by deliveries, the oldest first and what has not left last, since an invoice is
        about goods that left, with all the parts of their term.
        """
        counted = SQL(
            """CASE WHEN parts.trigger <> 'delivery' THEN heads.confirmed
                    WHEN days.is_expected AND parts.kind <> 'before_delivery'
                    THEN GREATEST(days.day, %s::date)
                    ELSE COALESCE(days.day, heads.confirmed) END""", day)
        return SQL(
            """SELECT dated.*, SUM(dated.amount) OVER by_due AS upto, ROW_NUMBER() OVER by_due AS seq,
                      SUM(dated.amount) OVER by_turn AS paper, ROW_NUMBER() OVER by_turn AS turn
                 FROM (SELECT pieces.*, %(due)s AS due
                         FROM (SELECT parts.order_id, parts.no, parts.instalment_id, parts.kind,
                                      parts.trigger, parts.fixed_date, parts.days, parts.delay,
                                      parts.month_day, days.day AS counted_day,
                                      COALESCE(days.is_expected, FALSE) AS is_expected,
                                      %(counted)s AS day,
                                      %(amount)s AS amount
                                 FROM sched_parts parts
                                 JOIN sched_heads heads ON heads.id = parts.order_id
                            LEFT JOIN sched_days days
                                   ON days.order_id = parts.order_id AND parts.trigger = 'delivery'
                              ) pieces
                        WHERE pieces.amount > 0) dated
               WINDOW by_due AS (
                   PARTITION BY dated.order_id
                   ORDER BY dated.due, dated.no, dated.counted_day, dated.is_expected),
                      by_turn AS (
                   PARTITION BY dated.order_id
                   ORDER BY dated.kind = 'term' AND dated.is_expected,
                            CASE WHEN dated.kind = 'term' THEN dated.counted_day END,
                            dated.due, dated.no, dated.counted_day, dated.is_expected)""",
            counted=counted,
            due=self._sql_due(),
            amount=SQL(
                """ROUND(parts.amount * COALESCE(days.upto, 1) / heads.rounding) * heads.rounding
                   - ROUND(parts.amount * COALESCE(days.since, 0) / heads.rounding) * heads.rounding"""),
        )

    @api.model
    def _sql_due(self):
        """Due date of a row ``pieces``, as Odoo's payment terms count."""
        month = SQL("date_trunc('month', pieces.day + pieces.days)")
        ends = SQL("(date_trunc('month', pieces.day) + INTERVAL '1 month - 1 day')::date")
        following = SQL(
            "(date_trunc('month', pieces.day + INTERVAL '1 month') + INTERVAL '1 month - 1 day')::date")
        number = SQL("CASE WHEN pieces.month_day ~ '^[0-9]+$' THEN pieces.month_day::int ELSE 1 END")
        return SQL(
            """CASE WHEN pieces.trigger = 'date' THEN pieces.fixed_date
                    WHEN pieces.delay = 'days_after_end_of_month' THEN %(ends)s + pieces.days
                    WHEN pieces.delay = 'days_after_end_of_next_month' THEN %(following)s + pieces.days
                    WHEN pieces.delay = 'days_end_of_month_on_the' AND %(number)s = 0
                    THEN (%(month)s + INTERVAL '1 month - 1 day')::date
                    WHEN pieces.delay = 'days_end_of_month_on_the'
                    THEN LEAST((%(month)s + INTERVAL '1 month')::date + %(number)s - 1,
                               (%(month)s + INTERVAL '2 months - 1 day')::date)
                    ELSE pieces.day + pieces.days END""",
            ends=ends, following=following, month=month, number=number,
        )

    # === DELIVERIES === #

    @api.model
    def _sql_days(self, past=None):
        """Which share of each order was, or will be, delivered on which day: ``since`` to ``upto``.

        :param past: a day at whose end what left later was still expected
        """
        return SQL(
            """SELECT order_id, day, is_expected, SUM(share) OVER by_day - share AS since,
                      CASE WHEN ROW_NUMBER() OVER by_day = COUNT(*) OVER (PARTITION BY order_id)
                           THEN 1 ELSE SUM(share) OVER by_day END AS upto
                 FROM (SELECT pieces.order_id, pieces.day, pieces.is_expected,
                              SUM(pieces.weight::numeric) / SUM(SUM(pieces.weight::numeric)) OVER (
                                  PARTITION BY pieces.order_id) AS share
                         FROM (%s) pieces
                        WHERE pieces.weight > 0
                     GROUP BY pieces.order_id, pieces.day, pieces.is_expected) shares
               WINDOW by_day AS (PARTITION BY order_id ORDER BY day, is_expected)""",
            self._sql_day_pieces(past),
        )

    @api.model
    def _sql_day_pieces(self, past):
        """Price of what each line delivers on a day; what is no goods counts at confirmation.

        Services that are invoiced by what was delivered have no day of delivery (``is_dateless``): until
        the invoice they are expected.
        A line's delivered quantity is spread over its deliveries, so that units, kits and returns
        need no arithmetic of their own. What no open move will bring is not expected any more.
        What left after the day ``past`` was expected then: when it was promised or planned.
        """
        is_later = SQL("left_on.day > %s::date", past) if past else SQL("FALSE")
        return SQL(
            """SELECT lines.order_id,
                      CASE WHEN lines.is_dateless THEN COALESCE(lines.promised, lines.confirmed)
                           ELSE lines.confirmed END AS day,
                      lines.is_dateless AS is_expected, lines.price AS weight
                 FROM sched_lines lines WHERE NOT lines.is_goods
            UNION ALL
               SELECT lines.order_id,
                      CASE WHEN %(is_later)s THEN COALESCE(lines.promised, left_on.deadline, left_on.day)
                           ELSE COALESCE(left_on.day, lines.confirmed) END,
                      COALESCE(%(is_later)s, FALSE),
                      lines.price * lines.delivered * COALESCE(
                          left_on.quantity / SUM(left_on.quantity) OVER (PARTITION BY lines.id), 1)
                 FROM sched_lines lines
            LEFT JOIN sched_moves left_on ON left_on.line_id = lines.id AND left_on.quantity > 0
                WHERE lines.is_goods AND lines.delivered > 0
            UNION ALL
               SELECT lines.order_id, COALESCE(lines.promised, planned.day, lines.confirmed), TRUE,
                      lines.price * (1 - lines.delivered)
                 FROM sched_lines lines
            LEFT JOIN (SELECT line_id, MAX(day) FILTER (WHERE is_open) AS day
                         FROM sched_moves GROUP BY line_id) planned ON planned.line_id = lines.id
                WHERE lines.is_goods AND lines.delivered < 1
                  AND (planned.day IS NOT NULL OR planned.line_id IS NULL)""",
            is_later=is_later,
        )

    @api.model
    def _sql_day_lines(self):
        """Lines of the orders with the share that was delivered."""
        return SQL(
            """SELECT line.id, line.order_id, heads.confirmed, heads.promised, heads.zone,
                      GREATEST(line.price_total, 0) AS price,
                      line.qty_delivered_method = 'stock_move' AS is_goods,
                      line.qty_delivered_method <> 'stock_move' AND COALESCE((
                          SELECT template.invoice_policy = 'delivery'
                            FROM product_product product
                            JOIN product_template template ON template.id = product.product_tmpl_id
                           WHERE product.id = line.product_id), FALSE) AS is_dateless,
                      CASE WHEN line.product_uom_qty > 0
                           THEN LEAST(1, GREATEST(0, line.qty_delivered::numeric)
                                         / line.product_uom_qty::numeric)
                           ELSE 1 END AS delivered
                 FROM sched_heads heads
                 JOIN sale_order_line line ON line.order_id = heads.id
                WHERE line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
                  AND line.price_total > 0"""
        )

    @api.model
    def _sql_day_moves(self):
        """Moves to customers of these lines, by day: ``quantity`` that left, or whether they are open.

        ``deadline`` is the day for which they were planned; the date of a done move is when it left.
        """
        return SQL(
            """SELECT moved.sale_line_id AS line_id, moved.state NOT IN ('done', 'cancel') AS is_open,
                      (moved.date AT TIME ZONE 'UTC' AT TIME ZONE lines.zone)::date AS day,
                      MAX((moved.date_deadline AT TIME ZONE 'UTC' AT TIME ZONE lines.zone)::date) AS deadline,
                      SUM(CASE WHEN moved.state = 'done' THEN moved.quantity ELSE 0 END) AS quantity
                 FROM sched_lines lines
                 JOIN stock_move moved ON moved.sale_line_id = lines.id
                 JOIN stock_location place
                   ON place.id = COALESCE(CASE WHEN moved.state <> 'done' THEN moved.location_final_id END,
                                          moved.location_dest_id)
                  AND place.usage = 'customer'
                WHERE lines.is_goods
             GROUP BY 1, 2, 3"""
        )
