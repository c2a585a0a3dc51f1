from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestCreditFile(CreditCase):
    """The officer keeps the evidence, and every edit of it stays in the register."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.File = cls.env["o2c.credit.file"].with_user(cls.officer)
        cls.today = cls.company._o2c_today()
        cls.file = cls.File.create({"partner_id": cls.customer.id})

    def entries(self, record=None, event="file_edited"):
        return self.env["o2c.register"].search(
            [
                ("res_model", "=", "o2c.credit.file"),
                ("res_id", "=", (record or self.file).id),
                ("event", "=", event),
            ]
        )

    def make_complete(self):
        self.customer.vat = "0477472701"
        self.customer.bank_ids = [Command.create({"acc_number": "123-456"})]
        self.file.write(
            {
                "legal_form": "Ltd.",
                "registration_number": "91310000MA1",
                "founded_on": "2001-05-01",
                "legal_representative": "Li Wei",
                "registered_capital": 500000.0,
                "licence_number": "L-1",
                "licence_valid_until": self.today,
                "industry_id": self.env["res.partner.industry"].search([], limit=1).id,
                "employees": 49,
                "person_ids": [Command.create({"name": "Li Wei", "signs_orders": True})],
                "document_ids": [Command.create({"kind": "licence", "valid_until": self.today})],
                "figure_ids": [Command.create({"year": self.today.year - 1, "turnover": 1000.0})],
                "rating_ids": [Command.create({"agency": "Agency", "grade": "A", "score": 80.0})],
            }
        )

    # === IDENTITY OF THE FILE === #

    def test_look_up_finds_the_debtors_file_and_makes_none(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        File = self.env["o2c.credit.file"]
        self.assertEqual(File._get_file(self.company, contact), self.file)
        self.assertFalse(File._get_file(self.company, stranger))
        self.assertFalse(File.search([("partner_id", "=", stranger.id)]))
        opened = self.File._get_or_create(self.company, stranger)
        self.assertEqual(opened.partner_id, stranger)
        self.assertEqual(self.File._get_or_create(self.company, stranger), opened)

    def test_one_file_per_customer_and_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.File.create({"partner_id": self.customer.id}).flush_recordset()
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.officer.company_ids |= other
        second = self.File.create({"partner_id": self.customer.id, "company_id": other.id})
        self.assertEqual(self.File._get_file(other, self.customer), second)
        self.assertEqual(self.File._get_file(self.company, self.customer), self.file)

    def test_file_belongs_to_a_customer_or_a_group(self):
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        file = self.File.create({"corporate_group_id": group.id})
        self.assertEqual(self.File._get_file(self.company, group), file)
        for vals in ({}, {"partner_id": self.customer.id, "corporate_group_id": group.id}):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.File.create(vals).flush_recordset()

    def test_contact_and_branch_get_no_file(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        with self.assertRaises(ValidationError):
            self.File.create({"partner_id": contact.id})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.officer.company_ids |= branch
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRaises(ValidationError):
            self.File.create({"partner_id": stranger.id, "company_id": branch.id})
        self.assertEqual(self.File._get_file(branch, self.customer), self.file)

    def test_file_does_not_move_to_another_customer(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        other = self.env["res.company"].create({"name": "Other Ltd"})
        for vals in ({"partner_id": stranger.id}, {"company_id": other.id}):
            for file in (self.file, self.file.sudo()):
                with self.subTest(vals=vals), self.assertRaises(AccessError):
                    file.write(vals)
        self.env.invalidate_all()
        self.assertEqual((self.file.partner_id, self.file.company_id), (self.customer, self.company))

    def test_copy_and_deletion_are_refused(self):
        with self.assertRaises(UserError):
            call_kw(self.File, "copy", [self.file.ids], {})
        for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                self.file.with_user(user).unlink()
        self.assertTrue(self.file.exists())

    def test_archived_file_counts_as_no_file(self):
        self.file.action_archive()
        self.assertFalse(self.File._get_file(self.company, self.customer))
        with self.assertRaisesRegex(UserError, "archive"):
            self.File._get_or_create(self.company, self.customer)
        self.assertEqual(len(self.entries(event="file_archived")), 1)
        self.file.action_unarchive()
        self.assertEqual(self.File._get_file(self.company, self.customer), self.file)
        self.assertEqual(len(self.entries(event="file_restored")), 1)

    # === RIGHTS === #

    def test_officer_writes_and_others_read(self):
        for user in (self.seller, self.auditor, self.director):
            file = self.file.with_user(user)
            self.assertEqual(file.partner_id, self.customer)
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                file.write({"opinion": "The best customer of all"})
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                file.figure_ids.create({"file_id": file.id, "year": 2001})
        self.assertFalse(self.file.opinion)
        self.assertFalse(self.file.figure_ids)
        with self.assertRaises(AccessError):
            self.file.with_user(self.keeper).read(["opinion"])

    def test_salesperson_reads_own_and_unassigned_customers(self):
        other = self.make_user("seller2", "sales_team.group_sale_salesman")
        leader = self.make_user("leader", "sales_team.group_sale_salesman_all_leads")
        self.file.rating_ids = [Command.create({"agency": "Agency", "grade": "A", "score": 80.0})]
        found = [("partner_id", "=", self.customer.id)]
        for user, count in ((self.seller, 1), (other, 0), (leader, 1)):
            with self.subTest(user=user.name):
                self.assertEqual(self.File.with_user(user).search_count(found), count)
                self.assertEqual(
                    self.env["o2c.credit.file.rating"].with_user(user).search_count(found), count
                )
        self.customer.user_id = False
        self.assertEqual(self.File.with_user(other).search_count(found), 1)

    def test_file_of_another_company_is_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        hidden = self.env["o2c.credit.file"].create({"partner_id": self.customer.id, "company_id": other.id})
        for user in (self.officer, self.seller, self.auditor):
            self.assertFalse(self.File.with_user(user).search([("id", "=", hidden.id)]))
            with self.assertRaises(AccessError):
                hidden.with_user(user).read(["opinion"])

    def test_scan_opens_to_readers_of_the_file_only(self):
        document = (
            self.env["o2c.credit.file.document"]
            .with_user(self.officer)
            .create({"file_id": self.file.id, "attachment": b"c2Nhbg==", "attachment_name": "licence.pdf"})
        )
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", document._name),
                ("res_field", "=", "attachment"),
                ("res_id", "=", document.id),
            ]
        )
        attachment.invalidate_recordset()
        self.assertEqual(attachment.with_user(self.seller).raw, b"scan")
        other = self.make_user("seller2", "sales_team.group_sale_salesman")
        for user in (self.keeper, other):
            with self.assertRaises(AccessError):
                attachment.with_user(user).read(["raw"])

    # === REGISTER === #

    def test_edit_is_registered_with_old_and_new_values(self):
        self.file.legal_form = "Ltd."
        self.file.write({"legal_form": "AG", "employees": 12})
        entry = self.entries()[0]
        self.assertEqual(
            entry.evidence,
            {"legal_form": {"from": "Ltd.", "to": "AG"}, "employees": {"from": 0, "to": 12}},
        )
        self.assertEqual((entry.user_name, entry.partner_name), (self.officer.name, self.customer.name))
        count = len(self.entries())
        self.file.legal_form = "AG"
        self.assertEqual(len(self.entries()), count, "nothing changed")

    def test_edit_of_lines_is_registered(self):
        self.file.figure_ids = [Command.create({"year": 2020, "turnover": 100.0})]
        [added] = self.entries()
        self.assertEqual(added.evidence["turnover"], 100.0)
        self.file.figure_ids.turnover = 900.0
        self.assertEqual(self.entries()[0].evidence, {"turnover": {"from": 100.0, "to": 900.0}})
        self.file.figure_ids.unlink()
        removed = self.entries()[0]
        self.assertIn("removed", removed.message)
        self.assertEqual(removed.evidence["turnover"], 900.0)
        self.file.document_ids = [Command.create({"kind": "licence", "attachment": b"c2Nhbg=="})]
        before = self.entries()[0].evidence["attachment"]
        self.file.document_ids.attachment = b"b3RoZXI="
        change = self.entries()[0].evidence["attachment"]
        self.assertEqual(change["from"], before)
        self.assertNotEqual(change["to"], before)

    def test_attachments_of_the_conversation_are_registered(self):
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.officer)
            .create(
                {
                    "name": "reference.pdf",
                    "raw": b"scan",
                    "res_model": "o2c.credit.file",
                    "res_id": self.file.id,
                }
            )
        )
        [added] = self.entries()
        self.assertIn("reference.pdf", added.message)
        self.assertTrue(added.evidence["checksum"])
        with self.assertRaises(AccessError):
            attachment.with_user(self.seller).unlink()
        with self.assertRaises(AccessError):
            attachment.with_user(self.keeper).read(["raw"])
        attachment.raw = b"other"
        self.assertNotEqual(self.entries()[0].evidence["checksum"], added.evidence["checksum"])
        attachment.unlink()
        self.assertIn("removed", self.entries()[0].message)
        self.assertEqual(len(self.entries()), 3)

    def test_scan_is_changed_on_its_document_only(self):
        self.file.document_ids = [Command.create({"kind": "licence", "attachment": b"c2Nhbg=="})]
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "o2c.credit.file.document"),
                ("res_field", "=", "attachment"),
                ("res_id", "=", self.file.document_ids.id),
            ]
        )
        for change in (
            lambda scan: scan.write({"datas": b"b3RoZXI="}),
            lambda scan: scan.write({"res_id": 0}),
            lambda scan: scan.unlink(),
        ):
            with self.assertRaises(UserError):
                change(attachment.with_user(self.officer))
        self.env.invalidate_all()
        self.assertEqual(self.file.document_ids.attachment, b"c2Nhbg==")

    def test_line_does_not_move_to_another_file(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        other = self.File.create({"partner_id": stranger.id})
        self.file.figure_ids = [Command.create({"year": 2020, "turnover": 100.0})]
        with self.assertRaises(AccessError):
            self.file.figure_ids.file_id = other
        self.env.invalidate_all()
        self.assertEqual(len(self.file.figure_ids), 1)

    # === COMPLETENESS === #

    def test_new_file_says_what_is_missing(self):
        self.assertEqual(self.file.completeness, 0)
        self.assertIn("bank account", self.file.missing)
        self.make_complete()
        self.assertRecordValues(self.file, [{"completeness": 100, "missing": "", "size_band": "small"}])

    def test_what_has_expired_is_missing(self):
        self.make_complete()
        yesterday = self.today - timedelta(days=1)
        self.file.licence_valid_until = yesterday
        self.file.document_ids.valid_until = yesterday
        self.file.rating_ids.date = self.today - relativedelta(months=12, days=1)
        self.file.figure_ids.year = self.today.year - 3
        self.assertEqual(self.file.completeness, 100 - 8 - 10 - 12 - 8)
        for part in ("licence (ended on", "documents (all have expired)", str(self.today.year - 3)):
            self.assertIn(part, self.file.missing)

    def test_completeness_falls_with_the_day(self):
        self.make_complete()
        self.env.flush_all()
        tomorrow = self.today + timedelta(days=1)
        self.patch(type(self.company), "_o2c_today", lambda company: tomorrow)
        self.assertEqual(self.file.completeness, 100, "stored until the daily job")
        self.env["o2c.credit.file"]._cron_refresh_completeness()
        self.assertEqual(self.file.completeness, 100 - 8 - 10)

    def test_completeness_cant_be_written(self):
        for file in (self.file, self.file.sudo()):
            with self.assertRaises(AccessError):
                file.write({"completeness": 100})
        self.assertEqual(self.file.completeness, 0)

    # === LINES === #

    def test_ratios_have_no_value_where_a_part_is_missing(self):
        figure = (
            self.env["o2c.credit.file.figure"]
            .with_user(self.officer)
            .create(
                {
                    "file_id": self.file.id,
                    "year": 2020,
                    "turnover": 1000.0,
                    "net_income": 50.0,
                    "current_assets": 300.0,
                    "current_liabilities": 150.0,
                    "total_assets": 800.0,
                    "total_liabilities": 600.0,
                }
            )
        )
        self.assertRecordValues(
            figure, [{"current_ratio": 2.0, "debt_ratio": 75.0, "net_margin": 5.0, "net_worth": 200.0}]
        )
        figure.write({"current_liabilities": 0.0, "total_liabilities": 0.0, "turnover": 0.0})
        self.assertEqual(set(figure._get_ratios().values()), {None})

    def test_impossible_figures_are_refused(self):
        Figure = self.env["o2c.credit.file.figure"].with_user(self.officer)
        figure = Figure.create({"file_id": self.file.id, "year": 2020})
        for vals in ({"year": self.today.year + 1}, {"current_assets": 2.0, "total_assets": 1.0}):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                figure.write(vals)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            Figure.create({"file_id": self.file.id, "year": 2020}).flush_recordset()

    def test_documents_are_found_by_their_state(self):
        Document = self.env["o2c.credit.file.document"].with_user(self.officer)
        days = {"valid": 31, "expiring": 30, "expired": -1}
        made = {
            state: Document.create(
                {"file_id": self.file.id, "name": state, "valid_until": self.today + timedelta(days=day)}
            )
            for state, day in days.items()
        }
        made["valid"] |= Document.create({"file_id": self.file.id, "name": "open"})
        for state, documents in made.items():
            with self.subTest(state=state):
                self.assertEqual(set(documents.mapped("state")), {state})
                found = Document.search([("file_id", "=", self.file.id), ("state", "=", state)])
                self.assertEqual(found, documents.sorted(lambda one: (not one.valid_until, one.valid_until)))

    def test_decision_maker_is_a_contact_of_the_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id, "phone": "123"}
        )
        self.file.person_ids = [Command.create({"contact_id": contact.id})]
        self.assertRecordValues(self.file.person_ids, [{"name": "Buyer", "phone": "123"}])
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRaises(ValidationError):
            self.file.person_ids.contact_id = stranger
