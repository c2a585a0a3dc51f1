import contextlib
import json

from odoo import Command, http
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged

from .common import CreditCase


class FilePartnerCase(CreditCase):
    """A customer with a credit file and terms, and a clerk who keeps addresses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.env.ref("base.cn")
        cls.abroad = cls.env.ref("base.br")
        cls.company.partner_id.country_id = cls.home
        cls.customer.country_id = cls.abroad
        cls.clerk = cls.make_user("clerk", "base.group_partner_manager,account.group_account_invoice")
        cls.keeper_of_files = cls.make_user(
            "files", "o2c_base.group_credit_officer,base.group_partner_manager")
        cls.file = cls.env["o2c.credit.file"].with_user(cls.officer).create(
            {"partner_id": cls.customer.id, "company_id": cls.company.id})

    def get_changes(self):
        """What the register has about the file since it was opened: list of ``{field: (from, to)}``."""
        entries = self.env["o2c.register"].search(
            [("res_model", "=", "o2c.credit.file"), ("res_id", "=", self.file.id),
             ("event", "=", "file_edited")], order="id")
        return [
            {name: (change["from"], change["to"]) for name, change in entry.evidence.items()}
            for entry in entries
        ]


@tagged("post_install", "-at_install", "o2c")
class TestFilePartner(FilePartnerCase):
    """Evidence that stands at the customer itself is registered, too, and the country is guarded."""

    def test_tax_id_is_registered_before_and_after(self):
        customer = self.customer.with_user(self.clerk)
        customer.vat = "BE0477472701"
        customer.write({"vat": "BE0246697724", "street": "Quay 1"})
        customer.write({"vat": "BE0246697724"})
        self.assertEqual(
            self.get_changes(),
            [{"vat": ("", "BE0477472701")}, {"vat": ("BE0477472701", "BE0246697724")}])
        entry = self.env["o2c.register"].search([("res_id", "=", self.file.id)], limit=1)
        self.assertEqual((entry.user_ref, entry.partner_ref), (self.clerk.id, self.customer.id))

    def test_bank_accounts_are_registered_however_they_are_written(self):
        customer = self.customer.with_user(self.clerk)
        bank = customer.env["res.partner.bank"].create(
            {"acc_number": "11-22", "partner_id": self.customer.id})
        customer.write({"bank_ids": [Command.create({"acc_number": "33-44"})]})
        bank.acc_number = "99-99"
        bank.unlink()
        self.assertEqual(self.get_changes(), [
            {"bank_ids": ([], ["11-22"])},
            {"bank_ids": (["11-22"], ["11-22", "33-44"])},
            {"bank_ids": (["11-22", "33-44"], ["33-44", "99-99"])},
            {"bank_ids": (["33-44", "99-99"], ["33-44"])},
        ])

    def test_account_made_by_a_default_of_the_context_is_registered(self):
        self.env["res.partner.bank"].with_user(self.clerk).with_context(
            default_partner_id=self.customer.id).create({"acc_number": "55"})
        self.assertEqual(self.get_changes(), [{"bank_ids": ([], ["55"])}])

    def test_account_that_moves_to_another_customer_is_registered_at_both(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        file = self.env["o2c.credit.file"].with_user(self.officer).create(
            {"partner_id": other.id, "company_id": self.company.id})
        bank = self.env["res.partner.bank"].create({"acc_number": "77", "partner_id": other.id})
        bank.with_user(self.clerk).partner_id = self.customer
        self.assertEqual(self.get_changes(), [{"bank_ids": ([], ["77"])}])
        entry = self.env["o2c.register"].search([("res_id", "=", file.id)], limit=1)
        self.assertEqual(entry.evidence, {"bank_ids": {"from": ["77"], "to": []}})

    def test_customers_without_a_file_leave_no_entries(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        count = self.env["o2c.register"].search_count([])
        other.with_user(self.clerk).write({"vat": "BE0477472701", "country_id": self.home.id})
        self.env["res.partner.bank"].with_user(self.clerk).create(
            {"acc_number": "1", "partner_id": other.id})
        self.assertEqual(self.env["o2c.register"].search_count([]), count)

    # === COUNTRY === #

    def test_country_is_free_before_terms_and_registered(self):
        self.customer.with_user(self.clerk).country_id = self.home
        self.assertEqual(self.get_changes(), [{"country_id": (self.abroad.name, self.home.name)}])

    def test_country_of_a_customer_with_terms_is_refused(self):
        self.grant_limit(500.0)
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        customers = (self.customer | other).with_user(self.clerk)
        for number, attack in enumerate((
            lambda: call_kw(
                customers.browse(), "write", [self.customer.ids, {"country_id": self.home.id}], {}),
            lambda: customers.write({"country_id": self.home.id}),
            lambda: customers[0].write({"country_id": False}),
            lambda: customers[0].sudo().write({"country_id": self.home.id}),
            lambda: customers[0].with_context(tracking_disable=True, install_mode=True).write(
                {"country_id": self.home.id}),
        )):
            with self.subTest(number), self.assertRaises(AccessError):
                attack()
            self.env.invalidate_all()
            self.assertEqual(self.customer.country_id, self.abroad)
        self.assertEqual(self.get_changes(), [])

    def test_attempt_on_the_country_is_registered_and_changes_nothing_by_itself(self):
        self.grant_limit(500.0)
        # Without the savepoint of assertRaises, as code that swallows the error.
        with contextlib.suppress(AccessError):
            self.customer.with_user(self.clerk).write({"country_id": self.home.id})
        self.assertEqual(self.customer.country_id, self.abroad)
        entry = self.env["o2c.register"].search([("is_refusal", "=", True)], limit=1)
        self.assertEqual((entry.partner_ref, entry.user_ref), (self.customer.id, self.clerk.id))

    def test_import_is_refused(self):
        self.grant_limit(500.0)
        self.env["ir.model.data"].create({
            "module": "o2c_test_import", "name": "shop", "model": "res.partner", "res_id": self.customer.id})
        clerk = self.env["res.partner"].with_user(self.clerk)
        with self.assertRaises(AccessError):
            result = clerk.load(["id", "country_id/id"], [["o2c_test_import.shop", "base.cn"]])
            # Odoo collects errors of rows instead of raising them.
            if not result["ids"]:
                raise AccessError(result["messages"][0]["message"])
        self.env.invalidate_all()
        self.assertEqual(self.customer.country_id, self.abroad)

    def test_salesperson_and_credit_officer_differ(self):
        self.grant_limit(500.0)
        seller = self.make_user("address", "sales_team.group_sale_manager,base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.customer.with_user(seller).country_id = self.home
        self.customer.with_user(self.keeper_of_files).country_id = self.home
        self.assertEqual(self.customer.country_id, self.home)
        self.assertEqual(self.get_changes(), [{"country_id": (self.abroad.name, self.home.name)}])

    def test_country_of_a_member_of_a_group_with_terms_is_refused(self):
        group = self.env["o2c.corporate.group"].create({"name": "Shops"})
        self.customer.o2c_corporate_group_id = group
        self.grant_limit(500.0, group=group)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.clerk).country_id = self.home
        self.env.invalidate_all()
        self.assertEqual(self.customer.country_id, self.abroad)

    def test_country_of_the_company_itself_is_refused_where_foreigners_need_cover(self):
        """Who moves the company abroad makes foreign customers domestic ones."""
        home = self.company.partner_id
        home.with_user(self.clerk).country_id = self.abroad
        home.country_id = self.home
        self.make_policy(foreign_cover=80.0)
        with self.assertRaises(AccessError):
            home.with_user(self.clerk).country_id = self.abroad
        self.env.invalidate_all()
        self.assertEqual(home.country_id, self.home)
        root = self.make_user("root", "base.group_system,base.group_partner_manager")
        home.with_user(root).country_id = self.abroad
        self.assertEqual(home.country_id, self.abroad)

    def test_addresses_and_contacts_are_free(self):
        self.grant_limit(500.0)
        contact = self.env["res.partner"].create({"name": "Depot", "parent_id": self.customer.id,
                                                  "type": "delivery"})
        contact.with_user(self.clerk).country_id = self.home
        self.customer.with_user(self.clerk).write({"street": "Quay 1", "country_id": self.abroad.id})
        self.assertEqual((contact.country_id, self.customer.street), (self.home, "Quay 1"))

    def test_merge_does_not_bring_a_country(self):
        self.customer.country_id = False
        self.grant_limit(500.0)
        shell = self.env["res.partner"].create({
            "name": "Shell", "is_company": True, "country_id": self.home.id})
        self.merge(shell, self.customer, self.clerk, refused=True)
        self.assertTrue(shell.exists())
        self.assertFalse(self.customer.country_id)

    def test_merge_registers_accounts_that_come_along(self):
        twin = self.env["res.partner"].create({"name": "Twin", "is_company": True})
        self.env["res.partner.bank"].create({"acc_number": "88", "partner_id": twin.id})
        self.merge(twin, self.customer, self.keeper_of_files)
        self.assertIn({"bank_ids": ([], ["88"])}, self.get_changes())

    def merge(self, source, target, user, *, refused=False):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user).create(
            {"partner_ids": (source | target).ids, "dst_partner_id": target.id})
        wizards = wizard.browse().with_user(user)
        if refused:
            with self.assertRaises(AccessError):
                call_kw(wizards, "action_merge", [wizard.ids], {})
        else:
            call_kw(wizards, "action_merge", [wizard.ids], {})
        self.env.invalidate_all()


@tagged("post_install", "-at_install", "o2c")
class TestFilePartnerPortal(FilePartnerCase, HttpCase):
    """The customer's own hand on the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({
            "email": "shop@example.com", "phone": "1", "street": "A", "city": "B", "zip": "1"})
        cls.buyer = cls.env["res.users"].create({
            "name": "Corner Shop", "login": "o2c_shop", "password": "o2c_shop",
            "partner_id": cls.customer.id,
            "group_ids": [Command.set([cls.env.ref("base.group_portal").id])]})

    def submit(self, country, **values):
        self.authenticate("o2c_shop", "o2c_shop")
        answer = self.url_open("/my/address/submit", data={
            "partner_id": self.customer.id, "name": self.customer.name, "email": "shop@example.com",
            "phone": "1", "street": "A", "city": "B", "zip": "1", "country_id": country.id,
            "csrf_token": http.Request.csrf_token(self), **values})
        self.env.invalidate_all()
        return json.loads(answer.text)

    def test_customer_with_terms_keeps_its_country(self):
        self.grant_limit(500.0)
        self.assertIn("country_id", self.submit(self.home)["invalid_fields"])
        self.assertEqual(self.customer.country_id, self.abroad)

    def test_customer_with_terms_fills_in_no_country(self):
        self.customer.country_id = False
        self.grant_limit(500.0)
        self.assertIn("country_id", self.submit(self.home)["invalid_fields"])
        self.assertFalse(self.customer.country_id)

    def test_customer_without_terms_writes_its_address(self):
        self.assertNotIn("invalid_fields", self.submit(self.home))
        self.assertEqual(self.customer.country_id, self.home)
        self.assertEqual(self.get_changes(), [{"country_id": (self.abroad.name, self.home.name)}])
