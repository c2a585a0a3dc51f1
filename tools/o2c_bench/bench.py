"""One run of the benchmark: its two ledgers, and measuring by turns."""

from dataclasses import dataclass

from .ledgers import Ledger, get_ledger
from .plan import LedgerSpec

WARM_UPS = 3


@dataclass(frozen=True)
class Bench:
    """The ledger with the suite, the same ledger in plain Odoo, and how often to measure."""

    spec: LedgerSpec
    suite: Ledger
    plain: Ledger
    factor: float = 1.0

    def repetitions(self, usual):
        """Number of measurements, by the option --effort."""
        return max(3, round(usual * self.factor))


def open_bench(server, suite_template, plain_template, spec, factor):
    """Build or find the two ledgers."""
    plain_template = plain_template or server.plain_template(suite_template)
    return Bench(
        spec=spec,
        suite=get_ledger(server, suite_template, "suite", spec),
        plain=get_ledger(server, plain_template, "odoo", spec),
        factor=factor,
    )


def interleave(works, repetitions):
    """Measure several works by turns: {name: costs}.

    A machine's speed changes over time; by turns, each change meets all of them alike. The order is reversed
    each time, and the first rounds only warm the caches.
    """
    costs = {name: [] for name in works}
    for turn in range(WARM_UPS + repetitions):
        for name in list(works)[:: 1 if turn % 2 else -1]:
            cost = works[name]()
            if turn >= WARM_UPS:
                costs[name].append(cost)
    return costs
