"""The attacked company as the attackers and their judge see it.

Attackers act through the external interfaces with their own rights. The judge
reads the tables themselves, so that no method of the suite speaks for itself.
"""

from contextlib import contextmanager
from datetime import date, timedelta
from functools import cached_property

import psycopg2.extras
import pytest
from api import ApiError, Json2, WebSession, XmlRpc


class World:
    """One company, its people and its documents."""

    def __init__(self, url, database, connection, facts, *, workers):
        self.url = url
        self.database = database
        self.connection = connection
        self.workers = workers
        self.__dict__.update(facts)  # what the set-up printed: users, keys, products, places ...
        self._unused = iter(facts["customers"])
        self._gated = iter(facts["gated"])
        self._clients = {}

    # ------------------------------------------------------------ people

    def user(self, login):
        """JSON-2 client of a user."""
        if login not in self._clients:
            self._clients[login] = Json2(self.url, self.database, self.keys[login])
        return self._clients[login]

    def xmlrpc(self, login):
        """XML-RPC client of a user."""
        return XmlRpc(self.url, self.database, login, self.keys[login])

    @cached_property
    def portal(self):
        """The customer's browser session."""
        return WebSession(self.url, "polly", self.password)

    def customer(self):
        """A customer with the limit 1,000 whom no test has used."""
        return next(self._unused)

    def gated_customer(self):
        """A customer of whose orders 60 % must be collected before an invoice, unused so far."""
        return next(self._gated)

    # ------------------------------------------------------------ the judge

    def rows(self, query, *parameters):
        """Rows of a query on the committed state."""
        with self.connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(query, parameters)
            if not cursor.description:
                return []
            return [dict(row) for row in cursor.fetchall()]

    def value(self, query, *parameters):
        """The one value that a query yields."""
        row = self.rows(query, *parameters)[0]
        return next(iter(row.values()))

    def state(self, table, record_id):
        """State of a document, None if it is gone."""
        rows = self.rows(f"SELECT state FROM {table} WHERE id = %s", record_id)
        return rows[0]["state"] if rows else None

    def order_state(self, order):
        """State of an order."""
        return self.state("sale_order", order)

    def holds(self, *, order=None, picking=None, move=None):
        """Holds of a document, oldest first."""
        return self.rows(
            "SELECT id, code, checkpoint, state, excess FROM o2c_hold"
            " WHERE order_id = %s OR picking_id = %s OR move_id = %s ORDER BY id",
            order,
            picking,
            move,
        )

    def order_facts(self, order):
        """Everything about an order that an attack could want to change."""
        return {
            "order": self.rows(
                "SELECT state, locked, partner_id, partner_invoice_id, amount_total, currency_id,"
                " currency_rate, company_id FROM sale_order WHERE id = %s",
                order,
            ),
            "lines": self.rows(
                "SELECT id, product_id, product_uom_id, product_uom_qty, price_unit, discount, price_total,"
                " is_downpayment, qty_invoiced, (SELECT array_agg(account_tax_id ORDER BY account_tax_id)"
                "   FROM account_tax_sale_order_line_rel r WHERE r.sale_order_line_id = l.id) AS taxes"
                " FROM sale_order_line l WHERE order_id = %s ORDER BY id",
                order,
            ),
            "moves": self.rows(
                "SELECT m.id, m.state, m.product_uom_qty, m.quantity FROM stock_move m"
                " JOIN sale_order_line l ON l.id = m.sale_line_id WHERE l.order_id = %s ORDER BY m.id",
                order,
            ),
            "invoices": self.rows(
                "SELECT DISTINCT a.id, a.state FROM account_move a"
                " JOIN account_move_line ml ON ml.move_id = a.id"
                " JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = ml.id"
                " JOIN sale_order_line l ON l.id = r.order_line_id WHERE l.order_id = %s ORDER BY a.id",
                order,
            ),
        }

    def confirmed_total(self, partner):
        """Value of a debtor's confirmed orders, as the lines' quantities and prices say."""
        return float(
            self.value(
                "SELECT coalesce(sum(l.product_uom_qty * l.price_unit * (1 - l.discount / 100)), 0)"
                " FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id"
                " JOIN res_partner p ON p.id = o.partner_invoice_id"
                " WHERE o.state = 'sale' AND p.commercial_partner_id = %s AND l.display_type IS NULL",
                partner,
            )
        )

    def delivered(self, partner):
        """Units that have gone to a customer's address, whatever document says so."""
        return float(
            self.value(
                "SELECT coalesce(sum(ml.quantity), 0) FROM stock_move_line ml"
                " JOIN stock_location d ON d.id = ml.location_dest_id"
                " JOIN stock_picking k ON k.id = ml.picking_id JOIN res_partner p ON p.id = k.partner_id"
                " WHERE ml.state = 'done' AND d.usage = 'customer' AND p.commercial_partner_id = %s",
                partner,
            )
        )

    def in_stock(self, product):
        """Units of a product in the warehouse."""
        return float(
            self.value(
                "SELECT coalesce(sum(q.quantity), 0) FROM stock_quant q JOIN stock_location l"
                " ON l.id = q.location_id WHERE l.usage = 'internal' AND q.product_id = %s",
                product,
            )
        )

    # ------------------------------------------------------------ what attackers do

    @contextmanager
    def refused(self):
        """The block must be refused by somebody, not crash."""
        with pytest.raises(ApiError) as caught:
            yield caught
        assert caught.value.is_refusal, f"not a refusal but a failure: {caught.value}"

    def attempt(self, act):
        """Run an attack that may be refused or silently come to nothing; a crash is a failure."""
        try:
            return act()
        except ApiError as error:
            assert error.is_refusal, f"not a refusal but a failure: {error}"
            return error

    # ------------------------------------------------------------ documents, made by plain users

    def order(self, partner, units, *, by="sam", price=100.0, product=None, line=None, **values):
        """A quotation of so many units at ``price``, in the salesperson's own hand."""
        return self.user(by).create(
            "sale.order", self.order_values(partner, units, price, product, line, values)
        )

    def order_values(self, partner, units, price=100.0, product=None, line=None, values=None):
        """Values of a quotation with one line."""
        return {
            "partner_id": partner,
            "order_line": [
                (
                    0,
                    0,
                    {
                        "product_id": product or self.pump,
                        "product_uom_qty": units,
                        "price_unit": price,
                        "tax_ids": [(5,)],
                        **(line or {}),
                    },
                )
            ],
            **(values or {}),
        }

    def confirm(self, order, by="sam"):
        """Press the button."""
        return self.user(by).call("sale.order", "action_confirm", order)

    def confirmed(self, partner, units, **values):
        """A confirmed order within the limit."""
        order = self.order(partner, units, **values)
        self.confirm(order)
        assert self.order_state(order) == "sale", "an order within the limit must confirm"
        return order

    def line(self, order):
        """Id of the first line of an order."""
        return self.value("SELECT min(id) FROM sale_order_line WHERE order_id = %s", order)

    def picking(self, order):
        """Id of the open delivery of an order."""
        return self.value(
            "SELECT max(m.picking_id) FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id"
            " WHERE l.order_id = %s AND m.state NOT IN ('done', 'cancel')",
            order,
        )

    def moves(self, picking):
        """Ids of the moves of a delivery."""
        return [row["id"] for row in self.rows("SELECT id FROM stock_move WHERE picking_id = %s", picking)]

    def debt(self, partner, amount, *, by="ada"):
        """An old debt that comes to light: the accountant enters it."""
        accounts = {
            row["account_type"]: row["id"]
            for row in self.rows(
                "SELECT min(id) AS id, account_type FROM account_account"
                " WHERE account_type IN ('asset_receivable', 'income_other') GROUP BY account_type"
            )
        }
        line = {"name": "Old debt", "partner_id": partner}
        entry = self.user(by).create(
            "account.move",
            {
                "move_type": "entry",
                "line_ids": [
                    (0, 0, {**line, "account_id": accounts["asset_receivable"], "debit": amount}),
                    (0, 0, {**line, "account_id": accounts["income_other"], "credit": amount}),
                ],
            },
        )
        self.user(by).call("account.move", "action_post", entry)
        assert self.state("account_move", entry) == "posted"
        return entry

    def loose_invoice(self, partner, amount, *, by="adam", **values):
        """A draft invoice that no order stands behind."""
        return self.user(by).create(
            "account.move",
            {
                "move_type": "out_invoice",
                "partner_id": partner,
                "invoice_date": str(date.today()),
                "invoice_line_ids": [
                    (0, 0, {"name": "Work", "quantity": 1, "price_unit": amount, "tax_ids": [(5,)]})
                ],
                **values,
            },
        )

    def squeezed(self, units=9):
        """A confirmed order whose delivery would now exceed the limit: old debt came to light since."""
        partner = self.customer()
        order = self.confirmed(partner, units)
        picking = self.picking(order)
        self.user("wanda").call("stock.picking", "action_assign", picking)
        self.debt(partner, 500.0)
        return partner, order, picking

    def held(self, units=12, **values):
        """An order over the limit whose confirmation was asked for and held."""
        partner = self.customer()
        order = self.order(partner, units, **values)
        self.confirm(order)
        assert self.order_state(order) in ("draft", "sent"), "an order over the limit must wait"
        holds = self.holds(order=order)
        assert holds, "a held order has a hold"
        return partner, order, holds[0]["id"]

    # ------------------------------------------------------------ release and register

    def ask(self, order, **options):
        """Ask for the release of an order; returns the request's id."""
        return self.ask_for("sale.order", order, **options)

    def ask_for(self, model, record, *, by="sam", until=None, reason="Known customer"):
        """Ask for a release in the dialogue of the document; returns the request's id."""
        client = self.user(by)
        action = client.call(model, "action_o2c_ask_release", record)
        wizard = client.create(
            "o2c.hold.release",
            {"reason": reason, "valid_until": until or str(date.today() + timedelta(days=7))},
            context=action["context"],
        )
        client.call("o2c.hold.release", "action_ask", wizard)
        return self.request(record, model)

    def request(self, record, model="sale.order"):
        """Id of the latest request about a document's holds, None if there is none."""
        return self.value(
            "SELECT max(r.id) FROM o2c_request r JOIN o2c_hold h ON h.id = r.res_id"
            " WHERE r.res_model = 'o2c.hold' AND h.res_model = %s AND h.res_id = %s",
            model,
            record,
        )

    def seal(self):
        """Seal the register as the scheduled job does."""
        cron = self.value("SELECT res_id FROM ir_model_data WHERE module = 'o2c_base' AND name = 'cron_seal'")
        self.user("root").call("ir.cron", "method_direct_trigger", cron)

    def verify_register(self):
        """First broken entry that the auditor's button finds, or None."""
        self.user("audrey").call("o2c.register.seal", "action_verify")
        [found] = self.rows(
            "SELECT evidence FROM o2c_register WHERE event = 'register_verified' ORDER BY id DESC LIMIT 1"
        )
        findings = found["evidence"]["findings"]
        return findings[0]["entry"] if findings else None

    def tamper(self, statement, *parameters):
        """Do what only the owner of the database can: change the register behind its triggers."""
        with self.connection.cursor() as cursor:
            cursor.execute("ALTER TABLE o2c_register DISABLE TRIGGER USER")
            try:
                cursor.execute(statement, parameters)
            finally:
                cursor.execute("ALTER TABLE o2c_register ENABLE TRIGGER USER")
