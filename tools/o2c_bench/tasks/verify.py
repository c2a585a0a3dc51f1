"""Is the generated ledger what the ORM would have left? Looked at by ORM and SQL, then rolled back.

Every check yields sentences about what is wrong; no sentence means that the ledger holds.
"""

import re

from odoo import fields
from odoo.exceptions import UserError

IGNORED_COLUMNS = {"write_date", "write_uid"}


def verify(env, samples, facts):
    """Run all checks and return {"problems": [...], "checked": number of recomputed values}."""
    checker = Checker(env, samples, facts)
    problems = [problem for check in CHECKS for problem in checker.run(check)]
    return {"problems": problems, "checked": checker.values, "unstable": checker.unstable}


class Checker:
    """Checks over one ledger; each is a generator of problems."""

    def __init__(self, env, samples, facts):
        self.env = env
        self.samples = samples
        self.facts = facts
        self.values = 0
        self.unstable = {}
        self.models = {model._table: name for name, model in env.registry.items() if not model._abstract}

    def run(self, check):
        """Problems that the check finds; what Odoo refuses to do is one, too."""
        problems = []
        try:
            problems.extend(check(self))
        except UserError as error:
            problems.append(f"{check.__name__}: {error}")
        self.env.cr.rollback()
        self.env.invalidate_all()
        return problems

    # ---------------------------------------------------- STORED COMPUTATION

    def check_recomputation(self):
        """Every stored computed value of some clones stays as it is when the ORM computes it again.

        Editable fields are left out: their computation only proposes what somebody may enter. Values that
        change on the sample itself say nothing about the clone: they are not compared.
        """
        for kind, originals in self.facts["originals"].items():
            unstable = {(table, column) for table, _id, column, *_values in self.recompute(originals)}
            self.unstable[kind] = sorted(map(".".join, unstable))
            for clone in self.facts["clones"][kind]:
                for table, record_id, column, before, after in self.recompute(clone):
                    if (table, column) not in unstable:
                        yield f"{kind}: {table} {record_id}, {column} is {before!r} and should be {after!r}"

    def recompute(self, tables):
        """Changes by a recomputation: [(table, id, column, before, after)]."""
        before = self.rows(tables)
        for table, ids in tables.items():
            records = self.env[self.models[table]].browse(ids)
            for field in records._fields.values():
                if field.store and field.compute and field.readonly:
                    self.env.add_to_compute(field, records)
                    self.values += len(records)
        self.env.flush_all()
        after = self.rows(tables)
        self.env.cr.rollback()
        self.env.invalidate_all()
        return [
            (*key, column, value, after[key][column])
            for key, row in before.items()
            for column, value in row.items()
            if column not in IGNORED_COLUMNS and value != after[key][column]
        ]

    def rows(self, tables):
        """{(table, id): row} as the database has them."""
        rows = {}
        for table, ids in tables.items():
            self.env.cr.execute(f'SELECT * FROM "{table}" WHERE id = ANY(%s)', (ids,))
            rows.update({(table, row["id"]): row for row in self.env.cr.dictfetchall()})
        return rows

    # ------------------------------------------------------------- HANDLING

    def clone(self, kind, table, place=0):
        """Record of the last clone of the kind."""
        return self.env[self.models[table]].browse(self.facts["clones"][kind][-1][table][place])

    def invoice_of(self, kind):
        """Invoice of the last clone of the kind."""
        moves = self.env["account.move"].browse(self.facts["clones"][kind][-1]["account_move"])
        return moves.filtered(lambda move: move.move_type == "out_invoice")

    def check_reading(self):
        """Invoices and orders open: each of their fields can be read."""
        for kind, clones in self.facts["clones"].items():
            for table in {"account_move", "sale_order", "stock_picking"} & set(clones[-1]):
                records = self.env[self.models[table]].browse(clones[-1][table])
                if not records.exists() or len(records.read()) != len(records):
                    yield f"{kind}: {table} {records.ids} cannot be read"

    def check_payment(self):
        """An open invoice can be paid."""
        for kind in ("invoice_open", "invoice_part_paid", "order_invoiced_open"):
            invoice = self.invoice_of(kind)
            wizard = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            )
            wizard.create({})._create_payments()
            if invoice.payment_state not in ("paid", "in_payment") or invoice.amount_residual:
                yield f"{kind}: {invoice.name} is {invoice.payment_state} after its payment"

    def check_unreconciliation(self):
        """A paid invoice opens again when the reconciliation is undone."""
        for kind in ("invoice_paid_by_payment", "invoice_paid_late", "order_invoiced_paid"):
            invoice = self.invoice_of(kind)
            invoice.line_ids.remove_move_reconcile()
            if invoice.payment_state != "not_paid" or invoice.amount_residual != invoice.amount_total:
                yield f"{kind}: {invoice.name} is {invoice.payment_state} after the reconciliation was undone"

    def check_next_numbers(self):
        """An order in hand can be invoiced; its invoice and the next order take the next numbers."""
        journal_prefix = self.invoice_of("invoice_open").sequence_prefix
        today = fields.Date.context_today(self.env.user)
        prefix = re.sub(r"\d{4}", str(today.year), journal_prefix)
        self.env.cr.execute(
            "SELECT coalesce(max(sequence_number), 0) + 1 FROM account_move WHERE sequence_prefix = %s",
            (prefix,),
        )
        expected = self.env.cr.fetchone()[0]
        order = self.clone("order_service_open", "sale_order")
        move = order._create_invoices()
        move.action_post()
        if (move.sequence_prefix, move.sequence_number) != (prefix, expected):
            yield f"The next invoice is {move.name} instead of {prefix}{expected}"
        if order.invoice_status != "invoiced":
            yield f"Order {order.name} is {order.invoice_status} after its invoice"
        copy = order.copy()
        if self.env["sale.order"].search_count([("name", "=", copy.name)]) > 1:
            yield f"The next order takes the number {copy.name}, which exists"

    def check_delivery(self):
        """An order in hand can be delivered once the goods are there."""
        picking = self.clone("order_goods_open", "stock_picking")
        for move in picking.move_ids:
            self.env["stock.quant"]._update_available_quantity(move.product_id, move.location_id, 1_000_000)
        picking.action_assign()
        if picking.state != "assigned":
            yield f"{picking.name} is {picking.state} with all goods on stock"

    # ------------------------------------------------------------------ SQL

    def check_statements(self):
        """Nothing in the whole ledger contradicts itself."""
        for problem, statement in STATEMENTS.items():
            self.env.cr.execute(f"SELECT count(*) FROM ({statement}) wrong")
            count = self.env.cr.fetchone()[0]
            if count:
                yield f"{count} {problem}"

    def check_pinned_customers(self):
        """Pinned customers have exactly the invoices that they are named for."""
        for pin in self.facts["pins"].values():
            self.env.cr.execute(
                """
                SELECT count(*) FILTER (WHERE payment_state IN ('not_paid', 'partial')),
                       count(*) FILTER (WHERE payment_state = 'paid')
                  FROM account_move WHERE move_type = 'out_invoice' AND state = 'posted' AND partner_id = %s
                """,
                (pin["id"],),
            )
            if self.env.cr.fetchone() != (pin["open"], pin["paid"]):
                yield f"The pinned customer {pin['label']} has other invoices"


