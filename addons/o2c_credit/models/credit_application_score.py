from datetime import timedelta

from odoo import models

SCORE_DAYS = 31


class CreditApplication(models.Model):
    """What the score sheet and the credit file have to say about an application."""

    _inherit = "o2c.credit.application"

    def _get_score_grade(self):
        """The grade that the score earns under the policy of today."""
        score = self.score_id.sudo()
        if not score:
            return super()._get_score_grade()
        return self.policy_id._get_grade_line(score.score).grade_id if self.policy_id else score.grade_id

    def _get_net_worth(self):
        """Net worth of the latest year in the credit file, in company currency."""
        figure = self._get_file().figure_ids.sorted("year", reverse=True)[:1]
        net_worth = figure._get_ratios()["net_worth"] if figure else None
        if net_worth is None:
            return super()._get_net_worth()
        company = self.company_id
        return figure.currency_id._convert(net_worth, company.currency_id, company, company._o2c_today())

    def _get_term_objections(self):
        """A score is of the customer, and of these days."""
        yield from super()._get_term_objections()
        score = self.score_id.sudo()
        if not score:
            return
        if score.company_id != self.company_id or score.partner_id not in self._get_customers():
            yield self.env._("the score is of another customer or company.")
        elif score.date < self.company_id._o2c_today() - timedelta(days=SCORE_DAYS):
            yield self.env._(
                "the score of %(date)s is older than %(days)s days: score the customer again.",
                date=score.date,
                days=SCORE_DAYS,
            )

    def _get_score_fingerprint(self):
        """The score, and a hash of what it would be made of now."""
        score = self.score_id.sudo()
        if not score:
            return super()._get_score_fingerprint()
        return {
            **super()._get_score_fingerprint(),
            "score": score.id,
            "points": score.score,
            "inputs": score._get_inputs_fingerprint(),
        }

    def action_score(self):
        """Score the customer as of today, and let the grade follow."""
        self._check_officer()
        self._check_is_draft(self.env._("scored"))
        scores = self.env["o2c.credit.score"]
        for application in self.filtered("partner_id"):
            today = application.company_id._o2c_today()
            score = scores._score(application.company_id, application.partner_id, today)
            if score:
                application.score_id = score
        return True

    def _get_officer(self):
        """Who keeps the customer's credit: the officer of its file, else any officer of the company."""
        self.ensure_one()
        officer = self._get_file().officer_id
        if officer:
            return officer
        group = self.env.ref("o2c_base.group_credit_officer")
        users = self.env["res.users"].sudo()
        return users.search(
            [
                ("all_group_ids", "in", group.ids),
                ("company_ids", "in", self.company_id.ids),
                ("share", "=", False),
            ],
            order="id",
            limit=1,
        )
