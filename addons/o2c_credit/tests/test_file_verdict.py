from odoo.tests import tagged

from .test_credit_verdicts import VerdictCase


@tagged("post_install", "-at_install", "o2c")
class TestFileVerdict(VerdictCase):
    """No sale on credit to customers without a credit file, where the policy asks for one (K1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.env["o2c.credit.file"].with_user(cls.officer)

    @classmethod
    def open_file(cls, **subject):
        subject = subject or {"partner_id": cls.customer.id}
        return cls.files.create({"company_id": cls.company.id, **subject})

    def ask_for_files(self, file_required=True):
        """A policy in force whose grade B grants what the tests apply for."""
        line = {"limit_method": "fixed", "limit_floor": 10000.0, "period_days": 30,
                "may_change_grade": True}
        return self.make_policy([("b", line)], **({"file_required": True} if file_required else {}))

    def get_message(self, order):
        return self.assertHeldBy(order, "credit_grade_missing").message

    def test_policies_ask_for_none_unless_they_say_so(self):
        self.ask_for_files(False)
        self.grant_grade()
        self.assertConfirmed(self.confirm())

    def test_graded_customer_without_a_file_waits_and_goes_on_when_it_is_opened(self):
        self.ask_for_files()
        self.grant_grade()
        order = self.confirm()
        self.assertEqual(order.state, "draft")
        self.assertIn("has no credit file", self.get_message(order))
        self.open_file()
        self.recheck()
        self.assertConfirmed(order)

    def test_message_names_everything_that_lacks(self):
        self.ask_for_files()
        self.assertIn("never graded and has no credit file", self.get_message(self.confirm()))
        self.open_file()
        message = self.get_message(self.confirm())
        self.assertIn("never graded", message)
        self.assertNotIn("credit file", message)

    def test_archived_file_counts_as_none(self):
        self.ask_for_files()
        self.grant_grade()
        file = self.open_file()
        file.with_user(self.manager).write({"active": False})
        order = self.confirm()
        self.assertIn("has no credit file", self.get_message(order))
        file.with_user(self.manager).write({"active": True})
        self.recheck()
        self.assertConfirmed(order)

    def test_file_of_another_company_is_no_file(self):
        self.ask_for_files()
        self.grant_grade()
        second = self.env["res.company"].create({"name": "Second"})
        self.officer.company_ids += second
        self.files.create({"company_id": second.id, "partner_id": self.customer.id})
        self.assertIn("has no credit file", self.get_message(self.confirm()))

    def test_file_of_the_group_serves_who_buys_under_its_terms(self):
        group = self.env["o2c.corporate.group"].create({"name": "Shops"})
        self.customer.o2c_corporate_group_id = group
        self.ask_for_files()
        self.grant_grade(group=group)
        self.open_file(corporate_group_id=group.id)
        self.assertConfirmed(self.confirm())
        self.grant_grade()
        self.assertIn("has no credit file", self.get_message(self.confirm()))

    def test_delivery_waits_as_well(self):
        self.ask_for_files()
        self.grant_grade()
        file = self.open_file()
        order = self.confirm()
        file.with_user(self.manager).write({"active": False})
        picking = order.picking_ids.with_user(self.keeper)
        picking.move_ids.quantity = 10
        picking.button_validate()
        self.assertNotEqual(picking.state, "done")
        self.assertHeldBy(picking, "credit_grade_missing")

    def test_fact_costs_no_query(self):
        self.ask_for_files()
        self.grant_grade()
        key = (self.company.id, self.customer.id)
        facts, today = self.env["o2c.facts"].sudo(), self.company._o2c_today()
        facts._get_facts([key], "order", today)
        self.env.flush_all()
        with self.assertQueryCount(1):
            found = facts._get_facts([key], "order", today)[key]
        self.assertIs(found["credit_has_file"], False)
        self.open_file()
        self.assertIs(facts._get_facts([key], "order", today)[key]["credit_has_file"], True)
