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
        return self.env["o2c.credit.application"].search([("partner_id", "=", self.customer.id)])

    def test_limits_are_proposed_and_wait_for_approval(self):
        application = self.take_over()
        self.assertEqual((application.amount, application.state), (700.0, "requested"))
        self.assertFalse(self.env["o2c.credit.limit"]._get_terms(self.company, self.customer))

    def test_many_are_approved_at_once(self):
        others = self.env["res.partner"].create(
            [{"name": f"Shop {n}", "is_company": True, "credit_limit": 100.0 + n} for n in range(5)]
        )
        self.take_over()
        applications = self.env["o2c.credit.application"].search(
            [("partner_id", "in", (others | self.customer).ids)]
        )
        self.assertEqual(len(applications), 6)
        applications.sudo().o2c_request_ids.with_user(self.manager).action_approve("All of them")
        self.assertEqual(set(applications.mapped("state")), {"approved"})
        self.assertEqual(
            others._get_o2c_limits(self.company), {one.id: 100.0 + n for n, one in enumerate(others)}
        )

    def test_what_the_policy_does_not_allow_stays_a_draft(self):
        self.make_policy([("b", {"limit_method": "fixed", "limit_floor": 100.0})])
        application = self.take_over()
        self.assertEqual(application.state, "draft")
        self.assertIn("grade", application.objection_text)

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
        applications = self.env["o2c.credit.application"]
        self.assertFalse(applications.search([("partner_id", "=", self.customer.id)]))
