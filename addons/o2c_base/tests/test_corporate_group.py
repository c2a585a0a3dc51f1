from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import O2cCommon


@tagged("post_install", "-at_install")
class TestCorporateGroup(O2cCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["o2c.corporate.group"].create({"name": "Golden Dragon Holding"})
        cls.customer = cls.make_customer("Golden Dragon Retail")
        cls.officer = cls.make_user("cg_officer", "group_credit_officer", "base.group_partner_manager")
        cls.seller = cls.make_user(
            "cg_seller", "sales_team.group_sale_manager", "base.group_partner_manager")

    def test_credit_officer_moves_a_customer_and_the_register_knows(self):
        self.customer.with_user(self.officer).o2c_corporate_group_id = self.group
        self.assertEqual(self.group.partner_count, 1)
        entry = self.entries(event="group_changed", partner_ref=self.customer.id)
        self.assertEqual(entry.message,
                         "Corporate group of Golden Dragon Retail: - → Golden Dragon Holding")
        self.assertEqual(entry.evidence, {"from": False, "to": self.group.id})

    def test_salesperson_moves_nobody_whatever_the_way(self):
        group = self.group.with_user(self.seller)
        customer = self.customer.with_user(self.seller)
        for attack in (
            lambda: customer.write({"o2c_corporate_group_id": group.id}),
            lambda: customer.create({"name": "New", "o2c_corporate_group_id": group.id}),
            lambda: customer.with_context(default_o2c_corporate_group_id=group.id).create({"name": "New"}),
            lambda: group.write({"partner_ids": [(4, customer.id)]}),
            lambda: group.create({"name": "Mine", "partner_ids": [(4, customer.id)]}),
            lambda: customer.copy({"o2c_corporate_group_id": group.id}),
        ):
            with self.assertRaises(AccessError):
                attack()
        self.assertFalse(self.group.partner_ids)

    def test_salesperson_still_edits_members(self):
        self.customer.o2c_corporate_group_id = self.group
        self.customer.with_user(self.seller).write({
            "phone": "123", "o2c_corporate_group_id": self.group.id})
        contact = self.env["res.partner"].with_user(self.seller).create({
            "name": "Contact", "parent_id": self.customer.id})
        self.assertFalse(contact.o2c_corporate_group_id)

    def test_contacts_are_refused(self):
        contact = self.make_customer("Contact", parent_id=self.customer.id, is_company=False)
        with self.assertRaises(ValidationError):
            contact.o2c_corporate_group_id = self.group

    def test_group_with_members_is_not_deleted(self):
        self.customer.o2c_corporate_group_id = self.group
        administrator = self.make_user("cg_admin", "group_policy_administrator")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.group.with_user(administrator).unlink()
        self.assertTrue(self.group.exists())

    def test_copy_belongs_to_no_group(self):
        self.customer.o2c_corporate_group_id = self.group
        self.assertFalse(self.customer.copy().o2c_corporate_group_id)

    def test_group_of_another_company_is_not_seen(self):
        other = self.env["o2c.corporate.group"].create({"name": "B only", "company_id": self.company_b.id})
        self.assertNotIn(other, self.env["o2c.corporate.group"].with_user(self.officer).search([]))
