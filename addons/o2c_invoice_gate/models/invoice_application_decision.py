from odoo import api, fields, models
from odoo.addons.o2c_hold.rules.effect import STOPPING
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .account_move import Part
from .gate_notes import Parts, making


class InvoiceApplication(models.Model):
    """How an application is judged, decided, and becomes an invoice."""

    _inherit = "o2c.invoice.application"

    # === FIGURES === #

    def _get_amounts(self):
        """``{line: amount}`` as of now, order currency, tax included: product lines and deductions."""
        if self.kind == "down_payment":
            return {self.env["o2c.invoice.application.line"]: self.down_amount}
        lines = self.line_ids.filtered(lambda line: line.sale_line_id and not line.is_deduction)
        amounts = {line: line.currency_id.round(
            line.sale_line_id._get_o2c_amount_of(line.quantity)) for line in lines}
        if self.deduct_down_payments:
            amounts |= {line: -amount for line, amount in self._get_deductions().items()}
        return amounts

    def _get_deductions(self):
        """``{down-payment line of an order: amount}``: what Odoo will take off, tax included."""
        figures = self.env["o2c.invoice.gate"]._get_figures(self.sudo().order_ids)
        return {
            self.env["sale.order.line"].browse(line.line_id): line.invoiced_amount
            for found in figures.values()
            for line in found.lines.values()
            if line.is_downpayment and line.invoiced_amount > 0 and line.invoiced > 0
        }

    def _get_gate(self):
        """What the gate says: ``terms``, ``figures`` and ``missing`` per order, and ``findings``."""
        orders = self.sudo().order_ids
        figures = self.env["o2c.invoice.gate"].sudo()._get_figures(orders)
        terms = {order: self.env["o2c.invoice.policy"]._get_terms(order) for order in orders}
        parts = self._get_parts()
        missing, findings = {}, []
        for order, part in parts.items():
            found = figures.get(order.id)
            if not found:
                continue
            if not self._is_free_down_payment(order, part, found, terms[order]):
                missing[order] = self.env["o2c.invoice.gate"]._get_missing(
                    order, terms[order], found, more=part.amount)
            findings += self._get_findings(order, part, found, terms[order])
        return {"terms": terms, "figures": figures, "missing": missing, "findings": findings}

    def _get_parts(self):
        """``{order: Part}`` of what is applied for, as an invoice would have it."""
        amounts = self._get_amounts()
        if self.kind == "down_payment":
            order = self.sudo().order_ids[:1]
            return {order: Part({}, {order.order_line.browse(): self.down_amount}, self.down_amount)}
        parts = {order: Part({}, {}, 0.0) for order in self.sudo().order_ids}
        for line, amount in amounts.items():
            is_deduction = line._name == "sale.order.line"
            sold = line if is_deduction else line.sudo().sale_line_id
            part = parts[sold.order_id]
            part.quantities[sold] = -1.0 if is_deduction else line.quantity
            part.amounts[sold] = amount
        return parts

    def _is_free_down_payment(self, order, part, figures, terms):
        if self.kind != "down_payment" or terms["down_payments"] != "exempt":
            return False
        return order.currency_id.compare_amounts(figures.invoiced + part.amount, order.amount_total) <= 0

    def _get_findings(self, order, part, figures, terms):
        """What does not agree, as sentences: the same ones that would stop the invoice."""
        moves = self.env["account.move"].sudo()
        if self.kind == "down_payment":
            return []
        sentences = []
        for line, quantity in moves._get_o2c_goods(part).items():
            if quantity > 0 and line.id in figures.lines:
                sentences += moves._get_o2c_quantity_mismatch(line, quantity, figures.lines[line.id], terms)
                sentences += self._get_order_mismatch(line, quantity, figures.lines[line.id], terms)
        return sentences + moves._get_o2c_unsigned(part, figures, terms)

    def _get_order_mismatch(self, line, quantity, figures, terms):
        """More than was ordered, where deliveries don't say how much may be invoiced."""
        if line._is_o2c_compared(terms):
            return []
        allowed = max(figures.ordered, figures.delivered)
        if not line._is_o2c_more(figures.invoiced + quantity, allowed):
            return []
        return [self.env._(
            "%(product)s: %(invoiced)s %(unit)s would be invoiced, %(ordered)s are ordered.",
            product=line.product_id.display_name or line.name, invoiced=round(figures.invoiced + quantity, 3),
            unit=line.product_uom_id.name or "", ordered=round(allowed, 3))]

    # === SUBMISSION === #

    def _submit(self, *, is_exception):
        self.ensure_one()
        self._check_is_draft()
        self._check_startable(self.sudo().order_ids, self.kind)
        gate = self._get_gate()
        self._check_content()
        self._check_others()
        self._check_findings(gate["findings"])
        self._check_money(gate, is_exception)
        amount = self.sudo()._fix_lines()
        self.sudo()._move_state(
            "requested",
            event="invoice_exception" if is_exception else "invoice_applied",
            vals={
                "is_exception": is_exception,
                "amount": amount,
                "missing_submitted": sum(gate["missing"].values()),
                "submitted_on": fields.Datetime.now(),
            },
            message=lambda one: self.env._("Invoice applied for: %s", one._describe()),
            evidence=lambda one: one._get_approval_fingerprint(),
        )
        self._submit_for_approval(
            self.reason, kind="invoice_exception" if is_exception else "invoice_application")

    def _check_content(self):
        if self.kind == "down_payment":
            empty = self.currency_id.compare_amounts(self.down_amount, 0) <= 0
        else:
            empty = not any(line.quantity > 0 for line in self.line_ids)
        if empty:
            raise UserError(self.env._("Say what to invoice: all quantities are zero."))
        if self.currency_id.compare_amounts(self.amount_now, 0) < 0:
            raise UserError(self.env._(
                "The down payments to deduct exceed what is to be invoiced. Invoice more, or do not deduct"
                " them yet."))

    def _check_others(self):
        """One application at a time for an order: the next one must see what this one took."""
        other = self.sudo().search([
            ("order_ids", "in", self.sudo().order_ids.ids),
            ("state", "=", "requested"),
            ("id", "!=", self.id),
        ], limit=1)
        if other:
            raise UserError(self.env._(
                "%s waits for a decision about the same order. Wait for it, or have it withdrawn.",
                other.display_name))

    def _check_findings(self, findings):
        """Refuse what the three-way match would stop anyway, where it is enforced."""
        control, company = self.env["o2c.control"], self.company_id
        settings = [control._get_setting(code, company) for code in ("invoice_three_way", "invoice_slip")]
        if findings and any(one.mode == "enforcing" and one.severity in STOPPING for one in settings):
            raise UserError(self.env._(
                "Order, delivery and application do not agree:\n%s", "\n".join(findings)))

    def _check_money(self, gate, is_exception):
        missing = {order: amount for order, amount in gate["missing"].items() if amount}
        if is_exception:
            self._check_exception(gate, missing)
        elif missing:
            sentences = [
                order._describe_o2c_gap(order, gate["terms"][order], gate["figures"][order.id], amount)
                for order, amount in missing.items()]
            raise UserError(self.env._(
                "Not enough was collected yet. %s", " ".join(sentences)))

    def _check_exception(self, gate, missing):
        if not missing:
            raise UserError(self.env._(
                "Enough was collected: no exception is needed. Apply for the invoice."))
        if not all(gate["terms"][order]["exception_allowed"] for order in missing):
            raise UserError(self.env._("The invoice policy allows no exceptions: collect what is missing."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the exception should be made: the approvers read it."))

    def _fix_lines(self):
        """Write the amounts that are applied for, and lines for down payments; return their sum."""
        line_model = self.env["o2c.invoice.application.line"]
        self.line_ids.filtered(lambda line: not line.sale_line_id or line.is_deduction)._guarded_unlink()
        amounts = self._get_amounts()
        fixed = []
        for line, amount in amounts.items():
            if line._name == "sale.order.line":
                fixed.append({"order_id": line.order_id.id, "sale_line_id": line.id, "is_deduction": True,
                              "quantity": -1.0, "amount": amount})
            elif line:
                line._guarded_write({"amount": amount})
            else:
                fixed.append({"order_id": self.order_ids.id, "quantity": 1.0, "amount": amount})
        line_model._guarded_create([
            {**vals, "application_id": self.id, "sequence": 10000} for vals in fixed])
        return sum(amounts.values())

    def _back_to_draft(self):
        self._move_state(
            "draft", event="invoice_reopened", vals={"is_exception": False},
            message=lambda one: self.env._("Invoice application back in draft: %s", one._describe()))
        for application in self.sudo():
            application.line_ids.filtered(
                lambda line: not line.sale_line_id or line.is_deduction)._guarded_unlink()

    # === APPROVAL === #

    def _get_approval_amount(self):
        """Company currency at today's rate. An invoice of nothing is signed like one of a cent."""
        currency = self.company_id.currency_id
        amount = self.currency_id._convert(
            self.amount, currency, self.company_id, self.company_id._o2c_today())
        return max(amount, currency.rounding)

    def _get_approval_excluded_users(self):
        return super()._get_approval_excluded_users() | self.user_id

    def _get_approval_salespersons(self):
        return super()._get_approval_salespersons() | self.order_ids.user_id

    def _get_approval_related(self):
        return [*super()._get_approval_related(), *self.order_ids]

    def _get_approval_fingerprint(self):
        """What is invoiced, the orders as they are, and whether money and deliveries still allow it."""
        gate = self._get_gate()
        missing = sum(gate["missing"].values())
        return {
            "kind": self.kind,
            "exception": self.is_exception,
            "amount": self.amount,
            "currency": self.currency_id.name,
            "down": self.down_amount,
            "deduct": self.deduct_down_payments,
            "lines": [self._get_line_values(line) for line in self.line_ids.sorted("id")],
            "orders": [
                self._get_order_values(order, gate["figures"].get(order.id))
                for order in self.order_ids.sorted("id")],
            "enough": missing <= self.missing_submitted if self.is_exception else not missing,
            "differences": len(gate["findings"]),
        }

    @api.model
    def _get_order_values(self, order, figures):
        return [order.id, order.state, order.amount_total, order.partner_invoice_id.id,
                order.fiscal_position_id.id, round(figures.invoiced, 6) if figures else None]

    @api.model
    def _get_line_values(self, line):
        sold = line.sale_line_id
        return [sold.id, line.quantity, line.amount, sold.product_id.id, sold.product_uom_qty,
                sold.price_unit, sold.discount, sorted(sold.tax_ids.ids)]

    def _get_approval_summary(self):
        gate = self._get_gate()
        return self.env["ir.qweb"]._render("o2c_invoice_gate.application_summary", {
            "application": self,
            "orders": self.order_ids,
            "gate": gate,
            "money": lambda amount: format_amount(self.env, amount, self.currency_id),
        })

    def _on_request_approved(self, request):
        super()._on_request_approved(request)
        for application in self:
            application._make_invoice(request)

    def _on_request_rejected(self, request):
        super()._on_request_rejected(request)
        self._move_state(
            "refused", event="invoice_refused",
            message=lambda one: self.env._("Invoice application refused: %s", one._describe()))
        self._tell_applicant(self.env._("The invoice application was refused."))

    def _on_request_lapsed(self, request):
        super()._on_request_lapsed(request)
        self._tell_applicant(self.env._(
            "The invoice application has lapsed: what it was about has changed. Look at it and apply again."))

    def _on_request_returned(self, request):
        super()._on_request_returned(request)
        self._back_to_draft()

    def _tell_applicant(self, text):
        for application in self:
            application.message_notify(
                partner_ids=application.user_id.partner_id.ids, body=text,
                subject=application.display_name)

    # === INVOICE === #

    def _make_invoice(self, request):
        """Make and post the invoice of exactly what was approved, by Odoo's own methods.

        :raise UserError: when it would differ, or something else stops it; then nothing was approved
        """
        orders = self.order_ids
        orders.lock_for_update(allow_referencing=True)
        self._move_state(
            "invoiced", event="invoice_signed", vals={"invoiced_on": fields.Datetime.now()},
            message=lambda one: self.env._("Invoice application approved: %s", one._describe()))
        self.env.flush_all()
        with making(self.env, orders):
            invoice = self._create_invoice()
        self._check_invoice(invoice)
        self._guarded_write({"move_id": invoice.id})
        invoice.message_post(body=self.env._(
            "Made from invoice application %(application)s, approved by %(names)s.",
            application=self.name, names=", ".join(request.step_ids.decided_by.mapped("name"))))
        invoice.action_post()
        if invoice.state != "posted":
            reasons = " ".join(decision.document._get_o2c_stop_text(decision)
                               for decision in invoice._get_o2c_held())
            raise UserError(self.env._("The invoice can't be posted: %s", reasons))
        self._tell_applicant(self.env._("Invoice %s was issued.", invoice.name))

    def _create_invoice(self):
        orders = self.order_ids
        if self.kind == "down_payment":
            wizard = self.env["sale.advance.payment.inv"].with_context(
                active_model="sale.order", active_ids=orders.ids, active_id=orders.id,
            ).create({"advance_payment_method": "fixed", "fixed_amount": self.down_amount,
                      "sale_order_ids": [(6, 0, orders.ids)]})
            return wizard._create_invoices(wizard.sale_order_ids).with_env(self.env)
        lines = self.line_ids.filtered(lambda line: line.quantity > 0 and line.sale_line_id)
        parts = Parts({line.sale_line_id.id: line.quantity for line in lines})
        invoices = orders.with_context(o2c_invoice_parts=parts)._create_invoices(
            grouped=False, final=self.deduct_down_payments)
        return invoices.with_context(o2c_invoice_parts=None)

    def _check_invoice(self, invoice):
        """What Odoo made must be what was signed, but for a unit of rounding per line."""
        slack = self.currency_id.rounding * (1 + len(self.line_ids))
        differs = len(invoice) != 1 or abs(invoice.amount_total - self.amount) > slack
        if differs or invoice.move_type != "out_invoice":
            raise UserError(self.env._(
                "The invoice would not be what was applied for (%s). Apply again for what Odoo can invoice.",
                self._describe()))
