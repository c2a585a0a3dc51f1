from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .schedule_common import ScheduleCase

MODEL = "o2c.instalment"


@tagged("post_install", "-at_install", "o2c")
class TestScheduleAttacks(ScheduleCase):
    """Who may change what of a schedule, and that nobody does it otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales_manager = cls.make_user("sales_manager", "sales_team.group_sale_manager")
        cls.policy = cls.make_user("policy", "o2c_base.group_policy_administrator")
        cls.everybody = (cls.seller, cls.sales_manager, cls.accountant, cls.officer, cls.manager, cls.auditor)

    def setUp(self):
        super().setUp()
        self.order = self.make_order(1000, o2c_schedule_template_id=self.template.id)
        self.other = self.make_template("Later", [{"kind": "retention", "percent": 100, "days": 365}])

    def refuse(self, method, *args, **kwargs):
        before = self.get_terms(self.order)
        with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"), \
                self.assertRaises(UserError), self.cr.savepoint():
            method(*args, **kwargs)
        self.env.invalidate_all()
        self.assertEqual(self.get_terms(self.order), before)

    def get_terms(self, order):
        return [
            (part.id, part.kind, part.percent, part.trigger, part.days) for part in order.o2c_instalment_ids]

    def change(self, user, order, parts, reason="Agreed by mail"):
        wizard = self.env["o2c.schedule.change"].with_user(user).create({
            "order_id": order.id, "reason": reason,
            "line_ids": [Command.create(part) for part in parts]})
        return wizard.action_change()

    # === QUOTATION === #

    def test_salesperson_chooses_and_edits_on_the_quotation(self):
        order = self.make_order(1000, confirm=False).with_user(self.seller)
        order.o2c_schedule_template_id = self.template
        self.assertEqual(order.o2c_instalment_ids.mapped("amount"), [300, 300, 400])
        order.o2c_instalment_ids = [
            Command.update(order.o2c_instalment_ids[0].id, {"percent": 50}),
            Command.update(order.o2c_instalment_ids[2].id, {"percent": 20})]
        self.assertEqual(order.o2c_instalment_ids.mapped("amount"), [500, 300, 200])
        order.o2c_schedule_template_id = False
        self.assertFalse(order.o2c_instalment_ids)

    def test_shares_come_to_100(self):
        order = self.make_order(1000, confirm=False, o2c_schedule_template_id=self.template.id)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            order.o2c_instalment_ids = [Command.update(order.o2c_instalment_ids[0].id, {"percent": 20})]
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.make_template("Short", [{"percent": 99.99}])
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.make_template("Dateless", [{"percent": 100, "trigger": "date"}])

    def test_copy_of_an_order_is_a_quotation_with_the_same_terms(self):
        copied = self.order.copy()
        self.assertEqual(
            [terms[1:] for terms in self.get_terms(copied)],
            [terms[1:] for terms in self.get_terms(self.order)])
        copied.o2c_schedule_template_id = self.other
        self.assertEqual(len(self.get_terms(self.order)), 3)

    def test_quotation_is_deleted_with_its_schedule(self):
        order = self.make_order(1000, confirm=False, o2c_schedule_template_id=self.template.id)
        parts = order.o2c_instalment_ids
        order.with_user(self.sales_manager).unlink()
        self.assertFalse(parts.exists())

    # === CONFIRMED ORDER === #

    def test_confirmed_schedule_is_refused_on_every_way(self):
        part = self.order.o2c_instalment_ids[0]
        context = {"o2c_guard_pass": True, "default_order_id": self.order.id, "install_mode": True}
        new = {"kind": "retention", "percent": 10, "trigger": "delivery", "days": 900}
        for user in self.everybody:
            full = {**new, "order_id": self.order.id}
            self.refuse(self.call, user, MODEL, "create", [full], context=context)
            self.refuse(self.call, user, MODEL, "create", [new], context=context)
            self.refuse(self.call, user, MODEL, "write", part.ids, {"days": 900}, context=context)
            self.refuse(self.call, user, MODEL, "write", part.ids, {"percent": 1})
            self.refuse(self.call, user, MODEL, "unlink", part.ids)
            self.refuse(self.call, user, MODEL, "copy", part.ids)
            for command in (Command.clear(), Command.update(part.id, {"days": 900}), Command.create(new)):
                self.refuse(self.call, user, "sale.order", "write", self.order.ids, {
                    "o2c_instalment_ids": [command]})
            self.refuse(self.call, user, "sale.order", "write", self.order.ids, {
                "o2c_schedule_template_id": self.other.id})
        self.refuse(part.sudo().write, {"days": 900})
        self.refuse(self.order.sudo().write, {"o2c_schedule_template_id": False})

    def test_import_changes_nothing(self):
        result = self.env[MODEL].with_user(self.seller).load(
            ["order_id/.id", "kind", "percent", "trigger"],
            [[str(self.order.id), "retention", "10", "delivery"]])
        self.assertTrue(result["messages"])
        self.assertEqual(len(self.get_terms(self.order)), 3)

    def test_part_does_not_move_to_another_order(self):
        draft = self.make_order(10, confirm=False, o2c_schedule_template_id=self.template.id)
        part = draft.o2c_instalment_ids[0]
        self.refuse(self.call, self.seller, MODEL, "write", part.ids, {"order_id": self.order.id})
        self.refuse(self.call, self.seller, MODEL, "write", self.order.o2c_instalment_ids[0].ids, {
            "order_id": draft.id})

    def test_order_that_comes_confirmed_brings_no_parts(self):
        values = {
            "partner_id": self.customer.id, "state": "sale",
            "o2c_instalment_ids": [Command.create({"kind": "retention", "percent": 100, "days": 900})]}
        self.refuse(self.call, self.seller, "sale.order", "create", [values])

    def test_private_methods_are_out_of_reach(self):
        for model, method in ((MODEL, "_guarded_write"), ("sale.order", "_change_o2c_schedule"),
                              ("o2c.schedule", "_get_instalments")):
            self.refuse(self.call, self.seller, model, method, self.order.ids, {})
        self.assertFalse(self.env[MODEL]._guard_get_weaknesses())

    # === THE WAY TO CHANGE IT === #

    def test_credit_manager_and_finance_officer_change_it_with_a_reason(self):
        for user in (self.manager, self.officer):
            before = self.env["o2c.register"].search_count([("event", "=", "schedule_changed")])
            self.change(user, self.order, [
                {"kind": "deposit", "percent": 50, "trigger": "confirmation"}, {"percent": 50, "days": 10}])
            self.assertEqual(self.order.o2c_instalment_ids.mapped("percent"), [50, 50])
            entries = self.env["o2c.register"].search([("event", "=", "schedule_changed")])
            self.assertEqual(len(entries), before + 1)
            self.assertIn("Agreed by mail", entries[0].message)
            self.assertTrue(any("Agreed by mail" in body for body in self.order.message_ids.mapped("body")))
        self.change(self.manager, self.order, [])
        self.assertFalse(self.order.o2c_instalment_ids)

    def test_others_and_the_seller_of_the_order_do_not(self):
        parts = [{"kind": "retention", "percent": 100, "days": 900}]
        for user in (self.seller, self.sales_manager, self.accountant, self.auditor):
            self.refuse(self.change, user, self.order, parts)
            self.refuse(self.call, user, "sale.order", "action_o2c_change_schedule", self.order.ids)
        self.order.user_id = self.manager
        self.refuse(self.change, self.manager, self.order, parts)
        self.order.user_id = self.seller
        self.refuse(self.change, self.manager, self.order, parts, reason="  ")
        self.refuse(self.change, self.manager, self.order, [{"percent": 60}])
        foreign = self.make_order(100, company=self.other_company)
        self.refuse(self.change, self.manager, foreign, parts)

    def test_method_itself_asks_who_changes(self):
        """Whatever leads to it: the dialogue's access rights are not the only lock."""
        parts = [{"kind": "retention", "percent": 100, "trigger": "delivery", "days": 900}]
        entries = [("event", "=", "schedule_changed")]
        before = self.env["o2c.register"].search_count(entries)
        for user in (self.seller, self.sales_manager, self.accountant, self.auditor, self.policy):
            order = self.order.with_user(user)
            self.refuse(order._change_o2c_schedule, parts, "Agreed by mail")
            self.refuse(order.sudo()._change_o2c_schedule, parts, "Agreed by mail")
        self.assertEqual(self.env["o2c.register"].search_count(entries), before)
        self.order.with_user(self.officer)._change_o2c_schedule(parts, "Agreed by mail")
        self.assertEqual(self.order.o2c_instalment_ids.mapped("days"), [900])

    # === TEMPLATES AND READERS === #

    def test_templates_are_for_policy_administrators(self):
        for user in (self.seller, self.accountant, self.officer, self.auditor):
            self.assertTrue(self.template.with_user(user).name)
            self.refuse(self.call, user, "o2c.schedule.template", "write", self.template.ids, {
                "name": "Mine"})
            self.refuse(self.call, user, "o2c.schedule.template.line", "write", self.template.line_ids.ids, {
                "days": 900})
        self.template.with_user(self.policy).name = "Ours"

    def test_template_of_another_company_is_refused(self):
        theirs = self.make_template("Theirs", [{"percent": 100}], company=self.other_company)
        draft = self.make_order(10, confirm=False)
        self.refuse(draft.write, {"o2c_schedule_template_id": theirs.id})
        self.assertNotIn(theirs, self.env["o2c.schedule.template"].with_user(self.seller).search([]))

    def test_who_reads_what(self):
        part = self.order.o2c_instalment_ids[0]
        for user in (self.seller, self.sales_manager, self.accountant, self.officer, self.auditor):
            self.assertTrue(part.with_user(user).has_access("read"), user.name)
        self.assertFalse(part.with_user(self.colleague).has_access("read"))
        self.assertIn("Deposit", self.order.with_user(self.seller).o2c_schedule_html)
        theirs = self.make_order(10, company=self.other_company, o2c_schedule_template_id=self.template.id)
        self.assertFalse(theirs.o2c_instalment_ids[0].with_user(self.officer).has_access("read"))
