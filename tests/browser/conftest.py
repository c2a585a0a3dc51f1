"""The demo company on a server with its scheduled jobs, and people who log in to it."""

import os
from pathlib import Path

import pytest
import support

from tools.webclient import User

BUILD = """
env["o2c.demo"]._build()
"""
PASSWORD = "o2c-demo"


@pytest.fixture(scope="session")
def company():
    """A copy of the suite's database with the demo company in it."""
    database = support.clone_database(f"browser_{os.getpid()}")
    try:
        support.odoo_shell(database, BUILD)
        with support.OdooServer(database, crons=1) as server:
            yield server
    finally:
        support.drop_database(database)


@pytest.fixture
def log_in(company, browser):
    """``log_in("sales")`` gives that person's screen; script errors of the page fail the test.

    Pictures go to the folder O2C_PICTURES where that is set.
    """
    pictures = os.environ.get("O2C_PICTURES")
    if pictures:
        Path(pictures).mkdir(parents=True, exist_ok=True)
    users = []

    def enter(login, *, phone=False):
        user = User(
            browser, company.url, login, PASSWORD, phone=phone, pictures=Path(pictures) if pictures else None
        )
        users.append(user)
        return user

    yield enter
    errors = [f"{user.login}: {error}" for user in users for error in user.errors]
    for user in users:
        user.context.close()
    assert not errors, "\n".join(errors)
