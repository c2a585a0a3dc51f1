"""Factories for tests: two companies with different currencies, customers, documents, users."""

from odoo import Command, fields
from odoo.tests import Form, TransactionCase, new_test_user


class ExposureCommon(TransactionCase):
    """A euro company beside the main one, each with its chart of accounts and a customer's life."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(tracking_disable=True, mail_create_nolog=True).env
        cls.company = cls.env.company
        cls.other_currency = cls._currency("EUR", 0.5)
        cls.other_company = cls.env["res.company"].create(
            {"name": "Exposure Europe", "currency_id": cls.other_currency.id})
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.other_company, install_demo=False)
        cls.other_company.currency_id = cls.other_currency
        cls.foreign = cls._currency("GBP", 0.8)
        cls.env.user.write({"company_ids": [Command.link(cls.other_company.id)]})
        cls.product = cls.env["product.product"].create({
            "name": "Exposure Widget", "type": "consu", "is_storable": True, "list_price": 100.0,
            "invoice_policy": "delivery", "taxes_id": [Command.clear()], "company_id": False,
        })
        cls.service = cls.env["product.product"].create({
            "name": "Exposure Service", "type": "service", "list_price": 50.0,
            "invoice_policy": "order", "taxes_id": [Command.clear()], "company_id": False,
        })
        cls.partner = cls._partner("Exposure Customer")
        cls.contact = cls._partner(
            "Exposure Accounts Dept", parent_id=cls.partner.id, type="invoice", is_company=False)

    # -------------------------------------------------------------------------
    # Factories
    # -------------------------------------------------------------------------

    @classmethod
    def _currency(cls, name, rate):
        """Currency ``name`` at ``rate`` units for one of the main company's currency, in all companies."""
        currency = cls.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
        currency.active = True
        currency.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": rate, "name": "2000-01-01", "company_id": False})
        return currency

    @classmethod
    def _partner(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **vals})

    @classmethod
    def _user(cls, login, groups, **vals):
        return new_test_user(cls.env, login=login, groups=groups, **vals)

    def _order(self, partner=None, *, lines=None, company=None, currency=None, confirm=True, **vals):
        """Sale order with ``lines`` as ``[(product, quantity, price)]``."""
        company = company or self.company
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        if currency:
            vals["pricelist_id"] = env["product.pricelist"].create(
                {"name": currency.name, "currency_id": currency.id, "company_id": company.id}).id
        order = env["sale.order"].create({
            "partner_id": (partner or self.partner).id,
            "company_id": company.id,
            "order_line": [
                Command.create({
                    "product_id": product.id, "product_uom_qty": quantity, "price_unit": price,
                    "tax_ids": [Command.clear()],
                })
                for product, quantity, price in lines or [(self.product, 10, 100.0)]
            ],
            **vals,
        })
        if confirm:
            order.action_confirm()
        return order

    def _deliver(self, order, quantity=None, *, backorder=True):
        """Deliver ``quantity`` of each open move; without ``backorder`` the rest is cancelled."""
        picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))[:1]
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if quantity is None else min(quantity, move.product_uom_qty)
            move.picked = True
        picking.with_context(
            skip_backorder=True,
            picking_ids_not_to_backorder=[] if backorder else picking.ids,
        ).button_validate()
        return picking

    def _return(self, picking, quantity, *, validate=True):
        """Goods that come back: ``quantity`` of each move of a delivery."""
        wizard = Form(self.env["stock.return.picking"].with_context(
            active_id=picking.id, active_ids=picking.ids, active_model="stock.picking")).save()
        wizard.product_return_moves.quantity = quantity
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        if validate:
            back.move_ids.write({"quantity": quantity, "picked": True})
            back.button_validate()
        return back

    def _invoice_order(self, order, *, post=True):
        invoice = order._create_invoices(final=True)
        if post:
            invoice.action_post()
        return invoice

    def _down_payment(self, order, amount):
        wizard = self.env["sale.advance.payment.inv"].with_company(order.company_id).create({
            "sale_order_ids": [Command.set(order.ids)],
            "advance_payment_method": "fixed", "fixed_amount": amount,
        })
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        return invoice

    def _invoice(self, partner=None, amount=1000.0, *, date="2026-03-01", due=None, company=None,
                 currency=None, move_type="out_invoice", post=True):
        company = company or self.company
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        invoice = env["account.move"].create({
            "move_type": move_type,
            "partner_id": (partner or self.partner).id,
            "invoice_date": date,
            "invoice_date_due": due or date,
            "invoice_payment_term_id": False,
            "currency_id": (currency or company.currency_id).id,
            "company_id": company.id,
            "invoice_line_ids": [Command.create({
                "product_id": self.service.id, "quantity": 1, "price_unit": amount,
                "tax_ids": [Command.clear()],
            })],
        })
        if post:
            invoice.action_post()
        return invoice

    def _pay(self, invoice, amount=None, date="2026-03-20"):
        """Payment of an invoice, reconciled with it."""
        wizard = self.env["account.payment.register"].with_company(invoice.company_id).with_context(
            active_model="account.move", active_ids=invoice.ids,
        ).create({"payment_date": date, **({"amount": amount} if amount else {})})
        return wizard._create_payments()

    def _receipt(self, partner, amount, *, company=None, date="2026-03-20", post=True):
        """Payment that nobody has matched with anything."""
        company = company or self.company
        payment = self.env["account.payment"].with_company(company).create({
            "payment_type": "inbound", "partner_type": "customer", "partner_id": partner.id,
            "amount": amount, "date": date, "company_id": company.id,
            "currency_id": company.currency_id.id,
        })
        if post:
            payment.action_post()
        return payment

    def _exposure(self, partner=None, company=None):
        partner = partner or self.partner
        return self.env["o2c.exposure"]._get_exposure(partner, company or self.company)[partner.id]

    def assertExposure(self, expected, partner=None, company=None):
        """Compare total and components; components not named must be 0."""
        exposure = self._exposure(partner, company)
        found = {part.code: round(part.amount, 2) for part in exposure.components if part.amount}
        self.assertEqual(found, expected)
        self.assertAlmostEqual(exposure.total, sum(expected.values()), 2)

    # -------------------------------------------------------------------------
    # Oracle
    # -------------------------------------------------------------------------

    def _oracle(self, partner, company):
        """Exposure by looping over every document there ever was, through the ORM.

        Shares nothing with the statement: it knows no index, no invoice status and no
        stored residual.
        """
        partner = partner.commercial_partner_id
        receivable, unallocated = self._oracle_receivables(partner, company)
        delivered, ordered = self._oracle_orders(partner, company)
        return {
            "receivable": receivable, "unallocated": unallocated, "delivered": delivered, "ordered": ordered,
        }

    def _oracle_receivables(self, partner, company):
        sums = [0.0, 0.0]
        for line in self.env["account.move.line"].search([("company_id", "=", company.id)]):
            if (line.account_id.account_type != "asset_receivable" or line.move_id.state != "posted"
                    or line.partner_id.commercial_partner_id != partner):
                continue
            residual = (
                line.balance
                - sum(line.matched_credit_ids.mapped("amount"))
                + sum(line.matched_debit_ids.mapped("amount"))
            )
            money = residual < 0 and not line.move_id.is_invoice()
            sums[money] += residual
        return round(sums[0], 2), round(sums[1], 2)

    def _oracle_orders(self, partner, company):
        delivered = ordered = 0.0
        for order in self.env["sale.order"].search([("company_id", "=", company.id), ("state", "=", "sale")]):
            if order.partner_invoice_id.commercial_partner_id != partner:
                continue
            done = todo = prepaid = 0.0
            for line in order.order_line.filtered(lambda sol: not sol.display_type):
                if line.is_downpayment:
                    prepaid += max(0.0, sum(
                        item.price_total * (-1 if item.move_id.move_type == "out_refund" else 1)
                        for item in line.invoice_lines if item.parent_state == "posted"))
                    continue
                ordered_quantity = line.product_uom_qty
                price = line.price_total / ordered_quantity if ordered_quantity else line.price_unit
                shipped = max(line.qty_delivered - line.qty_invoiced_posted, 0.0)
                open_quantity = max(self._oracle_target(line) - line.qty_invoiced_posted, 0.0)
                done += price * shipped
                todo += price * (open_quantity - shipped)
            done, todo = max(done + min(todo, 0.0), 0.0), max(todo + min(done, 0.0), 0.0)
            delivered += max(done - prepaid, 0.0) / order.currency_rate
            ordered += max(todo - max(prepaid - done, 0.0), 0.0) / order.currency_rate
        return round(delivered, 2), round(ordered, 2)

    def _oracle_target(self, line):
        most = max(line.product_uom_qty, line.qty_delivered)
        if line.qty_delivered_method != "stock_move" or not line.move_ids:
            return most
        waiting = line.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel") and move.location_dest_id.usage == "customer")
        return min(most, line.qty_delivered + sum(
            move.product_uom._compute_quantity(move.product_uom_qty, line.product_uom_id)
            for move in waiting))

    def assertExposureIsOracle(self, partners, companies):
        """The statement and the loop give the same figures for every partner and company."""
        debtors = partners.commercial_partner_id
        keys = [(company.id, debtor.id) for company in companies for debtor in debtors]
        exposures = self.env["o2c.exposure"]._get_exposure_by_key(keys)
        for company in companies:
            for partner in partners:
                exposure = exposures[company.id, partner.commercial_partner_id.id]
                expected = self._oracle(partner, company)
                for part in exposure.components:
                    # A component of another module has nothing here.
                    self.assertAlmostEqual(
                        part.amount, expected.get(part.code, 0.0), 2,
                        f"{part.code} of {partner.name} in {company.name}: {exposure} is not {expected}")
                self.assertAlmostEqual(exposure.total, sum(expected.values()), 2)

    @staticmethod
    def _days(text, days):
        return fields.Date.add(fields.Date.to_date(text), days=days)
