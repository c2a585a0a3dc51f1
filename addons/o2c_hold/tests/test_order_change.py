from datetime import timedelta

from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import CODE
from .order_change_common import OrderChangeCommon


@tagged("post_install", "-at_install", "o2c")
class TestOrderChange(OrderChangeCommon):
    """A confirmed order is raised: refused, asked for, decided, applied exactly as approved."""

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
