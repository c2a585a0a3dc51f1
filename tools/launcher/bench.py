"""./o2c bench: hands over to the benchmark, which runs inside Odoo's virtual environment."""

import subprocess
from pathlib import Path

from . import setup
from .state import REPOSITORY


def add_arguments(parser):
    """Options of the command."""
    parser.add_argument("job", help="what to measure: confirm, exposure, post, receipts, worklist")
    parser.add_argument("--invoices", type=int, default=100_000, help="size of the ledger (default: 100000)")
    parser.add_argument(
        "--check", action="store_true", help="end with an error if a promise of speed is broken"
    )
    parser.add_argument("--json", metavar="FILE", required=True, help="where to write the figures")


def bench(state, options):
    """Run one job on a database of its own; its exit code."""
    odoo = setup.prepare(state, options)
    template = setup.suite_template(odoo)
    command = [
        str(odoo.python),
        "-m",
        "tools.o2c_bench",
        options.job,
        "--invoices",
        str(options.invoices),
        "--json",
        str(Path(options.json).resolve()),
        "--database-url",
        odoo.connection.url(),
        "--config",
        str(odoo.configuration("bench", max_cron_threads=0, log_level="warn")),
    ]
    if options.check:
        command.append("--check")
    environment = {
        **odoo.environment(),
        "PYTHONPATH": str(REPOSITORY),
        "O2C_STATE": str(state.root),
        "O2C_DB_TEMPLATE": template,
        "O2C_DB_BASE": setup.base_template(odoo),
    }
    return subprocess.run(command, cwd=state.run, env=environment, check=False).returncode
