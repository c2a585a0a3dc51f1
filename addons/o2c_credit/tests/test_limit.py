from freezegun import freeze_time
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestLimit(CreditCase):
    """What was granted: dated rows that answer for any day."""

    def of(self, date=None, partner=None):
        limits = self.env["o2c.credit.limit"]
        return limits._get_limit_amount(self.company, partner or self.customer, date)

    def test_approved_application_is_in_force(self):
        application = self.make_application(5000.0)
        self.assertEqual((application.state, application.kind), ("draft", "first"))
        self.assertIsNone(self.of(), "a draft grants nothing")
        application.action_submit()
        self.assertEqual(application.state, "requested")
        self.assertIsNone(self.of())
        application.o2c_request_id.with_user(self.manager).action_approve("Good payer")
        self.assertEqual(application.state, "approved")
        limit = application.limit_id
        self.assertRecordValues(
            limit,
            [
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "kind": "regular",
                    "source": "application",
                    "application_id": application.id,
                    "amount": 5000.0,
                    "date_from": self.company._o2c_today(),
                    "is_current": True,
                }
            ],
        )
        self.assertEqual(limit._get_terms(self.company, self.customer), limit)
        self.assertEqual(self.of(), 5000.0)

    def test_large_limit_climbs_the_ladder(self):
        application = self.make_application(10000.01)
        application.action_submit()
        request = application.o2c_request_id
        request.with_user(self.manager).action_approve("Fine")
        self.assertEqual((request.state, application.state), ("pending", "requested"))
        request.with_user(self.director).action_approve("Fine")
        self.assertEqual((request.state, application.state), ("approved", "approved"))

    def test_refused_application_grants_nothing_and_keeps_its_history(self):
        application = self.make_application(5000.0)
        application.action_submit()
        application.o2c_request_id.with_user(self.manager).action_reject("Pays late")
        self.assertEqual(application.state, "refused")
        self.assertIsNone(self.of())
        application.action_reset_draft()
        application.amount = 3000.0
        application.action_submit()
        self.assertEqual(len(application.sudo().o2c_request_ids), 2)
        self.assertEqual(application.sudo().o2c_request_ids.mapped("state").count("rejected"), 1)

    def test_withdrawn_request_returns_the_draft(self):
        application = self.make_application(5000.0)
        application.action_submit()
        application.o2c_request_id.with_user(self.officer).action_withdraw()
        self.assertEqual(application.state, "draft")
        application.action_cancel()
        self.assertEqual(application.state, "cancelled")

    def test_later_terms_replace_and_their_end_brings_the_earlier_back(self):
        with freeze_time("2031-03-01 12:00:00"):
            base = self.grant_limit(1000.0)
        with freeze_time("2031-03-10 12:00:00"):
            later = self.grant_limit(3000.0, date_to="2031-03-20")
        days = ("2031-02-28", "2031-03-01", "2031-03-09", "2031-03-10", "2031-03-20", "2031-03-21")
        self.assertEqual([self.of(day) for day in days], [None, 1000.0, 1000.0, 3000.0, 3000.0, 1000.0])
        with freeze_time("2031-03-15 12:00:00"):
            self.env.invalidate_all()
            self.assertEqual((base.is_current, later.is_current), (False, True))

    def test_terms_never_count_before_their_approval(self):
        with freeze_time("2031-03-01 12:00:00"):
            application = self.make_application(1000.0, date_from="2031-02-01")
            application.action_submit()
        with freeze_time("2031-03-03 12:00:00"):
            self.sign(application)
        self.assertEqual(str(application.limit_id.date_from), "2031-03-03")
        self.assertEqual([self.of("2031-03-02"), self.of("2031-03-03")], [None, 1000.0])

    def test_submitted_application_cant_be_edited(self):
        application = self.grant(1000.0)
        for values in ({"amount": 9999.0}, {"date_to": False}, {"kind": "cut"}):
            with self.assertRaises(UserError):
                application.write(values)
        self.assertEqual(application.amount, 1000.0)
        with self.assertRaises(UserError):
            application.unlink()

    def test_terms_belong_to_the_company_that_owes(self):
        contact = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        with self.assertRaisesRegex(ValidationError, "Corner Shop"):
            self.make_application(10.0, partner=contact)

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

    def test_search_finds_grades_and_suspended_customers(self):
        others = self.env["res.partner"].create([{"name": f"S{n}", "is_company": True} for n in range(3)])
        self.grant_limit(10.0, partner=others[0], grade_id=self.grade("a").id)
        self.grant_limit(10.0, partner=others[1], grade_id=self.grade("c").id)
        self.grant(partner=others[1], kind="suspension")
        mine = [("id", "in", others.ids)]
        partners = self.env["res.partner"]
        grade = ("o2c_credit_grade_id", "=", self.grade("a").id)
        self.assertEqual(partners.search([*mine, grade]), others[0])
        self.assertEqual(partners.search([*mine, ("o2c_credit_grade_id", "=", False)]), others[2])
        self.assertEqual(partners.search([*mine, ("o2c_credit_suspended", "=", True)]), others[1])
        self.assertEqual(others.mapped("o2c_credit_grade_id"), self.grade("a") | self.grade("c"))

    def test_ended_limit_counts_as_zero(self):
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_limit(1000.0, date_to="2031-03-05")
        self.assertEqual([self.of("2031-03-05"), self.of("2031-03-06")], [1000.0, 0.0])
        self.make_invoice(0.01)
        with freeze_time("2031-03-06 12:00:00"):
            self.env.invalidate_all()
            self.assertTrue(self.customer.o2c_over_limit)
            self.assertEqual(self.customer.o2c_credit_limit, 0.0)

    def test_each_decision_is_registered(self):
        application = self.grant(1000.0)
        entries = self.env["o2c.register"].search(
            [("res_model", "=", application._name), ("res_id", "=", application.id)], order="id"
        )
        self.assertEqual(entries.mapped("event"), ["limit_requested", "limit_approved"])
        self.assertEqual(entries.mapped("user_ref"), [self.officer.id, self.manager.id])
        self.assertEqual(entries.mapped("amount"), [1000.0, 1000.0])
        self.assertEqual(entries[1].evidence["limit"], application.limit_id.id)

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
        self.assertLessEqual(counts[0], 6)


