"""Schedules: factories, and an oracle that knows nothing of the suite's SQL."""

from datetime import date, timedelta

from odoo import Command, fields
from odoo.tools import SQL

from .common import ReceiptCase


class ScheduleCase(ReceiptCase):
    """Prices are without tax, goods are consumables with stock moves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.make_template("30/30/40", [
            {"kind": "deposit", "percent": 30, "trigger": "confirmation"},
            {"kind": "on_delivery", "percent": 30, "days": 30},
            {"kind": "retention", "percent": 40, "days": 60},
        ])
        cls.goods = cls.env["product.product"].create({
            "name": "Scheduled goods", "type": "consu", "is_storable": False, "list_price": 100.0,
            "invoice_policy": "order", "taxes_id": [Command.clear()], "company_id": False,
        })
        cls.manager = cls.make_user("credit_manager", "o2c_base.group_credit_manager")

    @classmethod
    def make_template(cls, name, parts, company=False):
        return cls.env["o2c.schedule.template"].create({
            "name": name,
            "company_id": company and company.id,
            "line_ids": [
                Command.create({"sequence": index, **part}) for index, part in enumerate(parts, 1)],
        })

    def make_goods_order(self, lines, *, confirm=True, **values):
        """Order of goods; ``lines`` = (quantity, price)."""
        order = self.make_order(0, confirm=False, **values)
        order.order_line.unlink()
        order.order_line = [
            Command.create({
                "product_id": self.goods.id, "product_uom_qty": quantity, "price_unit": price,
                "tax_ids": [Command.clear()],
            })
            for quantity, price in lines
        ]
        if confirm:
            order.action_confirm()
        return order

    def deliver(self, order, quantity=None):
        """Validate the open delivery of an order; a backorder keeps what is left."""
        picking = order.picking_ids.filtered(lambda item: item.state not in ("done", "cancel"))
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if quantity is None else quantity
            move.picked = True
        picking.with_context(skip_backorder=True, cancel_backorder=False).button_validate()
        return picking

    # --- figures ---

    def get_instalments(self, order):
        self.env.flush_all()
        return [
            (row.no, row.kind, row.due, row.amount, row.invoiced, row.received, row.open)
            for row in self.env["o2c.schedule"]._get_instalments(order)[order.id]
        ]

    def get_claims(self, partner=None, *, as_of=None, source=None):
        """``[(source, due, amount in company currency, overdue days)]``, by due date."""
        self.env.flush_all()
        partner = partner or self.customer
        query = self.env["o2c.claim"]._sql_claims(
            as_of, SQL("debtor.commercial_partner_id = %s", partner.id))
        return [
            (kind, due, float(amount), late)
            for kind, due, amount, late in self.env.execute_query(SQL(
                """SELECT source, date_due, amount, days_overdue FROM (%s) claims
                    ORDER BY date_due, source, id""", query))
            if source in (None, kind)
        ]

    def get_exposure(self, partner=None):
        self.env.flush_all()
        partner = partner or self.customer
        return self.env["o2c.exposure"]._get_exposure(partner, self.company)[partner.id]


def oracle(total, parts, *, invoiced=0.0, advance=0.0):
    """Open instalments by hand: ``[(due, open)]``.

    :param parts: ``[(percent, due)]`` in the order of the schedule
    :param invoiced: what posted invoices hold, :param advance: money that no invoice has used
    """
    amounts = [round(total * percent / 100, 2) for percent, _due in parts[:-1]]
    amounts.append(round(total - sum(amounts), 2))
    covered = invoiced + advance
    found = []
    for due, amount in sorted(zip((due for _percent, due in parts), amounts, strict=True)):
        served = min(amount, covered)
        covered -= served
        if round(amount - served, 2) > 0:
            found.append((due, round(amount - served, 2)))
    return found


def days(start, *offsets):
    first = fields.Date.to_date(start)
    return [first + timedelta(days=offset) for offset in offsets]


__all__ = ["ScheduleCase", "date", "days", "oracle"]
