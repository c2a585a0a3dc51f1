import io
from datetime import date

import openpyxl
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .exposure_common import ExposureCommon


@tagged("post_install", "-at_install")
class TestAgeing(ExposureCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme = cls.env.ref("o2c_exposure.ageing_scheme_30_60_90")
        cls.finance = cls._user(
            "ageing_finance", "o2c_base.group_finance_officer,account.group_account_invoice")

    # -------------------------------------------------------------------------
    # Helpers
    # -------------------------------------------------------------------------

    def _ageing(self, as_of, *, user=None, fill=True, partners=None, **vals):
        ageing = self.env["o2c.ageing"].with_user(user or self.finance).create({
            "as_of": as_of,
            "scheme_id": self.scheme.id,
            "company_ids": [Command.set(self.company.ids)],
            "partner_ids": [Command.set((partners or self.partner).ids)],
            **vals,
        })
        if fill:
            ageing._fill()
        return ageing

    def assertAges(self, ageing, expected):
        """Amounts by bucket name."""
        found = {}
        for line in ageing.line_ids:
            found[line.bucket_id.name] = round(found.get(line.bucket_id.name, 0.0) + line.amount, 2)
        self.assertEqual(found, expected)

    def _oracle_open(self, partner, day, company=None):
        """Sum of residuals at the end of ``day``, from balances and every single matching."""
        day, total = fields.Date.to_date(day), 0.0
        matchings = self.env["account.partial.reconcile"].search([])
        dates = {matching: matching.max_date for matching in matchings}
        for origin in matchings.filtered("exchange_move_id"):
            lines = origin.exchange_move_id.line_ids
            for matching in lines.matched_debit_ids | lines.matched_credit_ids:
                dates[matching] = min(dates[matching], origin.max_date)
        for line in self.env["account.move.line"].search([("company_id", "=", (company or self.company).id)]):
            if (line.account_id.account_type == "asset_receivable" and line.parent_state == "posted"
                    and line.partner_id.commercial_partner_id == partner and line.date <= day):
                total += line.balance
                total -= sum(m.amount for m in line.matched_credit_ids if dates[m] <= day)
                total += sum(m.amount for m in line.matched_debit_ids if dates[m] <= day)
        return round(total, 2)

    # -------------------------------------------------------------------------
    # Buckets
    # -------------------------------------------------------------------------

    def test_items_fall_into_their_buckets(self):
        for days, amount in ((-1, 1.0), (0, 2.0), (1, 4.0), (30, 8.0), (31, 16.0), (60, 32.0), (61, 64.0),
                             (90, 128.0), (91, 256.0), (900, 512.0)):
            self._invoice(amount=amount, date="2022-01-01", due=self._days("2026-06-30", -days))
        self.assertAges(self._ageing("2026-06-30"), {
            "Not due": 3.0, "1-30": 12.0, "31-60": 48.0, "61-90": 192.0, "> 90": 768.0})
        ageing = self._ageing("2026-06-30", basis="document")
        self.assertAges(ageing, {"> 90": 1023.0})

    def test_credits_stand_apart_or_reduce_their_bucket(self):
        self._invoice(amount=500.0, date="2026-01-01", due="2026-01-31")
        self._invoice(amount=80.0, date="2026-02-01", move_type="out_refund")
        self._receipt(self.contact, 120.0, date="2026-03-20")
        self.assertAges(self._ageing("2026-03-31"), {"31-60": 500.0, "Credits": -200.0})
        self.scheme.credits_apart = False
        self.assertAges(self._ageing("2026-03-31"), {"31-60": 420.0, "1-30": -120.0})

    def test_bucket_names_follow_their_starts(self):
        scheme = self.env["o2c.ageing.scheme"].create({
            "name": "Weeks", "overdue_bucket_ids": [
                Command.create({"days_from": day}) for day in (1, 8, 15)]})
        self.assertEqual(scheme.bucket_ids.mapped("name"), ["Credits", "Not due", "1-7", "8-14", "> 14"])
        scheme.overdue_bucket_ids[1].unlink()
        self.assertEqual(scheme.bucket_ids.mapped("name"), ["Credits", "Not due", "1-14", "> 14"])
        copy = scheme.copy()
        self.assertEqual(copy.bucket_ids.mapped("days_from"), [0, 0, 1, 15])

    def test_scheme_without_a_bucket_for_the_first_day_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["o2c.ageing.scheme"].create(
                {"name": "Gap", "overdue_bucket_ids": [Command.create({"days_from": 31})]})
        first = self.scheme.bucket_ids.filtered(lambda b: b.days_from == 1)
        with self.assertRaises(ValidationError):
            first.unlink()
        with self.assertRaises(UserError):
            self.scheme.bucket_ids[0].unlink()

    def test_buckets_are_edited_by_the_policy_administrator_only(self):
        admin = self._user("ageing_policy", "o2c_base.group_policy_administrator")
        self.scheme.with_user(admin).name = "Ours"
        with self.assertRaises(AccessError):
            self.scheme.with_user(self.finance).name = "Mine"
        self.assertEqual(self.scheme.name, "Ours")

    # -------------------------------------------------------------------------
    # As of a date
    # -------------------------------------------------------------------------

    def test_payment_after_the_date_counts_as_open(self):
        invoice = self._invoice(amount=1000.0, date="2026-01-10", due="2026-02-10")
        self._pay(invoice, 300.0, date="2026-03-05")
        self._pay(invoice, date="2026-04-20")
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertAges(self._ageing("2026-01-09"), {})
        self.assertAges(self._ageing("2026-02-10"), {"Not due": 1000.0})
        self.assertAges(self._ageing("2026-03-04"), {"1-30": 1000.0})
        self.assertAges(self._ageing("2026-03-05"), {"1-30": 700.0})
        self.assertAges(self._ageing("2026-04-19"), {"61-90": 700.0})
        self.assertAges(self._ageing("2026-04-20"), {})

    def test_receipt_matched_later_was_a_credit(self):
        payment = self._receipt(self.partner, 400.0, date="2026-01-05")
        invoice = self._invoice(amount=1000.0, date="2026-02-01", due="2026-02-01")
        (invoice.line_ids | payment.move_id.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertAges(self._ageing("2026-01-31"), {"Credits": -400.0})
        self.assertAges(self._ageing("2026-02-01"), {"Not due": 600.0})

    def test_foreign_item_has_the_residual_it_had_in_both_currencies(self):
        invoice = self._invoice(amount=800.0, currency=self.foreign, date="2026-01-10", due="2026-01-10")
        self.env["res.currency.rate"].create({
            "currency_id": self.foreign.id, "rate": 0.5, "name": "2026-03-01", "company_id": False})
        self._pay(invoice, 200.0, date="2026-03-10")
        line = self._ageing("2026-03-09").line_ids
        self.assertEqual((line.amount, line.amount_currency, line.doc_currency_id),
                         (1000.0, 800.0, self.foreign))
        line = self._ageing("2026-03-10").line_ids
        self.assertEqual((line.amount, line.amount_currency), (750.0, 600.0))

    def test_every_day_equals_the_oracle(self):
        for day, amount in (("2026-01-10", 500.0), ("2026-02-10", 700.0), ("2026-03-15", 900.0)):
            invoice = self._invoice(amount=amount, date=day, due=self._days(day, 30))
            self._pay(invoice, amount / 4, date=self._days(day, 20))
        self._pay(invoice, date="2026-05-15")
        refund = invoice._reverse_moves([{"invoice_date": date(2026, 5, 20), "date": date(2026, 5, 20)}])
        refund.action_post()
        foreign = self._invoice(amount=333.0, currency=self.foreign, date="2026-02-01", due="2026-02-20")
        self.env["res.currency.rate"].create({
            "currency_id": self.foreign.id, "rate": 0.6, "name": "2026-04-01", "company_id": False})
        self._pay(foreign, date="2026-04-10")
        self._receipt(self.contact, 77.0, date="2026-03-03")
        for day in ("2026-01-09", "2026-01-31", "2026-02-15", "2026-03-20", "2026-04-09", "2026-04-10",
                    "2026-05-14", "2026-05-15", "2026-05-31"):
            with self.subTest(day=day):
                self.assertAlmostEqual(
                    sum(self._ageing(day).line_ids.mapped("amount")), self._oracle_open(self.partner, day), 2)
        today = fields.Date.today()
        claims = self.env["o2c.claim"].search([("partner_id", "=", self.partner.id)])
        self.assertAlmostEqual(
            sum(claims.mapped("amount")), sum(self._ageing(today).line_ids.mapped("amount")), 2)

    def test_claims_of_a_date_by_the_context(self):
        invoice = self._invoice(amount=1000.0, date="2026-01-10", due="2026-02-10")
        self._pay(invoice, date="2026-03-05")
        claims = self.env["o2c.claim"].with_context(o2c_as_of="2026-02-20")
        claim = claims.search([("partner_id", "=", self.partner.id)])
        self.assertEqual((claim.amount, claim.days_overdue, claim.move_id), (1000.0, 10, invoice))
        self.assertEqual(claim.action_open_document()["res_id"], invoice.id)
        self.assertFalse(self.env["o2c.claim"].search([("partner_id", "=", self.partner.id)]))

    # -------------------------------------------------------------------------
    # Report
    # -------------------------------------------------------------------------

    def test_filters_and_tables(self):
        group = self.env["o2c.corporate.group"].create({"name": "Ageing Group"})
        member = self._partner("Ageing Member", o2c_corporate_group_id=group.id)
        self._invoice(amount=100.0, date="2026-01-01", due="2026-01-31")
        self._invoice(member, amount=50.0, date="2026-01-01", due="2026-12-31")
        self._invoice(member, amount=70.0, company=self.other_company, date="2026-01-01", due="2026-01-31")
        everybody = self.partner | member
        ageing = self._ageing("2026-03-31", partners=everybody)
        table, = ageing._get_tables()
        self.assertEqual([row["partner"] for row in table["rows"]], [self.partner, member])
        self.assertEqual((table["total"], sum(table["totals"])), (150.0, 150.0))
        self.assertAges(self._ageing("2026-03-31", partners=everybody, only_overdue=True), {"31-60": 100.0})
        self.assertAges(self._ageing("2026-03-31", partners=everybody, corporate_group_ids=group.ids),
                        {"Not due": 50.0})
        self.finance.company_ids += self.other_company
        both = self._ageing("2026-03-31", partners=everybody, company_ids=(
            self.company | self.other_company).ids)
        self.assertEqual({table["company"]: table["total"] for table in both._get_tables()},
                         {self.company: 150.0, self.other_company: 70.0})

    def test_print_and_spreadsheet(self):
        self.partner.name = "=HYPERLINK(1)"
        self._invoice(amount=1234.5, date="2026-01-01", due="2026-01-31")
        self._invoice(amount=100.0, date="2026-03-01", due="2026-05-31")
        ageing = self._ageing("2026-03-31")
        html = self.env["ir.actions.report"].with_user(self.finance)._render_qweb_html(
            "o2c_exposure.ageing_document", ageing.ids)[0].decode()
        self.assertIn("1,334.50", html)
        self.assertIn("31-60", html)
        book = openpyxl.load_workbook(io.BytesIO(ageing._prepare_xlsx()))
        customers, items = book.worksheets
        self.assertEqual([cell.value for cell in customers[5]],
                         ["=HYPERLINK(1)", 0, 100, 0, 1234.5, 0, 0, 1334.5])
        self.assertEqual(customers["A5"].data_type, "s", "a name is never a formula")
        self.assertEqual([cell.value for cell in items["K"]][1:], [1234.5, 100])
        self.assertEqual(ageing.action_print()["report_name"], "o2c_exposure.ageing_document")

    def test_snapshot_goes_with_its_date(self):
        self._invoice(amount=100.0, date="2026-01-01")
        ageing = self._ageing("2026-03-31")
        self.assertTrue(ageing.line_ids)
        ageing.as_of = "2020-01-01"
        self.assertFalse(ageing.line_ids)

    # -------------------------------------------------------------------------
    # Rights
    # -------------------------------------------------------------------------

    def test_salesperson_sees_own_customers(self):
        seller = self._user("ageing_seller", "sales_team.group_sale_salesman")
        own = self._partner("Ageing Own", user_id=seller.id)
        stranger = self._partner("Ageing Stranger", user_id=self.finance.id)
        for partner in own | stranger:
            self._invoice(partner, amount=100.0, date="2026-01-01")
        ageing = self._ageing("2026-03-31", user=seller, partners=own | stranger)
        self.assertEqual(ageing.line_ids.partner_id, own)
        claims = self.env["o2c.claim"].with_user(seller).search([("partner_id", "in", (own | stranger).ids)])
        self.assertEqual(claims.partner_id, own)

    def test_company_of_others_is_refused(self):
        self._invoice(amount=100.0, company=self.other_company, date="2026-01-01")
        ageing = self._ageing("2026-03-31", fill=False)
        ageing.sudo().company_ids = self.other_company
        with self.assertRaises(AccessError):
            ageing.action_show()
        self.assertFalse(ageing.line_ids)

    def test_user_without_a_role_is_refused(self):
        nobody = self._user("ageing_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self._ageing("2026-03-31", user=nobody)
        with self.assertRaises(AccessError):
            self.env["o2c.exposure"].with_user(nobody)._check_reader()

    def test_rows_of_a_snapshot_are_not_forged(self):
        self._invoice(amount=100.0, date="2026-01-01")
        ageing = self._ageing("2026-03-31")
        with self.assertRaises(AccessError):
            ageing.line_ids.write({"amount": 1.0})
        with self.assertRaises(AccessError):
            ageing.line_ids.create({"ageing_id": ageing.id, "amount": 1.0})
        other = self._user("ageing_other", "o2c_base.group_finance_officer")
        with self.assertRaises(AccessError):
            ageing.with_user(other).check_access("read")
