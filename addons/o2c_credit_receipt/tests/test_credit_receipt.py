from datetime import timedelta

from odoo import Command
from odoo.addons.o2c_credit.tests.common import CreditCase
from odoo.tests import tagged


@tagged("post_install", "-at_install", "o2c")
class TestCreditReceipt(CreditCase):
    """Deposits of grades, and overdue instalments as a reason to stop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("off", codes=("credit_limit", "credit_grade_missing", "credit_cash_only"))
        cls.set_mode("enforcing", codes=("credit_deposit", "credit_overdue", "credit_overdue_share"))
        cls.today = cls.company._o2c_today()

    def make_template(self, *parts):
        return self.env["o2c.schedule.template"].create({
            "name": "Parts", "line_ids": [
                Command.create({"kind": kind, "percent": percent, "trigger": trigger, "sequence": number})
                for number, (kind, percent, trigger) in enumerate(parts)],
        })

    def make_scheduled(self, *parts, amount=1000.0, user=None):
        values = {"o2c_schedule_template_id": self.make_template(*parts).id} if parts else {}
        return self.env["sale.order"].with_user(user or self.seller).create({
            "partner_id": self.customer.id,
            "order_line": [Command.create({
                "product_id": self.product.id, "product_uom_qty": 1, "price_unit": amount,
                "tax_ids": [Command.clear()]})],
            **values,
        })

    def demand(self, percent):
        self.grant_limit(50000, deposit=percent)

    # === DEPOSIT === #

    def test_less_than_the_deposit_of_the_grade_is_held(self):
        self.demand(30)
        for parts, excess in (
            ((), 300), ((("deposit", 20, "confirmation"), ("on_delivery", 80, "delivery")), 100),
            ((("on_delivery", 100, "confirmation"),), 300),
        ):
            order = self.make_scheduled(*parts)
            order.action_confirm()
            hold = order.sudo().o2c_hold_ids.filtered(lambda item: item.code == "credit_deposit")
            self.assertEqual((order.state, hold.excess), ("draft", excess))
            self.assertIn("30 %", hold.message)

    def test_deposit_and_what_is_due_before_delivery_add_up(self):
        self.demand(30)
        order = self.make_scheduled(
            ("deposit", 10, "confirmation"), ("before_delivery", 20, "delivery"),
            ("retention", 70, "delivery"))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_grade_without_deposit_costs_nothing(self):
        self.demand(0)
        order = self.make_scheduled().sudo()
        facts = self.env["o2c.facts"]._get_facts(
            [(self.company.id, self.customer.id)], "order", self.today)[self.company.id, self.customer.id]
        self.assertEqual((facts["credit_deposit"], facts["group_credit_deposit"]), (0, 0))
        order._get_order_verdicts(facts)
        self.env["o2c.instalment"].invalidate_model()
        order.invalidate_recordset(["o2c_instalment_ids"])
        self.assertNotIn(
            "credit_deposit", [verdict.code for verdict in order._get_order_verdicts(facts)])
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # === OVERDUE === #

    def make_overdue(self, days):
        order = self.make_scheduled(("deposit", 40, "confirmation"), ("on_delivery", 60, "delivery"))
        order.action_confirm()
        order.sudo().date_order = order.date_order - timedelta(days=days)
        return order

    def get_codes(self, order):
        order.action_confirm()
        return order.state, order.sudo().o2c_hold_ids.filtered(
            lambda hold: hold.state not in ("cleared", "observed")).mapped("code")

    def test_overdue_instalments_stop_only_where_the_policy_counts_them(self):
        policy = self.make_policy(overdue_days=10)
        self.make_overdue(11)
        self.assertEqual(self.get_codes(self.make_scheduled()), ("sale", []))
        policy.action_end()
        self.make_policy(overdue_days=10, counts_instalments=True)
        order = self.make_scheduled()
        self.assertEqual(self.get_codes(order), ("draft", ["credit_overdue"]))
        self.assertIn("11 days", order.sudo().o2c_hold_ids.message)
        self.assertIn("400.00", order.sudo().o2c_hold_ids.message)

    def test_paid_instalments_stop_nobody_and_pay_nothing_else(self):
        self.make_policy(overdue_days=10, counts_instalments=True)
        first = self.make_overdue(11)
        payment = self.env["account.payment"].create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": self.customer.id,
            "amount": 400, "currency_id": self.company.currency_id.id})
        payment.action_post()
        self.env["o2c.receipt.allocation"]._allocate(payment, {first: 400})
        self.assertEqual(self.get_codes(self.make_scheduled())[0], "sale")
        self.make_overdue(12)
        self.assertEqual(self.get_codes(self.make_scheduled()), ("draft", ["credit_overdue"]))

    def test_money_of_a_sister_company_pays_instalments_and_takes_no_credit(self):
        """His own free 400.00 still pay his overdue invoice; hers pay the instalment."""
        self.make_policy(overdue_days=10, counts_instalments=True)
        sister = self.env["res.partner"].create({"name": "Sister Shop", "is_company": True})
        group = self.env["o2c.corporate.group"].create({"name": "Shops"})
        (self.customer | sister).write({"o2c_corporate_group_id": group.id})
        first = self.make_overdue(11)
        payments = self.env["account.payment"].create([
            {"payment_type": "inbound", "partner_type": "customer", "partner_id": partner.id, "amount": 400,
             "currency_id": self.company.currency_id.id} for partner in (sister, self.customer)])
        payments.action_post()
        finance = self.make_user("finance", "o2c_base.group_finance_officer")
        self.env["o2c.receipt.allocation"].with_user(finance)._allocate(
            payments[0].with_user(finance), {first: 400})
        self.env.flush_all()
        facts = self.env["o2c.facts"]._get_facts(
            [(self.company.id, self.customer.id)], "order", self.today)[self.company.id, self.customer.id]
        self.assertEqual((facts["instalments_overdue"], facts["instalments_advance"]), (0, 0))
        self.assertEqual(facts["exposure_unallocated"], -400)
        self.env["o2c.receipt.allocation"]._allocate(payments[1], {first: 100})
        self.env.flush_all()
        facts = self.env["o2c.facts"]._get_facts(
            [(self.company.id, self.customer.id)], "order", self.today)[self.company.id, self.customer.id]
        self.assertEqual(facts["instalments_advance"], 100)

    def test_flag_is_part_of_what_a_used_policy_locks(self):
        self.assertIn("counts_instalments", self.env["o2c.credit.policy"]._get_locked_fields())
