"""Every way to write a guarded field without the model's own method."""

import json
from unittest.mock import patch

from odoo import fields
from odoo.addons.o2c_base.models.guarded import PASS_KEY, _Pass
from odoo.addons.o2c_base.tests.common import O2cCommon
from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel
from odoo.service.model import get_public_method
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError


@tagged("post_install", "-at_install")
class TestGuarded(O2cCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.employee = cls.make_user("g_employee")
        cls.admin = cls.env.ref("base.user_admin")
        cls.document = cls.env["o2c.test.guarded"].create({"name": "Doc"})
        cls.document.action_approve()
        cls.step = cls.document._make_step()
        cls.before = cls.snapshot()

    @classmethod
    def snapshot(cls):
        cls.env.invalidate_all()
        return (
            cls.env["o2c.test.guarded"].search([]).read(load=""),
            cls.env["o2c.test.guarded.step"].search([]).read(load=""),
        )

    def attack(self, function, error=AccessError):
        """Try it as employee, administrator and superuser: refused, nothing changed."""
        for user in (self.employee, self.admin, self.env.user):
            with self.assertRaises(error):
                function(self.document.with_user(user), self.step.with_user(user))
        self.assertEqual(self.snapshot(), self.before)

    # --- documents: some fields are guarded ---

    def test_write_of_each_guarded_field(self):
        for name, value in (
            ("state", "draft"), ("approved_amount", 1e9), ("verdict", "fine"), ("approver_id", 1),
            ("extra", "x"), ("approved_amount", 100.0),
        ):
            with self.subTest(name):
                self.attack(lambda doc, step, n=name, v=value: doc.write({n: v}))
                self.attack(lambda doc, step, n=name, v=value: doc.sudo().write({"name": "x", n: v}))
                self.attack(lambda doc, step, n=name, v=value: doc.update({n: v}))
                self.attack(lambda doc, step, n=name, v=value: doc.__setitem__(n, v))

    def test_open_fields_stay_open(self):
        document = self.document.with_user(self.employee)
        document.name = "Renamed"
        self.assertEqual(document.name, "Renamed")
        self.assertEqual(document.state, "approved")

    def test_web_client_methods(self):
        self.attack(lambda doc, step: doc.web_save({"state": "draft"}, {"state": {}}))
        self.attack(lambda doc, step: doc.browse().web_save({"name": "x", "state": "approved"}, {}))
        self.attack(lambda doc, step: doc.web_override_translations({"verdict": "forged"}))
        self.attack(lambda doc, step: doc.update_field_translations("verdict", {"fr_FR": "forged"}))
        self.attack(lambda doc, step: doc.web_save_multi([{"state": "draft"}], {}))

    def test_create_with_a_decision(self):
        model = "o2c.test.guarded"
        decisions = {"state": "approved", "approved_amount": 5, "approver_id": 1, "extra": "x"}
        for name, value in decisions.items():
            with self.subTest(name):
                self.attack(lambda doc, step, n=name, v=value: doc.env[model].create({"name": "x", n: v}))

    def test_create_with_decisions_as_context_defaults(self):
        document = self.document.with_user(self.employee).with_context(
            default_state="approved", default_approved_amount=1e9, default_approver_id=self.employee.id,
            default_extra="x",
        ).create({"name": "x"})
        self.assertRecordValues(document, [{
            "state": "draft", "approved_amount": 0.0, "approver_id": False, "extra": False}])
        self.assertNotIn("default_state", document.env.context)

    def test_create_with_decisions_as_personal_defaults(self):
        defaults = self.env["ir.default"].with_user(self.employee)
        defaults.set("o2c.test.guarded", "state", "approved", user_id=True)
        defaults.set("o2c.test.guarded", "approved_amount", 1e9, user_id=True)
        document = self.document.with_user(self.employee).create({"name": "x"})
        self.assertRecordValues(document, [{"state": "draft", "approved_amount": 0.0}])

    def test_form_of_the_web_client_starts_undecided(self):
        form = Form(self.document.browse().with_user(self.employee).with_context(
            default_state="approved", default_approved_amount=5))
        form.name = "By form"
        self.assertEqual(form.save().state, "draft")

    def test_own_methods_are_not_led_by_context_defaults(self):
        document = self.document.create({"name": "x"})
        step = document.with_user(self.employee).with_context(
            default_comment="forged", default_decision="approved")._make_step()
        self.assertRecordValues(step, [{"decision": "open", "comment": False}])

    def test_copy_starts_undecided(self):
        copy = self.document.with_user(self.employee).copy()
        self.assertRecordValues(copy, [{
            "state": "draft", "approved_amount": 0.0, "approver_id": False}])
        copy.unlink()
        self.attack(lambda doc, step: doc.copy({"state": "approved"}))
        self.attack(lambda doc, step: doc.create(doc.copy_data({"approved_amount": 5})))
        self.attack(lambda doc, step: step.copy())

    def test_import(self):
        for rows in (
            (["name", "state"], [["x", "approved"]]),
            (["name", "approved_amount"], [["x", "5"]]),
            ([".id", "approved_amount"], [[str(self.document.id), "5"]]),
        ):
            for user in (self.employee, self.admin):
                result = self.document.with_user(user).load(*rows)
                self.assertFalse(result["ids"])
                self.assertTrue(result["messages"])
        self.assertEqual(self.snapshot(), self.before)

    def test_data_file_of_a_module(self):
        for vals in ({"name": "x", "state": "approved"}, {"id": self.document.id, "state": "draft"}):
            self.attack(lambda doc, step, v=vals: doc.sudo()._load_records(
                [{"xml_id": "o2c_test.forged", "values": v, "noupdate": True}]))

    def test_writing_through_a_related_field(self):
        document = self.document.create({"name": "x"}).with_user(self.employee)
        document.write({"shadow_state": "approved"})
        document.env.flush_all()
        document.invalidate_recordset()
        self.assertEqual(document.state, "draft")
        created = document.create({"name": "y", "shadow_state": "approved"})
        created.invalidate_recordset()
        self.assertEqual(created.state, "draft")

    def test_context_keys_open_nothing(self):
        for key in (PASS_KEY, "install_mode", "import_file", "module_uninstall", "_force_unlink",
                    "tracking_disable", "force_company", "bypass", "no_check", "sudo"):
            for value in (True, 1, "write", {"model": "o2c.test.guarded", "operation": "write"}):
                with self.assertRaises(AccessError):
                    self.document.with_user(self.employee).with_context(**{key: value}).write({
                        "state": "draft"})
        self.assertEqual(self.snapshot(), self.before)

    def test_pass_is_worth_one_call_of_one_model_and_operation(self):
        ticket = _Pass("o2c.test.guarded", "write")
        document = self.document.with_context(**{PASS_KEY: ticket})
        with self.assertRaises(AccessError):
            document.env["o2c.test.guarded.step"].browse(self.step.id).write({"comment": "x"})
        with self.assertRaises(AccessError):
            document.create({"name": "x", "state": "approved"})
        document.write({"approved_amount": 7})
        with self.assertRaises(AccessError):
            document.write({"approved_amount": 8})
        self.assertEqual(self.document.approved_amount, 7)

    def test_pass_is_not_inherited_by_what_runs_inside(self):
        seen = []
        original = BaseModel.create

        def spy(records, vals_list):
            seen.append(PASS_KEY in records.env.context)
            return original(records, vals_list)

        with patch.object(BaseModel, "create", spy):
            document = self.document._guarded_create([{"name": "x", "state": "approved"}])
        self.assertEqual(document.state, "approved")
        self.assertTrue(seen)
        self.assertFalse(any(seen))
        self.assertNotIn(PASS_KEY, document.env.context)

    def test_an_extension_can_guard_more_but_not_less(self):
        names = self.document._guard_get_fields()
        self.assertEqual(names, {"state", "approved_amount", "verdict", "approver_id", "extra"})

    def test_refusal_is_told_with_field_and_way_out(self):
        with self.assertRaisesRegex(AccessError, "Doc: Approved Amount can't be set directly. Use the but"):
            self.document.write({"approved_amount": 5})

    # --- steps: everything is guarded ---

    def test_records_made_by_actions_only(self):
        self.attack(lambda doc, step: step.create({}))
        self.attack(lambda doc, step: step.create({"document_id": doc.id, "decision": "approved"}))
        self.attack(lambda doc, step: step.web_save({"decision": "approved"}, {}))
        self.attack(lambda doc, step: step.write({"document_id": False}))
        self.attack(lambda doc, step: step.write({"comment": "x"}))
        self.attack(lambda doc, step: step.unlink())

    def test_commands_of_the_parent(self):
        for command in (
            lambda step: (0, 0, {"decision": "approved"}),
            lambda step: (1, step.id, {"decision": "approved"}),
            lambda step: (2, step.id),
            lambda step: (3, step.id),
            lambda step: (5,),
            lambda step: (6, 0, []),
        ):
            self.attack(lambda doc, step, c=command: doc.write({"step_ids": [c(step)]}))
        self.attack(lambda doc, step: doc.create({"name": "x", "step_ids": [(4, step.id)]}))

    def test_deleting_the_parent_leaves_no_hole(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.document.unlink()
        self.assertEqual(self.snapshot(), self.before)

    # --- transitions ---

    def test_transition_not_declared_is_refused(self):
        document = self.document.create({"name": "x"})
        document._move_state("refused", message="no")
        with self.assertRaisesRegex(UserError, "x is Refused and can't become Approved"):
            document._move_state("approved", message="yes")
        self.assertEqual(document.state, "refused")

    def test_transition_is_registered_for_each_record(self):
        documents = self.document.create([{"name": "one"}, {"name": "two"}])
        documents.with_user(self.employee)._move_state(
            "approved", message=lambda doc: f"{doc.name} approved",
            evidence=lambda doc: {"name": doc.name})
        for document in documents:
            entry = self.entries(res_model="o2c.test.guarded", res_id=document.id)
            self.assertRecordValues(entry, [{
                "event": "state_changed",
                "message": f"{document.name} approved",
                "user_ref": self.employee.id,
                "evidence": {"from": "draft", "to": "approved", "name": document.name},
            }])

    def test_one_wrong_record_moves_none(self):
        documents = self.document.create([{"name": "one"}, {"name": "two"}])
        documents[1]._move_state("refused", message="no")
        with self.assertRaises(UserError):
            documents._move_state("approved", message="yes")
        self.assertEqual(documents.mapped("state"), ["draft", "refused"])

    def test_many_records_move_in_constant_queries(self):
        documents = self.document.create([{"name": str(n)} for n in range(100)])
        self.env.flush_all()
        documents[:1]._move_state("refused", message="no")
        with self.assertQueryCount(3):  # lock, insert, update
            documents[1:]._move_state("refused", message="no")
            self.env.flush_all()

    # --- models of all modules ---

    def test_history_has_no_back_door_in_any_model(self):
        for name in self.env.registry.descendants(["o2c.guarded.mixin"], "_inherit"):
            if not self.env[name]._abstract:
                with self.subTest(name):
                    self.assertEqual(self.env[name]._guard_get_weaknesses(), [])

    def test_forms_send_no_guarded_field(self):
        """The web client sends every field of a form that is not readonly, and the guard would refuse it.

        Of lists it sends only rows that were changed.
        """
        open_fields = {
            f"{name}.{field.name}"
            for name in self.env.registry.descendants(["o2c.guarded.mixin"], "_inherit")
            for model in [self.env[name]]
            if not model._abstract and model._guarded_create_allowed and not name.startswith("o2c.test.")
            for field in model._fields.values()
            if model._guard_covers(field.name) and not field.readonly and field.type != "one2many"
        }
        self.assertFalse(open_fields)

    def test_private_entrances_are_out_of_reach(self):
        for name in ("_guarded_write", "_guarded_create", "_guarded_unlink", "_move_state",
                     "_update_field_translations", "_write"):
            with self.assertRaises(AccessError):
                get_public_method(self.document, name)


@tagged("post_install", "-at_install")
class TestGuardedFromOutside(HttpCase, O2cCommon):
    """The same through the external API, as a plain employee."""

    def setUp(self):
        super().setUp()
        self.employee = self.make_user("g_outside")
        self.employee.password = "g_outside_password"
        self.document = self.env["o2c.test.guarded"].create({"name": "Doc"})
        key = self.env["res.users.apikeys"].with_user(self.employee)._generate(
            "rpc", "test", fields.Datetime.add(fields.Datetime.now(), days=1))
        self.headers = {"Authorization": f"Bearer {key}", "X-Odoo-Database": self.cr.dbname}

    def call(self, method, **params):
        return self.url_open(
            f"/json/2/o2c.test.guarded/{method}", data=json.dumps(params),
            headers={**self.headers, "Content-Type": "application/json"})

    def test_external_api_is_refused(self):
        ids = self.document.ids
        self.assertEqual(self.call("read", ids=ids, fields=["name"]).json()[0]["name"], "Doc")
        for method, params in (
            ("write", {"ids": ids, "vals": {"state": "approved"}}),
            ("write", {"ids": ids, "vals": {"state": "approved"}, "context": {PASS_KEY: {"spent": False}}}),
            ("create", {"vals_list": [{"name": "x", "state": "approved"}]}),
            ("web_save", {"ids": ids, "vals": {"approved_amount": 5}, "specification": {}}),
            ("update_field_translations",
             {"ids": ids, "field_name": "verdict", "translations": {"en_US": "x"}}),
        ):
            response = self.call(method, **params)
            self.assertEqual(response.status_code, 403, (method, response.text[:300]))
        for method in ("_guarded_write", "_move_state", "_write"):
            self.assertIn(self.call(method, ids=ids, vals={"state": "approved"}).status_code, (403, 404, 422))
        self.assertRecordValues(self.document, [{"state": "draft", "approved_amount": 0.0}])
