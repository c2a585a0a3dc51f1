import doctest
from datetime import timedelta

from odoo import Command
from odoo.addons.o2c_credit.rules import limit_formula, strictest
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestApplication(CreditCase):
    """What may be proposed under a policy, and what an approval is good for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.make_policy(
            [
                (
                    "a",
                    {
                        "score_from": 60.0,
                        "limit_months": 2.0,
                        "limit_floor": 100.0,
                        "limit_ceiling": 5000.0,
                        "period_days": 45,
                        "tolerance": 2.0,
                        "cover": 10.0,
                        "may_change_limit": False,
                    },
                ),
                (
                    "b",
                    {
                        "score_from": 30.0,
                        "limit_method": "fixed",
                        "limit_floor": 900.0,
                        "period_days": 30,
                        "may_change_grade": True,
                        "may_change_limit": True,
                        "may_change_period": True,
                    },
                ),
                ("d", {"score_from": 0.0, "is_cash_only": True, "limit_method": "fixed"}),
            ],
            factor_ids=[
                Command.create(
                    {
                        "name": "Opinion",
                        "source": "answer",
                        "weight": 100.0,
                        "band_ids": [
                            Command.create({"option": name, "points": points})
                            for name, points in (("Good", 100.0), ("Fair", 40.0), ("Poor", 0.0))
                        ],
                    }
                )
            ],
        )

    def answer(self, name):
        """The officer's answer, and the score that follows."""
        factor = self.policy.factor_ids
        band = factor.band_ids.filtered(lambda band: band.option == name)
        answers = self.env["o2c.credit.answer"].with_user(self.officer)
        answers._answer(self.company, self.customer, {factor: band})

    def scored(self, name, **values):
        self.answer(name)
        today = self.company._o2c_today()
        self.env["o2c.credit.score"].with_user(self.officer)._score(self.company, self.customer, today)
        return (
            self.env["o2c.credit.application"]
            .with_user(self.officer)
            .create({"partner_id": self.customer.id, **values})
        )

    def assertObjected(self, application, text):
        with self.assertRaisesRegex(ValidationError, text):
            application.action_submit()
        self.assertEqual(application.state, "draft")
        self.assertFalse(application.sudo().o2c_request_ids)
        self.assertIn(text, application.objection_text)

    # === PROPOSAL === #

    def test_rules_are_true(self):
        for module in (limit_formula, strictest):
            failed, tried = doctest.testmod(module)
            self.assertGreater(tried, 0)
            self.assertEqual(failed, 0)

    def test_proposal_follows_score_and_policy(self):
        self.make_invoice(12000.0)
        application = self.scored("Good")
        self.assertRecordValues(
            application,
            [
                {
                    "kind": "first",
                    "policy_id": self.policy.id,
                    "score_grade_id": self.grade("a").id,
                    "grade_id": self.grade("a").id,
                    "formula_amount": 2000.0,
                    "amount": 2000.0,
                    "period_days": 45,
                    "tolerance": 2.0,
                    "cover": 10.0,
                    "is_cash_only": False,
                }
            ],
        )
        self.assertIn("2 months", application.formula_text)
        application.action_submit()
        self.sign(application)
        self.assertRecordValues(
            application.limit_id,
            [{"grade_id": self.grade("a").id, "amount": 2000.0, "cover": 10.0, "policy_id": self.policy.id}],
        )
        self.assertTrue(self.policy.is_used)

    def test_a_poor_score_proposes_cash_only(self):
        application = self.scored("Poor")
        self.assertRecordValues(
            application, [{"grade_id": self.grade("d").id, "amount": 0.0, "is_cash_only": True}]
        )

    def test_limit_beyond_the_formula_needs_the_policys_leave(self):
        self.assertObjected(self.scored("Good", amount=100.01), "the policy allows no other")
        application = self.scored("Good", amount=90.0)
        application.action_submit()
        self.assertEqual(application.state, "requested", "less is always allowed")
        application = self.scored("Fair", amount=5000.0)
        application.action_submit()
        self.assertEqual(application.state, "requested", "grade B may differ")

    def test_period_and_fixed_terms_beyond_the_policy(self):
        self.assertObjected(self.scored("Good", period_days=46), "45 days")
        self.assertObjected(self.scored("Good", tolerance=3.0), "Tolerance")
        self.assertObjected(self.scored("Good", cover=9.0), "Cover")
        late = self.company._o2c_today() + timedelta(days=400)
        self.assertObjected(self.scored("Good", review_date=late), "Grade valid until")
        application = self.scored("Fair", period_days=60)
        application.action_submit()
        self.assertEqual(application.state, "requested")

    def test_cash_only_stays_cash_only(self):
        self.assertObjected(self.scored("Poor", is_cash_only=False, amount=10.0), "Cash only")
        self.assertObjected(self.scored("Poor", amount=10.0), "cash only means no limit")

    def test_better_grade_than_the_score_needs_the_policys_leave(self):
        application = self.scored("Fair", grade_id=self.grade("a").id)
        application.action_submit()
        self.assertEqual(application.state, "requested", "grade B may differ")
        self.assertObjected(self.scored("Poor", grade_id=self.grade("a").id), "the score earns grade D")

    def test_grade_without_a_score(self):
        self.assertObjected(self.make_application(50.0, grade_id=self.grade("a").id), "needs a score")

    def test_score_of_another_customer_or_of_long_ago(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        application = self.scored("Good")
        mine = application.score_id
        self.assertObjected(
            self.make_application(50.0, partner=other, score_id=mine.id, grade_id=self.grade("a").id),
            "another customer",
        )

    def test_payment_term_fits_the_period(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "50 days",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 50})],
            }
        )
        self.assertObjected(self.scored("Good", payment_term_id=term.id), "50 days")

    # === APPROVAL === #

    def test_approval_lapses_when_an_input_of_the_score_changes(self):
        application = self.scored("Good")
        application.action_submit()
        request = application.o2c_request_id
        self.answer("Poor")
        request.with_user(self.manager).action_approve("On old facts")
        self.assertEqual((request.state, application.state), ("lapsed", "draft"))
        self.assertFalse(self.env["o2c.credit.limit"]._get_terms(self.company, self.customer))

    def test_terms_written_behind_the_form_make_the_approval_lapse(self):
        application = self.scored("Fair", amount=500.0)
        application.action_submit()
        request = application.o2c_request_id
        application.sudo()._guarded_write({"amount": 9000.0})
        request.with_user(self.manager).action_approve("Five hundred")
        self.assertEqual((request.state, application.state), ("lapsed", "draft"))

    def test_salesperson_is_told(self):
        application = self.scored("Fair")
        application.action_submit()
        self.sign(application)
        told = application.message_ids.filtered(lambda m: self.seller.partner_id in m.notified_partner_ids)
        self.assertIn("Approved", "".join(told.mapped("body")))

    def test_amount_for_the_authority_table(self):
        application = self.scored("Fair", amount=700.0)
        self.assertEqual(application._get_approval_amount(), 700.0)
        application.action_submit()
        self.sign(application)
        for kind, amount in (("suspension", 0.0), ("raise", 800.0), ("cut", 0.0)):
            proposed = 800.0 if kind == "raise" else 600.0
            values = {} if kind == "suspension" else {"amount": proposed}
            self.assertEqual(self.make_application(**values, kind=kind)._get_approval_amount(), amount)

    def test_screen_shows_the_dossier(self):
        self.make_invoice(300.0)
        application = self.scored("Good")
        for reader in (self.officer, self.manager, self.director, self.seller, self.auditor):
            seen = application.with_user(reader)
            self.assertIn("300.00", seen.exposure_html)
            self.assertIn("Not due", seen.ageing_html)
            self.assertIn("300.00", seen.behaviour_html)
            self.assertIn("Credit file", seen.file_html)
            self.assertIn("Proposed", seen.terms_html)
        self.assertEqual(application.score_line_ids.mapped("points"), [100.0])

    def test_auditor_changes_nothing(self):
        application = self.scored("Good")
        with self.assertRaises(AccessError):
            application.with_user(self.auditor).reason = "Hm"


