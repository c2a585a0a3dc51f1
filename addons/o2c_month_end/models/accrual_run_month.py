import logging
from datetime import timedelta

from odoo import api, models

_logger = logging.getLogger(__name__)


class AccrualRun(models.Model):
    """The job of the month end: what it prepares, and whom it tells."""

    _inherit = "o2c.accrual.run"

    @api.model
    def _cron_prepare(self):
        """On the first day of a month: prepare the run of the month before and tell finance."""
        companies = self.env["res.company"].sudo().search([("o2c_accrual_active", "=", True)])
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            try:
                self.sudo().with_company(company)._prepare_month(company)
            except Exception as error:
                # One company's trouble is not that of the others.
                self.env.cr.rollback()
                _logger.exception("Month end of %s", company.id)
                self._log_not_prepared(company, error)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    def _prepare_month(self, company):
        """The run and the check of quantities of the last month, unless there are any; finance is told.

        A month without anything to book or to compare has none.
        """
        day = company._o2c_today().replace(day=1) - timedelta(days=1)
        self.env["o2c.quantity.check"].sudo()._prepare_month(company, day)
        if self.search_count([("company_id", "=", company.id), ("date", "=", day)], limit=1):
            return self.browse()
        figures = self.env["o2c.accrual.figures"].sudo()._get_figures(company, day)
        if not figures:
            return self.browse()
        run = self.create({"company_id": company.id, "date": day})
        run._prepare_orders(figures)
        run._tell_finance(self.env._("Check the month-end run and submit it."))
        return run

    def _log_not_prepared(self, company, error):
        self.env["o2c.register"]._log(
            company, "run_state", company=company,
            message=self.env._("The month-end run of %(company)s was not prepared: %(error)s",
                               company=company.name, error=error))

    def _tell_finance(self, summary):
        """An activity for the finance officers of the company."""
        director = self.env.ref("o2c_base.group_finance_director")
        users = self._get_people("o2c_base.group_finance_officer", self.company_id)
        officers = users.filtered(lambda user: director not in user.all_group_ids) or users
        for user in officers:
            self.activity_schedule(
                "o2c_month_end.mail_activity_type_month_end", user_id=user.id, summary=summary,
                date_deadline=self.company_id._o2c_today() + timedelta(days=3))

    @api.model
    def _get_people(self, group, company):
        """Active employees of the company who hold a role."""
        return self.env.ref(group).sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids)
