"""A grading against the terms in force: who is graded, and whose terms would change."""

from freezegun import freeze_time
from odoo import Command
from odoo.tests import tagged

from .common import CreditCase
from .scorecard_common import numbers


@tagged("post_install", "-at_install")
class TestGradingTerms(CreditCase):
    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time("2026-06-30 10:00:00"))
        super().setUpClass()
        fixed = {"limit_method": "fixed", "period_days": 30, "may_change_limit": True}
        cls.policy = cls.make_policy(
            [
                ("aaa", {**fixed, "score_from": 90, "limit_floor": 10000.0}),
                ("d", {**fixed, "score_from": 0, "is_cash_only": True}),
            ],
            sequence=-10,
            factor_ids=[
                Command.create(
                    {
                        "name": "Oldest overdue item",
                        "source": "overdue_days",
                        "weight": 1,
                        "band_ids": numbers((0, 100), (30, 0)),
                    }
                )
            ],
        )
        cls.other = cls.env["res.partner"].create({"name": "Other Shop", "is_company": True})
        cls.both = cls.customer | cls.other
        for partner in cls.both:
            cls.make_invoice(
                500.0,
                partner=partner,
                date="2026-06-01",
                invoice_date_due="2026-07-15",
                invoice_payment_term_id=False,
            )

    def run_grading(self, customers="chosen", **values):
        grading = (
            self.env["o2c.credit.grading"]
            .with_user(self.officer)
            .create({"customers": customers, "partner_ids": [Command.set(self.both.ids)], **values})
        )
        grading.action_start()
        while grading.sudo()._run_batch():
            pass
        return grading

    def grant_by_grading(self):
        """Terms of the customer, drafted by a grading and approved by people."""
        grading = self.run_grading(partner_ids=[Command.set(self.customer.ids)], draft_applications=True)
        [application] = grading.line_ids.application_id
        application.with_user(self.officer).action_submit()
        self.sign(application)
        return application

    def test_first_grade_becomes_terms_through_approval(self):
        application = self.grant_by_grading()
        self.assertRecordValues(
            application,
            [
                {
                    "kind": "first",
                    "state": "approved",
                    "amount": 10000.0,
                    "grade_id": self.env.ref("o2c_credit.grade_aaa").id,
                }
            ],
        )
        self.assertIn(self.officer, application.contributor_ids, "who starts a grading decides on none of it")

    def test_terms_that_stay_need_no_application(self):
        self.grant_by_grading()
        again = self.run_grading(draft_applications=True)
        mine = again.line_ids.filtered(lambda line: line.partner_id == self.customer)
        self.assertEqual((mine.change, mine.current_grade_id.name), ("same", "AAA"))
        self.assertFalse(mine.application_id)
        self.assertEqual(again.application_count, 1, "the other customer has no terms yet")

    def test_other_limit_of_the_same_grade_is_drafted(self):
        self.grant_by_grading()
        draft = self.env["o2c.credit.policy"].browse(self.policy.action_new_version()["res_id"])
        draft.grade_line_ids.filtered(lambda line: line.score_from == 90).limit_floor = 20000.0
        draft.action_put_in_force()
        again = self.run_grading(partner_ids=[Command.set(self.customer.ids)], draft_applications=True)
        self.assertRecordValues(again.line_ids, [{"change": "same", "outcome": "graded"}])
        application = again.line_ids.application_id
        self.assertEqual(
            (application.kind, application.amount, application.state), ("review", 20000.0, "draft")
        )
        self.assertEqual(
            self.env["o2c.credit.limit"]._get_limit_amount(self.company, self.customer),
            10000.0,
            "a grading grants nothing",
        )

    def test_worse_grade_is_a_review_and_grants_nothing_by_itself(self):
        terms = self.grant_by_grading().limit_id
        with freeze_time("2026-08-20 10:00:00"):
            grading = self.run_grading(partner_ids=[Command.set(self.customer.ids)], draft_applications=True)
            [line] = grading.line_ids
            self.assertEqual((line.change, line.grade_id.name, line.score), ("worse", "D", 0.0))
            self.assertEqual(grading.changed_count, 1)
            self.assertRecordValues(
                line.application_id, [{"kind": "review", "is_cash_only": True, "amount": 0.0}]
            )
            current = self.env["o2c.credit.limit"]._get_terms(self.company, self.customer)
            self.assertEqual(current, terms)

    def test_ungraded_and_expiring_follow_the_terms(self):
        terms = self.grant_by_grading().limit_id
        self.assertEqual(str(terms.review_date), "2026-12-29")
        ungraded = self.run_grading("ungraded").line_ids.partner_id
        self.assertIn(self.other, ungraded)
        self.assertNotIn(self.customer, ungraded)
        with freeze_time("2026-12-10 10:00:00"):
            self.assertEqual(self.run_grading("expiring").line_ids.partner_id, self.customer)
        with freeze_time("2027-01-02 10:00:00"):
            self.assertIn(self.customer, self.run_grading("ungraded").line_ids.partner_id)

    def test_older_day_drafts_nothing_where_a_later_score_exists(self):
        self.run_grading()
        past = self.run_grading(date="2026-06-10", draft_applications=True)
        self.assertEqual(past.graded_count, 2)
        self.assertFalse(past.line_ids.application_id)
