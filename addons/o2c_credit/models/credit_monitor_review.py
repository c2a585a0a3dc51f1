from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL, format_date

from .credit_monitor_watch import QUIET

ACTIVITY_TYPE = "o2c_credit.mail_activity_type_review"
# Kinds that give a customer new regular terms, and by them a new day of review.
REGULAR = ("first", "review", "raise", "cut")


class CreditMonitor(models.AbstractModel):
    """Grades that end soon: a review is opened, with a score of today (K3)."""

    _inherit = "o2c.credit.monitor"

    @api.model
    def _open_reviews(self, company, subjects):
        """Draft the reviews of customers or groups whose grade ends within the notice of their policy.

        One review per grade: an officer who cancels the draft has decided, and gets no other.
        :return: the applications
        """
        due = [subject for subject in subjects if self._is_review_due(subject)]
        if not due:
            return self.env["o2c.credit.application"]
        known = self._get_reviewed_ids(company, due)
        due = [subject for subject in due if subject.record.id not in known]
        if not due:
            return self.env["o2c.credit.application"]
        scores = self._score_due(company, due)
        applications = self.env["o2c.credit.application"].with_context(**QUIET)._draft_many(company, [
            self._prepare_review_vals(company, subject, scores) for subject in due
        ])
        self.env["o2c.register"]._log_many([
            {
                "record": application,
                "event": "review_opened",
                "message": self.env._(
                    "Review opened: the grade of %(customer)s ends on %(day)s",
                    customer=subject.record.name, day=subject.terms["credit_review_date"]),
                "partner": application.partner_id,
                "company": company,
                "policy": subject.policy,
            }
            for application, subject in zip(applications, due, strict=True)
        ])
        self._mark_policies(due)
        self._tell_reviews(company, applications)
        return applications

    @api.model
    def _is_review_due(self, subject):
        day = subject.terms["credit_review_date"]
        if not (day and subject.policy and subject.terms["credit_limit_valid"]):
            return False
        last = subject.figures.today + timedelta(days=subject.policy.notice_days)
        return day <= str(last)

    @api.model
    def _get_reviewed_ids(self, company, due):
        """Customers, or groups, with an open application for regular terms, or one since the notice began."""
        since = {
            subject.record.id: str(
                self._to_date(subject.terms["credit_review_date"])
                - timedelta(days=subject.policy.notice_days))
            for subject in due
        }
        rows = self.env.execute_query(SQL(
            """
            SELECT %(subject)s
              FROM o2c_credit_application application
              JOIN unnest(%(ids)s, %(days)s::date[]) AS due (subject_id, since)
                ON due.subject_id = %(subject)s
             WHERE application.company_id = %(company)s AND application.kind IN %(kinds)s
               AND (application.state IN ('draft', 'requested') OR application.create_date >= due.since)
            """,
            subject=SQL.identifier("application", due[0].field),
            ids=list(since), days=list(since.values()), company=company.id, kinds=REGULAR,
            to_flush=self.env["o2c.credit.application"]._fields["state"],
        ))
        return {subject_id for [subject_id] in rows}

    @api.model
    def _to_date(self, text):
        return self.env["o2c.credit.limit"]._fields["review_date"].to_date(text)

    @api.model
    def _score_due(self, company, due):
        """Score of today of each customer whose policy has a scorecard: ``{partner id: score}``.

        Of groups none, since their members are scored.
        """
        partners = self.env["res.partner"].union(*(
            subject.record for subject in due
            if subject.field == "partner_id" and subject.policy.factor_ids))
        if not partners:
            return {}
        scores = self.env["o2c.credit.score"]._score(company, partners, company._o2c_today())
        return {score.partner_id.id: score for score in scores}

    @api.model
    def _prepare_review_vals(self, company, subject, scores):
        score = scores.get(subject.record.id)
        return {
            **subject.vals,
            "company_id": company.id,
            "kind": "review",
            "score_id": score.id if score else False,
            "reason": self.env._(
                "The grade ends on %s.",
                format_date(self.env, self._to_date(subject.terms["credit_review_date"]))),
        }

    @api.model
    def _tell_reviews(self, company, applications):
        """One activity for the officer of each customer or group."""
        officers = self._get_officers(company, applications.partner_id or applications.corporate_group_id)
        activity_type = self.env.ref(ACTIVITY_TYPE)
        model_id = self.env["ir.model"]._get_id(applications._name)
        self.env["mail.activity"].with_context(**QUIET).create([
            {
                "res_model_id": model_id,
                "res_id": application.id,
                "activity_type_id": activity_type.id,
                "user_id": officer.id,
                "date_deadline": company._o2c_today(),
                "summary": self.env._("Review the credit of %s", application._get_subject().name),
                "note": application.reason,
            }
            for application in applications
            for officer in officers[application._get_subject().id].filtered("active")
        ])
