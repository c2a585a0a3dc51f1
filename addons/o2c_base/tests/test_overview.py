from unittest.mock import patch

from freezegun import freeze_time
from odoo.addons.o2c_base.models.register_seal import Verification
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import O2cCommon


@tagged("post_install", "-at_install")
class TestOverview(O2cCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.make_user("ov_auditor", "group_auditor")
        cls.collector = cls.make_user("ov_collector", "group_collector")
        cls.tile = cls.env.ref("o2c_base.overview_tile_register_today")

    def test_tile_counts_with_the_rights_of_the_reader(self):
        customer = self.make_customer()
        tile = self.tile.with_user(self.auditor)
        before = tile.count
        register = self.env["o2c.register"]
        register._log(customer, "note", "own", company=self.company)
        register._log(customer, "note", "other", company=self.company_b)
        self.env.invalidate_all()
        self.assertEqual(tile.count, before + 1)
        self.assertEqual(tile.tone, "info")

    def test_refused_attempts_of_a_week_ask_for_attention(self):
        tile = self.env.ref("o2c_base.overview_tile_register_refused").with_user(self.auditor)
        before = tile.count
        register, customer = self.env["o2c.register"], self.make_customer()
        register._log_refusal(customer, "guard_refused", "now")
        with freeze_time("2020-01-01"):
            register._log_refusal(customer, "guard_refused", "long ago")
        self.env.invalidate_all()
        self.assertEqual((tile.count, tile.tone), (before + 1, "warning"))

    def test_broken_register_is_urgent(self):
        seals = self.env["o2c.register.seal"]
        tile = self.env.ref("o2c_base.overview_tile_register_seal").with_user(self.auditor)
        while seals._seal_batch():
            pass
        self.env["o2c.register"]._log(self.make_customer(), "note", "not sealed")
        self.assertEqual(tile.count, 1)
        broken = Verification()
        broken.add("deleted", entry=5, sequence=5)
        seals._log_verification(broken)
        self.env.invalidate_all()
        self.assertEqual(tile.tone, "danger")
        self.assertIn("Entry 5 (seal 5) was deleted", tile.caption)

    def test_tile_opens_its_list(self):
        action = self.tile.with_user(self.auditor).action_open()
        self.assertEqual(action["res_model"], "o2c.register")

    def test_tiles_of_other_roles_are_hidden(self):
        tiles = self.env["o2c.overview.tile"].with_user(self.collector).search([])
        self.assertNotIn(self.tile, tiles)
        self.assertIn(self.env.ref("o2c_base.overview_tile_corporate_group"), tiles)
        with self.assertRaises(AccessError):
            self.tile.with_user(self.collector).action_open()

    def test_tile_of_a_model_that_the_reader_may_not_read_counts_nothing(self):
        tile = self.env["o2c.overview.tile"].create({
            "name": "Users", "code": "test_rules",
            "action_id": self.env.ref("base.action_rule").id,
        })
        self.assertEqual(tile.with_user(self.collector).count, 0)
        with self.assertRaises(AccessError):
            tile.with_user(self.collector).action_open()
        self.assertGreater(tile.count, 0)

    def test_hook_of_the_model_says_number_sentence_and_tone(self):
        model = type(self.env["o2c.corporate.group"])
        tile = self.env.ref("o2c_base.overview_tile_corporate_group").with_user(self.collector)

        def hook(records, code):
            return {"count": 3, "caption": f"told by {code}", "tone": "danger"}

        with patch.object(model, "_get_overview_data", hook, create=True):
            self.env.invalidate_all()
            self.assertRecordValues(tile, [{
                "count": 3, "caption": "told by corporate_groups", "tone": "danger"}])

    def test_every_tile_of_every_module_can_be_shown_and_opened(self):
        user = self.make_user("ov_all", *(
            "group_credit_manager", "group_collector", "group_finance_director", "group_general_manager",
            "group_legal_counsel", "group_policy_administrator", "group_auditor"))
        for tile in self.env["o2c.overview.tile"].with_user(user).search([]):
            with self.subTest(tile.code):
                self.assertGreaterEqual(tile.count, 0)
                self.assertTrue(tile.action_open()["res_model"])
