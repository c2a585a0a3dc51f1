from odoo import models
from odoo.tools import frozendict

from ..rules.schedule import spread


class AccountMove(models.Model):
    """Invoices of orders with a schedule are due when the schedule says: a late invoice gives no time."""

    _inherit = "account.move"

    def _compute_needed_terms(self):
        super()._compute_needed_terms()
        for invoice in self._get_o2c_scheduled():
            invoice.needed_terms = invoice._prepare_o2c_terms()

    def _post(self, soft=True):
        """Due dates follow the schedule as it is at this moment, whatever was entered in the draft."""
        for invoice in self._get_o2c_scheduled():
            invoice._sync_o2c_terms()
        return super()._post(soft)

    def _get_o2c_scheduled(self):
        """Saved customer invoices about orders that have a schedule of their own."""
        if not self.env["o2c.instalment"]._is_used():
            return self.browse()
        return self.filtered(
            lambda move: move.id and move.move_type == "out_invoice"
            and move.invoice_line_ids.sale_line_ids.sudo().order_id.o2c_instalment_ids)

    def _sync_o2c_terms(self):
        """Let Odoo write the receivable lines anew.

        Without changed needs it leaves what users entered; so it is told that there were none before.
        """
        if self.state != "draft":
            return
        container = {"records": self, "self": self}
        with self.env.protecting([self._fields["needed_terms"]], self):
            self.needed_terms = {}
        with self._check_balanced(container), self._sync_dynamic_lines(container):
            self.invalidate_recordset(["needed_terms", "needed_terms_dirty"], flush=False)

    def _prepare_o2c_terms(self):
        """Needed receivable lines: ``{key: amounts}`` as Odoo's own, by the due dates of the schedules.

        Lines of other orders, or of none, are due by the invoice's own terms.
        """
        if self.state != "draft":
            return self._prepare_o2c_booked_terms()
        weights = self._get_o2c_due_weights()
        dates = sorted(weights)
        shares = [weights[day] for day in dates]
        in_currency = spread(self.amount_total_in_currency_signed, shares, self.currency_id.rounding)
        in_company = spread(self.amount_total_signed, shares, self.company_id.currency_id.rounding)
        rows = [row for row in zip(dates, in_currency, in_company, strict=True) if row[1] or row[2]]
        return self._format_o2c_terms(rows) if rows else self.needed_terms

    def _prepare_o2c_booked_terms(self):
        """What is posted stays as it is: the terms are those of its receivable lines."""
        sums = {}
        for line in self.line_ids.filtered(lambda item: item.display_type == "payment_term"):
            amount, balance = sums.get(line.date_maturity, (0.0, 0.0))
            sums[line.date_maturity] = amount + line.amount_currency, balance + line.balance
        return self._format_o2c_terms((day, *amounts) for day, amounts in sums.items())

    def _format_o2c_terms(self, rows):
        """:param rows: ``(due date, amount in currency, balance)``"""
        return {
            frozendict(move_id=self.id, date_maturity=day, discount_date=False): {
                "balance": balance,
                "amount_currency": amount,
                "discount_date": False,
                "discount_balance": 0.0,
                "discount_amount_currency": 0.0,
            }
            for day, amount, balance in rows
        }

    def _get_o2c_due_weights(self):
        """``{due date: weight}`` of the whole invoice, in its currency."""
        parts = self._get_o2c_parts()
        weights = {}
        scheduled = {order for order in parts if order.o2c_instalment_ids}
        schedules = self.env["o2c.schedule"]._get_instalments(self.env["sale.order"].sudo().union(*scheduled))
        for order in scheduled:
            for day, weight in self._slice_o2c_schedule(schedules[order.id], parts[order], order).items():
                weights[day] = weights.get(day, 0.0) + weight
        rest = sum(max(amount, 0.0) for order, amount in parts.items() if order not in scheduled)
        usual = {key["date_maturity"]: values["amount_currency"] for key, values in self.needed_terms.items()}
        whole = sum(usual.values())
        if rest and whole:
            for day, amount in usual.items():
                weights[day] = weights.get(day, 0.0) + rest * amount / whole
        return weights

    def _get_o2c_parts(self):
        """What the invoice is about, per order (the empty one for the rest): ``{order: amount}``."""
        parts = {}
        for line in self.invoice_line_ids.filtered(lambda item: item.display_type == "product"):
            order = line.sudo().sale_line_ids[:1].order_id
            parts[order] = parts.get(order, 0.0) + line.price_total
        return parts

    def _slice_o2c_schedule(self, instalments, amount, order):
        """``{due date: amount in invoice currency}`` of the part after what other invoices hold."""
        if amount <= 0 or not instalments:
            return {}
        rate = 1.0
        if self.currency_id != order.currency_id:
            rate = (order.currency_rate or 1.0) / (self.invoice_currency_rate or 1.0)
        start = sum(row.invoiced for row in instalments)
        end, position, found = start + amount * rate, 0.0, {}
        for row in instalments:
            covered = max(0.0, min(end, position + row.amount) - max(start, position))
            position += row.amount
            if covered:
                found[row.due] = found.get(row.due, 0.0) + covered / rate
        # Invoiced beyond the order: due with the last part.
        if (beyond := end - max(start, position)) > 0:
            found[row.due] = found.get(row.due, 0.0) + beyond / rate
        return found
