from odoo import api, models
from odoo.tools import SQL

from ..rules.watch import must_suspend


class CreditMonitor(models.AbstractModel):
    """Suspension by policy: who is overdue for too long gets no credit until people lift that."""

    _inherit = "o2c.credit.monitor"

    @api.model
    def _suspend(self, company, subjects):
        """Suspend customers, or groups, with an item overdue by more days than their policy allows.

        What the approvers of a lifting knew suspends nobody again: only an item that passed the
        threshold after the lifting does.
        :return: the applications, approved by the policy
        """
        applications = self.env["o2c.credit.application"]
        due = [subject for subject in subjects if self._is_suspension_due(subject)]
        if not due:
            return applications
        days = self._get_days_after_lifting(company, due)
        due = [
            subject for subject in due
            if days.get(subject.record.id, subject.figures.oldest_days)
            > subject.policy.suspend_overdue_days
        ]
        if not due:
            return applications
        self._mark_policies(due)
        return applications._suspend_by_policy(company, [
            (subject.record, subject.policy, subject.figures) for subject in due])

    @api.model
    def _is_suspension_due(self, subject):
        """Credit that is in force, not suspended, and an item that is overdue for too long."""
        return (
            must_suspend(subject.figures, self._get_thresholds(subject.policy))
            and bool(subject.terms["credit_limit_id"])
            and not subject.terms["credit_suspended"]
        )

    @api.model
    def _get_days_after_lifting(self, company, due):
        """Days of the oldest item that passed the threshold after the last lifting.

        :return: ``{id of the customer or group: days}`` of those whose suspension was ever lifted; 0 where
            all that is overdue was overdue then
        """
        self.env.flush_all()
        ids = [subject.record.id for subject in due]
        rows = self.env.execute_query(SQL(
            """
            SELECT lifted.subject_id, COALESCE(MAX(claims.days_overdue) FILTER (
                       WHERE claims.date_due + lifted.days >= lifted.day), 0)
              FROM (SELECT asked.subject_id, asked.days, MAX(granted.date_from) AS day
                      FROM unnest(%(ids)s, %(days)s) AS asked (subject_id, days)
                      JOIN o2c_credit_limit granted ON %(granted)s = asked.subject_id
                     WHERE granted.company_id = %(company)s AND granted.kind = 'lifting'
                     GROUP BY asked.subject_id, asked.days) lifted
              LEFT JOIN (%(claims)s) claims ON claims.subject_id = lifted.subject_id
             GROUP BY lifted.subject_id
            """,
            ids=ids,
            granted=SQL.identifier("granted", due[0].field),
            days=[subject.policy.suspend_overdue_days for subject in due],
            company=company.id,
            claims=self._sql_subject_claims(company, due[0].field, ids),
        ))
        return dict(rows)

    @api.model
    def _sql_subject_claims(self, company, field, ids):
        """Open items with ``subject_id``: the customer, or the group of the customer."""
        is_group = field == "corporate_group_id"
        members = self.env["res.partner"].with_context(active_test=False)
        partner_ids = members.search([("o2c_corporate_group_id", "in", ids)]).ids if is_group else ids
        return SQL(
            """SELECT claims.*, %(subject)s AS subject_id
                 FROM (%(claims)s) claims JOIN res_partner member ON member.id = claims.partner_id""",
            subject=SQL("member.o2c_corporate_group_id") if is_group else SQL("member.id"),
            claims=self._sql_open_items(company, partner_ids),
        )
