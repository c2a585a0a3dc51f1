from datetime import timedelta

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestMerge(CreditCase):
    """Merging customers keeps both histories and never raises a limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls.env["res.partner"].create({"name": "Corner Shop Ltd", "is_company": True})
        cls.merger = cls.make_user("merger", "o2c_base.group_credit_officer,base.group_partner_manager")
        cls.clerk = cls.make_user("clerk", "base.group_partner_manager")

    def merge(self, source, target, user=None):
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_user(user or self.merger)
            .create({"partner_ids": (source | target).ids, "dst_partner_id": target.id})
        )
        call_kw(wizard.browse().with_user(user or self.merger), "action_merge", [wizard.ids], {})
        self.env.invalidate_all()

    def of(self, partner, date=None):
        return self.env["o2c.credit.limit"]._get_limit_amount(self.company, partner, date)

    def test_stricter_terms_stand_until_they_are_reviewed(self):
        rich = self.grant_limit(9000.0, grade_id=self.grade("aa").id, period_days=60, tolerance=5.0)
        poor = self.grant_limit(
            500.0, partner=self.twin, grade_id=self.grade("c").id, period_days=14, cover=10.0
        )
        self.merge(self.twin, self.customer)
        terms = rich._get_terms(self.company, self.customer)
        self.assertRecordValues(
            terms,
            [
                {
                    "source": "merge",
                    "amount": 500.0,
                    "grade_id": self.grade("c").id,
                    "period_days": 14,
                    "tolerance": 0.0,
                    "cover": 10.0,
                }
            ],
        )
        rows = self.env["o2c.credit.limit"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows, terms | rich | poor, "both histories are kept")
        entry = self.env["o2c.register"].search([("event", "=", "limit_merged")], limit=1)
        self.assertEqual((entry.res_id, entry.amount), (terms.id, 500.0))
        review = self.env["o2c.credit.application"].search(
            [("partner_id", "=", self.customer.id), ("state", "=", "draft")]
        )
        self.assertEqual(review.kind, "review")
        self.assertTrue(review.activity_ids)
        self.grant_limit(9000.0)
        self.assertEqual(self.of(self.customer), 9000.0, "a review ends it")

    def test_direction_does_not_matter(self):
        self.grant_limit(500.0)
        self.grant_limit(9000.0, partner=self.twin)
        self.merge(self.twin, self.customer)
        self.assertEqual(self.of(self.customer), 500.0)

    def test_temporary_raise_does_not_survive(self):
        self.grant_limit(500.0)
        day = self.company._o2c_today() + timedelta(days=20)
        self.grant_limit(800.0, kind="temporary", date_to=day)
        self.grant_limit(9000.0, partner=self.twin)
        self.merge(self.twin, self.customer)
        self.assertEqual(self.of(self.customer), 500.0)

    def test_terms_to_come_raise_nothing(self):
        """Neither a row that begins later, nor an old one that comes back when the stricter one ends."""
        with freeze_time("2031-03-01 12:00:00"):
            self.grant_limit(500.0, date_to="2031-03-31")
            self.grant_limit(700.0, partner=self.twin)
            self.grant_limit(9000.0, partner=self.twin, date_from="2031-03-20")
            self.merge(self.twin, self.customer)
            days = ("2031-03-01", "2031-03-19", "2031-03-20", "2031-03-31", "2031-04-01")
            self.assertEqual([self.of(self.customer, day) for day in days], [500.0] * 4 + [0.0])

    def test_suspension_survives_a_later_lifting_of_the_other(self):
        self.grant_limit(500.0)
        self.grant_limit(500.0, partner=self.twin)
        self.grant(partner=self.twin, kind="suspension")
        self.grant(kind="suspension")
        self.grant(kind="lifting")
        self.merge(self.twin, self.customer)
        self.assertTrue(self.customer.o2c_credit_suspended)
        self.assertEqual(self.of(self.customer), 0.0)

    def test_terms_of_one_alone_go_with_the_customer(self):
        limit = self.grant_limit(500.0, partner=self.twin)
        self.merge(self.twin, self.customer)
        self.assertEqual(limit._get_terms(self.company, self.customer), limit)

    def test_contact_that_stays_leaves_the_terms_to_its_company(self):
        contact = self.env["res.partner"].create({"name": "Clerk", "parent_id": self.customer.id})
        limit = self.grant_limit(500.0, partner=self.twin)
        self.merge(self.twin, contact)
        self.assertEqual(limit.partner_id, self.customer)

    def test_counters_of_both_do_not_stop_the_merge(self):
        self.grant_limit(500.0)
        self.grant_limit(700.0, partner=self.twin)
        for partner in (self.customer, self.twin):
            self.make_order(10.0, partner=partner).action_confirm()
        self.merge(self.twin, self.customer)
        profiles = self.env["o2c.credit.profile"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(profiles), 1)

    def test_waiting_application_lapses(self):
        self.grant_limit(500.0)
        self.grant_limit(700.0, partner=self.twin)
        waiting = self.make_application(800.0, kind="raise")
        waiting.action_submit()
        request = waiting.o2c_request_id
        self.merge(self.twin, self.customer)
        request.with_user(self.manager).action_approve("Late")
        self.assertEqual((request.state, waiting.state), ("lapsed", "draft"))
        self.assertEqual(self.of(self.customer), 500.0)

    def test_plain_user_cant_merge_whoever_owes(self):
        self.grant_limit(500.0)
        self.grant_limit(9000.0, partner=self.twin)
        (self.customer | self.twin).email = "same@example.com"
        with self.assertRaises(AccessError):
            self.merge(self.customer, self.twin, user=self.clerk)
        self.assertTrue((self.customer | self.twin).exists() == self.customer | self.twin)
        self.assertEqual((self.of(self.customer), self.of(self.twin)), (500.0, 9000.0))

    def test_both_on_the_watch_list_are_watched_once(self):
        watches = self.env["o2c.credit.watch"]
        values = {"company_id": self.company.id, "opened_on": self.company._o2c_today()}
        rows = watches._guarded_create(
            [{**values, "partner_id": partner.id} for partner in (self.customer, self.twin)]
        )
        self.merge(self.twin, self.customer)
        self.assertEqual(rows.partner_id, self.customer)
        self.assertEqual(rows.mapped("state"), ["open", "closed"])
