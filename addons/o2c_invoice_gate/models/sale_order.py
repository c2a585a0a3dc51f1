from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_sentences
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.tools import format_amount

from ..rules.ratio_text import format_percent
from .gate_notes import Parts, is_making


class SaleOrder(models.Model):
    """What an order lacks before it is invoiced."""

    _inherit = "sale.order"

    # === FIELDS === #

    o2c_invoice_missing = fields.Monetary(
        string="Missing for an invoice",
        compute="_compute_o2c_invoice_missing",
        compute_sudo=True,
        help="Money that must come in before what can be invoiced now may be invoiced, in the currency of the"
        " order, rounded up.",
    )
    o2c_invoice_threshold = fields.Float(
        string="Needed %",
        compute="_compute_o2c_invoice_missing",
        compute_sudo=True,
        digits=(16, 2),
        help="Share of the order that the invoice policy wants collected. 0: no policy judges the order.",
    )

    o2c_delivered_open = fields.Monetary(
        string="Delivered, not invoiced",
        compute="_compute_o2c_invoice_missing",
        compute_sudo=True,
        help="Value of what was delivered and is not on a posted invoice, tax included, in the currency of"
        " the order.",
    )

    # === COMPUTES === #

    # As few triggers as can be: whoever confirms orders pays for each.
    @api.depends("amount_total")
    def _compute_o2c_invoice_missing(self):
        gate, policies = self.env["o2c.invoice.gate"], self.env["o2c.invoice.policy"]
        figures = gate._get_figures(self._origin.filtered(lambda order: order.state == "sale"))
        for order in self:
            found = figures.get(order._origin.id)
            terms = policies._get_terms(order) if found else None
            order.o2c_invoice_threshold = terms["threshold"] if terms else 0.0
            order.o2c_invoice_missing = gate._get_missing(
                order, terms, found, more=order._get_o2c_due_amount()) if terms else 0.0
            order.o2c_delivered_open = order._get_o2c_delivered_open(found) if found else 0.0

    # === CHECKPOINT === #

    def _get_o2c_gate_orders(self):
        return self

    def _get_invoicing_verdicts(self, facts):
        """Before invoices are made: is enough money in, and has somebody signed for what is due."""
        verdicts = super()._get_invoicing_verdicts(facts)
        figures = self._get_o2c_gate_figures().get(self._origin.id)
        due = self._get_o2c_due() if figures and not is_making(self) else {}
        if not due:
            return verdicts
        terms = self.env["o2c.invoice.policy"]._get_terms(self)
        amount = self._get_o2c_due_amount()
        is_covered = self._is_o2c_covered(figures, due, amount)
        return [*verdicts, *self._get_o2c_money_verdicts([(self, terms, figures, amount, is_covered)])]

    def _get_o2c_stop_text(self, decision):
        """An order that must not be invoiced is not on hold as an order."""
        if decision.checkpoint != "invoice":
            return super()._get_o2c_stop_text(decision)
        reasons = self._get_o2c_reasons(decision.stopping)
        return self.env._("Order %(name)s can't be invoiced: %(reasons)s", name=self.name, reasons=reasons)

    # === WHAT IS DUE === #

    def _get_o2c_due(self):
        """Quantities that Odoo would invoice now: ``{order line: quantity}``, down payments aside."""
        lines = self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment and line.qty_to_invoice > 0)
        return {line: line.qty_to_invoice for line in lines}

    def _get_o2c_due_amount(self):
        """Order currency, tax included: what those quantities are worth at the prices of the order."""
        return sum(line._get_o2c_amount_of(quantity) for line, quantity in self._get_o2c_due().items())

    def _get_o2c_delivered_open(self, figures):
        """Order currency, tax included: delivered and on no posted invoice, line by line."""
        amounts = (
            line._get_o2c_amount_of(max(0.0, found.delivered - found.invoiced))
            for line in self.order_line
            if (found := figures.lines.get(line._origin.id)) and not line.is_downpayment)
        return self.currency_id.round(sum(amounts))

    # === RULES === #

    def _is_o2c_covered(self, figures, quantities, amount, down=0.0):
        """Whether approved applications cover an invoice beside all that is posted.

        :param quantities: ``{order line: quantity}`` of the invoice, in the line's unit
        :param amount: of the invoice, order currency, tax included
        :param down: what of it are down payments; deductions are negative
        """
        slack = self.currency_id.rounding * (1 + len(figures.lines))
        if figures.invoiced + amount > figures.approved + slack:
            return False
        if down > 0 and figures.invoiced_down + down > figures.approved_down + slack:
            return False
        return not any(
            line._is_o2c_more(found.invoiced + quantity, found.approved)
            for line, quantity in quantities.items()
            if quantity > 0 and (found := figures.lines.get(line._origin.id)))

    def _is_o2c_money_exempt(self, terms, figures, is_covered):
        """Whether what is covered needs no new money: exceptions, and corrections by policy."""
        return is_covered and (terms["corrections_exempt"] or figures.has_exception)

    @api.model
    def _get_o2c_money_verdicts(self, cases):
        """Verdicts about money and signature, over all orders of a document.

        :param cases: ``[(order, terms, figures, amount, is_covered)]``
        """
        missing, unsigned = [], []
        for order, terms, figures, amount, is_covered in cases:
            gap = order.env["o2c.invoice.gate"]._get_missing(order, terms, figures, more=amount)
            if gap and not order._is_o2c_money_exempt(terms, figures, is_covered):
                missing.append((order, terms, figures, gap))
            if not is_covered and not order._is_o2c_paid_exempt(terms, figures):
                unsigned.append((order, amount))
        verdicts = [self._prepare_o2c_ratio_verdict(missing)] if missing else []
        return [*verdicts, self._prepare_o2c_signature_verdict(unsigned)] if unsigned else verdicts

    def _is_o2c_paid_exempt(self, terms, figures):
        """A cash sale is what was paid in full: nobody can write that into a field."""
        return bool(terms["paid_exempt"] and float(figures.collected) >= self.amount_total > 0)

    def _prepare_o2c_ratio_verdict(self, missing):
        """`invoice_ratio`: less was collected than the policy asks for."""
        sentences = [self._describe_o2c_gap(*one) for one in missing]
        evidence = {}
        for order, terms, figures, gap in missing:
            evidence |= {
                self.env._("Collected for %s", order.name): order._format_o2c(float(figures.collected)),
                self.env._("Missing for %s", order.name): order._format_o2c(gap),
                self.env._("Policy"): terms["name"],
            }
        excess = sum(gap / (order.currency_rate or 1.0) for order, _terms, _figures, gap in missing)
        message = join_sentences(self.env, sentences)
        return Verdict("invoice_ratio", "hold", message, evidence, round(excess, 2))

    def _describe_o2c_gap(self, order, terms, figures, gap):
        return self.env._(
            "%(collected)s of %(total)s were collected for order %(order)s, %(percent)s %% are needed:"
            " %(missing)s missing.",
            collected=order._format_o2c(float(figures.collected)),
            total=order._format_o2c(order.amount_total),
            order=order.name,
            percent=format_percent(terms["threshold"]),
            missing=order._format_o2c(gap),
        )

    def _prepare_o2c_signature_verdict(self, unsigned):
        """`invoice_application`: nobody has signed for what would be invoiced."""
        names = ", ".join(order.name for order, _amount in unsigned)
        evidence = {
            self.env._("To sign for %s", order.name): order._format_o2c(amount) for order, amount in unsigned}
        message = self.env._("no approved invoice application covers this invoice of order %s.", names)
        return Verdict("invoice_application", "hold", message, evidence)

    def _format_o2c(self, amount):
        """An amount in order currency as people read it, with the currency's decimals rounded down, so
        that what is not enough never reads as if it were."""
        currency = self.currency_id
        shown = currency.round(amount)
        if shown > amount:
            shown = currency.round(amount - currency.rounding / 2)
        return format_amount(self.env, shown, currency)

    # === INVOICING === #

    def message_post(self, **kwargs):
        """Odoo notes a down payment on the order as whoever signed for it, who may not write orders."""
        orders = self.sudo() if len(self) == 1 and is_making(self) else self
        return super(SaleOrder, orders).message_post(**kwargs)

    def _get_invoiceable_lines(self, final=False):
        """Only what an approved application names, while it makes its invoice."""
        lines = super()._get_invoiceable_lines(final)
        parts = self.env.context.get("o2c_invoice_parts")
        if type(parts) is not Parts:
            return lines
        return lines.filtered(
            lambda line: line.display_type or line.is_downpayment or line.id in parts.quantities)
