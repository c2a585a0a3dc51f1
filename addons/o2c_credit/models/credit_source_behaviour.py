from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.addons.o2c_exposure.rules.behaviour import Behaviour
from odoo.tools import SQL

from ..rules.source import Source

MONTHS = 12


class CreditSource(models.AbstractModel):
    """Figures of behaviour: what the customer ordered, how it paid, what is late.

    All as they were at the end of the day of the question: what was settled later is open, what was
    invoiced later does not exist. Periods are the twelve months that end on that day.
    """

    _inherit = "o2c.credit.source"

    # === SOURCES === #

    @api.model
    def _get_behaviour_sources(self):
        return [*self._get_payment_sources(), *self._get_overdue_sources(), *self._get_trade_sources()]

    @api.model
    def _get_payment_sources(self):
        unpaid = self.env._("nothing was paid in the twelve months before")
        undisputed = self.env._("no settled item says whether it was disputed")
        unpromised = self.env._("no promise of payment is recorded")
        return [
            Source("on_time_amount", self.env._("Paid on time, by amount"), self._provide_payment,
                   unit="percent", missing=unpaid,
                   help=self.env._("Share of what was settled in twelve months.")),
            Source("on_time_count", self.env._("Paid on time, by number of items"), self._provide_payment,
                   unit="percent", missing=unpaid),
            Source("days_late_mean", self.env._("Mean days late"), self._provide_payment,
                   unit="days", missing=unpaid,
                   help=self.env._("Of items settled in twelve months; in time counts as 0.")),
            Source("days_late_weighted", self.env._("Days late, weighted by amount"), self._provide_payment,
                   unit="days", missing=unpaid),
            Source("dispute_share", self.env._("Share of disputed items"), self._provide_disputes,
                   unit="percent", missing=undisputed,
                   help=self.env._("Of items settled in twelve months.")),
            Source("dispute_count", self.env._("Disputed items"), self._provide_disputes,
                   missing=undisputed, help=self.env._("Settled in twelve months.")),
            Source("broken_promises", self.env._("Broken promises"), self._provide_promises,
                   missing=unpromised, help=self.env._("Promises of payment broken in twelve months.")),
        ]  # fmt: skip

    @api.model
    def _get_overdue_sources(self):
        never = self.env._("nothing was invoiced so far")
        return [
            Source("overdue_days", self.env._("Oldest overdue item"), self._provide_overdue,
                   unit="days", missing=never, help=self.env._("0 when nothing is overdue.")),
            Source("overdue_share", self.env._("Share overdue"), self._provide_overdue,
                   unit="percent", missing=never,
                   help=self.env._("Of the open items, credits left aside. 0 when nothing is open.")),
        ]  # fmt: skip

    @api.model
    def _get_trade_sources(self):
        never = self.env._("nothing was ordered or invoiced so far")
        return [
            Source("purchase_count", self.env._("Orders in twelve months"), self._provide_trade,
                   missing=never,
                   help=self.env._("Confirmed orders, and invoices that have no order.")),
            Source("relation_months", self.env._("Length of the relation"), self._provide_trade,
                   unit="months", missing=never,
                   help=self.env._("Full months since the first order or invoice.")),
            Source("sales_trend", self.env._("Trend of sales"), self._provide_trade,
                   unit="percent", missing=self.env._("nothing was sold in the half-year before"),
                   help=self.env._("Sales of the last six months against the six before: 0 is no change.")),
            Source("monthly_sales", self.env._("Average monthly purchases"), self._provide_trade,
                   unit="money", missing=never,
                   help=self.env._("Invoices less credit notes of twelve months, tax included, by twelve.")),
        ]  # fmt: skip

    # === PROVIDERS === #

    @api.model
    def _provide_payment(self, question):
        """How items were paid that were settled in the period; nothing for who settled none."""
        start = self._get_start(question)
        sums = defaultdict(Behaviour)
        found = self.env["o2c.behaviour"]._get_behaviour(
            start, question.date, scope=self._sql_question_scope(question), settled_only=True
        )
        for (__, partner_id), behaviour in found.items():
            sums[partner_id] += behaviour
        return {
            partner_id: {
                "on_time_amount": self._get_percent(
                    paid.settled_amount - paid.late_amount, paid.settled_amount
                ),
                "on_time_count": paid.on_time_percent,
                "days_late_mean": paid.mean_days_late,
                "days_late_weighted": paid.weighted_days_late,
            }
            for partner_id, paid in sums.items()
            if paid.settled_count
        }

    @api.model
    def _provide_overdue(self, question):
        """What is open and late at the end of the day; nothing for who was never invoiced."""
        rows = {partner_id: rest for partner_id, *rest in self.env.execute_query(self._sql_overdue(question))}
        return {
            partner_id: {
                "overdue_days": rows.get(partner_id, (0, 0, 0))[0],
                "overdue_share": self._get_percent(*rows.get(partner_id, (0, 0, 0))[1:]) or 0.0,
            }
            for partner_id, trade in self._get_trade(question).items()
            if trade["invoices"]
        }

    @api.model
    def _provide_trade(self, question):
        """How long, how often and how much the customer buys; nothing for who never did."""
        return {
            partner_id: {
                "purchase_count": trade["purchases"],
                "relation_months": self._get_full_months(trade["first"], question.date),
                "sales_trend": self._get_percent(trade["last"] - trade["before"], trade["before"]),
                "monthly_sales": (trade["last"] + trade["before"]) / MONTHS,
            }
            for partner_id, trade in self._get_trade(question).items()
        }

    @api.model
    def _provide_disputes(self, question):
        """Disputed items; nothing for who has none that tells."""
        return self._provide_counts(
            question, self._sql_dispute_items(question),
            lambda total, marked: {
                "dispute_count": marked, "dispute_share": self._get_percent(marked, total)},
        )  # fmt: skip

    @api.model
    def _provide_promises(self, question):
        """Broken promises; nothing for who never promised, and while no module records promises."""
        return self._provide_counts(
            question, self._sql_promise_items(question), lambda __, marked: {"broken_promises": marked}
        )

    @api.model
    def _provide_counts(self, question, parts, build):
        """Values from rows ``partner_id, marked``: ``build(number of rows, number marked)``."""
        if not parts:
            return {}
        rows = self.env.execute_query(SQL(
            "SELECT partner_id, COUNT(*), COUNT(*) FILTER (WHERE marked) FROM (%s) items GROUP BY partner_id",
            SQL(" UNION ALL ").join(parts),
        ))  # fmt: skip
        return {partner_id: build(total, marked) for partner_id, total, marked in rows}

    # === HOOKS === #

    @api.model
    def _sql_dispute_items(self, question):
        """SELECTs of ``partner_id, marked``: items of the period, and whether they were disputed.

        Settled items of an imported ledger: a dispute of those came before the settlement, so it was
        known on the day of the question. Modules that record disputes add theirs.
        """
        return [self.env["o2c.behaviour"]._sql_history(
            SQL("history.disputed AS marked"),
            SQL("history.settled_date BETWEEN %s AND %s", self._get_start(question), question.date),
            self._sql_question_scope(question),
        )]  # fmt: skip

    @api.model
    def _sql_promise_items(self, question):
        """SELECTs of ``partner_id, marked``: promises of the period, and whether they were broken.

        None here: a module that records promises adds its own, and the figure is missing until then.
        """
        return []

    # === SQL === #

    @api.model
    def _sql_question_scope(self, question):
        """Condition on ``debtor`` and ``company``; ``partner_ids`` None asks about everybody."""
        return self.env["o2c.exposure"]._sql_scope(
            partner_ids=question.partner_ids, company_ids=question.company.ids
        )

    @api.model
    def _sql_overdue(self, question):
        """Rows ``partner_id, oldest days overdue, overdue amount, open amount``; credits left aside."""
        return SQL(
            """SELECT partner_id, GREATEST(MAX(%(day)s - date_due), 0),
                      COALESCE(SUM(amount) FILTER (WHERE date_due < %(day)s), 0), SUM(amount)
                 FROM (%(items)s) items
                WHERE amount > 0
             GROUP BY partner_id""",
            day=question.date,
            items=self.env["o2c.behaviour"]._sql_open_items(
                question.date, self._sql_question_scope(question)
            ),
        )

    @api.model
    def _get_trade(self, question):
        """``{partner_id: {first, purchases, invoices, last, before}}`` of who bought until the day."""
        if "trade" not in question.memo:
            columns = ("first", "purchases", "invoices", "last", "before")
            question.memo["trade"] = {
                partner_id: dict(
                    zip(columns, (first, *counts, float(last), float(before)), strict=True)
                )
                for partner_id, first, *counts, last, before
                in self.env.execute_query(self._sql_trade(question))
            }  # fmt: skip
        return question.memo["trade"]

    @api.model
    def _sql_trade(self, question):
        """One row per customer over orders, invoices and imported history until the day."""
        middle = question.date - relativedelta(months=MONTHS // 2) + timedelta(days=1)
        return SQL(
            """SELECT partner_id, MIN(date), COUNT(*) FILTER (WHERE is_purchase AND date >= %(start)s),
                      COUNT(*) FILTER (WHERE is_invoice),
                      COALESCE(SUM(amount) FILTER (WHERE date >= %(middle)s), 0),
                      COALESCE(SUM(amount) FILTER (WHERE date >= %(start)s AND date < %(middle)s), 0)
                 FROM (%(documents)s) documents
             GROUP BY partner_id""",
            start=self._get_start(question),
            middle=middle,
            documents=SQL(" UNION ALL ").join(self._sql_trade_documents(question)),
        )

    @api.model
    def _sql_trade_documents(self, question):
        """SELECTs of ``partner_id, date, amount, is_invoice, is_purchase`` until the day."""
        return [
            self._sql_trade_invoices(question),
            self._sql_trade_history(question),
            self._sql_trade_orders(question),
        ]

    @api.model
    def _sql_trade_invoices(self, question):
        """Posted invoices and credit notes; a purchase is an invoice that no order explains."""
        return SQL(
            """SELECT debtor.commercial_partner_id AS partner_id, move.invoice_date AS date,
                      move.amount_total_signed AS amount, move.move_type = 'out_invoice' AS is_invoice,
                      move.move_type = 'out_invoice' AND move.invoice_date >= %(start)s AND NOT EXISTS (
                          SELECT FROM account_move_line line
                            JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = line.id
                           WHERE line.move_id = move.id) AS is_purchase
                 FROM account_move move
                 JOIN res_partner debtor ON debtor.id = move.partner_id
                 JOIN res_company company ON company.id = move.company_id
                WHERE move.move_type IN ('out_invoice', 'out_refund')
                  AND move.state = 'posted'
                  AND move.invoice_date <= %(day)s
                  AND %(scope)s""",
            start=self._get_start(question),
            day=question.date,
            scope=self._sql_question_scope(question),
            to_flush=[
                *self.env["o2c.exposure"]._flushed({"account.move": (
                    "amount_total_signed", "company_id", "invoice_date", "move_type", "partner_id",
                    "state")}),
                self.env["sale.order.line"]._fields["invoice_lines"],
            ],
        )  # fmt: skip

    @api.model
    def _sql_trade_history(self, question):
        return SQL(
            "SELECT partner_id, invoice_date AS date, amount_company AS amount, TRUE, TRUE FROM (%s) history",
            self.env["o2c.behaviour"]._sql_history(
                SQL("history.invoice_date, history.amount_company"),
                SQL("history.invoice_date <= %s", question.date),
                self._sql_question_scope(question),
            ),
        )

    @api.model
    def _sql_trade_orders(self, question):
        """Confirmed orders by the day of their confirmation, where the company is."""
        return SQL(
            """SELECT debtor.commercial_partner_id AS partner_id,
                      (orders.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS date,
                      0 AS amount, FALSE AS is_invoice, TRUE AS is_purchase
                 FROM sale_order orders
                 JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
                 JOIN res_company company ON company.id = orders.company_id
                WHERE orders.state = 'sale'
                  AND orders.date_order < %(end)s
                  AND %(scope)s""",
            zone=question.company.o2c_tz or "UTC",
            end=question.company._o2c_midnight(question.date + timedelta(days=1)),
            scope=self._sql_question_scope(question),
            to_flush=self.env["o2c.exposure"]._flushed({"sale.order": (
                "company_id", "date_order", "partner_invoice_id", "state")}),
        )  # fmt: skip

    # === HELPERS === #

    @api.model
    def _get_start(self, question):
        """First day of the twelve months that end on the day of the question."""
        return question.date - relativedelta(months=MONTHS) + timedelta(days=1)

    @api.model
    def _get_full_months(self, start, end):
        passed = relativedelta(end, start)
        return max(passed.years * 12 + passed.months, 0)

    @api.model
    def _get_percent(self, part, whole):
        """Part of the whole in percent; ``None`` where there is no whole to compare with."""
        return float(part) / float(whole) * 100 if whole > 0 else None
