"""Factories: two companies, several currencies, people with real roles, orders, receipts, invoices."""

from datetime import date

from odoo import Command, fields
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user


def make_currency(env, name, rate, *later):
    """Currency at ``rate`` units for one of the main company's; ``later`` = (date, rate)."""
    currency = env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
    currency.active = True
    currency.rate_ids.unlink()
    env["res.currency.rate"].create([
        {"currency_id": currency.id, "rate": value, "name": day, "company_id": False}
        for day, value in (("2000-01-01", rate), *later)
    ])
    return currency


class ReceiptCase(TransactionCase):
    """Prices are without tax unless a test says otherwise: the figures in the tests are the prices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(
            tracking_disable=True, mail_create_nolog=True, no_reset_password=True).env
        cls.env["o2c.control.setting"].search([]).write({"mode": "off"})
        cls.company = cls.env.company
        cls.usd = cls.company.currency_id
        cls.eur = cls.make_currency("EUR", 0.5)
        cls.jpy = cls.make_currency("JPY", 150.0)
        cls.kwd = cls.make_currency("KWD", 0.25)
        cls.other_company = cls.env["res.company"].create(
            {"name": "Receipts Europe", "currency_id": cls.eur.id})
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.other_company, install_demo=False)
        cls.other_company.currency_id = cls.eur
        cls.env.user.write({"company_ids": [Command.link(cls.other_company.id)]})
        cls.accountant = cls.make_user("accountant", "account.group_account_invoice")
        cls.officer = cls.make_user("officer", "o2c_base.group_finance_officer")
        cls.seller = cls.make_user("seller", "sales_team.group_sale_salesman")
        cls.colleague = cls.make_user("colleague", "sales_team.group_sale_salesman")
        cls.auditor = cls.make_user("auditor", "o2c_base.group_auditor")
        cls.customer = cls.make_customer("Receipt Customer")
        cls.stranger = cls.make_customer("Receipt Stranger")
        cls.product = cls.env["product.product"].create({
            "name": "Receipt Service", "type": "service", "list_price": 100.0, "invoice_policy": "order",
            "taxes_id": [Command.clear()], "company_id": False,
        })
        cls.ledger = cls.env["o2c.receipt.ledger"]

    # --- people and master data ---

    @classmethod
    def make_user(cls, login, groups, **values):
        return new_test_user(
            cls.env, login=f"receipt_{login}", name=login.capitalize(), groups=groups, **values)

    @classmethod
    def make_customer(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def make_currency(cls, name, rate, *later):
        return make_currency(cls.env, name, rate, *later)

    # --- documents ---

    def make_order(self, amount=1000.0, *, partner=None, company=None, currency=None, confirm=True, **values):
        """Order of one line; ``amount`` may be a list for several lines."""
        company = company or self.company
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        if currency:
            values["pricelist_id"] = env["product.pricelist"].create(
                {"name": currency.name, "currency_id": currency.id, "company_id": company.id}).id
        amounts = amount if isinstance(amount, (list, tuple)) else [amount]
        order = env["sale.order"].create({
            "partner_id": (partner or self.customer).id,
            "company_id": company.id,
            "user_id": self.seller.id,
            "order_line": [
                Command.create({
                    "product_id": self.product.id, "product_uom_qty": 1, "price_unit": price,
                    "tax_ids": [Command.clear()],
                })
                for price in amounts
            ],
            **values,
        })
        if confirm:
            order.action_confirm()
        return order.with_env(self.env)

    def make_payment(self, amount, *, partner=None, company=None, currency=None, date="2026-03-20",
                     outbound=False, post=True, memo=False):
        company = company or self.company
        date = min(fields.Date.to_date(date), company._o2c_today())
        payment = self.env["account.payment"].with_company(company).create({
            "payment_type": "outbound" if outbound else "inbound",
            "partner_type": "customer",
            "partner_id": (partner or self.customer).id,
            "amount": amount,
            "date": date,
            "memo": memo,
            "company_id": company.id,
            "currency_id": (currency or company.currency_id).id,
        })
        if post:
            payment.action_post()
        return payment

    def make_bank_line(self, amount, *, partner=None, ref="Transfer"):
        """Bank line that the accountant books on the customer's receivable account."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1)
        partner = partner or self.customer
        line = self.env["account.bank.statement.line"].create({
            "journal_id": journal.id, "partner_id": partner.id, "amount": amount,
            "date": min(date(2026, 3, 20), self.company._o2c_today()), "payment_ref": ref,
        })
        other = line.move_id.line_ids.filtered(lambda item: item.account_id != journal.default_account_id)
        other.account_id = partner.property_account_receivable_id
        return line

    def make_invoice(self, orders, *, post=True, share=1):
        """Invoice of orders; of several customers' orders of one customer it is one invoice.

        :param share: of what there is to invoice
        """
        invoice = orders._create_invoices(grouped=False, final=True)
        if share != 1:
            for line in invoice.invoice_line_ids:
                line.quantity *= share
        invoice.invoice_date = "2026-03-25"
        if post:
            invoice.action_post()
        return invoice

    def make_credit_note(self, invoice, amount=None):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids,
        ).create({"journal_id": invoice.journal_id.id, "date": "2026-03-28"})
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        if amount is not None:
            note.invoice_line_ids[:1].write({"quantity": 1, "price_unit": amount})
            note.invoice_line_ids[1:].unlink()
        note.action_post()
        return note

    def pay_invoice(self, invoice, amount=None, *, date="2026-03-30", **values):
        """Odoo's own wizard: a payment that is reconciled with the invoice."""
        wizard = self.env["account.payment.register"].with_company(invoice.company_id).with_context(
            active_model="account.move", active_ids=invoice.ids,
        ).create({"payment_date": date, **({"amount": amount} if amount else {}), **values})
        return wizard._create_payments()

    def allocate(self, receipt, amounts, *, user=None):
        """Through the wizard, as a person does."""
        wizard_model = self.env["o2c.receipt.allocate"].with_user(user or self.accountant)
        action = wizard_model._start(receipt=receipt.with_user(user or self.accountant))
        wizard = wizard_model.browse(action["res_id"])
        template = wizard.line_ids[:1]
        for order, amount in amounts.items():
            line = wizard.line_ids.filtered(lambda item, order=order: item.order_id == order)
            if not line:
                line = wizard.line_ids.create({
                    **wizard._prepare_receipt_vals(receipt), "wizard_id": wizard.id, "order_id": order.id,
                    "currency_id": (template.currency_id or receipt.sudo()._get_o2c_currency()).id,
                })
            line.amount = amount
        (wizard.line_ids.filtered(lambda item: item.order_id not in amounts)).amount = 0
        wizard.action_allocate()
        return receipt.sudo().o2c_allocation_ids.filtered(lambda row: row.state == "active")

    def reallocate(self, row, amount, order=None, *, reason="Meant for another order", user=None):
        wizard = self.env["o2c.receipt.reallocate"].with_user(user or self.accountant).create({
            "allocation_id": row.id, "amount": amount, "reason": reason,
            "action": "move" if order else "release", "order_id": order.id if order else False,
        })
        return wizard.action_reallocate()

    def reconcile(self, *moves):
        """Match the receivable items of entries, as an accountant does by hand."""
        lines = self.env["account.move.line"].union(*[move.line_ids for move in moves]).filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled)
        lines.reconcile()

    # --- figures ---

    def get_collected(self, *orders):
        self.env.flush_all()
        collected = self.env["sale.order"].union(*orders)._get_o2c_collected()
        return [round(collected[order.id], 6) for order in orders]

    def assertCollected(self, expected, *orders):
        self.assertEqual(self.get_collected(*orders), [float(value) for value in expected])

    def call(self, user, model, method, *args, **kwargs):
        """Call as the web client and the external API do: public methods only."""
        return call_kw(self.env[model].with_user(user), method, args, kwargs)
