from freezegun import freeze_time
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DAY, MonthEndCase


@tagged("post_install", "-at_install", "o2c")
class TestAccrualAttacks(MonthEndCase):
    """What must not work, through the doors that clients have; after each refusal nothing has changed.

    An ``AccessError`` is a ``UserError``.
    """

    def setUp(self):
        super().setUp()
        self.order = self.make_order((self.product, 10, 100.0))
        self.deliver(self.order, 6)
        self.run_record = self.prepare()

    def assertRefused(self, user, records, method, *args, **kwargs):
        self.env.invalidate_all()
        before = self.snapshot()
        with self.assertRaises(UserError), self.cr.savepoint():
            self.rpc(user, records, method, *args, **kwargs)
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.snapshot(), before)

    def snapshot(self):
        self.env.flush_all()
        run = self.run_record.sudo()
        lines = run.line_ids
        return (
            run.state, run.date, lines.ids, lines.mapped("balance"), lines.mapped("is_left_out"),
            lines.item_ids.mapped("net"), lines.move_ids.mapped("state"), lines.move_ids.mapped("date"),
            lines.move_ids.line_ids.mapped("balance"),
            self.env["account.move"].sudo().search_count([]),
        )

    def test_state_and_figures_are_not_written(self):
        line = self.run_record.line_ids
        for user in (self.officer, self.director):
            self.assertRefused(user, self.run_record, "write", {"state": "running"})
            self.assertRefused(user, self.run_record, "write", {"date": "2026-02-28"})
            self.assertRefused(user, self.run_record, "write", {"phase": "cancel"})
            self.assertRefused(user, line, "write", {"balance": 1.0})
            self.assertRefused(user, line, "write", {"is_left_out": True})
            self.assertRefused(user, line.item_ids, "write", {"net": 1.0})
            self.assertRefused(user, line, "unlink")

    def test_lines_are_not_forged(self):
        vals = {
            "run_id": self.run_record.id, "order_id": self.order.id, "partner_id": self.customer.id,
            "currency_id": self.usd.id, "kind": "asset", "basis": "partial", "balance": 1e6}
        self.assertRefused(self.director, self.run_record.line_ids.browse(), "create", [vals])
        self.assertRefused(self.officer, self.run_record, "write", {"line_ids": [(0, 0, vals)]})

    def test_nobody_starts_a_run_without_the_director(self):
        for method in ("action_start", "action_plan", "action_resume", "action_retry_errors"):
            self.assertRefused(self.officer, self.run_record, method)
            self.assertRefused(self.director, self.run_record, method)

    def test_private_methods_are_out_of_reach(self):
        for method in ("_begin", "_book", "_run_batch", "_on_request_approved", "_cancel"):
            self.assertRefused(self.director, self.run_record, method)

    def test_who_submits_does_not_approve(self):
        run = self.make_second_run_by(self.director)
        run.with_user(self.director)._check_run_right()
        with self.assertRaises(UserError):
            self.rpc(self.director, run, "action_submit")
        self.assertEqual(run.sudo().state, "prepared")

    def make_second_run_by(self, user):
        self.run_record.with_user(self.officer).action_back_to_draft()
        self.run_record.with_user(self.officer).unlink()
        self.run_record = run = self.make_run(user=user)
        run.action_prepare()
        return run

    def test_officer_does_not_approve(self):
        self.run_record.action_submit()
        request = self.run_record.sudo().o2c_request_id
        self.assertRefused(self.officer, request, "action_approve")
        self.assertRefused(self.auditor, request, "action_approve")

    def test_only_the_director_cancels(self):
        self.book(self.run_record)
        for user in (self.officer, self.auditor, self.accountant, self.seller):
            self.assertRefused(user, self.run_record, "action_cancel", "Not mine")

    def test_booked_entries_belong_to_the_run(self):
        self.book(self.run_record)
        line = self.run_record.sudo().line_ids
        for move in (line.move_id, line.reversal_id):
            item = move.line_ids[:1]
            self.assertRefused(self.accountant, move, "button_draft")
            self.assertRefused(self.accountant, move, "button_cancel")
            self.assertRefused(self.accountant, move, "unlink")
            self.assertReversalRefused(move)
            self.assertRefused(self.accountant, move, "write", {"state": "draft"})
            self.assertRefused(self.accountant, move, "write", {"date": "2026-03-30"})
            self.assertRefused(self.accountant, move, "write", {"o2c_accrual_order_id": False})
            self.assertRefused(self.accountant, item, "write", {"balance": 5.0})
            self.assertRefused(self.accountant, item, "write", {"account_id": self.get_equity().id})
            self.assertRefused(self.accountant, move.line_ids.browse(), "create", [
                {"move_id": move.id, "account_id": item.account_id.id, "balance": 7.0},
                {"move_id": move.id, "account_id": item.account_id.id, "balance": -7.0}])

    def assertReversalRefused(self, move):
        """Odoo's own wizard would take the entry back a second time."""
        wizard = self.env["account.move.reversal"].with_user(self.accountant).with_context(
            active_model="account.move", active_ids=move.ids,
        ).create({"journal_id": move.journal_id.id, "date": "2026-04-05"})
        self.assertRefused(self.accountant, wizard, "refund_moves")

    def test_entry_does_not_claim_to_be_of_a_run(self):
        vals = {"journal_id": self.company.o2c_accrual_journal_id.id, "date": "2026-03-31",
                "o2c_accrual_order_id": self.run_record.line_ids.id}
        self.assertRefused(self.accountant, self.env["account.move"], "create", [vals])

    def test_other_company_is_out_of_reach(self):
        other = self.make_company("Elsewhere")
        stranger = self.make_user("stranger", "o2c_base.group_finance_director", companies=other)
        self.assertRefused(stranger, self.run_record, "action_prepare")
        self.assertRefused(stranger, self.run_record, "action_submit")
        self.assertRefused(stranger, self.run_record, "read", ["state"])

    def test_auditor_reads_and_changes_nothing(self):
        self.book(self.run_record)
        line = self.run_record.line_ids
        for records in (self.run_record, line, line.item_ids):
            self.rpc(self.auditor, records, "read", [])
        for method in ("action_prepare", "action_back_to_draft", "action_pause"):
            self.assertRefused(self.auditor, self.run_record, method)
        self.assertRefused(self.auditor, line, "action_leave_out", "No")
        self.assertRefused(self.auditor, self.run_record, "write", {"name": "Other"})

    def test_guarded_records_are_not_weakened_by_their_links(self):
        for model in ("o2c.accrual.run", "o2c.accrual.order", "o2c.accrual.item", "o2c.quantity.check",
                      "o2c.quantity.check.line"):
            self.assertEqual(self.env[model]._guard_get_weaknesses(), [])

    def test_context_makes_no_entry_of_a_run(self):
        """Defaults are values, too, and so are those that an administrator keeps."""
        line = self.run_record.line_ids
        vals = {"journal_id": self.company.o2c_accrual_journal_id.id, "date": "2026-03-31"}
        moves = self.env["account.move"]
        self.assertRefused(self.accountant, moves, "create", [vals], context={
            "default_o2c_accrual_order_id": line.id, "allowed_company_ids": self.company.ids})
        self.env["ir.default"].set("account.move", "o2c_accrual_order_id", line.id)
        self.assertRefused(self.accountant, moves, "create", [vals])

    def test_booked_entries_do_not_change_by_other_names_of_their_lines(self):
        self.book(self.run_record)
        line = self.run_record.sudo().line_ids
        context = {"skip_invoice_sync": True, "check_move_validity": False, "force_delete": True,
                   "allowed_company_ids": self.company.ids}
        for move in (line.move_id, line.reversal_id):
            item, other = move.line_ids[:1], move.line_ids[1:2]
            changes = [
                (1, item.id, {"balance": item.balance + 5}), (1, other.id, {"balance": other.balance - 5})]
            for name in ("line_ids", "invoice_line_ids", "journal_line_ids"):
                if name in move._fields:
                    self.assertRefused(self.accountant, move, "write", {name: changes}, context=context)
            for vals in ({"debit": item.debit + 5.0}, {"amount_currency": 5.0}, {"date": "2026-05-01"},
                         {"partner_id": self.env.company.partner_id.id}, {"move_id": False}):
                self.assertRefused(self.accountant, item, "write", vals, context=context)
            self.assertRefused(self.accountant, move.line_ids, "unlink", context=context)
            self.assertRefused(self.accountant, move, "web_save", {"state": "draft"}, {"state": {}})

    def test_run_is_not_copied_or_imported_into_a_booked_one(self):
        run = self.run_record
        line = {"order_id/.id": str(self.order.id), "run_id/.id": str(run.id), "balance": "1000000"}
        for user in (self.officer, self.director):
            before = self.snapshot()
            for model, data in (
                ("o2c.accrual.run", {".id": str(run.id), "state": "done"}), ("o2c.accrual.order", line),
            ):
                result = self.env[model].with_user(user).load(list(data), [list(data.values())])
                self.assertTrue(result["messages"])
            self.assertEqual(self.snapshot(), before)
            self.assertRefused(user, run, "web_save", {"state": "done"}, {"state": {}})

    @freeze_time(f"{DAY} 20:00:00")
    def test_reversal_that_waits_for_its_day_gets_no_lines(self):
        self.book(self.run_record)
        reversal = self.run_record.sudo().line_ids.reversal_id
        self.assertEqual((reversal.state, reversal.auto_post), ("draft", "at_date"))
        item = reversal.line_ids[:1]
        more = [
            {"move_id": reversal.id, "account_id": item.account_id.id, "balance": balance, "name": "More"}
            for balance in (7.0, -7.0)]
        self.assertRefused(self.accountant, item.browse(), "create", more)
        self.assertRefused(self.accountant, reversal, "write", {"auto_post": "no"})
