from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install", "o2c")
class TestFileHistory(CreditCase):
    """Readers of a file read what the register keeps about it, and nothing else of the register."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.env["o2c.credit.file"].with_user(cls.officer)
        cls.file = cls.files.create({"partner_id": cls.customer.id, "company_id": cls.company.id})
        cls.file.write({"employees": 12})
        cls.env["o2c.register"]._log(cls.customer, "note", "About something else")
        cls.entries = cls.env["o2c.credit.file.entry"]

    def open(self, user):
        """What the button shows to somebody."""
        action = self.file.with_user(user).action_open_register()
        return self.env[action["res_model"]].with_user(user).search(action["domain"])

    def test_roles_see_the_entries_of_the_file(self):
        expected = self.env["o2c.register"].search(
            [("res_model", "=", "o2c.credit.file"), ("res_id", "=", self.file.id)])
        self.assertEqual(len(expected), 2)
        for user in (self.officer, self.manager, self.director, self.auditor):
            found = self.open(user)
            self.assertEqual(found.ids, expected.ids)
            self.assertEqual(found[0].event, "file_edited")
            self.assertIn('"to": 12', found[0].evidence_text)
            self.assertEqual(found[0].user_name, self.officer.name)

    def test_register_itself_stays_closed(self):
        for user in (self.officer, self.manager):
            with self.assertRaises(AccessError):
                self.env["o2c.register"].with_user(user).search([])

    def test_other_entries_of_the_register_are_not_in_it(self):
        notes = self.env["o2c.register"].search([("message", "=", "About something else")])
        self.assertTrue(notes)
        found = self.entries.with_user(self.officer).search([])
        self.assertFalse(set(found.ids) & set(notes.ids))
        self.assertEqual(
            set(self.env["o2c.register"].browse(found.ids).mapped("res_model")), {"o2c.credit.file"})

    def test_who_is_no_reader_sees_nothing(self):
        for user in (self.keeper, self.biller, self.seller):
            with self.assertRaises(AccessError):
                self.entries.with_user(user).search([])

    def test_file_of_another_company_shows_no_history(self):
        second = self.env["res.company"].create({"name": "Second"})
        stranger = self.make_user("elsewhere", "o2c_base.group_credit_officer")
        stranger.write({"company_ids": [(6, 0, second.ids)], "company_id": second.id})
        self.assertFalse(self.entries.with_user(stranger).search([("file_id", "=", self.file.id)]))
        with self.assertRaises(AccessError):
            self.file.with_user(stranger).action_open_register()

    def test_nobody_writes_history(self):
        entry = self.open(self.officer)[0]
        before = entry.message
        for attack in (
            lambda: entry.write({"message": "Nothing"}),
            lambda: entry.unlink(),
            lambda: entry.create({"message": "Forged", "file_id": self.file.id}),
        ):
            with self.assertRaises(AccessError):
                attack()
        self.env.invalidate_all()
        self.assertEqual(entry.message, before)
