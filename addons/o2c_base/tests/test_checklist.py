from datetime import timedelta
from html import unescape

from freezegun import freeze_time
from odoo import fields
from odoo.addons.o2c_base.models.register_seal import Verification
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import O2cCommon


@tagged("post_install", "-at_install")
class TestChecklist(O2cCommon):
    """The checklist measures; nobody ticks it off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.make_user(
            "cl_admin", "group_policy_administrator", companies=cls.company | cls.company_b)
        cls.auditor = cls.make_user("cl_auditor", "group_auditor")
        cls.collector = cls.make_user("cl_collector", "group_collector")

    def item(self, name, user=None, company=None):
        return self.env.ref(f"o2c_base.checklist_{name}").with_user(
            user or self.administrator).with_company(company or self.company)

    def test_every_item_has_a_state_a_finding_and_a_reason(self):
        items = self.env["o2c.checklist"].with_user(self.auditor).search([])
        self.assertGreaterEqual(len(items), 4)
        for item in items:
            self.assertTrue(item.state and item.finding and item.why, item.name)
            self.assertTrue(hasattr(item, f"_get_finding_{item.code}"), item.code)

    def test_roles_are_done_when_each_has_a_holder_in_the_company(self):
        item = self.item("roles", company=self.company_b)
        self.assertEqual(item.state, "todo")
        self.assertIn("Credit Manager", item.finding)
        for number, role in enumerate((
            "group_credit_manager", "group_finance_director", "group_general_manager", "group_auditor",
        )):
            self.make_user(f"cl_{number}", role, companies=self.company_b)
        self.env.invalidate_all()
        self.assertEqual(item.state, "done", item.finding)
        self.env["res.users"].search([("login", "=", "cl_1")]).active = False
        self.env.invalidate_all()
        self.assertIn("Finance Director", item.finding)

    def test_time_zone_is_that_of_the_current_company(self):
        self.company.o2c_tz = "UTC"
        self.assertEqual(self.item("timezone").state, "attention")
        other = self.item("timezone", company=self.company_b)
        self.assertEqual(other.state, "done")
        self.assertIn("Asia/Shanghai", other.finding)

    def test_seal_is_done_only_when_verified_lately_and_intact(self):
        item = self.item("seal")
        seals = self.env["o2c.register.seal"]
        seals._log_verification(Verification())
        self.env.invalidate_all()
        self.assertEqual(item.state, "done", item.finding)
        with self.patch_now(days=9):
            self.env.invalidate_all()
            self.assertEqual(item.state, "attention")
        broken = Verification()
        broken.add("deleted", entry=5, sequence=5)
        seals._log_verification(broken)
        self.env.invalidate_all()
        self.assertEqual(item.state, "todo")
        self.assertIn("was deleted", item.finding)

    def patch_now(self, days):
        return freeze_time(fields.Datetime.now() + timedelta(days=days))

    def test_job_that_is_switched_off_is_named(self):
        job = self.env.ref("o2c_base.cron_seal")
        self.env["ir.cron"].search([]).nextcall = fields.Datetime.now()
        self.assertEqual(self.item("jobs").state, "done", self.item("jobs").finding)
        job.active = False
        self.env.invalidate_all()
        self.assertEqual(self.item("jobs").state, "todo")
        self.assertIn(job.name, self.item("jobs").finding)

    def test_button_opens_the_screen_with_the_rights_of_the_user(self):
        self.assertEqual(
            self.item("roles").action_open()["res_model"], "res.users")
        with self.assertRaises(AccessError):
            self.item("seal").action_open()
        self.assertEqual(self.item("seal", self.auditor).action_open()["res_model"], "o2c.register.seal")

    def test_other_roles_see_nothing_and_the_auditor_hides_nothing(self):
        with self.assertRaises(AccessError):
            self.item("roles", self.collector).read(["finding"])
        with self.assertRaises(AccessError):
            self.env["o2c.checklist"].with_user(self.collector).action_print()
        with self.assertRaises(AccessError):
            self.item("roles", self.auditor).write({"active": False})
        self.item("roles").write({"active": False})
        self.assertNotIn(self.item("roles"), self.env["o2c.checklist"].search([]))

    def test_print_lists_all_items(self):
        action = self.env["o2c.checklist"].with_user(self.administrator).action_print()
        self.assertEqual(action["type"], "ir.actions.report")
        items = self.env["o2c.checklist"].search([])
        html = self.env["ir.actions.report"].with_user(self.administrator)._render_qweb_html(
            "o2c_base.checklist_document", items.ids)[0]
        text = unescape(html.decode())
        for item in items:
            self.assertTrue(item.name in text and item.finding in text, item.name)

    def test_tile_counts_what_is_open(self):
        tile = self.env.ref("o2c_base.overview_tile_checklist").with_user(self.administrator)
        states = self.env["o2c.checklist"].with_user(self.administrator).search([]).mapped("state")
        self.assertEqual(tile.count, len([state for state in states if state != "done"]))
