"""Orders to invoice, the forecast of invoices, and claims, over a whole ledger.

The bare SQL must give the suite's figures to the cent, else the comparison says nothing and the job stops.
"""

from ..bench import interleave
from ..measure import typical_cpu
from ..rows import make_row

LIMITS = {"to_sql": 3.0, "queries": 3}
WORKS = {
    "worklist": "orders to invoice by status, {count:,} orders",
    "forecast": "forecast of invoices by month, {count:,} orders",
    "claims": "claims of all customers with what is overdue, {count:,} open orders",
}
LISTS = {
    "worklist_page": "first page of orders to invoice",
    "forecast_page": "first page of the forecast of invoices",
    "claims_page": "first page of claims",
}


def run(bench):
    """Rows for the three aggregates against bare SQL, then for the lists."""
    user = bench.suite.samples["users"]["officer"]
    with bench.suite.worker() as suite:
        count = suite("worklist.prepare", user=user)
        rows = [_compared(bench, suite, user, work, name.format(count=count)) for work, name in WORKS.items()]
        return [*rows, *(_listed(bench, suite, user, work, name) for work, name in LISTS.items())]


def _compared(bench, suite, user, work, name):
    compare(
        name,
        suite(f"worklist.{work}", user=user, compare=True)["result"],
        suite(f"worklist.bare_{work}", user=user, compare=True)["result"],
    )
    runs = interleave(
        {
            "suite": lambda: suite(f"worklist.{work}", user=user),
            "sql": lambda: suite(f"worklist.bare_{work}", user=user),
        },
        bench.repetitions(7),
    )
    return make_row(
        name,
        bench.spec.invoices,
        limits=LIMITS,
        suite_cpu_ms=typical_cpu(runs["suite"]),
        sql_cpu_ms=typical_cpu(runs["sql"]),
        queries=runs["suite"][-1]["queries"],
    )


def _listed(bench, suite, user, work, name):
    runs = [suite(f"worklist.{work}", user=user) for _number in range(bench.repetitions(7))]
    return make_row(name, bench.spec.invoices, suite_cpu_ms=typical_cpu(runs), queries=runs[-1]["queries"])


def compare(name, ours, bare):
    """Stop where a group is missing on one side, or a figure differs by a cent."""
    keys = sorted(set(ours) | set(bare))
    for key in keys:
        pair = ours.get(key), bare.get(key)
        if None in pair or any(abs(left - right) > 0.004 for left, right in zip(*pair, strict=True)):
            raise SystemExit(f"{name}: {key} is {pair[0]} by the suite and {pair[1]} by the bare SQL.")
    if not keys:
        raise SystemExit(f"{name}: there is nothing to compare.")
