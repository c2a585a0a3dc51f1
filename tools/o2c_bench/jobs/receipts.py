"""Collected amounts of 1,000 orders and of one, and a list of all orders sorted by them.

The bare SQL must give the suite's figures to the cent, else the comparison says nothing and the job stops.
Plain Odoo has no such figure; its column is a walk over invoices and payments, without advances.
"""

from ..bench import interleave
from ..measure import typical_cpu
from ..rows import make_row

COUNT = 1000
LIMITS = {"to_sql": 3.0, "queries": 6}


def run(bench):
    """Rows for many orders, one order, and the list."""
    user = bench.suite.samples["users"]["officer"]
    with bench.suite.worker() as suite:
        chosen = suite("receipts.choose", count=COUNT)
        orders = chosen["orders"]
        return [
            _collected(bench, suite, orders, user),
            _page(bench, suite, orders[len(orders) // 2 :][:1], user),
            _list(bench, suite, chosen["all"], user),
        ]


def _collected(bench, suite, orders, user):
    arguments = {"orders": orders, "user": user}
    name = f"collected amount of {len(orders):,} orders"
    compare(
        name,
        orders,
        suite("receipts.suite", **arguments, compare=True)["result"],
        suite("receipts.bare", **arguments, compare=True)["result"],
    )
    runs = interleave(
        {
            "suite": lambda: suite("receipts.suite", **arguments),
            "sql": lambda: suite("receipts.bare", **arguments),
        },
        bench.repetitions(11),
    )
    walks = interleave({"odoo": lambda: suite("receipts.walk", **arguments)}, bench.repetitions(3))
    return _row(bench, name, runs, odoo_cpu_ms=typical_cpu(walks["odoo"]), limits=LIMITS)


def _page(bench, suite, orders, user):
    runs = interleave(
        {
            "suite": lambda: suite("receipts.page", orders=orders, user=user),
            "sql": lambda: suite("receipts.bare", orders=orders, user=user),
        },
        bench.repetitions(25),
    )
    return _row(bench, "figures of one order", runs, limits={"queries": 6})


def _list(bench, suite, count, user):
    name = f"{count:,} orders sorted by collected amount"
    ours = suite("receipts.list_suite", user=user, compare=True)["result"]
    bare = suite("receipts.list_bare", user=user, compare=True)["result"]
    if ours != bare or not ours:
        raise SystemExit(f"{name}: the suite's first page is {ours[:3]} ..., the bare SQL's {bare[:3]} ...")
    runs = interleave(
        {
            "suite": lambda: suite("receipts.list_suite", user=user),
            "sql": lambda: suite("receipts.list_bare", user=user),
        },
        bench.repetitions(7),
    )
    return _row(bench, name, runs, limits={"to_sql": 3.0})


def _row(bench, name, runs, **figures):
    return make_row(
        name,
        bench.spec.invoices,
        suite_cpu_ms=typical_cpu(runs["suite"]),
        sql_cpu_ms=typical_cpu(runs["sql"]),
        queries=runs["suite"][-1]["queries"],
        **figures,
    )


def compare(name, orders, ours, bare):
    """Stop where the suite and the bare SQL differ by a cent; without money there is no row in the bare."""
    for order in map(str, orders):
        pair = ours.get(order, 0.0), bare.get(order, 0.0)
        if abs(pair[0] - pair[1]) > 0.004:
            raise SystemExit(
                f"{name}: order {order} has {pair[0]} by the suite and {pair[1]} by the bare SQL."
            )
