from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ApprovalCommon


@tagged("post_install", "-at_install", "o2c")
class TestDelegate(ApprovalCommon):
    def delegate(self, user, delegate, by=None, days=(0, 7), **values):
        today = self.company._o2c_today()
        return (
            self.env["o2c.delegate"]
            .with_user(by or user)
            .create(
                {
                    "user_id": user.id,
                    "delegate_id": delegate.id,
                    "date_from": today + timedelta(days=days[0]),
                    "date_to": today + timedelta(days=days[1]),
                    **values,
                }
            )
        )

    def assert_refused(self, request, user):
        with self.assertRaises(AccessError):
            self.rpc(user, request, "action_approve")
        self.assertEqual(request.state, "pending")

    # --- what a delegate may ----------------------------------------------------------------------------

    def test_delegate_decides_and_the_step_says_for_whom(self):
        self.delegate(self.officer, self.employee)
        request = self.submit(800.0)
        self.assertIn(self.employee, request.activity_ids.user_id)
        self.assertTrue(request.with_user(self.employee).can_decide)
        self.rpc(self.employee, request, "action_approve", "instead of Officer")
        self.assertRecordValues(
            request.step_ids,
            [{"state": "approved", "decided_by": self.employee.id, "on_behalf_of": self.officer.id}],
        )
        self.assertEqual(self.entries(request, "step_approved").evidence["on_behalf_of"], self.officer.login)

    def test_dates_count(self):
        self.delegate(self.officer, self.employee, days=(1, 2))
        request = self.submit(800.0)
        self.assert_refused(request, self.employee)
        with freeze_time(fields.Datetime.now() + timedelta(days=5)):
            self.assert_refused(request, self.employee)
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.rpc(self.employee, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_ended_delegation_counts_no_more(self):
        delegation = self.delegate(self.officer, self.employee)
        request = self.submit(800.0)
        self.rpc(self.officer, delegation, "action_end")
        self.assertEqual(delegation.state, "ended")
        self.assert_refused(request, self.employee)
        self.assertFalse(request.with_user(self.employee).can_decide)

    def test_kind_of_the_delegation_counts(self):
        self.delegate(self.officer, self.employee, kind="test_other")
        request = self.submit(800.0)
        self.assertFalse(request.with_user(self.employee).can_decide)
        self.assert_refused(request, self.employee)
        self.delegate(self.officer, self.employee, kind="test_document")
        self.assertTrue(request.with_user(self.employee).can_decide)
        self.rpc(self.employee, request, "action_approve")
        self.assertEqual(request.state, "approved")

    # --- what he may not --------------------------------------------------------------------------------

    def test_delegation_to_the_requester_gives_him_nothing(self):
        self.env["o2c.segregation.rule"].search([]).active = False
        self.delegate(self.officer, self.seller)
        request = self.submit(800.0)
        self.assertFalse(request.with_user(self.seller).can_decide)
        self.assert_refused(request, self.seller)

    def test_delegate_of_an_excluded_person_gets_nothing_from_him(self):
        self.env["o2c.segregation.rule"].search([]).active = False
        self.colleague.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        self.delegate(self.colleague, self.employee)
        request = self.submit(800.0, user=self.colleague)
        self.assertFalse(request.with_user(self.employee).can_decide)
        self.assert_refused(request, self.employee)

    def test_delegate_of_a_delegate_gets_nothing(self):
        self.delegate(self.officer, self.employee)
        self.delegate(self.employee, self.finance)
        request = self.submit(800.0)
        self.assertFalse(request.with_user(self.finance).can_decide)
        self.assert_refused(request, self.finance)

    def test_holder_and_delegate_sign_one_step_together(self):
        """Who signed by a delegate has signed; and a delegate signs once, whoever he stands in for."""
        self.set_mode("ladder")
        third = self.make_user("manager2", "o2c_base.group_credit_manager")
        self.delegate(self.manager, self.employee)
        self.delegate(third, self.employee)
        request = self.submit(5000.0)
        self.rpc(self.employee, request, "action_approve")
        self.assertEqual(request.step_ids[0].on_behalf_of, self.manager)
        self.assert_refused(request, self.manager)
        self.assert_refused(request, self.employee)
        self.assertFalse(request.with_user(self.manager).can_decide)
        self.assertFalse(request.with_user(self.employee).can_decide)
        self.rpc(third, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_delegate_without_access_to_the_company_decides_nothing(self):
        both = self.company | self.other_company
        holder = self.make_user("holder", "o2c_base.group_credit_officer", both)
        stranger = self.make_user("stranger", "base.group_user", self.other_company)
        self.delegate(holder, stranger)
        request = self.submit(800.0)
        self.assert_refused(request, stranger)

    def test_archived_holder_and_archived_delegate_count_no_more(self):
        self.delegate(self.officer, self.employee)
        request = self.submit(800.0)
        self.officer.active = False
        self.assert_refused(request, self.employee)
        self.assertFalse(request.with_user(self.employee).can_decide)

    def test_delegate_who_takes_up_an_excluding_duty_counts_no_more(self):
        self.delegate(self.officer, self.employee)
        request = self.submit(800.0)
        self.employee.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self.assert_refused(request, self.employee)

    # --- who delegates ----------------------------------------------------------------------------------

    def test_only_the_holder_or_a_policy_administrator_delegates(self):
        self.delegate(self.officer, self.employee, by=self.admin)
        for user in (self.employee, self.manager, self.seller, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.delegate(self.officer, self.employee, by=user)
        self.assertEqual(self.env["o2c.delegate"].search_count([("user_id", "=", self.officer.id)]), 1)

    def test_salesperson_is_no_delegate_of_credit(self):
        with self.assertRaisesRegex(ValidationError, "Who sells does not grade customers"):
            self.delegate(self.officer, self.seller)

    def test_nobody_is_his_own_delegate(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.delegate(self.officer, self.officer)

    def test_outsiders_and_strangers_are_no_delegates(self):
        portal = self.make_user("portal", "base.group_portal")
        stranger = self.make_user("stranger", "base.group_user", self.other_company)
        self.finance.active = False
        for user in (portal, stranger, self.finance):
            with self.subTest(user.login), self.assertRaises(ValidationError):
                self.delegate(self.officer, user)

    def test_delegation_does_not_begin_in_the_past(self):
        with self.assertRaises(ValidationError):
            self.delegate(self.officer, self.employee, days=(-5, 7))

    def test_delegations_are_registered_and_never_rewritten(self):
        delegation = self.delegate(self.officer, self.employee)
        self.assertEqual(self.entries(delegation).event, "delegate_changed")
        for user in (self.officer, self.employee, self.admin):
            for method, args in (
                ("write", [{"delegate_id": self.finance.id}]),
                ("write", [{"date_to": "2099-12-31"}]),
                ("write", [{"ended_on": False}]),
                ("unlink", []),
            ):
                with self.subTest(f"{user.login} {method}"), self.assertRaises(AccessError):
                    self.rpc(user, delegation, method, *args)
        with self.assertRaises(AccessError):
            self.rpc(self.employee, delegation, "action_end")
        self.assertEqual(delegation.state, "active")
        self.rpc(self.admin, delegation, "action_end")
        self.assertEqual(len(self.entries(delegation)), 2)

    def test_circle_is_not_staffed_by_delegates(self):
        """A circle without holders is empty, whoever stands in for the excluded ones."""
        self.manager.active = False
        self.delegate(self.officer, self.employee)
        document = self.make_document(800.0, excluded_id=self.officer.id)
        with self.assertRaises(UserError):
            document.action_submit()
