from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .guarantee_common import GuaranteeCase


@tagged("post_install", "-at_install")
class TestGuarantee(GuaranteeCase):
    """A guarantee counts from its approval to its last day, and nobody changes it on the way."""

    def as_user(self, user, method, *args, records=None, **kwargs):
        """The call as the external API makes it: public methods only, plain JSON values."""
        model = self.env["o2c.credit.guarantee"].with_user(user)
        ids = [records.ids] if records is not None else []
        return call_kw(model, method, [*ids, *args], kwargs)

    def assertNoCover(self):
        self.env.invalidate_all()
        self.assertEqual(self.get_facts()["guarantee_cover"], 0.0)

    def entries(self, record, event):
        return self.env["o2c.register"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id), ("event", "=", event)]
        )

    # === LIFE === #

    def test_guarantee_counts_when_approved(self):
        guarantee = self.make_guarantee(1000.0, haircut=20.0)
        self.assertEqual(guarantee.cover_value, 800.0)
        self.assertNoCover()
        guarantee.action_submit()
        self.assertNoCover()
        self.sign(guarantee)
        self.assertRecordValues(
            guarantee, [{"state": "in_force", "cover_approved": 800.0, "is_counted": True}]
        )
        self.assertEqual(self.get_facts()["guarantee_cover"], 800.0)
        self.assertEqual(self.entries(guarantee, "guarantee_in_force").amount, 1000.0)

    def test_cover_decides_who_approves(self):
        small = self.make_guarantee(20000.0, haircut=50.0)
        small.action_submit()
        self.assertEqual(small.sudo().o2c_request_id.amount, 10000.0)
        small.sudo().o2c_request_id.with_user(self.manager).action_approve("Fine")
        self.assertEqual(small.state, "in_force")
        large = self.make_guarantee(20000.02, haircut=50.0)
        large.action_submit()
        large.sudo().o2c_request_id.with_user(self.manager).action_approve("Fine")
        self.assertEqual(large.state, "requested", "the director signs beyond 10,000")
        large.sudo().o2c_request_id.with_user(self.director).action_approve("Fine")
        self.assertEqual(large.state, "in_force")

    def test_refused_guarantee_does_not_count(self):
        guarantee = self.make_guarantee(1000.0)
        guarantee.action_submit()
        guarantee.sudo().o2c_request_id.with_user(self.manager).action_reject("The guarantor is weak")
        self.assertEqual(guarantee.state, "refused")
        self.assertNoCover()
        guarantee.action_reset_draft()
        self.accept(guarantee)
        self.assertEqual(guarantee.state, "in_force")

    def test_incomplete_guarantee_is_not_submitted(self):
        for vals in (
            {"value": 0.0},
            {"guarantor_id": False},
            {"date_from": "2020-01-01", "date_to": "2020-12-31"},
        ):
            guarantee = self.make_guarantee(100.0)
            guarantee.write(vals)
            with self.subTest(vals=vals), self.assertRaises(UserError):
                guarantee.action_submit()
            self.assertEqual(guarantee.state, "draft")

    def test_usual_haircut_is_proposed(self):
        guarantee = self.Guarantee.create(
            {"partner_id": self.customer.id, "kind": "mortgage", "value": 100.0}
        )
        self.assertRecordValues(guarantee, [{"haircut": 40.0, "cover_value": 60.0}])
        guarantee.kind = "pledge"
        self.assertEqual(guarantee.haircut, 30.0)

    def test_release_and_call_need_reason_and_right(self):
        guarantee = self.secure(1000.0)
        for user in (self.officer, self.seller, self.auditor, self.env.ref("base.user_admin")):
            for method in ("action_release", "action_call"):
                with self.subTest(user=user.name, method=method), self.assertRaises(AccessError):
                    self.as_user(user, method, "Because", records=guarantee)
        for reason in ("", "  ", False, None):
            with self.assertRaises(UserError):
                self.as_user(self.manager, "action_release", reason, records=guarantee)
        self.env.invalidate_all()
        self.assertEqual(guarantee.state, "in_force")
        self.as_user(self.manager, "action_release", "All debts are paid", records=guarantee)
        self.assertRecordValues(
            guarantee,
            [{"state": "released", "closing_reason": "All debts are paid", "closed_on": self.today}],
        )
        self.assertNoCover()
        lawyer = self.make_user("lawyer", "o2c_base.group_legal_counsel")
        second = self.secure(1000.0)
        with self.assertRaises(AccessError):
            self.as_user(lawyer, "action_release", "Because", records=second)
        self.as_user(lawyer, "action_call", "Insolvent", records=second)
        self.assertEqual(second.state, "called")
        self.assertNoCover()

    def test_release_collides_with_an_order_of_the_same_moment(self):
        guarantee = self.secure(1000.0)
        profiles = self.env["o2c.credit.profile"]
        mine = [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
        before = sum(profiles.search(mine).mapped("decisions"))
        guarantee.with_user(self.manager).action_release("All debts are paid")
        profiles.invalidate_model()
        self.assertEqual(sum(profiles.search(mine).mapped("decisions")), before + 1)

    def test_overview_counts_what_ends(self):
        before = self.Guarantee._get_overview_data("credit_guarantee_ending")["count"]
        self.secure(1000.0, date_to=self.today + timedelta(days=30))
        self.secure(1000.0, date_to=self.today + timedelta(days=31))
        after = self.Guarantee._get_overview_data("credit_guarantee_ending")
        self.assertEqual((after["count"], after["tone"]), (before + 1, "warning"))

    def test_seller_of_the_customer_does_not_release(self):
        guarantee = self.secure(1000.0)
        self.customer.user_id = self.manager
        with self.assertRaises(AccessError):
            guarantee.with_user(self.manager).action_release("My customer asked me")
        self.env.invalidate_all()
        self.assertEqual(guarantee.state, "in_force")

    def test_wizard_asks_for_the_reason(self):
        guarantee = self.secure(1000.0)
        Wizard = self.env["o2c.credit.guarantee.close.wizard"]
        values = {"guarantee_id": guarantee.id, "ending": "call", "reason": "Insolvent"}
        with self.assertRaises(AccessError):
            Wizard.with_user(self.officer).create(values).action_apply()
        self.assertEqual(guarantee.state, "in_force")
        Wizard.with_user(self.manager).create(values).action_apply()
        self.assertEqual(guarantee.state, "called")

    # === EXPIRY === #

    def test_expired_guarantee_stops_counting_at_midnight_of_the_company(self):
        self.company.o2c_tz = "Asia/Shanghai"
        with freeze_time("2030-06-30 15:59:59"):
            self.secure(1000.0, date_from="2030-01-01", date_to="2030-06-30")
            self.assertEqual(self.company._o2c_today().isoformat(), "2030-06-30")
            self.assertEqual(self.get_facts(date=self.company._o2c_today())["guarantee_cover"], 1000.0)
        with freeze_time("2030-06-30 16:00:00"):
            facts = self.get_facts(date=self.company._o2c_today())
            self.assertEqual(facts["guarantee_cover"], 0.0, "the daily job has not run yet")

    def test_guarantee_does_not_count_before_it_begins(self):
        guarantee = self.secure(1000.0, date_from=self.today + timedelta(days=1))
        self.assertFalse(guarantee.is_counted)
        self.assertEqual(self.get_facts()["guarantee_cover"], 0.0)
        self.assertEqual(self.get_facts(date=self.today + timedelta(days=1))["guarantee_cover"], 1000.0)

    def test_daily_job_ends_what_is_over(self):
        ending = self.secure(1000.0, date_to=self.today)
        lasting = self.secure(500.0)
        self.assertEqual(self.Guarantee.sudo()._expire(), 0)
        self.patch(type(self.company), "_o2c_today", lambda company: self.today + timedelta(days=1))
        self.assertEqual(self.Guarantee.sudo()._expire(), 1)
        self.assertEqual((ending.state, lasting.state), ("expired", "in_force"))
        self.assertEqual(len(self.entries(ending, "guarantee_expired")), 1)
        self.assertEqual(self.Guarantee.sudo()._expire(), 0, "nothing twice")

    def test_officer_and_salesperson_are_reminded_once(self):
        self.make_policy(notice_days=10)
        near = self.secure(1000.0, date_to=self.today + timedelta(days=10))
        far = self.secure(1000.0, date_to=self.today + timedelta(days=11))
        model = self.Guarantee.sudo()
        self.assertEqual(model._remind(), 1)
        self.assertEqual(near.sudo().activity_ids.user_id, self.officer | self.seller)
        self.assertEqual(len(near.sudo().activity_ids), 2)
        self.assertFalse(far.sudo().activity_ids)
        self.assertEqual(model._remind(), 0, "not repeated")
        near.with_user(self.manager).action_release("Not needed any more")
        self.assertFalse(near.sudo().activity_ids)

    def test_successor_takes_the_place_of_the_old_one(self):
        old = self.secure(1000.0, date_to=self.today + timedelta(days=5))
        draft = self.Guarantee.browse(old.action_replace()["res_id"])
        self.assertEqual(self.Guarantee.browse(old.action_replace()["res_id"]), draft)
        self.assertRecordValues(draft, [{"state": "draft", "replaces_id": old.id, "cover_approved": 0.0}])
        draft.write({"value": 1500.0, "date_from": self.today + timedelta(days=3), "date_to": False})
        self.accept(draft)
        self.assertEqual(old.state, "in_force", "the successor begins later")
        self.assertEqual(self.get_facts()["guarantee_cover"], 1000.0)
        later = self.today + timedelta(days=3)
        self.assertEqual(self.get_facts(date=later)["guarantee_cover"], 1500.0, "never both")
        self.patch(type(self.company), "_o2c_today", lambda company: later)
        self.Guarantee.sudo()._start_successors()
        self.assertEqual(old.state, "released")

    # === ATTACKS === #

    def test_terms_are_fixed_after_submission(self):
        changes = (
            {"value": 1e9},
            {"haircut": 0.0},
            {"date_to": False},
            {"date_from": "2020-01-01"},
            {"adds_to_limit": True},
            {"partner_id": self.bank.id},
            {"kind": "deposit"},
        )
        guarantee = self.make_guarantee(1000.0, haircut=50.0, date_to=self.today + timedelta(days=9))
        guarantee.action_submit()
        for state in ("requested", "in_force"):
            if state == "in_force":
                self.sign(guarantee)
            for vals in changes:
                for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
                    with self.subTest(vals=vals, state=state), self.assertRaises(AccessError):
                        self.as_user(user, "write", vals, records=guarantee)
                with self.subTest(vals=vals, state=state), self.assertRaises(AccessError):
                    guarantee.sudo().write(vals)
            self.env.invalidate_all()
            self.assertRecordValues(
                guarantee, [{"value": 1000.0, "haircut": 50.0, "adds_to_limit": False, "state": state}]
            )

    def test_state_and_decided_values_cant_be_written(self):
        guarantee = self.make_guarantee(1000.0)
        for vals in ({"state": "in_force"}, {"cover_approved": 1e6}, {"reminded": True}, {"name": "GUA/1"}):
            for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
                with self.subTest(vals=vals), self.assertRaises(AccessError):
                    self.as_user(user, "write", vals, records=guarantee)
                with self.subTest(vals=vals), self.assertRaises(AccessError):
                    self.as_user(user, "create", [{"partner_id": self.customer.id, "value": 1.0, **vals}])
        self.assertNoCover()
        for context in ({"default_state": "in_force"}, {"o2c_guard_pass": True, "default_state": "in_force"}):
            ids = self.as_user(
                self.officer, "create", [{"partner_id": self.customer.id, "value": 1.0}], context=context
            )
            self.assertEqual(self.Guarantee.browse(ids).state, "draft")
        self.assertNoCover()

    def test_import_of_the_state_does_not_pass(self):
        result = self.as_user(
            self.officer,
            "load",
            ["partner_id/.id", "kind", "value", "state"],
            [[str(self.customer.id), "Deposit", "1000000", "In force"]],
        )
        self.assertFalse(result["ids"])
        self.assertNoCover()

    def test_copy_starts_as_a_draft(self):
        guarantee = self.secure(1000.0)
        copied = self.Guarantee.browse(self.as_user(self.officer, "copy", records=guarantee))
        self.assertRecordValues(copied, [{"state": "draft", "cover_approved": 0.0, "replaces_id": False}])
        self.assertNotEqual(copied.name, guarantee.name)
        self.assertEqual(self.get_facts()["guarantee_cover"], 1000.0)

    def test_private_hooks_are_out_of_reach(self):
        guarantee = self.make_guarantee(1000.0)
        for method in ("_on_request_approved", "_move_state", "_close", "_guarded_write", "_expire"):
            with self.assertRaises(AccessError):
                self.as_user(self.officer, method, records=guarantee)
        self.assertEqual(guarantee.state, "draft")

    def test_author_and_salesperson_cant_accept(self):
        for user in (self.officer, self.seller):
            user.group_ids = [Command.link(self.env.ref("o2c_base.group_credit_manager").id)]
        guarantee = self.make_guarantee(1000.0)
        guarantee.action_submit()
        for user in (self.officer, self.seller):
            with self.assertRaises(UserError):
                guarantee.sudo().o2c_request_id.with_user(user).action_approve("Me")
        self.assertEqual(guarantee.state, "requested")
        self.assertNoCover()

    def test_who_wrote_the_terms_does_not_accept_them(self):
        guarantee = self.make_guarantee(1000.0)
        guarantee.with_user(self.manager).value = 2000.0
        self.assertEqual(guarantee.contributor_ids, self.officer | self.manager)
        with self.assertRaises(UserError) as refused:
            guarantee.action_submit()
        self.assertIn("has a part in the document", str(refused.exception))
        self.make_user("manager2", "o2c_base.group_credit_manager")
        guarantee.action_submit()
        with self.assertRaises(UserError):
            guarantee.sudo().o2c_request_id.with_user(self.manager).action_approve("Fine")
        self.assertEqual(guarantee.state, "requested")
        for vals in (
            {"contributor_ids": [Command.clear()]},
            {"contributor_ids": [Command.unlink(self.manager.id)]},
        ):
            with self.assertRaises(AccessError):
                self.as_user(self.manager, "write", vals, records=guarantee)
        self.assertIn(self.manager, guarantee.contributor_ids)

    def test_salesperson_reads_own_customers_only(self):
        guarantee = self.secure(1000.0)
        other = self.make_user("seller2", "sales_team.group_sale_salesman")
        self.assertTrue(guarantee.with_user(self.seller).read(["value"]))
        with self.assertRaises(AccessError):
            guarantee.with_user(other).read(["value"])
        for user in (self.seller, self.auditor, self.director):
            with self.assertRaises(AccessError):
                self.as_user(user, "create", [{"partner_id": self.customer.id, "value": 1.0}])
        draft = self.make_guarantee(5.0)
        for user in (self.seller, self.auditor):
            with self.assertRaises(AccessError):
                self.as_user(user, "action_submit", records=draft)
        self.assertEqual(draft.state, "draft")

    def test_submitted_guarantee_cant_be_deleted(self):
        guarantee = self.secure(1000.0)
        for user in (self.officer, self.manager):
            with self.assertRaises(UserError):
                self.as_user(user, "unlink", records=guarantee)
        self.assertTrue(guarantee.exists())
        waiting = self.make_guarantee(5.0)
        waiting.action_submit()
        with self.assertRaises(UserError):
            self.as_user(self.officer, "unlink", records=waiting)
        self.assertEqual(waiting.state, "requested")
        self.make_guarantee(5.0).unlink()

    def test_guarantee_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.officer.company_ids |= other
        self.manager.company_ids |= other
        self.env["o2c.authority"].create(
            {
                "company_id": other.id,
                "kind": "credit_guarantee",
                "group_id": self.env.ref("o2c_base.group_credit_manager").id,
                "is_unlimited": True,
            }
        )
        guarantee = self.make_guarantee(1000.0, company_id=other.id)
        guarantee.action_submit()
        guarantee.sudo().o2c_request_id.with_user(self.manager).action_approve("Fine there")
        self.assertEqual(guarantee.state, "in_force")
        self.assertNoCover()
        self.assertEqual(self.get_facts(company=other)["guarantee_cover"], 1000.0)
        with self.assertRaises(AccessError):
            guarantee.with_user(self.auditor).read(["value"])

    def test_contact_and_branch_get_no_guarantee(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        with self.assertRaises(ValidationError):
            self.make_guarantee(5.0, partner=contact)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.Guarantee.create({"value": 5.0}).flush_recordset()

    # === DOCUMENTS AND CUSTODY === #

    def test_documents_are_fixed_with_the_submission(self):
        guarantee = self.make_guarantee(1000.0)
        guarantee.document_ids = [Command.create({"name": "Deed", "attachment": b"c2Nhbg=="})]
        document = guarantee.document_ids
        document.number = "7"
        guarantee.action_submit()
        for change in (
            lambda: document.write({"attachment": b"b3RoZXI="}),
            lambda: document.sudo().write({"name": "Other"}),
            lambda: document.unlink(),
            lambda: document.create({"guarantee_id": guarantee.id, "name": "More"}),
        ):
            with self.assertRaises(UserError):
                change()
        self.env.invalidate_all()
        self.assertRecordValues(guarantee.document_ids, [{"name": "Deed", "attachment": b"c2Nhbg=="}])

    def test_scan_cant_be_changed_behind_the_document(self):
        guarantee = self.make_guarantee(1000.0)
        guarantee.document_ids = [Command.create({"name": "Deed", "attachment": b"c2Nhbg=="})]
        attachment = (
            self.env["ir.attachment"]
            .search(
                [
                    ("res_model", "=", "o2c.credit.guarantee.document"),
                    ("res_field", "=", "attachment"),
                    ("res_id", "=", guarantee.document_ids.id),
                ]
            )
            .with_user(self.officer)
        )
        guarantee.action_submit()
        with self.assertRaises(UserError):
            attachment.write({"datas": b"b3RoZXI="})
        with self.assertRaises(UserError):
            attachment.unlink()
        self.env.invalidate_all()
        self.assertEqual(guarantee.document_ids.attachment, b"c2Nhbg==")

    def test_custody_is_registered_and_never_edited(self):
        guarantee = self.make_guarantee(1000.0)
        guarantee.document_ids = [Command.create({"name": "Deed"})]
        document = guarantee.document_ids
        self.accept(guarantee)
        Wizard = self.env["o2c.credit.guarantee.custody.wizard"]
        with self.assertRaises(AccessError):
            Wizard.with_user(self.auditor).create(
                {"document_id": document.id, "place": "Home", "holder": "Me"}
            ).action_apply()
        self.assertFalse(document.custody_ids)
        Wizard.with_user(self.officer).create(
            {"document_id": document.id, "place": "Safe 2", "holder": "Olga", "person": "Li Wei"}
        ).action_apply()
        self.assertRecordValues(document, [{"place": "Safe 2", "holder": "Olga"}])
        out = Wizard.with_user(self.officer).create({"document_id": document.id, "direction": "out"})
        with self.assertRaises(UserError):
            out.action_apply()
        out.write({"person": "Li Wei", "holder": "Li Wei"})
        out.action_apply()
        document.invalidate_recordset()
        self.assertRecordValues(document, [{"place": False, "holder": "Li Wei"}])
        self.assertEqual(len(self.entries(guarantee, "guarantee_custody")), 2)
        row = document.custody_ids[0]
        for user in (self.officer, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"holder": "Olga"})
        with self.assertRaises(AccessError):
            row.sudo().unlink()
        with self.assertRaises(AccessError):
            row.sudo().create({"document_id": document.id, "direction": "in", "user_id": self.officer.id})
        self.assertEqual(document.custody_ids[0].holder, "Li Wei")

    def test_changed_date_of_the_frozen_clock(self):
        """The clock of the tests above is that of the company, not of the server."""
        self.company.o2c_tz = "Asia/Shanghai"
        with freeze_time(datetime(2030, 6, 30, 16, 30)):
            guarantee = self.make_guarantee(5.0)
            self.assertEqual(guarantee.date_from.isoformat(), "2030-07-01")
