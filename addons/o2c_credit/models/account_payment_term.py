from odoo import api, fields, models
from odoo.tools import ormcache


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    def _get_o2c_last_days(self, date):
        """Days from an invoice of ``date`` until its last amount is due.

        Read by every order that is judged, hence kept until a payment term changes.
        """
        self.ensure_one()
        return self._get_o2c_days(self.id, fields.Date.to_date(date))

    @api.model
    @ormcache("term_id", "date")
    def _get_o2c_days(self, term_id, date):
        lines = self.sudo().browse(term_id).line_ids
        return max(((line._get_due_date(date) - date).days for line in lines), default=0)


class AccountPaymentTermLine(models.Model):
    _inherit = "account.payment.term.line"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
