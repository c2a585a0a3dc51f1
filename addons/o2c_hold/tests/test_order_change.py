from datetime import timedelta

from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .common import CODE, HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestOrderChange(HoldCommon):
    """A confirmed order is raised: refused, asked for, decided, applied exactly as approved."""

    def setUp(self):
        super().setUp()
        self.set_control()
        self.set_limit(1000)
        self.make_change_authority()
        self.order = self.make_confirmed(900)

    def make_change_authority(self):
        rows = (("o2c_base.group_credit_manager", 500.0), ("o2c_base.group_general_manager", None))
        self.env["o2c.authority"].search([("kind", "=", "order_change")]).unlink()
        self.env["o2c.authority"].create(
            [
                {
                    "company_id": self.company.id,
                    "kind": "order_change",
                    "group_id": self.env.ref(role).id,
                    "amount_to": up_to or 0.0,
                    "is_unlimited": up_to is None,
                }
                for role, up_to in rows
            ]
        )
        self.env["o2c.authority.kind"]._get_setting("order_change", self.company).mode = "direct"

    def make_change(self, order=None, *, user=None, reason="Needed for the opening", **values):
        """A draft with the only line of the order changed, made as the web client does it."""
        user, order = user or self.seller, order or self.order
        action = self.call(user, "sale.order", "action_request_o2c_change", order.ids)
        change = self.env["o2c.order.change"].with_user(user).browse(action["res_id"])
        change.reason = reason
        if values:
            change.line_ids[:1].write(values)
        return change

    def submit(self, change):
        self.call(self.seller, "o2c.order.change", "action_submit", change.ids)
        return change.sudo().o2c_request_id

    def approve(self, request, user=None):
        return self.call(user or self.credit_manager, "o2c.request", "action_approve", request.ids, "fine")

    def get_demand(self, order=None):
        moves = (order or self.order).sudo().picking_ids.move_ids
        return sum(moves.filtered(lambda move: move.state != "cancel").mapped("product_uom_qty"))

    def assert_untouched(self, order=None):
        order = (order or self.order).sudo()
        self.env.invalidate_all()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [1.0])
        self.assertEqual(order.order_line.mapped("price_unit"), [900.0])
        self.assertEqual(self.get_demand(order), 1.0)

    # --- what it is for -------------------------------------------------------------------------------------

    def test_refusal_says_where_to_ask(self):
        with self.assertRaisesRegex(UserError, "exceed the limit 1000.*Request a change"):
            self.order.order_line.write({"product_uom_qty": 2, "price_unit": 900})
        self.assert_untouched()

    def test_change_that_breaks_no_rule_is_applied_at_once(self):
        change = self.make_change(price_unit=950.0)
        self.submit(change)
        self.assertRecordValues(change, [{"state": "applied", "outcome": "free", "amount_after": 950.0}])
        self.assertFalse(change.o2c_request_id)
        self.assertEqual(self.order.amount_total, 950.0)
        self.assertEqual(self.get_events(change, "change_applied"), ["change_applied"])

    def test_change_over_the_limit_is_decided_and_applied_as_approved(self):
        change = self.make_change(quantity=1.5, price_unit=860.0, discount=0.0)
        request = self.submit(change)
        self.assertRecordValues(
            change,
            [
                {
                    "state": "requested",
                    "outcome": "approval",
                    "amount_before": 900.0,
                    "amount_after": 1290.0,
                    "excess": 290.0,
                    "requested_by_id": self.seller.id,
                }
            ],
        )
        self.assertRecordValues(request, [{"kind": "order_change", "amount": 290.0, "state": "pending"}])
        self.assertIn("1.50", request.summary)
        self.assert_untouched()
        self.approve(request)
        self.assertEqual((request.state, change.state), ("approved", "applied"))
        self.assertRecordValues(
            self.order.order_line, [{"product_uom_qty": 1.5, "price_unit": 860.0, "discount": 0.0}]
        )
        self.assertEqual(self.get_demand(), 1.5)
        self.assertRecordValues(
            self.get_holds(self.order),
            [
                {
                    "state": "released",
                    "code": CODE,
                    "released_excess": 290.0,
                    "released_amount": 1290.0,
                    "change_id": change.id,
                    "requested_by_id": self.seller.id,
                }
            ],
        )
        activity = self.order.activity_ids.filtered(lambda activity: activity.user_id == self.seller)
        self.assertEqual(activity.summary, "Change applied")

    def test_further_product_is_added_and_delivered(self):
        filter_ = self.make_product("Filter")
        change = self.make_change()
        change.write({"line_ids": [Command.create({"product_id": filter_.id, "quantity": 4})]})
        self.assertRecordValues(change.line_ids[-1], [{"is_new": True, "price_unit": 100.0}])
        self.approve(self.submit(change))
        self.assertEqual(change.state, "applied")
        self.assertRecordValues(
            self.order.order_line,
            [
                {"product_id": self.product.id, "product_uom_qty": 1.0, "price_unit": 900.0},
                {"product_id": filter_.id, "product_uom_qty": 4.0, "price_unit": 100.0},
            ],
        )
        self.assertEqual(self.get_demand(), 5.0)

    def test_release_covers_the_change_and_nothing_more(self):
        change = self.make_change(price_unit=1200.0)
        self.approve(self.submit(change))
        self.assertEqual(self.order.amount_total, 1200.0)
        with self.assertRaisesRegex(UserError, "Request a change"):
            self.order.order_line.price_unit = 1200.01
        self.assertEqual(self.order.amount_total, 1200.0)
        picking = self.order.picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_second_change_replaces_the_ceiling_of_the_first(self):
        for price, excess in ((1200.0, 200.0), (1450.0, 450.0)):
            change = self.make_change(price_unit=price)
            self.approve(self.submit(change))
            self.assertEqual(self.get_holds(self.order).released_excess, excess)
        self.assertEqual(self.order.amount_total, 1450.0)

    def test_total_excess_decides_who_approves(self):
        request = self.submit(self.make_change(price_unit=1501.0))
        with self.assertRaises(AccessError):
            self.approve(request)
        self.assert_untouched()
        self.approve(request, self.general)
        self.assertEqual(self.order.amount_total, 1501.0)

    def test_rule_without_amount_is_decided_by_what_is_added(self):
        self.limits.clear()
        too_dear = Verdict(CODE, "hold", "the price is above the list.")
        self.patch(
            self.registry["sale.order"],
            "_get_order_verdicts",
            lambda order, facts: [too_dear] if order.amount_total > 950 else [],
        )
        request = self.submit(self.make_change(price_unit=1000.0))
        self.assertEqual(request.amount, 100.0)
        self.approve(request)
        self.assertEqual(self.order.amount_total, 1000.0)

    def test_control_that_observes_lets_the_change_pass(self):
        self.set_control(mode="observing")
        change = self.make_change(price_unit=5000.0)
        self.submit(change)
        self.assertEqual((change.state, self.order.amount_total), ("applied", 5000.0))

    # --- checking -------------------------------------------------------------------------------------------

    def test_check_tells_and_changes_nothing(self):
        change = self.make_change(quantity=3.0)
        messages = len(self.order.message_ids)
        change.action_check()
        self.assertRecordValues(
            change, [{"state": "draft", "outcome": "approval", "amount_after": 2700.0, "excess": 1700.0}]
        )
        self.assertIn("would exceed the limit", change.reasons_html)
        self.assert_untouched()
        self.assertEqual(len(self.order.message_ids), messages)
        self.assertFalse(self.get_holds(self.order).filtered(lambda hold: hold.state != "cleared"))

    def test_edited_lines_have_to_be_checked_again(self):
        change = self.make_change(quantity=3.0)
        change.action_check()
        change.line_ids.quantity = 4.0
        self.assertRecordValues(change, [{"outcome": False, "checked_on": False, "reasons": False}])

    def test_form_adds_a_product_with_its_price(self):
        change = self.make_change()
        with Form(change) as form, form.line_ids.new() as line:
            line.product_id = self.make_product("Filter")
            line.quantity = 2
            self.assertEqual(line.price_unit, 100.0)
        self.assertEqual(change.line_ids.mapped("is_new"), [False, True])

    def test_change_without_difference_is_refused(self):
        with self.assertRaisesRegex(UserError, "changes nothing"):
            self.submit(self.make_change())

    def test_reason_and_day_are_needed(self):
        change = self.make_change(quantity=3.0, reason="  ")
        with self.assertRaisesRegex(UserError, "Say why"):
            self.submit(change)
        change.write({"reason": "Opening", "valid_until": self.company._o2c_today() + timedelta(days=31)})
        with self.assertRaisesRegex(UserError, "Choose another date"):
            self.submit(change)
        self.assertEqual(change.state, "draft")

    def test_forbidden_change_can_not_be_asked_for(self):
        self.set_control(severity="forbid")
        change = self.make_change(quantity=3.0)
        with self.assertRaisesRegex(UserError, "Nobody can allow"):
            self.submit(change)
        self.assertEqual(change.state, "draft")

    def test_quotation_is_changed_directly(self):
        order = self.make_order(100)
        with self.assertRaisesRegex(UserError, "not confirmed"):
            self.call(self.seller, "sale.order", "action_request_o2c_change", order.ids)

    def test_unfinished_draft_is_opened_again(self):
        change = self.make_change(quantity=3.0)
        self.assertEqual(self.make_change(), change)
        self.assertEqual(self.order.o2c_change_count, 1)

    def test_missing_row_of_the_authority_table_is_said(self):
        self.env["o2c.authority"].search([("kind", "=", "order_change")]).unlink()
        change = self.make_change(quantity=3.0)
        with self.assertRaisesRegex(UserError, "authority"), self.env.cr.savepoint():
            self.submit(change)
        self.assertEqual(change.state, "draft")

    # --- other answers --------------------------------------------------------------------------------------

    def test_refused_change_changes_nothing_and_tells(self):
        change = self.make_change(quantity=3.0)
        request = self.submit(change)
        self.call(self.general, "o2c.request", "action_reject", request.ids, "Too risky")
        self.assertEqual(change.state, "refused")
        self.assert_untouched()
        self.assertIn("Too risky", self.order.activity_ids.filtered("note").note)
        change.action_back_to_draft()
        self.assertEqual(change.state, "draft")

    def test_withdrawn_change_is_a_draft_again(self):
        change = self.make_change(quantity=3.0)
        request = self.submit(change)
        self.call(self.seller, "o2c.request", "action_withdraw", request.ids)
        self.assertEqual(change.state, "draft")
        change.line_ids.quantity = 1.4
        self.approve(self.submit(change))
        self.assertEqual(self.order.order_line.product_uom_qty, 1.4)

    def test_change_of_the_order_meanwhile_lapses_the_request(self):
        change = self.make_change(quantity=1.2)
        request = self.submit(change)
        self.order.order_line.price_unit = 890.0
        self.approve(request)
        self.assertEqual((request.state, change.state), ("lapsed", "lapsed"))
        self.assertEqual(self.order.order_line.product_uom_qty, 1.0)

    def test_customer_who_buys_elsewhere_meanwhile_lapses_the_request(self):
        change = self.make_change(quantity=1.2)
        request = self.submit(change)
        self.make_confirmed(50.0)
        self.approve(request)
        self.assertEqual((request.state, change.state), ("lapsed", "lapsed"))
        self.assert_untouched()

    def test_customer_who_pays_meanwhile_does_not(self):
        other = self.make_confirmed(60.0)
        change = self.make_change(quantity=1.2)
        request = self.submit(change)
        self.assertEqual(request.amount, 140.0)
        other.sudo()._action_cancel()
        self.approve(request)
        self.assertEqual((change.state, self.order.order_line.product_uom_qty), ("applied", 1.2))

    def test_change_that_odoo_refuses_meanwhile_lapses_and_tells(self):
        change = self.make_change(quantity=1.2)
        request = self.submit(change)
        self.order.sudo().locked = True
        self.approve(request)
        self.assertEqual(change.state, "lapsed")
        self.assert_untouched()
        self.assertFalse(self.get_holds(self.order).filtered(lambda hold: hold.state == "released"))

    # --- attacks --------------------------------------------------------------------------------------------

    def test_those_with_a_part_in_it_can_not_approve(self):
        self.seller.group_ids |= self.env.ref("o2c_base.group_general_manager")
        request = self.submit(self.make_change(quantity=3.0))
        for user in (self.seller, self.colleague, self.officer, self.auditor, self.policy):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.approve(request, user)
        self.assertEqual(request.state, "pending")
        self.assert_untouched()

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
