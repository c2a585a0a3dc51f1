"""A ledger of any size in a database that the ORM has written samples into.

See `plan` for what is written and `cloning` for how. All of it is one transaction: an interrupted run leaves
nothing behind.
"""

from datetime import date

from psycopg2 import sql

from .cloning import Cloner, read_sample
from .numbering import Counters, read_numbers
from .plan import CLASSES, LedgerSpec, create_events
from .schema import Schema, without_indexes

# Text in the clonable sample customer's name and address that each customer's own name replaces.
CUSTOMER_TEXT = "ledgersample"


def generate(connection, spec: LedgerSpec, samples: dict) -> dict:
    """Write the ledger and return what it holds: customers' ids, pinned customers, counts.

    `samples` is the answer of the task `samples.create` on the same database.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        generator = Generator(cursor, spec, samples)
        facts = generator.run()
    connection.commit()
    _vacuum(connection, generator.tables)
    _make_indexes_usable(connection)
    return facts


class Generator:
    """The steps of one run."""

    def __init__(self, cursor, spec, samples):
        self.cursor = cursor
        self.spec = spec
        self.schema = Schema(cursor)
        self.anchor = date.fromisoformat(samples["anchor"])
        self.amount = samples["amount"]
        # First and last clone of each kind, for the verification.
        self.clones = {}
        self.customer = self._read("res_partner", samples["clone_customer"], {})
        self.kinds = {
            kind: self._read("res_partner", samples["customer"], roots)
            for kind, roots in samples["kinds"].items()
        }
        missing = {kind for shares in CLASSES.values() for kind in shares} - set(self.kinds)
        if missing:
            raise ValueError(f"No sample of {', '.join(sorted(missing))}")

    def _read(self, table, customer_id, roots):
        """A sample, or the customer itself when there are no other roots."""
        self.cursor.execute("SELECT name FROM res_partner WHERE id = %s", (customer_id,))
        customer = (customer_id, self.cursor.fetchone()[0])
        sample = read_sample(self.schema, roots or {table: [customer_id]}, customer)
        if roots:
            sample.numbers = read_numbers(self.cursor, sample, self.anchor)
        return sample

    @property
    def tables(self):
        """Every table that gets clones."""
        return sorted({table for sample in (self.customer, *self.kinds.values()) for table in sample.tables})

    def run(self):
        """Customers, cases, and what depends on all of them."""
        first_customer = self._clone_customers()
        create_events(self.cursor, self.spec, first_customer)
        counters = Counters(self.cursor)
        with without_indexes(self.cursor, [table for table in self.tables if table != "res_partner"]):
            for kind, sample in self.kinds.items():
                self._clone_kind(kind, sample, counters)
        counters.finish()
        self._rank_customers()
        self._move_stock()
        self._name_receipts()
        self._set_sequences()
        return self._facts(first_customer)

    # ------------------------------------------------------------ CUSTOMERS

    def _clone_customers(self):
        """Customers in the order of their size, then the pinned ones; returns the first one's id."""
        names = [f"customer-{place:06d}" for place in range(1, self.spec.customers + 1)]
        names += [f"pinned-{pin.role}" for pin in self.spec.pins]
        self.cursor.execute(
            """
            CREATE TEMP TABLE customer ON COMMIT DROP AS
            SELECT n, NULL::int AS partner_id, name AS partner_name, 0 AS shift, 1.0 AS factor
              FROM unnest(%s) WITH ORDINALITY AS list(name, n)
            """,
            (names,),
        )
        cloner = Cloner(self.schema, self.customer, "customer")
        first = cloner.bases["res_partner"] + 1
        cloner.clone()
        self.cursor.execute("UPDATE customer SET partner_id = %s + n - 1", (first,))
        return first

    # ---------------------------------------------------------------- CASES

    def _clone_kind(self, kind, sample, counters):
        """All cases of one kind."""
        cursor = self.cursor
        cursor.execute(
            """
            CREATE TEMP TABLE kind_event ON COMMIT DROP AS
            SELECT row_number() OVER (ORDER BY e.day, e.n) AS n, e.partner_id, c.partner_name, e.day,
                   e.day - %s AS shift, e.amount / %s::numeric AS factor
              FROM event e JOIN customer c USING (partner_id) WHERE e.kind = %s
            """,
            (self.anchor, self.amount, kind),
        )
        events = sql.Identifier("kind_event")
        numbers = [counters.columns(number, slot, events) for slot, number in enumerate(sample.numbers)]
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE kind_plan ON COMMIT DROP AS SELECT {} FROM kind_event e").format(
                sql.SQL(", ").join([sql.SQL("e.*"), *numbers])
            )
        )
        cloner = Cloner(self.schema, sample, "kind_plan")
        cloner.clone()
        cursor.execute("SELECT count(*) FROM kind_plan")
        self.clones[kind] = [cloner.ids(n) for n in (1, cursor.fetchone()[0])]
        cursor.execute("DROP TABLE kind_plan, kind_event")

    # ------------------------------------------------------------ AFTERMATH

    def _rank_customers(self):
        """Posting an invoice raises the customer's rank by one."""
        self.cursor.execute(
            """
            UPDATE res_partner p SET customer_rank = e.count
              FROM (SELECT partner_id, count(*) FROM event WHERE class IN ('open', 'paid') GROUP BY 1) e
             WHERE p.id = e.partner_id
            """
        )

    def _move_stock(self):
        """Stock on both sides of the delivery follows the cloned moves."""
        rows = self.kinds["order_goods_delivered"].tables["stock_move_line"]
        self.cursor.execute("SELECT count(*) FROM event WHERE kind = 'order_goods_delivered'")
        count = self.cursor.fetchone()[0]
        for row in rows:
            values = row.values
            for location, sign in ((values["location_id"], -1), (values["location_dest_id"], 1)):
                self.cursor.execute(
                    """
                    UPDATE stock_quant SET quantity = quantity + %s
                     WHERE product_id = %s AND location_id = %s AND lot_id IS NULL
                    """,
                    (sign * count * values["quantity"], values["product_id"], location),
                )

    def _name_receipts(self):
        """An allocation names its receipt by a key without a foreign key as well: it follows the clone."""
        if "o2c_receipt_allocation" in self.tables:
            self.cursor.execute(
                """
                UPDATE o2c_receipt_allocation SET receipt_ref = coalesce(payment_id, -statement_line_id)
                 WHERE receipt_ref <> coalesce(payment_id, -statement_line_id)
                """
            )

    def _set_sequences(self):
        """The next record of the ORM gets an id behind the clones."""
        for table in self.tables:
            if "id" in self.schema.columns(table):
                self.cursor.execute(
                    sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {}").format(
                        sql.Identifier(table)
                    ),
                    (table,),
                )

    def _facts(self, first):
        self.cursor.execute("SELECT kind, count(*) FROM event GROUP BY 1 ORDER BY 1")
        counts = dict(self.cursor.fetchall())
        last = first + self.spec.customers - 1
        return {
            "customers": [first, last],
            "pins": {
                pin.role: {"id": last + 1 + place, "label": pin.label, "open": pin.open, "paid": pin.paid}
                for place, pin in enumerate(self.spec.pins)
            },
            "counts": counts,
            "originals": {kind: sample.ids() for kind, sample in self.kinds.items()},
            "clones": self.clones,
        }


def _make_indexes_usable(connection):
    """Build the indexes again that wait for older transactions.

    An index that was made in the transaction which changed its table is marked `indcheckxmin`: every
    transaction that began earlier, and with a long-lived one on the server everybody, plans without it.
    A figure measured then is one of a database that no company has.
    """
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indcheckxmin ORDER BY 1")
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("REINDEX INDEX {}").format(sql.SQL(name)))


def _vacuum(connection, tables):
    """Statistics and visibility map, as on a database that lives."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
    connection.autocommit = False
