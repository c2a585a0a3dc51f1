"""Measure what the suite costs on a generated ledger, against plain Odoo and bare SQL."""

import argparse
import json
import os
import sys
from pathlib import Path

from .bench import open_bench
from .databases import Server, say
from .jobs import JOBS
from .plan import LedgerSpec
from .rows import format_table
from .worker import WorkerError


def parse_arguments(arguments=None):
    """Options of the command line."""
    parser = argparse.ArgumentParser(prog="o2c bench", description=__doc__.splitlines()[0])
    parser.add_argument(
        "job", choices=sorted(JOBS), metavar="JOB", help="what to measure: " + ", ".join(sorted(JOBS))
    )
    parser.add_argument("--invoices", type=int, default=100_000, help="size of the ledger (default: 100000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to this file")
    parser.add_argument("--config", type=Path, required=True, help="Odoo configuration: server and addons")
    parser.add_argument(
        "--database-url", metavar="URL", help="PostgreSQL server, if the configuration lacks it"
    )
    parser.add_argument(
        "--database-template",
        metavar="DB",
        default=os.environ.get("O2C_DB_TEMPLATE"),
        help="database with the suite installed (default: O2C_DB_TEMPLATE)",
    )
    parser.add_argument(
        "--plain-template",
        metavar="DB",
        default=os.environ.get("O2C_DB_BASE"),
        help="the same Odoo without the suite (default: O2C_DB_BASE, or one is made)",
    )
    parser.add_argument(
        "--seed", type=int, default=42, help="another seed gives another ledger of the same kind"
    )
    parser.add_argument("--effort", type=float, default=1.0, help="factor on the number of measurements")
    parser.add_argument(
        "--check", action="store_true", help="end with an error if a promise of speed is broken"
    )
    parser.add_argument("--drop", action="store_true", help="remove the ledgers at the end")
    return parser.parse_args(arguments)


def main(arguments=None):
    """Run one job; returns the exit code."""
    args = parse_arguments(arguments)
    try:
        spec = LedgerSpec(args.invoices, args.seed)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    server = Server(args.config, args.database_url)
    if not args.database_template or not server.exists(args.database_template):
        raise SystemExit(f"There is no database {args.database_template or ''} to take the suite from.")
    if "o2c_credit" not in server.modules(args.database_template):
        raise SystemExit(f"The database {args.database_template} has no suite installed.")
    try:
        bench = open_bench(server, args.database_template, args.plain_template, spec, args.effort)
        say("Measuring ...")
        rows = JOBS[args.job](bench)
    except WorkerError as error:
        raise SystemExit(str(error)) from error
    if args.drop:
        for ledger in (bench.suite, bench.plain):
            server.drop(ledger.database)
    if args.json:
        args.json.write_text(json.dumps({"rows": rows}, indent=1) + "\n")
    print(format_table(rows))
    if any(row["suite_cpu_ms"] is None for row in rows):
        print("No CPU times: the backend's are read from /proc, which needs PostgreSQL on this machine.")
    return 1 if args.check and any(row["broken"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
