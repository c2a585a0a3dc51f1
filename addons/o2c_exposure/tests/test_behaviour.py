from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .exposure_common import ExposureCommon
from .ledger_common import LedgerCommon, read_sample


@tagged("post_install", "-at_install")
class TestBehaviour(ExposureCommon):

    def _behaviour(self, start, end, partner=None, company=None):
        facts = self.env["o2c.behaviour"]._get_behaviour(
            date.fromisoformat(start), date.fromisoformat(end),
            scope=SQL("debtor.commercial_partner_id = %s", (partner or self.partner).id))
        return facts.get(((company or self.company).id, (partner or self.partner).id))

    def test_figures_of_a_quarter(self):
        early = self._invoice(amount=1000.0, date="2025-12-01", due="2026-01-10")
        self._pay(early, date="2026-01-05")
        late = self._invoice(amount=3000.0, date="2026-01-01", due="2026-01-31")
        self._pay(late, 1000.0, date="2026-01-20")
        self._pay(late, date="2026-02-10")
        self._invoice(amount=600.0, date="2026-02-01", due="2026-03-01")
        self._invoice(amount=400.0, date="2026-03-20", due="2026-04-20")
        self._pay(self._invoice(amount=70.0, date="2026-03-01", due="2026-03-10"), date="2026-04-15")
        behaviour = self._behaviour("2026-01-01", "2026-03-31")
        self.assertEqual((behaviour.settled_count, behaviour.late_count, behaviour.days_late), (2, 1, 10))
        self.assertEqual((behaviour.mean_days_late, behaviour.weighted_days_late), (5.0, 7.5))
        self.assertEqual(behaviour.on_time_percent, 50.0)
        self.assertEqual(
            (behaviour.opening, behaviour.sales, behaviour.closing, behaviour.overdue),
            (1000.0, 4070.0, 1070.0, 670.0))
        self.assertAlmostEqual(behaviour.dso, 1070 / 4070 * 90)
        self.assertAlmostEqual(behaviour.best_dso, 400 / 4070 * 90)
        self.assertAlmostEqual(behaviour.cei, (1000 + 4070 - 1070) / (1000 + 4070 - 400) * 100)

    def test_credit_note_settles_without_paying(self):
        invoice = self._invoice(amount=1000.0, date="2026-01-01", due="2026-01-31")
        invoice._reverse_moves([{"invoice_date": "2026-03-01", "date": date(2026, 3, 1)}], cancel=True)
        self.assertEqual(invoice.payment_state, "reversed")
        behaviour = self._behaviour("2026-01-01", "2026-03-31")
        self.assertEqual((behaviour.settled_count, behaviour.sales, behaviour.closing), (0, 0.0, 0.0))

    def test_item_settled_after_the_period_is_open_in_it(self):
        self._pay(self._invoice(amount=500.0, date="2026-01-01", due="2026-01-31"), date="2026-05-01")
        behaviour = self._behaviour("2026-01-01", "2026-03-31")
        self.assertEqual((behaviour.settled_count, behaviour.closing, behaviour.overdue), (0, 500.0, 500.0))
        self.assertEqual(self._behaviour("2026-04-01", "2026-06-30").mean_days_late, 90.0)

    def test_foreign_invoice_counts_in_company_currency(self):
        self._pay(self._invoice(amount=800.0, currency=self.foreign, date="2026-01-01", due="2026-01-31"),
                  date="2026-02-10")
        behaviour = self._behaviour("2026-01-01", "2026-03-31")
        self.assertEqual((behaviour.settled_amount, behaviour.sales), (1000.0, 1000.0))

    def test_exchange_entry_of_the_month_end_makes_nobody_late(self):
        invoice = self._invoice(amount=800.0, currency=self.foreign, date="2026-01-01", due="2026-02-15")
        self.env["res.currency.rate"].create({
            "currency_id": self.foreign.id, "rate": 0.5, "name": "2026-02-01", "company_id": False})
        self._pay(invoice, date="2026-02-10")
        exchange = invoice.line_ids.matched_credit_ids.exchange_move_id
        self.assertGreater(exchange.date, invoice.invoice_date_due)
        behaviour = self._behaviour("2026-01-01", "2026-03-31")
        self.assertEqual((behaviour.settled_count, behaviour.late_count), (1, 0))

    def test_companies_are_apart(self):
        self._invoice(amount=100.0, date="2026-01-01")
        self._invoice(amount=300.0, date="2026-01-01", company=self.other_company)
        self.assertEqual(self._behaviour("2026-01-01", "2026-03-31").sales, 100.0)
        self.assertEqual(
            self._behaviour("2026-01-01", "2026-03-31", company=self.other_company).sales, 300.0)

    def test_report_has_customers_and_totals(self):
        other = self._partner("Behaviour Other")
        self._pay(self._invoice(amount=100.0, date="2026-01-01", due="2026-01-31"), date="2026-02-10")
        self._invoice(other, amount=300.0, date="2026-01-01", due="2026-12-31")
        user = self._user("behaviour_finance", "o2c_base.group_finance_officer")
        report = self.env["o2c.behaviour.report"].with_user(user).create({
            "date_from": "2026-01-01", "date_to": "2026-03-31", "company_ids": self.company.ids,
            "partner_ids": [Command.set((self.partner | other).ids)]})
        report.action_measure()
        self.assertRecordValues(report.line_ids, [
            {"partner_id": other.id, "closing": 300.0, "settled_count": 0, "mean_days_late": 0.0},
            {"partner_id": self.partner.id, "closing": 0.0, "settled_count": 1, "mean_days_late": 10.0},
        ])
        self.assertRecordValues(report.total_ids, [
            {"sales": 400.0, "closing": 300.0, "settled_count": 1, "dso": 67.5, "best_dso": 67.5}])
        report.date_to = "2026-04-30"
        self.assertFalse(report.line_ids | report.total_ids)
        report.date_to = "2025-01-01"
        with self.assertRaises(UserError):
            report.action_measure()

    def test_customer_buttons(self):
        seller = self._user("behaviour_seller", "sales_team.group_sale_salesman")
        partner = self.contact.with_user(seller)
        self._invoice(amount=100.0, date="2020-01-01", due="2020-01-31")
        self._order(lines=[(self.service, 1, 50.0)])
        self.assertEqual((partner.o2c_exposure, partner.o2c_overdue), (150.0, 100.0))
        self.assertEqual(partner.o2c_days_late, 0.0)
        for action in (partner.action_open_o2c_exposure(), partner.action_open_o2c_claims()):
            rows = self.env[action["res_model"]].with_user(seller).search(action["domain"])
            self.assertEqual(rows.partner_id, self.partner)
        action = partner.action_open_o2c_behaviour()
        lines = self.env[action["res_model"]].with_user(seller).search(action["domain"])
        self.assertEqual(lines.partner_id, self.partner)


