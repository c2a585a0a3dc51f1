import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .common import CreditCase

SHIPPED = ("guideline9_cn", "international_ifrs")


@tagged("post_install", "-at_install", "o2c")
class TestPreset(CreditCase):
    """A policy administrator loads, compares and exports the set-up of a company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.make_user("administrator", "o2c_base.group_policy_administrator")
        cls.presets = cls.env["o2c.preset"].with_user(cls.administrator)

    def open(self, code="guideline9_cn", content=None, user=None, **values):
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            values.update(source="file", file=base64.b64encode(text.encode()), filename="p.json")
        return self.env["o2c.preset.load"].with_user(user or self.administrator).create(
            {"code": code, "accept_currency": True, **values})

    def preview(self, code="guideline9_cn", content=None, **values):
        wizard = self.open(code, content, **values)
        wizard.action_preview()
        return wizard

    def make_file(self, **sections):
        return {"format": "o2c.preset", "version": 1, "currency": self.company.currency_id.name,
                "name": "Mine", "sections": sections}

    def get_policy(self, **values):
        domain = [("company_id", "=", self.company.id), *((k, "=", v) for k, v in values.items())]
        return self.env["o2c.credit.policy"].search(domain)

    # === SHIPPED PRESETS === #

    def test_shipped_presets_load_and_the_second_loading_finds_nothing_to_do(self):
        for code in SHIPPED:
            with self.subTest(code):
                wizard = self.preview(code)
                errors = wizard.line_ids.filtered(lambda line: line.state == "error")
                self.assertFalse(errors, errors.mapped("note"))
                self.assertGreaterEqual(wizard.change_count, 5)
                wizard.action_load()
                again = self.preview(code)
                due = again.line_ids.filtered("is_chosen")
                self.assertFalse(due.mapped(lambda line: (line.name, line.now, line.then)))
                entries = self.env["o2c.register"].search_count([("event", "=", "preset_loaded")])
                again.action_load()
                self.assertEqual(
                    self.env["o2c.register"].search_count([("event", "=", "preset_loaded")]), entries)

    def test_preview_changes_nothing(self):
        before = self.env["o2c.register"].search_count([])
        rows = self.env["o2c.authority"].search_count([])
        self.preview()
        self.assertEqual(self.env["o2c.register"].search_count([]), before)
        self.assertEqual(self.env["o2c.authority"].search_count([]), rows)
        self.assertFalse(self.get_policy())

    def test_loaded_policy_is_a_draft_with_grades_and_scorecard(self):
        self.preview().action_load()
        policy = self.get_policy()
        self.assertEqual((policy.state, policy.suspend_overdue_days), ("draft", 30))
        self.assertEqual(policy.grade_line_ids.mapped("grade_id.name"), ["AAA", "AA", "A", "B", "C", "D"])
        self.assertEqual(sum(policy.factor_ids.mapped("weight")), 100)
        self.assertEqual(policy._get_grade_line(72).grade_id.name, "A")
        policy.with_user(self.administrator).action_put_in_force()
        self.assertEqual(policy.state, "in_force")

    def test_new_policy_warns_of_the_one_that_applies_already(self):
        self.preview().action_load()
        self.get_policy().with_user(self.administrator).action_put_in_force()
        wizard = self.preview("international_ifrs")
        new = wizard.line_ids.filtered(lambda line: line.state == "new")
        line = new.filtered(lambda line: line.section_code == "credit_policies")
        self.assertIn("Guideline No. 9", line.note)
        self.assertEqual(wizard.line_ids[: len(new)], new)

    def test_policy_in_force_is_kept_and_followed_by_a_new_version(self):
        self.preview().action_load()
        policy = self.get_policy()
        policy.with_user(self.administrator).action_put_in_force()
        policy._mark_used()
        [content] = self.presets._preset_export_credit_policies(self.company)
        content["overdue_days"] = 44
        wizard = self.preview(content=self.make_file(credit_policies=[content]))
        line = wizard.line_ids.filtered(lambda line: line.section_code == "credit_policies")
        self.assertEqual(line.state, "changed")
        self.assertIn("15", line.now)
        self.assertIn("44", line.then)
        wizard.action_load()
        draft = self.get_policy(state="draft")
        self.assertEqual((draft.previous_id, draft.version, draft.overdue_days), (policy, 2, 44))
        self.assertEqual((policy.state, policy.overdue_days), ("in_force", 15))
        self.assertEqual(len(draft.grade_line_ids), 6)
        again = self.preview(content=self.make_file(credit_policies=[content]))
        self.assertFalse(again.change_count)

    def test_authority_of_a_kind_is_replaced_as_a_whole(self):
        wanted = {"credit_limit": {
            "mode": "direct", "deadline_days": 5,
            "rows": [{"role": "o2c_base.group_credit_manager", "up_to": 700},
                     {"role": "o2c_base.group_general_manager", "up_to": None}],
            "cosign": [{"role": "o2c_base.group_finance_officer", "above": 100}]}}
        wizard = self.preview(content=self.make_file(authority=wanted))
        states = {line.key: line.state for line in wizard.line_ids}
        self.assertEqual(states, {"credit_limit": "changed", "hold_release": "kept"})
        wizard.action_load()
        exported = self.presets._preset_export_authority(self.company)
        self.assertEqual(exported["credit_limit"], wanted["credit_limit"])
        self.assertEqual(len(exported["hold_release"]["rows"]), 2)

    def test_sales_countersigns_credit_in_both_and_finance_every_chinese_limit(self):
        """K4: approved by sales and finance within the authority table."""
        sales, finance = "sales_team.group_sale_manager", "o2c_base.group_finance_officer"
        for code, above in (("guideline9_cn", {sales: 0, finance: 0}),
                            ("international_ifrs", {sales: 0, finance: 250000})):
            with self.subTest(code):
                self.preview(code).action_load()
                rule = self.presets._preset_export_authority(self.company)["credit_limit"]
                self.assertEqual({row["role"]: row["above"] for row in rule["cosign"]}, above)

    def test_least_limit_of_a_preset_needs_the_sales_manager(self):
        self.preview("international_ifrs").action_load()
        head = self.make_user("head", "sales_team.group_sale_manager")
        application = self.make_application(100.0)
        application.action_submit()
        request = application.o2c_request_id
        self.assertFalse(request.with_user(head).can_decide)
        request.with_user(self.manager).action_approve("Fine")
        self.assertEqual(application.state, "requested")
        request.with_user(head).action_approve("Fine")
        self.assertEqual(application.state, "approved")

    def test_only_the_chinese_preset_asks_for_credit_files(self):
        for code, asked in (("guideline9_cn", True), ("international_ifrs", False)):
            content = json.loads(file_open(f"o2c_credit/presets/{code}.json").read())
            [policy] = content["sections"]["credit_policies"]
            self.assertIs(policy["file_required"], asked)

    def test_only_ticked_lines_are_loaded(self):
        wizard = self.preview()
        wizard.line_ids.is_chosen = False
        wizard.line_ids.filtered(lambda line: line.section_code == "credit_clause").is_chosen = True
        wizard.action_load()
        self.assertIn("last collection day", self.company.with_context(lang="en_US").o2c_credit_clause)
        self.assertFalse(self.get_policy())

    def test_preset_does_not_disarm_a_company_that_enforces(self):
        wizard = self.preview()
        line = wizard.line_ids.filtered(
            lambda line: (line.section_code, line.key) == ("controls", "credit_limit"))
        self.assertEqual((line.state, line.is_chosen), ("kept", False))
        line.is_chosen = True
        wizard.action_load()
        setting = self.env["o2c.control.setting"].search(
            [("company_id", "=", self.company.id), ("control_id.code", "=", "credit_limit")])
        self.assertEqual(setting.mode, "enforcing")

    # === EXPORT === #

    def test_export_of_one_company_loads_into_another(self):
        self.preview().action_load()
        self.get_policy().with_user(self.administrator).action_put_in_force()
        other = self.env["res.company"].create({"name": "Second", "currency_id": self.company.currency_id.id})
        self.administrator.company_ids += other
        wizard = self.open()
        wizard.action_export()
        content = json.loads(base64.b64decode(wizard.file))
        self.assertEqual(len(content["sections"]["credit_policies"]), 1)
        self.assertTrue(self.env["o2c.register"].search([("event", "=", "preset_exported")]))
        loaded = self.preview(content=content, company_id=other.id)
        self.assertFalse(loaded.error_count, loaded.line_ids.mapped("note"))
        loaded.action_load()
        draft = self.env["o2c.credit.policy"].search([("company_id", "=", other.id)])
        self.assertEqual(
            self.presets._dump_policy(draft), self.presets._dump_policy(self.get_policy()))
        self.assertEqual(
            self.presets._preset_export_authority(other), self.presets._preset_export_authority(self.company))
        again = self.preview(content=content, company_id=other.id)
        self.assertFalse(again.change_count, again.line_ids.filtered("is_chosen").mapped("name"))

    # === WHAT IS WRONG === #

    def test_errors_name_place_and_remedy_and_are_not_loaded(self):
        policy = {"name": "P", "overdue_days": "many", "no_field": 1, "grade_line_ids": [
            {"grade_id": "AAA", "score_from": 0.0, "payment_term_id": "nowhere"}]}
        wizard = self.preview(content=self.make_file(
            credit_policies=[policy],
            authority={"credit_limit": {"rows": [{"role": "o2c_base.group_nobody", "up_to": None}]}},
            controls={"credit_limit": {"mode": "sleeping", "severity": "hold"}},
            exposure_weights={"receivable": 3},
            segregation="text",
        ))
        notes = "\n".join(line.note for line in wizard.line_ids if line.state == "error")
        for text in (
            "credit_policies > P > overdue_days: many is no number",
            "credit_policies > P > no_field: there is no such field",
            "grade_line_ids 1 > payment_term_id: there is no nowhere",
            "o2c_base.group_nobody",
            "controls > credit_limit > mode: sleeping is none of",
            "exposure_weights > receivable: 3",
            "Section segregation can't be understood",
        ):
            self.assertIn(text, notes)
        wizard.line_ids.is_chosen = True
        wizard.action_load()
        self.assertFalse(self.get_policy(name="P"))

    def test_broken_file_is_shown_with_its_line(self):
        wizard = self.preview(content='{"format": "o2c.preset",\n "version": ')
        self.assertEqual(wizard.error_count, 1)
        self.assertIn("line 2", wizard.line_ids.name)
        with self.assertRaises(UserError):
            wizard.action_load()

    def test_unknown_section_is_left_out_with_a_note(self):
        wizard = self.preview(content=self.make_file(dunning={"x": 1}))
        self.assertEqual(wizard.line_ids.state, "kept")
        self.assertIn("install the module", wizard.line_ids.note)

    def test_amounts_of_another_currency_have_to_be_accepted(self):
        content = self.make_file(exposure_weights={"ordered": 0.5})
        content["currency"] = "CNY" if self.company.currency_id.name != "CNY" else "USD"
        wizard = self.preview(content=content, accept_currency=False)
        with self.assertRaises(UserError):
            wizard.action_load()
        wizard.accept_currency = True
        wizard.action_load()
        self.assertEqual(self.presets._get_preset_weights(self.company)["ordered"], 0.5)

    # === RIGHTS === #

    def test_other_roles_neither_preview_nor_load_nor_export(self):
        for user in (self.officer, self.manager, self.director, self.seller, self.auditor):
            with self.assertRaises(AccessError):
                self.open(user=user)
            wizard = self.open().with_user(user).sudo()
            for action in ("action_preview", "action_load", "action_export"):
                with self.assertRaises(AccessError):
                    getattr(wizard, action)()
        self.assertFalse(self.get_policy())

    def test_administrator_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Second"})
        wizard = self.open().sudo()
        wizard.company_id = other
        with self.assertRaises(AccessError):
            wizard.with_user(self.administrator).sudo().action_load()
