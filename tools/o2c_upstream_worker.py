"""Run classes of Odoo's own tests in one process and write one result per test.

Started by ``o2c_upstream.py`` with the Python that has Odoo. Odoo's own
``--test-tags`` is not used, for two reasons: it gives a count instead of
results by name, and it starts at-install tests while modules load, before the
columns of later modules exist. Here the whole registry is loaded first, so that
valuation tests see the add-ons too.
"""

import argparse
import collections
import contextlib
import importlib
import json
import logging
import os
import re
import shutil
import sys
from pathlib import Path

TEST_ID = re.compile(r"^odoo\.addons\.(\w+)\.tests\.(?:\w+\.)*?(\w+\.\w+)$")
CLASS_STEP = re.compile(r"^(\w+) \(odoo\.addons\.(\w+)\.tests\.(?:\w+\.)*?(\w+)\)$")


def short_name(test_id):
    """Shorten a test id.

    >>> short_name("odoo.addons.sale.tests.test_sale_order.TestSaleOrder.test_name")
    'sale.TestSaleOrder.test_name'
    >>> short_name("setUpClass (odoo.addons.sale.tests.test_sale_order.TestSaleOrder)")
    'sale.TestSaleOrder.setUpClass'
    """
    if match := TEST_ID.match(test_id):
        return f"{match[1]}.{match[2]}"
    if match := CLASS_STEP.match(test_id):
        return f"{match[2]}.{match[3]}.{match[1]}"
    return test_id


def elapsed():
    """Seconds on a clock that tests can't freeze, unlike those of the time module."""
    return os.times().elapsed


def first_line(err):
    """Name and first line of an exception triple."""
    return f"{err[0].__name__}: {err[1]}".strip().splitlines()[0][:300]


def make_result_class(base):
    """A result of Odoo's kind that remembers the outcome of each test."""

    class Collector(base):
        def __init__(self):
            super().__init__()
            self.outcome, self.detail, self.seconds = {}, {}, collections.Counter()
            self.last_stop = elapsed()

        def startTest(self, test):
            super().startTest(test)
            self.outcome.setdefault(short_name(test.id()), "ok")

        def stopTest(self, test):
            super().stopTest(test)
            now = elapsed()  # counted from the test before, so that setUpClass is in it
            self.seconds[short_name(test.id()).rsplit(".", 1)[0]] += now - self.last_stop
            self.last_stop = now

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            note_outcome(self, test, "skip", reason)

        def addFailure(self, test, err):
            super().addFailure(test, err)
            note_outcome(self, test, "fail", first_line(err))

        def addError(self, test, err):
            super().addError(test, err)
            note_outcome(self, test, "error", first_line(err))

    return Collector


def note_outcome(result, test, outcome, detail):
    """Keep the first bad outcome of a test."""
    while getattr(test, "test_case", None):  # a subtest speaks for its test
        test = test.test_case
    name = short_name(test.id())
    if result.outcome.get(name) not in ("fail", "error"):
        result.outcome[name] = outcome
        result.detail[name] = detail


# ---------------------------------------------------------------- databases


def configure(options, database):
    """Set Odoo's configuration for this process."""
    from odoo.tools import config

    arguments = ["--workers", "0", "--log-level", "warn", "--max-cron-threads", "0"]
    arguments += ["--database", database, "--db-filter", f"^{re.escape(database)}$"]
    arguments += ["--http-interface", "127.0.0.1", "--http-port", str(options.http_port)]
    if options.config:
        arguments += ["--config", options.config]
    config.parse_config(arguments, setup_logging=True)
    logging.getLogger("odoo.tests.stats").setLevel(logging.ERROR)
    return config


@contextlib.contextmanager
def maintenance_cursor():
    """An autocommit cursor: CREATE DATABASE can't run in a transaction."""
    from odoo import sql_db

    with contextlib.closing(sql_db.db_connect("postgres").cursor()) as cr:
        cr._cnx.autocommit = True
        yield cr


def drop_database(config, database):
    """Drop the database and its filestore."""
    from odoo.tools import SQL

    with maintenance_cursor() as cr:
        # Not WITH (FORCE): that fails for roles that may not end an autovacuum worker.
        cr.execute(
            SQL(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend'",
                database,
            )
        )
        cr.execute(SQL("DROP DATABASE IF EXISTS %s", SQL.identifier(database)))
    shutil.rmtree(config.filestore(database), ignore_errors=True)


