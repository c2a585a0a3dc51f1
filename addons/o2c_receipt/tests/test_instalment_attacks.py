from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_instalment import DEPOSIT, RETENTION, InstalmentCase

MODEL = "o2c.receipt.allocation"


@tagged("post_install", "-at_install", "o2c")
class TestInstalmentAttacks(InstalmentCase):
    """Nobody decides past the dialogs which instalment is paid."""

    def setUp(self):
        super().setUp()
        self.payment = self.make_payment(500)

    def get_facts(self):
        self.env.invalidate_all()
        rows = self.env[MODEL].search([], order="id")
        return [(row.id, row.state, row.order_id.id, row.instalment_id.id, row.amount) for row in rows], \
            self.get_received()

    def refuse(self, method, *args, **kwargs):
        before = self.get_facts()
        loggers = ("odoo.sql_db", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
        with mute_logger(*loggers), \
                self.assertRaises(UserError), self.cr.savepoint():
            method(*args, **kwargs)
        self.assertEqual(self.get_facts(), before)

    def attack(self, part, *, user=None, order=None, amount=100):
        """What a client of the external API can do: write any field of the dialogs, then press."""
        user, order = user or self.accountant, order or self.order
        wizard = self.env["o2c.receipt.allocate"].with_user(user).create({
            "payment_id": self.payment.id,
            "line_ids": [Command.create({
                "payment_id": self.payment.id, "order_id": order.id, "instalment_id": part.id,
                "currency_id": self.usd.id, "amount": amount})]})
        return wizard.action_allocate()

    def test_link_is_written_by_nobody(self):
        self.give_payment(self.payment, RETENTION, 100)
        row = self.get_rows(self.payment)
        deposit = self.parts[DEPOSIT].id
        context = {"o2c_guard_pass": True, "default_instalment_id": deposit}
        for user in (self.seller, self.accountant, self.officer, self.manager, self.auditor):
            for values in ({"instalment_id": deposit}, {"instalment_id": False}, {"instalment_name": "X"}):
                self.refuse(self.call, user, MODEL, "write", row.ids, values, context=context)
            self.refuse(self.call, user, MODEL, "create", [{
                "payment_id": self.payment.id, "receipt_ref": self.payment.id, "order_id": self.order.id,
                "instalment_id": deposit, "amount": 5, "state": "active"}], context=context)
            self.refuse(self.call, user, MODEL, "copy", row.ids)
            self.refuse(self.call, user, MODEL, "_drop_instalments", row.ids, row.ids)
        self.refuse(row.sudo().write, {"instalment_id": deposit})
        self.assertFalse(self.env[MODEL]._guard_get_weaknesses())
        self.assertFalse(self.env["o2c.payment.request"]._guard_get_weaknesses())

    def test_part_of_another_order_is_refused(self):
        other = self.make_order(1000, o2c_schedule_template_id=self.template.id)
        foreign = other.o2c_instalment_ids[0]
        self.refuse(self.attack, foreign)
        register = self.env["o2c.receipt.register"].with_user(self.accountant).create(
            {"order_id": self.order.id, "amount": 100, "date": "2026-03-20"})
        register.instalment_id = foreign
        payments = self.env["account.payment"].search_count([])
        self.refuse(register.action_register)
        self.assertEqual(self.env["account.payment"].search_count([]), payments)
        self.attack(self.parts[RETENTION])
        row = self.get_rows(self.payment)
        wizard = self.env["o2c.receipt.reallocate"].with_user(self.accountant).create({
            "allocation_id": row.id, "amount": 100, "reason": "x", "order_id": self.order.id})
        wizard.instalment_id = foreign
        self.refuse(wizard.action_reallocate)
        # The same place again is no re-allocation.
        wizard.instalment_id = self.parts[RETENTION]
        self.refuse(wizard.action_reallocate)

    def test_part_of_a_quotation_is_refused(self):
        draft = self.make_order(1000, confirm=False, o2c_schedule_template_id=self.template.id)
        self.refuse(self.attack, draft.o2c_instalment_ids[0], order=draft)

    def test_part_of_another_company_is_refused(self):
        theirs = self.make_order(1000, company=self.other_company, o2c_schedule_template_id=self.template.id)
        part = theirs.o2c_instalment_ids[0]
        self.refuse(self.attack, part)
        self.refuse(self.attack, part, order=theirs)
        self.accountant.company_ids |= self.other_company
        self.refuse(self.attack, part)
        both = self.accountant.with_context(allowed_company_ids=(self.company | self.other_company).ids)
        self.refuse(self.attack, part, user=both, order=theirs)

    def test_who_does_not_allocate_names_nothing(self):
        request_action = self.order.with_user(self.seller).action_o2c_request_payment()
        for user in (self.seller, self.colleague, self.auditor, self.manager):
            self.refuse(self.attack, self.parts[RETENTION], user=user)
            self.refuse(self.call, user, "o2c.payment.request", "action_register_receipt",
                        [request_action["res_id"]])

    def test_changed_schedule_takes_no_part_of_another_order(self):
        other = self.make_order(1000, o2c_schedule_template_id=self.template.id)
        self.give_payment(self.payment, DEPOSIT, 100)
        before = [(part.id, part.kind, part.days) for part in other.o2c_instalment_ids]
        wizard = self.env["o2c.schedule.change"].with_user(self.manager).create({
            "order_id": self.order.id, "reason": "x",
            "line_ids": [Command.create({
                "percent": 100, "days": 900, "instalment_id": other.o2c_instalment_ids[0].id})]})
        wizard.action_change()
        self.assertEqual([(part.id, part.kind, part.days) for part in other.o2c_instalment_ids], before)
        self.assertEqual(len(self.order.o2c_instalment_ids), 1)
        self.assertTrue(self.get_rows(self.payment).is_dropped)
