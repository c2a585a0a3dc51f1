from odoo import api, fields, models
from odoo.tools import SQL

from .invoice_gate import FIELDS_READ as GATE_FIELDS

BASES = [
    ("ready", "Ready now"),
    ("clearing", "Money not cleared yet"),
    ("promise", "Promise of payment"),
    ("schedule", "Payment schedule"),
    ("nothing", "Nothing promised"),
]
FIELDS_READ = {
    "sale.order": ("partner_invoice_id", "state", "team_id", "user_id"),
    "res.partner": ("commercial_partner_id", "country_id", "o2c_corporate_group_id"),
    "res.currency": ("rounding",),
    "o2c.invoice.policy": ("receipts", "rule", "threshold"),
}
# Rows of one order: what can be invoiced at once, one per day of expected money, and the rest.
ROWS_PER_ORDER = 1_000


class InvoiceForecast(models.Model):
    """When orders may be invoiced by the share that must be collected, if expected money comes.

    Expected are open promises of payment on their days; for an order without one, what is not paid of
    its payment schedule by due dates, overdue parts today. By a policy for the whole order everything is
    allowed on one day; by a proportional one each payment allows a part. Rows of an order add up to what
    is not invoiced of it. Goods that are still to deliver and signatures are another matter: the list of
    orders to invoice shows them.
    """

    _name = "o2c.invoice.forecast"
    _inherit = ["o2c.debtor.mixin"]
    _description = "Forecast of invoices"
    _auto = False
    _order = "date, id"
    _rec_name = "order_id"

    # === FIELDS === #

    order_id = fields.Many2one("sale.order", readonly=True)
    order_currency_id = fields.Many2one("res.currency", string="Currency of the order", readonly=True)
    policy_id = fields.Many2one("o2c.invoice.policy", string="Invoice policy", readonly=True)
    rule = fields.Selection(
        lambda self: self.env["o2c.invoice.policy"]._fields["rule"].selection, readonly=True)
    threshold = fields.Float(string="Needed %", readonly=True, aggregator=None, digits=(16, 2))
    date = fields.Date(
        string="Expected on", readonly=True,
        help="The day on which enough money is in, if it comes as expected. Empty: nobody promised enough.")
    basis = fields.Selection(BASES, readonly=True, help="What the day is known from.")
    is_overdue = fields.Boolean(
        string="Money overdue", readonly=True,
        help="The schedule wanted the money before today; it is expected from today on.")
    amount = fields.Monetary(
        string="Can then be invoiced", currency_field="order_currency_id", readonly=True, aggregator=None,
        help="What is not invoiced and becomes allowed on that day, tax included.")
    amount_company = fields.Monetary(
        string="In company currency", readonly=True, help="At the rate of the order.")
    amount_total = fields.Monetary(
        string="Total", currency_field="order_currency_id", readonly=True, aggregator=None)
    invoiced = fields.Monetary(
        currency_field="order_currency_id", readonly=True, aggregator=None,
        help="On posted invoices, credit notes deducted.")
    collected = fields.Monetary(
        currency_field="order_currency_id", readonly=True, aggregator=None,
        help="Money that counts by the policy, in the currency of the order.")
    expected = fields.Monetary(
        string="Collected then", currency_field="order_currency_id", readonly=True, aggregator=None,
        help="What will be collected on that day, if everything comes as expected.")

    # === QUERY === #

    @property
    def _table_query(self):
        return SQL(
            """SELECT rows.id, rows.order_id, rows.company_id, rows.partner_id, rows.user_id, rows.team_id,
                      rows.order_currency_id, rows.policy_id, rows.rule, rows.threshold, rows.date,
                      rows.basis, rows.is_overdue, rows.amount, rows.amount_company, rows.amount_total,
                      rows.invoiced, rows.collected, rows.expected, holder.currency_id, customer.country_id,
                      customer.o2c_corporate_group_id AS corporate_group_id
                 FROM (%(rows)s) rows %(joins)s""",
            rows=self._sql_rows(),
            joins=self._sql_attribute_joins("rows"),
            to_flush=self.env["o2c.exposure"]._flushed(FIELDS_READ),
        )

    @api.model
    def _sql_rows(self):
        """What each step allows beyond the one before; in company currency so that it adds up."""
        return SQL(
            """WITH forecast_orders AS MATERIALIZED (%(orders)s),
                    forecast_promises AS MATERIALIZED (%(promises)s),
                    forecast_lacking AS MATERIALIZED (
                    SELECT order_id FROM forecast_orders
                     WHERE money < amount_total * threshold / 100
                       AND order_id NOT IN (SELECT order_id FROM forecast_promises)),
                    forecast_schedule AS MATERIALIZED (%(schedule)s),
                    forecast_steps AS (%(steps)s)
               SELECT steps.order_id::bigint * %(per_order)s + steps.number AS id, steps.*,
                      steps.allowed - steps.allowed_before AS amount,
                      ROUND(steps.allowed / steps.rate / home.rounding::numeric) * home.rounding::numeric
                      - ROUND(steps.allowed_before / steps.rate / home.rounding::numeric)
                        * home.rounding::numeric AS amount_company
                 FROM (SELECT levels.*, LAG(levels.allowed, 1, levels.invoiced) OVER (
                              PARTITION BY levels.order_id ORDER BY levels.number) AS allowed_before
                         FROM (%(levels)s) levels) steps
                 JOIN res_company company ON company.id = steps.company_id
                 JOIN res_currency home ON home.id = company.currency_id
                WHERE steps.allowed > steps.allowed_before""",
            orders=self._sql_forecast_orders(),
            promises=self._sql_promises(),
            schedule=self._sql_schedule(),
            steps=self._sql_steps(),
            levels=self._sql_levels(),
            per_order=ROWS_PER_ORDER,
        )

    @api.model
    def _sql_levels(self):
        """Steps with ``allowed``: what may be invoiced of the order in all, at least what already is.

        The rules of ``rules/gate.py``: an invoice needs a share of the whole order, or of all that is
        invoiced with it, rounded down to the currency. At the end nothing promised allows the rest.
        """
        needed = SQL("orders.amount_total * orders.threshold / 100")
        part = SQL(
            """CASE WHEN orders.threshold <= 0 THEN orders.amount_total
                    ELSE FLOOR(steps.money * 100 / orders.threshold / orders.rounding)
                         * orders.rounding END""")
        return SQL(
            """SELECT orders.*, steps.number, steps.date, steps.basis, steps.is_overdue,
                      CASE WHEN steps.money IS NOT NULL
                           THEN ROUND(steps.money / orders.rounding) * orders.rounding END AS expected,
                      GREATEST(orders.invoiced, CASE
                          WHEN steps.money IS NULL THEN orders.amount_total
                          WHEN orders.rule = 'proportional' THEN LEAST(orders.amount_total, %(part)s)
                          WHEN steps.money >= %(needed)s THEN orders.amount_total
                          ELSE orders.invoiced END) AS allowed
                 FROM forecast_orders orders
                 JOIN forecast_steps steps ON steps.order_id = orders.order_id""",
            part=part, needed=needed,
        )

    @api.model
    def _sql_steps(self):
        """Rows ``order_id, number, date, basis, is_overdue, money``: how much is collected from when on."""
        return SQL(
            """SELECT payments.order_id, ROW_NUMBER() OVER by_day AS number, payments.date, payments.basis,
                      payments.is_overdue, SUM(payments.amount) OVER by_day AS money
                 FROM (SELECT order_id, today AS date, 'ready' AS basis, FALSE AS is_overdue, money AS amount,
                              0 AS place FROM forecast_orders
                    UNION ALL
                       SELECT order_id, today, 'clearing', FALSE, uncleared, 1
                         FROM forecast_orders WHERE uncleared > 0
                    UNION ALL
                       SELECT order_id, date, 'promise', FALSE, SUM(amount), 2
                         FROM forecast_promises GROUP BY order_id, date
                    UNION ALL
                       SELECT order_id, date, 'schedule', BOOL_OR(is_overdue), SUM(amount), 2
                         FROM forecast_schedule GROUP BY order_id, date) payments
               WINDOW by_day AS (PARTITION BY payments.order_id ORDER BY payments.place, payments.date)
            UNION ALL
               SELECT order_id, %(last)s, NULL, 'nothing', FALSE, NULL FROM forecast_orders""",
            last=ROWS_PER_ORDER - 1,
        )

    # === ORDERS AND MONEY === #

    @api.model
    def _sql_forecast_orders(self):
        """Orders of the user's companies that a policy judges and of which something is not invoiced."""
        worklist, ledger = self.env["o2c.invoice.worklist"], self.env["o2c.receipt.ledger"]
        scope = worklist._sql_scope()
        return SQL(
            """WITH judged AS MATERIALIZED (SELECT * FROM (%(judged)s) found WHERE policy_id IS NOT NULL),
                    money AS MATERIALIZED (%(collected)s),
                    uncleared AS MATERIALIZED (%(uncleared)s)
               SELECT judged.id AS order_id, judged.company_id, judged.partner_id, judged.user_id,
                      judged.team_id, judged.currency_id AS order_currency_id, judged.policy_id, judged.today,
                      policy.rule, policy.threshold::numeric AS threshold, judged.amount_total,
                      COALESCE(NULLIF(judged.currency_rate, 0), 1)::numeric AS rate,
                      currency.rounding::numeric AS rounding, bills.invoiced,
                      COALESCE(money.collected, 0) - counted.uncleared AS money,
                      ROUND((COALESCE(money.collected, 0) - counted.uncleared) / currency.rounding::numeric)
                          * currency.rounding::numeric AS collected,
                      counted.uncleared, COALESCE(money.collected, 0) AS all_money
                 FROM judged
                 JOIN o2c_invoice_policy policy ON policy.id = judged.policy_id
                 JOIN res_currency currency ON currency.id = judged.currency_id
            LEFT JOIN money ON money.order_id = judged.id
            LEFT JOIN uncleared ON uncleared.order_id = judged.id
           CROSS JOIN LATERAL (
                      SELECT CASE WHEN policy.receipts = 'cleared'
                                  THEN LEAST(COALESCE(uncleared.uncleared::numeric, 0),
                                             COALESCE(money.collected, 0))
                                  ELSE 0 END AS uncleared) counted
           CROSS JOIN LATERAL (
                      SELECT ROUND(COALESCE(SUM(billed.amount), 0)::numeric / currency.rounding::numeric)
                             * currency.rounding::numeric AS invoiced
                        FROM sale_order orders
                        JOIN sale_order_line line ON line.order_id = orders.id AND line.display_type IS NULL
                   LEFT JOIN LATERAL (%(billed)s) billed ON TRUE
                       WHERE orders.id = judged.id) bills
                WHERE judged.amount_total > bills.invoiced""",
            judged=worklist._sql_judged(scope),
            collected=ledger._sql_collected(scope),
            uncleared=worklist._sql_uncleared(scope),
            billed=self.env["o2c.invoice.gate"]._sql_billed(),
            to_flush=self.env["o2c.exposure"]._flushed(GATE_FIELDS),
        )

    @api.model
    def _sql_promises(self):
        """What open promises let expect: ``order_id, date, amount``."""
        return SQL(
            """SELECT order_id, date_promised AS date, rest AS amount
                 FROM (%s) measured WHERE status = 'open'""",
            self.env["o2c.payment.promise"]._sql_measured(SQL(
                "promise.state = 'open' AND promise.order_id IN (SELECT order_id FROM forecast_orders)")),
        )

    @api.model
    def _sql_schedule(self):
        """What is not paid of the schedules of orders that lack money and have no open promise:
        ``order_id, date, amount, is_overdue``. What is overdue is expected today."""
        return SQL(
            """WITH %(chain)s
               SELECT axis.order_id, GREATEST(axis.due, orders.today) AS date, axis.due < orders.today
                          AS is_overdue, unpaid.amount
                 FROM sched_axis axis
                 JOIN forecast_orders orders ON orders.order_id = axis.order_id
           CROSS JOIN LATERAL (
                      SELECT axis.amount - GREATEST(0, LEAST(axis.upto, orders.all_money)
                                                       - axis.upto + axis.amount) AS amount) unpaid
                WHERE unpaid.amount > 0""",
            chain=self.env["o2c.schedule"]._sql_chain(
                SQL("orders.id IN (SELECT order_id FROM forecast_lacking)"),
                self.env["o2c.invoice.worklist"]._sql_today(SQL("heads.company_id"))),
        )

    # === ACTIONS === #

    def action_open_order(self):
        """Open the order."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.get_formview_action()
