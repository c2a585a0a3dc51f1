from odoo.tests import tagged

from .test_monitor import MonitorCase


@tagged("post_install", "-at_install", "o2c")
class TestCreditChecklist(MonitorCase):
    """Items of the modules below this one and of credit: each state can be reached."""

    def look(self, name, company=None):
        self.env.invalidate_all()
        item = self.env.ref(name).with_user(self.administrator).with_company(company or self.company)
        return item.state, item.finding

    def test_policy_is_asked_per_company(self):
        self.assertEqual(self.look("o2c_credit.checklist_credit_policy")[0], "done")
        second = self.env["res.company"].create({"name": "Second"})
        self.administrator.company_ids += second
        self.assertEqual(self.look("o2c_credit.checklist_credit_policy", second)[0], "todo")

    def test_scorecard_adds_up_to_100(self):
        self.assertEqual(self.look("o2c_credit.checklist_credit_scorecard")[0], "todo")
        factors = [(0, 0, {
            "name": f"F{number}", "source": "overdue_days", "weight": weight,
            "band_ids": [(0, 0, {"value_from": 0, "points": 100})],
        }) for number, weight in enumerate((60, 30))]
        self.policy.with_user(self.administrator).write({"factor_ids": factors})
        state, text = self.look("o2c_credit.checklist_credit_scorecard")
        self.assertEqual(state, "attention")
        self.assertIn("90", text)
        self.policy.factor_ids[1].with_user(self.administrator).weight = 40
        self.assertEqual(self.look("o2c_credit.checklist_credit_scorecard")[0], "done")

    def test_graded_customers_are_counted(self):
        before = self.look("o2c_credit.checklist_credit_graded")[1].split()
        self.make_invoice(80)
        after = self.look("o2c_credit.checklist_credit_graded")[1].split()
        self.assertEqual(int(after[2]) - int(before[2]), 1)
        self.grant_row(100.0)
        state, text = self.look("o2c_credit.checklist_credit_graded")
        self.assertEqual(int(text.split()[0]) - int(before[0]), 1)
        self.assertIn(state, ("done", "attention"))

    def test_clause_is_needed_where_it_is_signed(self):
        self.assertEqual(self.look("o2c_credit.checklist_credit_clause")[0], "attention")
        self.policy.with_user(self.administrator).confirmation_required = True
        self.assertEqual(self.look("o2c_credit.checklist_credit_clause")[0], "done")
        self.company.o2c_credit_clause = False
        self.assertEqual(self.look("o2c_credit.checklist_credit_clause")[0], "todo")

    def test_takeover_is_done_when_odoos_limits_are_off_or_replaced(self):
        self.company.account_use_credit_limit = True
        self.assertEqual(self.look("o2c_credit.checklist_credit_takeover")[0], "todo")
        self.company.o2c_limits_taken_over = True
        self.assertEqual(self.look("o2c_credit.checklist_credit_takeover")[0], "done")

    def test_controls_observe_then_enforce(self):
        settings = self.env["o2c.control.setting"].search([("company_id", "=", self.company.id)])
        for mode, state in (("off", "todo"), ("observing", "attention"), ("enforcing", "done")):
            settings.mode = mode
            self.assertEqual(self.look("o2c_hold.checklist_controls")[0], state)

    def test_authority_covers_all_kinds_and_roles_have_holders(self):
        state, text = self.look("o2c_approval.checklist_authority")
        self.assertEqual(state, "todo")
        self.assertIn("Guarantee", text)
        for kind in dict(self.env["o2c.authority"]._selection_kind()):
            self.make_authority(kind, manager=1000.0, director=None)
        self.assertEqual(self.look("o2c_approval.checklist_authority")[0], "done")
        self.director.active = False
        others = self.env.ref("o2c_base.group_finance_director").all_user_ids - self.director
        others.write({"active": False})
        state, text = self.look("o2c_approval.checklist_authority")
        self.assertEqual(state, "todo")
        self.assertIn("Director", text)

    def test_conflicts_of_duties_are_counted(self):
        before = self.look("o2c_approval.checklist_segregation")
        self.seller.group_ids += self.env.ref("o2c_base.group_credit_officer")
        after = self.look("o2c_approval.checklist_segregation")
        self.assertEqual(after[0], "attention")
        self.assertNotEqual(before[1], after[1])
        self.env["o2c.segregation.rule"].search([]).active = False
        self.assertEqual(self.look("o2c_approval.checklist_segregation")[0], "todo")