CHECKS = (
    Checker.check_recomputation,
    Checker.check_statements,
    Checker.check_pinned_customers,
    Checker.check_reading,
    Checker.check_payment,
    Checker.check_unreconciliation,
    Checker.check_delivery,
    Checker.check_next_numbers,
)

STATEMENTS = {
    "lines have a debit and a credit that differ from their balance": """
        SELECT id FROM account_move_line
         WHERE balance <> debit - credit OR balance <> amount_currency OR abs(balance) <> abs(price_subtotal)
               AND display_type = 'product'""",
    "entries are not balanced": """
        SELECT move_id FROM account_move_line GROUP BY 1
        HAVING sum(balance) <> 0 OR sum(amount_currency) <> 0""",
    "receivable lines have a residual that their reconciliations do not explain": """
        SELECT l.id FROM account_move_line l JOIN account_account a ON a.id = l.account_id
          LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM account_partial_reconcile
                              WHERE debit_move_id = l.id) d ON true
          LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM account_partial_reconcile
                              WHERE credit_move_id = l.id) c ON true
         WHERE a.account_type = 'asset_receivable'
           AND (l.balance - coalesce(d.amount, 0) + coalesce(c.amount, 0) <> l.amount_residual
                OR l.reconciled <> (l.amount_residual = 0)
                OR (l.matching_number IS NULL) <> (d.amount IS NULL AND c.amount IS NULL))""",
    "invoices differ from their lines": """
        SELECT m.id FROM account_move m JOIN account_move_line l ON l.move_id = m.id
          JOIN account_account a ON a.id = l.account_id
         WHERE m.move_type = 'out_invoice'
         GROUP BY m.id
        HAVING m.amount_total <> sum(l.balance) FILTER (WHERE a.account_type = 'asset_receivable')
            OR m.amount_residual <> sum(l.amount_residual) FILTER (WHERE a.account_type = 'asset_receivable')
            OR m.amount_total <> sum(l.price_total) FILTER (WHERE l.display_type = 'product')
            OR bool_or(l.partner_id <> m.commercial_partner_id OR l.date <> m.date
                       OR l.move_name <> m.name)""",
    "series of entries have gaps or a number twice": """
        SELECT journal_id FROM account_move WHERE state = 'posted' GROUP BY journal_id, sequence_prefix
        HAVING count(*) <> max(sequence_number) OR count(DISTINCT sequence_number) <> count(*)""",
    "entries have a number that does not fit": """
        SELECT id FROM account_move WHERE state = 'posted'
           AND (name <> sequence_prefix
                || lpad(sequence_number::text, greatest(5, length(sequence_number::text)), '0')
                OR position(extract(year FROM date)::text IN sequence_prefix) = 0)""",
    "orders differ from their lines": """
        SELECT o.id FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id GROUP BY o.id
        HAVING o.amount_total <> sum(l.price_total) OR bool_or(l.order_partner_id <> o.partner_id)""",
    "order numbers exist twice": "SELECT name FROM sale_order GROUP BY name HAVING count(*) > 1",
    "delivery numbers exist twice": "SELECT name FROM stock_picking GROUP BY name HAVING count(*) > 1",
    "stock moves belong to another customer's order": """
        SELECT m.id FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id
          JOIN sale_order o ON o.id = l.order_id JOIN stock_picking p ON p.id = m.picking_id
         WHERE p.sale_id <> o.id OR p.partner_id <> o.partner_shipping_id OR m.origin <> o.name""",
    "products at customers are not what was delivered": """
        SELECT q.id FROM stock_quant q JOIN stock_location s ON s.id = q.location_id
         WHERE s.usage = 'customer' AND q.quantity <> (
               SELECT sum(quantity) FROM stock_move_line
                WHERE state = 'done' AND location_dest_id = q.location_id AND product_id = q.product_id)""",
    "entries lie in the future": "SELECT id FROM account_move WHERE date > current_date",
}
