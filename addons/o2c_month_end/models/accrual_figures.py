"""What each order has earned and not billed: quantities, amounts, accounts and reasons. Books nothing."""

from collections import defaultdict
from datetime import date
from typing import Any, NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero

from ..rules import accrual as rules
from ..rules.accrual import Advance, Part


class Item(NamedTuple):
    """One line of an order that has a difference. ``net`` and ``tax`` in order currency, signed as what
    was earned and not billed; ``balance`` and ``cost`` in company currency."""

    sale_line_id: int
    product_id: int
    reason: str
    delivered: float
    invoiced: float
    quantity: float
    net: float
    tax: float
    balance: float
    cost: float
    account_id: int
    expense_account_id: int
    stock_account_id: int


class Figures(NamedTuple):
    """One order. ``amount`` is its position in order currency, ``balance`` in company currency; positive
    where more was earned than billed. ``advance`` lies on a liability account for it, in order currency with
    tax; ``covered`` and ``covered_balance`` are what of the position it pays for."""

    order_id: int
    kind: str
    basis: str
    net: float
    tax: float
    tax_balance: float
    amount: float
    balance: float
    advance: float
    covered: float
    covered_balance: float
    items: tuple[Item, ...]


class AccrualFigures(models.AbstractModel):
    """Measures orders at the end of a day for the month-end run.

    Amounts are those that Odoo's tax engine gives an invoice of the quantity, discounts and included taxes
    taken off. Cost is the value of the moves less what invoices have booked, for goods with perpetual
    valuation: together with that, the stock account says what the stock is worth.
    """

    _name = "o2c.accrual.figures"
    _description = "Delivered, not invoiced"

    # === BUSINESS METHODS === #

    @api.model
    def _get_figures(self, company, day, order_ids=None) -> dict[int, Figures]:
        """``{order id: Figures}`` of the orders that have something to book at the end of ``day``.

        Private, and as superuser: callers have checked who asks.

        :param order_ids: only these; otherwise all of the company
        :raise UserError: naming a product without an income account
        """
        ledger = self.env["o2c.month.end.ledger"]
        if order_ids is None:
            order_ids = ledger._get_open_order_ids(company, day)
        rows = defaultdict(list)
        for row in ledger._get_quantities(company, day, order_ids):
            rows[row.order_id].append(row)
        advances = self._get_advances(company, day, order_ids)
        paid = self._get_paid(day, order_ids)
        orders = self.env["sale.order"].sudo().with_company(company).browse(sorted(rows))
        moment = Moment(company, day, bool(self._get_closings(company, day)), {
            currency: self._get_rate(currency, company, day) for currency in orders.currency_id})
        found = {}
        for order in orders:
            measure = Measure(
                moment, order, rows[order.id], advances.get(order.id, []), paid.get(order.id, 0.0))
            if figures := measure.get_figures():
                found[order.id] = figures
        return found

    @api.model
    def _get_advances(self, company, day, order_ids):
        """``{order id: [(account id, line id, net, tax)]}``, in order currency; open ones only."""
        if not order_ids:
            return {}
        sql = self.env["o2c.month.end.ledger"]._sql_advances(company, day, order_ids)
        found = defaultdict(list)
        orders = self.env["sale.order"].sudo()
        for order_id, account_id, line_id, net, net_company, tax, tax_company in self.env.execute_query(sql):
            currency = orders.browse(order_id).currency_id
            rate = self._get_rate(currency, company, day)
            net = currency.round(float(net or 0) + float(net_company or 0) * rate)
            tax = currency.round(float(tax or 0) + float(tax_company or 0) * rate)
            if currency.compare_amounts(net, 0) > 0:
                found[order_id].append((account_id, line_id, net, tax))
        return found

    @api.model
    def _get_paid(self, day, order_ids):
        """``{order id: what lies for it on a liability account}``, in order currency with tax."""
        accounts = self.env["account.account"].sudo()
        if not accounts.search_count([("o2c_is_advance", "=", True)], limit=1):
            return {}
        return self.env["o2c.schedule"]._get_advances_on_account(order_ids, day)

    @api.model
    def _get_rate(self, currency, company, day) -> float:
        """Units of ``currency`` for one of the company's on ``day``."""
        return self.env["res.currency"]._get_conversion_rate(company.currency_id, currency, company, day)

    @api.model
    def _get_closings(self, company, day):
        """Posted closings of the stock valuation that are dated ``day``: they hold the cost already."""
        key = f"{company.id}.stock_valuation_closing_ids"
        ids = self.env["ir.config_parameter"].sudo().get_param(key) or ""
        return self.env["account.move"].sudo().search([
            ("id", "in", [int(one) for one in ids.split(",") if one.isdigit()]),
            ("state", "=", "posted"), ("date", "=", day), ("company_id", "=", company.id),
        ])


