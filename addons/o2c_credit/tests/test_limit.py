from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestLimit(CreditCase):
    def test_approved_limit_is_in_force(self):
        limit = self.make_limit(5000.0)
        self.assertEqual(limit.state, "draft")
        self.assertFalse(limit._get_limit(self.company, self.customer), "a draft limits nothing")
        limit.action_submit()
        self.assertEqual(limit.state, "requested")
        limit.o2c_request_id.with_user(self.manager).action_approve("Good payer")
        self.assertEqual(limit.state, "in_force")
        self.assertTrue(limit.is_current)
        self.assertEqual(limit._get_limit(self.company, self.customer), limit)

    def test_large_limit_climbs_the_ladder(self):
        limit = self.make_limit(10000.01)
        limit.action_submit()
        request = limit.o2c_request_id
        request.with_user(self.manager).action_approve("Fine")
        self.assertEqual((request.state, limit.state), ("pending", "requested"))
        request.with_user(self.director).action_approve("Fine")
        self.assertEqual((request.state, limit.state), ("approved", "in_force"))

    def test_refused_limit_limits_nothing_and_keeps_its_history(self):
        limit = self.make_limit(5000.0)
        limit.action_submit()
        limit.o2c_request_id.with_user(self.manager).action_reject("Pays late")
        self.assertEqual(limit.state, "refused")
        limit.action_reset_draft()
        limit.amount = 3000.0
        limit.action_submit()
        self.assertEqual(len(limit.sudo().o2c_request_ids), 2)
        self.assertEqual(limit.sudo().o2c_request_ids.mapped("state").count("rejected"), 1)

    def test_withdrawn_request_returns_the_draft(self):
        limit = self.make_limit(5000.0)
        limit.action_submit()
        limit.o2c_request_id.with_user(self.officer).action_withdraw()
        self.assertEqual(limit.state, "draft")

    def test_later_limit_replaces_and_its_end_brings_the_earlier_back(self):
        today = self.company._o2c_today()
        base = self.grant_limit(1000.0, date_from=today - timedelta(days=30))
        raised = self.grant_limit(
            3000.0, date_from=today - timedelta(days=5), date_to=today + timedelta(days=5)
        )
        of = base._get_limit
        self.assertEqual(of(self.company, self.customer, today - timedelta(days=31)).amount, 0)
        self.assertEqual(of(self.company, self.customer, today - timedelta(days=6)), base)
        self.assertEqual(of(self.company, self.customer, today), raised)
        self.assertEqual(of(self.company, self.customer, today + timedelta(days=5)), raised)
        self.assertEqual(of(self.company, self.customer, today + timedelta(days=6)), base)
        self.assertEqual((base.is_current, raised.is_current), (False, True))

    def test_submitted_limit_cant_be_edited(self):
        limit = self.grant_limit(1000.0)
        for values in ({"amount": 9999.0}, {"date_to": False}, {"partner_id": self.manager.partner_id.id}):
            with self.assertRaises(UserError):
                limit.write(values)
        self.assertEqual((limit.amount, limit.partner_id), (1000.0, self.customer))
        with self.assertRaises(UserError):
            limit.unlink()

    def test_limit_belongs_to_the_company_that_owes(self):
        contact = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        with self.assertRaisesRegex(ValidationError, "Corner Shop"):
            self.make_limit(10.0, partner=contact)

    def test_partner_shows_limit_and_available_credit(self):
        self.make_invoice(400.0)
        self.grant_limit(1000.0)
        contact = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        for partner in (self.customer, contact):
            self.assertEqual(
                (partner.o2c_credit_limit, partner.o2c_credit_available, partner.o2c_over_limit),
                (1000.0, 600.0, False),
            )

    def test_search_finds_customers_over_their_limit(self):
        others = self.env["res.partner"].create(
            [{"name": f"Shop {index}", "is_company": True} for index in range(4)]
        )
        for partner, limit, owed in zip(
            others, (100.0, 100.0, 0.0, None), (100.0, 100.01, 0.01, 999.0), strict=True
        ):
            if limit is not None:
                self.grant_limit(limit, partner=partner)
            self.make_invoice(owed, partner=partner)
        found = others.filtered_domain([("o2c_over_limit", "=", True)])
        self.assertEqual(found, others[1] | others[2])
        self.assertEqual(
            self.env["res.partner"].search([("id", "in", others.ids), ("o2c_over_limit", "=", True)]), found
        )
        self.assertEqual(
            self.env["res.partner"].search([("id", "in", others.ids), ("o2c_over_limit", "=", False)]),
            others - found,
        )

    def test_ended_limit_counts_as_zero(self):
        today = self.company._o2c_today()
        self.grant_limit(1000.0, date_from=today - timedelta(days=9), date_to=today - timedelta(days=1))
        self.make_invoice(0.01)
        self.assertTrue(self.customer.o2c_over_limit)
        self.assertEqual(self.customer.o2c_credit_limit, 0.0)

    def test_each_decision_is_registered(self):
        limit = self.grant_limit(1000.0)
        entries = self.env["o2c.register"].search(
            [("res_model", "=", limit._name), ("res_id", "=", limit.id)], order="id"
        )
        self.assertEqual(entries.mapped("event"), ["limit_requested", "limit_approved"])
        self.assertEqual(entries.mapped("user_ref"), [self.officer.id, self.manager.id])
        self.assertEqual(entries.mapped("amount"), [1000.0, 1000.0])

    def test_query_count_of_the_list_of_customers_is_constant(self):
        partners = self.env["res.partner"].create([{"name": f"P{i}", "is_company": True} for i in range(60)])
        self.env.flush_all()
        partners.mapped("o2c_credit_available")
        counts = []
        for size in (5, 60):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners[:size].mapped("o2c_credit_available")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
