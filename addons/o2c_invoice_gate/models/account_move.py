from collections import defaultdict
from typing import NamedTuple

from odoo import models
from odoo.addons.o2c_base.models.wording import join_names, join_sentences
from odoo.addons.o2c_hold.rules.verdict import Verdict

from ..rules.gate import get_allowed


class Part(NamedTuple):
    """What an invoice takes of one order.

    Quantities are in the units of the order lines, amounts in order currency, tax included.
    """

    quantities: dict
    amounts: dict
    down: float

    @property
    def amount(self):
        return sum(self.amounts.values())


class AccountMove(models.Model):
    """What an invoice must satisfy before it is posted."""

    _inherit = "account.move"

    # === CHECKPOINT === #

    def _get_o2c_gate_orders(self):
        return self.invoice_line_ids.sale_line_ids.order_id

    def _get_invoice_verdicts(self, facts):
        verdicts = super()._get_invoice_verdicts(facts)
        verdicts += self._get_o2c_number_verdicts()
        figures = self._get_o2c_gate_figures()
        if figures:
            verdicts += self._get_o2c_gate_verdicts(figures)
        return verdicts + self._get_o2c_manual_verdicts()

    # === PARTS === #

    def _get_o2c_gate_parts(self):
        """``{order: Part}`` of this invoice. What stands beside its lines is asked for all the same."""
        quantities, amounts, down = defaultdict(dict), defaultdict(dict), defaultdict(float)
        for item in self.invoice_line_ids.filtered(lambda item: item.display_type == "product"):
            for line in item.sale_line_ids._origin:
                order = line.order_id
                quantity = item.product_uom_id._compute_quantity(
                    item.quantity, line.product_uom_id, round=False) if item.product_uom_id else item.quantity
                amount = self._get_o2c_in_order_currency(item.price_total, order) / len(item.sale_line_ids)
                quantities[order][line] = quantities[order].get(line, 0.0) + quantity
                amounts[order][line] = amounts[order].get(line, 0.0) + amount
                down[order] += amount if line.is_downpayment else 0.0
        if quantities and (beside := self._get_o2c_beside_lines()):
            order = next(iter(quantities))
            amounts[order][order.order_line.browse()] = self._get_o2c_in_order_currency(beside, order)
        return {order: Part(quantities[order], amounts[order], down[order]) for order in quantities}

    def _get_o2c_in_order_currency(self, amount, order):
        """The invoice's amount at its own rate, in the currency of the order at the order's rate."""
        if self.currency_id == order.currency_id:
            return amount
        return amount / (self.invoice_currency_rate or 1.0) * (order.currency_rate or 1.0)

    @staticmethod
    def _add_o2c_part(figures, part, sign):
        """Count a part among what is invoiced (or take it out again)."""
        for line, quantity in part.quantities.items():
            if found := figures.lines.get(line.id):
                found.invoiced += sign * quantity
                found.invoiced_amount += sign * part.amounts[line]

    # === VERDICTS === #

    def _get_o2c_gate_verdicts(self, figures):
        """Verdicts about money, signature, quantities and slips, order by order.

        What passes here counts for the next invoice of the same batch: two invoices that are posted at
        once must not both take what is there for one.
        """
        policies = self.env["o2c.invoice.policy"]
        money, mismatches, slips = [], [], []
        for order, part in self._get_o2c_gate_parts().items():
            found = figures.get(order.id)
            if not found:
                continue
            terms = policies._get_terms(order)
            if self.state == "posted":
                self._add_o2c_part(found, part, -1)
            mismatches += self._get_o2c_mismatches(order, part, found, terms)
            slips += self._get_o2c_unsigned(part, found, terms)
            if not self._is_o2c_free_down_payment(order, part, found, terms):
                covered = order._is_o2c_covered(
                    found, self._get_o2c_goods(part), part.amount, down=part.down)
                # The money is compared before the part counts as invoiced.
                money += order._get_o2c_money_verdicts([(order, terms, found, part.amount, covered)])
            self._add_o2c_part(found, part, 1)
        return [
            *self._merge_o2c_verdicts(money),
            *self._prepare_o2c_match_verdict("invoice_three_way", mismatches),
            *self._prepare_o2c_match_verdict("invoice_slip", slips),
        ]

    @staticmethod
    def _get_o2c_goods(part):
        """Quantities of the lines that are no down payments."""
        return {line: quantity for line, quantity in part.quantities.items() if not line.is_downpayment}

    def _merge_o2c_verdicts(self, verdicts):
        """One verdict per control: an invoice of several orders has one per order."""
        merged = {}
        for verdict in verdicts:
            merged.setdefault(verdict.code, []).append(verdict)
        return [
            Verdict(
                code, "hold", join_sentences(self.env, [one.message for one in found]),
                {label: value for one in found for label, value in one.evidence.items()},
                sum(one.excess for one in found))
            for code, found in merged.items()
        ]

    def _prepare_o2c_match_verdict(self, code, sentences):
        if not sentences:
            return []
        label = self.env._("Differences")
        return [Verdict(code, "hold", join_sentences(self.env, sentences), {label: len(sentences)})]

    def _is_o2c_free_down_payment(self, order, part, figures, terms):
        """Whether the policy exempts the invoice as a down payment: nothing else is on it, and together
        with all that is invoiced it stays within the order. A line with an ordered quantity is goods."""
        lines = part.quantities.keys()
        return (
            terms["down_payments"] == "exempt"
            and all(line.is_downpayment and not line.product_uom_qty for line in lines)
            and order.currency_id.compare_amounts(figures.invoiced + part.amount, order.amount_total) <= 0
        )

    # === THREE-WAY MATCH === #

    def _get_o2c_mismatches(self, order, part, figures, terms):
        """`invoice_three_way`: what differs between order, delivery and invoice, as sentences."""
        parties = (order.partner_invoice_id | order.partner_id).commercial_partner_id
        if self.commercial_partner_id not in parties:
            return [self.env._("order %s belongs to another customer.", order.name)]
        if self.currency_id != order.currency_id:
            return [self.env._(
                "order %(order)s is in %(ordered)s, the invoice in %(invoiced)s.", order=order.name,
                ordered=order.currency_id.name, invoiced=self.currency_id.name)]
        sentences = []
        for line, quantity in self._get_o2c_goods(part).items():
            if quantity <= 0 or line.id not in figures.lines:
                continue
            sentences += self._get_o2c_quantity_mismatch(line, quantity, figures.lines[line.id], terms)
            sentences += self._get_o2c_price_mismatch(line, quantity, part.amounts[line])
        return sentences

    def _get_o2c_quantity_mismatch(self, line, quantity, figures, terms):
        if not line._is_o2c_compared(terms):
            return []
        after = figures.invoiced + quantity
        allowed = get_allowed(figures.delivered, terms["quantity_tolerance"])
        if not line._is_o2c_more(after, allowed):
            return []
        return [self.env._(
            "%(product)s: %(invoiced)s %(unit)s would be invoiced, %(delivered)s are delivered.",
            product=line.product_id.display_name or line.name, invoiced=round(after, 3),
            unit=line.product_uom_id.name or "", delivered=round(figures.delivered, 3))]

    def _get_o2c_price_mismatch(self, line, quantity, amount):
        """More than the order's price; what is cheaper harms nobody here."""
        currency = line.order_id.currency_id
        expected = line._get_o2c_amount_of(quantity)
        if amount <= expected + 2 * currency.rounding:
            return []
        return [self.env._(
            "%(product)s: %(invoiced)s would be invoiced, %(ordered)s by the prices of the order.",
            product=line.product_id.display_name or line.name,
            invoiced=line.order_id._format_o2c(amount), ordered=line.order_id._format_o2c(expected))]

    def _get_o2c_unsigned(self, part, figures, terms):
        """`invoice_slip`: delivered goods for which the customer has not signed, as sentences."""
        if not terms["signature_needed"]:
            return []
        sentences = []
        for line, quantity in self._get_o2c_goods(part).items():
            found = figures.lines.get(line.id)
            if not found or quantity <= 0 or found.unsigned <= 0:
                continue
            after = min(found.invoiced + quantity, found.delivered)
            if line._is_o2c_more(after, found.signed):
                sentences.append(self.env._(
                    "%(product)s: the customer has signed for %(signed)s of %(invoiced)s %(unit)s.",
                    product=line.product_id.display_name, signed=round(found.signed, 3),
                    invoiced=round(after, 3), unit=line.product_uom_id.name))
        return sentences

    # === MANUAL INVOICES === #

    def _get_o2c_manual_verdicts(self):
        """`invoice_open_orders`: an invoice past the orders that the customer has."""
        policies = self.env["o2c.invoice.policy"]
        company = self.company_id
        if not policies._has_policies(company.id) or not (
                self._get_o2c_orderless_items() or self._get_o2c_beside_lines()):
            return []
        policy = policies._match(company, self.commercial_partner_id, team=self.team_id)
        if not policy or not policies._read_terms(policy.id)["manual_checked"]:
            return []
        orders = self.env["sale.order"].search([
            ("state", "=", "sale"),
            ("company_id", "=", company.id),
            ("invoice_status", "!=", "invoiced"),
            ("partner_invoice_id", "child_of", self.commercial_partner_id.id),
        ], limit=6, order="id")
        if not orders:
            return []
        names = join_names(self.env, [*orders[:5].mapped("name"), *(["…"] if len(orders) > 5 else [])])
        message = self.env._("the customer has orders that are not invoiced: %s.", names)
        return [Verdict("invoice_open_orders", "hold", message, {self.env._("Open orders"): names})]

    def _get_o2c_orderless_items(self):
        return self.invoice_line_ids.filtered(
            lambda item: item.display_type == "product" and not item.sale_line_ids and item.balance)
