"""One company for all attacks of a test process, on a server with several worker processes."""

import json
import os
from pathlib import Path

import psycopg2
import pytest
import support

from .world import World

SET_UP = Path(__file__).with_name("world_setup.py")
WORKERS = 3


@pytest.fixture(scope="session")
def world():
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
