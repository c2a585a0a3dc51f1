"""The jobs of the benchmark: each `run(bench)` returns rows."""

from . import confirm, exposure, post, receipts, worklist

JOBS = {
    "confirm": confirm.run,
    "exposure": exposure.run,
    "post": post.run,
    "receipts": receipts.run,
    "worklist": worklist.run,
}
