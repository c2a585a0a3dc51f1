"""One run grades all customers of the public sample ledger; every figure equals plain arithmetic on the file.

The oracle below reads the CSV with Python's csv module alone and repeats no code of the suite.
"""

import csv
import io
import json
from datetime import date, datetime
from unittest.mock import patch

from odoo import Command
from odoo.addons.o2c_exposure.tests.ledger_common import LedgerCommon, read_sample
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools.misc import file_open

CUT_OFF = date(2012, 12, 31)
START = date(2012, 1, 1)
SECOND_HALF = date(2012, 7, 1)
# Statements of a whole run over any number of customers: to start it, to read everything, and to finish.
READING = 45
BEHAVIOUR = (
    "on_time_amount",
    "on_time_count",
    "days_late_mean",
    "days_late_weighted",
    "overdue_days",
    "overdue_share",
    "dispute_share",
    "dispute_count",
    "broken_promises",
    "purchase_count",
    "relation_months",
    "sales_trend",
    "monthly_sales",
)


def read_rows():
    """Rows of the sample until the cut-off, as plain values."""
    day = "%m/%d/%Y"
    for row in csv.DictReader(io.StringIO(read_sample().decode())):
        invoiced = datetime.strptime(row["InvoiceDate"], day).date()
        if invoiced <= CUT_OFF:
            yield {
                "customer": row["customerID"],
                "amount": float(row["InvoiceAmount"]),
                "invoiced": invoiced,
                "due": datetime.strptime(row["DueDate"], day).date(),
                "settled": datetime.strptime(row["SettledDate"], day).date(),
                "disputed": row["Disputed"] == "Yes",
            }


def expect(rows):
    """Figures of one customer at the cut-off, from the rows of the file; None where nothing is known."""
    paid = [row for row in rows if START <= row["settled"] <= CUT_OFF]
    unpaid = [row for row in rows if row["settled"] > CUT_OFF]
    late = [max((row["settled"] - row["due"]).days, 0) for row in paid]
    overdue = [row for row in unpaid if row["due"] < CUT_OFF]
    amount = sum(row["amount"] for row in paid)
    first = min(row["invoiced"] for row in rows)
    recent = sum(row["amount"] for row in rows if row["invoiced"] >= SECOND_HALF)
    before = sum(row["amount"] for row in rows if START <= row["invoiced"] < SECOND_HALF)
    known = bool(paid)
    in_time = sum(row["amount"] for row, days in zip(paid, late, strict=True) if not days)
    weighted = sum(row["amount"] * days for row, days in zip(paid, late, strict=True))
    return {
        "on_time_amount": in_time / amount * 100 if known else None,
        "on_time_count": late.count(0) / len(late) * 100 if known else None,
        "days_late_mean": sum(late) / len(late) if known else None,
        "days_late_weighted": weighted / amount if known else None,
        "overdue_days": max(((CUT_OFF - row["due"]).days for row in overdue), default=0),
        "overdue_share": (
            sum(row["amount"] for row in overdue) / sum(row["amount"] for row in unpaid) * 100
            if unpaid
            else 0.0
        ),
        "dispute_share": sum(row["disputed"] for row in paid) / len(paid) * 100 if known else None,
        "dispute_count": sum(row["disputed"] for row in paid) if known else None,
        "broken_promises": None,
        "purchase_count": sum(row["invoiced"] >= START for row in rows),
        "relation_months": 12 - first.month if first.day <= 31 else None,
        "sales_trend": (recent - before) / before * 100 if before else None,
        "monthly_sales": (recent + before) / 12,
    }


def expect_points(factor, value):
    """Points of a value by the bands of the preset, and whether they count."""
    if value is None:
        neutral = factor["missing_points"] if factor["missing_rule"] == "neutral" else 0.0
        return neutral, factor["missing_rule"] != "leave_out"
    points = factor["band_ids"][0]["points"]
    for band in factor["band_ids"]:
        if value >= band["value_from"]:
            points = band["points"]
    return points, True


