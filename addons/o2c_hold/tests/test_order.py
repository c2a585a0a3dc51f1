from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestOrder(HoldCommon):
    """Confirming orders by the button, as a salesperson."""

    def setUp(self):
        super().setUp()
        self.set_control()

    # --- pass, hold -----------------------------------------------------------------------------------------

    def test_order_within_limit_confirms_and_is_registered(self):
        self.set_limit(500)
        order = self.make_order(500)
        self.assertIs(order.action_confirm(), True)
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.get_holds(order))
        self.assertEqual(self.get_events(order, "checkpoint_passed"), ["checkpoint_passed"])

    def test_order_above_limit_waits_with_figures(self):
        self.set_limit(500)
        order = self.make_order(600)
        action = order.action_confirm()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(order.name, action["params"]["message"])
        self.assertIn("exposure 600.0 would exceed the limit 500.", action["params"]["message"])
        self.assertIn("Ask for a release.", action["params"]["message"])
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.picking_ids)
        self.assertRecordValues(
            self.get_holds(order),
            [
                {
                    "state": "open",
                    "checkpoint": "order",
                    "code": "test_limit",
                    "severity": "hold",
                    "excess": 100.0,
                    "amount": 600.0,
                    "partner_id": self.customer.id,
                    "order_id": order.id,
                    "user_id": self.seller.id,
                    "confirm_requested": True,
                    "confirm_user_id": self.seller.id,
                    "document_name": order.name,
                }
            ],
        )
        self.assertTrue(order.o2c_is_on_hold)
        self.assertEqual(self.get_events(order, "hold_opened", "checkpoint_passed"), ["hold_opened"])

    def test_second_attempt_opens_no_second_hold_and_no_second_entry(self):
        self.set_limit(500)
        order = self.make_order(600)
        order.action_confirm()
        order.action_confirm()
        self.assertEqual(len(self.get_holds(order)), 1)
        self.assertEqual(self.get_events(order, "hold_opened"), ["hold_opened"])

    def test_reduced_order_confirms_and_clears_its_hold(self):
        self.set_limit(500)
        order = self.make_order(600)
        order.action_confirm()
        order.order_line.price_unit = 450
        self.assertIs(order.action_confirm(), True)
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.get_holds(order).state, "cleared")
        self.assertFalse(order.o2c_is_on_hold)

    # --- mode and severity ----------------------------------------------------------------------------------

    def test_observing_stops_nothing_and_remembers_once(self):
        self.set_control(mode="observing")
        self.set_limit(500)
        order = self.make_order(600)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.get_holds(order).state, "observed")
        self.assertFalse(order.o2c_is_on_hold)
        self.assertEqual(self.get_events(order, "hold_observed"), ["hold_observed"])
        order.order_line[0].with_user(self.seller).name = "Another text"
        self.assertEqual(self.get_events(order, "hold_observed"), ["hold_observed"])
        order.order_line[0].with_user(self.seller).price_unit = 700
        self.assertEqual(self.get_events(order, "hold_observed"), ["hold_observed"] * 2)
        self.assertEqual(self.get_holds(order).excess, 200)

    def test_control_that_is_off_looks_at_nothing(self):
        for setting in self.env["o2c.control.setting"].search([]):
            setting.mode = "off"
        self.set_limit(500)
        order = self.make_order(600)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.get_holds(order))
        self.assertFalse(self.get_events(order, "checkpoint_passed", "hold_observed"))

    def test_warning_lets_the_order_pass(self):
        self.set_control(severity="warn")
        self.set_limit(500)
        order = self.make_order(600)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.get_holds(order))
        entry = self.env["o2c.register"].search(
            [("event", "=", "checkpoint_passed"), ("res_id", "=", order.id)]
        )
        self.assertEqual(entry.evidence["controls"][0]["effect"], "warn")

    def test_forbidden_order_can_not_be_released(self):
        self.set_control(severity="forbid")
        self.set_limit(500)
        order = self.make_order(600)
        action = order.action_confirm()
        self.assertIn("can't be confirmed", action["params"]["message"])
        hold = self.get_holds(order)
        with self.assertRaisesRegex(UserError, "Nobody can release"):
            self.ask_release(hold)
        self.assertEqual(hold.state, "open")

    def test_release_does_not_cover_what_became_forbidden(self):
        self.set_limit(500)
        order = self.make_order(600)
        order.action_confirm()
        self.release(order)
        self.set_control(severity="forbid")
        order.action_confirm()
        self.assertEqual(order.state, "draft")

    # --- batches --------------------------------------------------------------------------------------------

    def test_batch_of_twenty_confirms_eighteen_and_names_two(self):
        poor = [self.make_customer(f"Poor {n}") for n in range(2)]
        rich = [self.make_customer(f"Rich {n}") for n in range(18)]
        for partner in poor:
            self.set_limit(10, partner)
        orders = self.env["sale.order"].concat(
            *[self.make_order(50, partner=p) for p in [*rich[:9], *poor, *rich[9:]]]
        )
        action = orders.with_user(self.seller).action_confirm()
        self.assertEqual(len(orders.filtered(lambda o: o.state == "sale")), 18)
        held = orders.filtered(lambda o: o.state == "draft")
        self.assertEqual(held.partner_id, poor[0] | poor[1])
        self.assertEqual(action["params"]["title"], "2 of 20 wait")
        for order in held:
            self.assertIn(order.name, action["params"]["message"])

    def test_batch_of_one_customer_counts_each_order_before_the_next(self):
        self.set_limit(250)
        orders = self.env["sale.order"].concat(*[self.make_order(100) for _n in range(4)])
        orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "sale", "draft", "draft"])

    def test_batch_of_a_corporate_group_is_judged_one_after_the_other(self):
        group = self.env["o2c.corporate.group"].create({"name": "Bamboo"})
        other = self.make_customer("Bamboo Sister")
        (self.customer | other).o2c_corporate_group_id = group
        orders = self.make_order(100) | self.make_order(100, partner=other) | self.make_order(100)
        self.assertEqual([len(rounds) for rounds in orders._get_o2c_rounds()], [1, 1, 1])
        other.o2c_corporate_group_id = False
        self.assertEqual([len(rounds) for rounds in orders._get_o2c_rounds()], [2, 1])

    def test_error_of_odoo_holds_nothing(self):
        self.set_limit(10)
        orders = self.make_order(100) | self.make_confirmed(5)
        with self.assertRaises(UserError):
            orders.action_confirm()
        self.assertFalse(self.get_holds(orders[0]))

    # --- who owes, in which money ---------------------------------------------------------------------------

    def test_debtor_is_the_company_of_the_invoice_address(self):
        payer = self.make_customer("Payer")
        contact = self.env["res.partner"].create(
            {"name": "Accounts", "parent_id": payer.id, "type": "invoice"}
        )
        self.set_limit(10, payer)
        order = self.make_order(100, partner_invoice_id=contact.id)
        order.action_confirm()
        self.assertEqual(self.get_holds(order).partner_id, payer)

    def test_foreign_order_counts_in_company_currency(self):
        currency = self.env.ref("base.EUR")
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "rate": 0.5,
                    "name": "2020-01-01",
                    "company_id": self.company.id,
                },
                {
                    "currency_id": currency.id,
                    "rate": 0.25,
                    "name": self.company._o2c_today(),
                    "company_id": self.company.id,
                },
            ]
        )
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": currency.id})
        self.set_limit(399)
        order = self.make_order(100, pricelist_id=pricelist.id, date_order="2020-06-01")
        self.assertEqual(order.currency_id, currency)
        order.action_confirm()
        # 100 EUR are 400 at the rate of the day of confirmation, and were 200 when it was offered.
        self.assertEqual(self.get_holds(order).excess, 1.0)
        self.set_limit(400)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.sudo()._get_o2c_amount(), 400.0)

    def test_companies_are_judged_by_their_own_settings(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.assertEqual(
            set(self.env["o2c.control.setting"].search([("company_id", "=", other.id)]).mapped("mode")),
            {"observing"},
        )
        self.seller.company_ids |= other
        self.set_limit(10)
        mine = self.make_order(100)
        theirs = self.make_order(
            100,
            company_id=other.id,
            warehouse_id=self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1).id,
        )
        (mine | theirs).with_context(allowed_company_ids=[self.company.id, other.id]).action_confirm()
        self.assertEqual((mine | theirs).mapped("state"), ["draft", "sale"])

    def test_branch_follows_its_main_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.assertFalse(self.env["o2c.control.setting"].search([("company_id", "=", branch.id)]))
        self.assertEqual(self.env["o2c.control"]._get_setting("test_limit", branch).mode, "enforcing")

    # --- cancel, copy ---------------------------------------------------------------------------------------

    def test_cancelled_order_waits_no_more(self):
        self.set_limit(10)
        order = self.make_order(100)
        order.action_confirm()
        order.action_cancel()
        self.assertEqual(self.get_holds(order).state, "cleared")
        order.action_draft()
        order.action_confirm()
        self.assertEqual((order.state, self.get_holds(order).state), ("draft", "open"))

    def test_copy_of_a_released_order_has_no_release(self):
        self.set_limit(10)
        order = self.make_order(100)
        order.action_confirm()
        self.release(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        copy = order.copy()
        copy.action_confirm()
        self.assertEqual(copy.state, "draft")

    def test_deleted_quotation_closes_its_hold(self):
        self.set_limit(10)
        order = self.make_order(100)
        order.action_confirm()
        hold = self.get_holds(order)
        order.with_user(self.sales_manager).unlink()
        self.assertEqual(hold.state, "cleared")
        self.assertEqual(hold.document_name[:1], "S")

    # --- edits of confirmed orders --------------------------------------------------------------------------

    def test_confirmed_order_may_grow_within_the_limit(self):
        self.set_limit(500)
        order = self.make_confirmed(400)
        order.order_line.price_unit = 500
        self.assertEqual(order.amount_total, 500)

    def test_confirmed_order_over_the_limit_may_shrink(self):
        self.set_limit(500)
        order = self.make_confirmed(400)
        self.set_limit(100)
        order.order_line.price_unit = 300
        self.assertEqual(order.amount_total, 300)

    def test_order_form_is_judged_once_for_all_its_lines(self):
        self.set_limit(500)
        order = self.make_confirmed(100, lines=3)
        first, second, third = order.order_line
        # One line up, another down: the sum is what counts.
        order.write(
            {
                "order_line": [
                    Command.update(first.id, {"price_unit": 450}),
                    Command.update(second.id, {"price_unit": 25}),
                    Command.update(third.id, {"price_unit": 25}),
                ]
            }
        )
        self.assertEqual(order.amount_total, 500)
