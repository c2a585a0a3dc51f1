from datetime import date

from odoo import Command
from odoo.addons.o2c_month_end.tests.common import DAY, MonthEndCase
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestKit(MonthEndCase):
    """Two kits of three bolts at 60 each; a kit is sold for 500."""

    def setUp(self):
        super().setUp()
        self.bolt = self.make_product("Bolt")
        self.make_stock(self.bolt, 50)
        self.kit = self.make_product("Kit", is_storable=False)
        self.env["mrp.bom"].create({
            "product_tmpl_id": self.kit.product_tmpl_id.id, "type": "phantom",
            "bom_line_ids": [Command.create({"product_id": self.bolt.id, "product_qty": 3})]})
        self.order = self.make_order((self.kit, 2, 500.0))

    def measure(self, day=DAY):
        self.env.flush_all()
        return self.env["o2c.accrual.figures"].sudo()._get_figures(self.company, day).get(self.order.id)

    def test_kits_count_by_the_day(self):
        self.deliver(self.order, 3)
        self.deliver(self.order, 3, day="2026-04-02")
        figures = self.measure()
        [item] = figures.items
        self.assertEqual((figures.net, item.delivered, item.cost), (500.0, 1.0, 180.0))
        self.assertEqual(self.measure(date(2026, 4, 30)).net, 1000.0)

    def test_kit_that_is_not_complete_is_not_delivered(self):
        self.deliver(self.order, 2)
        self.assertIsNone(self.measure())

    def test_kits_in_the_check_of_quantities(self):
        self.deliver(self.order, 3)
        self.env.flush_all()
        check = self.env["o2c.quantity.check"].with_user(self.keeper).create(
            {"date": DAY, "company_id": self.company.id})
        check.action_count()
        line = check.sudo().line_ids
        self.assertEqual((line.product_id, line.ordered, line.delivered, line.reason),
                         (self.kit, 2.0, 1.0, "to_invoice"))