def clone_database(config, source, target):
    """Copy a database with its filestore; without it pages answer with an error."""
    from odoo.tools import SQL

    drop_database(config, target)
    with maintenance_cursor() as cr:
        cr.execute(SQL("CREATE DATABASE %s TEMPLATE %s", SQL.identifier(target), SQL.identifier(source)))
    if Path(config.filestore(source)).is_dir():
        shutil.copytree(config.filestore(source), config.filestore(target))


# ---------------------------------------------------------------- running


def open_registry(config, database):
    """Load the registry, with a web server thread as a test run of Odoo has it."""
    import odoo
    from odoo.modules.registry import Registry
    from odoo.service import server as service

    importlib.import_module("odoo.http")
    service.load_server_wide_modules()
    service.server = service.ThreadedServer(odoo.http.root)
    registry = Registry.new(database)
    config["test_enable"] = True  # only now: no at-install test starts while modules load
    config["test_tags"] = "standard"
    service.server.http_spawn()
    return registry, service.server


def suite_state(registry):
    """Modules of the database, and the modes of the suite's controls if it is there."""
    with registry.cursor() as cr:
        cr.execute("SELECT name FROM ir_module_module WHERE state = 'installed' ORDER BY name")
        modules = [name for (name,) in cr.fetchall()]
        modes = {}
        cr.execute("SELECT to_regclass('o2c_control_setting')")
        if cr.fetchone()[0]:
            cr.execute("SELECT mode, count(*) FROM o2c_control_setting GROUP BY mode")
            modes = dict(cr.fetchall())
    return modules, modes


def select(names):
    """Test cases of the classes ``module.Class``, apart for the two positions.

    :raises LookupError: a named class does not exist (any more)
    """
    from odoo.tests import loader
    from odoo.tests.tag_selector import TagsSelector

    cases, missing = [], []
    for name in names:
        module, class_name = name.split(".")
        found = [
            case
            for test_module in loader.get_test_modules(module)
            for case in loader.get_module_test_cases(test_module)
            if type(case).__name__ == class_name
        ]
        cases += found
        missing += [] if found else [name]
    if missing:
        raise LookupError("no such test classes: " + ", ".join(missing))
    is_at_install = TagsSelector("at_install").check
    cases.sort(key=lambda case: getattr(case, "test_sequence", 0))
    return [c for c in cases if is_at_install(c)], [c for c in cases if not is_at_install(c)]


def run(registry, names):
    """Run the classes; the result has ``outcome`` and ``detail`` by name."""
    from odoo.modules import module as odoo_module
    from odoo.tests.result import OdooTestResult
    from odoo.tests.suite import OdooSuite

    at_install, post_install = select(names)
    result = make_result_class(OdooTestResult)()
    odoo_module.current_test = True
    # At-install tests expect a registry that is not ready, as Odoo's own shell runner gives them.
    for cases, ready in ((at_install, False), (post_install, True)):
        registry.loaded = registry.ready = ready
        OdooSuite(cases)(result)
    registry.loaded = registry.ready = True
    odoo_module.current_test = False
    return result


def command_run(options):
    """Run classes on a copy of the database, which is dropped afterwards."""
    from odoo import release

    config = configure(options, options.copy)
    registry, server = open_registry(config, options.copy)
    modules, modes = suite_state(registry)
    result = run(registry, options.classes.split(","))
    server.httpd.shutdown()
    report = {
        "odoo": release.version,
        "modules": modules,
        "modes": modes,
        "outcome": result.outcome,
        "detail": result.detail,
        "seconds": {name: round(value, 1) for name, value in result.seconds.items()},
    }
    Path(options.output).write_text(json.dumps(report), encoding="utf-8")


def command_clone(options):
    """Copy ``--database`` to ``--copy``."""
    clone_database(configure(options, "postgres"), options.database, options.copy)


def command_drop(options):
    """Drop ``--copy``."""
    drop_database(configure(options, "postgres"), options.copy)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("clone", "run", "drop"))
    parser.add_argument("--database", help="database to copy")
    parser.add_argument("--copy", required=True, help="the copy that the tests run on")
    parser.add_argument("--config")
    parser.add_argument("--http-port", type=int, default=8069)
    parser.add_argument("--output", help="JSON file to write")
    parser.add_argument("--classes", default="", help="module.Class, comma-separated")
    options = parser.parse_args(argv)
    {"clone": command_clone, "run": command_run, "drop": command_drop}[options.command](options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
