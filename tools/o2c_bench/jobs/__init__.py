"""The jobs of the benchmark: each `run(bench)` returns rows."""

from . import confirm, exposure, receipts, worklist

JOBS = {"confirm": confirm.run, "exposure": exposure.run, "receipts": receipts.run, "worklist": worklist.run}
