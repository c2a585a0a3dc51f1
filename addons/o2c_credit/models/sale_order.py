from datetime import date

from odoo import models

# Two months of 31 days follow each other: whatever is counted from their ends takes longest from here.
LONGEST_MONTHS = date(2001, 7, 1)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _compute_payment_term_id(self):
        """Terms of the grade, where the customer has no shorter ones."""
        super()._compute_payment_term_id()
        limits = self.env["o2c.credit.limit"]
        for order in self.filtered("partner_id"):
            terms = limits._get_effective_terms(order.company_id, order.partner_id)
            if terms:
                order.payment_term_id = terms._choose_payment_term(order.payment_term_id, order.company_id)

    def _get_o2c_printed_terms(self):
        """Sentences about credit on the paper of an order that no signature asks for; empty for cash sales.

        The credit limit is no business of the reader: it is not printed.
        """
        self.ensure_one()
        order = self.sudo()
        terms = self.env["o2c.credit.limit"]._get_effective_terms(order.company_id, order._get_o2c_debtor())
        if not terms or terms.is_cash_only or order._is_o2c_paid():
            return []
        order = order.with_context(lang=order.partner_id.lang or self.env.lang)
        sentences = terms._format_printed_terms(order.env["account.payment.term"], order.env.lang)
        text = order._get_o2c_payment_text()
        return [*sentences, order.env._("Payment: %s.", text)] if text else sentences

    def _get_o2c_payment_text(self):
        """When the order has to be paid, in the language of its environment; empty: with the invoice.

        Hook: terms that count instead of the payment term.
        """
        self.ensure_one()
        return self.payment_term_id.name or ""

    def _get_order_verdicts(self, facts):
        return [
            *super()._get_order_verdicts(facts),
            *self._judge_o2c_unpaid(
                lambda added, is_paid: self._get_o2c_sale_verdicts(facts, added, is_paid)
            ),
        ]

    def _get_o2c_sale_verdicts(self, facts, added, is_paid):
        """What the order would make owed; an order that its own payments cover needs no credit."""
        return [
            *self._get_o2c_credit_verdicts(facts, added, is_paid=is_paid),
            *([] if is_paid else self._get_o2c_period_verdicts(facts, self._get_o2c_credit_days())),
        ]

    def _judge_o2c_unpaid(self, judge):
        """Verdicts of ``judge(added, is_paid)``, with the order's own money only where it matters.

        Money makes an order need less credit, never more: one that passes without it passes with it, so
        that nobody needs to look.
        """
        self.ensure_one()
        verdicts = judge(self._get_o2c_credit_needed(unpaid=True), False)
        if not self._is_o2c_money_asked(verdicts):
            return verdicts
        is_paid = self._is_o2c_paid()
        if not is_paid and not self._get_o2c_transactions():
            return verdicts
        return judge(self._get_o2c_credit_needed(), is_paid)

    def _get_o2c_credit_days(self, day=None):
        """Days from a delivery, invoiced at once, until its last amount is due. Hook: other terms.

        :param day: of the delivery; today
        """
        term = self.payment_term_id
        return term._get_o2c_last_days(day or self.company_id._o2c_today()) if term else 0

    def _get_o2c_period_degree(self, days):
        """The days that no day of delivery makes more: terms from the end of a month vary with it."""
        return max(days, self._get_o2c_credit_days(LONGEST_MONTHS))

    def _is_o2c_paid(self):
        """Whether money that is there pays for the whole order, so that nothing of it is on credit.

        Here online payments that are done; authorised money is not received money. Hook: other receipts.
        """
        self.ensure_one()
        paid = self._get_o2c_payments(self._get_o2c_transactions(), self.currency_id)
        return bool(paid) and self.currency_id.compare_amounts(paid, self.amount_total) >= 0

    def _get_o2c_credit_needed(self, *, unpaid=False):
        """Company currency: what the order adds to the exposure.

        A confirmed order is in the exposure already. Online payments count from the
        moment they are done, because Odoo books their payment only after the
        confirmation; from then on they are receipts and reduce the exposure there.

        :param unpaid: leave its payments out
        """
        self.ensure_one()
        own = 0.0 if self.state == "sale" else self._get_o2c_amount()
        currency = self.company_id.currency_id
        if unpaid:
            return currency.round(own)
        unbooked = self._get_o2c_transactions().filtered(
            lambda transaction: (
                not transaction.payment_id.filtered(lambda payment: payment.state in ("in_process", "paid"))
            )
        )
        return currency.round(own - self._get_o2c_payments(unbooked, currency))

    def _get_o2c_transactions(self):
        """Online payments of the order whose money has come in."""
        return self.sudo().transaction_ids.filtered(lambda transaction: transaction.state == "done")

    def _get_o2c_payments(self, transactions, currency):
        """Sum of the transactions in ``currency``, at today's rate."""
        today = self.company_id._o2c_today()
        return sum(
            transaction.currency_id._convert(transaction.amount, currency, self.company_id, today)
            for transaction in transactions
        )
