import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import DAY, MonthEndCase

PRESET = {"sections": {"month_end": {
    "active": True, "tax": "deferred", "right": "delivery", "services": "delivered", "tolerance": 1.5,
    "quantities_first": True}}}


@tagged("post_install", "-at_install", "o2c")
class TestAccrualSetup(MonthEndCase):
    """Settings, accounts, presets, checklist."""

    def test_accounts_are_created_once_and_registered(self):
        accounts = [self.company[name] for name in (
            "o2c_contract_asset_account_id", "o2c_unbilled_account_id", "o2c_contract_liability_account_id",
            "o2c_deferred_vat_account_id")]
        self.assertEqual(len({account.code for account in accounts}), 4)
        self.assertEqual(self.company.o2c_accrual_journal_id.type, "general")
        self.rpc(self.accountant, self.company, "action_o2c_create_accrual_accounts")
        self.assertEqual(accounts[0], self.company.o2c_contract_asset_account_id)
        entries = self.env["o2c.register"].search([
            ("event", "=", "accrual_accounts"), ("res_model", "=", "res.company"),
            ("res_id", "=", self.company.id)])
        self.assertEqual(len(entries), 1)

    def test_accounts_and_journal_are_those_of_the_company(self):
        other = self.make_company("Month End Abroad")
        theirs = self.env["account.account"].with_company(other).with_context(
            allowed_company_ids=other.ids).create(
            {"name": "Theirs", "code": "180099", "account_type": "asset_current"})
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", other.id)], limit=1)
        for vals in ({"o2c_contract_asset_account_id": theirs.id}, {"o2c_accrual_journal_id": journal.id}):
            [name] = vals
            before = self.company[name]
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.company.write(vals)
            self.env.invalidate_all()
            self.assertEqual(self.company[name], before)

    def test_accounts_are_not_created_by_anybody(self):
        self.company.o2c_contract_asset_account_id = False
        for user in (self.officer, self.director, self.seller, self.auditor):
            with self.assertRaises(AccessError):
                self.rpc(user, self.company, "action_o2c_create_accrual_accounts")
        self.assertFalse(self.company.o2c_contract_asset_account_id)

    def test_receivable_account_is_refused(self):
        receivable = self.env["account.account"].search(
            [("account_type", "=", "asset_receivable"), ("company_ids", "in", self.company.ids)], limit=1)
        before = self.company.o2c_unbilled_account_id
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.company.o2c_unbilled_account_id = receivable
        self.assertEqual(self.company.o2c_unbilled_account_id, before)

    def test_tolerance_is_a_percentage(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.company.o2c_check_tolerance = 100.0

    def test_preset_is_planned_loaded_and_exported(self):
        policy = self.make_user("policy", "o2c_base.group_policy_administrator")
        presets = self.env["o2c.preset"].with_user(policy)
        company = self.company.with_user(policy)
        content = PRESET["sections"]["month_end"]
        planned = [item for section, item in presets._plan(company, PRESET) if section.code == "month_end"]
        self.assertEqual({item.state for item in planned}, {"changed"})
        presets._load(company, {**PRESET, "name": "Test", "code": "t"},
                      {("month_end", item.key) for item in planned})
        self.assertEqual(json.loads(json.dumps(presets._preset_export_month_end(company))), content)
        again = presets._preset_plan_month_end(company, content)
        self.assertEqual({item.state for item in again}, {"same"})

    def test_preset_with_a_wrong_value_is_an_error(self):
        [item] = [
            item for item in self.env["o2c.preset"]._preset_plan_month_end(self.company, {"tax": "gross"})
            if item.key == "tax"]
        self.assertEqual(item.state, "error")

    def test_presets_of_the_module_switch_the_run_on(self):
        for code in ("guideline9_cn", "international_ifrs"):
            sections = self.env["o2c.preset"]._get_files()[code]["sections"]
            self.assertTrue(sections["month_end"]["active"])
            self.assertIn("accrual", sections["authority"])

    def test_preset_is_for_policy_administrators(self):
        with self.assertRaises(AccessError):
            self.env["o2c.preset"].with_user(self.officer)._preset_load_month_end(
                self.company, {"active": True}, {"active"})
        self.assertFalse(self.company.o2c_accrual_active)

    def test_checklist_says_what_is_missing(self):
        items = self.env["o2c.checklist"].sudo()
        self.assertEqual(items._get_finding_accrual_accounts(self.company).state, "done")
        self.company.o2c_contract_asset_account_id = False
        finding = items._get_finding_accrual_accounts(self.company)
        self.assertEqual(finding.state, "todo")
        self.assertIn("Contract assets", finding.text)
        self.assertEqual(items._get_finding_accrual_run(self.company).state, "todo")
        self.company.o2c_accrual_active = True
        self.assertEqual(items._get_finding_accrual_run(self.company).state, "attention")
        self.assertEqual(items._get_finding_quantity_check(self.company).state, "attention")

    def test_tiles_count_what_waits(self):
        runs = self.env["o2c.accrual.run"].with_user(self.officer)
        before = runs._get_overview_data("accrual_run")["count"]
        self.deliver(self.make_order((self.product, 2, 100.0)), 1)
        self.prepare(DAY)
        self.assertEqual(runs._get_overview_data("accrual_run")["count"], before + 1)

    def test_confirming_an_order_asks_nothing_more(self):
        """The module has no override on orders, order lines and moves."""
        for model in ("sale.order", "sale.order.line", "stock.move", "stock.move.line"):
            for method in ("create", "write", "action_confirm", "_action_confirm", "_action_done"):
                found = [
                    base for base in type(self.env[model]).__mro__
                    if "o2c_month_end" in base.__module__ and method in vars(base)]
                self.assertFalse(found, f"{model}.{method}")
