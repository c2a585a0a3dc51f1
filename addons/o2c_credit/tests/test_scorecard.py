"""The scorecard as data: who edits it, what it refuses, how it is answered, and how it travels as a file."""

import copy
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.misc import file_open
from psycopg2 import IntegrityError

from .scorecard_common import ScorecardCase, answers, numbers


@tagged("post_install", "-at_install")
class TestScorecard(ScorecardCase):
    # === EDITING === #

    def test_policy_administrator_builds_a_scorecard_in_the_form(self):
        admin = self.env["o2c.credit.policy"].with_user(self.policy_admin)
        with Form(admin) as form:
            form.name = "Built"
            with form.factor_ids.new() as factor:
                factor.name = "Paid on time"
                factor.source = "on_time_amount"
                factor.weight = 60
                for floor, points in ((0, 0), (90, 100)):
                    with factor.band_ids.new() as band:
                        band.value_from = floor
                        band.points = points
            with form.factor_ids.new() as factor:
                factor.name = "Management of the company"
                factor.weight = 40
                for label, points in (("Very strong", 100), ("Weak", 0)):
                    with factor.band_ids.new() as band:
                        band.label = label
                        band.points = points
        policy = form.record
        self.assertEqual(policy.weight_total, 100)
        self.assertEqual(policy.factor_ids.mapped("share"), [60.0, 40.0])
        self.assertEqual(policy.factor_ids.mapped("code"), ["paid_on_time", "management_of_the_company"])
        self.assertEqual(policy.factor_ids.mapped("band_summary"), ["below 90: 0, from 90: 100",
                                                                    "Very strong: 100, Weak: 0"])  # fmt: skip
        self.assertEqual(policy.factor_ids[1].band_ids.mapped("option"), ["very_strong", "weak"])

    def test_scorecard_that_makes_no_sense_is_refused(self):
        factor = self.get_factors()[0]
        for values, text in (
            ({"band_ids": numbers((0, 0), (0, 10))}, "two bands from 0"),
            ({"band_ids": numbers((0, 101))}, "points go from 0 to 100"),
            ({"missing_points": 120}, "neutral points go from 0 to 100"),
            ({"source": "answer", "band_ids": [Command.create({"points": 3})]}, "needs a label"),
        ):
            with self.subTest(text), self.assertRaisesRegex(ValidationError, text):
                self.make_policy([{**factor, **values}], in_force=False, name=text)
        for values in (
            {"weight": 0},
            {"source": "answer", "band_ids": answers(("a", "A", 1), ("a", "Again", 2))},
        ):
            with (
                self.subTest(values),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
                self.assertLogs("odoo.sql_db", "ERROR"),
            ):
                self.make_policy([{**factor, **values}], in_force=False, name="Wrong")
        with self.assertRaisesRegex(ValidationError, "has no bands"):
            self.make_policy([{**factor, "band_ids": []}], name="Empty")

    def test_used_scorecard_is_not_edited_by_any_door(self):
        self.score()
        factor = self.get_factor("Paid on time")
        band = factor.band_ids[0]
        before = (factor.weight, factor.name, band.points, len(factor.band_ids), len(self.policy.factor_ids))
        admin = self.policy_admin
        spare = self.make_policy(in_force=False, name="Spare")
        for attempt in (
            lambda: factor.with_user(admin).write({"weight": 99}),
            lambda: band.with_user(admin).write({"points": 99}),
            lambda: band.with_user(admin).write({"factor_id": spare.factor_ids[0].id}),
            lambda: spare.factor_ids[0].with_user(admin).write({"policy_id": self.policy.id}),
            lambda: band.with_user(admin).unlink(),
            lambda: factor.with_user(admin).unlink(),
            lambda: factor.with_user(admin).copy(),
            lambda: factor.with_user(admin).update_field_translations("name", {"en_US": "Other"}),
            lambda: band.with_user(admin).update_field_translations("label", {"en_US": "Other"}),
            lambda: band.with_user(admin).create({"factor_id": factor.id, "points": 1, "value_from": 5}),
            lambda: self.policy.with_user(admin).write({"factor_ids": [Command.clear()]}),
            lambda: factor.create({"policy_id": self.policy.id, "name": "More", "source": "answer"}),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.env.invalidate_all()
        self.assertEqual(
            (factor.weight, factor.name, band.points, len(factor.band_ids), len(self.policy.factor_ids)),
            before,
        )

    def test_only_policy_administrators_edit_scorecards(self):
        draft = self.make_policy(in_force=False, name="Draft")
        for user in (self.officer, self.seller, self.auditor):
            for record, values in (
                (draft.factor_ids[0], {"weight": 99}),
                (draft.factor_ids[0].band_ids[0], {"points": 99}),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).write(values)
        self.assertTrue(draft.factor_ids.with_user(self.auditor).mapped("band_summary"))
        self.assertEqual(draft.factor_ids[0].weight, 50)

    def test_new_version_keeps_codes_and_texts_of_all_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        management = self.get_factor("Management")
        management.update_field_translations("name", {"zh_CN": "管理层"})
        management.band_ids[0].update_field_translations("label", {"zh_CN": "强"})
        self.score()
        action = self.policy.with_user(self.policy_admin).action_new_version()
        draft = self.env["o2c.credit.policy"].browse(action["res_id"])
        copied = self.get_factor("Management", draft)
        self.assertEqual((copied.code, copied.weight), (management.code, 30))
        self.assertEqual(copied.with_context(lang="zh_CN").name, "管理层")
        self.assertEqual(copied.band_ids[0].with_context(lang="zh_CN").label, "强")
        self.assertEqual(copied.band_ids.mapped("option"), ["strong", "weak"])

    # === ANSWERS === #

    def test_officer_answers_and_the_next_answer_follows(self):
        action = self.customer.with_user(self.officer).action_o2c_answers()
        wizard = self.env["o2c.credit.questionnaire"].with_user(self.officer).browse(action["res_id"])
        self.assertEqual(wizard.line_ids.factor_id.name, "Management", "only what an officer chooses")
        self.assertFalse(wizard.line_ids.band_id)
        weak = self.get_factor("Management").band_ids[1]
        with Form(wizard) as form:
            form.note = "Visit in June"
            with form.line_ids.edit(0) as line:
                line.band_id = weak
        result = wizard.action_save_and_score()
        [answer] = self.env["o2c.credit.answer"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(
            answer,
            [
                {
                    "company_id": self.company.id,
                    "factor_code": "management",
                    "option": "weak",
                    "question": "Management",
                    "answer": "Weak",
                    "note": "Visit in June",
                    "date": self.today,
                    "user_id": self.officer.id,
                }
            ],
        )
        score = self.scores.browse(result["res_id"])
        self.assertEqual(score.line_ids[1].option, "weak")
        entry = self.env["o2c.register"].search([("event", "=", "credit_answered")], limit=1)
        self.assertEqual((entry.user_ref, entry.partner_ref), (self.officer.id, self.customer.id))
        self.assertFalse(self.answer("weak"), "the same answer is not kept twice")
        self.answer("strong")
        known = self.env["o2c.credit.answer"]._get_latest(self.company, self.customer)
        self.assertEqual(known, {"management": "strong"})
        again = self.env["o2c.credit.questionnaire"].with_user(self.officer)
        self.assertEqual(again._open(self.company, self.customer).line_ids.band_id.option, "strong")

    def test_answer_given_later_does_not_count_for_an_earlier_day(self):
        self.answer("strong")
        yesterday = self.today.replace(day=29)
        answer = self.env["o2c.credit.answer"]
        self.assertEqual(answer._get_latest(self.company, self.customer, yesterday), {})
        self.assertTrue(self.score(date=yesterday).line_ids[1].is_missing)

    def test_nobody_but_officers_answers_and_nobody_edits_answers(self):
        for user in (self.seller, self.auditor, self.policy_admin):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.answer("strong", user=user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["o2c.credit.questionnaire"].with_user(user).create({"partner_id": self.customer.id})
        self.assertFalse(self.env["o2c.credit.answer"].search_count([]))
        answer = self.answer("weak")
        values = {
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "factor_code": "management",
            "option": "strong",
            "question": "Management",
            "answer": "Strong",
            "date": "2026-06-30",
            "user_id": self.officer.id,
        }
        for user in (self.officer, self.seller, self.env.user):
            for attempt in (
                lambda user=user: answer.with_user(user).write({"option": "strong"}),
                lambda user=user: answer.with_user(user).unlink(),
                lambda user=user: answer.with_user(user).create(values),
                lambda user=user: answer.with_user(user).copy(),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    attempt()
        self.env.invalidate_all()
        self.assertEqual(answer.option, "weak")
        self.assertEqual(self.env["o2c.credit.answer"].search_count([]), 1)
        self.assertEqual(answer._guard_get_weaknesses(), [])

    def test_answers_of_another_question_company_or_customer_are_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        management = self.get_factor("Management")
        answer = self.env["o2c.credit.answer"].with_user(self.officer)
        on_time = self.get_factor("Paid on time")
        with self.assertRaisesRegex(UserError, "is no answer"):
            answer._answer(self.company, self.customer, {on_time: on_time.band_ids[0]})
        with self.assertRaises(AccessError):
            answer._answer(other, self.customer, {management: management.band_ids[0]})
        stranger = self.make_customer("Stranger", company_id=other.id)
        with self.assertRaises(AccessError):
            answer._answer(
                self.company, stranger.with_user(self.officer), {management: management.band_ids[0]}
            )
        foreign = self.make_policy(company=other, name="Foreign")
        wizard = (
            self.env["o2c.credit.questionnaire"]
            .with_user(self.officer)
            ._open(self.company, self.customer.with_user(self.officer))
        )
        question = self.get_factor("Management", foreign)
        wizard.sudo().line_ids = [
            Command.create({"factor_id": question.id, "band_id": question.band_ids[0].id})
        ]
        with self.assertRaisesRegex(UserError, "no question of the policy"):
            wizard.action_save()
        wizard.company_id = other
        with self.assertRaises(UserError):
            wizard.action_save()
        self.assertFalse(self.env["o2c.credit.answer"].search_count([]))

    # === AS A FILE === #

    def _read_preset(self, code="guideline9_cn"):
        with file_open(f"o2c_credit/presets/{code}.json") as preset:
            [content] = json.load(preset)["sections"]["credit_policies"]
        return content

    def test_policy_travels_as_a_file(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        policies = self.env["o2c.credit.policy"].with_user(self.policy_admin)
        policy = policies._import_policy(self._read_preset(), self.company)
        self.assertEqual((policy.state, policy.weight_total, len(policy.grade_line_ids)), ("draft", 100, 6))
        management = policy.factor_ids.filtered(lambda factor: factor.source == "answer")
        self.assertEqual(management.with_context(lang="zh_CN").name, "管理层与声誉")
        self.assertIn("守信", management.band_ids[0].with_context(lang="zh_CN").label)
        content = json.loads(json.dumps(policy._export_policy()))
        self.assertEqual(content["factor_ids"][0]["name"], {"en_US": "Paid on time", "zh_CN": "按期付款"})
        again = policies.with_context(lang="zh_CN")._import_policy(content, self.company)
        self.assertEqual(again._export_policy(), policy._export_policy())
        self.assertNotEqual(again, policy)
        policy.action_put_in_force()
        self.assertTrue(self.score(policy=policy).grade_id)

    def test_every_problem_of_a_file_is_listed_with_its_place(self):
        content = copy.deepcopy(self._read_preset())
        content["overdue_days"] = "many"
        content["colour"] = "red"
        content["grade_line_ids"][0]["score_from"] = 120
        content["grade_line_ids"][1]["grade_id"] = "AAA"
        del content["grade_line_ids"][-1]
        first, second = content["factor_ids"][:2]
        first["weight"] = 0
        first["source"] = "moon"
        first["band_ids"][1]["points"] = 101
        second["band_ids"] = []
        second["name"] = {"zh_CN": "天"}
        content["factor_ids"][2]["code"] = content["factor_ids"][3]["code"]
        policies = self.env["o2c.credit.policy"].with_user(self.policy_admin)
        before = policies.search_count([])
        with self.assertRaises(ValidationError) as caught:
            policies._import_policy(content, self.company)
        for text in (
            "overdue_days: many is no number",
            "colour: there is no such field",
            "grade_line_ids 1 > score_from: 120 is not between 0 and 100",
            "grade_line_ids 2 > grade_id: AAA stands here for the second time",
            "grade_line_ids: no grade begins at 0",
            "factor_ids 1 > weight: 0 is no weight",
            "factor_ids 1 > source: moon is none of",
            "factor_ids 1 > band_ids 2 > points: 101 is not between 0 and 100",
            "factor_ids 2 > band_ids: the factor has no bands",
            "factor_ids 2 > name: write one text for each language",
            "factor_ids 4 > code",
        ):
            self.assertIn(text, str(caught.exception))
        for shape in ([], {"name": "P", "factor_ids": {}}, {"name": "P", "factor_ids": [{"band_ids": [1]}]}):
            with self.subTest(shape), self.assertRaisesRegex(ValidationError, "belongs here"):
                policies._import_policy(shape, self.company)
        self.assertEqual(policies.search_count([]), before)

    def test_only_policy_administrators_load_policies(self):
        content = self._read_preset()
        before = self.env["o2c.credit.policy"].search_count([])
        for user in (self.officer, self.seller, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["o2c.credit.policy"].with_user(user)._import_policy(content, self.company)
        self.assertEqual(self.env["o2c.credit.policy"].search_count([]), before)
