"""Scores: each factor explained, missing data by rule, nothing after the day, nobody writes them."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..rules.source import Source
from .scorecard_common import ScorecardCase, numbers

# One statement for each provider: payment, answers, trade; policies and their factors.
QUERIES = 20


@tagged("post_install", "-at_install")
class TestScore(ScorecardCase):
    def _line(self, score, name):
        return score.line_ids.filtered(lambda line: line.factor_id.name == name)

    # === RESULT === #

    def test_score_lists_each_factor_with_value_points_and_reason(self):
        self.make_invoice(600.0, date="2026-01-05", due="2026-02-04", paid="2026-02-01")
        self.make_invoice(400.0, date="2026-01-06", due="2026-02-05", paid="2026-03-01")
        self.answer("strong")
        score = self.score()
        # 60 % on time: 50 of 100 points; Strong: 100; since January: 20.
        self.assertRecordValues(
            score.line_ids,
            [
                {"value": 60.0, "points": 50.0, "share": 50.0, "contribution": 25.0, "is_missing": False},
                {"value": 0.0, "points": 100.0, "share": 30.0, "contribution": 30.0, "is_missing": False},
                {"value": 5.0, "points": 20.0, "share": 20.0, "contribution": 4.0, "is_missing": False},
            ],
        )
        self.assertEqual((score.score, score.grade_id.name, score.missing_count), (59.0, "C", 0))
        self.assertEqual(score.line_ids.mapped("value_text"), ["60 %", "Strong", "5 months"])
        self.assertEqual(
            score.line_ids[0].why,
            "60 % (from 50 to below 90) gives 50 of 100 points; it decides 50% of the score.",
        )
        self.assertEqual(
            self._line(score, "Management").why,
            "The answer “Strong” gives 100 of 100 points; it decides 30% of the score.",
        )
        self.assertTrue(self.policy.is_used)

    def test_missing_values_count_by_their_rule_and_say_so(self):
        score = self.score()
        self.assertRecordValues(
            score.line_ids,
            [
                {"is_missing": True, "points": 40.0, "share": 50 / 70 * 100},
                {"is_missing": True, "points": 0.0, "share": 0.0},
                {"is_missing": True, "points": 0.0, "share": 20 / 70 * 100},
            ],
        )
        self.assertAlmostEqual(score.score, 40 * 50 / 70, places=2)
        self.assertEqual(score.missing_count, 3)
        self.assertIn("nothing was paid in the twelve months before", score.line_ids[0].why)
        self.assertIn("40 neutral points", score.line_ids[0].why)
        self.assertIn("left out", score.line_ids[1].why)
        self.assertIn("no points", score.line_ids[2].why)

    def test_indispensable_value_missing_means_no_score(self):
        policy = self.make_policy(
            [{**self.get_factors()[0], "missing_rule": "refuse"}, self.get_factors()[2]], name="Strict"
        )
        found = self.scores._evaluate(self.company, self.customer, self.today, policy=policy)
        [evaluation] = found.values()
        self.assertEqual(evaluation.refusals, ("Paid on time: nothing was paid in the twelve months before",))
        self.assertFalse(self.score(policy=policy))
        self.assertFalse(policy.is_used, "nothing was judged")

    def test_customer_without_policy_is_not_scored(self):
        found = self.scores._evaluate(self.company, self.customer, self.today - relativedelta(years=30))
        self.assertIn("no credit policy was in force", found[self.customer.id].refusals[0])
        with self.assertRaisesRegex(UserError, "is a draft"):
            self.score(policy=self.make_policy(in_force=False))

    def test_answer_that_is_no_option_any_more_is_missing(self):
        self.answer("strong")
        action = self.policy.with_user(self.policy_admin).action_new_version()
        draft = self.env["o2c.credit.policy"].browse(action["res_id"])
        management = self.get_factor("Management", draft)
        self.assertEqual(management.code, "management")
        management._get_option("strong").unlink()
        draft.action_put_in_force()
        score = self.score()
        self.assertEqual(score.policy_id, draft)
        self.assertTrue(self._line(score, "Management").is_missing)
        self.assertIn("strong is no answer of the scorecard any more", self._line(score, "Management").why)

    def test_same_inputs_write_nothing_and_changed_inputs_a_new_sheet(self):
        first = self.score()
        entries = self.env["o2c.register"].search_count([("event", "=", "credit_scored")])
        self.assertEqual(self.score(), first)
        self.assertEqual(self.env["o2c.register"].search_count([("event", "=", "credit_scored")]), entries)
        self.answer("weak")
        second = self.score()
        self.assertGreater(second.id, first.id)
        self.answer("strong")
        third = self.score()
        self.answer("weak")
        fourth = self.score()
        self.assertEqual(fourth.score, second.score)
        self.assertGreater(fourth.id, third.id, "the latest sheet is that of the latest inputs")
        self.assertEqual(self.scores._get_latest(self.company, self.customer), fourth)
        self.assertTrue(fourth.is_latest)
        self.assertFalse(third.is_latest)
        self.assertIn(fourth, self.scores.search([("is_latest", "=", True)]))
        self.assertNotIn(third, self.scores.search([("is_latest", "=", True)]))

    def test_fingerprint_changes_with_the_inputs_and_not_with_time(self):
        score = self.score(date=self.today - timedelta(days=10))
        before = score._get_inputs_fingerprint()
        self.assertEqual(score._get_inputs_fingerprint(), before)
        self.assertFalse(score._is_outdated())
        self.answer("strong")
        self.assertNotEqual(score._get_inputs_fingerprint(), before, "evidence of today counts")
        self.assertFalse(score._is_outdated(), "ten days ago nobody had answered")
        with_answer = score._get_inputs_fingerprint()
        long_ago = self.today - timedelta(days=100)
        self.make_invoice(10.0, date=long_ago, due=long_ago)
        self.assertTrue(score._is_outdated(), "the relation is longer than was known")
        self.assertNotEqual(score._get_inputs_fingerprint(), with_answer)

    def test_nothing_after_the_day_counts(self):
        self.make_invoice(100.0, date="2025-01-10", due="2025-02-09", paid="2025-06-01")
        self.make_invoice(900.0, date="2025-05-02", due="2025-06-01")
        sources = ("overdue_days", "overdue_share", "on_time_amount", "monthly_sales", "relation_months")
        policy = self.make_policy(
            [{"name": key, "source": key, "weight": 1, "band_ids": numbers((0, 50))} for key in sources],
            name="Figures",
        )

        def values(day):
            score = self.score(date=self.today.replace(*day), policy=policy)
            return {line.factor_id.source: None if line.is_missing else line.value for line in score.line_ids}

        april = values((2025, 4, 30))
        self.assertEqual(april["overdue_days"], 80, "paid later is open")
        self.assertEqual(april["overdue_share"], 100.0)
        self.assertIsNone(april["on_time_amount"])
        self.assertAlmostEqual(april["monthly_sales"], 100.0 / 12, places=3)
        june = values((2025, 6, 1))
        self.assertEqual((june["overdue_days"], june["on_time_amount"]), (0, 0.0))
        self.assertAlmostEqual(june["monthly_sales"], 1000.0 / 12, places=3)
        self.assertEqual(values((2025, 6, 2))["overdue_days"], 1)
        self.assertEqual(set(values((2024, 12, 31)).values()), {None})

    # === SET-BASED === #

    def test_number_of_queries_does_not_depend_on_the_number_of_customers(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Shop {number}", "is_company": True} for number in range(60)]
        )
        scores = self.scores.with_user(self.officer)
        scores._evaluate(self.company, customers[:1], self.today)
        self.env.flush_all()
        for some in (customers[:1], customers):
            self.env.invalidate_all()
            with self.assertQueryCount(QUERIES), self.subTest(customers=len(some)):
                scores._evaluate(self.company, some, self.today)

    # === EXTENSION === #

    def test_module_adds_a_source_by_one_method(self):
        def provide(question):
            return {question.partner_ids[0]: {"moon": 3}}

        original = type(self.env["o2c.credit.source"])._get_source_list

        def extended(registry):
            return [*original(registry), Source("moon", "Phase of the moon", provide, unit="days")]

        self.patch(type(self.env["o2c.credit.source"]), "_get_source_list", extended)
        policy = self.make_policy(
            [{"name": "Moon", "source": "moon", "weight": 1, "band_ids": numbers((0, 0), (3, 80))}],
            name="Lunar",
        )
        score = self.score(policy=policy)
        self.assertEqual((score.score, score.line_ids.value_text), (80.0, "3 days"))

    def test_promises_count_once_a_module_records_them(self):
        policy = self.make_policy(
            [
                {
                    "name": "Promises",
                    "source": "broken_promises",
                    "weight": 1,
                    "missing_rule": "neutral",
                    "missing_points": 55,
                    "band_ids": numbers((0, 100), (1, 30)),
                }
            ],
            name="Promises",
        )
        self.assertEqual(self.score(policy=policy).score, 55.0, "not recorded is not zero")

    # === PEOPLE === #

    def test_officer_scores_and_salesperson_only_reads(self):
        action = self.customer.with_user(self.officer).action_o2c_score()
        score = self.scores.browse(action["res_id"])
        self.assertEqual(score.create_uid, self.officer)
        self.assertEqual(score.with_user(self.seller).line_ids.mapped("is_missing"), [True] * 3)
        self.assertTrue(score.with_user(self.seller).line_ids[0].why)
        self.assertIn("D", self.customer.with_user(self.seller).o2c_credit_score_text)
        self.assertEqual(score.with_user(self.auditor).score, score.score)
        count = self.scores.search_count([])
        for user in (self.seller, self.auditor, self.policy_admin):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.customer.with_user(user).action_o2c_score()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.customer.with_user(user).action_o2c_answers()
        self.assertEqual(self.scores.search_count([]), count)

    def test_salesperson_reads_no_scores_of_colleagues(self):
        other = self.make_customer("Other Shop", user_id=self.officer.id)
        score = self.score(self.customer | other)
        self.assertEqual(self.scores.with_user(self.seller).search([("id", "in", score.ids)]), score[0])
        self.assertFalse(other.with_user(self.seller).o2c_credit_score_text)
        with self.assertRaises(AccessError):
            score[1].with_user(self.seller).read(["score"])

    def test_nobody_writes_creates_deletes_or_copies_scores(self):
        score = self.score()
        line = score.line_ids[0]
        before = (score.score, line.points, self.scores.search_count([]))
        for user in (self.officer, self.seller, self.policy_admin, self.env.user):
            for attempt in (
                lambda user=user: score.with_user(user).write({"score": 99.0}),
                lambda user=user: line.with_user(user).write({"points": 99.0}),
                lambda user=user: score.with_user(user).unlink(),
                lambda user=user: line.with_user(user).unlink(),
                lambda user=user: score.with_user(user).copy(),
                lambda user=user: score.with_user(user).create(
                    {"partner_id": self.customer.id, "company_id": self.company.id, "score": 99.0}
                ),
                lambda user=user: line.with_user(user).create(
                    {"score_id": score.id, "factor_id": line.factor_id.id}
                ),
                lambda user=user: score.with_user(user).write({"line_ids": [Command.clear()]}),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    attempt()
        self.env.invalidate_all()
        self.assertEqual((score.score, line.points, self.scores.search_count([])), before)
        self.assertEqual(self.scores._guard_get_weaknesses(), [])
        self.assertEqual(line._guard_get_weaknesses(), [])

    def test_customer_of_another_company_is_not_scored(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.make_customer("Stranger", company_id=other.id)
        with self.assertRaises(AccessError):
            stranger.with_user(self.officer).action_o2c_score()
        both = self.make_user("score_both", "o2c_base.group_credit_officer")
        both.company_ids = [Command.link(other.id)]
        with self.assertRaisesRegex(AccessError, "another company"):
            stranger.with_user(both).with_context(
                allowed_company_ids=[self.company.id, other.id]
            ).action_o2c_score()
        with self.assertRaises(AccessError):
            self.customer.with_user(self.officer).with_context(
                allowed_company_ids=[other.id]
            ).action_o2c_score()
        self.assertFalse(self.scores.search([("partner_id", "=", stranger.id)]))

    def test_score_of_another_company_is_not_read(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        score = self.score()
        foreign = self.make_user("score_foreign", "o2c_base.group_credit_officer", other)
        self.assertFalse(self.scores.with_user(foreign).search([("id", "=", score.id)]))
        with self.assertRaises(AccessError):
            score.with_user(foreign).read(["score"])
        with self.assertRaises(AccessError):
            score.with_user(foreign).action_score_again()

    # === PAPER === #

    def test_score_sheet_prints_every_factor(self):
        score = self.score()
        html, __ = (
            self.env["ir.actions.report"]
            .with_user(self.seller)
            ._render_qweb_html("o2c_credit.credit_score_document", score.ids)
        )
        text = html.decode()
        for name in ("Paid on time", "Management", "Length of the relation", "Corner Shop"):
            self.assertIn(name, text)
        self.assertIn("40 neutral points", text)
