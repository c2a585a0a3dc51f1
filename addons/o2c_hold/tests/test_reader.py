from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import HoldCommon

ROLES = (
    "credit_officer",
    "credit_manager",
    "collector",
    "finance_officer",
    "finance_director",
    "general_manager",
    "legal_counsel",
    "auditor",
)
# What no reader may call, by document.
STEPS = {
    "sale.order": (
        "action_confirm",
        "action_lock",
        "action_cancel",
        "action_preview_sale_order",
        "copy",
        "unlink",
    ),
    "stock.picking": ("button_validate", "action_confirm", "action_cancel", "copy", "unlink"),
    "account.move": ("action_post", "button_draft", "button_cancel", "preview_invoice", "copy", "unlink"),
}
NEW_VALUES = {
    "sale.order": {"client_order_ref": "mine"},
    "sale.order.line": {"price_unit": 1.0},
    "stock.picking": {"note": "mine"},
    "stock.move": {"product_uom_qty": 7.0},
    "account.move": {"ref": "mine"},
    "account.move.line": {"name": "mine"},
}


@tagged("post_install", "-at_install", "o2c")
class TestReader(HoldCommon):
    """The roles of the suite read the documents that they decide on, and write none of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {role: cls.make_user(f"reads_{role}", f"o2c_base.group_{role}") for role in ROLES}
        cls.order = cls.make_order(cls, 100.0)
        cls.order.action_confirm()
        cls.picking = cls.order.picking_ids
        cls.invoice = cls.order.sudo()._create_invoices()
        cls.invoice.action_post()
        cls.documents = (cls.order.sudo(), cls.picking.sudo(), cls.invoice)

    def open_form(self, document, user):
        """Read what the web client reads when it opens the form."""
        model = self.env[document._name].with_user(user)
        views = model.get_views([(False, "form"), (False, "list"), (False, "search")], {"toolbar": True})
        arch = etree.fromstring(views["views"]["form"]["arch"])
        self.env.invalidate_all()
        return arch, model.browse(document.id).web_read(self.get_specification(arch, document._name))[0]

    def get_specification(self, node, model):
        specification = {}
        for child in node:
            if child.tag != "field":
                specification |= self.get_specification(child, model)
            elif field := self.env[model]._fields.get(child.get("name")):
                specification[field.name] = self.get_field_specification(child, field)
        return specification

    def get_field_specification(self, node, field):
        if not field.relational:
            return {}
        specification = {"display_name": {}}
        for view in node:
            specification |= self.get_specification(view, field.comodel_name)
        return {"fields": specification}

    def get_user_values(self, records):
        """All stored values, as they are in the database."""
        self.env.flush_all()
        self.env.invalidate_all()
        names = [name for name, field in records._fields.items() if field.store and field.column_type]
        return records.sudo().read(names, load=None)

    # --- reading --------------------------------------------------------------------------------------------

    def test_roles_open_the_documents(self):
        for role, user in self.people.items():
            for document in self.documents:
                with self.subTest(role=role, document=document._name):
                    _arch, values = self.open_form(document, user)
                    self.assertEqual(values["id"], document.id)
                    self.assertTrue(values["partner_id"])

    def test_forms_show_the_lines(self):
        _arch, order = self.open_form(self.order, self.auditor)
        _arch, picking = self.open_form(self.picking, self.auditor)
        _arch, invoice = self.open_form(self.invoice, self.auditor)
        self.assertEqual([line["price_unit"] for line in order["order_line"]], [100.0])
        self.assertEqual([move["product_uom_qty"] for move in picking["move_ids"]], [1.0])
        self.assertEqual([line["price_unit"] for line in invoice["invoice_line_ids"]], [100.0])

    def test_roles_open_the_document_from_its_hold(self):
        self.set_control()
        self.set_limit(1000)
        order = self.make_order(1150)
        order.action_confirm()
        hold = self.get_holds(order)
        for role, user in self.people.items():
            with self.subTest(role=role):
                action = self.call(user, "o2c.hold", "action_open_document", hold.ids)
                self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
                self.open_form(hold, user)

    def test_documents_of_other_companies_stay_closed(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        order = self.make_order(user=self.env.user, company_id=company.id, warehouse_id=False)
        for role, user in self.people.items():
            with self.subTest(role=role), self.assertRaises(AccessError):
                order.with_user(user).read(["name"])

    def test_entries_that_concern_no_customer_stay_closed(self):
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        account = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "line_ids": [
                    Command.create({"account_id": account.id, "debit": 5000.0, "name": "Wages"}),
                    Command.create({"account_id": account.id, "credit": 5000.0, "name": "Wages"}),
                ],
            }
        )
        for role, user in self.people.items():
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    entry.with_user(user).read(["name"])
                self.assertFalse(entry.line_ids.with_user(user).search([("id", "in", entry.line_ids.ids)]))

    def test_role_takes_nothing_from_an_accountant(self):
        bill = self.env["account.move"].create({"move_type": "in_invoice", "partner_id": self.customer.id})
        user = self.make_user("both", "o2c_base.group_finance_officer,account.group_account_invoice")
        self.assertEqual(bill.with_user(user).read(["move_type"])[0]["move_type"], "in_invoice")
        bill.with_user(user).write({"ref": "mine"})
        self.assertEqual(bill.ref, "mine")

    def test_role_gives_a_salesperson_no_right_to_change_orders_of_others(self):
        user = self.make_user("seller_too", "o2c_base.group_collector,sales_team.group_sale_salesman")
        self.order.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            self.order.with_user(user).write({"client_order_ref": "mine"})

    # --- not writing ----------------------------------------------------------------------------------------

    def test_roles_write_nothing(self):
        records = [
            *self.documents,
            self.order.sudo().order_line,
            self.picking.sudo().move_ids,
            self.invoice.line_ids,
        ]
        for model_records in records:
            before = self.get_user_values(model_records)
            for role, user in self.people.items():
                with self.subTest(role=role, model=model_records._name):
                    with self.assertRaises(AccessError):
                        self.call(
                            user,
                            model_records._name,
                            "write",
                            model_records.ids,
                            NEW_VALUES[model_records._name],
                        )
                    with self.assertRaises(AccessError):
                        self.call(user, model_records._name, "unlink", model_records.ids)
                    with self.assertRaises(AccessError):
                        self.call(user, model_records._name, "create", {"move_id": self.invoice.id})
            self.assertEqual(self.get_user_values(model_records), before)

    def test_roles_take_no_step(self):
        draft = self.make_order(200.0)
        for documents in ((draft, *self.documents[1:]), self.documents):
            for document in documents:
                before = self.get_user_values(document)
                for role, user in self.people.items():
                    for step in STEPS[document._name]:
                        with (
                            self.subTest(role=role, document=document._name, step=step),
                            self.assertRaises(UserError),
                            self.env.cr.savepoint(),
                        ):
                            self.call(user, document._name, step, document.ids)
                self.assertEqual(self.get_user_values(document), before)

    def test_readers_do_not_get_the_key_of_the_customers_page(self):
        key = self.order.sudo()._portal_ensure_token()
        for role, user in self.people.items():
            with self.subTest(role=role):
                order = self.order.with_user(user)
                for read in (
                    lambda order=order: order.read(["access_token"]),
                    lambda order=order: order.search([("access_token", "=like", key[:3] + "%")]),
                    lambda order=order: order.get_portal_url(),
                    lambda order=order: order.export_data(["access_token"]),
                ):
                    with self.assertRaises(UserError):
                        read()
        self.assertIn(key, self.order.with_user(self.seller).get_portal_url())

    def test_collector_comments_an_invoice(self):
        collector = self.people["collector"]
        self.invoice.with_user(collector).message_post(body="Called", partner_ids=self.customer.ids)
        self.assertIn("Called", self.invoice.message_ids[0].body)

    # --- buttons --------------------------------------------------------------------------------------------

    def test_readers_are_offered_no_button_of_a_step(self):
        for document in self.documents:
            for view_type in ("form", "list"):
                with self.subTest(document=document._name, view=view_type):
                    view = self.env[document._name].with_user(self.auditor).get_view(None, view_type)
                    names = etree.fromstring(view["arch"]).xpath("/*/header//button/@name")
                    self.assertFalse([name for name in names if not name.startswith("action_o2c_")])

    def test_those_who_work_with_documents_keep_their_buttons(self):
        arch, _values = self.open_form(self.order, self.seller)
        self.assertIn("action_confirm", arch.xpath("/form/header//button/@name"))

    def test_release_is_offered_to_those_who_may_ask(self):
        self.set_control()
        self.set_limit(1000)
        order = self.make_order(1150)
        order.action_confirm()
        hold = self.get_holds(order)
        for user, expected in (
            (self.seller, True),
            (self.people["credit_officer"], True),
            (self.people["auditor"], False),
            (self.people["general_manager"], False),
        ):
            with self.subTest(user=user.name):
                self.env.invalidate_all()
                self.assertEqual(order.with_user(user).o2c_can_ask_release, expected)
                self.assertEqual(hold.with_user(user).can_act, expected)
