"""The public sample ledger, imported at 2012-12-31, gives the facts that were computed outside the suite."""

from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ..rules.behaviour import Behaviour
from .ledger_common import LedgerCommon, read_sample

CUT_OFF = date(2012, 12, 31)


@tagged("post_install", "-at_install")
class TestLedgerFacts(LedgerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls("test_preview_counts_every_row")
        cls.ledger = case._import(
            read_sample(), file_name="receivables.csv", cut_off_date=CUT_OFF, create_missing=True, mode="all"
        )
        cls.preview = cls.ledger.read(
            ["open_count", "open_total", "settled_count", "settled_total", "skipped_count", "wrong_count"]
        )[0]
        case._book(cls.ledger)
        cls.moves = cls.ledger.line_ids.move_id.sudo()
        cls.history = cls.env["o2c.payment.history"].search([("import_id", "=", cls.ledger.id)])

    def _due(self, day):
        return self.moves.filtered(lambda move: move.invoice_date_due == day)

    def _sum(self, moves):
        return round(sum(moves.mapped("amount_residual")), 2)

    def test_preview_counts_every_row(self):
        self.assertEqual(self.preview["open_count"], 99)
        self.assertEqual(round(self.preview["open_total"], 2), 5725.06)
        self.assertEqual(self.preview["settled_count"], 1178)
        self.assertEqual(round(self.preview["settled_total"], 2), 70339.01)
        self.assertEqual(self.preview["skipped_count"], 1189)
        self.assertEqual(self.preview["wrong_count"], 0)

    def test_invoiced_so_far(self):
        self.assertEqual(len(self.moves) + len(self.history), 1277)
        self.assertEqual(round(self._sum(self.moves) + sum(self.history.mapped("amount")), 2), 76064.07)

    def test_history_tells_how_customers_paid(self):
        self.assertEqual(len(self.history), 1178)
        self.assertEqual(round(sum(self.history.mapped("amount_company")), 2), 70339.01)
        late = self.history.filtered("days_late")
        self.assertEqual(len(late), 443)
        self.assertAlmostEqual(sum(late.mapped("days_late")) / 1178, 3.7148, places=4)
        weighted = sum(item.days_late * item.amount for item in self.history) / 70339.01
        self.assertAlmostEqual(weighted, 3.8082, places=4)

    def test_open_items_are_posted_invoices(self):
        self.assertEqual(len(self.moves), 99)
        self.assertEqual(len(self.moves.commercial_partner_id), 61)
        self.assertEqual(self._sum(self.moves), 5725.06)
        self.assertEqual(set(self.moves.mapped("state")), {"posted"})
        self.assertEqual(set(self.moves.mapped("payment_state")), {"not_paid"})
        self.assertEqual(self.moves.journal_id.mapped("o2c_is_opening"), [True])
        self.assertFalse(self.moves.line_ids.tax_ids)
        self.assertFalse(self.moves.line_ids.product_id)
        self.assertEqual(self.moves.create_uid, self.finance)

    def test_ageing_at_cut_off(self):
        overdue = self.moves.filtered(lambda move: move.invoice_date_due < CUT_OFF)
        self.assertEqual(len(overdue), 13)
        self.assertEqual(self._sum(overdue), 788.74)
        self.assertEqual(self._sum(self.moves - overdue), 4936.32)
        self.assertGreaterEqual(min(self.moves.mapped("invoice_date_due")), CUT_OFF - timedelta(days=30))
        last_day = overdue.filtered(lambda move: move.invoice_date_due + timedelta(days=10) < CUT_OFF)
        self.assertEqual((len(last_day), self._sum(last_day)), (7, 411.90))

    def test_due_soon(self):
        for days in (7, 3, 0):
            self.assertEqual(len(self._due(CUT_OFF + timedelta(days=days))), 2, f"due in {days} days")

    def test_dso(self):
        year = CUT_OFF - timedelta(days=365)
        invoiced = sum(
            self.history.filtered(lambda item: item.invoice_date > year).mapped("amount_company")
        ) + sum(self.moves.mapped("amount_total"))
        self.assertAlmostEqual(self._sum(self.moves) / invoiced * 365, 27.47, places=2)

    def test_largest_customers(self):
        totals = {}
        for move in self.moves:
            totals[move.partner_id.ref] = totals.get(move.partner_id.ref, 0.0) + move.amount_residual
        largest = sorted(((round(amount, 2), ref) for ref, amount in totals.items()), reverse=True)[:3]
        self.assertEqual(largest, [(236.38, "4640-FGEJI"), (230.29, "5573-KSOIA"), (212.01, "7841-HROAQ")])

    def test_behaviour_of_the_suite_gives_the_same_figures(self):
        year = self.env["o2c.behaviour"]._get_behaviour(
            CUT_OFF - timedelta(days=364), CUT_OFF, scope=SQL("company.id = %s", self.company.id)
        )
        total = sum(year.values(), start=Behaviour(days=365))
        self.assertEqual((total.settled_count, total.late_count), (1178, 443))
        self.assertAlmostEqual(total.settled_amount, 70339.01, places=2)
        self.assertAlmostEqual(total.mean_days_late, 3.7148, places=4)
        self.assertAlmostEqual(total.weighted_days_late, 3.8082, places=4)
        self.assertAlmostEqual(total.sales, 76064.07, places=2)
        self.assertAlmostEqual(total.closing, 5725.06, places=2)
        self.assertAlmostEqual(total.overdue, 788.74, places=2)
        self.assertAlmostEqual(total.dso, 27.47, places=2)

    def test_ageing_of_the_suite_gives_the_same_figures(self):
        ageing = self.env["o2c.ageing"].create({"as_of": CUT_OFF, "company_ids": self.company.ids})
        ageing.action_show()
        late = ageing.line_ids.filtered(lambda line: line.age > 0)
        self.assertEqual((len(ageing.line_ids), len(late)), (99, 13))
        self.assertAlmostEqual(sum(ageing.line_ids.mapped("amount")), 5725.06, places=2)
        self.assertAlmostEqual(sum(late.mapped("amount")), 788.74, places=2)
        self.assertLessEqual(max(late.mapped("age")), 30)

    def test_receivable_keeps_number_and_dates(self):
        row = self.ledger.line_ids.filtered(lambda line: line.outcome == "open")[:1]
        line = row.move_id.sudo().line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        self.assertRecordValues(
            line,
            [
                {
                    "date": row.invoice_date,
                    "date_maturity": row.due_date,
                    "amount_residual": row.amount,
                    "partner_id": row.partner_id.id,
                    "move_name": row.number,
                }
            ],
        )
        self.assertEqual(line.account_id, row.partner_id.property_account_receivable_id)

    def test_portal_shows_open_items(self):
        partner = self.moves[0].commercial_partner_id
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "ledger_portal",
                "partner_id": partner.id,
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        seen = self.env["account.move"].with_user(portal).search([("move_type", "=", "out_invoice")])
        self.assertEqual(seen, self.moves.filtered(lambda move: move.commercial_partner_id == partner))
        self.assertTrue(self.moves[0].with_user(portal).get_portal_url())

    def test_register_tells_the_file_and_the_sums(self):
        entry = self.env["o2c.register"].search(
            [
                ("res_model", "=", "o2c.ledger.import"),
                ("res_id", "=", self.ledger.id),
                ("event", "=", "ledger_import"),
            ]
        )
        self.assertEqual(len(entry), 1)
        self.assertEqual(entry.evidence["open"], [99, 5725.06])
        self.assertEqual(entry.evidence["sha256"], self.ledger.file_hash)
        self.assertEqual(entry.user_ref, self.finance.id)
        self.assertEqual(round(entry.amount, 2), 5725.06)

    def test_same_file_books_nothing_twice(self):
        again = self._import(
            read_sample(), file_name="receivables.csv", cut_off_date=CUT_OFF, create_missing=True
        )
        reasons = {}
        for line in again.line_ids:
            reasons[line.reason] = reasons.get(line.reason, 0) + 1
        self.assertEqual(reasons, {"already_booked": 99, "in_history": 1178, "after_cut_off": 1189})
        with self.assertRaisesRegex(Exception, "No row of this file needs to be booked"):
            again.action_start()

    def test_later_cut_off_completes_history_and_names_differences(self):
        later = self._import(
            read_sample(), file_name="receivables.csv", cut_off_date="2013-06-30", create_missing=True
        )
        settled_now = later.line_ids.filtered(lambda line: line.reason == "now_settled")
        self.assertEqual(len(settled_now), 99)
        self.assertIn("Register the payment", settled_now[0].advice)
        self._book(later)
        self.assertEqual(self.moves.mapped("state"), ["posted"] * 99)
        self.assertEqual(self._sum(self.moves), 5725.06, "what was booked is not changed by a file")
        history = self.env["o2c.payment.history"].search([("company_id", "=", self.company.id)])
        self.assertGreater(len(history), 1178)
        self.assertFalse(set(history.mapped("invoice_number")) & set(self.moves.mapped("name")))
