import importlib.util
import random
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, file_path

from ..hooks import fill_open_kind
from .exposure_common import ExposureCommon


@tagged("post_install", "-at_install")
class TestExposure(ExposureCommon):

    # -------------------------------------------------------------------------
    # Orders
    # -------------------------------------------------------------------------

    def test_order_moves_through_the_waterfall(self):
        order = self._order(lines=[(self.product, 10, 100.0)], confirm=False)
        self.assertExposure({})
        order.action_confirm()
        self.assertExposure({"ordered": 1000.0})
        self._deliver(order, 4)
        self.assertExposure({"delivered": 400.0, "ordered": 600.0})
        invoice = self._invoice_order(order, post=False)
        self.assertExposure({"delivered": 400.0, "ordered": 600.0})
        invoice.action_post()
        self.assertExposure({"receivable": 400.0, "ordered": 600.0})
        self._pay(invoice)
        self.assertExposure({"ordered": 600.0})
        self._deliver(order)
        self._pay(self._invoice_order(order))
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertExposure({})

    def test_draft_of_the_whole_order_hides_nothing(self):
        order = self._order()
        self._deliver(order)
        invoice = self._invoice_order(order, post=False)
        self.assertEqual(order.invoice_status, "invoiced", "Odoo counts the draft")
        self.assertTrue(order.o2c_draft_invoiced)
        self.assertExposure({"delivered": 1000.0})
        invoice.partner_id = self._partner("Somebody Else")
        self.assertExposure({"delivered": 1000.0})
        invoice.unlink()
        self.assertFalse(order.o2c_draft_invoiced)
        self.assertExposure({"delivered": 1000.0})

    def test_cancelled_backorder_is_no_exposure(self):
        order = self._order()
        self._deliver(order, 4, backorder=False)
        self.assertExposure({"delivered": 400.0})

    def test_cancelled_order_is_no_exposure(self):
        order = self._order()
        order._action_cancel()
        self.assertExposure({})

    def test_returned_goods_are_no_exposure(self):
        order = self._order()
        picking = self._deliver(order)
        back = self._return(picking, 3, validate=False)
        self.assertExposure({"delivered": 1000.0})
        back.move_ids.write({"quantity": 3, "picked": True})
        back.button_validate()
        self.assertExposure({"delivered": 700.0})

    def test_more_delivered_than_ordered_counts_what_left(self):
        order = self._order(lines=[(self.product, 10, 100.0)])
        order.picking_ids.move_ids.write({"quantity": 12, "picked": True})
        order.picking_ids.button_validate()
        self.assertExposure({"delivered": 1200.0})

    def test_invoice_before_delivery_is_receivable_only(self):
        order = self._order(lines=[(self.service, 10, 50.0)])
        self.assertExposure({"ordered": 500.0})
        self._invoice_order(order)
        self.assertExposure({"receivable": 500.0})
        order.order_line.qty_delivered = 10
        self.assertExposure({"receivable": 500.0})

    def test_part_of_a_line_that_was_invoiced_is_open_no_more(self):
        """The order stays open: neither of its lines is untouched, or delivered and nothing else."""
        ahead = self._order(lines=[(self.service, 10, 50.0)])
        invoice = self._invoice_order(ahead, post=False)
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        self.assertEqual(ahead.invoice_status, "to invoice")
        self.assertExposure({"receivable": 200.0, "ordered": 300.0})
        gone = self._order(lines=[(self.product, 10, 10.0)])
        self._deliver(gone)
        invoice = self._invoice_order(gone, post=False)
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        self.assertExposure({"receivable": 240.0, "ordered": 300.0, "delivered": 60.0})

    def test_down_payment_is_taken_off_the_order(self):
        order = self._order(lines=[(self.service, 10, 50.0)])
        down_payment = self._down_payment(order, 150.0)
        self.assertExposure({"receivable": 150.0, "ordered": 350.0})
        self._pay(down_payment)
        self.assertExposure({"ordered": 350.0})
        self._invoice_order(order)
        self.assertExposure({"receivable": 350.0})

    def test_down_payment_of_a_foreign_order_at_the_orders_rate(self):
        order = self._order(lines=[(self.service, 10, 80.0)], currency=self.foreign)
        self.assertExposure({"ordered": 1000.0})
        self._down_payment(order, 200.0)
        self.assertExposure({"receivable": 250.0, "ordered": 750.0})

    def test_discount_line_reduces_its_order_but_no_other(self):
        self._order(lines=[(self.service, 10, 50.0), (self.service, 1, -200.0)])
        self.assertExposure({"ordered": 300.0})
        self._order(lines=[(self.service, 1, -1000.0)])
        self.assertExposure({"ordered": 300.0})

    def test_line_of_quantity_zero_counts_its_unit_price(self):
        tax = self.env["account.tax"].create({
            "name": "Exposure 10", "amount": 10.0, "amount_type": "percent", "type_tax_use": "sale",
            "price_include_override": "tax_excluded"})
        order = self._order(lines=[(self.service, 0, 50.0)])
        self.assertExposure({})
        order.order_line.write({"qty_delivered": 4, "tax_ids": [Command.set(tax.ids)], "discount": 50.0})
        self.assertExposure({"delivered": 110.0})

    def test_other_unit_on_line_move_and_invoice(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._order(confirm=False)
        order.order_line.write({"product_uom_id": dozen.id, "product_uom_qty": 2, "price_unit": 1200.0})
        order.action_confirm()
        self.assertExposure({"ordered": 2400.0})
        self._deliver(order, 6)
        self.assertExposure({"delivered": 600.0, "ordered": 1800.0})
        self._invoice_order(order, post=False)
        self.assertExposure({"delivered": 600.0, "ordered": 1800.0})

    def test_refund_of_an_order_reopens_it(self):
        order = self._order(lines=[(self.service, 10, 50.0)])
        invoice = self._invoice_order(order)
        refund = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}], cancel=True)
        self.assertEqual(refund.state, "posted")
        self.assertExposure({"ordered": 500.0})

    # -------------------------------------------------------------------------
    # Receivables
    # -------------------------------------------------------------------------

    def test_receipt_on_a_contact_reduces_the_customer(self):
        self._invoice(amount=1000.0)
        self._receipt(self.contact, 300.0)
        self.assertExposure({"receivable": 1000.0, "unallocated": -300.0})
        self.assertEqual(self._exposure(self.contact), self._exposure(self.partner))

    def test_draft_receipt_reduces_nothing(self):
        self._invoice(amount=1000.0)
        self._receipt(self.partner, 300.0, post=False)
        self._invoice(amount=70.0, post=False)
        self.assertExposure({"receivable": 1000.0})

    def test_credit_note_is_part_of_the_receivables(self):
        self._invoice(amount=1000.0)
        self._invoice(amount=250.0, move_type="out_refund")
        self.assertExposure({"receivable": 750.0})

    def test_foreign_invoice_counts_at_booked_value(self):
        invoice = self._invoice(amount=800.0, currency=self.foreign)
        self.assertExposure({"receivable": 1000.0})
        self.foreign.rate_ids.rate = 0.4
        self.assertExposure({"receivable": 1000.0})
        self._pay(invoice, 400.0)
        self.assertEqual(
            self._exposure().amount_of("receivable"),
            round(sum(invoice.line_ids.filtered("date_maturity").mapped("amount_residual")), 2))

    # -------------------------------------------------------------------------
    # Everything at once
    # -------------------------------------------------------------------------

    def test_companies_group_archive_credit_part_payment_currency(self):
        """Must hold: the statement gives what an independent computation gives."""
        other = self._partner("Exposure Sister", active=False)
        group = self.env["o2c.corporate.group"].create({"name": "Exposure Group"})
        (self.partner | other).o2c_corporate_group_id = group
        for company in (self.company, self.other_company):
            self._pay(self._invoice(amount=1000.0, company=company), 400.0)
            self._invoice(amount=250.0, company=company, move_type="out_refund")
            self._invoice(other, amount=800.0, company=company, currency=self.foreign)
            self._receipt(self.contact, 120.0, company=company)
            order = self._order(company=company, lines=[(self.product, 10, 100.0), (self.service, 2, 30.0)])
            self._deliver(order, 3)
            self._invoice_order(order, post=False)
            self._order(other, company=company, currency=self.foreign)
        companies = self.company | self.other_company
        self.assertExposureIsOracle(self.partner | other, companies)
        self.assertExposure(
            {"receivable": 350.0, "unallocated": -120.0, "delivered": 300.0, "ordered": 760.0})
        self.assertExposure({"receivable": 1000.0, "ordered": 1250.0}, other)
        for company in companies:
            total = self.env["o2c.exposure"]._get_group_exposure(group, company)[group.id].total
            self.assertAlmostEqual(
                total, self._exposure(company=company).total + self._exposure(other, company).total, 2)

    def test_random_lives_equal_the_oracle(self):
        dice = random.Random(20260)
        partners = self.partner | self._partner("Exposure Random") | self._partner("Exposure Third")
        companies = self.company | self.other_company
        steps = [self._step_deliver, self._step_invoice, self._step_post, self._step_refund, self._step_pay,
                 self._step_quantity, self._step_down_payment, self._step_receipt, self._step_return,
                 self._step_cancel_delivery]
        for __ in range(14):
            order = self._order(
                dice.choice(partners), company=dice.choice(companies),
                currency=dice.choice([None, None, self.foreign]),
                lines=[(dice.choice([self.product, self.service]), dice.randint(1, 9), dice.randint(1, 90))
                       for __ in range(dice.randint(1, 3))])
            for __ in range(dice.randint(0, 6)):
                dice.choice(steps)(order, dice)
        self.assertExposureIsOracle(partners, companies)
        self.assertOpenKindsAreFilled(partners, companies)

    def _step_deliver(self, order, dice):
        if order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")):
            self._deliver(order, dice.choice([1, 2, None]), backorder=dice.random() < 0.7)
        for line in order.order_line.filtered(lambda sol: sol.product_id == self.service):
            line.qty_delivered = dice.randint(0, int(line.product_uom_qty) + 1)

    def _step_return(self, order, dice):
        done = order.picking_ids.filtered(lambda p: p.state == "done" and p.picking_type_code == "outgoing")
        if done:
            self._return(done[0], 1)

    def _step_cancel_delivery(self, order, dice):
        order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))[:1].action_cancel()

    def _step_invoice(self, order, dice):
        if order.invoice_status == "to invoice":
            invoice = self._invoice_order(order, post=False)
            if dice.random() < 0.3 and len(invoice.invoice_line_ids) > 1:
                invoice.invoice_line_ids[0].quantity += 1

    def _step_post(self, order, dice):
        order.invoice_ids.filtered(
            lambda m: m.state == "draft" and m.amount_total >= 0).action_post()

    def _step_refund(self, order, dice):
        posted = order.invoice_ids.filtered(lambda m: m.state == "posted" and m.move_type == "out_invoice")
        if posted:
            refund = posted[0]._reverse_moves([{"invoice_date": posted[0].invoice_date}])
            if dice.random() < 0.6:
                refund.action_post()

    def _step_pay(self, order, dice):
        for invoice in order.invoice_ids.filtered(lambda m: m.state == "posted" and m.amount_residual > 1):
            self._pay(invoice, round(invoice.amount_residual * dice.choice([0.3, 1.0]), 2))

    def _step_quantity(self, order, dice):
        order.order_line.filtered(lambda sol: sol.product_id)[:1].product_uom_qty += dice.choice([1, 2])

    def _step_down_payment(self, order, dice):
        if order.amount_to_invoice > 10 and not order.order_line.filtered("is_downpayment"):
            self._down_payment(order, 5.0)

    def _step_receipt(self, order, dice):
        self._receipt(order.partner_id, dice.randint(1, 50), company=order.company_id)

    # -------------------------------------------------------------------------
    # Orders that are open in full
    # -------------------------------------------------------------------------

    def assertOpenKindsAreFilled(self, partners, companies):
        """The mark of open orders is what one statement finds for all, and changes no figure."""
        orders = self.env["sale.order"].search([("partner_id", "in", partners.ids), ("state", "=", "sale")])
        orders = orders.filtered(lambda order: order.invoice_status != "invoiced")
        marks = {order: order.o2c_open_kind for order in orders}
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET o2c_open_kind = NULL")
        self.env.invalidate_all()
        self.assertExposureIsOracle(partners, companies)
        fill_open_kind(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual({order: order.o2c_open_kind for order in orders}, marks)

    def test_order_is_open_in_full_until_a_part_of_it_happens(self):
        order = self._order(lines=[(self.product, 10, 100.0), (self.product, 5, 10.0)])
        self.assertEqual(order.o2c_open_kind, "untouched")
        order.order_line[0].product_uom_qty = 12
        self.assertEqual(order.o2c_open_kind, "untouched")
        self._deliver(order, 4)
        self.assertFalse(order.o2c_open_kind)
        self._deliver(order)
        self.assertEqual(order.o2c_open_kind, "delivered")
        invoice = self._invoice_order(order, post=False)
        self.assertFalse(order.o2c_open_kind)
        invoice.unlink()
        self.assertEqual(order.o2c_open_kind, "delivered")
        self._return(order.picking_ids.filtered(lambda picking: len(picking.move_ids) == 2)[0], 1)
        self.assertFalse(order.o2c_open_kind)
        self.assertExposureIsOracle(self.partner, self.company)

    def test_update_marks_orders_that_are_open_in_full(self):
        order, part = self._order(lines=[(self.service, 2, 50.0)]), self._order()
        self._deliver(part, 4)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET o2c_open_kind = NULL")
        path = file_path("o2c_exposure/migrations/19.0.1.1.0/pre-migrate.py")
        spec = importlib.util.spec_from_file_location("migration", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual((order.o2c_open_kind, part.o2c_open_kind), ("untouched", False))

    def test_order_without_a_delivery_is_not_open_in_full(self):
        order = self._order()
        order.picking_ids.action_cancel()
        self.assertFalse(order.o2c_open_kind)
        self.assertExposure({})

    def test_credit_on_an_order_is_open_in_full_and_counts_nothing(self):
        order = self._order(lines=[(self.service, 2, 50.0), (self.service, 1, -150.0)])
        self.assertEqual((order.o2c_open_kind, order.amount_total), ("untouched", -50.0))
        self._order(lines=[(self.service, 1, 30.0)])
        self.assertExposure({"ordered": 30.0})

    # -------------------------------------------------------------------------
    # Companies and weights
    # -------------------------------------------------------------------------

    def test_branch_counts_in_its_parent_unless_it_has_own_limits(self):
        branch = self.env["res.company"].create({"name": "Exposure Branch", "parent_id": self.company.id})
        self.env.user.write({"company_ids": [Command.link(branch.id)]})
        self._order(company=branch, lines=[(self.service, 1, 40.0)])
        self._order(lines=[(self.service, 1, 60.0)])
        self.assertExposure({"ordered": 100.0})
        self.assertExposure({"ordered": 100.0}, company=branch)
        branch.o2c_own_exposure = True
        self.assertExposure({"ordered": 60.0})
        self.assertExposure({"ordered": 40.0}, company=branch)

    def test_weight_of_a_company_scales_its_total_only(self):
        admin = self._user("exposure_policy", "o2c_base.group_policy_administrator")
        self._order(lines=[(self.service, 2, 50.0)])
        self._order(lines=[(self.service, 2, 50.0)], company=self.other_company)
        self.env["o2c.exposure.weight"].with_user(admin).create(
            {"company_id": self.company.id, "component": "ordered", "weight": 0.25})
        exposure = self._exposure()
        self.assertEqual((exposure.total, exposure.amount_of("ordered")), (25.0, 100.0))
        self.assertEqual(self._exposure(company=self.other_company).total, 100.0)
        entry = self.env["o2c.register"].search([("res_model", "=", "o2c.exposure.weight")], limit=1)
        self.assertEqual(entry.event, "policy_edited")
        self.assertEqual(entry.evidence["weight"], 0.25)

    def test_weight_is_refused_to_others(self):
        officer = self._user("exposure_officer", "o2c_base.group_credit_officer")
        with self.assertRaises(AccessError):
            self.env["o2c.exposure.weight"].with_user(officer).create(
                {"company_id": self.company.id, "component": "ordered", "weight": 0.0})
        self.assertFalse(self.env["o2c.exposure.weight"].search([]))

    # -------------------------------------------------------------------------
    # Attacks and cost
    # -------------------------------------------------------------------------

    def test_salesperson_cannot_write_computed_figures(self):
        user = self._user("exposure_seller", "sales_team.group_sale_manager")
        order = self._order(lines=[(self.service, 10, 50.0)])
        attacks = [
            (order, {"invoice_status": "invoiced"}), (order, {"currency_rate": 1000.0}),
            (order, {"o2c_draft_invoiced": False}), (order, {"o2c_open_kind": "delivered"}),
            (order, {"amount_total": 1.0}),
            (order.order_line, {"qty_invoiced": 10}), (order.order_line, {"price_total": 0.0}),
            (order.order_line, {"qty_delivered_method": "stock_move"}),
            (order, {"order_line": [Command.update(order.order_line.id, {"price_total": 0.0})]}),
        ]
        for record, vals in attacks:
            # AccessError here; a module above may refuse the same before, as a UserError
            with self.subTest(vals=vals), self.assertRaises(UserError):
                record.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(user).create(
                {"partner_id": self.partner.id, "invoice_status": "invoiced"})
        self.assertExposure({"ordered": 500.0})
        order.with_user(user).order_line.product_uom_qty = 11
        self.assertExposure({"ordered": 550.0})

    def test_accountant_cannot_write_computed_figures(self):
        user = self._user("exposure_biller", "account.group_account_invoice")
        invoice = self._invoice(amount=100.0)
        before = self.env["o2c.exposure"]._get_exposure(self.partner, self.env.company)[self.partner.id].total
        item = invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        for vals in ({"parent_state": "draft"}, {"reconciled": True}, {"amount_residual": 0.0}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                item.with_user(user).write(vals)
        after = self.env["o2c.exposure"]._get_exposure(self.partner, self.env.company)[self.partner.id].total
        self.assertEqual(after, before)

    def test_quantity_without_procurement_is_exposed(self):
        """Raised without a stock move, or counted in another unit than the moves."""
        order = self._order(lines=[(self.product, 9, 100.0)])
        self.assertExposure({"ordered": 900.0})
        order.order_line.with_context(skip_procurement=True).product_uom_qty = 20
        self.assertExposure({"ordered": 2000.0})
        order.picking_ids.action_cancel()
        # what was taken off the delivery is gone, what never got there is not
        self.assertExposure({"ordered": 1100.0})

    def test_ordinary_line_marked_as_down_payment_is_exposed(self):
        order = self._order(lines=[(self.service, 10, 50.0)])
        order.order_line.is_downpayment = True
        self.assertExposure({"ordered": 500.0})

    def test_one_and_fifty_customers_cost_the_same_queries(self):
        partners = self.env["res.partner"].create([{"name": f"Exposure {i}"} for i in range(50)])
        exposure = self.env["o2c.exposure"]
        exposure._get_exposure(self.partner, self.company)
        for some in (partners[:1], partners):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(3):
                # company, commercial partners, exposure
                exposure._get_exposure(some, self.company)

    def test_facts_of_a_checkpoint_are_the_exposure(self):
        self._invoice(amount=1000.0)
        self._receipt(self.contact, 200.0)
        self._order()
        group = self.env["o2c.corporate.group"].create({"name": "Exposure Group"})
        self.partner.o2c_corporate_group_id = group
        parts = self.env["o2c.exposure"]._fact_parts() + self.env["o2c.exposure"]._group_fact_parts()
        stranger = self._partner("Exposure Stranger")
        columns = SQL(", ").join(
            SQL("%s AS %s", sql, SQL.identifier(name)) for part in parts for name, sql in part[0].items())
        rows = self.env.execute_query_dict(SQL(
            "WITH keys(company_id, partner_id, date) AS (VALUES %s) SELECT keys.partner_id, %s FROM keys %s",
            SQL(", ").join(
                SQL("(%s, %s, %s::date)", self.company.id, p.id, date(2099, 1, 31))
                for p in (self.partner, stranger)),
            columns, SQL(" ").join(part[1] for part in parts)))
        overdue = {row["partner_id"]: (row.pop("overdue_since"), row.pop("overdue_amount")) for row in rows}
        due = self.env["account.move.line"].search(
            [("partner_id", "=", self.partner.id), ("display_type", "=", "payment_term")]).date_maturity
        self.assertEqual(overdue, {self.partner.id: (due, 1000.0), stranger.id: (None, None)})
        found = {row.pop("partner_id"): {k: float(v) for k, v in row.items()} for row in rows}
        self.assertEqual(found[self.partner.id]["exposure"], 1800.0)
        self.assertEqual(found[self.partner.id]["group_exposure"], 1800.0)
        self.assertEqual(found[self.partner.id]["exposure_unallocated"], -200.0)
        self.assertEqual(found[self.partner.id]["group_exposure_ordered"], 1000.0)
        self.assertEqual(set(found[stranger.id].values()), {0.0})

    def test_facts_keep_companies_branches_and_contacts_apart(self):
        """Each key has the exposure that the statement for everybody gives it, and its group the sum."""
        member = self._partner("Exposure Member")
        group = self.env["o2c.corporate.group"].create({"name": "Exposure Group"})
        (self.partner | member).o2c_corporate_group_id = group
        branch = self.env["res.company"].create({"name": "Exposure Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self._order(lines=[(self.service, 3, 50.0)])
        self._order(self.contact, lines=[(self.service, 1, 7.0)])
        self._order(lines=[(self.service, 1, 11.0)], company=branch)
        self._order(lines=[(self.service, 2, 50.0)], company=self.other_company)
        self._order(member, lines=[(self.service, 1, 13.0)])
        self._invoice(amount=1000.0)
        self._receipt(self.contact, 200.0)
        self._invoice(amount=300.0, company=self.other_company)
        exposure = self.env["o2c.exposure"]
        keys = [
            (company.id, partner.id)
            for company in (self.company, branch, self.other_company) for partner in (self.partner, member)]
        parts = exposure._fact_parts() + exposure._group_fact_parts()
        columns = SQL(", ").join(
            SQL("%s AS %s", sql, SQL.identifier(name)) for part in parts for name, sql in part[0].items())
        self.env.flush_all()
        rows = self.env.execute_query_dict(SQL(
            """WITH keys(company_id, partner_id, date) AS (VALUES %s)
               SELECT keys.company_id, keys.partner_id, %s FROM keys %s""",
            SQL(", ").join(SQL("(%s, %s, %s::date)", *key, date(2099, 1, 31)) for key in keys),
            columns, SQL(" ").join(part[1] for part in parts)))
        found = {(row["company_id"], row["partner_id"]): row for row in rows}
        expected = exposure._get_exposure_by_key(keys)
        for key in keys:
            self.assertEqual(float(found[key]["exposure"]), expected[key].total, key)
            for part in expected[key].components:
                self.assertEqual(float(found[key][f"exposure_{part.code}"]), part.amount, (key, part.code))
            both = sum(expected[key[0], partner.id].total for partner in (self.partner, member))
            self.assertEqual(float(found[key]["group_exposure"]), both, key)
        totals = {key: float(row["exposure"]) for key, row in found.items()}
        self.assertEqual(totals[self.company.id, self.partner.id], 968.0)
        self.assertEqual(totals[branch.id, self.partner.id], 968.0, "A branch shares the limits")
        self.assertEqual(totals[self.other_company.id, self.partner.id], 400.0)
        self.assertEqual(totals[self.company.id, member.id], 13.0)
