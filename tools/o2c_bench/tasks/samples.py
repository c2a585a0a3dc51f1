"""One business case of each kind, written by the ORM: the originals of everything in the ledger.

A sample names its root records; what hangs on them (lines, moves, links) is found by the foreign keys, so
that rows which a module adds are cloned too. All amounts of a sample are multiples of 1/100 of `AMOUNT`, and
all its dates are relative to `ANCHOR_DAYS` ago: a clone is its sample with other amounts, at another time.
"""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from . import suite

AMOUNT = 100.0
ANCHOR_DAYS = 90
# The clones' names are this text with another name in its place.
CUSTOMER = "ledgersample"


def create(env):
    """Write all samples, commit, and return what the generator has to know about them."""
    company = env["res.company"].search([], order="id", limit=1)
    maker = Samples(env(context=dict(env.context, allowed_company_ids=company.ids)))
    clone_customer = maker.create_customer(CUSTOMER)
    suite.grant_limit(clone_customer, company)
    result = {
        "company": company.id,
        "customer": maker.customer.id,
        "clone_customer": clone_customer.id,
        "anchor": str(maker.anchor),
        "amount": AMOUNT,
        "users": maker.create_users(),
        "stocked": maker.create_stocked_goods(),
        "kinds": {kind: make() for kind, make in maker.makers().items()},
    }
    env.cr.commit()
    return result


