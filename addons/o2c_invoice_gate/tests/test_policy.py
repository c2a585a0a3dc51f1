import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import file_open

from .common import GateCase


@tagged("post_install", "-at_install", "o2c")
class TestPolicy(GateCase):
    """Who edits policies, whom they judge, and the presets."""

    def test_only_policy_administrators(self):
        for user in (self.seller, self.officer, self.director, self.accountant, self.auditor):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.policy.with_user(user).write({"threshold": 1})
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.policy.with_user(user).action_end()
        self.assertEqual((self.policy.threshold, self.policy.state), (60, "in_force"))

    def test_what_has_judged_is_replaced(self):
        order = self.make_order(1000)
        order._create_invoices()
        self.assertTrue(self.policy.is_used)
        policy = self.policy.with_user(self.policy_user)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            policy.write({"threshold": 10})
        draft = policy.browse(policy.action_new_version()["res_id"])
        draft.threshold = 10
        draft.action_put_in_force()
        self.pay(order, 100)
        self.assertEqual((order.o2c_invoice_threshold, order.o2c_invoice_missing), (10, 0))

    def test_scope(self):
        group = self.env["res.partner.category"].create({"name": "Gate: strict"})
        self.make_policy(name="Strict", threshold=100, sequence=1, partner_category_ids=[(6, 0, group.ids)])
        self.customer.category_id = group
        order, other = self.make_order(1000), self.make_order(1000, partner=self.stranger)
        self.assertEqual((order.o2c_invoice_missing, other.o2c_invoice_missing), (1000, 600))

    def test_settlements_of_agents_are_signed_and_wait_for_no_money(self):
        """What an agent has sold is settled first and paid then: a policy of the agents' own asks for no
        share, and for the signatures as ever."""
        agents = self.env["res.partner.category"].create({"name": "Gate: agents"})
        self.make_policy(
            name="Settlements", threshold=0, sequence=1, partner_category_ids=[(6, 0, agents.ids)])
        settled, bought = self.make_goods(), self.make_goods(partner_id=self.stranger.id)
        self.customer.category_id = agents
        for order in (settled, bought):
            self.deliver(order)
        self.assertEqual((settled.o2c_invoice_missing, bought.o2c_invoice_missing), (0, 600))
        self.assertFalse(settled._create_invoices())
        self.assertEqual(set(self.get_codes(settled, "invoice")), {"invoice_application"})
        invoice = self.issue(settled)
        self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 1000))
        self.customer.category_id = False
        self.assertEqual(self.make_goods().o2c_invoice_missing, 600)

    def test_figures_are_sane(self):
        wrong = (("threshold", 101), ("threshold", -1), ("quantity_tolerance", -1), ("wait_days", -1))
        for name, value in wrong:
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.make_policy(name="Wrong", **{name: value})

    def test_presets(self):
        presets = self.env["o2c.preset"].with_user(self.policy_user)
        for code in ("guideline9_cn", "international_ifrs"):
            with file_open(f"o2c_invoice_gate/presets/{code}.json") as source:
                content = json.load(source)["sections"]["invoice_policies"]
            [item] = [one for one in presets._preset_plan_invoice_policies(self.company, content)
                      if one.state != "kept"]
            self.assertEqual(item.state, "new")
            presets._preset_load_invoice_policies(self.company, content, {item.key})
            policy = self.env["o2c.invoice.policy"].search([("name", "=", item.key)])
            self.assertEqual(policy.state, "draft")
            again = presets._preset_plan_invoice_policies(self.company, content)
            self.assertEqual([one.state for one in again if one.key == item.key], ["same"])
            policy.with_user(self.policy_user).action_put_in_force()
            self.assertIn(content[0], presets._preset_export_invoice_policies(self.company))
            changed = [{**content[0], "threshold": 75.0}]
            presets._preset_load_invoice_policies(self.company, changed, {item.key})
            drafts = self.env["o2c.invoice.policy"].search(
                [("name", "=", item.key), ("state", "=", "draft")])
            self.assertEqual((drafts.threshold, drafts.previous_id, policy.threshold), (75, policy, 60))
            wrong = [{**content[0], "rule": "never", "colour": 1}]
            [bad] = [one for one in presets._preset_plan_invoice_policies(self.company, wrong)
                     if one.state == "error"]
            self.assertIn("colour", bad.note)

    def test_checklist(self):
        checklist = self.env["o2c.checklist"]
        for code in ("invoice_policy", "invoice_authority", "invoice_controls"):
            finding = getattr(checklist, f"_get_finding_{code}")(self.company)
            self.assertEqual(finding.state, "done", code)
        self.policy.action_end()
        self.assertEqual(checklist._get_finding_invoice_policy(self.company).state, "todo")
        self.set_control("invoice_ratio", "observing")
        self.assertEqual(checklist._get_finding_invoice_controls(self.company).state, "attention")
        self.env["o2c.authority"].search([("kind", "=", "invoice_exception")]).unlink()
        self.assertEqual(checklist._get_finding_invoice_authority(self.company).state, "todo")
