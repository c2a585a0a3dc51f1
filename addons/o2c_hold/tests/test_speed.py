from odoo.tests import tagged

from .common import HoldCommon


@tagged("post_install", "-at_install", "o2c")
class TestSpeed(HoldCommon):
    """What all installed controls together may cost, in queries."""

    def count_confirm(self, orders):
        """Queries of confirming, caches of registry and templates being warm, the cursor's cold."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        orders.action_confirm()
        self.env.flush_all()
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        return self.env.cr.sql_log_count - before

    def make_creditworthy(self, partners):
        """Where credit is judged: customers with a grade, and a policy with all its thresholds."""
        if "o2c.credit.limit" not in self.env:
            return
        vals = {
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "grade_id": self.env["o2c.credit.grade"].search([], limit=1).id,
            "amount": 10**9,
            "period_days": 30,
            "date_from": "2020-01-01",
        }
        self.env["o2c.credit.limit"]._guarded_create([{**vals, "partner_id": one.id} for one in partners])
        policy = {"name": "Credit", "company_id": self.company.id, "date_from": "2020-01-01"}
        self.env["o2c.credit.policy"].create({**policy, "overdue_share": 10.0}).action_put_in_force()

    def set_all(self, mode):
        for setting in self.env["o2c.control.setting"].search([]):
            setting.mode = mode

    def measure(self, make):
        self.set_all("off")
        self.count_confirm(make())
        self.count_confirm(make())
        plain = self.count_confirm(make())
        self.set_all("enforcing")
        # The first one also marks the policies that judge it as used, which empties the caches.
        self.count_confirm(make())
        self.count_confirm(make())
        return plain, self.count_confirm(make())

    def test_confirming_costs_at_most_six_queries_more(self):
        self.set_limit(10**9)
        self.make_creditworthy(self.customer)
        plain, enforcing = self.measure(lambda: self.make_order(10, lines=5))
        # Facts, holds and register: 3. The credit limit adds its counter and the online payments: 5.
        self.assertLessEqual(enforcing - plain, 6, f"{plain} became {enforcing}")

    def test_batch_of_different_customers_costs_no_more_than_one(self):
        partners = [self.make_customer(f"Customer {number}") for number in range(10)]
        for partner in partners:
            self.set_limit(10**9, partner)
        self.make_creditworthy(partners)
        plain, enforcing = self.measure(
            lambda: self.env["sale.order"].concat(
                *[self.make_order(10, partner=partner) for partner in partners]
            )
        )
        self.assertLessEqual(enforcing - plain, 6, f"{plain} became {enforcing}")

    def test_batch_of_one_customer_costs_a_constant_per_order(self):
        self.set_limit(10**9)
        self.make_creditworthy(self.customer)
        _plain, of_five = self.measure(
            lambda: self.env["sale.order"].concat(*[self.make_order(10) for _n in range(5)])
        )
        _plain, of_ten = self.measure(
            lambda: self.env["sale.order"].concat(*[self.make_order(10) for _n in range(10)])
        )
        one = self.count_confirm(self.make_order(10))
        self.assertLessEqual(of_ten, 2 * of_five + 10)
        self.assertLessEqual(of_five, 5 * one + 10)
