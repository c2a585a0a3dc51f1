from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install", "o2c")
class TestFingerprint(ApprovalCommon):
    def test_changed_amount_lapses_at_the_decision_and_that_is_kept(self):
        request = self.submit(800.0)
        document = request._get_document()
        document.with_user(self.seller).amount = 57500.0
        result = self.rpc(self.officer, request, "action_approve", "fine")
        self.assertEqual(result["tag"], "display_notification")
        self.assertIn("has to be submitted again", result["params"]["message"])
        self.assertRecordValues(
            request, [{"state": "lapsed", "closing_comment": "Changed after submission: document"}]
        )
        self.assertEqual(request.step_ids.mapped("state"), ["void"])
        self.assertFalse(request.step_ids.decided_by)
        self.assertFalse(request.activity_ids)
        self.assertEqual(document.outcome, "lapsed")
        entry = self.entries(request, "request_lapsed")
        self.assertEqual(entry.user_ref, self.officer.id)
        self.assertEqual(
            entry.evidence["changes"],
            [["document", {"amount": 800, "name": "Order 1"}, {"amount": 57500, "name": "Order 1"}]],
        )

    def test_change_and_change_back_is_no_change(self):
        request = self.submit(800.0)
        document = request._get_document()
        document.amount = 900.0
        document.amount = 800.0
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_change_between_two_signatures_lapses(self):
        self.set_mode("ladder")
        request = self.submit(5000.0)
        self.rpc(self.officer, request, "action_approve")
        request._get_document().amount = 5001.0
        self.rpc(self.manager, request, "action_approve")
        self.assertEqual(request.state, "lapsed")
        self.assertEqual(request.step_ids.mapped("state"), ["approved", "void"])

    def test_new_debtor_lapses(self):
        request = self.submit(800.0, partner_id=self.customer.id)
        request._get_document().partner_id = self.env["res.partner"].create({"name": "Somebody else"})
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "lapsed")
        self.assertIn("partner", request.closing_comment)

    def test_value_that_decides_nothing_does_not_lapse(self):
        request = self.submit(800.0)
        request._get_document().note = "call before delivery"
        self.rpc(self.officer, request, "action_approve")
        self.assertEqual(request.state, "approved")

    def test_stranger_does_not_even_lapse_it(self):
        request = self.submit(800.0)
        request._get_document().amount = 900.0
        with self.assertRaises(AccessError):
            self.rpc(self.finance, request, "action_approve")
        self.assertEqual(request.state, "pending")

    def test_cron_lapses_what_changed_and_leaves_the_rest(self):
        changed, same, gone = self.submit(800.0), self.submit(700.0), self.submit(600.0)
        changed._get_document().amount = 900.0
        self.env.cr.execute("DELETE FROM o2c_test_document WHERE id = %s", [gone.res_id])
        self.env.invalidate_all()
        for request in self.env["o2c.request"]._get_open_batch():
            request._check_safely()
        self.assertEqual((changed | same | gone).mapped("state"), ["lapsed", "pending", "lapsed"])
        self.assertIn("does not exist", gone.closing_comment)

    def test_cron_goes_on_after_a_document_that_fails(self):
        first, second = self.submit(800.0), self.submit(700.0)
        second._get_document().amount = 900.0
        original = type(self.env["o2c.test.document"])._get_approval_fingerprint

        def fail_on_first(document):
            if document.id == first.res_id:
                raise ZeroDivisionError
            return original(document)

        with patch.object(type(self.env["o2c.test.document"]), "_get_approval_fingerprint", fail_on_first):
            with self.assertLogs("odoo.addons.o2c_approval.models.request_activity", "ERROR"):
                for request in self.env["o2c.request"]._get_open_batch():
                    request._check_safely()
        self.assertEqual((first | second).mapped("state"), ["pending", "lapsed"])

    def test_cron_takes_a_new_party_off_the_list(self):
        request = self.submit(800.0, partner_id=self.customer.id)
        self.customer.user_id = self.officer
        self.assertTrue(request.with_user(self.officer).can_decide)
        request._check_open()
        self.assertIn(self.officer, request.excluded_user_ids)
        self.assertFalse(request.with_user(self.officer).can_decide)
        self.assertNotIn(self.officer, request.activity_ids.user_id)

    def test_deleted_document_lapses_its_request_and_keeps_the_history(self):
        request = self.submit(800.0)
        request._get_document().with_user(self.seller).unlink()
        self.assertRecordValues(request, [{"state": "lapsed", "document_name": "Order 1"}])
        self.assertTrue(self.entries(request, "request_submitted"))
