from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.tools import SQL

WATCHED_MONTHS = 12


class CreditMonitor(models.AbstractModel):
    """Broken promises of twelve months put customers on the watch list; so do overdue instalments where the
    policy counts them."""

    _inherit = "o2c.credit.monitor"

    @api.model
    def _sql_open_items(self, company, partner_ids=None):
        policies = self.env["o2c.credit.policy"]
        if not policies._is_any_counting():
            return super()._sql_open_items(company, partner_ids)
        return policies._sql_counted_items(company, self._sql_company_scope(company, partner_ids))

    @api.model
    def _sql_promises(self, company, partner_ids):
        today = company._o2c_today()
        told = self.env["o2c.payment.promise"]._sql_told(
            self._sql_company_scope(company, partner_ids),
            today - relativedelta(months=WATCHED_MONTHS), today)
        return SQL(
            """SELECT partner_id, SUM(broken)::int AS broken
                 FROM (SELECT partner_id, broken FROM (%(others)s) others
                    UNION ALL
                       SELECT partner_id, 1 FROM (%(told)s) told WHERE is_broken) rows
             GROUP BY partner_id""",
            others=super()._sql_promises(company, partner_ids),
            told=told,
        )
