from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestOrderSinks(HoldCommon):
    """Ways round the button, as a salesperson through the external API. Each ends refused, with
    nothing changed and the refusal registered."""

    def setUp(self):
        super().setUp()
        self.set_control()
        self.set_limit(500)

    def refuse(self, order, function, *, text="would exceed the limit", count=1):
        """Call, expect a refusal, and expect that nothing happened."""
        before = self.snapshot(order)
        refusals = self.count_refusals()
        # Caught by hand: `assertRaises` would roll back by itself and hide what was left behind.
        try:
            function()
        except UserError as error:
            self.assertIn(text, str(error))
        else:
            self.fail("It was not refused.")
        self.env.invalidate_all()
        self.assertEqual(self.snapshot(order), before)
        self.assertEqual(self.count_refusals(), refusals + count)

    def snapshot(self, order):
        order = order.sudo()
        return {
            "order": order.read(["state", "amount_total", "partner_invoice_id", "currency_id", "locked"]),
            "lines": order.order_line.read(
                ["product_uom_qty", "price_unit", "discount", "product_id", "price_total"]
            ),
            "moves": order.order_line.move_ids.read(["product_uom_qty", "state"]),
            "count": self.env["sale.order"].search_count([]),
        }

    def count_refusals(self):
        return self.env["o2c.register"].search_count(
            [("event", "=", "step_refused"), ("is_refusal", "=", True)]
        )

    # --- into the state -------------------------------------------------------------------------------------

    def test_writing_the_state_is_refused(self):
        order = self.make_order(600)
        self.refuse(
            order, lambda: self.call(self.seller, "sale.order", "write", order.ids, {"state": "sale"})
        )

    def test_writing_the_state_of_a_harmless_order_passes(self):
        order = self.make_order(400)
        self.call(self.seller, "sale.order", "write", order.ids, {"state": "sale"})
        self.assertEqual(order.state, "sale")

    def test_writing_the_state_together_with_the_debtor_is_judged_with_him(self):
        poor = self.make_customer("Poor")
        self.set_limit(50, poor)
        order = self.make_order(100)
        vals = {"state": "sale", "partner_invoice_id": poor.id}
        self.refuse(order, lambda: self.call(self.seller, "sale.order", "write", order.ids, vals))

    def test_writing_the_state_again_with_lines_is_judged(self):
        order = self.make_confirmed(10)
        lines = [Command.create({"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 5000})]
        self.refuse(
            order,
            lambda: self.call(
                self.seller, "sale.order", "write", order.ids, {"state": "sale", "order_line": lines}
            ),
        )

    def test_web_form_save_is_refused(self):
        order = self.make_order(600)
        self.refuse(
            order,
            lambda: self.call(
                self.seller, "sale.order", "web_save", order.ids, {"state": "sale"}, specification={}
            ),
        )

    def test_creating_a_confirmed_order_is_refused(self):
        order = self.make_order(10)
        vals = {
            "partner_id": self.customer.id,
            "state": "sale",
            "order_line": [
                Command.create({"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 600})
            ],
        }
        self.refuse(order, lambda: self.call(self.seller, "sale.order", "create", [vals]))

    def test_creating_a_confirmed_order_by_context_is_refused(self):
        order = self.make_order(10)
        vals = {
            "partner_id": self.customer.id,
            "order_line": [
                Command.create({"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 600})
            ],
        }
        self.refuse(
            order,
            lambda: self.call(self.seller, "sale.order", "create", [vals], context={"default_state": "sale"}),
        )

    def test_importing_a_confirmed_order_is_refused(self):
        order = self.make_order(600)
        before = self.snapshot(order)
        result = self.call(self.seller, "sale.order", "load", [".id", "state"], [[str(order.id), "sale"]])
        self.assertIn("would exceed the limit", str(result["messages"]))
        self.assertEqual(self.snapshot(order), before)

    def test_context_keys_change_nothing(self):
        order = self.make_order(600)
        context = {
            "o2c_passed": True,
            "o2c_hold.passed": {str(("sale.order", order.id)): True},
            "o2c_guard_pass": True,
            "tracking_disable": True,
            "install_mode": True,
            "bypass": True,
        }
        self.refuse(
            order,
            lambda: self.call(
                self.seller, "sale.order", "write", order.ids, {"state": "sale"}, context=context
            ),
        )

    def test_quotation_copied_with_the_state_is_refused(self):
        order = self.make_order(600)
        self.refuse(order, lambda: self.call(self.seller, "sale.order", "copy", order.ids, {"state": "sale"}))

    def test_batch_write_refuses_all(self):
        small, great = self.make_order(50), self.make_order(600)
        orders = small | great
        # Judged together: both orders are in the figures of both.
        self.refuse(
            orders,
            lambda: self.call(self.seller, "sale.order", "write", orders.ids, {"state": "sale"}),
            count=2,
        )

    def test_two_harmless_orders_that_together_exceed_the_limit_are_refused_by_a_batch_write(self):
        orders = self.make_order(300) | self.make_order(300)
        self.refuse(
            orders,
            lambda: self.call(self.seller, "sale.order", "write", orders.ids, {"state": "sale"}),
            count=2,
        )

    def test_pass_of_a_button_does_not_cover_what_changed_on_the_way(self):
        order = self.make_order(100)

        def prepare(order):
            order.order_line.price_unit = 600
            return original(order)

        original = type(order)._prepare_confirmation_values
        self.patch(type(order), "_prepare_confirmation_values", prepare)
        with self.assertRaisesRegex(UserError, "would exceed the limit"):
            order.action_confirm()

    # --- lines of confirmed orders --------------------------------------------------------------------------

    def test_raising_quantity_is_refused_before_procurement(self):
        order = self.make_confirmed(100)
        self.refuse(
            order,
            lambda: self.call(
                self.seller, "sale.order.line", "write", order.order_line.ids, {"product_uom_qty": 6}
            ),
        )

    def test_raising_price_is_refused(self):
        order = self.make_confirmed(100)
        self.refuse(
            order,
            lambda: self.call(
                self.seller, "sale.order.line", "write", order.order_line.ids, {"price_unit": 501}
            ),
        )

    def test_removing_a_discount_is_refused(self):
        order = self.make_order(600)
        order.order_line.discount = 50
        order.action_confirm()
        self.refuse(
            order,
            lambda: self.call(self.seller, "sale.order.line", "write", order.order_line.ids, {"discount": 0}),
        )

    def test_adding_a_tax_is_refused(self):
        order = self.make_confirmed(500)
        tax = self.env["account.tax"].create({"name": "Ten", "amount": 10, "type_tax_use": "sale"})
        self.refuse(
            order,
            lambda: self.call(
                self.seller,
                "sale.order.line",
                "write",
                order.order_line.ids,
                {"tax_ids": [Command.link(tax.id)]},
            ),
        )

    def test_adding_a_line_is_refused_before_procurement(self):
        order = self.make_confirmed(100)
        vals = {"order_id": order.id, "product_id": self.product.id, "product_uom_qty": 5, "price_unit": 100}
        self.refuse(order, lambda: self.call(self.seller, "sale.order.line", "create", [vals]))

    def test_adding_a_line_by_default_order_is_refused(self):
        order = self.make_confirmed(100)
        vals = {"product_id": self.product.id, "product_uom_qty": 5, "price_unit": 100}
        self.refuse(
            order,
            lambda: self.call(
                self.seller, "sale.order.line", "create", [vals], context={"default_order_id": order.id}
            ),
        )

    def test_adding_a_line_through_the_order_is_refused(self):
        order = self.make_confirmed(100)
        line = Command.create({"product_id": self.product.id, "product_uom_qty": 5, "price_unit": 100})
        self.refuse(
            order, lambda: self.call(self.seller, "sale.order", "write", order.ids, {"order_line": [line]})
        )

    def test_moving_a_line_to_a_confirmed_order_is_refused(self):
        order, quotation = self.make_confirmed(100), self.make_order(500)
        self.refuse(
            order | quotation,
            lambda: self.call(
                self.seller, "sale.order.line", "write", quotation.order_line.ids, {"order_id": order.id}
            ),
        )

    def test_delivering_more_by_hand_is_refused(self):
        service = self.env["product.product"].create(
            {
                "name": "Service",
                "type": "service",
                "service_type": "manual",
                "list_price": 100,
                "taxes_id": False,
            }
        )
        order = self.make_order(100)
        order.order_line.product_id = service
        order.order_line.write({"price_unit": 500, "product_uom_qty": 1})
        order.action_confirm()
        self.set_limit(100)
        with self.assertRaisesRegex(UserError, "would exceed"):
            self.call(self.seller, "sale.order.line", "write", order.order_line.ids, {"qty_delivered": 2})

    # --- the order itself -----------------------------------------------------------------------------------

    def test_changing_the_debtor_of_a_confirmed_order_is_refused(self):
        poor = self.make_customer("Poor")
        self.set_limit(50, poor)
        order = self.make_confirmed(100)
        self.refuse(
            order,
            lambda: self.call(self.seller, "sale.order", "write", order.ids, {"partner_invoice_id": poor.id}),
        )

    def test_changing_the_customer_of_a_confirmed_order_is_refused(self):
        poor = self.make_customer("Poor")
        self.set_limit(50, poor)
        order = self.make_confirmed(100)
        self.refuse(
            order, lambda: self.call(self.seller, "sale.order", "write", order.ids, {"partner_id": poor.id})
        )

    def test_changing_the_currency_of_a_confirmed_order_is_refused(self):
        currency = self.env.ref("base.EUR")
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 0.01, "name": "2020-01-01", "company_id": self.company.id}
        )
        order = self.make_confirmed(100)
        self.refuse(
            order,
            lambda: self.call(self.seller, "sale.order", "write", order.ids, {"currency_id": currency.id}),
        )

    def test_computed_amounts_can_not_be_written(self):
        order = self.make_order(600)
        for vals in ({"amount_total": 1}, {"amount_untaxed": 1}, {"currency_rate": 1000}):
            with self.subTest(vals=vals):
                self.refuse(
                    order,
                    lambda vals=vals: self.call(self.seller, "sale.order", "write", order.ids, vals),
                    text="Odoo computes it",
                )
        self.refuse(
            order,
            lambda: self.call(
                self.seller, "sale.order.line", "write", order.order_line.ids, {"price_total": 1}
            ),
            text="Odoo computes it",
        )

    def test_reopened_by_hand_edited_and_confirmed_again_is_refused(self):
        order = self.make_confirmed(100)
        for state in ("draft", "sent"):
            self.refuse(
                order,
                lambda state=state: self.call(
                    self.seller, "sale.order", "write", order.ids, {"state": state, "locked": False}
                ),
                text="Cancel it before",
            )
        # Whoever reopens it behind the methods finds the judgement all the same.
        order.sudo().write({"state": "draft"})
        self.call(self.seller, "sale.order.line", "write", order.order_line.ids, {"price_unit": 600})
        self.refuse(
            order, lambda: self.call(self.seller, "sale.order", "write", order.ids, {"state": "sale"})
        )

    def test_cancelled_order_becomes_a_quotation_by_its_button(self):
        order = self.make_confirmed(100).with_user(self.seller)
        order.action_cancel()
        order.action_draft()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.sudo().picking_ids.mapped("state"), ["cancel"])

    def test_a_line_has_the_state_of_its_order(self):
        """Odoo procures goods for lines that say they are sold."""
        order = self.make_order(400)
        line = order.order_line
        self.refuse(
            order,
            lambda: self.call(self.seller, "sale.order.line", "write", line.ids, {"state": "sale"}),
            text="Odoo computes it",
        )
        self.assertEqual(line.state, "draft")
        vals = {"order_id": order.id, "product_id": self.product.id, "state": "sale"}
        [line_id] = self.call(self.seller, "sale.order.line", "create", [vals])
        self.assertEqual(self.env["sale.order.line"].browse(line_id).state, "draft")

    def test_invoices_are_not_linked_to_an_order_afterwards(self):
        """Another order's paid invoice would make this one look invoiced."""
        paid, order = self.make_confirmed(100), self.make_confirmed(200)
        invoice = paid._create_invoices()
        for user, model, ids, vals in (
            (
                self.seller,
                "sale.order.line",
                order.order_line.ids,
                {"invoice_lines": [(4, invoice.invoice_line_ids.id)]},
            ),
            (
                self.accountant,
                "account.move.line",
                invoice.invoice_line_ids.ids,
                {"sale_line_ids": [(4, order.order_line.id)]},
            ),
        ):
            with self.subTest(model=model):
                self.refuse(
                    order,
                    lambda user=user, model=model, ids=ids, vals=vals: self.call(
                        user, model, "write", ids, vals
                    ),
                    text="Odoo computes it",
                )
                self.assertFalse(order.order_line.invoice_lines)

    def test_where_controls_observe_invoices_are_linked_as_odoo_does(self):
        paid, order = self.make_confirmed(100), self.make_confirmed(200)
        invoice = paid._create_invoices()
        self.set_control(mode="observing")
        self.call(
            self.seller,
            "sale.order.line",
            "write",
            order.order_line.ids,
            {"invoice_lines": [(4, invoice.invoice_line_ids.id)]},
        )
        self.assertEqual(order.order_line.invoice_lines, invoice.invoice_line_ids)

    # --- holds ----------------------------------------------------------------------------------------------

    def test_nobody_writes_holds(self):
        order = self.make_order(600)
        order.action_confirm()
        hold = self.get_holds(order)
        for user in (
            self.seller,
            self.officer,
            self.credit_manager,
            self.policy,
            self.auditor,
            self.env.user,
        ):
            for vals in (
                {"state": "released"},
                {"excess": 0},
                {"released_until": "2099-01-01"},
                {"severity": "warn"},
            ):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(AccessError):
                    self.call(user, "o2c.hold", "write", hold.ids, vals)
            with self.subTest(user=user.login, what="delete"), self.assertRaises(AccessError):
                self.call(user, "o2c.hold", "unlink", hold.ids)
            with self.subTest(user=user.login, what="create"), self.assertRaises(AccessError):
                self.call(user, "o2c.hold", "create", [{"res_model": "sale.order", "res_id": order.id}])
        for command in (Command.clear(), Command.delete(hold.id), Command.unlink(hold.id)):
            with self.subTest(command=command), self.assertRaises(AccessError):
                self.call(self.seller, "sale.order", "write", order.ids, {"o2c_hold_ids": [command]})
        update = {"o2c_hold_ids": [Command.update(hold.id, {"state": "released"})]}
        with self.assertRaises(AccessError):
            self.call(self.seller, "sale.order", "write", order.ids, update)
        for method in ("_move_state", "_guarded_write", "_request_release", "_store_decisions"):
            with self.assertRaises(AccessError):
                self.call(self.seller, "o2c.hold", method, hold.ids)
        self.assertEqual(hold.state, "open")

    def test_only_policy_administrators_switch_controls(self):
        setting = self.set_control()
        for user in (self.seller, self.officer, self.credit_manager, self.general, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "o2c.control.setting", "write", setting.ids, {"mode": "off"})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, "o2c.control.setting", "action_observe", setting.ids)
        with self.assertRaises(AccessError):
            self.call(self.policy, "o2c.control.setting", "unlink", setting.ids)
        self.call(self.policy, "o2c.control.setting", "write", setting.ids, {"mode": "off"})
        entry = self.env["o2c.register"].search([("event", "=", "control_changed")], limit=1)
        self.assertEqual(entry.user_name, "Policy")
        self.assertEqual(entry.evidence["after"], {"mode": "off", "severity": "hold"})
