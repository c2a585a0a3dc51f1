"""Exposure of one, of 1,000 and of all customers, and the search for customers over their limit.

The bare SQL must give the suite's figures to the cent, else the comparison says nothing and the job stops.
"""

from itertools import zip_longest

from ..bench import interleave
from ..measure import typical_cpu
from ..rows import make_row

LIMITS = {"queries": 10, "to_sql": 3.0}


def run(bench):
    """Rows for several sets of customers, then for the search."""
    thousand = bench.suite.customers(1000)
    with bench.suite.worker() as suite, bench.plain.worker() as plain:
        rows = [
            _exposure(
                bench, suite, plain, f"exposure of {len(thousand):,} customers", thousand, limits=LIMITS
            ),
            _exposure(bench, suite, plain, "exposure of all customers", bench.suite.customers()),
        ]
        for pin in bench.suite.facts["pins"].values():
            name = f"exposure of one customer with {pin['label']}"
            rows.append(_exposure(bench, suite, plain, name, [pin["id"]], repetitions=25))
        rows.append(_search(bench, suite, plain))
    return rows


def _exposure(bench, suite, plain, name, partners, *, limits=None, repetitions=7):
    users = bench.suite.samples["users"]
    arguments = {"partners": partners, "user": users["officer"]}
    # Both ledgers come from the same seed, but the ids of their customers need not be the same.
    shift = bench.plain.facts["customers"][0] - bench.suite.facts["customers"][0]
    plain_arguments = {
        "partners": [partner + shift for partner in partners],
        "user": bench.plain.samples["users"]["officer"],
    }
    _compare(
        name,
        partners,
        suite("exposure.suite", **arguments, compare=True)["result"],
        suite("exposure.bare", **arguments, compare=True)["result"],
    )
    runs = interleave(
        {
            "suite": lambda: suite("exposure.suite", **arguments),
            "sql": lambda: suite("exposure.bare", **arguments),
            "odoo": lambda: plain("exposure.odoo", **plain_arguments),
        },
        bench.repetitions(repetitions),
    )
    return make_row(
        name,
        bench.spec.invoices,
        limits=limits,
        suite_cpu_ms=typical_cpu(runs["suite"]),
        odoo_cpu_ms=typical_cpu(runs["odoo"]),
        sql_cpu_ms=typical_cpu(runs["sql"]),
        queries=runs["suite"][-1]["queries"],
        odoo_queries=runs["odoo"][-1]["queries"],
        **_memory(bench, arguments),
    )


def _memory(bench, arguments):
    """Peak memory of a process that does nothing else."""
    with bench.suite.worker() as worker:
        memory = worker("exposure.memory", **arguments)
    return {"memory_mb": memory["peak"], "memory_growth_mb": memory["growth"]}


def _search(bench, suite, plain):
    arguments = {"user": bench.suite.samples["users"]["officer"]}
    found = suite("exposure.search_suite", **arguments, compare=True)["result"]
    expected = suite("exposure.search_bare", **arguments, compare=True)["result"]
    if found != expected or not found:
        raise SystemExit(
            f"The suite finds {len(found)} customers over their limit, the bare SQL {len(expected)}."
        )
    runs = interleave(
        {
            "suite": lambda: suite("exposure.search_suite", **arguments),
            "sql": lambda: suite("exposure.search_bare", **arguments),
            "odoo": lambda: plain("exposure.search_odoo", user=bench.plain.samples["users"]["officer"]),
        },
        bench.repetitions(9),
    )
    return make_row(
        f"search for customers over their limit ({len(found):,} found)",
        bench.spec.invoices,
        limits={"to_sql": 3.0},
        suite_cpu_ms=typical_cpu(runs["suite"]),
        odoo_cpu_ms=typical_cpu(runs["odoo"]),
        sql_cpu_ms=typical_cpu(runs["sql"]),
        queries=runs["suite"][-1]["queries"],
        odoo_queries=runs["odoo"][-1]["queries"],
    )


def _compare(name, partners, ours, bare):
    """Stop where the suite and the bare SQL differ.

    Components beyond those of the bare SQL come from modules without documents in the ledger: they are 0.
    """
    for partner in map(str, partners):
        pair = ours.get(partner, []), bare.get(partner, [])
        if any(abs(left - right) > 0.004 for left, right in zip_longest(*pair, fillvalue=0.0)):
            raise SystemExit(
                f"{name}: customer {partner} has {pair[0]} by the suite and {pair[1]} by the bare SQL."
            )
