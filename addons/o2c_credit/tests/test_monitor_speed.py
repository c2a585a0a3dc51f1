from datetime import timedelta

from odoo.tests import tagged

from .test_monitor import TODAY, MonitorCase


@tagged("post_install", "-at_install", "o2c")
class TestMonitorSpeed(MonitorCase):
    """What the daily job costs for few customers and for many."""

    @classmethod
    def make_customers(cls, number):
        partners = cls.env["res.partner"].create([
            {"name": f"Customer {n}", "is_company": True} for n in range(number)])
        for partner in partners:
            cls.grant_row(partner=partner)
        return partners

    def look(self):
        """One batch over everybody, as the job does it; the number of its queries."""
        ids = self.monitor._get_candidate_ids(self.company)
        with self.count_queries() as counted:
            self.monitor._look_at(self.company, ids)
        return counted[0]

    def test_quiet_day_costs_the_same_for_few_and_many(self):
        self.make_customers(3)
        self.run_monitor()
        few = self.look()
        self.make_customers(40)
        self.run_monitor()
        many = self.look()
        self.assertEqual(few, many)
        self.assertLessEqual(many, 12)

    def test_rows_of_the_watch_list_open_together(self):
        """Rows, triggers, register entries and activities of all customers in one statement each."""
        for partner in self.make_customers(2):
            self.make_late(500, 20, partner=partner)
        few = self.look()
        late = self.make_customers(10)
        for partner in late:
            self.make_late(500, 20, partner=partner)
        many = self.look()
        self.assertEqual(len(self.env["o2c.credit.watch"].search([("partner_id", "in", late.ids)])), 10)
        self.assertLessEqual(many, few + 4)

    def test_reviews_are_drafted_together(self):
        """Sales of all customers are read once; terms and file of each cost two queries."""
        self.policy.action_end()
        self.make_policy(grade_line_ids=[(0, 0, {
            "grade_id": self.grades[2].id, "score_from": 0, "limit_method": "months", "limit_months": 2.0,
            "limit_floor": 1000.0, "period_days": 30,
        })])
        counts = []
        for number in (2, 8):
            partners = self.env["res.partner"].create([
                {"name": f"Due {number}-{n}", "is_company": True} for n in range(number)])
            for partner in partners:
                self.grant_row(partner=partner, review_date=TODAY + timedelta(days=10))
            counts.append(self.look())
            drafts = self.env["o2c.credit.application"].search([("partner_id", "in", partners.ids)])
            self.assertEqual(len(drafts), number)
        self.assertLessEqual(counts[1] - counts[0], 6 * 3)

    def count_queries(self):
        return QueryCounter(self.env)

    def test_job_commits_what_it_did_and_ends(self):
        partners = self.make_customers(4)
        self.make_late(500, 20, partner=partners[0])
        commits = []

        def commit(cron, processed=0, *, remaining=None, **kwargs):
            commits.append((processed, remaining))
            return 60.0

        self.patch(type(self.env["ir.cron"]), "_commit_progress", commit)
        self.monitor._cron_monitor()
        self.assertTrue(self.get_watch(partners[0]))
        self.assertGreaterEqual(sum(done for done, _remaining in commits), 4)
        self.assertEqual(commits[-1][1], 0)

    def test_batches_meet_every_customer_once(self):
        partners = self.make_customers(7)
        ids = self.monitor._get_candidate_ids(self.company)
        self.assertEqual(ids, sorted(set(ids)))
        self.assertLessEqual(set(partners.ids), set(ids))
        seen = []
        self.patch(
            type(self.monitor), "_look_at", lambda monitor, company, batch: seen.append((company, batch))
        )
        self.assertEqual(self.monitor._run(self.company), len(ids))
        self.assertEqual([number for _company, batch in seen for number in batch], ids)


class QueryCounter:
    """Number of queries of a block, with a cold cache."""

    def __init__(self, env):
        self.env = env

    def __enter__(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.start = self.env.cr.sql_log_count
        self.result = [0]
        return self.result

    def __exit__(self, *exception):
        self.env.flush_all()
        self.result[0] = self.env.cr.sql_log_count - self.start