@tagged("post_install", "-at_install")
class TestKinds(CreditCase):
    """Temporary raises, suspensions, other currencies, groups, companies."""

    def of(self, date=None, company=None):
        limits = self.env["o2c.credit.limit"]
        return limits._get_limit_amount(company or self.company, self.customer, date)

    def test_temporary_raise_ends_with_its_last_day(self):
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_limit(1000.0)
            raised = self.grant_limit(1500.0, kind="temporary", date_to="2031-03-10")
        self.assertEqual(raised.kind, "temporary")
        self.assertEqual([self.of(f"2031-03-{day}") for day in (10, 11)], [1500.0, 1000.0])

    def test_terms_decided_later_end_a_temporary_raise(self):
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_limit(1000.0)
            self.grant_limit(1500.0, kind="temporary", date_to="2031-03-31")
        with freeze_time("2031-03-05 12:00:00"):
            self.grant_limit(400.0, kind="cut")
        self.assertEqual([self.of("2031-03-04"), self.of("2031-03-05")], [1500.0, 400.0])

    def test_suspension_until_it_is_lifted(self):
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_limit(1000.0)
        with freeze_time("2031-03-05 12:00:00"):
            self.grant(kind="suspension")
        with freeze_time("2031-03-09 12:00:00"):
            self.grant(kind="lifting")
        days = ("2031-03-04", "2031-03-05", "2031-03-08", "2031-03-09")
        self.assertEqual([self.of(day) for day in days], [1000.0, 0.0, 0.0, 1000.0])

    def test_suspension_with_a_last_day(self):
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_limit(1000.0)
            self.grant(kind="suspension", date_to="2031-03-03")
        self.assertEqual([self.of("2031-03-03"), self.of("2031-03-04")], [0.0, 1000.0])

    def test_limit_in_another_currency_counts_at_the_rate_of_the_day(self):
        currency = self.env["res.currency"].create({"name": "XTC", "symbol": "x", "rounding": 0.01})
        for day, rate in (("2000-01-01", 2.0), ("2031-03-10", 3.0)):
            self.env["res.currency.rate"].create(
                {"currency_id": currency.id, "rate": rate, "name": day, "company_id": self.company.id}
            )
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_limit(1000.0, currency_id=currency.id)
        self.assertEqual([self.of("2031-03-09"), self.of("2031-03-10")], [500.0, 333.33])
        limit = self.env["o2c.credit.limit"]._get_terms(self.company, self.customer, "2031-03-10")
        self.assertEqual(limit._get_amount_in_company(limit.date_from), 500.0)

    def test_companies_have_their_own_terms(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.officer.company_ids |= other
        self.grant_limit(1000.0)
        self.assertEqual((self.of(), self.of(company=other)), (1000.0, None))

    def test_group_terms_are_granted_to_the_group(self):
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        self.customer.o2c_corporate_group_id = group
        limit = self.grant_limit(2500.0, group=group)
        self.assertEqual((limit.corporate_group_id, limit.partner_id.ids), (group, []))
        self.assertEqual(limit._get_group_terms(self.company, group), limit)
        self.assertIsNone(self.of(), "the member itself was granted nothing")
        self.assertTrue(limit.is_current)
