import base64
import csv
import io
from hashlib import sha256

import openpyxl
from freezegun import freeze_time
from odoo.addons.o2c_base.models.register_seal import SEAL_LOCK
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged

from .common import O2cCommon


@tagged("post_install", "-at_install")
class TestSeal(O2cCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.make_user("seal_auditor", "group_auditor")
        cls.customer = cls.make_customer("Blue Ocean Trading")
        cls.register = cls.env["o2c.register"]
        cls.seals = cls.env["o2c.register.seal"]
        cls.entries_before = cls.log(30)
        while cls.seals._seal_batch():
            pass

    @classmethod
    def log(cls, count):
        return cls.register._log_many([
            {"record": cls.customer, "event": "note", "message": f"Decision 决定 {number}",
             "amount": number * 10.1, "evidence": {"b": number, "a": {"limit": 1.10}}}
            for number in range(count)
        ])

    def tamper(self, statement, *values, table="o2c_register"):
        """What somebody with access to the database could do."""
        self.env.flush_all()
        self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        self.cr.execute(statement, values)
        self.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        self.env.invalidate_all()

    def found(self, result=None):
        return [(f["kind"], f["entry"]) for f in (result or self.seals._verify()).findings]

    # --- sealing ---

    def test_intact_chain_has_no_finding(self):
        result = self.seals._verify()
        self.assertEqual(self.found(result), [])
        self.assertEqual(result.unsealed, 0)
        self.assertGreaterEqual(result.checked, 30)

    def test_sealing_goes_by_order_of_sealing_not_of_numbers(self):
        early, late = self.log(2)
        self.tamper("UPDATE o2c_register SET id = id + 1000000 WHERE id = %s", early.id)
        # The entry with the small number commits only after the other is sealed.
        self.tamper("UPDATE o2c_register SET id = -5 WHERE id = %s", late.id)
        self.seals._seal_batch(limit=1)
        self.cr.execute("INSERT INTO o2c_register (id, date, event, message, user_ref, is_refusal)"
                        " VALUES (-9, now(), 'note', 'late', 1, false)")
        self.seals._seal_batch()
        order = self.seals.search([], limit=3).mapped("entry_ref")
        self.assertEqual(order, [early.id + 1000000, -9, -5])
        self.assertEqual(self.found(), [])

    def test_sealing_is_set_based(self):
        self.log(500)
        self.env.flush_all()
        with self.assertQueryCount(4):
            self.assertEqual(self.seals._seal_batch(), 500)

    def test_sealing_twice_seals_nothing_twice(self):
        self.log(3)
        self.assertEqual([self.seals._seal_batch(limit=2) for _ in range(3)], [2, 1, 0])

    def test_second_sealer_waits_for_nobody(self):
        self.log(1)
        with db_connect(self.cr.dbname).cursor() as other:
            # Released by the class's own first batch only at the end of its transaction.
            other.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
            self.assertEqual(other.fetchone(), (False,))

    def test_cron_seals(self):
        self.log(2)
        with self.enter_registry_test_mode():
            self.env.ref("o2c_base.cron_seal").method_direct_trigger()
        self.assertEqual(self.seals._verify().unsealed, 0)

    # --- tampering ---

    def test_changed_entry_is_named(self):
        victim = self.entries_before[10]
        for column, value in (
            ("message", "forged"), ("amount", 1), ("user_name", "Somebody else"), ("res_id", 1),
            ("evidence", '{"limit": 9}'), ("date", "2001-01-01"), ("is_refusal", True),
        ):
            with self.subTest(column), self.cr.savepoint() as savepoint:
                self.tamper(f"UPDATE o2c_register SET {column} = %s WHERE id = %s", value, victim.id)
                self.assertEqual(self.found(), [("changed", victim.id)])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_two_changed_entries_are_named_the_first_one_first(self):
        for victim in (self.entries_before[20], self.entries_before[5]):
            self.tamper("UPDATE o2c_register SET message = 'forged' WHERE id = %s", victim.id)
        self.assertEqual(self.found(), [
            ("changed", self.entries_before[5].id), ("changed", self.entries_before[20].id)])

    def test_deleted_entry_is_named(self):
        victim = self.entries_before[7]
        self.tamper("DELETE FROM o2c_register WHERE id = %s", victim.id)
        self.assertEqual(self.found(), [("deleted", victim.id)])

    def test_entry_deleted_with_its_seal_breaks_the_chain(self):
        victim, following = self.entries_before[7:9]
        self.tamper("DELETE FROM o2c_register WHERE id = %s", victim.id)
        self.tamper("DELETE FROM o2c_register_seal WHERE entry_ref = %s", victim.id,
                    table="o2c_register_seal")
        self.assertEqual(self.found(), [("gap", following.id), ("changed", following.id)])

    def test_replaced_seal_is_found(self):
        victim, following = self.entries_before[7:9]
        self.tamper("UPDATE o2c_register_seal SET hash = repeat('a', 64) WHERE entry_ref = %s", victim.id,
                    table="o2c_register_seal")
        self.assertEqual(self.found(), [("changed", victim.id), ("changed", following.id)])

    def test_cut_off_end_is_found_with_a_noted_seal(self):
        noted = self.seals._verify()
        self.tamper("DELETE FROM o2c_register_seal WHERE sequence > %s", noted.last_sequence - 3,
                    table="o2c_register_seal")
        self.tamper("DELETE FROM o2c_register WHERE id IN %s", tuple(self.entries_before[-3:].ids))
        self.assertEqual(self.found(), [])
        anchor = (noted.last_sequence, noted.last_hash)
        self.assertEqual(self.found(self.seals._verify(anchor)), [("cut_off", None)])

    def test_chain_written_anew_is_found_with_a_noted_seal(self):
        noted = self.seals._verify()
        victim = self.entries_before[3]
        self.tamper("UPDATE o2c_register SET message = 'forged' WHERE id = %s", victim.id)
        self.tamper("DELETE FROM o2c_register_seal", table="o2c_register_seal")
        while self.seals._seal_batch():
            pass
        self.assertEqual(self.found(), [])
        anchor = (noted.last_sequence, noted.last_hash)
        self.assertEqual([kind for kind, entry in self.found(self.seals._verify(anchor))], ["anchor_changed"])

    # --- the auditor's screens ---

    def test_auditor_reads_the_first_broken_entry(self):
        victim = self.entries_before[10]
        self.tamper("UPDATE o2c_register SET message = 'forged' WHERE id = %s", victim.id)
        wizard = self.env["o2c.register.verify"].with_user(self.auditor).create({})
        wizard.action_verify()
        self.assertTrue(wizard.is_verified)
        self.assertFalse(wizard.is_intact)
        self.assertIn(f"Entry {victim.id} ", wizard.findings.splitlines()[0])
        self.assertEqual(self.entries(event="register_verified")[-1].user_name, "Seal Auditor")

    def test_intact_register_is_confirmed_to_the_auditor(self):
        action = self.seals.with_user(self.auditor).action_verify()
        wizard = self.env["o2c.register.verify"].browse(action["res_id"])
        self.assertTrue(wizard.is_intact)
        self.assertEqual(wizard.last_hash, self.seals.search([], limit=1).hash)

    def test_only_auditors_verify(self):
        officer = self.make_user("seal_officer", "group_finance_director")
        with self.assertRaises(AccessError):
            self.seals.with_user(officer).action_verify()

    def test_weekly_verification_alerts_auditors_of_a_broken_register(self):
        self.tamper("UPDATE o2c_register SET message = 'forged' WHERE id = %s", self.entries_before[0].id)
        self.seals._cron_verify()
        message = self.env["mail.message"].search(
            [("subject", "=", "The register of decisions is broken")], limit=1)
        self.assertIn(self.auditor.partner_id, message.notified_partner_ids)

    # --- export ---

    def export(self, **values):
        wizard = self.env["o2c.register.export"].with_user(self.auditor).with_context(
            active_domain=[("id", "in", self.entries_before.ids)]).create(values)
        action = wizard.action_export()
        self.assertIn(wizard.file_name, action["url"])
        return base64.b64decode(wizard.file)

    def test_export_is_verified_without_odoo(self):
        text = self.export(file_format="csv").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual(len(rows), 30)
        for row, entry in zip(rows, self.entries_before, strict=True):
            content = f"{row['previous_seal']}\n{row['seal_sequence']}\n{row['canonical_text']}"
            self.assertEqual(sha256(content.encode()).hexdigest(), row["seal"])
            self.assertEqual(row["message"], entry.message)
        for row, following in zip(rows, rows[1:], strict=False):
            self.assertEqual(row["seal"], following["previous_seal"])

    def test_export_to_excel_holds_the_same_rows_as_text(self):
        self.register._log(self.customer, "note", "=cmd|' /C calc'!A0")
        sheet = openpyxl.load_workbook(io.BytesIO(self.export(file_format="xlsx"))).active
        head, *rows = sheet.iter_rows(values_only=True)
        self.assertEqual(len(rows), 30)
        self.assertEqual([row[head.index("id")] for row in rows], self.entries_before.ids)
        self.assertEqual([row[head.index("message")] for row in rows], self.entries_before.mapped("message"))

    def test_export_defuses_formulas_in_csv(self):
        entry = self.register._log(self.customer, "note", "=1+1")
        wizard = self.env["o2c.register.export"].with_user(self.auditor).create({
            "domain": f"[('id', '=', {entry.id})]", "file_format": "csv"})
        wizard.action_export()
        [row] = csv.DictReader(io.StringIO(base64.b64decode(wizard.file).decode("utf-8-sig")))
        self.assertEqual(row["message"], "'=1+1")

    def test_export_counts_days_of_the_company(self):
        self.company.o2c_tz = "Asia/Shanghai"
        with freeze_time("2020-03-31 16:30:00"):
            april = self.register._log(self.customer, "note", "1 April in Shanghai")
        with freeze_time("2020-03-31 15:30:00"):
            march = self.register._log(self.customer, "note", "31 March in Shanghai")
        wizard = self.env["o2c.register.export"].with_user(self.auditor).create({
            "date_from": "2020-04-01", "date_to": "2020-04-30"})
        self.assertEqual(wizard.entry_count, 1)
        self.assertEqual(self.register.search(wizard._get_domain()), april)
        wizard.write({"date_from": "2020-03-01", "date_to": "2020-03-31"})
        self.assertEqual(self.register.search(wizard._get_domain()), march)

    def test_export_of_nothing_says_so(self):
        wizard = self.env["o2c.register.export"].with_user(self.auditor).create({
            "date_from": "1999-01-01", "date_to": "1999-01-02"})
        with self.assertRaisesRegex(UserError, "No entry fits"):
            wizard.action_export()

    def test_auditor_exports_entries_of_his_companies_only(self):
        other = self.register._log(self.customer, "note", "other company", company=self.company_b)
        wizard = self.env["o2c.register.export"].with_user(self.auditor).create({
            "domain": f"[('id', '=', {other.id})]"})
        self.assertEqual(wizard.entry_count, 0)
