from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestLimitAttacks(CreditCase):
    """Nobody gets a limit without the signatures, by whatever door."""

    def assertNoLimit(self):
        self.env.invalidate_all()
        self.assertFalse(self.env["o2c.credit.limit"]._get_limit(self.company, self.customer))

    def as_user(self, user, method, *args, records=None, **kwargs):
        """The call as the external API makes it: public methods only, plain JSON values."""
        model = self.env["o2c.credit.limit"].with_user(user)
        ids = [records.ids] if records is not None else []
        return call_kw(model, method, [*ids, *args], kwargs)

    def test_create_in_force_is_refused(self):
        vals = {"partner_id": self.customer.id, "amount": 1e9, "state": "in_force"}
        for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(UserError):
                self.as_user(user, "create", [vals])
        self.assertNoLimit()

    def test_default_from_the_context_is_ignored(self):
        for context in ({"default_state": "in_force"}, {"o2c_guard_pass": True, "default_state": "in_force"}):
            ids = self.as_user(
                self.officer, "create", [{"partner_id": self.customer.id, "amount": 1e9}], context=context
            )
            limit = self.env["o2c.credit.limit"].browse(ids)
            self.assertEqual(limit.state, "draft")
        self.assertNoLimit()

    def test_write_of_the_state_is_refused(self):
        limit = self.make_limit(1e6)
        for user in (self.officer, self.manager, self.director, self.env.ref("base.user_admin")):
            with self.assertRaises(UserError):
                self.as_user(user, "write", {"state": "in_force"}, records=limit)
        with self.assertRaises(UserError):
            limit.sudo().write({"state": "in_force"})
        self.assertNoLimit()

    def test_import_of_the_state_does_not_pass(self):
        result = self.as_user(
            self.officer,
            "load",
            ["partner_id/.id", "amount", "state"],
            [[str(self.customer.id), "1000000", "In force"], [str(self.customer.id), "1000000", "in_force"]],
        )
        self.assertFalse(result["ids"])
        self.assertNoLimit()

    def test_copy_starts_as_a_draft(self):
        limit = self.grant_limit(500.0)
        copied = self.env["o2c.credit.limit"].browse(
            self.as_user(self.officer, "copy", {"amount": 1e6}, records=limit)
        )
        self.assertEqual(copied.state, "draft")
        self.assertEqual(limit._get_limit(self.company, self.customer), limit)

    def test_private_approval_hook_is_out_of_reach(self):
        limit = self.make_limit(1e6)
        for method in ("_on_request_approved", "_move_state", "_guarded_write"):
            with self.assertRaises(AccessError):
                self.as_user(self.officer, method, records=limit)
        self.assertNoLimit()

    def test_author_and_salesperson_cant_sign(self):
        self.officer.group_ids = [Command.link(self.env.ref("o2c_base.group_credit_manager").id)]
        self.seller.group_ids = [Command.link(self.env.ref("o2c_base.group_credit_manager").id)]
        limit = self.make_limit(1000.0)
        limit.action_submit()
        for user in (self.officer, self.seller):
            with self.assertRaises(UserError):
                limit.sudo().o2c_request_id.with_user(user).action_approve("Me")
        self.assertEqual(limit.state, "requested")
        self.assertNoLimit()

    def test_salesperson_cant_make_or_submit_a_limit(self):
        with self.assertRaises(AccessError):
            self.as_user(self.seller, "create", [{"partner_id": self.customer.id, "amount": 5.0}])
        limit = self.make_limit(5.0)
        with self.assertRaises(AccessError):
            self.as_user(self.seller, "action_submit", records=limit)
        self.assertEqual(limit.state, "draft")

    def test_counter_row_cant_be_written(self):
        self.grant_limit(100.0)
        self.make_order(50.0).action_confirm()
        profile = self.env["o2c.credit.profile"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(profile), 1)
        for user in (self.seller, self.manager, self.auditor):
            with self.assertRaises(AccessError):
                profile.with_user(user).write({"decisions": 0})

    def test_limit_of_another_company_does_not_help(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.officer.company_ids |= other
        self.manager.company_ids |= other
        self.env["o2c.authority"].create(
            {
                "company_id": other.id,
                "kind": "credit_limit",
                "group_id": self.env.ref("o2c_base.group_credit_manager").id,
                "is_unlimited": True,
            }
        )
        limit = self.make_limit(1e6, company_id=other.id)
        limit.action_submit()
        limit.o2c_request_id.with_user(self.manager).action_approve("Fine there")
        self.assertEqual(limit.state, "in_force")
        self.assertNoLimit()

    def test_customer_with_a_limit_keeps_its_name(self):
        """Under another company its debts would be judged by another limit, or by none."""
        self.grant_limit(500.0)
        Partner = self.env["res.partner"]
        shell = Partner.create({"name": "Shell", "is_company": True})
        contact = Partner.create({"name": "Branch", "parent_id": self.customer.id})
        mover = self.make_user("mover", "base.group_partner_manager")
        for partner, vals in (
            (self.customer, {"is_company": False, "parent_id": shell.id}),
            (self.customer, {"commercial_partner_id": shell.id}),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                call_kw(Partner.with_user(mover), "write", [partner.ids, vals], {})
        self.env.invalidate_all()
        self.assertEqual(self.customer.commercial_partner_id, self.customer)
        # a person without orders may change the employer
        contact.with_user(mover).parent_id = shell
        self.assertEqual(contact.commercial_partner_id, shell)

    def test_debts_do_not_leave_with_a_contact(self):
        self.grant_limit(500.0)
        branch = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id})
        order = self.env["sale.order"].create(
            {
                "partner_id": branch.id,
                "partner_invoice_id": branch.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 40})],
            }
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        mover = self.make_user("mover", "base.group_partner_manager")
        with self.assertRaises(AccessError):
            branch.with_user(mover).write({"parent_id": False, "is_company": True})
        self.env.invalidate_all()
        self.assertEqual(branch.commercial_partner_id, self.customer)
        officer = self.make_user("mover2", "o2c_base.group_credit_officer,base.group_partner_manager")
        branch.with_user(officer).write({"parent_id": False, "is_company": True})
        self.assertEqual(branch.commercial_partner_id, branch)
