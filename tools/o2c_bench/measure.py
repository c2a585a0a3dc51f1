"""What a piece of work costs: CPU of this process, CPU of its PostgreSQL backend, and statements.

CPU time is measured instead of wall time because it does not count the waiting for a processor on a busy
machine. The backend's share is read from /proc/<pid>/schedstat, whose first number is the time spent on a
processor in nanoseconds; it needs the server on this machine. Otherwise the figure is None.
"""

import gc
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Cost of one run in milliseconds of CPU; `postgres_ms` is None for a server elsewhere."""

    python_ms: float
    postgres_ms: float | None
    queries: int

    @property
    def cpu_ms(self):
        """Python plus PostgreSQL, None where the latter is unknown."""
        return None if self.postgres_ms is None else self.python_ms + self.postgres_ms


def backend_file(cr):
    """The file with the backend's CPU time, or None when the server does not run on this machine."""
    cr.execute("SELECT pg_backend_pid()")
    process = Path("/proc") / str(cr.fetchone()[0])
    try:
        is_backend = process.joinpath("comm").read_text().strip() == "postgres"
        process.joinpath("schedstat").read_text()
    except OSError:
        return None
    return process / "schedstat" if is_backend else None


@contextmanager
def quiet_memory():
    """Collect garbage first and keep the collector out of the measured block."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def measure(cr, work):
    """Run `work()` once and return (Cost, its result)."""
    schedstat = backend_file(cr)

    def backend_ns():
        return int(schedstat.read_text().split()[0]) if schedstat else 0

    with quiet_memory():
        queries, backend, python = cr.sql_log_count, backend_ns(), time.process_time_ns()
        result = work()
        python = (time.process_time_ns() - python) / 1e6
        backend = (backend_ns() - backend) / 1e6 if schedstat else None
        queries = cr.sql_log_count - queries
    return Cost(python, backend, queries), result


def typical_cpu(costs):
    """CPU of several runs in ms: the median of the faster half; None when it is unknown or nothing ran.

    Neighbours on the machine (shared caches, the other half of a core) only ever make a run dearer, so the
    faster half is the one that says something about the code.
    """
    values = [cost["cpu_ms"] for cost in costs]
    if not values or None in values:
        return None
    faster = sorted(values)[: (len(values) + 1) // 2]
    return round(statistics.median(faster), 3)


def ratio(numerator, denominator):
    """Quotient of two figures, None when one is missing."""
    return round(numerator / denominator, 3) if numerator is not None and denominator else None
