import itertools

from odoo.addons.o2c_credit.tests.common import CreditCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestAccount(CreditCase):
    """A till sells for cash as ever; what goes on a customer's account is credit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cashier = cls.make_user("cashier", "point_of_sale.group_pos_user")
        journal = cls.env["account.journal"].create({"name": "Till", "type": "cash", "code": "TILL"})
        methods = cls.env["pos.payment.method"]
        cls.cash = methods.create({"name": "Cash", "journal_id": journal.id})
        cls.account = methods.create({"name": "Customer Account", "split_transactions": True})
        cls.config = cls.env["pos.config"].create(
            {"name": "Shop", "payment_method_ids": [Command.set((cls.cash | cls.account).ids)]})
        cls.config.open_ui()
        cls.session = cls.config.current_session_id
        cls.session.set_opening_control(0, None)
        cls.numbers = itertools.count(1)
        cls.orders = cls.env["pos.order"].with_user(cls.cashier)
        cls.grant_limit(100.0)

    def sell(self, *payments, partner=None, to_invoice=False):
        """What the till sends when somebody validates an order: ``(method, amount)`` pairs."""
        number = next(self.numbers)
        total = sum(amount for _method, amount in payments)
        partner = self.customer if partner is None else partner
        result = self.orders.sync_from_ui([{
            "uuid": f"o2c-{number}", "name": f"Order {number}", "state": "paid",
            "session_id": self.session.id, "partner_id": partner.id, "pricelist_id": False,
            "amount_total": total, "amount_paid": total, "amount_tax": 0, "amount_return": 0,
            "fiscal_position_id": False, "to_invoice": to_invoice, "sequence_number": number,
            "lines": [Command.create({
                "product_id": self.product.id, "qty": 1, "price_unit": total, "price_subtotal": total,
                "price_subtotal_incl": total, "tax_ids": [Command.clear()], "discount": 0,
                "full_product_name": "Kettle"})],
            "payment_ids": [
                Command.create({"amount": amount, "payment_method_id": method.id, "name": "2026-01-01"})
                for method, amount in payments],
        }])
        return self.env["pos.order"].browse(result["pos.order"][0]["id"])

    def assertRefused(self, *payments, **values):
        """Refused, and nothing is left of it: no order, no payment, no goods, no invoice."""
        before = self.count_traces()
        with self.assertRaisesRegex(UserError, "can't go on the customer's account") as caught:
            self.sell(*payments, **values)
        self.assertEqual(self.count_traces(), before)
        return str(caught.exception)

    def count_traces(self):
        self.env.invalidate_all()
        return {name: self.env[name].search_count([]) for name in (
            "pos.order", "pos.payment", "stock.move", "account.move")}

    def get_exposure(self):
        return self.env["o2c.exposure"]._get_exposure(self.customer, self.company)[self.customer.id]

    # === AT THE TILL === #

    def test_cash_needs_no_credit(self):
        order = self.sell((self.cash, 500))
        self.assertEqual((order.state, self.get_exposure().total), ("paid", 0.0))

    def test_account_within_the_limit_passes_and_counts_at_once(self):
        order = self.sell((self.account, 80))
        self.assertEqual(order.state, "paid")
        parts = {part.code: part.amount for part in self.get_exposure().components if part.amount}
        self.assertEqual(parts, {"till": 80.0})
        entry = self.env["o2c.register"].search([("event", "=", "checkpoint_passed")], limit=1)
        self.assertEqual((entry.res_model, entry.res_id, entry.amount), ("pos.order", order.id, 80.0))

    def test_account_over_the_limit_is_refused_with_the_figures(self):
        message = self.assertRefused((self.account, 101))
        self.assertIn("1.00", message)

    def test_orders_of_one_session_add_up(self):
        self.sell((self.account, 80))
        self.assertRefused((self.account, 21))
        self.assertEqual(self.sell((self.cash, 10), (self.account, 20)).state, "paid")
        self.assertEqual(self.get_exposure().total, 100.0)

    def test_open_orders_of_the_office_count_at_the_till(self):
        self.make_order(60, require_signature=False).action_confirm()
        self.assertRefused((self.account, 41))

    def test_till_counts_for_the_office(self):
        self.sell((self.account, 60))
        order = self.make_order(50)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertTrue(self.get_hold(order, "credit_limit"))

    def test_invoice_on_account_is_refused_before_goods_leave(self):
        self.assertRefused((self.account, 101), to_invoice=True)

    def test_invoiced_order_counts_once(self):
        order = self.sell((self.account, 80), to_invoice=True)
        self.assertEqual(order.account_move.state, "posted")
        self.assertEqual(self.get_exposure().total, 80.0)

    def test_closed_session_counts_once(self):
        self.sell((self.account, 80))
        self.session.action_pos_session_closing_control()
        self.assertEqual(self.session.state, "closed")
        self.assertEqual(self.get_exposure().total, 80.0)

    def test_observing_control_stops_nothing_and_writes_it_down(self):
        self.set_mode("observing")
        order = self.sell((self.account, 101))
        self.assertEqual(order.state, "paid")
        hold = self.env["o2c.hold"].search([
            ("res_model", "=", "pos.order"), ("res_id", "=", order.id), ("code", "=", "credit_limit")])
        self.assertRecordValues(hold, [{"state": "observed", "code": "credit_limit", "excess": 1.0}])

    def test_customer_without_a_grade_gets_no_account(self):
        self.set_mode("enforcing", codes=("credit_grade_missing",))
        stranger = self.env["res.partner"].create({"name": "Stranger", "is_company": True})
        self.assertRefused((self.account, 1), partner=stranger)
        self.assertEqual(self.sell((self.cash, 1), partner=stranger).state, "paid")

    def test_suspended_customer_gets_no_account(self):
        self.set_mode("enforcing", codes=("credit_suspended",))
        self.grant(kind="suspension", reason="Late")
        self.assertRefused((self.account, 1))

    def test_money_back_onto_the_account_is_no_credit(self):
        self.sell((self.account, 100))
        self.sell((self.account, -30))
        self.assertEqual(self.get_exposure().total, 70.0)

    # === AROUND IT === #

    def test_cash_does_not_turn_into_a_debt_afterwards(self):
        order = self.sell((self.cash, 500))
        manager = self.make_user("pos_manager", "point_of_sale.group_pos_manager")
        for attack in (
            lambda: order.payment_ids.with_user(manager).write({"payment_method_id": self.account.id}),
            lambda: order.with_user(manager).write({"payment_ids": [
                Command.update(order.payment_ids.id, {"payment_method_id": self.account.id})]}),
            lambda: self.env["pos.payment"].with_user(manager).create({
                "pos_order_id": order.id, "amount": 101, "payment_method_id": self.account.id}),
        ):
            with self.assertRaises(UserError):
                attack()
            self.env.invalidate_all()
            self.assertEqual(order.payment_ids.payment_method_id, self.cash)
            self.assertEqual(order._get_o2c_on_account(), 0.0)

    def test_debt_does_not_move_to_another_customer(self):
        rich = self.env["res.partner"].create({"name": "Rich", "is_company": True})
        order = self.sell((self.account, 90))
        self.set_mode("enforcing", codes=("credit_grade_missing",))
        with self.assertRaises(UserError):
            order.with_user(self.cashier).write({"partner_id": rich.id})
        self.env.invalidate_all()
        self.assertEqual(order.partner_id, self.customer)

    def test_draft_is_judged_when_it_is_paid(self):
        order = self.env["pos.order"].create({
            "session_id": self.session.id, "partner_id": self.customer.id, "amount_total": 101,
            "amount_tax": 0, "amount_paid": 0, "amount_return": 0})
        order.add_payment({"pos_order_id": order.id, "amount": 101, "payment_method_id": self.account.id})
        for attack in (order.with_user(self.cashier).action_pos_order_paid,
                       lambda: order.with_user(self.cashier).write({"state": "done"})):
            with self.assertRaises(UserError):
                attack()
            self.env.invalidate_all()
            self.assertEqual(order.state, "draft")

    def test_till_does_not_load_what_the_controls_say(self):
        names = self.orders._load_pos_data_fields(self.config)
        self.assertIn("partner_id", names)
        self.assertFalse([name for name in names if name.startswith("o2c_")])
