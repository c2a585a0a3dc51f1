from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ApprovalCommon


@tagged("post_install", "-at_install", "o2c")
class TestAuthority(ApprovalCommon):
    def roles(self, request):
        return [
            self.env["ir.model.data"]
            .search([("model", "=", "res.groups"), ("res_id", "=", step.group_id.id)], limit=1)
            .name
            for step in request.step_ids
        ]

    def test_direct_takes_the_lowest_level_that_covers_the_amount(self):
        self.assertEqual(self.roles(self.submit(1000.00)), ["group_credit_officer"])
        self.assertEqual(self.roles(self.submit(1000.01)), ["group_credit_manager"])
        self.assertEqual(self.roles(self.submit(57500.0)), ["group_general_manager"])

    def test_ladder_takes_each_level_up_to_the_one_that_covers(self):
        self.set_mode("ladder")
        self.assertEqual(self.roles(self.submit(0.0)), ["group_credit_officer"])
        self.assertEqual(
            self.roles(self.submit(10000.01)),
            ["group_credit_officer", "group_credit_manager", "group_general_manager"],
        )

    def test_cosignature_comes_last_and_only_above_its_amount(self):
        self.make_table([], cosigns=[("o2c_base.group_finance_officer", 500.0)], mode="direct")
        self.assertEqual(self.roles(self.submit(500.0)), ["group_credit_officer"])
        request = self.submit(500.01)
        self.assertEqual(self.roles(request), ["group_credit_officer", "group_finance_officer"])
        self.assertEqual(request.step_ids.mapped("is_cosignature"), [False, True])

    def test_uncovered_amount_is_refused_and_the_missing_row_named(self):
        self.env["o2c.authority"].search([("is_unlimited", "=", True)]).unlink()
        document = self.make_document(57500.0)
        with self.assertRaises(UserError) as error:
            document.action_submit()
        self.assertEqual(
            str(error.exception),
            "No authority row covers 57,500.00 CNY for 'Test document' in company Pine Ltd: add one in "
            "Configuration > Authority table.",
        )
        self.assertFalse(document.o2c_request_ids)

    def test_kind_without_rows_is_never_approved_by_default(self):
        document = self.make_document(0.0)
        with self.assertRaisesRegex(UserError, "No authority row covers 0.00 CNY for 'Other test decision'"):
            document._submit_for_approval(kind="test_other")

    def test_branch_uses_the_table_of_its_parent_until_it_has_its_own(self):
        branch = self.env["res.company"].create({"name": "Pine North", "parent_id": self.company.id})
        users = self.officer | self.seller | self.finance
        users.write({"company_ids": [(4, branch.id)]})
        document = self.make_document(800.0, company_id=branch.id)
        document.action_submit()
        self.assertEqual(self.roles(document.sudo().o2c_request_id), ["group_credit_officer"])
        self.make_table([("o2c_base.group_finance_officer", None)], company=branch)
        second = self.make_document(800.0, company_id=branch.id)
        second.action_submit()
        self.assertEqual(self.roles(second.sudo().o2c_request_id), ["group_finance_officer"])

    def test_changed_table_leaves_open_requests_alone(self):
        self.set_mode("ladder")
        request = self.submit(5000.0)
        before = request.step_ids.read(["group_id", "amount_to", "sequence"])
        rows = self.env["o2c.authority"].search(
            [("company_id", "=", self.company.id), ("is_unlimited", "=", False)]
        )
        rows.with_user(self.admin).unlink()
        self.set_mode("direct")
        self.assertEqual(request.step_ids.read(["group_id", "amount_to", "sequence"]), before)
        self.assertEqual(request.state, "pending")

    # --- who edits --------------------------------------------------------------------------------------

    def test_policy_administrator_edits_and_each_change_is_registered(self):
        row = (
            self.env["o2c.authority"]
            .search([("group_id", "=", self.env.ref("o2c_base.group_credit_officer").id)])
            .with_user(self.admin)
        )
        row.amount_to = 2000.0
        entry = self.entries(row, "authority_changed")[0]
        self.assertEqual(entry.user_ref, self.admin.id)
        self.assertEqual(entry.evidence["before"]["amount_to"], 1000.0)
        self.assertEqual(entry.evidence["after"]["amount_to"], 2000.0)
        self.assertEqual(entry.evidence["changed"], ["amount_to"])
        row_id = row.id
        row.unlink()
        removed = self.env["o2c.register"].search(
            [("res_model", "=", "o2c.authority"), ("res_id", "=", row_id)], order="id desc", limit=1
        )
        self.assertEqual(removed.evidence["before"]["amount_to"], 2000.0)
        self.assertIsNone(removed.evidence["after"])

    def test_mode_and_cosignatures_are_registered_too(self):
        setting = (
            self.env["o2c.authority.kind"]._get_setting("test_document", self.company).with_user(self.admin)
        )
        setting.mode = "ladder"
        self.assertEqual(self.entries(setting, "authority_changed")[0].evidence["changed"], ["mode"])
        setting.cosign_ids = [(0, 0, {"group_id": self.env.ref("o2c_base.group_legal_counsel").id})]
        rule = setting.cosign_ids
        self.assertEqual(len(self.entries(rule, "authority_changed")), 1)

    def test_writing_the_same_values_registers_nothing(self):
        row = self.env["o2c.authority"].search([("is_unlimited", "=", True)], limit=1)
        count = len(self.entries(row))
        row.write({"is_unlimited": True})
        self.assertEqual(len(self.entries(row)), count)

    def test_nobody_else_edits(self):
        row = self.env["o2c.authority"].search([("company_id", "=", self.company.id)], limit=1)
        setting = self.env["o2c.authority.kind"]._get_setting("test_document", self.company)
        before = row.read()
        for user in (self.general, self.manager, self.auditor, self.seller, self.employee):
            with self.subTest(user.login), mute_logger("odoo.addons.base.models.ir_model"):
                with self.assertRaises(AccessError):
                    self.rpc(user, row, "write", {"amount_to": 10**9})
                with self.assertRaises(AccessError):
                    self.rpc(user, row, "unlink")
                with self.assertRaises(AccessError):
                    row.with_user(user).create(
                        {
                            "kind": "test_document",
                            "company_id": self.company.id,
                            "group_id": self.env.ref("base.group_user").id,
                            "is_unlimited": True,
                        }
                    )
                with self.assertRaises(AccessError):
                    self.rpc(user, setting, "write", {"mode": "ladder"})
        self.assertEqual(row.read(), before)

    # --- checks -----------------------------------------------------------------------------------------

    def test_ambiguous_rows_are_refused(self):
        values = {"kind": "test_document", "company_id": self.company.id}
        legal = self.env.ref("o2c_base.group_legal_counsel").id
        officer = self.env.ref("o2c_base.group_credit_officer").id
        for extra in (
            {"group_id": legal, "amount_to": 1000.0},
            {"group_id": legal, "is_unlimited": True},
            {"group_id": officer, "amount_to": 7.0},
            {"group_id": legal, "amount_to": -1.0},
        ):
            with self.subTest(extra), self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                self.env["o2c.authority"].create({**values, **extra})

    def test_groups_of_outsiders_get_no_authority(self):
        with self.assertRaises(ValidationError):
            self.env["o2c.authority"].create(
                {
                    "kind": "test_other",
                    "company_id": self.company.id,
                    "group_id": self.env.ref("base.group_portal").id,
                    "is_unlimited": True,
                }
            )

    def test_table_is_edited_in_the_list_and_shows_the_way_of_the_kind(self):
        with Form(self.env["o2c.authority"].with_user(self.admin).with_company(self.company)) as form:
            form.kind = "test_other"
            form.group_id = self.env.ref("o2c_base.group_legal_counsel")
            form.amount_to = 5.0
            form.is_unlimited = True
        row = form.record
        self.assertRecordValues(row, [{"amount_to": 0.0, "is_unlimited": True, "mode": "ladder"}])
        self.assertEqual(row.display_name, "Other test decision: Legal Counsel (any amount)")

    def test_companies_see_their_own_table(self):
        self.make_table([("o2c_base.group_credit_officer", 5.0)], company=self.other_company)
        seen = self.env["o2c.authority"].with_user(self.admin).search([])
        self.assertEqual(seen.company_id, self.company)