class Samples:
    """Makes the samples; every `make_*` returns {table: ids of the root rows}."""

    def __init__(self, env):
        self.env = env
        self.today = fields.Date.context_today(env.user)
        self.anchor = self.today - timedelta(days=ANCHOR_DAYS)
        self.customer = self.create_customer(CUSTOMER + "-original")
        self.service = self.create_product("Ledger service", type="service")
        self.goods = [
            self.create_product(
                f"Ledger goods {n}", type="consu", is_storable=True, invoice_policy="delivery"
            )
            for n in (1, 2)
        ]

    def makers(self):
        """Kinds of business cases by name."""
        return {
            "invoice_open": self.make_invoice_open,
            "invoice_part_paid": self.make_invoice_part_paid,
            "invoice_paid_by_payment": self.make_invoice_paid_by_payment,
            "invoice_paid_late": self.make_invoice_paid_late,
            "order_invoiced_open": self.make_order_invoiced_open,
            "order_invoiced_paid": self.make_order_invoiced_paid,
            "order_service_open": self.make_order_service_open,
            "order_goods_open": self.make_order_goods_open,
            "order_goods_delivered": self.make_order_goods_delivered,
            "order_deposit": self.make_order_deposit,
            "order_advance_open": self.make_order_advance_open,
            "order_advance_paid": self.make_order_advance_paid,
            "receipt_unallocated": self.make_receipt_unallocated,
        }

    # ---------------------------------------------------------- MASTER DATA

    def create_customer(self, name):
        """A company that pays within 30 days."""
        return self.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "email": f"{name}@example.com",
                "street": "1 Ledger Street",
                "city": "Bench",
                "country_id": self.env.ref("base.us").id,
                "property_payment_term_id": self.env.ref("account.account_payment_term_30days").id,
            }
        )

    def create_product(self, name, **values):
        """A product without taxes and without cost, so that amounts follow from the price alone."""
        values = {"invoice_policy": "order", "list_price": AMOUNT, **values}
        taxes = {"taxes_id": [Command.clear()], "supplier_taxes_id": [Command.clear()]}
        return self.env["product.product"].create({"name": name, **values, **taxes})

    def create_stocked_goods(self):
        """Five products with stock, for the orders that the benchmark confirms."""
        products = [
            self.create_product(f"Stocked goods {n}", type="consu", is_storable=True, list_price=10 * n)
            for n in range(1, 6)
        ]
        for product in products:
            self.put_on_stock(product, 1_000_000)
        return [product.id for product in products]

    def put_on_stock(self, product, quantity):
        """Stock of the first warehouse."""
        warehouse = self.env["stock.warehouse"].search([], order="id", limit=1)
        self.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, quantity)

    def create_users(self):
        """A salesperson who confirms and a credit officer who looks at exposure, with real groups."""
        groups = {
            "salesperson": ["sales_team.group_sale_salesman_all_leads"],
            "officer": ["account.group_account_invoice", "o2c_base.group_credit_officer"],
        }
        users = {}
        for login, names in groups.items():
            found = [self.env.ref(name, raise_if_not_found=False) for name in ["base.group_user", *names]]
            users[login] = (
                self.env["res.users"]
                .with_context(no_reset_password=True)
                .create(
                    {
                        "name": f"Bench {login}",
                        "login": f"o2c_bench_{login}",
                        "email": f"{login}@example.com",
                        "group_ids": [Command.set([group.id for group in found if group])],
                    }
                )
                .id
            )
        return users

    # ------------------------------------------------------------- INVOICES

    def invoice(self):
        """A posted invoice of `AMOUNT` for the service."""
        line = {"product_id": self.service.id, "quantity": 1, "price_unit": AMOUNT}
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.anchor,
                "invoice_line_ids": [Command.create(line)],
            }
        )
        move.action_post()
        return move

    def pay(self, invoice, days, amount=AMOUNT):
        """A payment that the register wizard books `days` after the invoice."""
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": self.anchor + timedelta(days=days), "amount": amount})
        )
        payment = wizard._create_payments()
        # Wizards vanish by themselves after some hours; their links to the lines must not be cloned.
        wizard.sudo().unlink()
        return payment

    def paid_rows(self, invoice, payment):
        """Root rows of an invoice with its payment and their reconciliation."""
        lines = (invoice | payment.move_id).line_ids
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        return self.rows(invoice, payment.move_id, payment, partials, lines.full_reconcile_id)

    @staticmethod
    def rows(*recordsets):
        """{table: ids} of several recordsets."""
        result = {}
        for records in recordsets:
            result.setdefault(records._table, []).extend(records.ids)
        return {table: ids for table, ids in result.items() if ids}

    def make_invoice_open(self):
        """Posted, nothing paid."""
        return self.rows(self.invoice())

    def make_invoice_part_paid(self):
        """40 % paid at once; an open invoice may be of today, so a later payment could lie in the future."""
        invoice = self.invoice()
        return self.paid_rows(invoice, self.pay(invoice, 0, amount=0.4 * AMOUNT))

    def make_invoice_paid_by_payment(self):
        """Paid ten days before the due date."""
        invoice = self.invoice()
        return self.paid_rows(invoice, self.pay(invoice, 20))

    def make_invoice_paid_late(self):
        """Paid a month late by an entry in the bank journal."""
        invoice = self.invoice()
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        journal = self.env["account.journal"].search([("type", "=", "bank")], order="id", limit=1)
        accounts = {"debit": journal.default_account_id, "credit": receivable.account_id}
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": self.anchor + timedelta(days=60),
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": self.customer.id, side: AMOUNT})
                    for side, account in accounts.items()
                ],
            }
        )
        entry.action_post()
        (receivable | entry.line_ids.filtered("credit")).reconcile()
        return self.rows(invoice, entry, receivable.matched_credit_ids, receivable.full_reconcile_id)

    # --------------------------------------------------------------- ORDERS

    def order(self, lines):
        """A confirmed order of the anchor day; `lines` is {product: price}."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 1, "price_unit": price})
                    for product, price in lines.items()
                ],
            }
        )
        order.action_confirm()
        order.write(
            {
                "date_order": fields.Datetime.to_datetime(self.anchor),
                "validity_date": self.anchor + timedelta(days=30),
            }
        )
        return order

    def order_rows(self, order, *more):
        """Root rows of an order with its delivery."""
        return self.rows(order, order.picking_ids, order.stock_reference_ids, *more)

    def invoiced_order(self):
        """A service order with its posted invoice."""
        order = self.order({self.service: AMOUNT})
        invoice = order._create_invoices()
        invoice.invoice_date = self.anchor
        invoice.action_post()
        return order, invoice

    def make_order_invoiced_open(self):
        """Order with an open invoice."""
        return self.order_rows(*self.invoiced_order())

    def make_order_invoiced_paid(self):
        """Order with a paid invoice."""
        order, invoice = self.invoiced_order()
        rows = self.paid_rows(invoice, self.pay(invoice, 35))
        return {**rows, **self.order_rows(order)}

    def make_order_service_open(self):
        """Ordered, not invoiced."""
        return self.order_rows(self.order({self.service: AMOUNT}))

    def make_order_goods_open(self):
        """Ordered goods that are not on stock: the stock moves wait."""
        first, second = self.goods
        return self.order_rows(self.order({first: 0.6 * AMOUNT, second: 0.4 * AMOUNT}))

    def make_order_goods_delivered(self):
        """Delivered goods, not invoiced."""
        product = self.create_product(
            "Ledger goods delivered", type="consu", is_storable=True, invoice_policy="delivery"
        )
        self.put_on_stock(product, 10_000_000)
        order = self.order({product: AMOUNT})
        order.picking_ids.move_ids.write({"quantity": 1, "picked": True})
        order.picking_ids.button_validate()
        if order.picking_ids.state != "done":
            raise RuntimeError("The sample delivery was not completed")
        return self.order_rows(order)

    # ------------------------------------------------------------- RECEIPTS

    def receive(self, amount):
        """A posted payment of the anchor day that names no invoice."""
        journal = self.env["account.journal"].search([("type", "=", "bank")], order="id", limit=1)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "journal_id": journal.id,
                "amount": amount,
                "date": self.anchor,
            }
        )
        payment.action_post()
        return payment

    def make_receipt_unallocated(self):
        """Money that came in for no invoice."""
        payment = self.receive(AMOUNT)
        return self.rows(payment, payment.move_id)

    def make_order_deposit(self):
        """Ordered, 40 % received in advance, not invoiced."""
        order, payment = self.order({self.service: AMOUNT}), self.receive(0.4 * AMOUNT)
        suite.allocate(payment, order)
        return self.order_rows(order, payment, payment.move_id)

    def advance_on_invoice(self):
        """Order and invoice, with an advance of 40 % that the invoice has taken."""
        order, payment = self.order({self.service: AMOUNT}), self.receive(0.4 * AMOUNT)
        suite.allocate(payment, order)
        invoice = order._create_invoices()
        invoice.invoice_date = self.anchor
        invoice.action_post()
        lines = (invoice | payment.move_id).line_ids
        lines = lines.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        if not payment.is_reconciled:
            lines.reconcile()
        return order, invoice, payment

    def make_order_advance_open(self):
        """Advance on the invoice, the rest open."""
        order, invoice, payment = self.advance_on_invoice()
        return {**self.paid_rows(invoice, payment), **self.order_rows(order)}

    def make_order_advance_paid(self):
        """Advance on the invoice, the rest paid later."""
        order, invoice, advance = self.advance_on_invoice()
        rest = self.pay(invoice, 35, amount=0.6 * AMOUNT)
        return {**self.paid_rows(invoice, advance | rest), **self.order_rows(order)}