@tagged("post_install", "-at_install")
class TestGrading(LedgerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls("test_every_customer_is_graded_and_each_factor_explained")
        case._book(
            case._import(
                read_sample(), file_name="ledger.csv", cut_off_date=CUT_OFF, create_missing=True, mode="all"
            )
        )
        cls.officer = cls._user("grading_officer", "o2c_base.group_credit_officer")
        cls.seller = cls._user("grading_seller", "sales_team.group_sale_salesman")
        cls.auditor = cls._user("grading_auditor", "o2c_base.group_auditor")
        with file_open("o2c_credit/presets/international_ifrs.json") as preset:
            [cls.content] = json.load(preset)["sections"]["credit_policies"]
        # Every figure of behaviour is looked at, whether the preset uses it or not.
        used = {factor["source"] for factor in cls.content["factor_ids"]}
        cls.content["factor_ids"] += [
            {
                "name": key,
                "source": key,
                "weight": 1.0,
                "missing_rule": "leave_out",
                "missing_points": 0.0,
                "band_ids": [{"value_from": 0, "points": 50}],
            }
            for key in BEHAVIOUR
            if key not in used
        ]
        cls.policy = cls.env["o2c.credit.policy"]._import_policy(cls.content, cls.company)
        cls.policy.date_from = START
        cls.policy.action_put_in_force()
        cls.expected = {}
        for row in read_rows():
            cls.expected.setdefault(row["customer"], []).append(row)
        cls.expected = {customer: expect(rows) for customer, rows in cls.expected.items()}

    def _grading(self, user=None, **values):
        return (
            self.env["o2c.credit.grading"]
            .with_user(user or self.officer)
            .create({"company_id": self.company.id, "date": CUT_OFF, **values})
        )

    def _grade(self, grading=None, **values):
        grading = grading or self._grading(**values)
        grading.action_start()
        while grading.sudo()._run_batch():
            pass
        return grading

    def _counts(self):
        models = ("o2c.credit.score", "o2c.credit.score.line", "o2c.credit.application", "o2c.credit.answer")
        scored = self.env["o2c.register"].search_count([("event", "=", "credit_scored")])
        return [self.env[model].search_count([]) for model in models] + [scored]

    # === THE LEDGER === #

    def test_every_customer_is_graded_and_each_factor_explained(self):
        grading = self._grade()
        self.assertEqual(len(self.expected), 100)
        self.assertEqual((grading.state, grading.total, grading.graded_count), ("done", 100, 100))
        self.assertEqual((grading.error_count, grading.refused_count, grading.progress), (0, 0, 100.0))
        scores = grading.line_ids.score_id
        self.assertEqual(set(scores.partner_id.mapped("ref")), set(self.expected))
        for score in scores:
            self.assertEqual(len(score.line_ids), len(self.policy.factor_ids))
            self.assertTrue(all(score.line_ids.mapped("why")))
            self.assertTrue(score.grade_id)
            self.assertAlmostEqual(score.score, sum(score.line_ids.mapped("contribution")), places=4)

    def test_figures_of_every_customer_equal_the_file(self):
        scores = self._grade().line_ids.score_id
        differences = []
        for score in scores:
            expected = self.expected[score.partner_id.ref]
            for line in score.line_ids.filtered(lambda line: line.factor_id.source in BEHAVIOUR):
                wanted = expected[line.factor_id.source]
                found = None if line.is_missing else line.value
                if (wanted is None) != (found is None) or abs((wanted or 0) - (found or 0)) > 0.00006:
                    differences.append((score.partner_id.ref, line.factor_id.source, wanted, found))
        self.assertFalse(differences)
        self.assertEqual(len(scores) * len(BEHAVIOUR), 1300)

    def test_scores_of_every_customer_equal_plain_arithmetic(self):
        for score in self._grade().line_ids.score_id:
            known = self.expected[score.partner_id.ref]
            counted = [
                (factor["weight"], points)
                for factor in self.content["factor_ids"]
                for points, counts in [expect_points(factor, self._round(known.get(factor["source"])))]
                if counts
            ]
            wanted = sum(weight * points for weight, points in counted) / sum(w for w, __ in counted)
            self.assertAlmostEqual(score.score, wanted, delta=0.006, msg=score.partner_id.ref)
            floors = {line["grade_id"]: line["score_from"] for line in self.content["grade_line_ids"]}
            grade = max((floor, name) for name, floor in floors.items() if floor <= score.score)[1]
            self.assertEqual(score.grade_id.name, grade)

    def _round(self, value):
        return value if value is None else round(value, 4)

    def test_customer_without_history_is_graded_by_the_rules_for_missing_values(self):
        newcomer = self.env["res.partner"].create({"name": "Newcomer", "is_company": True})
        grading = self._grade(customers="chosen", partner_ids=[Command.set(newcomer.ids)])
        [line] = grading.line_ids
        self.assertEqual(line.outcome, "graded")
        self.assertEqual(line.missing_count, len(self.policy.factor_ids))
        self.assertEqual(line.grade_id.name, "D")

    # === SPEED === #

    def test_run_costs_few_statements_and_writes_in_batches(self):
        statements = []
        execute = Cursor.execute

        def counted(cursor, query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)).split(None, 1)[0].upper())
            return execute(cursor, query, *args, **kwargs)

        newcomer = self.env["res.partner"].create({"name": "Newcomer", "is_company": True})
        # Rights and defaults are read once per server, not once per run.
        self._grade(customers="chosen", partner_ids=[Command.set(newcomer.ids)])
        grading = self._grading()
        self.env.flush_all()
        self.env.invalidate_all()
        with patch.object(Cursor, "execute", counted):
            self._grade(grading)
            self.env.flush_all()
        written = sum(len(records) for records in (grading.line_ids, grading.line_ids.score_id.line_ids))
        # The ORM makes 100 rows with one statement: lines of the run, scores, their factors.
        batches = -(-written // 100) + 4
        reading = [statement for statement in statements if statement != "INSERT"]
        self.assertLessEqual(len(reading), READING)
        self.assertLessEqual(len(statements), READING + batches)

    def test_run_again_writes_nothing(self):
        first = self._grade()
        before = self._counts()
        second = self._grade()
        self.assertEqual(self._counts(), before)
        self.assertEqual(second.line_ids.score_id, first.line_ids.score_id)
        self.assertEqual(second.graded_count, 100)
        self.assertEqual(first.sudo()._run_batch(), 0)
        with self.assertRaises(UserError):
            first.action_start()
        self.assertEqual(self._counts(), before)

    def test_run_is_paused_and_goes_on(self):
        grading = self._grading()
        grading.action_start()
        grading.sudo()._run_batch(30)
        self.assertEqual((grading.done_count, grading.state), (30, "running"))
        grading.action_pause()
        self.assertEqual(grading.sudo()._run_batch(), 0)
        grading.action_resume()
        self.assertEqual(grading.sudo()._run_batch(), 70)
        grading.invalidate_recordset()
        self.assertEqual((grading.state, grading.graded_count), ("done", 100))
        self.assertEqual(len(grading.line_ids.score_id), 100)

    # === AS OF === #

    def test_nothing_after_the_day_counts(self):
        """Half a year before, on the rows that were there then."""
        day = date(2012, 6, 30)
        scores = self._grade(date=day).line_ids.score_id
        rows = {}
        for row in read_rows():
            if row["invoiced"] <= day:
                rows.setdefault(row["customer"], []).append(row)
        self.assertEqual(set(scores.partner_id.mapped("ref")), set(rows))
        for score in scores:
            own = rows[score.partner_id.ref]
            values = {
                line.factor_id.source: None if line.is_missing else line.value for line in score.line_ids
            }
            self.assertEqual(values["purchase_count"], len(own))
            settled = [row for row in own if row["settled"] <= day]
            late = [max((row["settled"] - row["due"]).days, 0) for row in settled]
            wanted = sum(late) / len(late) if late else None
            self.assertEqual(values["days_late_mean"] is None, wanted is None)
            self.assertAlmostEqual(values["days_late_mean"] or 0.0, wanted or 0.0, places=3)
            oldest = max([(day - row["due"]).days for row in own if row["settled"] > day] + [0])
            self.assertEqual(values["overdue_days"], oldest)

    # === APPLICATIONS === #

    def test_applications_are_drafted_once_where_terms_would_change(self):
        today = self.company._o2c_today()
        few = self.env["res.partner"].search([("ref", "in", sorted(self.expected)[:5])])
        chosen = {"customers": "chosen", "partner_ids": [Command.set(few.ids)], "draft_applications": True}
        grading = self._grade(date=today, **chosen)
        applications = grading.line_ids.application_id
        self.assertEqual(len(applications), 5)
        self.assertEqual(grading.application_count, 5)
        for line in grading.line_ids:
            self.assertRecordValues(
                line.application_id,
                [
                    {
                        "state": "draft",
                        "kind": "first",
                        "partner_id": line.partner_id.id,
                        "company_id": self.company.id,
                        "score_id": line.score_id.id,
                        "grade_id": line.grade_id.id,
                    }
                ],
            )
        again = self._grade(date=today, **chosen)
        self.assertFalse(again.line_ids.application_id, "an open application is enough")
        self.assertFalse(self.env["o2c.credit.limit"].search([("partner_id", "in", few.ids)]))

    # === CUSTOMERS === #

    def test_customers_are_those_asked_for(self):
        some = self.env["res.partner"].search([("ref", "in", sorted(self.expected)[:3])])
        self.env["o2c.credit.file"].with_user(self.officer).create(
            [{"partner_id": partner.id, "company_id": self.company.id} for partner in some]
        )
        self.assertEqual(self._grade(customers="file").line_ids.partner_id, some.sorted("name"))
        self.assertEqual(self._grade(customers="ungraded").total, 100)
        with self.assertRaisesRegex(UserError, "no such customer"):
            self._grade(customers="expiring")

    def test_customers_that_cannot_be_graded_are_listed_with_the_reason(self):
        [content] = [dict(self.content, name="Strict")]
        content["factor_ids"] = [dict(content["factor_ids"][0], missing_rule="refuse")]
        policy = self.env["o2c.credit.policy"]._import_policy(content, self.company)
        policy.date_from = START
        policy.action_put_in_force()
        newcomer = self.env["res.partner"].create({"name": "Newcomer", "is_company": True})
        old = self.env["res.partner"].search([("ref", "=", min(self.expected))])
        grading = self._grade(
            policy_id=policy.id, customers="chosen", partner_ids=[Command.set((newcomer | old).ids)]
        )
        refused = grading.line_ids.filtered(lambda line: line.outcome == "refused")
        self.assertEqual(refused.partner_id, newcomer)
        self.assertIn("Paid on time: nothing was paid in the twelve months before", refused.message)
        self.assertFalse(refused.score_id)
        self.assertEqual((grading.refused_count, grading.graded_count), (1, 1))

    # === PEOPLE === #

    def test_others_neither_make_nor_start_gradings(self):
        grading = self._grading()
        before = self._counts()
        for user in (self.seller, self.auditor, self.finance):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._grading(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                grading.with_user(user).action_start()
        self.assertEqual(grading.state, "draft")
        self._grade(grading)
        self.assertGreater(self._counts(), before)
        self.assertEqual(grading.with_user(self.auditor).graded_count, 100)
        with self.assertRaises(AccessError):
            grading.with_user(self.seller).read(["name"])

    def test_results_and_settings_of_a_run_are_not_edited(self):
        grading = self._grade(customers="chosen", partner_ids=[
            Command.set(self.env["res.partner"].search([("ref", "=", min(self.expected))]).ids)])  # fmt: skip
        [line] = grading.line_ids
        grade = line.grade_id
        best = self.env.ref("o2c_credit.grade_aaa")
        for attempt in (
            lambda: line.with_user(self.officer).write({"grade_id": best.id}),
            lambda: line.with_user(self.officer).unlink(),
            lambda: line.with_user(self.officer).create({"run_id": grading.id, "partner_id": 1}),
            lambda: grading.write({"state": "draft"}),
            lambda: grading.write({"date": START}),
            lambda: grading.write({"line_ids": [Command.clear()]}),
            lambda: grading.unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.env.invalidate_all()
        self.assertEqual((line.grade_id, grading.date, grading.state), (grade, CUT_OFF, "done"))
        self.assertEqual(line._guard_get_weaknesses(), [])

    def test_customer_of_another_company_is_not_graded(self):
        other = self._company("Elsewhere")
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "is_company": True, "company_id": other.id}
        )
        grading = self._grading(customers="chosen", partner_ids=[Command.set(stranger.ids)])
        with self.assertRaises(AccessError):
            grading.action_start()
        self.assertFalse(grading.line_ids)
        with self.assertRaises(AccessError):
            self._grading(company_id=other.id)
