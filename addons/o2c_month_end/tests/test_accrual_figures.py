from datetime import date

from odoo import Command
from odoo.tests import tagged

from . import oracle
from .common import DAY, MonthEndCase


@tagged("post_install", "-at_install", "o2c")
class TestAccrualFigures(MonthEndCase):
    """What is measured, against plain Python."""

    def measure(self, order, day=DAY):
        self.env.flush_all()
        figures = self.env["o2c.accrual.figures"].sudo()._get_figures(self.company, day)
        return figures.get(order.id)

    def assertOracle(self, order, day=DAY, unit_cost=60.0):
        lines = order.order_line.filtered(lambda line: not line.is_downpayment)
        figures = self.measure(order, day)
        self.assertAlmostEqual(
            figures.net if figures else 0.0, sum(oracle.revenue(line, day) for line in lines))
        self.assertAlmostEqual(
            sum(item.cost for item in figures.items) if figures else 0.0,
            sum(oracle.cost(line, day, unit_cost) for line in lines))
        return figures

    def test_part_delivered_nothing_invoiced(self):
        order = self.make_order((self.product, 10, 100.0))
        self.deliver(order, 6)
        figures = self.assertOracle(order)
        self.assertEqual((figures.kind, figures.basis, figures.net), ("asset", "partial", 600.0))
        self.assertEqual([item.cost for item in figures.items], [360.0])

    def test_discount_of_the_line_comes_off(self):
        order = self.make_order((self.product, 4, 100.0, 25.0))
        self.deliver(order, 4)
        figures = self.assertOracle(order)
        self.assertEqual((figures.kind, figures.net), ("receivable", 300.0))

    def test_part_invoiced(self):
        order = self.make_order((self.product, 10, 100.0))
        self.deliver(order, 6)
        self.invoice(order, quantities=[4])
        figures = self.assertOracle(order)
        self.assertEqual((figures.net, figures.items[0].cost), (200.0, 120.0))

    def test_all_invoiced_is_nothing(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 2)
        self.invoice(order)
        self.assertIsNone(self.assertOracle(order))

    def test_draft_invoice_counts_for_nothing(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 2)
        self.invoice(order, post=False)
        self.assertEqual(self.assertOracle(order).net, 200.0)

    def test_what_came_after_the_day_does_not_count(self):
        order = self.make_order((self.product, 10, 100.0))
        self.deliver(order, 3)
        self.deliver(order, 7, day="2026-04-02")
        self.invoice(order, day="2026-04-03")
        self.assertEqual(self.assertOracle(order).net, 300.0)
        self.assertIsNone(self.assertOracle(order, date(2026, 4, 30)))

    def test_last_minute_of_the_day_counts_by_the_companys_clock(self):
        self.company.o2c_tz = "Asia/Shanghai"
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 1, day="2026-03-31", moment="15:59:59")
        self.deliver(order, 1, day="2026-03-31", moment="16:00:01")
        self.assertEqual(self.measure(order).net, 100.0)

    def test_return_before_the_invoice(self):
        order = self.make_order((self.product, 5, 100.0))
        picking = self.deliver(order, 5)
        self.send_back(picking, 2)
        self.assertEqual(self.assertOracle(order).net, 300.0)

    def test_return_after_the_invoice_without_credit_note(self):
        order = self.make_order((self.product, 5, 100.0))
        picking = self.deliver(order, 5)
        self.invoice(order, day="2026-03-21")
        self.send_back(picking, 2)
        figures = self.assertOracle(order)
        self.assertEqual((figures.kind, figures.net, figures.items[0].reason),
                         ("liability", -200.0, "returned"))
        self.assertEqual(figures.items[0].cost, -120.0)

    def test_credit_note_of_the_return_closes_it(self):
        order = self.make_order((self.product, 5, 100.0))
        picking = self.deliver(order, 5)
        self.invoice(order, day="2026-03-21")
        self.send_back(picking, 2)
        note = self.invoice(order, day="2026-03-26")
        self.assertEqual(note.move_type, "out_refund")
        self.assertIsNone(self.assertOracle(order))

    def test_invoiced_before_delivery_is_a_liability_without_tax(self):
        self.company.o2c_accrual_tax = "deferred"
        product = self.make_product("Ordered Pump", invoice_policy="order")
        self.make_stock(product, 20)
        order = self.make_order((product, 10, 100.0), tax=True)
        self.deliver(order, 4)
        self.invoice(order)
        figures = self.assertOracle(order)
        self.assertEqual((figures.kind, figures.net, figures.tax, figures.amount),
                         ("liability", -600.0, 0.0, -600.0))

    def test_tax_is_deferred_or_left_out(self):
        order = self.make_order((self.product, 10, 100.0), tax=True)
        self.deliver(order, 6)
        self.assertEqual((self.measure(order).tax, self.measure(order).amount), (0.0, 600.0))
        self.company.o2c_accrual_tax = "deferred"
        self.assertEqual((self.measure(order).tax, self.measure(order).amount), (78.0, 678.0))

    def test_tax_in_the_price(self):
        self.company.o2c_accrual_tax = "deferred"
        self.tax.price_include_override = "tax_included"
        order = self.make_order((self.product, 2, 113.0), tax=True)
        self.deliver(order, 1)
        figures = self.measure(order)
        self.assertEqual((figures.net, figures.tax), (100.0, 13.0))

    def test_foreign_currency_at_the_rate_of_the_day(self):
        order = self.make_order((self.product, 10, 100.0), currency=self.eur)
        self.deliver(order, 6)
        figures = self.assertOracle(order)
        self.assertEqual((figures.net, figures.balance), (600.0, 1200.0))
        self.assertEqual(figures.items[0].cost, 360.0)

    def test_down_payment_booked_as_income_comes_off(self):
        self.company.downpayment_account_id = False
        order = self.make_order((self.product, 10, 100.0))
        self.pay_down(order, 300.0)
        figures = self.measure(order)
        self.assertEqual((figures.kind, figures.net), ("liability", -300.0))
        self.deliver(order, 6)
        figures = self.measure(order)
        self.assertEqual((figures.kind, figures.net), ("asset", 300.0))
        self.assertEqual([(item.reason, item.net) for item in figures.items],
                         [("delivered", 600.0), ("advance", -300.0)])

    def test_down_payment_in_a_liability_account_is_used_up_by_deliveries(self):
        self.company.downpayment_account_id = self.env["account.account"].create({
            "name": "Advances", "code": "229999", "account_type": "liability_current"})
        order = self.make_order((self.product, 10, 100.0))
        self.pay_down(order, 300.0)
        self.assertIsNone(self.measure(order))
        self.deliver(order, 2)
        figures = self.measure(order)
        self.assertEqual((figures.kind, figures.net), ("none", 0.0))
        self.assertEqual(figures.items[1].account_id, self.company.downpayment_account_id.id)
        self.deliver(order, 4)
        self.assertEqual(self.measure(order).net, 300.0)

    def test_down_payment_that_the_invoice_deducts(self):
        order = self.make_order((self.product, 10, 100.0))
        self.pay_down(order, 300.0)
        self.deliver(order, 10)
        self.invoice(order)
        self.assertIsNone(self.measure(order))

    def test_discount_of_the_order_is_granted_with_the_goods(self):
        discount = self.make_service("Discount")
        order = self.make_order((self.product, 10, 100.0), (discount, 1, -100.0))
        self.deliver(order, 4)
        figures = self.measure(order)
        self.assertEqual(figures.net, 400.0 - 40.0)
        self.invoice(order)
        figures = self.measure(order)
        self.assertEqual([(item.reason, item.net) for item in figures.items], [("discount", 60.0)])

    def test_service_by_delivered_quantity(self):
        service = self.make_service(invoice_policy="delivery", service_type="manual")
        order = self.make_order((service, 8, 100.0))
        order.order_line.qty_delivered = 3
        figures = self.measure(order)
        self.assertEqual((figures.net, figures.items[0].reason), (300.0, "performed"))

    def test_service_invoiced_as_ordered_is_done_when_invoiced(self):
        order = self.make_order((self.make_service(), 8, 100.0))
        self.invoice(order)
        self.assertIsNone(self.measure(order))
        self.company.o2c_accrual_service = "delivered"
        self.assertEqual(self.measure(order).net, -800.0)

    def test_other_unit_of_measure(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.make_order((self.product, 2, 1200.0), day="2026-03-05")
        self.assertEqual(order.state, "sale")
        order = self.env["sale.order"].create({
            "partner_id": self.customer.id, "company_id": self.company.id,
            "order_line": [Command.create({
                "product_id": self.product.id, "product_uom_qty": 2, "product_uom_id": dozen.id,
                "price_unit": 1200.0, "tax_ids": [Command.clear()]})]})
        order.action_confirm()
        self.deliver(order, 12)
        figures = self.measure(order)
        self.assertEqual((figures.net, figures.items[0].cost), (1200.0, 720.0))

    def test_goods_that_stay_ours_are_no_delivery(self):
        """A transfer to a consignee's place is neither revenue nor cost; the sale from there is both."""
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        place = self.env["stock.location"].create({
            "name": "Consignee", "usage": "internal", "location_id": warehouse.lot_stock_id.id})
        before = self.env["o2c.accrual.figures"].sudo()._get_figures(self.company, DAY)
        move = self.env["stock.move"].create({
            "product_id": self.product.id, "product_uom_qty": 5, "location_id": warehouse.lot_stock_id.id,
            "location_dest_id": place.id, "company_id": self.company.id})
        move._action_confirm()
        move.write({"quantity": 5, "picked": True})
        move._action_done()
        self.env.flush_all()
        after = self.env["o2c.accrual.figures"].sudo()._get_figures(self.company, DAY)
        self.assertEqual(before, after)

    def test_periodic_goods_have_no_cost_here(self):
        category = self.category.copy({"property_valuation": "periodic"})
        product = self.make_product("Periodic", categ_id=category.id)
        self.make_stock(product, 5)
        order = self.make_order((product, 2, 100.0))
        self.deliver(order, 2)
        figures = self.measure(order)
        self.assertEqual((figures.net, figures.items[0].cost), (200.0, 0.0))

    def test_cancelled_order_is_none(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 1)
        order._action_cancel()
        self.assertIsNone(self.measure(order))

    def test_other_company_is_another_run(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 2)
        other = self.make_company("Elsewhere")
        self.env.flush_all()
        figures = self.env["o2c.accrual.figures"].sudo()._get_figures(other, DAY)
        self.assertEqual(figures, {})

    def test_right_to_the_money_by_the_companys_reading(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 1)
        kinds = {}
        for right in ("delivery", "complete", "invoice"):
            self.company.o2c_accrual_right = right
            kinds[right] = self.measure(order).kind
        self.assertEqual(kinds, {"delivery": "receivable", "complete": "asset", "invoice": "asset"})

    def test_statements_do_not_grow_with_the_orders(self):
        orders = [self.make_order((self.product, 3, 100.0)) for _number in range(6)]
        for order in orders:
            self.deliver(order, 1)
        ledger = self.env["o2c.month.end.ledger"].sudo()
        self.env.flush_all()
        with self.assertQueryCount(1):
            ids = ledger._get_open_order_ids(self.company, DAY)
        self.assertTrue({order.id for order in orders} <= set(ids))
        with self.assertQueryCount(1):
            self.assertEqual(len(ledger._get_quantities(self.company, DAY, ids)), len(ids))
