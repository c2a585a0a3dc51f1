from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestLimitTakeover(CreditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_use_credit_limit = True
        cls.customer.credit_limit = 700.0

    def take_over(self, user=None):
        wizard = self.env["o2c.limit.takeover"].with_user(user or self.officer).create({})
        wizard.action_take_over()
        return self.env["o2c.credit.limit"].search([("partner_id", "=", self.customer.id)])

    def test_limits_are_proposed_and_wait_for_approval(self):
        limit = self.take_over()
        self.assertEqual((limit.amount, limit.state), (700.0, "requested"))
        self.assertFalse(limit._get_limit(self.company, self.customer))

    def test_default_limit_of_the_company_is_not_taken_over(self):
        wizard = self.env["o2c.limit.takeover"].with_user(self.officer).create({})
        self.assertEqual(wizard.line_ids.mapped("partner_id"), self.customer)

    def test_second_run_proposes_nothing_twice(self):
        self.take_over()
        again = self.env["o2c.limit.takeover"].with_user(self.officer).create({})
        self.assertFalse(again.line_ids)

    def test_odoos_warning_is_replaced(self):
        order = self.make_order(900.0)
        self.assertTrue(order.with_user(self.env.ref("base.user_admin")).partner_credit_warning)
        self.take_over()
        order.invalidate_recordset()
        self.assertFalse(order.with_user(self.env.ref("base.user_admin")).partner_credit_warning)

    def test_plain_user_cant_take_over(self):
        for user in (self.seller, self.biller, self.auditor):
            with self.assertRaises(AccessError):
                self.env["o2c.limit.takeover"].with_user(user).create({}).action_take_over()
        self.assertFalse(self.env["o2c.credit.limit"].search([("partner_id", "=", self.customer.id)]))
