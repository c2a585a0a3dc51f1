"""Who buys what and when: the business cases of a ledger, drawn from a seed.

Customers' histories are skewed as in life: the customer of a case is drawn log-uniformly, so that each
customer has about half the cases of one twice as far up the list. Four pinned customers have an exact number
of open and paid invoices, to see whether costs grow with the one or the other. The same seed and the same day
give the same ledger.
"""

from dataclasses import dataclass

# Kinds of samples in each class of cases, with their share.
CLASSES = {
    "open": {
        "invoice_open": 0.6,
        "order_invoiced_open": 0.2,
        "order_advance_open": 0.1,
        "invoice_part_paid": 0.1,
    },
    "paid": {
        "invoice_paid_by_payment": 0.45,
        "invoice_paid_late": 0.25,
        "order_invoiced_paid": 0.2,
        "order_advance_paid": 0.1,
    },
    "order": {
        "order_service_open": 0.2,
        "order_deposit": 0.1,
        "order_goods_open": 0.4,
        "order_goods_delivered": 0.3,
    },
    "receipt": {"receipt_unallocated": 1.0},
}
# Days before today of a case of the class, from a uniform draw {u} and, for pinned customers, {pinned}.
# Paid cases are old enough for the latest of the sample payments, 60 days after the invoice.
AGES = {
    "open": "CASE WHEN NOT {pinned} AND {u} < 0.7 THEN 31 + ({u} * {u} * 1000)::int ELSE ({u} * 29)::int END",
    "paid": "65 + ({u} * 1000)::int",
    "order": "({u} * 120)::int",
    "receipt": "({u} * 60)::int",
}
OPEN_SHARE = 0.3
ORDERS_PER_INVOICE = 0.1
RECEIPTS_PER_INVOICE = 0.01


@dataclass(frozen=True)
class Pin:
    """A customer with an exact number of open and paid invoices."""

    role: str
    open: int
    paid: int = 0

    @property
    def label(self):
        """What the table of results calls the customer."""
        return f"{self.open:,} open" + (f", {self.paid:,} paid" if self.paid else "")

    @property
    def orders(self):
        """Orders in hand, in proportion to the open invoices."""
        return max(1, self.open // 10)


@dataclass(frozen=True)
class LedgerSpec:
    """Size of a ledger; everything else follows from it."""

    invoices: int
    seed: int = 42

    @property
    def customers(self):
        """Customers beside the pinned ones."""
        return min(max(self.invoices // 20, 50), 50_000)

    @property
    def pins(self):
        """Full size from 100,000 invoices on, smaller in proportion below."""

        def scaled(count):
            return min(count, max(20, count * self.invoices // 100_000))

        return (
            Pin("few", 10),
            Pin("many", scaled(1_000)),
            Pin("most", scaled(10_000)),
            Pin("history", 10, scaled(10_000)),
        )

    @property
    def pinned_invoices(self):
        """Invoices of the pinned customers."""
        return sum(pin.open + pin.paid for pin in self.pins)

    def __post_init__(self):
        if self.invoices < 2 * self.pinned_invoices:
            raise ValueError(f"{self.invoices} invoices are too few: the pinned customers need half of them")


def create_events(cursor, spec, first_customer):
    """Create the temporary table `event`: n, class, kind, partner_id, pinned, amount, day."""
    _create_draws(cursor, spec, first_customer)
    kinds = " ".join(f"WHEN '{name}' THEN CASE {_steps(shares)} END" for name, shares in CLASSES.items())
    ages = " ".join(
        f"WHEN '{name}' THEN {age.format(u='u_age', pinned='pinned')}" for name, age in AGES.items()
    )
    cursor.execute(
        f"""
        CREATE TEMP TABLE event ON COMMIT DROP AS
        SELECT n, class, partner_id, pinned,
               CASE class {kinds} END AS kind,
               -- Multiples of 0.05 let the parts of a sample (40 and 60 %) come out in whole cents.
               round((20 + exp(u_amount * 6) * 3)::numeric * 20) / 20 AS amount,
               current_date - CASE class {ages} END AS day
          FROM draw
        """
    )
    cursor.execute("CREATE INDEX ON event (kind)")
    cursor.execute("ANALYZE event")


def _create_draws(cursor, spec, first_customer):
    """One line per case with its customer and four random figures."""
    rest = spec.invoices - spec.pinned_invoices
    orders, receipts = int(spec.invoices * ORDERS_PER_INVOICE), int(spec.invoices * RECEIPTS_PER_INVOICE)
    cursor.execute(
        f"""
        CREATE TEMP TABLE draw ON COMMIT DROP AS
        WITH line AS (
            SELECT class, %(first)s + %(customers)s + place AS pin
              FROM unnest(%(places)s::int[], %(classes)s::text[], %(counts)s::int[])
                       AS pinned(place, class, count),
                   generate_series(1, count)
            UNION ALL
            SELECT CASE WHEN i > %(rest)s + %(orders)s THEN 'receipt'
                        WHEN i > %(rest)s THEN 'order'
                        WHEN {_uniform("i", 5)} < {OPEN_SHARE} THEN 'open' ELSE 'paid' END, NULL
              FROM generate_series(1, %(rest)s + %(orders)s + %(receipts)s) i
        ), numbered AS (
            SELECT *, row_number() OVER () AS n FROM line
        )
        SELECT n, class, pin IS NOT NULL AS pinned,
               coalesce(pin, %(first)s + least(%(customers)s - 1, floor(
                   exp({_uniform("n", 1)} * ln(%(customers)s + 1.0)) - 1)::int)) AS partner_id,
               {_uniform("n", 2)} AS u_kind, {_uniform("n", 3)} AS u_amount, {_uniform("n", 4)} AS u_age
          FROM numbered
        """,
        {
            **_pinned_counts(spec),
            "first": first_customer,
            "customers": spec.customers,
            "rest": rest,
            "orders": orders,
            "receipts": receipts,
            "seed": spec.seed,
        },
    )


def _pinned_counts(spec):
    """Three parallel lists: place of the pinned customer, class of cases, how many."""
    rows = [
        (place, name, count)
        for place, pin in enumerate(spec.pins)
        for name, count in (("open", pin.open), ("paid", pin.paid), ("order", pin.orders))
    ]
    places, classes, counts = map(list, zip(*rows, strict=True))
    return {"places": places, "classes": classes, "counts": counts}


def _uniform(number, salt):
    """SQL of a figure in [0, 1) that depends on the number, the salt and the seed alone."""
    return f"((hashint8extended({number}, %(seed)s + {salt}) & 9007199254740991)::float8 / 9007199254740992)"


def _steps(shares):
    """SQL branches that choose a kind by a uniform draw."""
    branches, limit = [], 0.0
    for kind, share in shares.items():
        limit += share
        branches.append(f"WHEN u_kind < {limit + 1e-9:.9f} THEN '{kind}'")
    return " ".join(branches)
