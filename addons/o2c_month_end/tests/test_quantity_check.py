import io

import openpyxl
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from . import oracle
from .common import DAY, MonthEndCase


@tagged("post_install", "-at_install", "o2c")
class TestQuantityCheck(MonthEndCase):
    """Counting, explaining, signing by two people, opening again."""

    def make_check(self, user=None):
        check = self.env["o2c.quantity.check"].with_user(user or self.officer).create(
            {"date": DAY, "company_id": self.company.id})
        self.env.flush_all()
        check.action_count()
        return check

    def get_row(self, check, order):
        line = check.sudo().line_ids.filtered(lambda line: line.order_id == order)
        return (line.ordered, line.delivered, line.invoiced, line.reason)

    def make_orders(self):
        done = self.make_order((self.product, 5, 100.0))
        self.deliver(done, 5)
        self.invoice(done)
        part = self.make_order((self.product, 10, 100.0))
        self.deliver(part, 6)
        self.invoice(part, quantities=[4])
        ordered = self.make_product("Paid before", invoice_policy="order")
        self.make_stock(ordered, 10)
        early = self.make_order((ordered, 5, 100.0))
        self.deliver(early, 1)
        self.invoice(early)
        late = self.make_order((self.product, 7, 100.0), day="2026-04-02")
        return done, part, early, late

    def test_three_figures_of_each_order(self):
        done, part, early, late = self.make_orders()
        check = self.make_check()
        self.assertEqual(self.get_row(check, done), (5.0, 5.0, 5.0, "agreed"))
        self.assertEqual(self.get_row(check, part), (10.0, 6.0, 4.0, "to_invoice"))
        self.assertEqual(self.get_row(check, early), (5.0, 1.0, 5.0, "over_invoiced"))
        self.assertFalse(check.line_ids.filtered(lambda line: line.order_id == late))
        self.assertEqual((check.line_count, check.difference_count, check.unexplained_count), (3, 2, 1))
        for line in check.sudo().line_ids:
            order_line = line.order_id.order_line
            self.assertEqual(
                (line.delivered, line.invoiced),
                (oracle.delivered(order_line, DAY), oracle.invoiced(order_line, DAY)))

    def test_order_of_an_earlier_month_that_is_closed_is_not_listed(self):
        old = self.make_order((self.product, 2, 100.0), day="2026-01-10")
        self.deliver(old, 2, day="2026-01-11")
        self.invoice(old, day="2026-01-12")
        open_order = self.make_order((self.product, 2, 100.0), day="2026-01-10")
        self.deliver(open_order, 1, day="2026-01-11")
        check = self.make_check()
        self.assertEqual(check.sudo().line_ids.order_id, open_order)
        self.assertEqual(self.get_row(check, open_order), (2.0, 1.0, 0.0, "to_invoice"))

    def test_two_lines_of_one_product_are_one(self):
        order = self.make_order((self.product, 2, 100.0), (self.product, 3, 90.0))
        self.deliver(order, 2, 3)
        self.assertEqual(self.get_row(self.make_check(), order), (5.0, 5.0, 0.0, "to_invoice"))

    def test_tolerance_of_the_company(self):
        order = self.make_order((self.product, 50, 100.0))
        self.deliver(order, 51)
        self.invoice(order)
        self.assertEqual(self.get_row(self.make_check(), order)[3], "over_delivered")
        self.company.o2c_check_tolerance = 2.0
        check = self.env["o2c.quantity.check"].sudo().search([("company_id", "=", self.company.id)])
        check.with_user(self.keeper).action_count()
        self.assertEqual((self.get_row(check, order)[3], check.tolerance), ("within", 2.0))

    def test_nobody_signs_what_is_not_explained(self):
        self.make_orders()
        check = self.make_check()
        with self.assertRaisesRegex(UserError, "not explained"):
            check.with_user(self.keeper).action_sign_warehouse()
        self.assertEqual(check.state, "counted")
        line = check.line_ids.filtered("needs_word")
        line.with_user(self.keeper).action_explain("Customer paid in advance")
        self.assertEqual((line.explanation, line.explained_by_id), ("Customer paid in advance", self.keeper))
        check.with_user(self.keeper).action_sign_warehouse()
        self.assertEqual((check.state, check.warehouse_user_id), ("half", self.keeper))

    def sign(self, check):
        check.line_ids.filtered("needs_word").with_user(self.keeper).action_explain("Known")
        check.with_user(self.keeper).action_sign_warehouse()
        check.with_user(self.officer).action_sign_finance()

    def test_both_sides_sign_and_it_stays(self):
        done, *__ = self.make_orders()
        check = self.make_check()
        self.sign(check)
        self.assertEqual((check.state, check.finance_user_id), ("signed", self.officer))
        self.deliver(self.make_order((self.product, 1, 100.0)), 1)
        for user in (self.keeper, self.officer, self.director):
            with self.assertRaises(UserError):
                check.with_user(user).action_count()
            with self.assertRaises(UserError):
                check.line_ids[:1].with_user(user).action_explain("Later")
        self.assertEqual(self.get_row(check, done), (5.0, 5.0, 5.0, "agreed"))
        entries = self.env["o2c.register"].search(
            [("event", "=", "check_signed"), ("res_id", "=", check.id)])
        self.assertEqual(len(entries), 2)
        self.assertEqual(len({entry.evidence["sha256"] for entry in entries}), 1)

    def test_one_person_does_not_sign_for_both(self):
        both = self.make_user("both", "stock.group_stock_manager,o2c_base.group_finance_officer")
        self.make_orders()
        check = self.make_check()
        check.line_ids.filtered("needs_word").action_explain("Known")
        check.with_user(both).action_sign_warehouse()
        with self.assertRaisesRegex(UserError, "two different people"):
            check.with_user(both).action_sign_finance()
        self.assertEqual((check.state, bool(check.finance_user_id)), ("half", False))

    def test_each_side_signs_for_itself(self):
        self.make_orders()
        check = self.make_check()
        check.line_ids.filtered("needs_word").action_explain("Known")
        for user, method in (
            (self.keeper, "action_sign_finance"), (self.officer, "action_sign_warehouse"),
            (self.auditor, "action_sign_finance"), (self.accountant, "action_sign_finance"),
            (self.seller, "action_sign_warehouse"),
        ):
            with self.assertRaises(AccessError):
                self.rpc(user, check, method)
        self.assertEqual((check.state, bool(check.warehouse_user_id)), ("counted", False))

    def test_counting_again_voids_a_signature_and_keeps_the_words(self):
        self.make_orders()
        check = self.make_check()
        check.line_ids.filtered("needs_word").with_user(self.keeper).action_explain("Known")
        check.with_user(self.keeper).action_sign_warehouse()
        check.with_user(self.officer).action_count()
        self.assertEqual((check.state, bool(check.warehouse_user_id)), ("counted", False))
        explained = check.sudo().line_ids.filtered("explanation")
        self.assertEqual((check.unexplained_count, explained.explained_by_id), (0, self.keeper))

    def test_director_opens_again_with_a_reason(self):
        self.make_orders()
        check = self.make_check()
        self.sign(check)
        for user in (self.officer, self.keeper, self.auditor):
            with self.assertRaises(AccessError):
                self.rpc(user, check, "action_reopen", "I want to")
        with self.assertRaises(UserError):
            check.with_user(self.director).action_reopen(" ")
        self.assertEqual(check.state, "signed")
        check.with_user(self.director).action_reopen("A delivery slip turned up")
        self.assertEqual((check.state, bool(check.warehouse_user_id), bool(check.finance_user_id)),
                         ("counted", False, False))
        entry = self.env["o2c.register"].search([("event", "=", "check_reopened")], limit=1)
        self.assertIn("delivery slip", entry.message)

    def test_figures_and_signatures_are_not_written(self):
        self.make_orders()
        check = self.make_check()
        line = check.line_ids[:1]
        for records, method, args in (
            (check, "write", [{"state": "signed"}]),
            (check, "write", [{"finance_user_id": self.officer.id}]),
            (check, "write", [{"date": "2026-02-28"}]),
            (check, "write", [{"line_ids": [(5, 0, 0)]}]),
            (line, "write", [{"delivered": 99.0}]),
            (line, "write", [{"explanation": "x"}]),
            (line, "unlink", []),
            (check, "unlink", []),
            (line.browse(), "create", [[{"check_id": check.id, "order_id": line.order_id.id,
                                        "product_id": self.product.id, "reason": "agreed"}]]),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                self.rpc(self.officer, records, method, *args)
        self.assertEqual((check.state, check.line_count, bool(check.finance_user_id)), ("counted", 3, False))

    def test_spreadsheet_and_pdf(self):
        self.make_orders()
        check = self.make_check()
        self.sign(check)
        book = openpyxl.load_workbook(io.BytesIO(check.with_user(self.keeper)._prepare_xlsx()))
        rows = list(book.active.iter_rows(values_only=True))
        self.assertEqual(len(rows), 5 + 3)
        self.assertIn("Keeper", rows[1][0])
        html = self.env["ir.actions.report"].with_user(self.auditor)._render_qweb_html(
            "o2c_month_end.quantity_check_report", check.ids)[0].decode()
        self.assertIn("More invoiced than delivered", html)
        self.assertIn("Keeper", html)

    def test_statements_do_not_grow_with_the_orders(self):
        for _number in range(4):
            self.deliver(self.make_order((self.product, 2, 100.0)), 1)
        check = self.make_check()
        self.env.flush_all()
        self.env.invalidate_all()
        record = check.sudo()
        record.company_id.o2c_tz, record.date, self.env["o2c.month.end.ledger"]._get_digits()  # noqa: B018
        with self.assertQueryCount(8):
            few = record._get_counts(record.company_id, record.date)
        for _number in range(8):
            self.deliver(self.make_order((self.product, 2, 100.0)), 1)
        self.env.flush_all()
        self.env.invalidate_all()
        record.company_id.o2c_tz, record.date, self.env["o2c.month.end.ledger"]._get_digits()  # noqa: B018
        with self.assertQueryCount(8):
            many = record._get_counts(record.company_id, record.date)
        self.assertEqual((len(few), len(many)), (4, 12))
