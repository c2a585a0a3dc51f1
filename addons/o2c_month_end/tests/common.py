"""A company with perpetual stock, its people, and factories for orders of a month."""

from datetime import date

from freezegun import freeze_time
from odoo import Command
from odoo.addons.o2c_receipt.tests.common import make_currency
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user

DAY = date(2026, 3, 31)
NEXT_DAY = date(2026, 4, 1)


class MonthEndCase(TransactionCase):
    """Tax is 13 percent; goods cost 60 and are sold for 100 unless a test says otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(
            tracking_disable=True, mail_create_nolog=True, no_reset_password=True).env
        cls.env["o2c.control.setting"].search([]).write({"mode": "off"})
        cls.usd = cls.env.ref("base.USD")
        cls.eur = cls.make_currency("EUR", 0.8, ("2026-03-31", 0.5))
        cls.company = cls.make_company("Month End Ltd")
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        cls.officer = cls.make_user("officer", "o2c_base.group_finance_officer")
        cls.director = cls.make_user("director", "o2c_base.group_finance_director")
        cls.keeper = cls.make_user("keeper", "stock.group_stock_manager")
        cls.accountant = cls.make_user("accountant", "account.group_account_manager")
        cls.seller = cls.make_user("seller", "sales_team.group_sale_salesman")
        cls.auditor = cls.make_user("auditor", "o2c_base.group_auditor")
        cls.credit = cls.make_user("credit", "o2c_base.group_credit_officer")
        cls.customer = cls.env["res.partner"].create({"name": "Month Customer", "is_company": True})
        cls.tax = cls.env["account.tax"].search(
            [("type_tax_use", "=", "sale"), ("company_id", "=", cls.company.id)], limit=1).copy({
                "name": "13%", "amount": 13.0, "amount_type": "percent"})
        cls.category = cls.env["product.category"].create({
            "name": "Perpetual", "property_valuation": "real_time", "property_cost_method": "fifo"})
        cls.product = cls.make_product("Pump")
        cls.make_stock(cls.product, 100)
        cls.make_authority()
        cls.company._create_o2c_accrual_accounts()

    # --- people and master data ---

    @classmethod
    def make_company(cls, name):
        company = cls.env["res.company"].create({"name": name, "currency_id": cls.usd.id, "o2c_tz": "UTC"})
        cls.env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
        company.currency_id = cls.usd
        cls.env.user.write({"company_ids": [Command.link(company.id)]})
        return company

    @classmethod
    def make_user(cls, login, groups, companies=None):
        companies = companies or cls.company
        return new_test_user(
            cls.env, login=f"month_{login}", name=login.capitalize(), groups=groups,
            company_id=companies[0].id, company_ids=[Command.set(companies.ids)])

    @classmethod
    def make_currency(cls, name, rate, *later):
        return make_currency(cls.env, name, rate, *later)

    @classmethod
    def make_product(cls, name, **values):
        return cls.env["product.product"].create({
            "name": name, "type": "consu", "is_storable": True, "list_price": 100.0, "standard_price": 60.0,
            "invoice_policy": "delivery", "categ_id": cls.category.id, "taxes_id": [Command.clear()],
            **values,
        })

    @classmethod
    def make_service(cls, name="Training", **values):
        return cls.env["product.product"].create({
            "name": name, "type": "service", "list_price": 100.0, "invoice_policy": "order",
            "taxes_id": [Command.clear()], **values})

    @classmethod
    def make_stock(cls, product, quantity):
        """On hand since the beginning, and in the ledger at its cost."""
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        with freeze_time("2026-01-01 08:00:00"):
            cls.env["stock.quant"].with_context(inventory_mode=True).create({
                "product_id": product.id, "location_id": warehouse.lot_stock_id.id,
                "inventory_quantity": quantity,
            }).action_apply_inventory()
        accounts = product.with_company(cls.company).product_tmpl_id.get_product_accounts()
        value = quantity * product.standard_price
        entry = cls.env["account.move"].create({
            "date": "2026-01-01", "journal_id": cls.get_journal("general").id, "company_id": cls.company.id,
            "line_ids": [
                Command.create({"account_id": accounts["stock_valuation"].id, "debit": value}),
                Command.create({"account_id": cls.get_equity().id, "credit": value}),
            ]})
        entry.action_post()

    @classmethod
    def get_journal(cls, kind):
        return cls.env["account.journal"].search(
            [("type", "=", kind), ("company_id", "=", cls.company.id)], limit=1)

    @classmethod
    def get_equity(cls):
        return cls.env["account.account"].search(
            [("account_type", "=", "equity"), ("company_ids", "in", cls.company.ids)], limit=1)

    @classmethod
    def make_authority(cls):
        cls.env["o2c.authority"].create({
            "company_id": cls.company.id, "kind": "accrual",
            "group_id": cls.env.ref("o2c_base.group_finance_director").id, "is_unlimited": True})
        cls.env["o2c.authority.kind"]._get_setting("accrual", cls.company).mode = "direct"

    # --- documents ---

    def make_order(self, *lines, currency=None, tax=False, day="2026-03-05", **values):
        """Confirmed order; lines are ``(product, quantity, price[, discount])``."""
        if currency:
            values["pricelist_id"] = self.env["product.pricelist"].create(
                {"name": currency.name, "currency_id": currency.id, "company_id": self.company.id}).id
        with freeze_time(f"{day} 10:00:00"):
            order = self.env["sale.order"].create({
                "partner_id": self.customer.id, "company_id": self.company.id, "user_id": self.seller.id,
                "order_line": [
                    Command.create({
                        "product_id": product.id, "product_uom_qty": quantity, "price_unit": price,
                        "discount": rest[0] if rest else 0.0,
                        "tax_ids": [Command.set(self.tax.ids if tax else [])],
                    })
                    for product, quantity, price, *rest in lines or [(self.product, 10, 100.0)]
                ],
                **values,
            })
            order.action_confirm()
            order.date_order = f"{day} 10:00:00"
        return order

    def deliver(self, order, *quantities, day="2026-03-20", moment="10:00:00"):
        """Deliver so much of each open move; the rest stays as a backorder."""
        with freeze_time(f"{day} {moment}"):
            picking = order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))[:1]
            moves = picking.move_ids.sorted("id")
            for move, quantity in zip(moves, quantities or moves.mapped("product_uom_qty"), strict=True):
                move.quantity = quantity
                move.picked = True
            picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=[]).button_validate()
        return picking

    def send_back(self, picking, quantity, day="2026-03-25"):
        with freeze_time(f"{day} 10:00:00"):
            wizard = self.env["stock.return.picking"].with_context(
                active_id=picking.id, active_ids=picking.ids, active_model="stock.picking").create({})
            wizard.product_return_moves.quantity = quantity
            back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
            back.move_ids.write({"quantity": quantity, "picked": True})
            back.button_validate()
        return back

    def invoice(self, order, day="2026-03-25", post=True, quantities=None):
        with freeze_time(f"{day} 10:00:00"):
            moves = order._create_invoices(final=True)
            for line, quantity in zip(moves.invoice_line_ids, quantities or [], strict=False):
                line.quantity = quantity
            moves.invoice_date = day
            if post:
                moves.action_post()
        return moves

    def pay_down(self, order, amount, day="2026-03-10"):
        """A posted down payment of a fixed amount."""
        with freeze_time(f"{day} 10:00:00"):
            wizard = self.env["sale.advance.payment.inv"].create({
                "sale_order_ids": [Command.set(order.ids)], "advance_payment_method": "fixed",
                "fixed_amount": amount})
            invoice = wizard._create_invoices(order)
            invoice.invoice_date = day
            invoice.action_post()
        return invoice

    # --- runs ---

    def make_run(self, day=DAY, user=None):
        return self.env["o2c.accrual.run"].with_user(user or self.officer).create(
            {"date": day, "company_id": self.company.id})

    def prepare(self, day=DAY):
        run = self.make_run(day)
        run.action_prepare()
        return run

    def book(self, run):
        """Submit, approve, and let the background work."""
        run.with_user(self.officer).action_submit("Month is complete")
        request = run.sudo().o2c_request_id
        request.with_user(self.director).action_approve("Fine")
        self.work(run)
        return run

    def work(self, run):
        while run.sudo()._run_batch():
            pass

    def get_line(self, run, order):
        return run.sudo().line_ids.filtered(lambda line: line.order_id == order)

    def get_balance(self, account, day=DAY):
        """Posted balance in company currency at the end of a day."""
        self.env.flush_all()
        items = self.env["account.move.line"].sudo().search([
            ("account_id", "=", account.id), ("date", "<=", day), ("parent_state", "=", "posted"),
            ("company_id", "=", self.company.id)])
        return self.company.currency_id.round(sum(items.mapped("balance")))

    def rpc(self, user, records, method, *args, **kwargs):
        """Call as a client does: private methods are refused, the context is the client's."""
        model = records.browse().with_env(self.env(user=user, context={
            "allowed_company_ids": self.company.ids}))
        return call_kw(model, method, list(args) if method == "create" else [records.ids, *args], kwargs)
