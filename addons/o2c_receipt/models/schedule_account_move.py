from contextlib import contextmanager

from odoo import fields, models
from odoo.tools import frozendict
from odoo.tools.misc import format_date

from ..rules.schedule import is_in_time, spread

# In the cursor's own dict: what invoices that are being posted hold of the schedules of their orders.
PLAN = "o2c_receipt.plan"


class AccountMove(models.Model):
    """Invoices of orders are due when the schedules say: a late invoice gives no time.

    Receivable lines are made by Odoo of its needed terms, which are those of the schedules here: in drafts
    of orders with a schedule of their own, and in each invoice at the moment when it is posted, by
    whatever door, for all orders.
    """

    _inherit = "account.move"

    # === COMPUTES === #

    def _compute_needed_terms(self):
        super()._compute_needed_terms()
        plan = self.env.cr.cache.get(PLAN, {})
        shown = self._get_o2c_scheduled().filtered(lambda move: move.state == "draft" and move.id not in plan)
        plan = {**plan, **shown._plan_o2c_terms()}
        for invoice in self:
            if invoice._is_o2c_due_otherwise():
                invoice.needed_terms = invoice._prepare_o2c_booked_terms()
            elif invoice.state == "draft" and invoice.needed_terms and plan.get(invoice.id):
                invoice.needed_terms = invoice._prepare_o2c_terms(plan[invoice.id])

    def _get_o2c_scheduled(self):
        """Saved customer invoices about orders that have a schedule of their own."""
        if not self.env["o2c.instalment"]._is_used():
            return self.browse()
        return self.filtered(
            lambda move: move.id and move.move_type == "out_invoice"
            and move.invoice_line_ids.sale_line_ids.sudo().order_id.o2c_instalment_ids)

    def _is_o2c_due_otherwise(self):
        """Whether a posted invoice of orders is due on other days than its own terms say."""
        if self.state == "draft" or self.move_type != "out_invoice":
            return False
        lines = self._get_o2c_term_lines()
        days = {key["date_maturity"] for key in self.needed_terms}
        return bool(lines) and set(lines.mapped("date_maturity")) != days and bool(
            self.invoice_line_ids.sale_line_ids)

    # === CRUD === #

    def write(self, vals):
        """Due dates follow the schedules as they are at this moment, whatever was entered in the draft."""
        if vals.get("state") != "posted":
            return super().write(vals)
        with self._planning_o2c_terms():
            return super().write(vals)

    @contextmanager
    def _planning_o2c_terms(self):
        """Give drafts the receivable lines that they will have, which stay while they are posted."""
        cache = self.env.cr.cache
        before = cache.get(PLAN, {})
        plan = self.filtered(
            lambda move: move.id and move.state == "draft" and move.move_type == "out_invoice",
        )._plan_o2c_terms()
        cache[PLAN] = {**before, **plan}
        try:
            for invoice in self.filtered(lambda move: plan.get(move.id)):
                usual = invoice._get_o2c_last_day()
                invoice._sync_o2c_terms()
                invoice._log_o2c_due(usual)
            yield
        finally:
            cache[PLAN] = before

    def _sync_o2c_terms(self):
        """Let Odoo write the receivable lines anew, where they are not as they have to be.

        Without changed needs it leaves what users entered; so it is told that there were none before.
        """
        self.invalidate_recordset(["needed_terms", "needed_terms_dirty"], flush=False)
        if self._is_o2c_due_in_time():
            return
        container = {"records": self, "self": self}
        with self.env.protecting([self._fields["needed_terms"]], self):
            self.needed_terms = {}
        with self._check_balanced(container), self._sync_dynamic_lines(container):
            self.invalidate_recordset(["needed_terms", "needed_terms_dirty"], flush=False)

    def _is_o2c_due_in_time(self):
        """Whether the receivable lines are what is needed; a payment term lets them be earlier."""
        lines = [(line.date_maturity, line.amount_currency) for line in self._get_o2c_term_lines()]
        needed = [(key["date_maturity"], values["amount_currency"])
                  for key, values in self.needed_terms.items()]
        if not is_in_time(lines, needed, self.currency_id.rounding):
            return False
        return not self._get_o2c_scheduled() or is_in_time(needed, lines, self.currency_id.rounding)

    def _log_o2c_due(self, usual):
        """Say why an invoice is due on another day than its payment term says."""
        day = self._get_o2c_last_day()
        if day and usual and day != usual and not self._get_o2c_scheduled():
            self.sudo()._message_log(body=self.env._(
                "Due on %(day)s instead of %(usual)s:"
                " the payment term of the order is counted from delivery.",
                day=format_date(self.env, day), usual=format_date(self.env, usual)))

    # === RECEIVABLE LINES === #

    def _prepare_o2c_terms(self, slices):
        """Needed receivable lines: ``{key: amounts}`` as Odoo's own, by the due dates of the schedules.

        Lines of orders that keep Odoo's dates, or of none, are due by the invoice's own terms; where no
        day is another than theirs, these stand.

        :param slices: ``{order: [Slice]}``, what the invoice holds of the schedules
        """
        dated, is_moved = self._date_o2c_parts(slices)
        weights = {}
        for day, weight in dated:
            weights[day] = weights.get(day, 0.0) + weight
        days, discount = self._get_o2c_discount(sorted(weights))
        shares = [weights[day] for day in days]
        return self._spread_o2c_terms(days, shares, discount) if is_moved else self.needed_terms

    def _get_o2c_discount(self, days):
        """The days and Odoo's values of a cash discount, which knows one receivable line: the last of the
        days, unless something is overdue already, which takes the discount away."""
        [values, *others] = self.needed_terms.values()
        started = self.invoice_date or fields.Date.context_today(self)
        if others or not values.get("discount_date") or (len(days) > 1 and days[0] < started):
            return days, {}
        return days[-1:], values

    def _spread_o2c_terms(self, days, shares, discount):
        """The invoice's amounts, and those of its cash discount, in proportion to ``shares``."""
        in_currency, in_company = self.currency_id.rounding, self.company_id.currency_id.rounding
        columns = [
            spread(total or 0.0, shares, rounding) for total, rounding in (
                (self.amount_total_in_currency_signed, in_currency),
                (self.amount_total_signed, in_company),
                (discount.get("discount_amount_currency"), in_currency),
                (discount.get("discount_balance"), in_company),
            )]
        until = discount.get("discount_date")
        rows = [
            (day, amount, balance, until and min(until, day), lowered, base)
            for day, amount, balance, lowered, base in zip(days, *columns, strict=True) if amount or balance]
        return self._format_o2c_terms(rows) if rows else self.needed_terms

    def _prepare_o2c_booked_terms(self):
        """What is posted stays as it is: the terms are those of its receivable lines."""
        sums = {}
        for line in self._get_o2c_term_lines():
            sums.setdefault((line.date_maturity, line.discount_date), []).append((
                line.amount_currency, line.balance, line.discount_amount_currency, line.discount_balance))
        rows = []
        for (day, until), amounts in sums.items():
            amount, balance, lowered, base = map(sum, zip(*amounts, strict=True))
            rows.append((day, amount, balance, until, lowered, base))
        return self._format_o2c_terms(rows)

    def _format_o2c_terms(self, rows):
        """:param rows: ``(due date, amount in currency, balance, last day of the discount, both with it)``"""
        return {
            frozendict(move_id=self.id, date_maturity=day, discount_date=until or False): {
                "balance": balance,
                "amount_currency": amount,
                "discount_date": until or False,
                "discount_balance": base,
                "discount_amount_currency": lowered,
            }
            for day, amount, balance, until, lowered, base in rows
        }

    def _get_o2c_last_day(self):
        return max(filter(None, self._get_o2c_term_lines().mapped("date_maturity")), default=None)

    def _get_o2c_term_lines(self):
        return self.line_ids.filtered(lambda line: line.display_type == "payment_term")
