from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .guarantee_common import GuaranteeCase


@tagged("post_install", "-at_install")
class TestGuaranteeCover(GuaranteeCase):
    """What guarantees cover, and who needs cover (K5)."""

    def make_payment(self, amount, *, partner=None, **values):
        """A booked receipt that no invoice has consumed."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        method = journal.inbound_payment_method_line_ids[:1]
        if not method.payment_account_id:
            method.payment_account_id = self.env["account.account"].create(
                {
                    "name": "Outstanding receipts",
                    "code": "OUT.1",
                    "account_type": "asset_current",
                    "reconcile": True,
                    "company_ids": [Command.set(self.company.ids)],
                }
            )
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "journal_id": journal.id,
                "payment_method_line_id": method.id,
                **values,
            }
        )
        payment.action_post()
        self.assertTrue(payment.move_id, "the receipt is booked")
        return payment

    def get_exposure(self, partner=None):
        partner = partner or self.customer
        return self.env["o2c.exposure"]._get_exposure(partner, self.company)[partner.id]

    def get_hold(self, order):
        return self.env["o2c.hold"].search([("order_id", "=", order.id), ("code", "=", "credit_guarantee")])

    def assertHeld(self, order, excess):
        self.assertIn(order.state, ("draft", "sent"))
        hold = self.get_hold(order)
        self.assertRecordValues(hold, [{"state": "open", "excess": excess}])
        return hold

    def deliver(self, order):
        picking = order.picking_ids.filtered(lambda one: one.state != "done")
        picking.move_ids.quantity = picking.move_ids.product_uom_qty
        picking.with_user(self.keeper).button_validate()
        return picking

    # === VALUES === #

    def test_foreign_currency_counts_at_the_rate_of_the_day(self):
        currency = self.make_currency(2.0)
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 4.0, "name": self.today, "company_id": self.company.id}
        )
        guarantee = self.secure(1000.0, currency_id=currency.id, haircut=10.0, date_from="2020-01-01")
        self.assertEqual(guarantee.cover_value, 225.0)
        self.assertEqual(self.get_facts()["guarantee_cover"], 225.0)
        yesterday = self.today - timedelta(days=1)
        self.assertEqual(self.get_facts(date=yesterday)["guarantee_cover"], 450.0)

    def test_statement_agrees_with_odoos_conversion(self):
        """Rates for all companies, of the company itself, in the future only, and none at all."""
        cases = (
            ("XTA", [("2010-01-01", 3.0, False), ("2020-01-01", 7.0, self.company.id)]),
            ("XTB", [("2010-01-01", 3.0, False), ("2020-01-01", 7.0, False)]),
            ("XTD", [(self.today + timedelta(days=9), 5.0, self.company.id)]),
            ("XTE", []),
        )
        Currency = self.env["res.currency"]
        for name, rates in cases:
            currency = Currency.create({"name": name, "symbol": name, "rounding": 0.01})
            for day, rate, company in rates:
                self.env["res.currency.rate"].create(
                    {"currency_id": currency.id, "name": day, "rate": rate, "company_id": company}
                )
            guarantee = self.make_guarantee(1234.56, currency_id=currency.id, haircut=12.5)
            with self.subTest(currency=name):
                value = currency._convert(
                    1234.56, self.company.currency_id, self.company, self.today, round=False
                )
                expected = self.company.currency_id.round(value * 0.875)
                self.assertEqual(guarantee.cover_value, expected)
                self.assertEqual(guarantee._get_edited_cover(), expected)

    def test_list_of_guarantees_costs_the_same_for_any_number(self):
        guarantees = self.Guarantee.union(*(self.make_guarantee(100.0) for _index in range(6)))
        self.env.flush_all()

        def count_queries(records):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.mapped("cover_value")
            return self.env.cr.sql_log_count - before

        count_queries(guarantees)
        self.assertEqual(count_queries(guarantees[:1]), count_queries(guarantees))

    # === WHO NEEDS COVER === #

    def test_nobody_needs_cover_without_a_policy(self):
        order = self.make_order(1000.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def is_first_sale(self):
        return self.env["o2c.facts"]._is_first_sale(self.company, self.customer)

    def test_first_sale_needs_cover(self):
        self.make_policy(new_cover=30.0)
        order = self.make_order(1000.0)
        order.action_confirm()
        hold = self.assertHeld(order, 1000.0)
        for part in ("300.00", "1,000.00", "30 %", "first sale", "0.00"):
            self.assertIn(part, hold.message)
        self.secure(120.0)
        order.action_confirm()
        self.assertHeld(order, 600.0)
        self.secure(180.0)
        self.recheck()
        self.assertEqual(self.get_hold(order).state, "cleared")
        self.assertEqual(order.state, "sale", "the order confirms itself when the guarantee arrives")

    def test_customer_who_was_delivered_is_not_new(self):
        policy = self.make_policy()
        order = self.make_order(1000.0)
        order.action_confirm()
        self.assertTrue(self.is_first_sale(), "a confirmed order is no delivery")
        self.assertEqual(self.deliver(order).state, "done")
        self.assertFalse(self.is_first_sale())
        policy.sudo()._guarded_write({"new_cover": 100.0})
        self.env.registry.clear_cache()
        second = self.make_order(1000.0)
        second.action_confirm()
        self.assertEqual(second.state, "sale")

    def test_first_delivery_waits_for_its_cover(self):
        self.set_modes("observing", "credit_guarantee")
        self.make_policy(new_cover=50.0)
        order = self.make_order(1000.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.get_hold(order).state, "observed")
        self.set_modes("enforcing", "credit_guarantee")
        picking = self.deliver(order)
        self.assertNotEqual(picking.state, "done")
        hold = self.env["o2c.hold"].search(
            [("picking_id", "=", picking.id), ("code", "=", "credit_guarantee")]
        )
        self.assertRecordValues(hold, [{"state": "open", "excess": 1000.0}])
        guarantee = self.secure(500.0)
        self.assertEqual(self.deliver(order).state, "done")
        self.assertEqual(guarantee.state, "in_force")

    def test_foreign_customer_needs_cover(self):
        self.make_policy(foreign_cover=100.0)
        home = self.make_order(1000.0)
        home.action_confirm()
        self.assertEqual(home.state, "sale")
        for country in (self.env.ref("base.de"), self.env["res.country"]):
            foreigner = self.env["res.partner"].create(
                {"name": "Importer", "is_company": True, "country_id": country.id}
            )
            order = self.make_order(1000.0, partner=foreigner)
            order.action_confirm()
            with self.subTest(country=country.code):
                hold = self.assertHeld(order, 1000.0)
                self.assertIn("foreign customer", hold.message)

    def test_guarantee_of_another_customer_or_company_does_not_help(self):
        self.make_policy(new_cover=100.0)
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        self.secure(5000.0, partner=other)
        order = self.make_order(1000.0)
        order.action_confirm()
        self.assertHeld(order, 1000.0)

    def test_released_guarantee_stops_the_next_order(self):
        self.make_policy(new_cover=100.0)
        guarantee = self.secure(1000.0)
        guarantee.with_user(self.manager).action_release("The customer asked for it")
        order = self.make_order(1000.0)
        order.action_confirm()
        self.assertHeld(order, 1000.0)

    def test_guarantee_of_the_group_covers_its_members_once(self):
        self.make_policy(new_cover=100.0)
        sister = self.env["res.partner"].create(
            {"name": "Sister", "is_company": True, "country_id": self.home.id}
        )
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        (self.customer | sister).o2c_corporate_group_id = group
        self.secure(1000.0, partner_id=False, corporate_group_id=group.id)
        facts = self.get_facts()
        self.assertEqual(
            (facts["guarantee_cover"], facts["guarantee_own"], facts["group_guarantee_cover"]),
            (1000.0, 0.0, 1000.0),
        )
        first = self.make_order(600.0)
        first.action_confirm()
        self.assertEqual(first.state, "sale")
        second = self.make_order(600.0, partner=sister)
        second.action_confirm()
        hold = self.assertHeld(second, 200.0)
        self.assertIn("1,200.00", hold.message)

    def test_addition_to_the_limit(self):
        self.set_modes("enforcing", "credit_limit")
        self.secure(1000.0, haircut=25.0, adds_to_limit=True)
        self.secure(100.0)
        facts = self.get_facts()
        self.assertEqual((facts["guarantee_addition"], facts["guarantee_cover"]), (750.0, 850.0))
        self.grant_limit(500.0)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.o2c_credit_available, 1250.0)
        order = self.make_order(1250.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale", "500 and 750 on top")
        self.customer.invalidate_recordset()
        self.assertFalse(self.customer.o2c_over_limit)
        more = self.make_order(10.0)
        more.action_confirm()
        hold = self.env["o2c.hold"].search([("order_id", "=", more.id), ("code", "=", "credit_limit")])
        self.assertRecordValues(hold, [{"state": "open", "excess": 10.0}])
        self.assertIn("1,250.00", hold.message)
        self.make_invoice(0.01)
        self.customer.invalidate_recordset()
        self.assertTrue(self.customer.o2c_over_limit)
        over = [("o2c_over_limit", "=", True), ("id", "=", self.customer.id)]
        self.assertEqual(self.env["res.partner"].search(over), self.customer)

    def test_grade_asks_for_cover(self):
        self.grant_limit(5000.0, cover=50.0)
        order = self.make_order(1000.0)
        order.action_confirm()
        hold = self.assertHeld(order, 1000.0)
        self.assertIn("by the grade", hold.message)
        self.secure(500.0)
        self.recheck()
        self.assertEqual(order.state, "sale")

    # === DEPOSITS === #

    def test_deposit_is_a_guarantee_or_a_receipt(self):
        self.make_invoice(5000.0)
        payment = self.make_payment(1000.0)
        self.assertEqual(self.get_exposure().total, 4000.0, "a receipt reduces what is owed")
        guarantee = self.make_guarantee(600.0, kind="deposit", guarantor_id=False, payment_id=payment.id)
        self.assertEqual(self.get_exposure().total, 4000.0, "a draft changes nothing")
        self.accept(guarantee)
        exposure = self.get_exposure()
        self.assertEqual(exposure.total, 4600.0, "600 of the receipt are held as a guarantee")
        self.assertEqual(exposure.amount_of("deposit"), 600.0)
        self.assertEqual(exposure.amount_of("unallocated"), -1000.0)
        facts = self.get_facts()
        self.assertEqual((facts["exposure"], facts["guarantee_cover"]), (4600.0, 600.0))
        guarantee.with_user(self.manager).action_release("It becomes a receipt again")
        self.assertEqual(self.get_exposure().total, 4000.0)
        self.assertEqual(self.get_facts()["guarantee_cover"], 0.0)

    def test_deposit_that_an_invoice_consumed_covers_nothing(self):
        invoice = self.make_invoice(700.0)
        payment = self.make_payment(1000.0)
        guarantee = self.secure(1000.0, kind="deposit", guarantor_id=False, payment_id=payment.id)
        self.assertEqual(self.get_exposure().total, 700.0)
        lines = (invoice.line_ids | payment.move_id.line_ids).filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        lines.reconcile()
        self.assertEqual(self.get_facts()["guarantee_cover"], 300.0)
        self.assertEqual(guarantee.cover_value, 300.0)
        self.assertEqual(self.get_exposure().total, 0.0)
        payment.action_draft()
        self.assertEqual(self.get_facts()["guarantee_cover"], 0.0, "the receipt is not booked any more")

    def test_deposit_in_a_foreign_currency(self):
        currency = self.make_currency(2.0)
        payment = self.make_payment(1000.0, currency_id=currency.id)
        self.assertEqual(self.get_exposure().total, -500.0)
        guarantee = self.secure(
            600.0, kind="deposit", guarantor_id=False, payment_id=payment.id, currency_id=currency.id
        )
        self.assertEqual(self.get_exposure().total, -200.0)
        self.assertEqual((guarantee.cover_value, self.get_facts()["guarantee_cover"]), (300.0, 300.0))

    def test_receipt_that_does_not_fit_is_refused(self):
        payment = self.make_payment(1000.0)
        stranger = self.env["res.partner"].create({"name": "Stranger", "is_company": True})
        currency = self.make_currency(2.0)
        deposit = {"kind": "deposit", "guarantor_id": False, "payment_id": payment.id}
        cases = (
            {**deposit, "partner_id": stranger.id},
            {**deposit, "value": 1000.01},
            {**deposit, "currency_id": currency.id},
            {**deposit, "kind": "pledge"},
        )
        for vals in cases:
            guarantee = self.make_guarantee(**{"value": 500.0, **vals})
            with self.subTest(vals=vals), self.assertRaises(UserError):
                guarantee.action_submit()
            self.assertEqual(guarantee.state, "draft")
        self.secure(500.0, **deposit)
        second = self.make_guarantee(500.0, **deposit)
        with self.assertRaisesRegex(UserError, "GUA/"):
            second.action_submit()

    def test_deposit_can_be_replaced(self):
        payment = self.make_payment(1000.0)
        old = self.secure(500.0, kind="deposit", guarantor_id=False, payment_id=payment.id)
        draft = self.Guarantee.browse(old.action_replace()["res_id"])
        draft.value = 800.0
        self.accept(draft)
        self.assertEqual((old.state, draft.state), ("released", "in_force"))
        self.assertEqual(self.get_exposure().amount_of("deposit"), 800.0)
