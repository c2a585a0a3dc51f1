from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

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
