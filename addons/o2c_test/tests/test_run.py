from datetime import timedelta
from unittest.mock import patch

import psycopg2
from odoo import SUPERUSER_ID, api, fields
from odoo.addons.o2c_base.tests.common import O2cCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

MUTED = ("odoo.addons.o2c_base.models.run", "odoo.addons.o2c_base.models.run_line")


@tagged("post_install", "-at_install")
class TestRun(O2cCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls.make_user("run_officer", "group_finance_officer")
        cls.seller = cls.make_user("run_seller", "sales_team.group_sale_manager")
        cls.cron = cls.env.ref("o2c_base.cron_run_batches")

    def make_run(self, size=5, start=True, **values):
        run = self.env["o2c.test.run"].with_user(self.officer).create({"name": "Run", "size": size, **values})
        if start:
            run.action_start()
        return run

    def work(self):
        """What the scheduled action does."""
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def told(self, run):
        """What the starter was notified of."""
        return run.message_ids.filtered(lambda m: self.officer.partner_id in m.notified_partner_ids).body

    # --- work ---

    def test_run_is_worked_off_in_batches_with_progress(self):
        run = self.make_run(5)
        self.assertRecordValues(run, [{
            "state": "running", "total": 5, "done_count": 0, "progress": 0.0, "starter_id": self.officer.id}])
        self.assertEqual(run._run_batch(limit=2), 2)
        self.env.invalidate_all()
        self.assertRecordValues(run, [{"state": "running", "done_count": 2, "progress": 40.0}])
        self.assertEqual([run._run_batch(limit=2) for _ in range(3)], [2, 1, 0])
        self.env.invalidate_all()
        self.assertRecordValues(run, [{"state": "done", "done_count": 5, "progress": 100.0}])
        self.assertEqual(run.line_ids.mapped("times"), [1] * 5)
        self.assertTrue(run.date_finished)

    def test_scheduled_action_works_off_all_runs(self):
        first, second = self.make_run(60), self.make_run(2)
        self.work()
        for run in first + second:
            self.assertEqual(run.state, "done")
            self.assertEqual(set(run.line_ids.mapped("times")), {1})

    def test_work_is_done_with_the_rights_of_the_starter(self):
        run = self.make_run(1)
        run.sudo()._run_batch()
        self.assertEqual(run.line_ids.worker, "run_officer, su=False")

    def test_error_undoes_its_own_line_only(self):
        run = self.make_run(4)
        run.line_ids[1].trouble = "user"
        run.line_ids[2].trouble = "code"
        with mute_logger(*MUTED):
            run._run_batch()
        self.env.invalidate_all()
        self.assertEqual(run.line_ids.mapped("state"), ["done", "error", "error", "done"])
        self.assertEqual(run.line_ids.mapped("times"), [1, 0, 0, 1])
        self.assertEqual(run.line_ids[1].message, "This line can't be done.")
        self.assertIn("boom", run.line_ids[2].message)
        self.assertEqual(run.line_ids[0].message, "fine")
        self.assertRecordValues(run, [{
            "state": "done", "done_count": 2, "error_count": 2, "progress": 100.0}])

    def test_errors_are_tried_again_and_nothing_else(self):
        run = self.make_run(2)
        run.line_ids[1].trouble = "user"
        run._run_batch()
        run.line_ids[1].trouble = False
        run.action_retry_errors()
        run._run_batch()
        self.env.invalidate_all()
        self.assertEqual(run.line_ids.mapped("state"), ["done", "done"])
        self.assertEqual(run.line_ids.mapped("times"), [1, 1])
        self.assertEqual(run.state, "done")

    def test_run_in_which_every_line_fails_has_failed(self):
        run = self.make_run(2)
        run.line_ids.trouble = "user"
        run._run_batch()
        self.assertEqual(run.state, "failed")

    def test_run_without_work_is_done_at_once(self):
        self.assertEqual(self.make_run(0).state, "done")

    def test_paused_run_rests_until_resumed(self):
        run = self.make_run(3)
        run._run_batch(limit=1)
        run.action_pause()
        self.work()
        self.assertEqual(run.line_ids.mapped("state"), ["done", "pending", "pending"])
        run.action_resume()
        self.work()
        self.assertEqual(run.line_ids.mapped("times"), [1, 1, 1])

    def test_starter_is_told_at_the_end(self):
        run = self.make_run(3)
        run.line_ids[0].trouble = "user"
        self.work()
        self.assertIn("2 of 3 lines done, 1 with an error", self.told(run))
        entry = self.entries(res_model="o2c.test.run", res_id=run.id)[-1]
        self.assertEqual(entry.evidence, {
            "from": "running", "to": "done", "total": 3, "done": 2, "errors": 1})

    # --- plans ---

    def test_planned_run_starts_by_itself(self):
        run = self.make_run(2, start=False, date_planned=fields.Datetime.now() + timedelta(hours=1))
        run.action_plan()
        self.work()
        self.assertEqual(run.state, "planned")
        run.sudo().date_planned = fields.Datetime.now() - timedelta(hours=1)
        self.work()
        self.assertRecordValues(run, [{"state": "done", "done_count": 2, "starter_id": self.officer.id}])

    def test_planned_run_that_can_not_start_says_why(self):
        run = self.make_run(-1, start=False, date_planned=fields.Datetime.now())
        run.action_plan()
        with mute_logger(*MUTED):
            self.work()
        self.assertEqual(run.state, "draft")
        self.assertIn("There is nothing to do.", self.told(run))

    # --- crash, several workers ---

    def test_lost_connection_leaves_lines_pending(self):
        run = self.make_run(2)
        with (
            patch.object(type(run), "_run_line", side_effect=psycopg2.OperationalError),
            self.assertRaises(psycopg2.OperationalError),
        ):
            run._run_batch()
        self.assertEqual(run.line_ids.mapped("state"), ["pending", "pending"])
        run._run_batch()
        self.assertEqual(run.line_ids.mapped("times"), [1, 1])

    def test_run_that_can_not_go_on_stops_and_says_why(self):
        run = self.make_run(2)
        with patch.object(type(run), "_take_lines", side_effect=ValueError("broken")), mute_logger(*MUTED):
            self.work()
        self.assertEqual(run.state, "failed")
        self.assertIn("broken", self.told(run))
        run.action_resume()
        self.work()
        self.assertEqual(run.state, "done")

    def test_two_workers_share_a_run_and_do_nothing_twice(self):
        """Two real connections; what they commit is taken away afterwards."""
        with self.registry.cursor() as setup:
            env = api.Environment(setup, SUPERUSER_ID, {})
            run = env["o2c.test.run"].create({"name": "Shared", "size": 5})
            run.action_start()
            run_id = run.id
        self.addCleanup(self.remove_run, run_id)
        with self.registry.cursor() as cr_a, self.registry.cursor() as cr_b:
            first, second = (
                api.Environment(cr, SUPERUSER_ID, {})["o2c.test.run"].browse(run_id) for cr in (cr_a, cr_b))
            # Neither has committed while the other works.
            self.assertEqual((first._run_batch(limit=3), second._run_batch(limit=3)), (3, 2))
            self.assertEqual((first.state, second.state), ("running", "running"))
            cr_a.commit()
            cr_b.commit()
            self.assertEqual(first._run_batch(), 0)
            self.assertEqual(first.line_ids.mapped("times"), [1] * 5)
            self.assertEqual(first.state, "done")

    def remove_run(self, run_id):
        with self.registry.cursor() as cr:
            # Only a superuser of the database gets past the triggers of the register.
            cr.execute("SET LOCAL session_replication_role = replica")
            for table, model, ref in (
                ("o2c_register", "res_model", "res_id"), ("mail_message", "model", "res_id"),
                ("mail_followers", "res_model", "res_id"),
            ):
                cr.execute(SQL("DELETE FROM %s WHERE %s = 'o2c.test.run' AND %s = %s", *map(
                    SQL.identifier, (table, model, ref)), run_id))
            cr.execute("DELETE FROM o2c_test_run_line WHERE run_id = %s", [run_id])
            cr.execute("DELETE FROM o2c_test_run WHERE id = %s", [run_id])

    # --- attacks ---

    def test_state_and_lines_are_written_by_the_run_only(self):
        run = self.make_run(2)
        line = run.line_ids[0]
        for attack in (
            lambda: run.write({"state": "done"}),
            lambda: run.write({"starter_id": self.seller.id}),
            lambda: run.create({"name": "x", "state": "running"}),
            lambda: line.write({"state": "done"}),
            lambda: line.write({"message": "x"}),
            lambda: run.write({"line_ids": [(0, 0, {"name": "more"})]}),
            lambda: line.unlink(),
        ):
            with self.assertRaises(AccessError):
                attack()
        with self.assertRaises(UserError):
            run.unlink()
        self.assertEqual(run.line_ids.mapped("state"), ["pending", "pending"])

    def test_actions_ask_for_the_right_and_the_state(self):
        run = self.make_run(2)
        for action in ("action_start", "action_pause", "action_resume", "action_plan", "action_unplan",
                       "action_retry_errors"):
            with self.assertRaises(AccessError):
                getattr(run.with_user(self.seller), action)()
        for action in ("action_start", "action_resume", "action_plan", "action_unplan",
                       "action_retry_errors"):
            with self.assertRaises(UserError):
                getattr(run, action)()
        self.assertEqual((run.state, run.total), ("running", 2))
