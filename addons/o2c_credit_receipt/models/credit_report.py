from odoo import api, models
from odoo.fields import Domain


class CreditReport(models.Model):
    """The overview tells what is overdue as orders and the watch list do."""

    _inherit = "o2c.credit.report"

    @api.model
    def _sql_open_items(self):
        policies = self.env["o2c.credit.policy"]
        if not policies._is_any_counting():
            return super()._sql_open_items()
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        holders = companies.filtered(lambda company: company.o2c_exposure_company_id == company)
        return policies._sql_counted_items(holders)
