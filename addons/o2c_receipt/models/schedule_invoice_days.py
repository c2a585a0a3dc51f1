from odoo import fields, models

from ..rules.schedule import cut


class AccountMove(models.Model):
    """What an invoice holds of the schedules of its orders, and which day each part of it is due.

    An order with a schedule of its own has agreed on the days. Any other one has its payment term,
    counted from delivery: an invoice that comes later is due by it, one that comes earlier by its own
    terms, and so is what has not left.
    """

    _inherit = "account.move"

    def _plan_o2c_terms(self):
        """What invoices hold of schedules: ``{invoice id: {order: [Slice]}}``, amounts in the invoice's
        currency. One statement for all; several invoices of one order have one part after the other.
        """
        parts = {move: move._get_o2c_parts() for move in self._get_o2c_followers()}
        parts = {move: amounts for move, amounts in parts.items() if amounts}
        orders = self.env["sale.order"].sudo().union(*[order for found in parts.values() for order in found])
        schedules = self.env["o2c.schedule"]._get_instalments(orders)
        taken, plan = dict.fromkeys(orders, 0.0), {}
        for move in sorted(parts, key=lambda move: (str(move.invoice_date or ""), move.id)):
            plan[move.id] = {}
            for order, amount in parts[move].items():
                rate = move._get_o2c_rate(order)
                slices = cut(
                    schedules[order.id], taken[order], amount * rate, order.currency_id.rounding)
                taken[order] += max(amount, 0.0) * rate
                plan[move.id][order] = [(item, item.amount / rate) for item in slices]
        return plan

    def _get_o2c_followers(self):
        """Invoices of which an order may have another day than the invoice's terms say."""
        return self if self.env["o2c.instalment"]._is_used() else self.filtered(
            "company_id.o2c_due_by_schedule")

    def _get_o2c_rate(self, order):
        """Order currency for one of the invoice's."""
        if self.currency_id == order.currency_id:
            return 1.0
        return (order.currency_rate or 1.0) / (self.invoice_currency_rate or 1.0)

    def _get_o2c_amounts(self):
        """What the invoice is about, per order (the empty one for the rest): ``{order: amount}``."""
        amounts = {}
        for line in self.invoice_line_ids.filtered(lambda item: item.display_type == "product"):
            order = line.sudo().sale_line_ids[:1].order_id
            amounts[order] = amounts.get(order, 0.0) + line.price_total
        return amounts

    def _get_o2c_parts(self):
        """`_get_o2c_amounts` of orders whose schedule counts for this invoice."""
        follows, is_used = self.company_id.o2c_due_by_schedule, self.env["o2c.instalment"]._is_used()
        return {
            order: amount for order, amount in self._get_o2c_amounts().items()
            if order and (follows or (is_used and order.o2c_instalment_ids))
        }

    def _date_o2c_parts(self, slices):
        """The whole invoice as ``[(due date, weight)]``, and whether any day is not Odoo's."""
        dated, is_moved = [], False
        for order, amount in self._get_o2c_amounts().items():
            for item, weight in slices.get(order) or [(None, max(amount, 0.0))]:
                if item and item.agreed:
                    dated.append((item.due, weight))
                    is_moved = True
                    continue
                for day, share in self._get_o2c_usual_days(item and item.no, order):
                    is_earlier = bool(item and item.due and item.due < day)
                    dated.append((item.due if is_earlier else day, weight * share))
                    is_moved = is_moved or is_earlier
        return dated, is_moved

    def _get_o2c_usual_days(self, number, order):
        """Odoo's due dates with their shares: all of the invoice, or that of part ``number`` of the
        payment term that the order has, too."""
        usual, term = self.needed_terms, self.invoice_payment_term_id
        if number and len(usual) > 1 and term == order.payment_term_id:
            day = self.invoice_date or self.date or fields.Date.context_today(self)
            return [(term.line_ids[number - 1]._get_due_date(day), 1.0)]
        whole = sum(values["amount_currency"] for values in usual.values())
        return [
            (key["date_maturity"], values["amount_currency"] / whole if whole else 0.0)
            for key, values in usual.items()]
