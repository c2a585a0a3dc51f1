"""Who may not, can't: neither by buttons nor by writing fields; and taking an import back."""

import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .ledger_common import LedgerCommon, make_csv


@tagged("post_install", "-at_install")
class TestLedgerAttacks(LedgerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = cls._user("ledger_sales", "sales_team.group_sale_manager")
        cls.invoicing = cls._user("ledger_invoicing", "account.group_account_invoice")
        cls.accountant = cls._user("ledger_accountant", "account.group_account_manager")
        cls.director = cls._user("ledger_director", "o2c_base.group_finance_director")
        cls.auditor = cls._user("ledger_auditor", "o2c_base.group_auditor")
        cls.administrator = cls._user(
            "ledger_policy", "o2c_base.group_policy_administrator,account.group_account_manager"
        )

    def setUp(self):
        super().setUp()
        # Refusals are expected here, each with a line in the log.
        self.enterContext(mute_logger("odoo.models", "odoo.addons.base.models.ir_model"))
        self.enterContext(mute_logger("odoo.addons.base.models.ir_rule"))

    def _sales_journal(self, **vals):
        return self.env["account.journal"].create(
            {"name": "Sales 2", "code": "SAL2", "type": "sale", "company_id": self.company.id, **vals}
        )

    # ------------------------------------------------------------------ who may

    def test_others_can_not_import(self):
        ledger = self._import([self._row("1")])
        for user in (self.salesperson, self.invoicing, self.auditor):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.env["o2c.ledger.import"].with_user(user).create(
                        {"file": base64.b64encode(make_csv([])), "company_id": self.company.id}
                    )
                for action in (
                    "read_file",
                    "check",
                    "start",
                    "plan",
                    "back",
                    "save_template",
                    "export_wrong_csv",
                ):
                    with self.assertRaises(AccessError, msg=action):
                        getattr(ledger.with_user(user), f"action_{action}")()
                with self.assertRaises(AccessError):
                    ledger.with_user(user).action_revert("no")
        self.assertEqual((ledger.step, ledger.state), ("preview", "draft"))
        self.assertFalse(self._moves())

    def test_auditor_reads_everything(self):
        ledger = self._book(self._import([self._row("1"), self._row("2", settled="2024-06-20")]))
        seen = ledger.with_user(self.auditor)
        self.assertEqual((seen.open_count, seen.settled_count), (1, 1))
        self.assertEqual(len(seen.line_ids), 2)
        history = (
            self.env["o2c.payment.history"].with_user(self.auditor).search([("import_id", "=", ledger.id)])
        )
        self.assertEqual(history.invoice_number, "2")

    def test_accounting_manager_imports(self):
        ledger = self._book(self._import([self._row("1")], user=self.accountant))
        self.assertEqual(ledger.move_count, 1)

    def test_finance_officer_of_another_company_sees_nothing(self):
        ledger = self._import([self._row("1")])
        other = self._company("Ledger Foreign Company")
        stranger = self._user("ledger_stranger", "o2c_base.group_finance_officer", other)
        model = self.env["o2c.ledger.import"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(model.search([]))
        with self.assertRaises(AccessError):
            model.browse(ledger.id).action_start()

    def test_lost_right_stops_a_planned_booking(self):
        ledger = self._import([self._row("1")])
        ledger.date_planned = "2024-07-01 00:00:00"
        ledger.action_plan()
        self.finance.write({"group_ids": [Command.unlink(self.env.ref("o2c_base.group_finance_officer").id)]})
        with mute_logger("odoo.addons.o2c_base.models.run"):
            ledger.sudo()._start_planned()
        self.assertEqual(ledger.sudo().state, "draft")
        self.assertFalse(self._moves())

    # ------------------------------------------------------------------ writing what decides

    def test_decisive_fields_are_written_by_the_import_only(self):
        ledger = self._import([self._row("1"), self._row("2", amount="x")])
        for vals in (
            {"step": "booked"},
            {"state": "running"},
            {"check_digest": "x"},
            {"doubts": False},
            {"line_ids": [Command.clear()]},
            {"starter_id": self.director.id},
        ):
            for record in (ledger, ledger.sudo()):
                with self.subTest(vals=vals, su=record.env.su), self.assertRaises(AccessError):
                    record.write(vals)
        self.assertEqual(ledger.wrong_count, 1)

    def test_rows_and_history_can_not_be_written(self):
        ledger = self._book(self._import([self._row("1"), self._row("2", settled="2024-06-20")]))
        history = self.env["o2c.payment.history"].search([("import_id", "=", ledger.id)])
        for record, vals in (
            (ledger.line_ids[0], {"outcome": "skipped"}),
            (ledger.line_ids[0], {"is_booked": False}),
            (ledger.line_ids[0], {"move_id": False}),
            (history, {"days_late": 0}),
            (history, {"partner_id": self.other_customer.id}),
        ):
            for user in (self.finance, self.director, self.accountant, self.env.ref("base.user_root")):
                with self.subTest(vals=vals, user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).write(vals)
        for record in (ledger.line_ids, history):
            with self.assertRaises(AccessError):
                record.sudo().unlink()
            with self.assertRaises(AccessError):
                record.sudo().copy()
        with self.assertRaises(AccessError):
            self.env["o2c.payment.history"].sudo().create({"invoice_number": "9"})

    def test_context_defaults_and_copies_start_at_the_file(self):
        model = self.env["o2c.ledger.import"].with_user(self.finance)
        made = model.with_context(default_step="preview", default_state="running").create(
            {"company_id": self.company.id}
        )
        self.assertEqual((made.step, made.state), ("file", "draft"))
        booked = self._book(self._import([self._row("1")]))
        copied = booked.copy()
        self.assertEqual((copied.step, copied.state, len(copied.line_ids)), ("file", "draft", 0))

    def test_booking_needs_a_preview(self):
        ledger = self._import([self._row("1")], check=False)
        with self.assertRaises(UserError):
            ledger.action_start()
        self.assertEqual((ledger.step, ledger.state), ("columns", "draft"))
        checked = self._import([self._row("1")])
        checked.action_back()
        with self.assertRaises(UserError):
            checked.action_start()

    def test_columns_of_a_preview_can_not_be_changed(self):
        ledger = self._import([self._row("1")])
        free = self._import([self._row("2")], check=False)
        with self.assertRaises(UserError):
            free.column_ids[0].import_id = ledger
        with self.assertRaises(UserError):
            ledger.column_ids[0].unlink()
        with self.assertRaises(UserError):
            self.env["o2c.ledger.import.column"].with_user(self.finance).create(
                {"import_id": ledger.id, "header": "x", "target": "currency"}
            )

    def test_booked_import_is_not_deleted(self):
        ledger = self._book(self._import([self._row("1")]))
        with self.assertRaises(UserError):
            ledger.unlink()
        self.assertTrue(ledger.exists())

    # ------------------------------------------------------------------ the opening journal

    def test_flag_of_the_journal_is_set_by_policy_administrators_only(self):
        journal = self._sales_journal()
        for user in (self.accountant, self.finance, self.director, self.env.ref("base.user_root")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                journal.with_user(user).write({"o2c_is_opening": True})
        for user in (self.accountant, self.salesperson, self.director):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                journal.with_user(user).action_o2c_set_opening()
        with self.assertRaises(AccessError):
            self._sales_journal(code="SAL3", o2c_is_opening=True)
        made = (
            self.env["account.journal"]
            .with_user(self.accountant)
            .with_context(default_o2c_is_opening=True)
            .create({"name": "Sales 4", "code": "SAL4", "type": "sale", "company_id": self.company.id})
        )
        self.assertFalse(made.o2c_is_opening)
        self.assertFalse(journal.o2c_is_opening)

    def test_flag_is_registered_and_needs_an_empty_sales_journal(self):
        journal = self._sales_journal()
        journal.with_user(self.administrator).action_o2c_set_opening()
        self.assertTrue(journal.o2c_is_opening)
        self.assertFalse(journal.copy().o2c_is_opening)
        entries = self.env["o2c.register"].search(
            [
                ("res_model", "=", "account.journal"),
                ("res_id", "=", journal.id),
                ("event", "=", "opening_journal"),
            ]
        )
        self.assertEqual(entries.user_ref, self.administrator.id)
        used = self._sales_journal(code="SAL5")
        self._invoice(used)
        with self.assertRaisesRegex(UserError, "holds entries"):
            used.with_user(self.administrator).action_o2c_set_opening()
        cash = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        with self.assertRaisesRegex(UserError, "no sales journal|not a sales journal"):
            cash.with_user(self.administrator).action_o2c_set_opening()

    def _invoice(self, journal):
        income = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        line = {"name": "x", "price_unit": 100, "tax_ids": False, "account_id": income.id}
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "journal_id": journal.id,
                "invoice_date": "2024-06-01",
                "invoice_line_ids": [Command.create(line)],
            }
        )

    def test_only_what_was_imported_is_an_opening_item(self):
        ledger = self._book(self._import([self._row("1"), self._row("2")]))
        opened = self._moves("1")
        self.assertTrue(opened._is_o2c_opening_item())
        self.assertFalse(self._invoice(opened.journal_id)._is_o2c_opening_item(), "made by hand")
        edited = self._moves("2")
        edited.button_draft()
        self.assertTrue(edited._is_o2c_opening_item(), "nothing changed yet")
        edited.invoice_line_ids.price_unit = 57_500
        self.assertFalse(edited._is_o2c_opening_item(), "another amount")
        edited.invoice_line_ids.price_unit = 100
        self.assertTrue(edited._is_o2c_opening_item())
        edited.partner_id = self.other_customer
        self.assertFalse(edited._is_o2c_opening_item(), "another debtor")
        self.assertEqual(ledger.move_count, 2)

    # ------------------------------------------------------------------ taking back

    def test_import_is_taken_back_and_can_be_imported_again(self):
        rows = [self._row("1"), self._row("2", settled="2024-06-20"), self._row("3", amount="x")]
        ledger = self._book(self._import(rows))
        move = self._moves("1")
        ledger.with_user(self.director).action_revert("Wrong company")
        self._work(ledger)
        self.assertEqual((ledger.step, ledger.move_count, ledger.history_count), ("reverted", 0, 0))
        self.assertEqual(move.state, "cancel")
        self.assertFalse(self.env["o2c.payment.history"].search([("import_id", "=", ledger.id)]))
        entry = self.env["o2c.register"].search(
            [("res_model", "=", ledger._name), ("res_id", "=", ledger.id), ("event", "=", "ledger_revert")]
        )
        self.assertIn("Wrong company", entry.message)
        self.assertEqual(entry.user_ref, self.director.id)
        again = self._book(self._import(rows))
        self.assertEqual((again.move_count, again.history_count), (1, 1))
        self.assertEqual(self._moves("1") - move, again.line_ids.move_id.sudo())

    def test_paid_imports_stay(self):
        ledger = self._book(self._import([self._row("1"), self._row("2")]))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self._moves("2").ids
        ).create({"amount": 10}).action_create_payments()
        with self.assertRaises(UserError) as refused:
            ledger.action_revert("Too late")
        self.assertIn("(2)", str(refused.exception))
        self.assertEqual(ledger.step, "booked")
        self.assertEqual(self._moves("1").state, "posted")

    def test_accounting_managers_do_not_take_back(self):
        ledger = self._book(self._import([self._row("1")], user=self.accountant))
        with self.assertRaises(AccessError):
            ledger.action_revert("I made it")
        with self.assertRaises(UserError):
            ledger.with_user(self.finance).action_revert("  ")
        self.assertEqual(self._moves("1").state, "posted")

    def test_wizard_checks_the_same_rights(self):
        ledger = self._book(self._import([self._row("1")]))
        with self.assertRaises(AccessError):
            self.env["o2c.ledger.import.revert"].with_user(self.accountant).create(
                {"import_id": ledger.id, "reason": "x"}
            )
        wizard = (
            self.env["o2c.ledger.import.revert"]
            .with_user(self.finance)
            .create({"import_id": ledger.id, "reason": "Test run"})
        )
        wizard.action_confirm()
        self._work(ledger)
        self.assertEqual(ledger.step, "reverted")
