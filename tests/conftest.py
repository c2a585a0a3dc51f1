"""Fixtures of the tests from outside."""

import os
import re

import pytest
import support

from tools.launcher.browser import ARGUMENTS, find_chromium


def _label(request):
    """Part of a database name that tells which test file it belongs to."""
    return re.sub(r"\W", "_", request.module.__name__.rpartition(".")[2].lower())[:30]


@pytest.fixture(scope="module")
def database(request):
    """A copy of the suite's database for one test file."""
    name = support.clone_database(_label(request))
    yield name
    support.drop_database(name)


@pytest.fixture(scope="module")
def server(database):
    """A server on the file's database."""
    with support.OdooServer(database) as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    """Path of a Chromium; without one the test is skipped, or fails where a browser is required."""
    path = find_chromium()
    if path is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium, or set O2C_CHROMIUM)"
        if os.environ.get("O2C_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    """A headless browser; ``browser.new_context(viewport=...)`` gives each user a session of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield instance
        instance.close()
