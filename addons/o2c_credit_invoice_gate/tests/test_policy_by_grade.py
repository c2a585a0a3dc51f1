from odoo import Command
from odoo.addons.o2c_invoice_gate.tests.common import GateCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError


@tagged("post_install", "-at_install", "o2c")
class TestPolicyByGrade(GateCase):
    """The policy that judges an invoice may follow from the customer's grade."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grades = cls.env["o2c.credit.grade"].search([])
        cls.better = cls.make_policy(
            name="Better grades", threshold=30, sequence=1, grade_ids=[Command.set(cls.grades[:2].ids)])
        cls.partner = cls.make_customer("Graded")

    @classmethod
    def grant(cls, grade, *, partner=None, group=None, company=None, **values):
        company = company or cls.company
        return cls.env["o2c.credit.limit"].sudo()._guarded_create([{
            "partner_id": not group and (partner or cls.partner).id, "corporate_group_id": group and group.id,
            "company_id": company.id, "currency_id": company.currency_id.id, "grade_id": grade.id,
            "amount": 10**6, "date_from": "2020-01-01", **values}])

    def get_thresholds(self, order):
        """What judges, and what the list says."""
        self.env.flush_all()
        self.env.invalidate_all()
        row = self.env["o2c.invoice.worklist"].with_user(self.officer).search([("order_id", "=", order.id)])
        terms = self.env["o2c.invoice.policy"]._get_terms(order)
        return terms["threshold"], row.threshold

    def test_grade_decides_and_the_list_says_the_same(self):
        order = self.make_order(100, partner=self.partner)
        self.assertEqual(self.get_thresholds(order), (60, 60), "never graded")
        self.grant(self.grades[1])
        self.assertEqual(self.get_thresholds(order), (30, 30))
        self.grant(self.grades[3], date_from="2021-01-01")
        self.assertEqual(self.get_thresholds(order), (60, 60), "the later terms count")

    def test_grade_of_the_group_counts_without_own_terms(self):
        group = self.env["o2c.corporate.group"].create({"name": "Graded group"})
        self.partner.o2c_corporate_group_id = group
        order = self.make_order(100, partner=self.partner)
        self.grant(self.grades[0], group=group)
        self.assertEqual(self.get_thresholds(order), (30, 30))
        self.grant(self.grades[4])
        self.assertEqual(self.get_thresholds(order), (60, 60))

    def test_terms_of_another_company_and_of_tomorrow_count_for_nothing(self):
        order = self.make_order(100, partner=self.partner)
        self.grant(self.grades[0], company=self.other_company)
        self.grant(self.grades[0], date_from="2099-01-01")
        self.assertEqual(self.get_thresholds(order), (60, 60))

    def test_scopes_add_up(self):
        self.better.write({"country_ids": [Command.set(self.env.ref("base.jp").ids)]})
        self.grant(self.grades[0])
        order = self.make_order(100, partner=self.partner)
        self.assertEqual(self.get_thresholds(order), (60, 60))
        self.partner.country_id = self.env.ref("base.jp")
        self.assertEqual(self.get_thresholds(order), (30, 30))

    def test_contact_of_a_customer_has_its_grade(self):
        self.grant(self.grades[0])
        contact = self.env["res.partner"].create(
            {"name": "Till", "parent_id": self.partner.id, "type": "invoice"})
        order = self.make_order(100, partner=self.partner)
        order.partner_invoice_id = contact
        self.assertEqual(self.get_thresholds(order), (30, 30))

    def test_many_customers_are_matched_in_one_query(self):
        partners = self.partner.concat(*[self.make_customer(f"Graded {number}") for number in range(20)])
        self.grant(self.grades[0], partner=partners[7])
        policies = self.env["o2c.invoice.policy"]
        policies._match_many(self.company, partners)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        found = policies._match_many(self.company, partners)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 1)
        self.assertEqual(partners.filtered(lambda one: found[one.id] == self.better), partners[7])

    def test_what_has_judged_keeps_its_grades(self):
        self.grant(self.grades[0])
        self.better._mark_used()
        with self.assertRaises(UserError):
            self.better.with_user(self.policy_user).write({"grade_ids": [Command.clear()]})
        self.assertEqual(self.better.grade_ids, self.grades[:2])
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.grades[0].unlink()
        self.assertEqual(self.better.grade_ids, self.grades[:2])

    def test_credit_policy_is_for_no_grade(self):
        self.assertNotIn("grade_ids", self.env["o2c.credit.policy"]._get_scope_fields())
        self.assertIn("grade_ids", self.env["o2c.invoice.policy"]._get_scope_fields())

    # === PRESETS === #

    def test_preset_carries_grades_by_name(self):
        presets = self.env["o2c.preset"].with_user(self.policy_user)
        content = presets._preset_export_invoice_policies(self.company)
        [mine] = [policy for policy in content if policy["name"] == "Better grades"]
        self.assertEqual(mine["grades"], self.grades[:2].mapped("name"))
        self.assertEqual([policy["name"] for policy in content if "grades" in policy], ["Better grades"])
        [item, *_kept] = presets._preset_plan_invoice_policies(self.company, [mine])
        self.assertEqual(item.state, "same")
        wanted = {**mine, "name": "New", "grades": [self.grades[2].name]}
        [item, *_kept] = presets._preset_plan_invoice_policies(self.company, [wanted])
        self.assertEqual(item.state, "new")
        self.assertIn(self.grades[2].name, item.then)
        presets._preset_load_invoice_policies(self.company, [wanted], {"New"})
        policy = self.env["o2c.invoice.policy"].search([("name", "=", "New")])
        self.assertEqual((policy.state, policy.grade_ids), ("draft", self.grades[2]))

    def test_preset_with_an_unknown_grade_loads_nothing(self):
        presets = self.env["o2c.preset"].with_user(self.policy_user)
        wanted = {"name": "New", "threshold": 10.0, "grades": ["Z"]}
        with self.assertRaisesRegex(UserError, "do not exist here: Z"):
            presets._preset_load_invoice_policies(self.company, [wanted], {"New"})
        self.assertFalse(self.env["o2c.invoice.policy"].search([("name", "=", "New")]))
        [item] = [i for i in presets._preset_plan_invoice_policies(
            self.company, [{**wanted, "grades": "Z"}]) if i.key == "New"]
        self.assertEqual(item.state, "error")
