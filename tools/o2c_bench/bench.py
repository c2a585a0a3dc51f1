"""One run of the benchmark: its two ledgers, and measuring by turns."""

import time
from dataclasses import dataclass

from .ledgers import Ledger, get_ledger
from .plan import LedgerSpec

WARM_UPS = 3
# Seconds.
SLOW = 10.0


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
    each time, and the first rounds only warm the caches. What takes longer than SLOW seconds is measured
    once: the cost of a cold cache is nothing beside it, and a job has to end.
    """
    costs = {name: [] for name in works}
    slow = set()
    for turn in range(WARM_UPS + repetitions):
        for name in list(works)[:: 1 if turn % 2 else -1]:
            if name in slow:
                continue
            start = time.monotonic()
            cost = works[name]()
            if time.monotonic() - start > SLOW:
                slow.add(name)
            if turn >= WARM_UPS or name in slow:
                costs[name].append(cost)
    return costs
