from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install", "o2c")
class TestSegregation(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("o2c_approval.rule_sales_credit_officer")
        cls.sales = cls.env.ref("sales_team.group_sale_salesman")
        cls.credit = cls.env.ref("o2c_base.group_credit_officer")

    def conflicts(self, user=None):
        self.env.flush_all()
        domain = [("rule_id", "=", self.rule.id)]
        domain += [("user_id", "=", user.id)] if user else []
        return self.env["o2c.segregation.conflict"].with_user(self.auditor).search(domain)

    # --- report -----------------------------------------------------------------------------------------

    def test_report_finds_duties_held_by_implication(self):
        self.assertFalse(self.conflicts(self.manager))
        # the sales manager is a salesman, the credit manager an officer: by implication only
        self.manager.group_ids |= self.env.ref("sales_team.group_sale_manager")
        conflict = self.conflicts(self.manager)
        self.assertRecordValues(
            conflict,
            [
                {
                    "severity": "3",
                    "group_a_id": self.sales.id,
                    "group_b_id": self.credit.id,
                    "source_a_id": self.env.ref("sales_team.group_sale_manager").id,
                    "source_b_id": self.env.ref("o2c_base.group_credit_manager").id,
                }
            ],
        )

    def test_report_agrees_with_a_look_at_each_user(self):
        self.manager.group_ids |= self.env.ref("sales_team.group_sale_manager")
        self.finance.group_ids |= self.sales
        self.env.flush_all()
        expected = set()
        for rule in self.env["o2c.segregation.rule"].search([("applies_to_users", "=", True)]):
            for user in self.env["res.users"].search([("share", "=", False)]):
                if rule.group_a_id | rule.group_b_id <= user.all_group_ids:
                    expected.add((rule.id, user.id))
        found = self.env["o2c.segregation.conflict"].search([])
        self.assertTrue(expected)
        self.assertEqual({(row.rule_id.id, row.user_id.id) for row in found}, expected)
        self.assertEqual(len(found), len(expected))

    def test_report_leaves_out_archived_users_and_rules(self):
        self.manager.group_ids |= self.sales
        self.assertTrue(self.conflicts(self.manager))
        self.rule.active = False
        self.assertFalse(self.conflicts(self.manager))
        self.rule.active = True
        self.manager.active = False
        self.assertFalse(self.conflicts(self.manager))

    def test_only_auditor_and_policy_administrator_read_the_report(self):
        for user in (self.seller, self.manager, self.employee):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["o2c.segregation.conflict"].with_user(user).search([])
        self.assertEqual(self.rule.with_user(self.admin).conflict_count, len(self.conflicts()))

    # --- on one document --------------------------------------------------------------------------------

    def test_who_acted_on_the_document_with_the_other_duty_does_not_sign(self):
        self.officer.group_ids |= self.sales
        request = self.submit(800.0)
        self.env["o2c.register"].with_user(self.officer)._log(
            request._get_document(), "note", "Confirmed the order"
        )
        with self.assertRaisesRegex(AccessError, "Who sells does not grade customers"):
            self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "pending")
        self.rpc(self.manager, request, "action_approve")

    def test_act_on_what_the_document_is_about_counts(self):
        self.officer.group_ids |= self.sales
        request = self.submit(800.0)
        self.env["o2c.register"].with_user(self.officer)._log(
            self.customer, "note", "Changed the bank account"
        )
        self.assertIn(self.officer, request._get_hands(request.current_step_id))
        documents = type(self.env["o2c.test.document"])
        self.patch(documents, "_get_approval_related", lambda document: [self.customer])
        with self.assertRaisesRegex(AccessError, "Who sells does not grade customers"):
            self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "pending")

    def test_who_holds_both_but_did_nothing_on_it_may_sign(self):
        self.officer.group_ids |= self.sales
        request = self.submit(800.0)
        other = self.submit(700.0)
        self.env["o2c.register"].with_user(self.officer)._log(
            other._get_document(), "note", "Confirmed the order"
        )
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_rule_for_holders_only_does_not_stop_a_signature(self):
        self.rule.applies_to_documents = False
        self.officer.group_ids |= self.sales
        request = self.submit(800.0)
        self.env["o2c.register"].with_user(self.officer)._log(
            request._get_document(), "note", "Confirmed the order"
        )
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_refused_attempt_is_no_exercise(self):
        self.officer.group_ids |= self.sales
        request = self.submit(800.0)
        self.env["o2c.register"].with_user(self.officer)._log_refusal(
            request._get_document(), "guard_refused", "Tried something"
        )
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_signature_of_an_earlier_round_with_the_other_duty_counts(self):
        legal, finance = (
            self.env.ref("o2c_base.group_legal_counsel"),
            self.env.ref("o2c_base.group_finance_officer"),
        )
        self.env["o2c.segregation.rule"].create(
            {
                "name": "Law and money",
                "group_a_id": legal.id,
                "group_b_id": finance.id,
                "applies_to_users": False,
            }
        )
        both = self.make_user("both", "o2c_base.group_legal_counsel,o2c_base.group_finance_officer")
        self.make_table([("o2c_base.group_legal_counsel", None)], kind="test_other")
        document = self.make_document(800.0)
        first = document._submit_for_approval(kind="test_other")
        self.rpc(both, first, "action_approve")
        self.env["o2c.authority"].search([("kind", "=", "test_document")]).unlink()
        self.make_table([("o2c_base.group_finance_officer", None)])
        second = document._submit_for_approval()
        with self.assertRaisesRegex(AccessError, "Law and money"):
            self.rpc(both, second, "action_approve")
        self.rpc(self.finance, second, "action_approve")
        self.assertEqual(second.sudo().state, "approved")

    def test_what_an_earlier_signature_set_going_is_no_exercise(self):
        """Round one approved by the officer; what its approval wrote on the document is in his name."""
        self.officer.group_ids |= self.sales
        request = self.submit(800.0)
        self.rpc(self.officer, request, "action_approve")
        document = request._get_document()
        self.env["o2c.register"].with_user(self.officer)._log(document, "note", "Released by the approval")
        document.with_user(self.seller).action_submit()
        again = self.env["o2c.request"].browse(document.o2c_request_id.id)
        self.rpc(self.officer, again, "action_approve")
        self.assertEqual(again.state, "approved")

    # --- rules ------------------------------------------------------------------------------------------

    def test_duty_that_implies_the_other_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "can't be kept apart"):
            self.env["o2c.segregation.rule"].create(
                {
                    "name": "Impossible",
                    "group_a_id": self.env.ref("o2c_base.group_credit_manager").id,
                    "group_b_id": self.credit.id,
                }
            )

    def test_same_pair_twice_is_refused_either_way_round(self):
        with self.assertRaisesRegex(ValidationError, "another rule"):
            self.env["o2c.segregation.rule"].create(
                {"name": "Again", "group_a_id": self.credit.id, "group_b_id": self.sales.id}
            )

    def test_preventive_rule_refuses_new_conflicts_through_every_door(self):
        self.rule.with_user(self.admin).is_preventive = True
        doors = (
            lambda: self.officer.write({"group_ids": [(4, self.sales.id)]}),
            lambda: self.sales.write({"user_ids": [(4, self.officer.id)]}),
            lambda: self.credit.write({"implied_ids": [(4, self.sales.id)]}),
            lambda: self.env["res.groups"].create(
                {"name": "Both", "implied_ids": [(4, self.sales.id)], "user_ids": [(4, self.officer.id)]}
            ),
            lambda: self.make_user("both", "sales_team.group_sale_salesman,o2c_base.group_credit_officer"),
        )
        for number, door in enumerate(doors):
            with self.subTest(number), self.assertRaises(ValidationError):
                door()
        self.assertNotIn(self.sales, self.officer.all_group_ids)

    def test_preventive_rule_leaves_old_conflicts_alone(self):
        self.officer.group_ids |= self.sales
        self.rule.is_preventive = True
        self.officer.name = "Still here"
        self.officer.group_ids -= self.sales
        self.assertFalse(self.conflicts(self.officer))

    def test_changes_of_roles_and_rules_are_registered(self):
        self.employee.with_user(self.env.ref("base.user_admin")).group_ids |= self.credit
        entry = self.entries(self.employee, "role_changed")
        self.assertEqual(entry.evidence["added"], [f"{self.credit.full_name} (Pine Ltd)"])
        self.assertEqual(entry.user_ref, self.env.ref("base.user_admin").id)
        self.employee.group_ids -= self.credit
        self.assertEqual(
            self.entries(self.employee, "role_changed")[0].evidence["removed_ids"], [self.credit.id]
        )
        self.rule.severity = "1"
        self.assertEqual(self.entries(self.rule, "segregation_changed")[0].evidence["changed"], ["severity"])

    def test_only_policy_administrator_edits_rules(self):
        for user in (self.auditor, self.manager, self.general, self.seller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, self.rule, "write", {"active": False})
        self.assertTrue(self.rule.active)
        self.rpc(self.admin, self.rule, "write", {"active": False})
        self.assertFalse(self.rule.active)
