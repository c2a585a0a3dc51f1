from odoo import Command
from odoo.tests import tagged

from .common import GateCase

MODEL = "o2c.invoice.application"


@tagged("post_install", "-at_install", "o2c")
class TestAttacks(GateCase):
    """Each attempt to get an invoice past money and signature ends refused, and nothing has changed."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order(1000)
        self.pay(self.order, 100)
        self.application = self.apply(self.order)
        self.everybody = (self.seller, self.colleague, self.accountant, self.officer, self.director,
                          self.auditor, self.policy_user)

    def test_decisions_can_not_be_written(self):
        values = {
            "state": "invoiced", "is_exception": True, "amount": 5.0, "user_id": self.colleague.id,
            "partner_id": self.stranger.id, "order_ids": [Command.clear()], "missing_submitted": 9.0,
            "kind": "down_payment", "name": "X", "company_id": self.other_company.id,
        }
        for user in self.everybody:
            for name, value in values.items():
                with self.subTest(user=user.name, field=name):
                    self.refuse(self.order, self.call, user, MODEL, "write", self.application.ids,
                                {name: value}, context={"o2c_guard_pass": True})
            self.refuse(self.order, self.call, user, MODEL, "create", [{
                "partner_id": self.customer.id, "order_ids": [Command.set(self.order.ids)],
                "company_id": self.company.id, "state": "invoiced"}])
            self.refuse(self.order, self.call, user, MODEL, "create", [{}], context={
                "default_state": "invoiced", "default_partner_id": self.customer.id})

    def test_lines_can_not_be_forged(self):
        line = self.application.line_ids
        for user in self.everybody:
            for values in ({"amount": 1.0}, {"sale_line_id": self.make_order(1).order_line.id},
                           {"order_id": self.make_order(1).id}, {"is_deduction": True}):
                self.refuse(self.order, self.call, user, line._name, "write", line.ids, values)
            self.refuse(self.order, self.call, user, line._name, "create", [{
                "application_id": self.application.id, "order_id": self.order.id, "amount": 999}])
            self.refuse(self.order, self.call, user, MODEL, "write", self.application.ids, {
                "line_ids": [Command.create({"order_id": self.order.id, "amount": 999})]})

    def test_what_was_applied_for_is_fixed(self):
        self.pay(self.order, 500)
        self.application.action_submit()
        for values in ({"reason": "other"}, {"down_amount": 1}, {"deduct_down_payments": False}):
            self.refuse(self.order, self.application.write, values)
        self.refuse(self.order, self.application.line_ids.write, {"quantity": 0.5})
        self.refuse(self.order, self.application.line_ids.unlink)
        self.refuse(self.order, self.application.unlink)

    def test_nobody_signs_for_himself(self):
        both = self.make_user(
            "both", "sales_team.group_sale_manager,o2c_base.group_finance_director")
        self.order.sudo().user_id = both
        self.pay(self.order, 500)
        application = self.apply(self.order, user=both)
        application.action_submit()
        request = application.sudo().o2c_request_id
        self.refuse(self.order, request.with_user(both).action_approve, "mine")
        request.with_user(self.officer).action_approve("checked")
        for user in (both, self.officer, self.seller, self.accountant, self.auditor):
            self.refuse(self.order, request.with_user(user).action_approve, "signed")

    def test_director_does_not_sign_both_steps(self):
        self.pay(self.order, 500)
        self.application.action_submit()
        request = self.application.sudo().o2c_request_id
        self.refuse(self.order, request.with_user(self.director).action_approve, "as officer")
        deputy = self.make_user("deputy", "o2c_base.group_finance_director")
        request.with_user(deputy).action_approve("as officer")
        self.refuse(self.order, request.with_user(deputy).action_approve, "again")

    def test_every_door_to_a_posted_invoice(self):
        order = self.order
        self.set_control("invoice_three_way", "off")
        self.assertFalse(order.with_user(self.seller)._create_invoices())
        wizard = self.env["sale.advance.payment.inv"].with_user(self.seller).with_context(
            active_model="sale.order", active_ids=order.ids).create({"advance_payment_method": "delivered"})
        wizard.create_invoices()
        self.assertFalse(order.invoice_ids)
        move = self.env["account.move"].with_user(self.accountant).create({
            "move_type": "out_invoice", "partner_id": self.customer.id,
            "invoice_line_ids": [Command.create({
                "name": "x", "product_id": self.product.id, "quantity": 1, "price_unit": 1000,
                "tax_ids": [Command.clear()],
                "sale_line_ids": [Command.link(order.order_line.id)]})]})
        before = self.look(order)
        for method, args in (("action_post", ()), ("write", ({"state": "posted"},)),
                             ("_post", ()), ("_post", (False,)), ("action_post", ())):
            with self.subTest(method=method):
                try:
                    with self.env.cr.savepoint():
                        getattr(move.with_context(o2c_gate_figures={}, o2c_invoice_parts={}), method)(*args)
                except Exception as error:
                    self.assertIn("missing", str(error))
                self.env.invalidate_all()
                self.assertEqual(move.state, "draft")
        move.sudo()._post(soft=True)
        self.assertEqual((move.state, self.look(order)), ("draft", before), "what the nightly job does")

    def test_deleting_something_else_empties_nothing(self):
        for model in (MODEL, f"{MODEL}.line", "o2c.delivery.slip", "o2c.invoice.policy"):
            self.assertEqual(self.env[model]._guard_get_weaknesses(), [])

    def test_forged_context_makes_nothing(self):
        """What travels in the context is an object of the process; JSON is none."""
        order = self.order.with_user(self.seller).with_context(
            o2c_invoice_parts={"quantities": {str(self.order.order_line.id): 1}},
            o2c_gate_figures={"orders": {}})
        self.assertFalse(order._create_invoices())
        self.assertFalse(self.order.invoice_ids)

    def test_release_of_a_hold_does_not_open_the_share(self):
        """Below the share only the way of exceptions is open: the hold is none that a manager releases."""
        self.order.with_user(self.seller)._create_invoices()
        holds = self.env["o2c.hold"].search(
            [("order_id", "=", self.order.id), ("checkpoint", "=", "invoice")])
        self.assertIn("forbid", holds.mapped("severity"))
        wizard = self.env["o2c.hold.release"].with_user(self.seller)
        self.refuse(self.order, lambda: wizard.create({
            "hold_ids": [Command.set(holds.ids)], "reason": "please",
            "valid_until": self.company._o2c_today()}).action_ask())

    def test_others_see_and_change_nothing_of_it(self):
        colleague = self.application.with_user(self.colleague)
        self.refuse(self.order, colleague.write, {"reason": "mine now"})
        self.refuse(self.order, colleague.action_submit)
        for user in (self.officer, self.director, self.accountant, self.auditor):
            mine = self.application.with_user(user)
            self.assertTrue(mine.name)
            for method in ("action_submit", "action_submit_exception", "action_cancel", "action_reset_draft"):
                self.refuse(self.order, getattr(mine, method))
            self.refuse(self.order, self.order.with_user(user).action_o2c_apply_invoice)

    def test_another_company_reads_nothing(self):
        stranger = self.make_user(
            "abroad", "o2c_base.group_finance_director", company_id=self.other_company.id,
            company_ids=[Command.set(self.other_company.ids)])
        self.assertFalse(self.env[MODEL].with_user(stranger).search([]))
        self.refuse(self.order, self.application.with_user(stranger).read, ["amount"])
