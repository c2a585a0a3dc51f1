import logging
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

_logger = logging.getLogger(__name__)

ACTIVITY_TYPE = "o2c_credit.mail_activity_type_guarantee"
# When no credit policy applies to the customer.
NOTICE_DAYS = 30
BATCH = 100


class CreditGuarantee(models.Model):
    """What happens to guarantees by themselves, day by day."""

    _inherit = "o2c.credit.guarantee"

    @api.model
    def _cron_look_after(self):
        """End guarantees whose last day is over, and remind of those that will end."""
        for work in (self._expire, self._start_successors, self._remind):
            while done := work(BATCH):
                if not self.env["ir.cron"]._commit_progress(done):
                    return

    @api.model
    def _expire(self, limit=None):
        """Move guarantees whose last day is over to *expired*. They stopped counting at midnight.

        :return: how many
        """
        ended = self._search_by_company("date_to", "<", 0, [], limit)
        for guarantee in ended:
            guarantee._close(
                "expired",
                self.env._("its last day was %s", format_date(self.env, guarantee.date_to)),
                event="guarantee_expired",
            )
        ended._recheck()
        return len(ended)

    @api.model
    def _start_successors(self, limit=None):
        """Release what guarantees replace that begin today."""
        waiting = [("replaces_id.state", "=", "in_force")]
        begun = self._search_by_company("date_from", "<=", 0, waiting, limit)
        begun._end_replaced()
        return len(begun)

    @api.model
    def _remind(self, limit=None):
        """Tell officer and salesperson of guarantees that will end, each once.

        :return: how many guarantees
        """
        soon = self._search_by_company(
            "date_to", "<=", self._get_longest_notice(), [("reminded", "=", False)], None
        ).filtered(lambda guarantee: guarantee._is_notice_due())[:limit]
        for guarantee in soon:
            guarantee._tell_end()
        soon._guarded_write({"reminded": True})
        return len(soon)

    @api.model
    def _get_overview_data(self, code):
        """Guarantees of the reader's companies that end within the usual notice, for the overview."""
        today = self.env.company._o2c_today()
        ending = [("state", "=", "in_force"), ("date_to", "<=", today + timedelta(days=NOTICE_DAYS))]
        count = self.search_count(ending)
        return {"count": count, "tone": "warning" if count else "muted"}

    # === HELPERS === #

    @api.model
    def _search_by_company(self, field, operator, days, domain, limit):
        """Guarantees in force whose day compares with that of their company, ``days`` from today."""
        found = self.sudo().browse()
        for company in self.env["res.company"].sudo().search(Domain.TRUE):
            day = company._o2c_today() + timedelta(days=days)
            found |= found.search(
                [
                    ("company_id", "=", company.id),
                    ("state", "=", "in_force"),
                    (field, operator, day),
                    *domain,
                ],
                limit=limit and limit - len(found),
                order="id",
            )
            if limit and len(found) >= limit:
                break
        return found

    @api.model
    def _get_longest_notice(self):
        days = self.env["o2c.credit.policy"].sudo().search([("state", "=", "in_force")]).mapped("notice_days")
        return max([*days, NOTICE_DAYS])

    def _is_notice_due(self):
        self.ensure_one()
        today = self.company_id._o2c_today()
        return self.date_to <= today + timedelta(days=self._get_notice_days())

    def _get_notice_days(self):
        """Days before the end, by the policy of the customer; of a group's first member."""
        partner = self._get_approval_partner()
        policy = self.env["o2c.credit.policy"]._match(self.company_id, partner)
        return policy.notice_days if policy else NOTICE_DAYS

    def _tell_end(self):
        """One activity for the officer and one for each salesperson who may read the guarantee."""
        self.ensure_one()
        note = self.env._(
            "%(guarantee)s ends on %(day)s; cover %(cover)s. "
            "Have it prolonged or replaced, or have the limit reviewed.",
            guarantee=self.display_name,
            day=format_date(self.env, self.date_to),
            cover=format_amount(self.env, self.cover_value, self.company_currency_id),
        )
        file = self.env["o2c.credit.file"]._get_file(self.company_id, self._get_subject())
        officers = self.officer_id or file.officer_id or self.create_uid
        for user in (officers | self._get_approval_salespersons()).filtered("active"):
            if self.with_user(user).has_access("read"):
                self.activity_schedule(ACTIVITY_TYPE, date_deadline=self.date_to, user_id=user.id, note=note)
