from freezegun import freeze_time
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from . import oracle
from .common import DAY, NEXT_DAY, MonthEndCase


@tagged("post_install", "-at_install", "o2c")
class TestAccrualAdvance(MonthEndCase):
    """What was earned uses up the customer's advances on the liability account: one position per contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.advances = cls.env["account.account"].create({
            "name": "Advances of customers", "code": "220401", "account_type": "liability_current",
            "reconcile": True, "company_ids": [(6, 0, cls.company.ids)]})
        cls.company.o2c_advance_account_id = cls.advances
        cls.company.o2c_accrual_tax = "deferred"
        cls.cashier = cls.make_user("cashier", "account.group_account_invoice")

    def receive(self, order, amount, *, day="2026-03-15", entered=None):
        """The accountant registers money for the order; it may be entered later than it came."""
        with freeze_time(f"{entered or day} 10:00:00"):
            wizards = self.env["o2c.receipt.register"].with_user(self.cashier).with_company(self.company)
            wizard = wizards.create({"order_id": order.id, "amount": amount, "date": day})
            wizard.currency_id = order.currency_id
            wizard.amount = amount
            wizard.action_register()
        return order.o2c_allocation_ids.payment_id.sorted("id")[-1:]

    def ship(self, quantity, ordered=10, **values):
        order = self.make_order((self.product, ordered, 100.0), tax=True, **values)
        self.deliver(order, quantity)
        return order

    def net_liability(self, day=DAY):
        """What the balance sheet calls contract liabilities: advances and what the run booked; positive."""
        return -(self.get_balance(self.advances, day)
                 + self.get_balance(self.company.o2c_contract_liability_account_id, day))

    def judge(self, order, paid, *, tax=1.13):
        """Against plain Python: earned by the oracle, money by the caller."""
        line = self.get_line(self.prepare(), order)
        [sold] = order.order_line
        net = oracle.revenue(sold, DAY)
        position = round(net * (1.13 if tax else 1.0), 2)
        covered = round(min(paid / (net * 1.13), 1.0) * position, 2) if net > 0 else 0.0
        self.assertEqual((line.amount, line.advance), (position, paid))
        self.assertAlmostEqual(line.covered, covered, 2)
        self.assertAlmostEqual(line.revenue, net, 2)
        return line

    # === FIGURES === #

    def test_part_of_the_position_is_covered(self):
        order = self.ship(6)
        self.receive(order, 339)
        line = self.judge(order, 339)
        self.assertEqual((line.kind, line.amount, line.covered), ("asset", 678, 339))

    def test_without_tax_the_asset_is_what_is_left_of_the_price(self):
        self.company.o2c_accrual_tax = "net"
        order = self.ship(6)
        self.receive(order, 339)
        line = self.judge(order, 339, tax=None)
        self.assertEqual((line.kind, line.amount, line.covered), ("asset", 600, 300))

    def test_advance_over_what_was_earned_leaves_no_asset(self):
        order = self.ship(6)
        self.receive(order, 1000)
        line = self.judge(order, 1000)
        self.assertEqual((line.kind, line.basis, line.covered), ("liability", "advance", 678))

    def test_order_without_money_and_money_of_another_order_cover_nothing(self):
        order, other = self.ship(6), self.make_order((self.product, 1, 100.0))
        self.receive(other, 100)
        line = self.judge(order, 0)
        self.assertEqual((line.kind, line.covered), ("asset", 0))

    def test_money_on_the_receivable_account_is_not_netted(self):
        order = self.ship(6)
        self.company.o2c_advance_account_id = False
        self.receive(order, 339)
        self.assertEqual(self.judge(order, 0).covered, 0)

    def test_invoiced_before_delivery_is_no_asset_that_an_advance_could_cover(self):
        product = self.make_product("Early", invoice_policy="order")
        order = self.make_order((product, 5, 100.0), tax=True)
        self.receive(order, 100, day="2026-03-10")
        self.invoice(order, day="2026-03-12")
        self.receive(order, 700, day="2026-03-28")
        line = self.get_line(self.prepare(), order)
        self.assertEqual((line.kind, line.amount, line.covered), ("liability", -500, 0))

    # === AS OF THE DAY === #

    def test_money_counts_by_its_accounting_date(self):
        order = self.ship(6)
        self.receive(order, 100, day="2026-03-28", entered="2026-04-02")
        self.receive(order, 200, day="2026-04-02")
        self.judge(order, 100)

    def test_what_an_invoice_of_the_month_has_taken_covers_nothing_and_a_later_one_changes_nothing(self):
        order = self.ship(6)
        self.receive(order, 500)
        self.invoice(order, day="2026-03-25", quantities=[2])
        # 226.00 went to the invoice; 4 pieces are earned and not billed.
        line = self.judge(order, 274)
        self.assertEqual((line.amount, line.covered), (452, 274))
        runs = self.env["o2c.accrual.run"].search([("date", "=", DAY)])
        runs.with_user(self.officer).action_back_to_draft()
        self.invoice(order, day="2026-04-03")
        self.assertAlmostEqual(self.get_balance(self.advances, "2026-04-03"), 0)
        line = self.judge(order, 274)
        self.assertEqual((line.amount, line.covered), (452, 274))

    def test_foreign_order_is_covered_in_its_currency(self):
        order = self.ship(6, currency=self.eur)
        self.receive(order, 339)
        line = self.get_line(self.prepare(), order)
        self.assertEqual((line.amount, line.advance, line.covered), (678, 339, 339))
        # 0.50 EUR for a dollar on the last day.
        self.assertEqual((line.balance, line.covered_balance), (1356, 678))

    # === BOOKS === #

    def test_entry_leaves_one_position_and_goes_back_next_day(self):
        order, whole = self.ship(6), self.ship(2, ordered=2)
        self.receive(order, 339)
        self.receive(whole, 1000)
        exposure = self.get_exposure()
        run = self.book(self.prepare())
        self.assertEqual((run.state, run.error_count), ("done", 0))
        company = self.company
        # 678.00 - 339.00 of the first; of the second 226.00 are covered whole, 774.00 stay owed.
        self.assertEqual(self.get_balance(company.o2c_contract_asset_account_id), 339)
        self.assertEqual(self.get_balance(company.o2c_unbilled_account_id), 0)
        self.assertEqual(self.get_balance(company.o2c_contract_liability_account_id), 339 + 226)
        self.assertEqual(self.net_liability(), 774)
        self.assertEqual(
            (run.asset_total, run.liability_total, run.covered_total, run.revenue_total),
            (339, 565, 565, 800))
        self.assertEqual(self.get_balance(company.o2c_contract_liability_account_id, NEXT_DAY), 0)
        self.assertEqual(self.net_liability(NEXT_DAY), 1339)
        # Money of the customer stays where exposure and matching look for it.
        self.assertEqual(self.get_exposure(), exposure)
        self.assertFalse(run.sudo().line_ids.move_id.line_ids.filtered(
            lambda item: item.account_id == self.advances))
        for move in run.sudo().line_ids.move_id:
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)

    def get_exposure(self):
        self.env.flush_all()
        return self.env["o2c.exposure"]._get_exposure(self.customer, self.company)[self.customer.id].total

    def test_money_that_went_after_the_approval_is_not_booked(self):
        order = self.ship(6)
        payment = self.receive(order, 339)
        run = self.prepare()
        run.with_user(self.officer).action_submit("Month is complete")
        run.sudo().o2c_request_id.with_user(self.director).action_approve("Fine")
        payment.action_draft()
        payment.action_cancel()
        self.work(run)
        line = self.get_line(run, order)
        self.assertEqual((run.state, line.state), ("failed", "error"))
        self.assertFalse(line.move_id)

    def test_director_sees_what_is_netted_and_a_missing_account_is_named(self):
        order = self.ship(6)
        self.receive(order, 339)
        run = self.prepare()
        self.assertIn("netted with advances", str(run.sudo()._get_approval_summary()))
        self.assertIn("339.00", run.sudo().line_ids.preview)
        self.company.o2c_contract_liability_account_id = False
        self.env.invalidate_all()
        self.assertIn("Contract liabilities", run.findings)

    # === ATTACKS === #

    def test_advances_and_positions_have_two_accounts(self):
        position = self.company.o2c_contract_liability_account_id
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.company.o2c_contract_liability_account_id = self.advances
        self.env.invalidate_all()
        self.assertEqual(self.company.o2c_contract_liability_account_id, position)
        position.reconcile = True
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.company.o2c_advance_account_id = position
        self.env.invalidate_all()
        self.assertEqual(self.company.o2c_advance_account_id, self.advances)

    def test_nobody_writes_what_is_netted(self):
        order = self.ship(6)
        self.receive(order, 339)
        line = self.get_line(self.prepare(), order)
        for user in (self.officer, self.director, self.accountant, self.auditor):
            for values in ({"covered": 0}, {"covered_balance": 0}, {"advance": 5000}):
                with self.assertRaises(Exception) as caught, self.cr.savepoint():
                    self.rpc(user, line, "write", values)
                self.assertEqual(type(caught.exception).__name__, "AccessError")
        self.env.invalidate_all()
        self.assertEqual((line.covered, line.covered_balance, line.advance), (339, 339, 339))
