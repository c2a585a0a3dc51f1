from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    # Residuals of a past day take back what was matched after it.
    _o2c_max_date_idx = models.Index("(max_date)")
