"""Every way to approve, to forge history or to widen authority that an employee can try.

Each attempt is made as a client makes it (`call_kw`: private methods refused, the context is the
client's), and each one must leave the request as it was.
"""

import contextlib
import inspect

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ApprovalCommon

# What a client may call on our models beside the ORM's own methods. A new public method belongs here
# only after somebody has thought about who may call it with which arguments and context.
PUBLIC = {
    "o2c.request": {
        "action_approve",
        "action_reject",
        "action_withdraw",
        "action_open_approve",
        "action_open_reject",
        "action_open_document",
    },
    "o2c.request.step": set(),
    "o2c.authority": set(),
    "o2c.authority.kind": set(),
    "o2c.authority.cosign": set(),
    "o2c.delegate": {"action_end"},
    "o2c.segregation.rule": {"action_view_conflicts"},
    "o2c.segregation.conflict": {"action_open_user"},
    "o2c.request.decide": {"action_decide"},
    "o2c.request.decide.line": set(),
    "o2c.approval.mixin": {"action_open_requests"},
    "o2c.role.watch": set(),
    "o2c.logged.mixin": set(),
}
ORM = {"create", "write", "unlink", "copy", "copy_data", "default_get"}


@tagged("post_install", "-at_install", "o2c", "o2c_attack")
class TestAttacks(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls.submit(800.0)
        cls.step = cls.request.step_ids
        cls.document = cls.env["o2c.test.document"].browse(cls.request.res_id)
        cls.portal = cls.make_user("portal", "base.group_portal")
        # everybody but the two who may really decide, the administrator of the system among them
        cls.root = cls.make_user("root", "base.group_system,o2c_base.group_policy_administrator")
        cls.attackers = (
            cls.seller
            | cls.colleague
            | cls.employee
            | cls.general
            | cls.finance
            | cls.auditor
            | cls.admin
            | cls.root
        )

    def state(self):
        self.env.invalidate_all()
        request = self.request
        return (
            request.state,
            request.amount,
            request.fingerprint,
            request.requester_id,
            request.excluded_user_ids,
            request.step_ids.read(["state", "decided_by", "on_behalf_of", "group_id", "sequence"]),
            request.search_count([]),
            request.step_ids.search_count([]),
        )

    def assert_repelled(self, attack, errors=(AccessError, UserError)):
        """The attempt raises, and nothing has changed."""
        before = self.state()
        with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
            passed = False
            with contextlib.suppress(*errors), self.env.cr.savepoint():
                attack()
                passed = True
            self.assertFalse(passed, "the attack was let through")
        self.assertEqual(self.state(), before)

    # --- through the ORM --------------------------------------------------------------------------------

    def test_no_write_on_request_or_step(self):
        writes = (
            (self.step, {"state": "approved"}),
            (self.step, {"state": "approved", "decided_by": self.officer.id}),
            (self.step, {"group_id": self.env.ref("base.group_user").id}),
            (self.step, {"sequence": 99}),
            (self.request, {"state": "approved"}),
            (self.request, {"amount": 1.0}),
            (self.request, {"fingerprint": "0", "fingerprint_values": {}}),
            (self.request, {"requester_id": self.officer.id}),
            (self.request, {"excluded_user_ids": [(5, 0, 0)]}),
            (self.request, {"current_step_id": False}),
            (self.request, {"step_ids": [(1, self.step.id, {"state": "approved"})]}),
            (self.request, {"step_ids": [(0, 0, {"state": "approved", "group_id": self.step.group_id.id})]}),
            (self.request, {"step_ids": [(2, self.step.id, 0)]}),
            (self.request, {"name": "REQ/0"}),
        )
        for user in self.attackers | self.officer:
            for record, vals in writes:
                for context in (
                    {},
                    {"default_state": "approved", "o2c_guard_pass": True, "tracking_disable": True},
                ):
                    with self.subTest(f"{user.login} {vals} {context}"):
                        self.assert_repelled(
                            lambda u=user, r=record, v=vals, c=context: self.rpc(u, r, "write", v, context=c)
                        )

    def test_no_write_even_for_the_superuser(self):
        for record, vals in (
            (self.step, {"state": "approved"}),
            (self.request, {"state": "approved"}),
            (self.request, {"excluded_user_ids": [(5, 0, 0)]}),
        ):
            with self.subTest(vals):
                self.assert_repelled(lambda r=record, v=vals: r.sudo().write(v))

    def test_no_create_copy_or_delete(self):
        step_vals = {
            "request_id": self.request.id,
            "group_id": self.step.group_id.id,
            "sequence": 0,
            "state": "approved",
            "decided_by": self.officer.id,
        }
        request_vals = {
            "name": "REQ/1",
            "kind": "test_document",
            "res_model": "o2c.test.document",
            "res_id": self.document.id,
            "company_id": self.company.id,
            "requester_id": self.seller.id,
            "state": "approved",
        }
        steps, requests = self.step.browse(), self.request.browse()
        for user in self.attackers | self.officer:
            env = self.env(user=user, context={})
            for attack in (
                lambda env=env: steps.with_env(env).create(step_vals),
                lambda env=env: requests.with_env(env).create(request_vals),
                lambda env=env: steps.with_env(env).sudo().create(step_vals),
                lambda env=env: requests.with_env(env).sudo().create(request_vals),
                lambda env=env: self.step.with_env(env).copy({"state": "approved"}),
                lambda env=env: self.request.with_env(env).copy({"state": "approved"}),
                lambda env=env: self.request.with_env(env).sudo().copy(),
                lambda env=env: self.step.with_env(env).unlink(),
                lambda env=env: self.request.with_env(env).unlink(),
                lambda env=env: self.step.with_env(env).sudo().unlink(),
                lambda env=env: self.request.with_env(env).sudo().unlink(),
                lambda env=env: requests.with_env(env).name_create("REQ/2"),
                lambda env=env: self.request.with_env(env).web_save({"state": "approved"}, {}),
            ):
                with self.subTest(f"{user.login} {inspect.getsource(attack).strip()}"):
                    self.assert_repelled(attack)

    def test_import_writes_nothing(self):
        external = self.step.export_data([".id"])["datas"][0][0]
        for user in self.attackers | self.officer:
            before = self.state()
            with mute_logger("odoo.addons.base.models.ir_model", "odoo.sql_db"):
                result = (
                    self.step.browse()
                    .with_env(self.env(user=user, context={}))
                    .load([".id", "state"], [[external, "approved"]])
                )
            self.assertFalse(result["ids"], user.login)
            self.assertEqual(self.state(), before)

    def test_document_is_no_back_door(self):
        commands = (
            [(0, 0, {"name": "REQ/3", "state": "approved"})],
            [(1, self.request.id, {"state": "approved"})],
            [(2, self.request.id, 0)],
            [(3, self.request.id, 0)],
            [(5, 0, 0)],
            [(6, 0, [])],
        )
        for command in commands:
            for record in (self.document.with_user(self.seller), self.document.sudo()):
                with self.subTest(command):
                    self.assert_repelled(lambda r=record, c=command: r.write({"o2c_request_ids": c}))
        for field, value in (("o2c_request_state", "approved"), ("o2c_request_id", self.request.id)):
            for record in (self.document.with_user(self.seller), self.document.sudo()):
                with self.subTest(field):
                    self.assert_repelled(lambda r=record, f=field, v=value: r.write({f: v}))
                    self.assert_repelled(lambda r=record, f=field, v=value: r.create({"name": "x", f: v}))

    def test_copied_document_is_undecided(self):
        self.rpc(self.officer, self.request, "action_approve")
        copy = self.document.with_user(self.seller).copy()
        self.assertFalse(copy.o2c_request_ids)
        self.assertFalse(copy.o2c_request_state)

    def test_values_of_defaults_do_not_decide(self):
        self.env["ir.default"].with_user(self.seller).set("o2c.request", "state", "approved", user_id=True)
        request = self.submit(700.0)
        self.assertEqual(request.state, "pending")
        self.assertEqual(request.step_ids.mapped("state"), ["current"])

    def test_context_of_the_submitter_does_not_decide(self):
        document = self.make_document(700.0).with_context(
            default_state="approved",
            default_current_step_id=False,
            o2c_guard_pass=1,
            mail_activity_automation_skip=True,
        )
        document.action_submit()
        request = self.env["o2c.request"].browse(document.o2c_request_id.id)
        self.assertRecordValues(request, [{"state": "pending"}])
        self.assertEqual(request.step_ids.mapped("state"), ["current"])
        self.assertTrue(request.activity_ids)

    # --- through public methods -------------------------------------------------------------------------

    def test_private_methods_are_out_of_reach(self):
        for name in (
            "_guarded_write",
            "_guarded_create",
            "_move_state",
            "_close",
            "_sign",
            "_decide",
            "_lapse",
            "_activate_next_step",
            "_submit",
            "_cron_check",
        ):
            with self.subTest(name):
                self.assert_repelled(
                    lambda n=name: self.rpc(self.officer, self.request, n, {"state": "approved"})
                )

    def test_public_methods_are_the_known_ones(self):
        for name, allowed in PUBLIC.items():
            found = set()
            for cls in type(self.env[name]).__mro__:
                if not cls.__module__.startswith("odoo.addons.o2c_approval"):
                    continue
                found |= {
                    key for key, value in vars(cls).items() if inspect.isfunction(value) and key[0] != "_"
                }
            self.assertEqual(found - ORM, allowed, name)

    def test_approve_and_reject_only_by_the_circle(self):
        for user in self.attackers | self.portal:
            for method in ("action_approve", "action_reject"):
                with self.subTest(f"{user.login} {method}"):
                    self.assert_repelled(lambda u=user, m=method: self.rpc(u, self.request, m, "because"))

    def test_sudo_in_other_code_lends_no_right(self):
        for user in self.attackers:
            with self.subTest(user.login):
                self.assert_repelled(
                    lambda u=user: self.request.with_user(u).sudo().action_approve("because")
                )

    def test_batch_and_wizard_lend_no_right(self):
        other = self.submit(700.0)
        both = self.request | other
        result = self.rpc(self.seller, both, "action_approve")
        self.assertIn(self.request.name, result["params"]["message"])
        self.assertEqual(both.mapped("state"), ["pending", "pending"])
        wizard = self.env["o2c.request.decide"].with_user(self.seller).create({"request_ids": both.ids})
        wizard.action_decide()
        self.assertEqual(len(wizard.line_ids), 2)
        self.assertEqual(both.mapped("state"), ["pending", "pending"])

    def test_wizard_of_somebody_else_lends_no_right(self):
        wizard = (
            self.env["o2c.request.decide"].with_user(self.officer).create({"request_ids": self.request.ids})
        )
        self.assert_repelled(lambda: self.rpc(self.seller, wizard, "action_decide"))

    def test_done_activity_is_no_decision(self):
        activity = self.request.activity_ids.filtered(lambda activity: activity.user_id == self.officer)
        activity.with_user(self.officer).action_feedback(feedback="done")
        self.assertEqual(self.request.state, "pending")

    def test_step_out_of_order_is_refused(self):
        self.set_mode("ladder")
        request = self.submit(5000.0)
        before = request.step_ids.mapped("state")
        with self.assertRaises(UserError):
            self.rpc(self.manager, request, "action_approve")
        self.assertEqual(request.step_ids.mapped("state"), before)

    def test_comment_is_text(self):
        self.rpc(self.officer, self.request, "action_approve", "<script>alert(1)</script>")
        self.assertNotIn("<script>", "".join(self.request.message_ids.mapped("body")))
        other = self.submit(700.0)
        self.rpc(self.officer, other, "action_approve", {"state": "approved"})
        self.assertEqual(other.step_ids.comment, "{'state': 'approved'}")

    def test_refused_attempts_are_registered(self):
        before = self.env["o2c.register"].search_count([("event", "=", "decision_refused")])
        entries = []
        original = type(self.env["o2c.register"])._log_refusal
        self.patch(
            type(self.env["o2c.register"]),
            "_log_refusal",
            lambda register, record, event, message, **values: (
                entries.append((register.env.uid, record.id, event)),
                original(register, record, event, message, **values),
            ),
        )
        self.assert_repelled(lambda: self.rpc(self.general, self.request, "action_approve"))
        self.assertEqual(entries, [(self.general.id, self.request.id, "decision_refused")])
        self.assertGreaterEqual(
            self.env["o2c.register"].search_count([("event", "=", "decision_refused")]), before
        )

    # --- by widening authority --------------------------------------------------------------------------

    def test_authority_given_after_submission_changes_nothing(self):
        self.make_table([("base.group_user", 0.5)])
        self.env["o2c.authority"].search(
            [("group_id", "=", self.env.ref("base.group_user").id)]
        ).amount_to = 900.0
        self.assert_repelled(lambda: self.rpc(self.employee, self.request, "action_approve"))

    def test_request_of_a_document_that_cannot_be_read_cannot_be_read(self):
        self.assertTrue(
            self.request.with_user(self.colleague).has_access("read"), "salespeople read the document"
        )
        self.assertFalse(self.request.with_user(self.employee).has_access("read"))
        self.assertFalse(self.request.with_user(self.employee).search([("id", "=", self.request.id)]))
        self.assertFalse(self.step.with_user(self.employee).search([("id", "=", self.step.id)]))
        self.assertTrue(
            self.request.with_user(self.finance).has_access("read"), "roles of the suite read all"
        )
        stranger = self.make_user("stranger", "o2c_base.group_auditor", self.other_company)
        self.assertFalse(self.request.with_user(stranger).search([("id", "=", self.request.id)]))