@tagged("post_install", "-at_install", "o2c")
class TestApplicationBatch(CreditCase):
    """Many applications are submitted and approved in one call."""

    def setUp(self):
        super().setUp()
        self.officer.email = "officer@example.com"
        self.manager.email = "manager@example.com"

    def submit(self, number):
        """So many applications of new customers; their requests, and the queries each cost."""
        partners = self.env["res.partner"].create(
            [{"name": f"Batch {number}-{n}", "is_company": True} for n in range(number)]
        )
        drafts = self.env["o2c.credit.application"].union(
            *(self.make_application(100.0, partner=partner, kind="first") for partner in partners)
        )
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        drafts.action_submit()
        self.env.flush_all()
        return drafts.sudo().o2c_request_id, (self.env.cr.sql_log_count - start) / number

    def test_deciders_of_a_batch_get_activities_and_no_mail_each(self):
        mails = self.env["mail.mail"].sudo()
        messages = self.env["mail.message"].sudo()
        [single], _cost = self.submit(1)
        told = messages.search_count([("model", "=", "o2c.request"), ("res_id", "=", single.id)])
        requests, cost = self.submit(6)
        self.assertEqual(set(requests.mapped("state")), {"pending"})
        for request in requests:
            self.assertEqual(request.activity_ids.user_id, single.activity_ids.user_id)
            self.assertLess(
                messages.search_count([("model", "=", "o2c.request"), ("res_id", "=", request.id)]), told
            )
        self.assertFalse(mails.search([("model", "=", "o2c.request"), ("res_id", "in", requests.ids)]))
        self.assertLessEqual(cost, 70)

    def test_batch_is_approved_in_one_call(self):
        requests, _cost = self.submit(6)
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        requests.with_user(self.manager).action_approve("fine")
        self.env.flush_all()
        self.assertEqual(set(requests.mapped("state")), {"approved"})
        self.assertLessEqual((self.env.cr.sql_log_count - start) / 6, 125)

    def test_who_countersigns_opens_the_application(self):
        """Sales managers sign limits, and salespeople read them; neither reads the credit policy."""
        head = self.make_user("head", "sales_team.group_sale_manager")
        self.make_policy([("b", {"limit_method": "fixed", "limit_floor": 500.0, "period_days": 30,
                                 "may_change_grade": True})])  # fmt: skip
        application = self.make_application(500.0, grade_id=self.grade("b").id, period_days=30)
        names = [name for name in application._fields if name.startswith(("formula_", "score_", "amount"))]
        expected = application.read(["formula_amount", "formula_text"])[0]
        self.assertEqual(expected["formula_amount"], 500.0)
        for user in (head, self.seller):
            self.env.invalidate_all()
            found = application.with_user(user).read(names)[0]
            self.assertEqual(found["formula_text"], expected["formula_text"])
