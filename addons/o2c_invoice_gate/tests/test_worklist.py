from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import GateCase

MODEL = "o2c.invoice.worklist"


@tagged("post_install", "-at_install", "o2c")
class TestWorklist(GateCase):
    """What finance sees of orders that are not invoiced, against what the gate says of each."""

    def get_row(self, order, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[MODEL].with_user(user or self.officer).search([("order_id", "=", order.id)])

    def assertStatus(self, order, status, **values):
        row = self.get_row(order)
        self.assertRecordValues(row, [{"status": status, **values}])
        if row.threshold:
            rate = order.currency_rate
            self.assertAlmostEqual(row.delivered_open * rate, order.o2c_delivered_open, 2)
        if row.threshold:
            self.assertEqual(row.missing, order.o2c_invoice_missing, "the gate says the same")
        return row

    def test_the_life_of_an_order(self):
        order = self.make_goods(10)
        self.assertStatus(order, "collecting", missing=600, due_amount=0, delivered_open=0)
        self.pay(order, 450)
        self.assertStatus(order, "near", missing=150, ratio=45)
        self.pay(order, 149.99)
        self.assertStatus(order, "near", missing=0.01)
        self.pay(order, 0.01)
        self.assertStatus(order, "undelivered", missing=0)
        picking = self.deliver(order, 4, sign=False)
        self.assertStatus(order, "unsigned", due_amount=400, delivered_open=400, blocked_open=400)
        self.sign(picking)
        self.assertStatus(order, "ready", due_amount=400, delivered_open=400, blocked_open=0)
        application = self.apply(order)
        application.action_submit()
        self.assertStatus(order, "applied")
        self.sign_application(application)
        self.assertStatus(order, "undelivered", due_amount=0, delivered_open=0)

    def test_what_is_invoiced_in_full_is_not_listed(self):
        order = self.make_order(100)
        self.pay(order, 100)
        self.assertStatus(order, "ready", due_amount=100)
        self.issue(order)
        self.assertFalse(self.get_row(order))
        self.assertFalse(self.get_row(self.make_order(100, confirm=False)))

    def test_waiting_too_long_after_the_delivery(self):
        order = self.make_goods(10)
        picking = self.deliver(order)
        self.assertStatus(order, "collecting", waiting_days=0, is_waiting=False, blocked_open=1000)
        picking.date_done = fields.Datetime.now() - timedelta(days=31)
        row = self.assertStatus(order, "collecting", is_waiting=True)
        self.assertEqual(row.waiting_days, 31)
        self.assertIn(row, row.search([("is_waiting", "=", True)]))

    def test_goods_wait_since_the_day_of_the_company_on_which_they_left(self):
        order = self.make_goods(10)
        picking = self.deliver(order, 6)
        # 23:30 in UTC is the next morning there.
        self.company.o2c_tz = "Asia/Shanghai"
        picking.date_done = "2026-03-09 23:30:00"
        self.assertEqual(self.get_row(order).last_delivery, date(2026, 3, 10))
        back = picking.copy({"picking_type_id": picking.picking_type_id.return_picking_type_id.id
                             or picking.picking_type_id.warehouse_id.in_type_id.id})
        back.write({"state": "done", "date_done": "2026-03-20 12:00:00"})
        self.assertEqual(back.sale_id, order)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.get_row(order).last_delivery, date(2026, 3, 10), "what came back did not leave")

    def test_company_currency(self):
        order = self.make_goods(10, pricelist_id=self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": self.eur.id}).id)
        self.deliver(order)
        self.assertStatus(order, "collecting", missing=600, missing_company=1200, delivered_open=2000)

    def test_cleared_money_and_proportional_rule(self):
        self.set_policy(receipts="cleared", rule="proportional", quantity_check="none")
        order = self.make_order([600, 400])
        payment = self.pay(order, 600)
        self.assertStatus(order, "collecting", missing=600, collected=0)
        payment.is_matched = True
        self.assertStatus(order, "ready", missing=0, collected=600)

    def test_policy_of_the_list_is_the_one_that_judges(self):
        tag = self.env["res.partner.category"].create({"name": "Gate"})
        below = tag.create({"name": "Gate below", "parent_id": tag.id})
        group = self.env["o2c.corporate.group"].create({"name": "Gate group"})
        team = self.env["crm.team"].create({"name": "Gate team"})
        country = self.env.ref("base.cn")
        scopes = (
            {"partner_category_ids": [Command.set(tag.ids)]}, {"country_ids": [Command.set(country.ids)]},
            {"corporate_group_ids": [Command.set(group.ids)]}, {"team_ids": [Command.set(team.ids)]},
        )
        for number, scope in enumerate(scopes, 1):
            self.make_policy(name=f"Scope {number}", threshold=number, sequence=number, **scope)
        partners = [
            self.make_customer("Tagged", category_id=[Command.set(below.ids)]),
            self.make_customer("Chinese", country_id=country.id),
            self.make_customer("Member", o2c_corporate_group_id=group.id),
            self.make_customer("Plain"),
        ]
        orders = [self.make_order(100, partner=partner) for partner in partners]
        orders.append(self.make_order(100, partner=partners[3], team_id=team.id))
        thresholds = [self.get_row(order).threshold for order in orders]
        self.assertEqual(thresholds, [1, 2, 3, 60, 4])
        self.assertEqual(thresholds, [order.o2c_invoice_threshold for order in orders])

    def test_who_sees_what(self):
        order = self.make_goods(10)
        other = self.make_order(100, user_id=self.colleague.id)
        for user in (self.officer, self.director, self.accountant, self.auditor):
            self.assertTrue(self.get_row(order, user))
            self.assertTrue(self.get_row(other, user))
        self.assertTrue(self.get_row(order, self.seller))
        self.assertFalse(self.get_row(other, self.seller))
        with self.assertRaises(AccessError):
            self.get_row(order, self.warehouse_user)
        row = self.get_row(order)
        for call in (lambda: row.write({"missing": 0}), row.unlink, lambda: row.create({})):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                call()
        abroad = self.make_order(100, company=self.other_company)
        self.assertFalse(self.get_row(abroad))

    def test_tiles(self):
        before = self.env[MODEL].with_user(self.officer)._get_overview_data("invoice_blocked")["count"]
        order = self.make_goods(10)
        self.deliver(order)
        self.env.flush_all()
        rows = self.env[MODEL].with_user(self.officer)
        data = rows._get_overview_data("invoice_blocked")
        self.assertEqual((data["count"], data["tone"]), (before + 1, "warning"))
        self.assertTrue(data["caption"])
        for code in ("invoice_ready", "invoice_near", "invoice_waiting"):
            self.assertIn("count", rows._get_overview_data(code))

    def test_list_and_groups_cost_what_few_orders_cost(self):
        for _order in range(3):
            self.make_goods(1)
        rows = self.env[MODEL].with_user(self.officer)
        rows.search([], limit=1)
        self.env.flush_all()
        with self.assertQueryCount(1):
            rows.search([("missing", ">", 0)])
        with self.assertQueryCount(1):
            rows._read_group([], ["status"], ["delivered_open:sum", "__count"])

    def test_apply_from_the_list(self):
        order = self.make_order(100)
        self.pay(order, 100)
        action = self.get_row(order, self.seller).action_apply()
        application = self.env["o2c.invoice.application"].browse(action["res_id"])
        self.assertEqual(application.order_ids, order)
        with self.assertRaises(AccessError):
            self.get_row(order, self.officer).action_apply()
