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
PAGE = (
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    "xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
    "trailer<</Size 4/Root 1 0 R>>\nstartxref\n160\n%%EOF\n"
)
PRINTER = """#!/bin/sh
case "$*" in *--version*) echo "wkhtmltopdf 0.12.6 (with patched qt)"; exit 0;; esac
for target; do :; done
cp "$(dirname "$0")/page.pdf" "$target"
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
    (folder / "page.pdf").write_text(PAGE, encoding="ascii")
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
