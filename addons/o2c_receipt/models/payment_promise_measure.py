from dataclasses import dataclass
from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

FIELDS_READ = {
    "o2c.payment.promise": (
        "amount", "base", "base_later", "closed_level", "company_id", "currency_id", "date_promised",
        "order_id", "paid_on", "replaced_by_id", "state",
    ),
    "res.company": ("o2c_tz",),
    "sale.order": ("state",),
}
# Promises of which money can still change what is said.
UNSETTLED = "(promise.state = 'open' OR (promise.state = 'broken' AND promise.paid_on IS NULL))"


@dataclass(frozen=True)
class Measured:
    """Where a promise stands now; amounts in order currency."""

    promise_id: int
    status: str
    level: float
    received: float
    paid_on: date | None


class PaymentPromise(models.Model):
    """What the money of the orders says about promises, for many at once."""

    _inherit = "o2c.payment.promise"

    # === IN PYTHON === #

    def _measure(self):
        """``{promise id: Measured}`` of those that were neither replaced nor withdrawn. One statement."""
        ids = [promise.id for promise in self._origin if promise.id]
        if not ids:
            return {}
        rows = self.env.execute_query(SQL(
            """SELECT id, status, level, received, paid_on FROM (%s) measured WHERE id = ANY(%s)""",
            self._sql_measured(SQL("promise.id = ANY(%s)", ids)), ids))
        return {row[0]: Measured(row[0], row[1], float(row[2]), float(row[3]), row[4]) for row in rows}

    @api.model
    def _measure_base(self, order, day):
        """What the order has collected, and what of it is dated after ``day``: rounded; less than nothing
        where more was paid back."""
        [[amount, later]] = self.env.execute_query(SQL(
            "SELECT SUM(amount), SUM(amount) FILTER (WHERE day > %s) FROM (%s) money",
            day, self.env["o2c.receipt.ledger"]._sql_money_days(SQL("orders.id = %s", order.id))))
        currency = order.currency_id
        return {"base": currency.round(float(amount or 0)), "base_later": currency.round(float(later or 0))}

    # === SEARCH === #

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        scope = SQL("promise.company_id = ANY(%s)", list(self.env.companies.ids))
        return [("id", "in", SQL(
            "(SELECT id FROM (%s) measured WHERE status = ANY(%s))",
            self._sql_status(scope), [str(item) for item in value]))]

    # === SQL === #

    @api.model
    def _sql_status(self, scope):
        """SELECT of ``id, partner_id, company_id, date_promised, status`` as of now.

        :param scope: condition on ``promise``
        """
        return SQL(
            """SELECT promise.id, promise.partner_id, promise.company_id, promise.date_promised,
                      COALESCE(measured.status, promise.state) AS status
                 FROM o2c_payment_promise promise
            LEFT JOIN (%(measured)s) measured ON measured.id = promise.id
                WHERE %(scope)s""",
            measured=self._sql_measured(SQL("%s AND %s", scope, SQL(UNSETTLED))),
            scope=scope,
        )

    @api.model
    def _sql_measured(self, scope):
        """SELECT of ``id, order_id, state, status, level, received, rest, date_promised, paid_on,
        was_paid_on, in_time`` of all promises of the orders that have one in ``scope``, as of now.

        ``level`` is what the order has collected when the promise is kept, ``rest`` what of the promised
        amount is still awaited, ``paid_on`` the day of the receipt that completed it, ``in_time`` what
        was collected at the end of the promised day. Amounts in order currency; what was collected is
        rounded to it, as people see it.

        :param scope: condition on ``promise``
        """
        return SQL(
            """WITH levels AS MATERIALIZED (%(levels)s),
                    totals AS MATERIALIZED (%(totals)s),
                    figures AS (
                    SELECT levels.*, currency.decimal_places AS places,
                           COALESCE(totals.amount, 0) AS collected,
                           COALESCE((SELECT amount FROM totals upto
                                      WHERE upto.order_id = levels.order_id
                                        AND upto.day <= levels.date_promised
                                   ORDER BY upto.day DESC LIMIT 1), 0) + levels.base_later AS in_time
                      FROM levels
                      JOIN res_currency currency ON currency.id = levels.currency_id
                 LEFT JOIN totals ON totals.order_id = levels.order_id AND totals.is_last)
               SELECT figures.id, figures.order_id, figures.state, figures.level, figures.date_promised,
                      figures.paid_on AS was_paid_on, figures.in_time,
                      CASE WHEN figures.state = 'kept' THEN figures.amount
                           ELSE GREATEST(0, LEAST(figures.amount, ROUND(figures.collected, figures.places)
                                                  - figures.level + figures.amount)) END AS received,
                      GREATEST(0, LEAST(figures.amount, figures.level - GREATEST(
                          figures.before, ROUND(figures.collected, figures.places)))) AS rest,
                      COALESCE(figures.paid_on, (
                          SELECT MIN(totals.day) FROM totals
                           WHERE totals.order_id = figures.order_id
                             AND ROUND(LEAST(totals.amount + figures.base_later, figures.collected),
                                       figures.places) >= figures.level)) AS paid_on,
                      %(status)s AS status
                 FROM figures""",
            levels=self._sql_levels(scope),
            totals=self._sql_totals(),
            status=self._sql_current_status(),
        )

    @api.model
    def _sql_current_status(self):
        """An order that was cancelled blames nobody; what was in time is kept, whenever it was entered."""
        return SQL(
            """CASE WHEN figures.state = 'kept' OR figures.paid_on IS NOT NULL THEN figures.state
                    WHEN ROUND(figures.in_time, figures.places) >= figures.level THEN 'kept'
                    WHEN figures.state = 'open' AND figures.order_state <> 'sale' THEN 'withdrawn'
                    WHEN figures.state = 'open' AND figures.date_promised < figures.today THEN 'broken'
                    ELSE figures.state END"""
        )

    @api.model
    def _sql_levels(self, scope):
        """Promises of the orders in scope with their ``level``, one after the other by their day.

        An open promise wants its amount on top of what was there when it was recorded, and on top of
        what earlier promises want. Decided ones keep the level at which they were decided.
        """
        return SQL(
            """SELECT steps.*, CASE WHEN steps.state = 'open'
                           THEN steps.upto + MAX(steps.start - steps.upto + steps.step) OVER by_day
                           ELSE steps.closed_level END AS level,
                      COALESCE(steps.upto - steps.step + MAX(steps.start - steps.upto + steps.step) OVER (
                          PARTITION BY steps.order_id ORDER BY steps.date_promised, steps.id
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
                 FROM (SELECT rows.*, SUM(rows.step) OVER (
                                  PARTITION BY rows.order_id ORDER BY rows.date_promised, rows.id) AS upto
                         FROM (SELECT promise.id, promise.order_id, promise.currency_id, promise.state,
                                      promise.amount, promise.date_promised, promise.paid_on,
                                      promise.closed_level, promise.base_later, orders.state AS order_state,
                                      (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE
                                          COALESCE(company.o2c_tz, 'UTC'))::date AS today,
                                      CASE WHEN promise.state = 'open' THEN promise.amount ELSE 0 END AS step,
                                      CASE WHEN promise.state = 'open' THEN promise.base
                                           WHEN promise.replaced_by_id IS NULL THEN promise.closed_level
                                           END AS start
                                 FROM o2c_payment_promise promise
                                 JOIN sale_order orders ON orders.id = promise.order_id
                                 JOIN res_company company ON company.id = promise.company_id
                                WHERE promise.state IN ('open', 'kept', 'broken')
                                  AND promise.order_id IN (
                                      SELECT promise.order_id FROM o2c_payment_promise promise
                                       WHERE %(scope)s)) rows) steps
               WINDOW by_day AS (PARTITION BY steps.order_id ORDER BY steps.date_promised, steps.id)""",
            now=fields.Datetime.now(),
            scope=scope,
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )

    @api.model
    def _sql_totals(self):
        """What each order had collected at the end of each day on which money moved."""
        return SQL(
            """SELECT money.order_id, money.day,
                      SUM(money.amount) OVER (PARTITION BY money.order_id ORDER BY money.day) AS amount,
                      LEAD(money.day) OVER (PARTITION BY money.order_id ORDER BY money.day) IS NULL AS is_last
                 FROM (%s) money""",
            self.env["o2c.receipt.ledger"]._sql_money_days(
                SQL("orders.id IN (SELECT order_id FROM levels)")),
        )
