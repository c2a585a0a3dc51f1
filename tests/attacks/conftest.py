"""One company for all attacks of a test process, on a server with several worker processes."""

import json
import os
from pathlib import Path

import psycopg2
import pytest
import support

from .world import World

# Odoo renders an order when it is signed. Attacks are not about paper: where no engine is installed,
# this one prints an empty page.
PRINTER = """#!/bin/sh
case "$*" in *--version*) echo "wkhtmltopdf 0.12.6 (with patched qt)"; exit 0;; esac
for target; do :; done
printf '%%PDF-1.4\\ntrailer<</Root 1 0 R>>\\n%%%%EOF\\n' > "$target"
"""
SET_UP = Path(__file__).with_name("world_setup.py")
WORKERS = 3


@pytest.fixture(scope="session")
def printer(tmp_path_factory):
    """A PDF engine behind all others on PATH."""
    folder = tmp_path_factory.mktemp("printer")
    program = folder / "wkhtmltopdf"
    program.write_text(PRINTER, encoding="utf-8")
    program.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{before}{os.pathsep}{folder}"
    yield
    os.environ["PATH"] = before


@pytest.fixture(scope="session")
def world(printer):
    """The attacked company; see `World`."""
    database = support.clone_database(f"attacks_{os.getpid()}")
    try:
        output = support.odoo_shell(database, SET_UP.read_text(encoding="utf-8"))
        facts = json.loads(output.rpartition("WORLD ")[2].splitlines()[0])
        judge = psycopg2.connect(support.running_odoo().connection.url(database))
        judge.autocommit = True  # each look sees the committed state
        with support.OdooServer(database, workers=WORKERS) as server:
            yield World(server.url, database, judge, facts, workers=WORKERS)
        judge.close()
    finally:
        support.drop_database(database)
