from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .order_change_common import OrderChangeCommon


@tagged("post_install", "-at_install", "o2c")
class TestOrderChangeAttacks(OrderChangeCommon):
    """Nobody gets a change applied that was not decided, by those who may, as it was asked for."""

    def test_those_with_a_part_in_it_can_not_approve(self):
        self.seller.group_ids |= self.env.ref("o2c_base.group_general_manager")
        request = self.submit(self.make_change(quantity=3.0))
        for user in (self.seller, self.colleague, self.officer, self.auditor, self.policy):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.approve(request, user)
        self.assertEqual(request.state, "pending")
        self.assert_untouched()

    def test_whoever_wrote_it_can_not_approve_it(self):
        """By a sales role beside the one that decides."""
        self.credit_manager.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        change = self.make_change(quantity=1.2)
        change.with_user(self.credit_manager).write({"reason": "I want it"})
        self.assertEqual(change.contributor_ids, self.seller | self.credit_manager)
        self.credit_manager.copy({"login": "second", "group_ids": self.credit_manager.group_ids.ids})
        request = self.submit(change)
        with self.assertRaises(AccessError):
            self.approve(request)
        self.assertEqual((request.state, change.state), ("pending", "requested"))
        self.assert_untouched()

    def test_looking_is_no_part_in_it(self):
        self.credit_manager.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        change = self.make_change(quantity=1.2)
        change.with_user(self.credit_manager).action_check()
        self.assertEqual(change.contributor_ids, self.seller)
        self.approve(self.submit(change))
        self.assertEqual(change.state, "applied")

    def test_waiting_change_is_withdrawn_and_not_simply_taken_back(self):
        change = self.make_change(quantity=1.2)
        request = self.submit(change)
        with self.assertRaisesRegex(UserError, "withdraws the request"):
            self.call(self.seller, "o2c.order.change", "action_back_to_draft", change.ids)
        self.assertEqual((request.state, change.state), ("pending", "requested"))

    def test_submitted_lines_can_not_be_edited(self):
        change = self.make_change(quantity=1.2)
        request = self.submit(change)
        line = change.line_ids
        attacks = (
            ("o2c.order.change.line", "write", line.ids, {"quantity": 500.0}),
            ("o2c.order.change.line", "unlink", line.ids),
            (
                "o2c.order.change.line",
                "create",
                {"change_id": change.id, "product_id": self.product.id, "quantity": 1},
            ),
            ("o2c.order.change", "write", change.ids, {"line_ids": [Command.clear()]}),
            ("o2c.order.change", "write", change.ids, {"valid_until": "2099-01-01"}),
            ("o2c.order.change", "write", change.ids, {"reason": "Another one"}),
            ("o2c.order.change", "action_check", change.ids),
            ("o2c.order.change", "action_submit", change.ids),
            ("o2c.order.change", "action_cancel", change.ids),
        )
        for state in ("requested", "applied"):
            for model, method, *args in attacks:
                with self.subTest(state=state, method=method), self.assertRaises(UserError):
                    with self.env.cr.savepoint():
                        self.call(self.seller, model, method, *args)
            self.assertEqual((change.state, line.quantity), (state, 1.2))
            if state == "requested":
                self.approve(request)
        self.assertEqual(self.order.order_line.product_uom_qty, 1.2)

    def test_refused_change_can_not_be_applied(self):
        change = self.make_change(quantity=3.0)
        request = self.submit(change)
        self.call(self.general, "o2c.request", "action_reject", request.ids, "No")
        for method in ("action_submit", "action_check"):
            with self.subTest(method=method), self.assertRaises(UserError):
                self.call(self.seller, "o2c.order.change", method, change.ids)
        for method in ("_apply", "_apply_approved", "_move_state", "_guarded_write", "_on_request_approved"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.seller, "o2c.order.change", method, change.ids)
        with self.assertRaises(UserError):
            self.call(self.general, "o2c.request", "action_approve", request.ids)
        self.assert_untouched()

    def test_decisive_values_can_not_be_written(self):
        change = self.make_change(quantity=3.0)
        for vals in (
            {"state": "applied"},
            {"outcome": "free"},
            {"excess": 0.0},
            {"found": {}},
            {"amount_after": 900.0},
            {"requested_by_id": self.colleague.id},
            {"company_id": 1},
            {"order_id": self.make_confirmed(50, partner=self.make_customer("Other")).id},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.call(self.seller, "o2c.order.change", "write", change.ids, vals)
            if "order_id" in vals:
                continue
            with self.subTest(created=vals), self.assertRaises(AccessError):
                self.call(self.seller, "o2c.order.change", "create", {"order_id": self.order.id, **vals})
        for vals in ({"old_quantity": 3.0}, {"is_new": True}, {"order_line_id": False}, {"change_id": 0}):
            with self.subTest(line=vals), self.assertRaises(UserError):
                self.call(self.seller, "o2c.order.change.line", "write", change.line_ids.ids, vals)
        self.assertRecordValues(change, [{"state": "draft", "outcome": False}])

    def test_context_opens_nothing(self):
        context = {
            "default_state": "applied",
            "default_outcome": "free",
            "skip_procurement": True,
            "o2c_guard_pass": True,
        }
        Change = self.env["o2c.order.change"].with_user(self.seller).with_context(**context)
        change = Change.browse(self.make_change(quantity=1.2).id)
        change.action_submit()
        self.assertEqual(change.state, "requested")
        request = change.sudo().o2c_request_id
        request.with_user(self.credit_manager).with_context(**context).action_approve()
        self.assertEqual((change.state, self.get_demand()), ("applied", 1.2))
        fresh = self.order.with_user(self.seller).with_context(**context).action_request_o2c_change()
        self.assertEqual(Change.browse(fresh["res_id"]).state, "draft")

    def test_lines_of_other_orders_are_refused(self):
        other = self.make_confirmed(50.0, partner=self.make_customer("Other"))
        change = self.make_change()
        with self.assertRaisesRegex(UserError, "another order"), self.env.cr.savepoint():
            change.write(
                {
                    "line_ids": [
                        Command.create(
                            {
                                "order_line_id": other.order_line.id,
                                "product_id": self.product.id,
                                "quantity": 5,
                            }
                        )
                    ]
                }
            )
        self.assertEqual(other.order_line.product_uom_qty, 1.0)

    def test_colleagues_do_not_change_orders_of_others(self):
        change = self.make_change(quantity=3.0)
        for user in (self.colleague, self.employee, self.auditor, self.officer, self.warehouse_user):
            with self.subTest(user=user.name):
                with self.assertRaises(AccessError):
                    self.call(user, "sale.order", "action_request_o2c_change", self.order.ids)
                for method in ("action_check", "action_submit", "action_cancel"):
                    with self.assertRaises(AccessError):
                        self.call(user, "o2c.order.change", method, change.ids)
                with self.assertRaises(AccessError):
                    self.call(user, "o2c.order.change", "create", {"order_id": self.order.id})
                with self.assertRaises(AccessError):
                    self.call(user, "o2c.order.change.line", "write", change.line_ids.ids, {"quantity": 9})
        self.assertEqual((change.state, change.line_ids.quantity), ("draft", 3.0))
        self.assertTrue(change.with_user(self.auditor).read(["name"]))

    def test_history_can_not_be_deleted_nor_copied(self):
        change = self.make_change(quantity=1.2)
        with self.assertRaises(AccessError):
            self.call(self.seller, "o2c.order.change", "unlink", change.ids)
        self.approve(self.submit(change))
        copy = change.copy()
        self.assertRecordValues(copy, [{"state": "draft", "found": False, "line_ids": []}])

    def test_nonsense_quantities_are_refused(self):
        change = self.make_change()
        for vals in ({"quantity": -1.0}, {"discount": 101.0}):
            with (
                self.subTest(vals=vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                change.line_ids.write(vals)
                self.env.flush_all()
