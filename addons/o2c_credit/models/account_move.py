from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _build_credit_warning_message(self, record, *args, **kwargs):
        """Odoo's warning falls silent where its limits were taken over: one banner, one truth."""
        if record.company_id.o2c_exposure_company_id.o2c_limits_taken_over:
            return ""
        return super()._build_credit_warning_message(record, *args, **kwargs)
