import time
from contextlib import contextmanager
from unittest.mock import patch

import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.modules import module as odoo_module
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import O2cCommon


@tagged("post_install", "-at_install")
class TestRegister(O2cCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls.make_user("reg_officer", "group_credit_officer")
        cls.auditor = cls.make_user("reg_auditor", "group_auditor")
        cls.customer = cls.make_customer("Blue Ocean Trading")
        cls.register = cls.env["o2c.register"]

    @contextmanager
    def refused(self, error=AccessError):
        """Like assertRaises, but what was written before the refusal stays visible."""
        try:
            yield
        except error:
            return
        self.fail("not refused")

    # --- what an entry says ---

    def test_entry_tells_who_what_and_on_which_figures(self):
        entry = self.register.with_user(self.officer)._log(
            self.customer.with_user(self.officer), "note", "Limit exceeded",
            amount=118400, currency=self.env.ref("base.CNY"), company=self.company_b,
            evidence={"exposure": 118400.0, "limit": 100000.0, "orders": self.customer})
        self.assertRecordValues(entry.sudo(), [{
            "event": "note",
            "message": "Limit exceeded",
            "user_ref": self.officer.id,
            "user_name": "Reg Officer",
            "res_model": "res.partner",
            "res_id": self.customer.id,
            "document_name": "Blue Ocean Trading",
            "partner_ref": self.customer.id,
            "partner_name": "Blue Ocean Trading",
            "company_ref": self.company_b.id,
            "amount": 118400.0,
            "currency_code": "CNY",
            "is_refusal": False,
            "evidence": {"exposure": 118400.0, "limit": 100000.0, "orders": [self.customer.id]},
        }])

    def test_entry_takes_partner_company_and_currency_from_the_document(self):
        move = self.env["account.move"].new({
            "partner_id": self.customer.id, "currency_id": self.env.ref("base.EUR").id})
        entry = self.register._log(move, "note", "Looked at", amount=5)
        self.assertEqual(entry.partner_name, "Blue Ocean Trading")
        self.assertEqual(entry.currency_code, "EUR")
        self.assertFalse(entry.res_id)

    def test_unknown_event_is_a_programming_error(self):
        with self.assertRaises(ValueError):
            self.register._log(self.customer, "no_such_event", "x")

    def test_many_entries_are_one_insert(self):
        vals = {"record": self.customer, "event": "note", "message": "x", "evidence": {"a": 1}}
        self.register._log_many([vals])
        with self.assertQueryCount(1):
            entries = self.register._log_many([vals] * 300)
        self.assertEqual(len(set(entries.ids)), 300)

    def test_partner_merge_and_deletion_leave_the_entry_alone(self):
        loser = self.make_customer("Loser Ltd")
        entry = self.register._log(loser, "note", "Judged")
        before = entry.read()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.customer + loser).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual(entry.read(), before)
        with self.assertRaisesRegex(UserError, "does not exist any more"):
            entry.action_open_document()

    # --- who may read ---

    def test_auditor_sees_entries_of_his_companies_only(self):
        own = self.register._log(self.customer, "note", "own", company=self.company)
        none = self.register._log(self.customer, "note", "none")
        other = self.register._log(self.customer, "note", "other", company=self.company_b)
        seen = self.register.with_user(self.auditor).search([("id", "in", (own + none + other).ids)])
        self.assertEqual(seen, own + none if seen[:1] == own else none + own)

    def test_opening_the_document_needs_the_right_to_read_it(self):
        # Something that administrators alone may read.
        job = self.env.ref("base.autovacuum_job")
        entry = self.register._log(job, "note", "x", company=self.company)
        with self.assertRaises(AccessError):
            entry.with_user(self.auditor).action_open_document()
        self.assertEqual(entry.action_open_document()["res_id"], job.id)

    # --- nobody changes it ---

    def test_orm_refuses_every_change_even_to_the_superuser(self):
        entry = self.register._log(self.customer, "note", "as it was")
        admin = self.env.ref("base.user_admin")
        for user in (self.env.user, admin, self.officer):
            for attack in (
                lambda e: e.write({"message": "forged"}),
                lambda e: e.write({"evidence": False}),
                lambda e: e.with_context(o2c_guard_pass=True).write({"message": "forged"}),
                lambda e: e.unlink(),
                lambda e: e.with_context(force_delete=True, _force_unlink=True).unlink(),
                lambda e: e.create({"message": "forged", "event": "note"}),
                lambda e: e.copy({"message": "forged"}),
                lambda e: e.load(["message", "event"], [["forged", "Note"]]) and e.write({"message": "x"}),
                lambda e: e.web_save({"message": "forged"}, {}),
            ):
                with self.assertRaises(AccessError):
                    attack(entry.with_user(user))
        self.env.invalidate_all()
        self.assertEqual(entry.message, "as it was")
        self.assertFalse(self.entries(message="forged"))

    def test_refusal_does_not_tell_what_the_user_may_not_read(self):
        entry = self.register._log(self.customer, "note", "Confidential")
        for attack in (lambda e: e.write({"message": "x"}), lambda e: e.unlink()):
            with self.assertRaises(AccessError) as refusal:
                attack(entry.with_user(self.officer))
            self.assertNotIn("Confidential", str(refusal.exception))

    @mute_logger("odoo.sql_db")
    def test_database_refuses_update_delete_and_truncate(self):
        entry = self.register._log(self.customer, "note", "as it was")
        self.register.env["o2c.register.seal"]._seal_batch()
        for table in ("o2c_register", "o2c_register_seal"):
            for statement in (
                f"UPDATE {table} SET date = now()",
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
            ):
                with self.assertRaises(psycopg2.errors.InsufficientPrivilege), self.cr.savepoint():
                    self.cr.execute(statement)
        self.env.invalidate_all()
        self.assertEqual(entry.message, "as it was")

    def test_flush_never_updates_an_entry(self):
        entry = self.register._log(self.customer, "note", "x")
        entry.read()
        self.env.flush_all()
        self.assertFalse([
            name for name, field in self.register._fields.items()
            if field.store and (field.compute or field.related)])

    # --- refusals survive ---

    def test_refusal_is_kept_when_the_transaction_is_rolled_back(self):
        with self.enter_registry_test_mode(), self.refused():
            self.register._log(self.customer, "note", "before").write({"message": "forged"})
        refusal = self.entries(event="guard_refused")[-1]
        self.assertTrue(refusal.is_refusal)
        self.assertEqual(refusal.evidence["fields"], ["message"])

    def test_refusal_needs_nothing_that_is_committed(self):
        # Its own connection sees neither the new user nor the new customer.
        user = self.make_user("reg_new", "group_collector")
        customer = self.make_customer("Just created")
        row = {
            **self.register.with_user(user)._prepare_entry(
                record=customer, event="guard_refused", message="refused"),
            "is_refusal": True,
        }
        other = db_connect(self.cr.dbname).cursor()
        try:
            other.execute("SELECT count(*) FROM res_users WHERE id = %s", [user.id])
            self.assertEqual(other.fetchone(), (0,))
            [entry_id] = self.register._insert_entries(other, [row])
            other.execute("SELECT user_name FROM o2c_register WHERE id = %s", [entry_id])
            self.assertEqual(other.fetchone(), ("Reg New",))
        finally:
            other.rollback()
            other.close()

    def log_refusal_for_real(self):
        """As in production, on a connection of its own; returns what arrived there."""
        with patch.object(odoo_module, "current_test", None):
            self.register._log_refusal(self.customer, "guard_refused", "Refused for real")
        with db_connect(self.cr.dbname).cursor() as other:
            other.execute("SELECT id FROM o2c_register WHERE message = 'Refused for real'")
            found = other.fetchall()
            # A superuser of the database may clean up after the test.
            other.execute("SET LOCAL session_replication_role = replica")
            other.execute("DELETE FROM o2c_register WHERE message = 'Refused for real'")
        return found

    def test_refusal_is_committed_at_once(self):
        self.assertEqual(len(self.log_refusal_for_real()), 1)

    def test_refusal_does_not_wait_for_locks_of_the_refused_transaction(self):
        self.cr.execute("LOCK TABLE o2c_register IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        with mute_logger("odoo.sql_db"), self.assertLogs(
                "odoo.addons.o2c_base.models.register", "ERROR") as logs, \
                patch.object(odoo_module, "current_test", None):
            self.register._log_refusal(self.customer, "guard_refused", "Refused for real")
        self.assertLess(time.monotonic() - started, 5)
        self.assertIn("Refused for real", logs.output[0])

    def test_refusal_never_hides_the_error_it_reports(self):
        with mute_logger("odoo.addons.o2c_base.models.register"):
            self.assertIsNone(self.register._log_refusal(self.customer, "no_such_event", "x"))

    # --- export ---

    def test_export_needs_an_auditor(self):
        wizard = self.env["o2c.register.export"].with_user(self.officer)
        with self.assertRaises(AccessError):
            wizard.create({}).action_export()

    def test_modules_may_go_without_touching_their_old_entries(self):
        entry = self.register._log(self.customer, "note", "x")
        selection = self.env["ir.model.fields.selection"].search([
            ("field_id.model", "=", "o2c.register"), ("value", "=", "note")])
        selection._process_ondelete()
        self.env.invalidate_all()
        self.assertEqual(entry.event, "note")

    def test_user_can_be_deleted_who_decided(self):
        user = self.make_user("reg_gone", "group_collector")
        entry = self.register.with_user(user)._log(self.customer, "note", "x")
        user.unlink()
        self.env.invalidate_all()
        self.assertEqual(entry.with_env(self.env).user_name, "Reg Gone")
