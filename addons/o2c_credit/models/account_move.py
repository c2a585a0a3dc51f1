from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _compute_invoice_payment_term_id(self):
        """Terms of the grade, where the customer has no shorter ones."""
        super()._compute_invoice_payment_term_id()
        limits = self.env["o2c.credit.limit"]
        for move in self:
            if not move.partner_id or not move.is_sale_document(include_receipts=True):
                continue
            terms = limits._get_effective_terms(move.company_id, move.partner_id)
            if terms:
                usual = move.invoice_payment_term_id
                move.invoice_payment_term_id = terms._choose_payment_term(usual, move.company_id)

    def _get_o2c_printed_terms(self):
        """Sentences about credit on the paper of a customer invoice; empty for cash customers."""
        self.ensure_one()
        move = self.sudo()
        if move.move_type != "out_invoice":
            return []
        terms = self.env["o2c.credit.limit"]._get_effective_terms(move.company_id, move._get_o2c_debtor())
        if not terms or terms.is_cash_only:
            return []
        return terms._format_printed_terms(move.invoice_payment_term_id, move.partner_id.lang)

    def _get_invoice_verdicts(self, facts):
        """The credit period is what an invoice promises; the rest was judged before the goods left."""
        return [
            *super()._get_invoice_verdicts(facts),
            *self._get_o2c_period_verdicts(facts, self._get_o2c_credit_days()),
        ]

    def _get_o2c_credit_days(self):
        """Days from the invoice until its last amount is due; terms and dates set by hand count alike."""
        start = self.invoice_date or self.company_id._o2c_today()
        return (self.invoice_date_due - start).days if self.invoice_date_due else 0

    def _build_credit_warning_message(self, record, *args, **kwargs):
        """Odoo's warning falls silent where its limits were taken over: one banner, one truth."""
        if record.company_id.o2c_exposure_company_id.o2c_limits_taken_over:
            return ""
        return super()._build_credit_warning_message(record, *args, **kwargs)
