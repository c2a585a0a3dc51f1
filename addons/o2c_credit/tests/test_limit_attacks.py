from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestLimitAttacks(CreditCase):
    """Nobody gets a limit without the signatures, by whatever door."""

    def assertNoLimit(self):
        self.env.invalidate_all()
        self.assertFalse(self.env["o2c.credit.limit"]._get_terms(self.company, self.customer))

    def as_user(self, user, method, *args, model="o2c.credit.application", records=None, **kwargs):
        """The call as the external API makes it: public methods only, plain JSON values."""
        ids = [records.ids] if records is not None else []
        return call_kw(self.env[model].with_user(user), method, [*ids, *args], kwargs)

    # === THE GRANTED ROW === #

    def test_row_is_never_made_directly(self):
        vals = {
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "date_from": "2020-01-01",
            "amount": 1e9,
        }
        for user in (self.officer, self.manager, self.seller, self.env.ref("base.user_admin")):
            for context in ({}, {"o2c_guard_pass": True, "default_kind": "regular"}):
                with self.assertRaises(UserError):
                    self.as_user(user, "create", [vals], model="o2c.credit.limit", context=context)
        with self.assertRaises(UserError):
            self.env["o2c.credit.limit"].sudo().create([vals])
        self.assertNoLimit()

    def test_row_is_never_changed_deleted_or_copied(self):
        limit = self.grant_limit(500.0, grade_id=self.grade("b").id)
        before = limit.read()
        for user in (self.officer, self.manager, self.director, self.env.ref("base.user_admin")):
            for vals in (
                {"amount": 1e6},
                {"grade_id": self.grade("aaa").id},
                {"period_days": 365},
                {"date_to": "2020-01-01"},
                {"partner_id": self.seller.partner_id.id},
                {"kind": "lifting"},
            ):
                with self.assertRaises(UserError):
                    self.as_user(user, "write", vals, model="o2c.credit.limit", records=limit)
            with self.assertRaises(UserError):
                self.as_user(user, "unlink", model="o2c.credit.limit", records=limit)
            with self.assertRaises(UserError):
                self.as_user(user, "copy", {"amount": 1e6}, model="o2c.credit.limit", records=limit)
        with self.assertRaises(UserError):
            limit.sudo().write({"amount": 1e6})
        self.env.invalidate_all()
        self.assertEqual(limit.read(), before)

    def test_import_of_rows_does_not_pass(self):
        names = ["partner_id/.id", "company_id/.id", "currency_id/.id", "date_from", "amount"]
        row = [self.customer.id, self.company.id, self.company.currency_id.id, "2020-01-01", "1000000"]
        for user in (self.officer, self.env.ref("base.user_admin")):
            with self.assertRaises(UserError):
                result = self.as_user(user, "load", names, [list(map(str, row))], model="o2c.credit.limit")
                if not result["ids"]:
                    raise UserError(result["messages"][0]["message"])
        self.assertNoLimit()

    # === THE APPLICATION === #

    def test_application_is_never_made_approved(self):
        limit = self.grant_limit(10.0, partner=self.seller.partner_id)
        vals = {"partner_id": self.customer.id, "amount": 1e9}
        for more in ({"state": "approved"}, {"limit_id": limit.id}, {"contributor_ids": [(5,)]}):
            for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
                with self.assertRaises(UserError):
                    self.as_user(user, "create", [{**vals, **more}])
        self.assertNoLimit()

    def test_default_from_the_context_is_ignored(self):
        for context in ({"default_state": "approved"}, {"o2c_guard_pass": True, "default_state": "approved"}):
            vals = {"partner_id": self.customer.id, "amount": 1e9}
            ids = self.as_user(self.officer, "create", [vals], context=context)
            application = self.env["o2c.credit.application"].browse(ids)
            self.assertEqual(application.state, "draft")
        self.assertNoLimit()

    def test_write_of_the_state_is_refused(self):
        application = self.make_application(1e6)
        for user in (self.officer, self.manager, self.director, self.env.ref("base.user_admin")):
            with self.assertRaises(UserError):
                self.as_user(user, "write", {"state": "approved"}, records=application)
        with self.assertRaises(UserError):
            application.sudo().write({"state": "approved"})
        self.assertNoLimit()

    def test_application_that_waits_is_not_deleted(self):
        application = self.make_application(1e6)
        application.with_user(self.officer).action_submit()
        for user in (self.officer, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(UserError):
                self.as_user(user, "unlink", records=application)
        self.env.invalidate_all()
        self.assertEqual(application.state, "requested")
        self.assertEqual(application.o2c_request_id.state, "pending")

    def test_import_of_the_state_does_not_pass(self):
        result = self.as_user(
            self.officer,
            "load",
            ["partner_id/.id", "amount", "state"],
            [[str(self.customer.id), "1000000", "Approved"], [str(self.customer.id), "1000000", "approved"]],
        )
        self.assertFalse(result["ids"])
        self.assertNoLimit()

    def test_copy_starts_as_a_draft(self):
        application = self.grant(500.0)
        copied = self.env["o2c.credit.application"].browse(
            self.as_user(self.officer, "copy", {"amount": 1e6}, records=application)
        )
        self.assertEqual((copied.state, copied.limit_id.ids), ("draft", []))
        terms = self.env["o2c.credit.limit"]._get_terms(self.company, self.customer)
        self.assertEqual(terms, application.limit_id)

    def test_private_methods_are_out_of_reach(self):
        application = self.make_application(1e6)
        for method in ("_on_request_approved", "_move_state", "_guarded_write", "_grant"):
            with self.assertRaises(AccessError):
                self.as_user(self.officer, method, records=application)
        self.assertNoLimit()

    def test_author_and_salesperson_cant_sign(self):
        """Nor by a second group that one of them has."""
        self.officer.group_ids = [Command.link(self.env.ref("o2c_base.group_credit_manager").id)]
        self.seller.group_ids = [Command.link(self.env.ref("o2c_base.group_credit_manager").id)]
        application = self.make_application(1000.0)
        application.action_submit()
        for user in (self.officer, self.seller):
            with self.assertRaises(UserError):
                application.sudo().o2c_request_id.with_user(user).action_approve("Me")
        self.assertEqual(application.state, "requested")
        self.assertNoLimit()

    def test_who_worked_on_the_proposal_cant_sign(self):
        """Another officer submits what the manager wrote: the manager is a part of it all the same."""
        self.make_user("second", "o2c_base.group_credit_manager")
        application = self.make_application(1000.0)
        application.with_user(self.manager).amount = 9000.0
        application.with_user(self.officer).action_submit()
        with self.assertRaises(UserError):
            application.sudo().o2c_request_id.with_user(self.manager).action_approve("My own figure")
        self.assertEqual(application.state, "requested")
        self.assertNoLimit()

    def test_salesperson_of_a_member_cant_sign_for_the_group(self):
        self.seller.group_ids = [Command.link(self.env.ref("o2c_base.group_credit_manager").id)]
        group = self.env["o2c.corporate.group"].create({"name": "Holding"})
        self.customer.o2c_corporate_group_id = group
        application = self.make_application(1000.0, group=group)
        application.action_submit()
        with self.assertRaises(UserError):
            application.sudo().o2c_request_id.with_user(self.seller).action_approve("My customer")
        self.assertEqual(application.state, "requested")

    def test_outsiders_cant_make_or_submit_an_application(self):
        for user in (self.seller, self.biller, self.auditor, self.director):
            with self.assertRaises(AccessError):
                self.as_user(user, "create", [{"partner_id": self.customer.id, "amount": 5.0}])
        application = self.make_application(5.0)
        for user in (self.seller, self.biller, self.auditor, self.director):
            for method in ("action_submit", "action_cancel", "action_reset_draft", "action_score"):
                with self.assertRaises(AccessError):
                    self.as_user(user, method, records=application)
        self.assertEqual(application.state, "draft")

    def test_a_raise_is_not_passed_off_as_a_cut(self):
        """A cut is approved at the lowest level: nothing in it may be better than today."""
        self.grant_limit(500.0, grade_id=self.grade("c").id, period_days=30, tolerance=0.0)
        terms = {"amount": 400.0, "kind": "cut"}
        for better in (
            {"amount": 500.01},
            {"period_days": 31},
            {"tolerance": 5.0},
            {"grade_id": self.grade("b").id},
            {"review_date": "2099-01-01"},
        ):
            application = self.make_application(**{**terms, **better})
            with self.assertRaises(ValidationError):
                application.action_submit()
            self.assertEqual(application.state, "draft")
        cut = self.make_application(**terms)
        cut.action_submit()
        self.assertEqual(cut.o2c_request_id.amount, 0.0)

    def test_other_terms_in_between_make_the_request_lapse(self):
        """A cut to 400 must not become a raise because the limit fell to 100 while it waited."""
        self.grant_limit(500.0)
        waiting = self.make_application(400.0, kind="cut")
        waiting.action_submit()
        request = waiting.o2c_request_id
        self.grant_limit(100.0, kind="cut")
        request.with_user(self.manager).action_approve("Late")
        self.assertEqual((request.state, waiting.state), ("lapsed", "draft"))
        amount = self.env["o2c.credit.limit"]._get_limit_amount(self.company, self.customer)
        self.assertEqual(amount, 100.0)

    def test_company_switch_does_not_move_an_application(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.officer.company_ids |= other
        application = self.make_application(5000.0)
        application.action_submit()
        with self.assertRaises(UserError):
            self.as_user(self.officer, "write", {"company_id": other.id}, records=application)
        self.assertEqual(application.company_id, self.company)

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
        application = self.make_application(1e6, company_id=other.id)
        application.action_submit()
        application.o2c_request_id.with_user(self.manager).action_approve("Fine there")
        self.assertEqual(application.state, "approved")
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