class Moment(NamedTuple):
    """What all orders of a company have in common at the end of a day."""

    company: Any
    day: date
    is_closed: bool  # the stock valuation was closed on that day
    rates: dict  # by currency: units for one of the company's


class Measure:
    """One order at the end of one day."""

    def __init__(self, moment, order, rows, advances, paid=0.0):
        self.env = order.env
        self.company = moment.company
        self.is_closed = moment.is_closed
        self.order = order
        self.rows = rows
        self.advances = advances
        self.paid = order.currency_id.round(paid)
        self.rate = moment.rates[order.currency_id]
        self.digits = self.env["o2c.month.end.ledger"]._get_digits()
        self.lines = {line.id: line for line in order.order_line}

    def get_figures(self):
        """``Figures``, or ``None`` where nothing is to be booked."""
        goods = [row for row in self.rows if not row.is_downpayment and not self.is_discount(row)]
        share = rules.earned_share((row.price, row.ordered, self.get_delivered(row)) for row in goods)
        found = [
            (row, reason, delivered, row_quantity)
            for row in self.rows if not row.is_downpayment
            for reason, delivered, row_quantity in [self.get_difference(row, share)]
            if not float_is_zero(row_quantity, precision_digits=self.digits)
        ]
        amounts = self.get_amounts([(row, quantity) for row, _reason, _delivered, quantity in found])
        items = [
            self.make_item(row, reason, delivered, quantity, *amount)
            for (row, reason, delivered, quantity), amount in zip(found, amounts, strict=True)
        ]
        return self.add_up(goods, items)

    # --- quantities ---

    def is_discount(self, row):
        """A discount on the whole order: it is granted as the goods are delivered."""
        return row.method == "manual" and row.price * (row.ordered or 1) < 0

    def is_done_when_invoiced(self, row):
        product = self.lines[row.line_id].product_id
        return (
            self.company.o2c_accrual_service != "delivered" and row.method == "manual"
            and row.policy == "order" and product.type == "service"
        )

    def get_delivered(self, row):
        if self.is_done_when_invoiced(row):
            return max(row.delivered, row.invoiced)
        return row.delivered

    def get_difference(self, row, share):
        """Reason, what counts as delivered, and how much of it is not invoiced."""
        if self.is_discount(row):
            delivered = row.ordered * share
            return "discount", delivered, delivered - row.invoiced
        delivered = self.get_delivered(row)
        quantity = delivered - row.invoiced
        if quantity * (row.ordered or 1) > 0:
            return "delivered" if row.method == "stock_move" else "performed", delivered, quantity
        came_back = row.returned > 0 and -quantity <= row.returned + 10**-self.digits
        return "returned" if came_back else "early", delivered, quantity

    def is_complete(self, goods):
        """Whether everything that was ordered has been delivered."""
        rest = [abs(row.ordered) - abs(self.get_delivered(row)) for row in goods
                if not self.is_done_when_invoiced(row)]
        return all(open_quantity < 10**-self.digits / 2 for open_quantity in rest)

    # --- amounts ---

    def get_amounts(self, quantities):
        """``(net, tax)`` in order currency for each ``(row, quantity)``, as an invoice would have them."""
        engine = self.env["account.tax"].sudo()
        base_lines = [
            self.lines[row.line_id]._prepare_base_line_for_taxes_computation(quantity=quantity)
            for row, quantity in quantities
        ]
        engine._add_tax_details_in_base_lines(base_lines, self.company)
        engine._round_base_lines_tax_details(base_lines, self.company)
        amounts = []
        for base_line in base_lines:
            details = base_line["tax_details"]
            net = details["total_excluded_currency"] + details.get("delta_total_excluded_currency", 0.0)
            tax = sum(data["tax_amount_currency"] for data in details["taxes_data"])
            amounts.append((self.order.currency_id.round(net), self.order.currency_id.round(tax)))
        return amounts

    def to_company(self, amount):
        """Order currency to company currency at the rate of the day, rounded."""
        return self.company.currency_id.round(amount / self.rate)

    def make_item(self, row, reason, delivered, quantity, net, tax):
        accounts = self.get_accounts(row)
        cost = self.get_cost(row) if accounts["stock_valuation"] and accounts["expense"] else 0.0
        return Item(
            sale_line_id=row.line_id, product_id=row.product_id or False, reason=reason,
            delivered=delivered, invoiced=row.invoiced, quantity=quantity, net=net, tax=tax,
            balance=self.to_company(net), cost=cost, account_id=accounts["income"].id,
            expense_account_id=accounts["expense"].id if cost else False,
            stock_account_id=accounts["stock_valuation"].id if cost else False,
        )

    def get_cost(self, row):
        """Company currency: the moves' values that no invoice has taken out of stock yet."""
        if self.is_closed or not self.get_stocked_product(row):
            return 0.0
        return self.company.currency_id.round(row.value - row.cogs)

    def get_stocked_product(self, row):
        """The product whose accounts hold the goods, when its stock is valued in real time."""
        products = self.env["product.product"].sudo().with_company(self.company)
        product = products.browse(row.part_id or row.product_id or [])
        return product.filtered(lambda one: one.is_storable and one.valuation == "real_time")

    def get_accounts(self, row):
        product = self.lines[row.line_id].product_id
        position = self.order.fiscal_position_id
        accounts = dict(product.product_tmpl_id.get_product_accounts(fiscal_pos=position))
        if stocked := self.get_stocked_product(row):
            stock = stocked.product_tmpl_id.get_product_accounts(fiscal_pos=position)
            accounts["stock_valuation"] = stock["stock_valuation"]
        else:
            accounts["stock_valuation"] = self.env["account.account"]
        accounts["income"] = accounts.get("income") or self.get_default_income(product)
        return accounts

    def get_default_income(self, product):
        """Account of the sales journal, where invoices would land.

        :raise UserError: where that is missing, too
        """
        journal = self.order.journal_id or self.env["account.journal"].sudo().search(
            [("type", "=", "sale"), ("company_id", "in", self.company.parent_ids.ids)], limit=1)
        if not journal.default_account_id:
            raise UserError(self.env._(
                "%(product)s on %(order)s has no income account. Set it on the product or its category.",
                product=product.display_name or self.order.name, order=self.order.name))
        return journal.default_account_id

    # --- the whole order ---

    def add_up(self, goods, items):
        """The position of the contract, with its down payments."""
        accounts = self.env["account.account"].sudo()
        advances = [
            Advance(net, tax, accounts.browse(account_id).internal_group == "income")
            for account_id, _line_id, net, tax in self.advances
        ]
        state = rules.position([Part(item.net, item.tax) for item in items], advances)
        items += [
            self.make_advance_item(advance, taken)
            for advance, taken in zip(self.advances, state.taken, strict=True)
            if not self.order.currency_id.is_zero(taken)
        ]
        if not items:
            return None
        return self.make_figures(goods, items, state)

    def make_advance_item(self, advance, taken):
        account_id, line_id, _net, _tax = advance
        return Item(
            sale_line_id=line_id, product_id=False, reason="advance", delivered=0.0, invoiced=0.0,
            quantity=0.0, net=-taken, tax=0.0, balance=-self.to_company(taken), cost=0.0,
            account_id=account_id, expense_account_id=False, stock_account_id=False,
        )

    def make_figures(self, goods, items, state):
        currency = self.order.currency_id
        net = currency.round(state.net)
        tax = currency.round(state.tax) if self.company.o2c_accrual_tax == "deferred" else 0.0
        is_complete = self.is_complete(goods)
        right = self.company.o2c_accrual_right
        kind = rules.classify(net, is_complete, right)
        basis = self.get_basis(kind, is_complete, right)
        tax_balance = self.to_company(tax)
        if kind == "none":
            items = self.even_out(items)
        amount = currency.round(net + tax)
        balance = self.company.currency_id.round(sum(item.balance for item in items) + tax_balance)
        share = rules.covered_share(net, currency.round(state.tax), self.paid)
        if share == 1.0:
            kind, basis = "liability", "advance"
        return Figures(
            order_id=self.order.id, kind=kind, basis=basis, net=net, tax=tax, tax_balance=tax_balance,
            amount=amount, balance=balance, advance=self.paid, covered=currency.round(amount * share),
            covered_balance=self.company.currency_id.round(balance * share), items=tuple(items),
        )

    def even_out(self, items):
        """Where differences make up for each other, what rounding leaves goes to the first of them."""
        first = items[0]
        balance = self.company.currency_id.round(-sum(item.balance for item in items[1:]))
        return [first._replace(balance=balance), *items[1:]]

    def get_basis(self, kind, is_complete, right):
        """Why the position stands in the account of its kind."""
        if kind in ("none", "liability") or right in ("delivery", "invoice"):
            return kind if kind in ("none", "liability") else right
        return "complete" if is_complete else "partial"
