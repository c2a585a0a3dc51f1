"""Posting an invoice that advances pay, with every control enforcing, against plain Odoo's own matching."""

from ..bench import interleave
from ..measure import typical_cpu
from ..rows import make_row

ADVANCES = (1, 3)
LIMITS = {"extra_queries": 8}


def run(bench):
    """One row per number of advances."""
    with bench.suite.worker() as suite, bench.plain.worker() as plain:
        return [_row(bench, advances, suite, plain) for advances in ADVANCES]


def _row(bench, advances, suite, plain):
    def post(worker, ledger):
        return lambda: worker(
            "post.post",
            partner=ledger.facts["pins"]["few"]["id"],
            user=ledger.samples["users"]["officer"],
            advances=advances,
        )

    runs = interleave(
        {"suite": post(suite, bench.suite), "odoo": post(plain, bench.plain)}, bench.repetitions(11)
    )
    return make_row(
        f"post an invoice that is paid by advances: {advances}",
        bench.spec.invoices,
        limits=LIMITS,
        suite_cpu_ms=typical_cpu(runs["suite"]),
        odoo_cpu_ms=typical_cpu(runs["odoo"]),
        queries=runs["suite"][-1]["queries"],
        odoo_queries=runs["odoo"][-1]["queries"],
    )
