"""Confirming an order with every control enforcing, against plain Odoo on the same ledger.

The figures must not grow with what the customer owes or has paid: three pinned customers show it.
"""

import statistics

from ..bench import interleave
from ..measure import typical_cpu
from ..rows import make_row

ROLES = ("few", "most", "history")
LIMITS = {"extra_queries": 6, "to_odoo": 1.10}
ROUNDS = 7


def run(bench):
    """One row per pinned customer."""
    rounds = []
    for _round in range(ROUNDS):
        runs, memory = _measure(bench)
        rounds.append(runs)
    rows = [_row(bench, role, rounds) for role in ROLES]
    for row in rows:
        row["memory_mb"] = memory
    if len({row["extra_queries"] for row in rows}) > 1:
        rows[-1]["broken"].append("the number of queries depends on the customer's history")
    return rows


def _measure(bench):
    """Everything by turns in two fresh processes: the same code runs some percent faster in one process
    than in the next, depending on where its memory lies, and a round more evens that out."""

    def confirm(worker, ledger, role):
        return lambda: worker(
            "confirm.confirm",
            partner=ledger.facts["pins"][role]["id"],
            user=ledger.samples["users"]["salesperson"],
            products=ledger.samples["stocked"],
        )

    with bench.suite.worker() as suite, bench.plain.worker() as plain:
        sides = {"suite": (suite, bench.suite), "odoo": (plain, bench.plain)}
        works = {(role, side): confirm(*sides[side], role) for role in ROLES for side in sides}
        return interleave(works, bench.repetitions(8)), suite("confirm.memory")


def _row(bench, role, rounds):
    def figure(side):
        costs = [typical_cpu(runs[role, side]) for runs in rounds]
        return None if None in costs else round(statistics.median(costs), 3)

    return make_row(
        f"confirm an order, customer with {bench.suite.facts['pins'][role]['label']}",
        bench.spec.invoices,
        limits=LIMITS,
        suite_cpu_ms=figure("suite"),
        odoo_cpu_ms=figure("odoo"),
        queries=rounds[-1][role, "suite"][-1]["queries"],
        odoo_queries=rounds[-1][role, "odoo"][-1]["queries"],
    )
