"""Confirming an order with every control enforcing, against plain Odoo on the same ledger.

The figures must not grow with what the customer owes or has paid: three pinned customers show it.
"""

from ..bench import interleave
from ..measure import typical_cpu
from ..rows import make_row

ROLES = ("few", "most", "history")
LIMITS = {"extra_queries": 6, "to_odoo": 1.10}


def run(bench):
    """One row per pinned customer."""
    with bench.suite.worker() as suite, bench.plain.worker() as plain:
        rows = [_row(bench, role, suite, plain) for role in ROLES]
        for row in rows:
            row["memory_mb"] = suite("confirm.memory")
    if len({row["extra_queries"] for row in rows}) > 1:
        rows[-1]["broken"].append("the number of queries depends on the customer's history")
    return rows


def _row(bench, role, suite, plain):
    def confirm(worker, ledger):
        return lambda: worker(
            "confirm.confirm",
            partner=ledger.facts["pins"][role]["id"],
            user=ledger.samples["users"]["salesperson"],
            products=ledger.samples["stocked"],
        )

    runs = interleave(
        {"suite": confirm(suite, bench.suite), "odoo": confirm(plain, bench.plain)}, bench.repetitions(15)
    )
    return make_row(
        f"confirm an order, customer with {bench.suite.facts['pins'][role]['label']}",
        bench.spec.invoices,
        limits=LIMITS,
        suite_cpu_ms=typical_cpu(runs["suite"]),
        odoo_cpu_ms=typical_cpu(runs["odoo"]),
        queries=runs["suite"][-1]["queries"],
        odoo_queries=runs["odoo"][-1]["queries"],
    )
