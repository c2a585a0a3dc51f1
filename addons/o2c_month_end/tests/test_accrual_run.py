from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import DAY, NEXT_DAY, MonthEndCase


@tagged("post_install", "-at_install", "o2c")
class TestAccrualRun(MonthEndCase):
    """From preparation to booking, reversal and cancelling, each step by those who may do it."""

    def make_orders(self):
        """One of each kind: a receivable, an asset, a liability."""
        whole = self.make_order((self.product, 3, 100.0), tax=True)
        self.deliver(whole, 3)
        part = self.make_order((self.product, 10, 100.0, 10.0), tax=True)
        self.deliver(part, 6)
        ordered = self.make_product("Paid before", invoice_policy="order")
        self.make_stock(ordered, 10)
        early = self.make_order((ordered, 5, 100.0), tax=True)
        self.deliver(early, 1)
        self.invoice(early)
        return whole, part, early

    def test_run_books_an_entry_for_each_order_and_takes_it_back_next_day(self):
        self.company.o2c_accrual_tax = "deferred"
        orders = self.make_orders()
        income = self.product.with_company(self.company).product_tmpl_id.get_product_accounts()["income"]
        before = self.get_balance(income), self.get_balance(income, NEXT_DAY)
        run = self.book(self.prepare())
        self.assertEqual((run.state, run.error_count, run.order_count), ("done", 0, 3))
        moves = run.sudo().line_ids.move_id
        self.assertEqual(len(moves), 3)
        for move in self.env["account.move"].sudo().search([("o2c_accrual_run_id", "=", run.id)]):
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0.0)
            self.assertEqual(move.state, "posted")
            self.assertFalse(move.line_ids.tax_ids | move.line_ids.tax_line_id)
        self.assertEqual({move.date for move in moves}, {DAY})
        self.assertEqual({move.date for move in run.sudo().line_ids.reversal_id}, {NEXT_DAY})
        company = self.company
        # 3 x 100 and 6 x 90 with 13 percent; 4 x 100 invoiced before delivery, without tax
        self.assertEqual(self.get_balance(company.o2c_unbilled_account_id), 339.0)
        self.assertEqual(self.get_balance(company.o2c_contract_asset_account_id), 610.2)
        self.assertEqual(self.get_balance(company.o2c_contract_liability_account_id), -400.0)
        self.assertEqual(self.get_balance(company.o2c_deferred_vat_account_id), -109.2)
        self.assertEqual(self.get_balance(income), before[0] - 300.0 - 540.0 + 400.0)
        self.assertEqual(self.get_balance(income, NEXT_DAY), before[1])
        for name in ("unbilled", "contract_asset", "contract_liability", "deferred_vat"):
            self.assertEqual(self.get_balance(company[f"o2c_{name}_account_id"], NEXT_DAY), 0.0)
        partner = orders[0].partner_invoice_id.commercial_partner_id
        self.assertEqual(moves.line_ids.partner_id, partner)

    def test_positions_in_the_ledger_are_the_sum_of_the_orders(self):
        self.make_orders()
        run = self.book(self.prepare())
        for kind, name in (("asset", "contract_asset"), ("receivable", "unbilled"),
                           ("liability", "contract_liability")):
            lines = run.sudo().line_ids.filtered(lambda line, kind=kind: line.kind == kind)
            self.assertTrue(lines)
            self.assertEqual(
                self.get_balance(self.company[f"o2c_{name}_account_id"]), sum(lines.mapped("balance")))
        self.assertEqual(run.asset_total, self.get_balance(self.company.o2c_contract_asset_account_id))

    def test_stock_account_says_what_the_stock_is_worth(self):
        """With the run, Odoo's own closing of the stock valuation finds nothing to book."""
        self.make_orders()
        order = self.make_order((self.product, 4, 100.0))
        self.send_back(self.deliver(order, 4), 1)
        self.env.flush_all()
        stock = self.company.with_company(self.company)
        difference = sum(
            vals["debit"] for vals in stock._action_close_stock_valuation(at_date=DAY))
        self.assertGreater(difference, 0.0)
        run = self.book(self.prepare())
        self.env.invalidate_all()
        self.assertEqual(run.cost_total, difference)
        self.assertEqual(stock._action_close_stock_valuation(at_date=DAY), [])

    def test_stock_account_agrees_at_standard_and_average_cost(self):
        for method in ("standard", "average"):
            category = self.category.copy({"name": method, "property_cost_method": method})
            product = self.make_product(method, categ_id=category.id, standard_price=40.0)
            self.make_stock(product, 20)
            order = self.make_order((product, 9, 100.0))
            self.deliver(order, 7)
            self.invoice(order, quantities=[3])
        run = self.book(self.prepare())
        self.assertEqual(run.cost_total, 2 * 4 * 40.0)
        self.env.invalidate_all()
        stock = self.company.with_company(self.company)
        self.assertEqual(stock._action_close_stock_valuation(at_date=DAY), [])

    def test_stock_that_was_closed_on_the_day_leaves_no_cost(self):
        self.make_orders()
        self.env.flush_all()
        stock = self.company.with_company(self.company)
        stock.account_stock_journal_id = self.get_journal("general")
        stock.action_close_stock_valuation(at_date=DAY, auto_post=True)
        run = self.prepare()
        self.assertEqual(run.cost_total, 0.0)
        self.assertIn("closed on that day", run.findings)

    def test_foreign_order_is_booked_in_its_currency(self):
        order = self.make_order((self.product, 10, 33.33), currency=self.eur)
        self.deliver(order, 7)
        run = self.book(self.prepare())
        line = self.get_line(run, order)
        position = line.move_id.line_ids.filtered(
            lambda item: item.account_id == self.company.o2c_contract_asset_account_id)
        self.assertEqual((position.currency_id, position.amount_currency, position.balance),
                         (self.eur, 233.31, 466.62))
        self.assertEqual(line.move_id.currency_id, self.eur)
        self.assertAlmostEqual(sum(line.move_id.line_ids.mapped("balance")), 0.0)

    def test_contract_assets_are_not_counted_twice_in_the_exposure(self):
        order = self.make_order((self.product, 10, 100.0))
        self.deliver(order, 10)
        partner = order.partner_invoice_id.commercial_partner_id

        def measure():
            self.env.flush_all()
            exposure = self.env["o2c.exposure"].sudo()._get_exposure(partner, self.company)[partner.id]
            claims = self.env["o2c.claim"].sudo().with_context(o2c_as_of="2026-03-31").search(
                [("partner_id", "=", partner.id)])
            return exposure.total, sum(claims.mapped("amount"))

        before = measure()
        self.assertEqual(before[0], 1000.0)
        with freeze_time("2026-03-31 20:00:00"):
            run = self.book(self.prepare())
            self.assertEqual(measure(), before)
        self.assertEqual(self.get_line(run, order).kind, "receivable")
        self.assertEqual(measure(), before)

    def test_reversal_waits_for_its_day(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 2)
        with freeze_time("2026-03-31 20:00:00"):
            run = self.book(self.prepare())
            reversal = self.get_line(run, order).reversal_id
            self.assertEqual(
                (reversal.state, reversal.auto_post, reversal.date), ("draft", "at_date", NEXT_DAY))
        with freeze_time("2026-04-01 03:00:00"):
            reversal._post()
        self.assertEqual(reversal.state, "posted")
        self.assertEqual(self.get_balance(self.company.o2c_unbilled_account_id, NEXT_DAY), 0.0)

    def test_preparing_twice_makes_the_same_lines_once(self):
        self.make_orders()
        run = self.prepare()
        first = sorted((line.order_id.id, line.balance) for line in run.line_ids)
        run.action_prepare()
        self.assertEqual(sorted((line.order_id.id, line.balance) for line in run.line_ids), first)
        self.assertFalse(run.sudo().line_ids.move_id)

    def test_second_run_of_the_month_is_refused(self):
        self.make_orders()
        self.prepare()
        other = self.make_run()
        self.assertIn("already (Prepared)", other.findings)
        with self.assertRaisesRegex(UserError, "already"):
            other.action_prepare()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            other.sudo()._guarded_write({"state": "prepared"})
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((other.sudo().state, other.total), ("draft", 0))

    def test_crash_and_resume_books_nothing_twice(self):
        self.make_orders()
        run = self.prepare()
        run.with_user(self.officer).action_submit()
        run.sudo().o2c_request_id.with_user(self.director).action_approve()
        run.sudo()._run_batch(limit=1)
        self.assertEqual(len(run.sudo().line_ids.move_id), 1)
        run.with_user(self.officer).action_pause()
        self.assertEqual(run.sudo()._run_batch(), 0)
        run.with_user(self.officer).action_resume()
        self.work(run)
        self.work(run)
        self.assertEqual((run.state, len(run.sudo().line_ids.move_id), run.move_count), ("done", 3, 6))

    def test_order_that_changed_after_the_approval_is_not_booked(self):
        orders = self.make_orders()
        run = self.prepare()
        run.with_user(self.officer).action_submit()
        self.invoice(orders[0], day="2026-03-30")
        run.sudo().o2c_request_id.with_user(self.director).action_approve()
        self.work(run)
        line = self.get_line(run, orders[0])
        self.assertEqual((line.state, bool(line.move_id)), ("error", False))
        self.assertIn(orders[0].name, line.message)
        self.assertEqual(len(run.sudo().line_ids.move_id), 2)

    def test_locked_month_is_refused_before_and_after_the_approval(self):
        self.make_orders()
        run = self.prepare()
        self.company.fiscalyear_lock_date = DAY
        with self.assertRaisesRegex(UserError, "locked"):
            run.action_submit()
        self.assertEqual(run.state, "prepared")
        self.company.fiscalyear_lock_date = False
        run.action_submit()
        self.company.fiscalyear_lock_date = DAY
        run.sudo().o2c_request_id.with_user(self.director).action_approve()
        self.work(run)
        self.assertEqual(run.state, "failed")
        self.assertFalse(run.sudo().line_ids.move_id)

    def test_missing_account_is_named(self):
        self.make_orders()
        self.company.o2c_contract_asset_account_id = False
        run = self.prepare()
        self.assertIn("Contract assets", run.findings)
        with self.assertRaisesRegex(UserError, "Contract assets"):
            run.action_submit()
        self.assertEqual((run.state, run.o2c_request_count), ("prepared", 0))

    def test_order_left_out_is_approved_as_such_and_not_booked(self):
        orders = self.make_orders()
        run = self.prepare()
        line = self.get_line(run, orders[1]).with_user(self.officer)
        with self.assertRaises(UserError):
            line.action_leave_out(" ")
        line.action_leave_out("Disputed")
        self.assertEqual((run.order_count, run.left_out_count, run.asset_total), (2, 1, 0.0))
        self.book(run)
        self.assertFalse(line.sudo().move_id)
        self.assertEqual(self.get_balance(self.company.o2c_contract_asset_account_id), 0.0)
        with self.assertRaises(UserError):
            line.action_take_in()

    def test_rejected_run_is_in_preparation_again(self):
        self.make_orders()
        run = self.prepare()
        run.action_submit()
        run.sudo().o2c_request_id.with_user(self.director).action_reject("March is not complete")
        self.assertEqual(run.state, "prepared")
        self.assertFalse(run.sudo().line_ids.move_id)
        run.action_back_to_draft()
        self.assertEqual((run.state, run.total), ("draft", 0))

    def test_cancelled_run_leaves_no_balance_on_either_day(self):
        self.make_orders()
        run = self.book(self.prepare())
        with self.assertRaises(UserError):
            run.with_user(self.director).action_cancel("")
        run.with_user(self.director).action_cancel("Stock count was wrong")
        self.assertEqual(run.state, "running")
        self.work(run)
        self.assertEqual((run.state, run.cancel_reason), ("cancelled", "Stock count was wrong"))
        for name in ("unbilled", "contract_asset", "contract_liability"):
            account = self.company[f"o2c_{name}_account_id"]
            self.assertEqual((self.get_balance(account), self.get_balance(account, NEXT_DAY)), (0.0, 0.0))
        self.assertEqual(run.move_count, 12)
        entry = self.env["o2c.register"].search([("event", "=", "accrual_cancelled")], limit=1)
        self.assertIn("Stock count was wrong", entry.message)
        self.assertEqual(self.book(self.prepare()).state, "done")

    def test_cancelled_run_takes_back_reversals_that_wait(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 2)
        with freeze_time("2026-03-31 20:00:00"):
            run = self.book(self.prepare())
            run.with_user(self.director).action_cancel("Too early")
            self.work(run)
        line = self.get_line(run, order)
        self.assertEqual((run.state, line.reversal_id.state), ("cancelled", "cancel"))
        self.assertEqual(self.get_balance(self.company.o2c_unbilled_account_id), 0.0)

    def test_day_is_the_last_of_a_month_that_has_come(self):
        with self.assertRaises(ValidationError):
            self.make_run(date(2026, 3, 30))
        with freeze_time("2026-03-15 10:00:00"), self.assertRaises(ValidationError):
            self.make_run(DAY)

    def test_salespeople_and_credit_prepare_nothing(self):
        run = self.make_run()
        for user in (self.credit, self.auditor):
            with self.assertRaises(AccessError):
                self.rpc(user, run, "action_prepare")
        with self.assertRaises(AccessError):
            self.rpc(self.seller, run, "read", ["state"])
        self.assertEqual(run.sudo().state, "draft")

    def test_month_without_anything_to_book_has_no_run(self):
        with freeze_time("2026-04-01 05:00:00"):
            self.assertFalse(self.env["o2c.accrual.run"].sudo()._prepare_month(self.company))
        for model in ("o2c.accrual.run", "o2c.quantity.check"):
            self.assertFalse(self.env[model].search([("company_id", "=", self.company.id)]))

    def test_first_of_the_month_prepares_and_tells_finance(self):
        self.make_orders()
        self.company.o2c_accrual_active = True
        with freeze_time("2026-04-01 05:00:00"):
            run = self.env["o2c.accrual.run"].sudo()._prepare_month(self.company)
            self.assertFalse(self.env["o2c.accrual.run"].sudo()._prepare_month(self.company))
        self.assertEqual((run.state, run.date, run.order_count), ("prepared", DAY, 3))
        self.assertEqual(run.activity_ids.user_id, self.officer)
        check = self.env["o2c.quantity.check"].search([("company_id", "=", self.company.id)])
        self.assertEqual((check.date, check.state, check.line_count), (DAY, "counted", 3))
        self.assertTrue(self.keeper | self.officer <= check.activity_ids.user_id)
        check.line_ids.filtered("needs_word").with_user(self.keeper).action_explain("Paid in advance")
        check.with_user(self.keeper).action_sign_warehouse()
        self.assertNotIn(self.keeper, check.activity_ids.user_id)
        self.assertIn(self.officer, check.activity_ids.user_id)
        self.book(run)
        self.assertEqual(run.state, "done")

    def test_quantities_first_where_the_company_says_so(self):
        self.make_orders()
        self.company.o2c_check_required = True
        run = self.prepare()
        with self.assertRaisesRegex(UserError, "signed the quantities"):
            run.action_submit()
        check = self.env["o2c.quantity.check"].with_user(self.officer).create(
            {"date": DAY, "company_id": self.company.id})
        check.action_count()
        check.line_ids.filtered("needs_word").action_explain("Paid in advance")
        check.with_user(self.keeper).action_sign_warehouse()
        check.with_user(self.officer).action_sign_finance()
        self.assertEqual(self.book(run).state, "done")

    def test_roles_read_the_entries_of_runs_and_no_others(self):
        order = self.make_order((self.product, 2, 100.0))
        self.deliver(order, 2)
        run = self.book(self.prepare())
        line = self.get_line(run, order)
        other = self.env["account.move"].search(
            [("move_type", "=", "entry"), ("company_id", "=", self.company.id),
             ("o2c_accrual_order_id", "=", False)], limit=1)
        self.assertTrue(other)
        for user in (self.director, self.officer, self.auditor, self.credit):
            moves = (line.move_id | line.reversal_id | other).with_user(user)
            self.assertEqual(moves._filtered_access("read"), moves - other)
            self.assertEqual(len(line.move_id.line_ids.with_user(user)._filtered_access("read")), 4)
            for records in (run, line, line.item_ids):
                fields = {name: {"fields": {"display_name": {}}} if field.type == "many2one" else {}
                          for name, field in records._fields.items() if not field.relational
                          or field.type == "many2one"}
                self.rpc(user, records, "web_read", fields)

    def test_preview_is_what_is_booked(self):
        order = self.make_orders()[1]
        run = self.prepare()
        line = self.get_line(run, order)
        planned = sorted((row["account_id"], row["balance"]) for row in line._prepare_entry_lines())
        self.assertIn("540.00", line.preview)
        self.book(run)
        booked = sorted((item.account_id.id, item.balance) for item in line.move_id.line_ids)
        self.assertEqual(booked, planned)
