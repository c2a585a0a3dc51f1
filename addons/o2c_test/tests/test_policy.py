from datetime import date, timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.addons.o2c_base.tests.common import O2cCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

TODAY = date(2025, 6, 16)


@tagged("post_install", "-at_install")
class TestPolicy(O2cCommon):
    freeze_time = freeze_time("2025-06-16 04:00:00")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_tz = "Asia/Shanghai"
        cls.administrator = cls.make_user(
            "p_admin", "group_policy_administrator", companies=cls.company + cls.company_b)
        cls.seller = cls.make_user("p_seller", "sales_team.group_sale_manager")
        cls.china = cls.env.ref("base.cn")
        cls.tag = cls.env["res.partner.category"].create({"name": "Retail"})
        cls.subtag = cls.env["res.partner.category"].create({"name": "North", "parent_id": cls.tag.id})
        cls.group = cls.env["o2c.corporate.group"].create({"name": "Golden Dragon"})
        cls.team = cls.env["crm.team"].create({"name": "East"})
        cls.customer = cls.make_customer("Blue Ocean", country_id=cls.china.id)
        cls.policies = cls.env["o2c.test.policy"].with_user(cls.administrator)

    def make_policy(self, name="Standard", in_force=True, **values):
        policy = self.policies.create({"name": name, "date_from": TODAY, **values})
        if in_force:
            policy.action_put_in_force()
        return policy

    def match(self, partner=None, company=None, **values):
        return self.env["o2c.test.policy"]._match(
            company or self.company, self.customer if partner is None else partner, **values).name

    # --- which policy applies ---

    def test_nothing_in_force_gives_nothing(self):
        self.make_policy(in_force=False)
        self.assertFalse(self.match())

    def test_first_match_by_sequence(self):
        self.make_policy("Everybody", sequence=30)
        self.make_policy("China", sequence=20, country_ids=self.china.ids)
        self.make_policy("China second", sequence=25, country_ids=self.china.ids)
        self.assertEqual(self.match(), "China")
        self.customer.country_id = self.env.ref("base.de")
        self.assertEqual(self.match(), "Everybody")

    def test_each_scope(self):
        self.make_policy("Everybody", sequence=90)
        self.make_policy("Group", sequence=10, corporate_group_ids=self.group.ids)
        self.make_policy("Tag", sequence=20, partner_category_ids=self.tag.ids)
        self.make_policy("Team", sequence=30, team_ids=self.team.ids)
        self.assertEqual(self.match(), "Everybody")
        self.assertEqual(self.match(team=self.team), "Team")
        self.customer.category_id = self.subtag
        self.assertEqual(self.match(team=self.team), "Tag")
        self.customer.o2c_corporate_group_id = self.group
        self.assertEqual(self.match(team=self.team), "Group")

    def test_all_scopes_of_a_policy_must_fit(self):
        self.make_policy("Both", country_ids=self.china.ids, partner_category_ids=self.tag.ids)
        self.assertFalse(self.match())
        self.customer.category_id = self.tag
        self.assertEqual(self.match(), "Both")

    def test_contact_is_judged_as_its_company(self):
        self.make_policy("China", country_ids=self.china.ids)
        contact = self.make_customer(
            "Contact", is_company=False, parent_id=self.customer.id, country_id=self.env.ref("base.de").id)
        self.assertEqual(self.match(contact), "China")

    def test_no_partner_matches_policies_for_everybody_only(self):
        self.make_policy("China", sequence=1, country_ids=self.china.ids)
        self.make_policy("Everybody")
        self.assertEqual(self.match(self.env["res.partner"]), "Everybody")

    def test_companies_have_their_own_policies_and_branches_inherit(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.make_policy("Root", sequence=1)
        self.assertEqual(self.match(company=branch), "Root")
        self.assertFalse(self.match(company=self.company_b))
        self.env["o2c.test.policy"].create({
            "name": "Own", "company_id": branch.id, "sequence": 99, "date_from": TODAY,
        }).action_put_in_force()
        self.assertEqual(self.match(company=branch), "Own")

    def test_days_are_counted_where_the_company_is(self):
        self.make_policy("From tomorrow", date_from=TODAY + timedelta(days=1))
        self.assertFalse(self.match())
        with freeze_time("2025-06-16 16:30:00"):  # half past midnight in Shanghai
            self.assertEqual(self.match(), "From tomorrow")

    def test_end_date_is_the_last_day(self):
        self.make_policy("June", date_to=date(2025, 6, 30))
        self.assertEqual(self.match(date=date(2025, 6, 30)), "June")
        self.assertFalse(self.match(date=date(2025, 7, 1)))
        self.assertFalse(self.match(date=TODAY - timedelta(days=1)))

    def test_matching_again_asks_the_database_nothing(self):
        self.make_policy("China", country_ids=self.china.ids)
        self.match()
        with self.assertQueryCount(0):
            self.env["o2c.test.policy"]._match(self.company, self.customer)

    def test_many_customers_are_matched_in_constant_queries(self):
        self.make_policy("Everybody", sequence=90)
        self.make_policy("China", country_ids=self.china.ids)
        customers = self.env["res.partner"].create([
            {"name": str(n), "country_id": self.china.id if n % 2 else False} for n in range(100)])
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            found = self.env["o2c.test.policy"]._match_many(self.company, customers)
        self.assertEqual(
            [found[customer.id].name for customer in customers[:2]], ["Everybody", "China"])

    # --- what was judged is never edited ---

    def test_used_policy_refuses_every_edit(self):
        policy = self.make_policy(threshold=10, line_ids=[Command.create({"days": 30})])
        policy._mark_used()
        line = policy.line_ids
        for attack in (
            lambda: policy.write({"threshold": 20}),
            lambda: policy.write({"note": "x", "date_to": TODAY}),
            lambda: policy.write({"country_ids": [Command.set(self.china.ids)]}),
            lambda: policy.write({"active": False}),
            lambda: policy.action_archive(),
            lambda: policy.write({"sequence": 1}),
            lambda: policy.write({"line_ids": [Command.update(line.id, {"days": 60})]}),
            lambda: policy.write({"line_ids": [Command.clear()]}),
            lambda: policy.write({"line_ids": [Command.create({"days": 5})]}),
            lambda: line.write({"days": 60}),
            lambda: line.unlink(),
            lambda: line.create({"policy_id": policy.id, "days": 60}),
            lambda: policy.unlink(),
            lambda: policy.sudo().write({"threshold": 20}),
        ):
            with self.assertRaises(UserError):
                attack()
        self.assertRecordValues(policy, [{"threshold": 10, "sequence": 10, "active": True, "date_to": False}])
        self.assertEqual(policy.line_ids.mapped("days"), [30])
        policy.note = "Judges nothing"

    def test_line_can_not_be_moved_to_or_from_a_used_policy(self):
        used = self.make_policy("Used", line_ids=[Command.create({"days": 30})])
        used._mark_used()
        draft = self.make_policy("Draft", in_force=False, line_ids=[Command.create({"days": 5})])
        with self.assertRaises(UserError):
            draft.line_ids.policy_id = used
        with self.assertRaises(UserError):
            used.line_ids.policy_id = draft
        self.assertEqual(used.line_ids.mapped("days"), [30])

    def test_marks_of_judgement_can_not_be_set_or_removed(self):
        policy = self.make_policy()
        policy._mark_used()
        for vals in ({"is_used": False}, {"version": 7}, {"previous_id": policy.id}, {"state": "draft"}):
            with self.assertRaises(AccessError):
                policy.write(vals)
            with self.assertRaises(AccessError):
                self.policies.create({"name": "x", **vals})
        copy = policy.copy()
        self.assertRecordValues(copy, [{"is_used": False, "state": "draft", "version": 1}])

    def test_what_a_policy_is_for_can_not_be_deleted(self):
        self.make_policy(partner_category_ids=self.tag.ids)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.tag.unlink()

    def test_edit_before_first_use_is_registered(self):
        policy = self.make_policy(threshold=10, line_ids=[Command.create({"days": 30})])
        policy.threshold = 12
        policy.line_ids.days = 45
        edits = self.entries(event="policy_edited", policy_ref=policy.id)
        self.assertEqual(edits[0].evidence, {"threshold": {"from": 10, "to": 12}})
        self.assertEqual(edits[1].evidence["values"], {"days": 45})
        self.assertEqual(edits.mapped("user_name"), ["P Admin"] * 2)

    # --- versions ---

    def test_new_version_takes_over_and_the_old_one_answers_for_its_days(self):
        old = self.make_policy("Limits", threshold=10, date_from=date(2025, 1, 1),
                               line_ids=[Command.create({"days": 30})])
        old._mark_used()
        new = self.policies.browse(old.action_new_version()["res_id"])
        self.assertRecordValues(new, [{
            "state": "draft", "version": 2, "previous_id": old.id, "threshold": 10, "is_used": False}])
        self.assertEqual(new.line_ids.mapped("days"), [30])
        new.write({"threshold": 20, "date_from": date(2025, 7, 1)})
        new.action_put_in_force()
        self.assertRecordValues(old, [{"state": "superseded", "date_to": date(2025, 6, 30)}])
        model = self.env["o2c.test.policy"]
        for day, threshold in ((date(2025, 1, 1), 10), (TODAY, 10), (date(2025, 6, 30), 10),
                               (date(2025, 7, 1), 20)):
            self.assertEqual(model._match(self.company, self.customer, date=day).threshold, threshold)
        self.assertEqual(new.display_name, "Limits (version 2)")
        [entry] = self.entries(event="policy_in_force", policy_ref=new.id)
        self.assertEqual((entry.policy_version, entry.evidence["threshold"]), (2, 20))
        self.assertTrue(self.entries(event="policy_superseded", policy_ref=old.id))

    def test_asking_twice_opens_the_same_draft(self):
        policy = self.make_policy()
        self.assertEqual(policy.action_new_version(), policy.action_new_version())

    def test_new_version_can_not_rewrite_the_past(self):
        old = self.make_policy("Limits", date_from=date(2025, 1, 1))
        old._mark_used()
        new = self.policies.browse(old.action_new_version()["res_id"])
        new.date_from = TODAY - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "from today"):
            new.action_put_in_force()
        self.assertEqual((old.state, new.state), ("in_force", "draft"))

    def test_ended_policy_stops_and_keeps_its_past(self):
        policy = self.make_policy("Limits", date_from=date(2025, 1, 1))
        policy._mark_used()
        policy.action_end()
        self.assertFalse(self.match())
        self.assertEqual(self.match(date=TODAY - timedelta(days=1)), "Limits")
        with self.assertRaises(UserError):
            policy.date_to = False

    def test_policy_can_not_end_before_it_begins(self):
        with self.assertRaises(ValidationError):
            self.make_policy(date_to=TODAY - timedelta(days=1))

    # --- rights ---

    def test_only_the_policy_administrator_decides_on_policies(self):
        policy = self.make_policy(in_force=False)
        for user in (self.seller, self.make_user("p_director", "group_finance_director", "group_auditor")):
            mine = policy.with_user(user)
            for action in (mine.action_put_in_force, mine.action_new_version, mine.action_end,
                           lambda m=mine: m.write({"threshold": 5}), lambda m=mine: m.create({"name": "x"})):
                with self.assertRaises(AccessError):
                    action()
        self.assertEqual(policy.state, "draft")
        self.make_policy("In force", threshold=7)
        # Judging needs no right to read policies.
        found = self.env["o2c.test.policy"].with_user(self.seller)._match(self.company, self.customer)
        self.assertEqual(found.threshold, 7)
