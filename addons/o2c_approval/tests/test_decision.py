from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install", "o2c")
class TestDecision(ApprovalCommon):
    def assert_refused(self, request, user, message=None, method="action_approve"):
        """The refusal changes nothing, and the register knows about it."""
        before = (request.state, request.step_ids.mapped("state"), request.step_ids.decided_by)
        with self.assertRaises(AccessError) as error, self.env.cr.savepoint():
            self.rpc(user, request, method, "no")
        if message:
            self.assertIn(message, str(error.exception))
        request.invalidate_recordset()
        self.assertEqual(
            (request.state, request.step_ids.mapped("state"), request.step_ids.decided_by), before
        )

    # --- the path ---------------------------------------------------------------------------------------

    def test_one_signature_approves_and_tells_the_document(self):
        request = self.submit(800.0)
        self.assertRecordValues(
            request,
            [
                {
                    "state": "pending",
                    "amount": 800.0,
                    "requester_id": self.seller.id,
                    "current_group_id": self.env.ref("o2c_base.group_credit_officer").id,
                    "comment": "Customer promised to pay",
                }
            ],
        )
        self.assertTrue(self.rpc(self.officer, request, "action_approve", "fine"))
        self.assertEqual(request.state, "approved")
        self.assertRecordValues(
            request.step_ids,
            [
                {
                    "state": "approved",
                    "decided_by": self.officer.id,
                    "on_behalf_of": False,
                    "comment": "fine",
                }
            ],
        )
        self.assertEqual(request._get_document().outcome, f"approved by {self.officer.login}")
        self.assertEqual(
            self.entries(request).mapped("event"), ["request_approved", "step_approved", "request_submitted"]
        )
        self.assertEqual(set(self.entries(request).mapped("user_ref")), {self.officer.id, self.seller.id})

    def test_ladder_collects_signatures_in_order(self):
        self.set_mode("ladder")
        request = self.submit(57500.0)
        self.assertEqual(request.step_ids.mapped("state"), ["current", "waiting", "waiting"])
        self.assert_refused(request, self.general, "belongs to the role")
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.step_ids.mapped("state"), ["approved", "current", "waiting"])
        self.assertEqual(request.state, "pending")
        self.rpc(self.manager, request, "action_approve")
        self.rpc(self.general, request, "action_approve")
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.step_ids.decided_by, self.officer | self.manager | self.general)

    def test_reject_needs_a_reason_and_ends_everything(self):
        self.set_mode("ladder")
        request = self.submit(5000.0)
        with self.assertRaises(UserError):
            self.rpc(self.officer, request, "action_reject")
        with self.assertRaises(UserError):
            self.rpc(self.officer, request, "action_reject", "  ")
        self.assertEqual(request.state, "pending")
        self.rpc(self.officer, request, "action_reject", "too old")
        self.assertRecordValues(request, [{"state": "rejected", "closing_comment": "too old"}])
        self.assertEqual(request.step_ids.mapped("state"), ["rejected", "void"])
        self.assertEqual(request._get_document().outcome, "rejected")
        with self.assertRaises(UserError):
            self.rpc(self.manager, request, "action_approve")

    def test_new_round_is_a_new_request(self):
        request = self.submit(800.0)
        document = request._get_document()
        with self.assertRaisesRegex(UserError, "waits for a decision already"):
            document.with_user(self.seller).action_submit()
        self.rpc(self.officer, request, "action_reject", "no")
        document.with_user(self.seller).action_submit()
        self.assertEqual(document.o2c_request_count, 2)
        self.assertEqual(document.o2c_request_ids.mapped("state"), ["pending", "rejected"])
        self.assertNotEqual(document.o2c_request_id, request)

    def test_withdraw_by_requester_or_policy_administrator_only(self):
        for user, allowed in (
            (self.officer, False),
            (self.colleague, False),
            (self.general, False),
            (self.seller, True),
            (self.admin, True),
        ):
            with self.subTest(user.login):
                request = self.submit(800.0)
                if allowed:
                    self.rpc(user, request, "action_withdraw")
                    self.assertEqual(request.state, "withdrawn")
                    self.assertEqual(request._get_document().outcome, "withdrawn")
                else:
                    with self.assertRaises(AccessError):
                        self.rpc(user, request, "action_withdraw")
                    self.assertEqual(request.state, "pending")

    def test_closed_requests_stay_closed(self):
        request = self.submit(800.0)
        self.rpc(self.officer, request, "action_approve")
        for user, method, args in (
            (self.officer, "action_reject", ["no"]),
            (self.officer, "action_approve", []),
            (self.seller, "action_withdraw", []),
        ):
            with self.assertRaises(UserError):
                self.rpc(user, request, method, *args)
        self.assertEqual(request.state, "approved")

    # --- who is left out --------------------------------------------------------------------------------

    def test_requester_with_the_role_does_not_decide(self):
        self.seller.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        request = self.submit(800.0)
        self.assert_refused(request, self.seller, "asked for this decision")

    def test_author_of_the_document_does_not_decide(self):
        self.colleague.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        document = self.make_document(800.0, self.colleague)
        document.with_user(self.seller).action_submit()
        self.assert_refused(document.sudo().o2c_request_id, self.colleague, "author of the document")

    def test_salesperson_of_customer_company_and_document_does_not_decide(self):
        self.colleague.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        child = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id})
        for prepare in (
            lambda: self.make_document(800.0, user_id=self.colleague.id),
            lambda: self.make_document(800.0, partner_id=self.customer.id),
            lambda: self.make_document(800.0, partner_id=child.id),
        ):
            document = prepare()
            if document.partner_id:
                self.customer.user_id = self.colleague
            document.action_submit()
            self.assert_refused(document.sudo().o2c_request_id, self.colleague, "salesperson")

    def test_salesperson_who_hands_the_customer_over_stays_excluded(self):
        self.colleague.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        self.customer.user_id = self.colleague
        request = self.submit(800.0, partner_id=self.customer.id)
        self.customer.user_id = False
        self.assert_refused(request, self.colleague)

    def test_person_who_gets_a_part_after_submission_is_excluded(self):
        self.colleague.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        request = self.submit(800.0, partner_id=self.customer.id)
        self.customer.user_id = self.colleague
        self.assert_refused(request, self.colleague, "salesperson")

    def test_excluded_by_the_document(self):
        other = self.make_user("officer2", "o2c_base.group_credit_officer")
        request = self.submit(800.0, excluded_id=self.officer.id)
        self.assert_refused(request, self.officer, "has a part in the document")
        self.rpc(other, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_one_person_signs_one_step(self):
        self.set_mode("ladder")
        self.make_user("officer2", "o2c_base.group_credit_officer")
        second = self.make_user("manager2", "o2c_base.group_credit_manager")
        request = self.submit(5000.0)
        self.rpc(self.manager, request, "action_approve")
        self.assertEqual(
            request.step_ids[0].decided_by, self.manager, "a manager is an officer by implication"
        )
        self.assert_refused(request, self.manager, "has signed an earlier step")
        self.rpc(second, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_last_person_for_a_later_step_leaves_the_first_to_others(self):
        self.set_mode("ladder")
        request = self.submit(5000.0)
        with self.assertRaisesRegex(UserError, "nobody is left for a later one.*Officer"):
            self.rpc(self.manager, request, "action_approve")
        self.assertFalse(request.step_ids.decided_by)
        self.rpc(self.officer, request, "action_approve")
        self.rpc(self.manager, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_user_of_another_company_does_not_decide(self):
        stranger = self.make_user("stranger", "o2c_base.group_credit_officer", self.other_company)
        request = self.submit(800.0)
        with self.assertRaises(AccessError):
            self.rpc(stranger, request, "action_approve")
        with self.assertRaises(AccessError):
            # even code that reads for him with superuser rights
            request.with_user(stranger).sudo().action_approve()
        self.assertEqual(request.state, "pending")

    def test_archived_user_does_not_decide(self):
        self.make_user("officer2", "o2c_base.group_credit_officer")
        request = self.submit(800.0)
        self.officer.active = False
        self.assert_refused(request, self.officer, "belongs to the role")

    def test_user_who_lost_the_role_does_not_decide(self):
        request = self.submit(800.0)
        self.officer.group_ids -= self.env.ref("o2c_base.group_credit_officer")
        self.assert_refused(request, self.officer)

    def test_user_who_got_the_role_later_from_somebody_else_decides(self):
        request = self.submit(800.0)
        self.employee.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        self.rpc(self.employee, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_user_who_gave_himself_the_role_does_not_decide_what_was_open(self):
        self.employee.group_ids |= self.env.ref("base.group_system")
        request = self.submit(800.0)
        role = self.env.ref("o2c_base.group_credit_officer")
        self.employee.with_user(self.employee).write({"group_ids": [(4, role.id)]})
        self.assertIn(role, self.employee.all_group_ids)
        self.assert_refused(request, self.employee, "gave himself the role")

    def test_user_who_let_himself_into_the_company_does_not_decide_what_was_open(self):
        outsider = self.make_user(
            "outsider", "base.group_system,o2c_base.group_credit_officer", self.other_company
        )
        request = self.submit(800.0)
        outsider.with_user(outsider).write({"company_ids": [(4, self.company.id)]})
        self.assertIn(outsider, request._get_members(request.current_group_id))
        self.assert_refused(request, outsider, "gave himself the role")
        second = self.make_user(
            "second", "base.group_system,o2c_base.group_credit_officer", self.other_company
        )
        self.company.with_user(second).write({"user_ids": [(4, second.id)]})
        self.assertIn(second, request._get_members(request.current_group_id))
        self.assertNotIn(second, request._get_hands(request.current_step_id))

    def test_superuser_is_nobody(self):
        request = self.submit(800.0)
        with self.assertRaises(AccessError):
            self.env["o2c.request"].browse(request.id).action_approve()
        self.assertEqual(request.state, "pending")

    # --- empty circles ----------------------------------------------------------------------------------

    def test_nobody_with_the_role_is_an_error_at_submission(self):
        self.make_table([("o2c_base.group_legal_counsel", 0.0)])
        self.env["o2c.authority"].search([("amount_to", "=", 0.0), ("is_unlimited", "=", False)])
        document = self.make_document(0.0)
        with self.assertRaises(UserError) as error:
            document.action_submit()
        self.assertIn("Legal Counsel", str(error.exception))
        self.assertIn("Nobody active", str(error.exception))
        self.assertFalse(document.o2c_request_ids)

    def test_circle_of_excluded_persons_is_an_error_that_names_them(self):
        (self.manager).active = False
        document = self.make_document(800.0, excluded_id=self.officer.id)
        with self.assertRaises(UserError) as error:
            document.action_submit()
        self.assertIn("Officer has a part in the document", str(error.exception))
        self.assertFalse(document.o2c_request_ids)

    def test_two_steps_with_one_person_are_an_error_at_submission(self):
        self.set_mode("ladder")
        self.officer.active = False
        document = self.make_document(5000.0)
        with self.assertRaisesRegex(UserError, "One person signs one step only"):
            document.action_submit()
        self.assertFalse(document.o2c_request_ids)

    # --- batch ------------------------------------------------------------------------------------------

    def test_batch_decides_what_it_may_and_lists_the_rest(self):
        good = self.submit(800.0)
        high = self.submit(5000.0)
        own = self.submit(800.0, excluded_id=self.officer.id)
        result = self.rpc(self.officer, good | high | own, "action_approve")
        self.assertEqual((good | high | own).mapped("state"), ["approved", "pending", "pending"])
        message = result["params"]["message"]
        self.assertIn(high.name, message)
        self.assertIn(own.name, message)
        self.assertNotIn(good.name, message)

    def test_batch_in_the_wizard_lists_what_was_left(self):
        good, high = self.submit(800.0), self.submit(5000.0)
        action = (good | high).with_user(self.officer).action_open_approve()
        wizard = (
            self.env["o2c.request.decide"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({})
        )
        wizard.action_decide()
        self.assertRecordValues(wizard, [{"state": "done", "done_count": 1}])
        self.assertEqual(wizard.line_ids.request_id, high)
        self.assertEqual((good.state, high.state), ("approved", "pending"))

    def test_wizard_gives_no_rights(self):
        request = self.submit(800.0)
        wizard = self.env["o2c.request.decide"].with_user(self.seller).create({"request_ids": request.ids})
        with self.assertRaises(AccessError):
            wizard.action_decide()
        self.assertEqual(request.state, "pending")

    # --- telling ----------------------------------------------------------------------------------------

    def test_circle_gets_activities_and_loses_them_when_decided(self):
        self.set_mode("ladder")
        request = self.submit(5000.0)
        self.assertEqual(request.activity_ids.user_id, self.officer | self.manager)
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.activity_ids.user_id, self.manager)
        self.rpc(self.manager, request, "action_approve")
        self.assertFalse(request.activity_ids)

    def test_requester_is_told(self):
        request = self.submit(800.0)
        self.rpc(self.officer, request, "action_approve")
        note = request.message_ids.filtered(
            lambda message: self.seller.partner_id in message.notified_partner_ids
        )
        self.assertIn("Approved", note[:1].body)

    def test_cron_reminds_the_circle_every_so_many_days(self):
        self.company.o2c_approval_reminder_days = 2
        request = self.submit(800.0)
        start = fields.Datetime.now()

        def run(hours):
            with patch.object(fields.Datetime, "now", lambda *a: start + timedelta(hours=hours)):
                request._check_open()
            return request.reminder_count

        self.assertEqual([run(1), run(47), run(49), run(60), run(98)], [0, 0, 1, 1, 2])
        told = request.message_ids.notified_partner_ids
        self.assertIn(self.officer.partner_id, told)
        self.assertEqual(len(self.entries(request, "request_reminded")), 2)

    def test_cron_tells_the_requester_when_nobody_is_left(self):
        self.company.o2c_approval_reminder_days = 1
        request = self.submit(800.0)
        (self.officer | self.manager).active = False
        later = fields.Datetime.now() + timedelta(days=3)
        with patch.object(fields.Datetime, "now", lambda *a: later):
            request._check_open()
        self.assertIn("Nobody may decide", request.message_ids[0].body)
        self.assertIn(self.seller.partner_id, request.message_ids[0].notified_partner_ids)

    def test_overdue_after_the_days_of_the_kind(self):
        request = self.submit(800.0)
        self.assertEqual(request.deadline, self.company._o2c_today() + timedelta(days=2))
        self.assertFalse(request.is_overdue)
        request._guarded_write({"deadline": self.company._o2c_today() - timedelta(days=1)})
        self.assertTrue(request.is_overdue)
        self.assertEqual(self.env["o2c.request"].search([("is_overdue", "=", True)]), request)