@tagged("post_install", "-at_install")
class TestSampleLedger(LedgerCommon):
    """Facts of the public sample at 2012-12-31, computed outside the suite."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls("test_ageing")
        ledger = case._import(read_sample(), file_name="receivables.csv", cut_off_date=date(2012, 12, 31),
                              create_missing=True, mode="all")
        case._book(ledger)
        cls.env.flush_all()

    def test_ageing(self):
        ageing = self.env["o2c.ageing"].with_user(self.finance).create({
            "as_of": "2012-12-31", "company_ids": self.company.ids,
            "scheme_id": self.env.ref("o2c_exposure.ageing_scheme_30_60_90").id})
        ageing._fill()
        table, = ageing._get_tables()
        amounts = dict(zip(table["buckets"].mapped("name"), table["totals"], strict=True))
        self.assertEqual({name: round(amount, 2) for name, amount in amounts.items() if amount},
                         {"Not due": 4936.32, "1-30": 788.74})
        self.assertEqual((len(ageing.line_ids), len(table["rows"])), (99, 61))
        self.assertEqual(
            [(row["partner"].ref, round(row["total"], 2)) for row in table["rows"][:3]],
            [("4640-FGEJI", 236.38), ("5573-KSOIA", 230.29), ("7841-HROAQ", 212.01)])

    def test_ageing_before_the_import_includes_what_was_settled_since(self):
        """An invoice is open when its date <= the day < its settlement, imported open or settled."""
        ageing = self.env["o2c.ageing"].with_user(self.finance).create({
            "as_of": "2012-06-30", "company_ids": self.company.ids,
            "scheme_id": self.env.ref("o2c_exposure.ageing_scheme_30_60_90").id})
        ageing._fill()
        day = date(2012, 6, 30)
        history = self.env["o2c.payment.history"].search([("company_id", "=", self.company.id)])
        was_open = history.filtered(lambda item: item.invoice_date <= day < item.settled_date)
        self.assertTrue(was_open)
        self.assertAlmostEqual(sum(ageing.line_ids.mapped("amount")), sum(was_open.mapped("amount")), 2)

    def test_behaviour(self):
        report = self.env["o2c.behaviour.report"].with_user(self.finance).create({
            "date_from": "2012-01-02", "date_to": "2012-12-31", "company_ids": self.company.ids})
        report.action_measure()
        total = report.total_ids
        self.assertEqual((total.settled_count, total.late_count), (1178, 443))
        self.assertEqual(round(total.settled_amount, 2), 70339.01)
        self.assertEqual(round(total.sales, 2), 76064.07)
        self.assertAlmostEqual(total.mean_days_late, 3.7148, 2)
        self.assertAlmostEqual(total.weighted_days_late, 3.8082, 2)
        self.assertAlmostEqual(total.dso, 27.47, 2)
        self.assertEqual((round(total.closing, 2), round(total.overdue, 2)), (5725.06, 788.74))
