from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from ..models import hold_release
from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestRelease(HoldCommon):
    """From the hold to the confirmed order: who asks, who decides, what the release covers."""

    def setUp(self):
        super().setUp()
        self.set_control()
        self.set_limit(1000)

    def make_held(self, amount=1150.0, **kwargs):
        order = self.make_order(amount, **kwargs)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        return order

    # --- asking ---------------------------------------------------------------------------------------------

    def test_salesperson_asks_from_the_order(self):
        order = self.make_held()
        action = self.call(self.seller, "sale.order", "action_o2c_ask_release", order.ids)
        wizard = (
            self.env["o2c.hold.release"]
            .with_user(self.seller)
            .with_context(action["context"])
            .create({"reason": "They always pay"})
        )
        self.assertEqual(wizard.valid_until, self.company._o2c_today() + timedelta(days=7))
        self.assertIn("would exceed the limit", wizard.summary)
        wizard.action_ask()
        hold = self.get_holds(order)
        self.assertRecordValues(
            hold,
            [
                {
                    "state": "requested",
                    "requested_by_id": self.seller.id,
                    "requested_reason": "They always pay",
                    "requested_excess": 150.0,
                    "requested_amount": 1150.0,
                }
            ],
        )
        self.assertEqual(hold.o2c_request_id.amount, 150.0)
        self.assertIn(order.name, hold.o2c_request_id.summary)

    def test_release_can_be_asked_for_a_quotation_that_nobody_tried_to_confirm(self):
        order = self.make_order(1150)
        self.assertTrue(order.o2c_can_ask_release)
        order.action_o2c_ask_release()
        self.assertRecordValues(self.get_holds(order), [{"state": "open", "confirm_requested": False}])

    def test_nothing_to_release_is_said(self):
        with self.assertRaisesRegex(UserError, "nothing to release"):
            self.make_order(100).action_o2c_ask_release()

    def test_colleague_who_can_not_read_the_order_can_not_ask(self):
        order = self.make_held()
        hold = self.get_holds(order)
        with self.assertRaises(UserError):
            self.call(self.colleague, "o2c.hold", "action_ask_release", hold.ids)
        with self.assertRaises(UserError):
            self.ask_release(hold, user=self.colleague)
        self.assertEqual(hold.state, "open")

    def test_auditor_changes_nothing(self):
        self.auditor.group_ids |= self.env.ref("account.group_account_readonly")
        order = self.make_held()
        hold = self.get_holds(order)
        for method in ("action_ask_release", "action_recheck"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.auditor, "o2c.hold", method, hold.ids)
        with self.assertRaises(AccessError):
            self.call(self.auditor, "sale.order", "action_o2c_ask_release", order.ids)
        with self.assertRaises(AccessError):
            self.ask_release(hold, user=self.auditor)
        self.assertEqual(hold.state, "open")

    def test_credit_officer_asks_for_a_salesperson(self):
        hold = self.get_holds(self.make_held())
        self.ask_release(hold, user=self.officer)
        self.assertEqual(hold.requested_by_id, self.officer)

    def test_reason_and_date_are_needed(self):
        hold = self.get_holds(self.make_held())
        with self.assertRaisesRegex(UserError, "Say why"):
            self.ask_release(hold, reason="   ")
        for days in (-1, 31):
            with self.assertRaisesRegex(UserError, "Choose another date"):
                self.ask_release(hold, days=days)

    def test_request_can_not_be_made_twice(self):
        hold = self.get_holds(self.make_held())
        self.ask_release(hold)
        with self.assertRaisesRegex(UserError, "no release can be asked for"):
            self.ask_release(hold)

    # --- deciding -------------------------------------------------------------------------------------------

    def test_those_with_a_part_in_it_can_not_approve(self):
        for user in (self.seller, self.sales_manager, self.officer):
            user.group_ids |= self.env.ref("o2c_base.group_credit_manager")
        order = self.make_held()
        hold = self.get_holds(order)
        request = self.ask_release(hold, user=self.officer)
        for user in (self.seller, self.officer):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.call(user, "o2c.request", "action_approve", request.ids)
        self.assertEqual(hold.state, "requested")
        self.call(self.credit_manager, "o2c.request", "action_approve", request.ids)
        self.assertEqual(hold.state, "released")

    def test_amount_decides_who_approves(self):
        hold = self.get_holds(self.make_held(12000))
        request = self.ask_release(hold)
        self.assertEqual(request.amount, 11000)
        with self.assertRaises(UserError):
            request.with_user(self.credit_manager).action_approve()
        request.with_user(self.general).action_approve()
        self.assertEqual(hold.state, "released")

    def test_control_without_amount_is_released_for_the_whole_order(self):
        order = self.make_held()
        hold = self.get_holds(order)
        hold._guarded_write({"excess": 0, "requested_excess": 0, "requested_amount": 1150})
        self.assertEqual(hold._get_approval_amount(), 1150)

    def test_missing_row_in_the_authority_table_is_said(self):
        self.env["o2c.authority"].search([("kind", "=", "hold_release")]).unlink()
        hold = self.get_holds(self.make_held())
        with self.assertRaises(UserError):
            self.ask_release(hold)
        self.assertEqual(hold.state, "open")

    def test_refused_release_keeps_the_hold_and_tells(self):
        order = self.make_held()
        hold = self.get_holds(order)
        self.ask_release(hold).with_user(self.credit_manager).action_reject("Too much")
        self.assertEqual(hold.state, "refused")
        self.assertTrue(order.o2c_is_on_hold)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        activity = order.activity_ids.filtered(lambda a: a.user_id == self.seller)
        self.assertIn("Too much", activity.note)
        self.ask_release(hold)
        self.assertEqual(hold.state, "requested")

    def test_withdrawn_request_leaves_the_hold_open(self):
        hold = self.get_holds(self.make_held())
        self.ask_release(hold).with_user(self.seller).action_withdraw()
        self.assertEqual(hold.state, "open")

    # --- going on -------------------------------------------------------------------------------------------

    def test_released_order_confirms_itself_as_the_person_who_asked(self):
        order = self.make_held()
        self.release(order)
        self.assertEqual(order.state, "draft")
        self.assertEqual(self.run_recheck(), 1)
        self.assertEqual(order.state, "sale")
        self.assertTrue(order.picking_ids)
        passed = self.env["o2c.register"].search(
            [("event", "=", "checkpoint_passed"), ("res_id", "=", order.id)]
        )
        self.assertEqual(passed.user_name, "Seller")
        self.assertEqual(
            self.get_events(
                order,
                "hold_opened",
                "release_requested",
                "hold_released",
                "checkpoint_passed",
                "hold_cleared",
            ),
            ["hold_opened", "release_requested", "hold_released", "checkpoint_passed"],
        )

    def test_released_quotation_that_nobody_wanted_to_confirm_waits_for_its_salesperson(self):
        order = self.make_order(1150)
        order.action_o2c_ask_release()
        self.release(order)
        self.run_recheck()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.activity_ids.user_id, self.seller)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_order_of_somebody_who_left_is_confirmed_by_the_system(self):
        order = self.make_held()
        self.release(order)
        self.seller.sudo().active = False
        self.run_recheck()
        self.assertEqual(order.state, "sale")

    def test_order_that_can_not_be_confirmed_by_itself_tells(self):
        order = self.make_held()
        self.release(order)
        self.seller.sudo().group_ids = [Command.set([self.env.ref("base.group_user").id])]
        order.sudo().user_id = self.sales_manager
        self.run_recheck()
        self.assertEqual(order.state, "draft")
        activity = order.sudo().activity_ids.filtered(lambda a: a.user_id == self.sales_manager)
        self.assertIn("could not be confirmed automatically", activity[:1].note)

    # --- what a release covers ------------------------------------------------------------------------------

    def test_approved_at_1150_confirmed_at_57500_lapses(self):
        order = self.make_held(1150)
        self.release(order)
        order.order_line.price_unit = 57500
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertEqual(self.get_holds(order).state, "lapsed")
        self.assertEqual(self.get_events(order, "hold_lapsed"), ["hold_lapsed"])

    def test_approved_at_1150_raised_after_confirmation_is_refused(self):
        order = self.make_held(1150)
        self.release(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        with self.assertRaisesRegex(UserError, "would exceed the limit"):
            order.order_line.price_unit = 57500
        with self.assertRaisesRegex(UserError, "would exceed the limit"):
            order.order_line.price_unit = 1150.01

    def test_request_lapses_when_the_order_grows_meanwhile(self):
        order = self.make_held(1150)
        hold = self.get_holds(order)
        request = self.ask_release(hold)
        order.order_line.price_unit = 57500
        request.with_user(self.credit_manager).action_approve()
        self.assertEqual((request.state, hold.state), ("lapsed", "lapsed"))

    def test_request_survives_an_order_that_shrinks(self):
        order = self.make_held(1150)
        hold = self.get_holds(order)
        request = self.ask_release(hold)
        order.order_line.price_unit = 1100
        request.with_user(self.credit_manager).action_approve()
        self.assertEqual((request.state, hold.state), ("approved", "released"))

    def test_request_lapses_when_the_customer_buys_elsewhere_meanwhile(self):
        order = self.make_held(1150)
        hold = self.get_holds(order)
        request = self.ask_release(hold)
        self.make_confirmed(100)
        request.with_user(self.credit_manager).action_approve()
        self.assertEqual(request.state, "lapsed")

    def test_small_excesses_can_not_be_stacked(self):
        order = self.make_held(1150)
        self.release(order)
        self.make_confirmed(200)
        order.action_confirm()
        self.assertEqual((order.state, self.get_holds(order).state), ("draft", "lapsed"))

    def test_changing_the_debtor_after_a_release_voids_it(self):
        other = self.make_customer("Other")
        self.set_limit(1000, other)
        order = self.make_held(1150)
        self.release(order)
        order.partner_invoice_id = other
        order.action_confirm()
        self.assertEqual((order.state, self.get_holds(order).state), ("draft", "lapsed"))
        self.assertEqual(self.get_holds(order).partner_id, other)

    def test_release_ends_with_its_last_day(self):
        order = self.make_held(1150)
        self.release(order, days=3)
        with freeze_time(self.company._o2c_today() + timedelta(days=4)):
            order.action_confirm()
            self.assertEqual((order.state, self.get_holds(order).state), ("draft", "lapsed"))

    def count_commits(self, minutes=1.0):
        """Stand in for the commits of a job; the list of what it reported."""
        reported = []

        def commit(cron, processed=0, **kwargs):
            reported.append(processed)
            return minutes

        self.patch(type(self.env["ir.cron"]), "_commit_progress", commit)
        return reported

    def make_expired(self, number):
        """So many releases whose last day is over tomorrow."""
        orders = [self.make_held(1150) for _number in range(number)]
        for order in orders:
            self.release(order, days=0)
        return self.env["o2c.hold"].union(*(self.get_holds(order) for order in orders))

    def test_job_ends_all_releases_batch_by_batch(self):
        holds = self.make_expired(5)
        self.patch(hold_release, "BATCH", 2)
        reported = self.count_commits()
        with freeze_time(self.company._o2c_today() + timedelta(days=1)):
            self.env["o2c.hold"]._cron_lapse()
        self.assertEqual(set(holds.mapped("state")), {"lapsed"})
        self.assertEqual(reported, [2, 2, 1])

    def test_job_stops_when_its_time_is_over_and_goes_on_later(self):
        holds = self.make_expired(3)
        self.patch(hold_release, "BATCH", 2)
        reported = self.count_commits(minutes=0.0)
        with freeze_time(self.company._o2c_today() + timedelta(days=1)):
            self.env["o2c.hold"]._cron_lapse()
            self.assertEqual(sorted(holds.mapped("state")), ["lapsed", "lapsed", "released"])
            self.env["o2c.hold"]._cron_lapse()
        self.assertEqual(set(holds.mapped("state")), {"lapsed"})
        self.assertEqual(reported, [2, 1])

    def test_job_ends_releases(self):
        self.count_commits()
        order = self.make_held(1150)
        self.release(order, days=3)
        hold = self.get_holds(order)
        with freeze_time(self.company._o2c_today() + timedelta(days=3)):
            self.env["o2c.hold"]._cron_lapse()
            self.assertEqual(hold.state, "released")
        with freeze_time(self.company._o2c_today() + timedelta(days=4)):
            self.env["o2c.hold"]._cron_lapse()
        self.assertEqual(hold.state, "lapsed")

    def test_release_covers_the_delivery_and_the_invoice_of_the_order(self):
        order = self.make_held(1150)
        self.release(order)
        order.action_confirm()
        picking = order.picking_ids.with_user(self.warehouse_user)
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        invoice = order.sudo()._create_invoices().with_user(self.accountant)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_release_does_not_cover_another_order(self):
        order = self.make_held(1150)
        self.release(order)
        other = self.make_held(1150)
        self.assertEqual(self.get_holds(other).state, "open")

    # --- customers become free ------------------------------------------------------------------------------

    def test_raised_limit_confirms_what_waits_oldest_first(self):
        orders = [self.make_held(600 if n else 1100) for n in range(1)] + [self.make_held(1200)]
        self.set_limit(1100)
        self.env["o2c.hold"]._recheck_partner(self.customer, self.company)
        self.run_recheck()
        self.assertEqual([order.state for order in orders], ["sale", "draft"])
        self.assertEqual(self.get_holds(orders[0]).state, "cleared")
        self.assertEqual(self.get_holds(orders[1]).excess, 1200)

    def test_cancelled_order_frees_another(self):
        first = self.make_confirmed(900)
        second = self.make_held(900)
        first.action_cancel()
        self.run_recheck()
        self.assertEqual(second.state, "sale")

    def test_reduced_order_frees_another(self):
        first = self.make_confirmed(900)
        second = self.make_held(900)
        first.order_line.price_unit = 100
        self.run_recheck()
        self.assertEqual(second.state, "sale")

    def test_customer_without_holds_costs_no_row(self):
        self.make_confirmed(100).action_cancel()
        self.assertEqual(self.run_recheck(), 0)

    def test_payment_of_a_sister_in_the_group_rechecks(self):
        group = self.env["o2c.corporate.group"].create({"name": "Bamboo"})
        sister = self.make_customer("Sister")
        (self.customer | sister).o2c_corporate_group_id = group
        order = self.make_held(1100)
        self.set_limit(2000)
        self.env["o2c.hold"]._recheck_partner(sister, self.company)
        self.assertEqual(self.run_recheck(), 1)
        self.assertEqual(order.state, "sale")

    def test_switched_off_control_frees_what_waits(self):
        order = self.make_held(1100)
        for setting in self.env["o2c.control.setting"].search([]):
            setting.mode = "off"
        self.get_holds(order).with_user(self.officer).action_recheck()
        self.assertEqual(self.get_holds(order).state, "cleared")
        self.assertEqual(order.state, "sale")

    # --- access ---------------------------------------------------------------------------------------------

    def test_people_see_the_holds_of_documents_they_see(self):
        order = self.make_held()
        hold = self.get_holds(order)
        for user, sees in (
            (self.seller, True),
            (self.colleague, False),
            (self.sales_manager, True),
            (self.officer, True),
            (self.auditor, True),
            (self.warehouse_user, True),
            (self.employee, False),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(
                    bool(self.env["o2c.hold"].with_user(user).search([("id", "=", hold.id)])), sees
                )

    def test_lists_and_filters_of_documents(self):
        held, free = self.make_held(), self.make_order(10)
        found = self.env["sale.order"].with_user(self.seller).search([("o2c_is_on_hold", "=", True)])
        self.assertIn(held, found)
        self.assertNotIn(free, found)
        found = self.env["sale.order"].with_user(self.seller).search([("o2c_is_on_hold", "=", False)])
        self.assertIn(free, found)
        self.assertNotIn(held, found)

    def test_banner_shows_reason_figures_and_advice_before_anybody_tries(self):
        order = self.make_order(1150)
        self.assertIn("would exceed the limit", order.o2c_hold_banner)
        self.assertIn("1,150.00", order.o2c_hold_banner)
        self.assertIn("Ask for a release.", order.o2c_hold_banner)
        self.assertFalse(self.make_order(10).o2c_hold_banner)
        self.assertFalse(self.get_holds(order), "Looking stores nothing.")

    def test_banner_follows_the_form_while_it_is_edited(self):
        order = self.make_held(1150)
        with Form(order) as form:
            self.assertIn("would exceed the limit", form.o2c_hold_banner)
            with form.order_line.edit(0) as line:
                line.price_unit = 900
            self.assertIn("Nothing stops it any more", form.o2c_hold_banner)
        order.action_confirm()
        self.assertEqual((order.state, order.o2c_hold_banner), ("sale", False))

    def test_observed_reasons_are_shown_to_the_people_of_the_suite_only(self):
        self.set_control(mode="observing")
        order = self.make_order(1150)
        self.assertFalse(order.with_user(self.seller).o2c_hold_banner)
        self.seller.group_ids |= self.env.ref("o2c_base.group_credit_officer")
        self.env.invalidate_all()
        self.assertIn("Observed only", order.with_user(self.seller).o2c_hold_banner)
