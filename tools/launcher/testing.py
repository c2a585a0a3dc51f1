"""./o2c test: module tests inside Odoo, tests from outside, and the comparison with Odoo's own."""

import os
import re
import subprocess
import time
from collections import Counter

from . import setup
from .browser import find_chromium
from .console import Failure, elapsed, say, warn
from .pytest_runs import Run, watch
from .selection import REPOSITORY, SLOW, UPSTREAM_MODULE, select, share_out
from .server import started
from .state import read_json

PREFIX = "o2c_test_"
CONFIGURATION = REPOSITORY / "pyproject.toml"
COUNT = re.compile(r"(\d+) (passed|failed|errors|skipped)")
KINDS = ("passed", "failed", "errors", "skipped")


def add_arguments(parser):
    """Options of the command."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="module name, folder, file, pytest node id, or 'upstream' (default: everything)",
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="without browser tests, comparison with Odoo's own tests, and load",
    )
    parser.add_argument(
        "-k", metavar="EXPRESSION", dest="keyword", help="only tests that match (as in pytest)"
    )
    parser.add_argument("-x", action="store_true", dest="stop", help="stop at the first failure")
    parser.add_argument(
        "--processes",
        type=int,
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="processes at the same time (default: 2)",
    )
    parser.add_argument("--keep", action="store_true", help="keep the test databases to look into them")


def test(state, options):
    """Run the selected tests; 0 only when at least one ran in each part and none failed."""
    start = time.monotonic()
    chosen = select(options.paths, fast=options.fast)
    _check_browser(chosen, options)
    odoo = setup.prepare(state, options)
    _drop_leftovers(odoo)
    context = Context(odoo, setup.suite_template(odoo), options)
    parts = []
    if chosen.modules:
        counts = context.run_modules(chosen.modules, setup.test_template(odoo), "modules")
        parts.append(("tests of the suite's modules", *counts))
    if chosen.optional:
        counts = context.run_modules(chosen.optional, setup.optional_template(odoo), "beside")
        parts.append(("tests of modules beside the suite", *counts))
    if chosen.outside:
        parts.append(("tests from outside", *context.run_outside(chosen.outside)))
    if chosen.upstream:
        parts.append(("Odoo's own tests", *context.run_upstream()))
    return _conclude(parts, start)


def _check_browser(chosen, options):
    if options.fast or find_chromium():
        return
    if os.environ.get("O2C_REQUIRE_BROWSER") == "1":
        raise Failure("There is no Chromium for the browser tests.", "Install it: apt-get install chromium")
    warn("No Chromium on this machine: browser tests are skipped (apt-get install chromium).")


def _drop_leftovers(odoo):
    """Drop databases of test runs that were killed; a live run's process number is in the name."""
    for name in odoo.databases.names(PREFIX):
        pid = name.removeprefix(PREFIX).split("_")[0]
        if not pid.isdigit() or started(int(pid)) is None:
            odoo.databases.drop(name)


class Context:
    """What the parts of one test run share."""

    def __init__(self, odoo, template, options):
        self.odoo = odoo
        self.template = template
        self.options = options
        self.durations_file = odoo.state.run / "test-durations.json"

    def _database_name(self, label):
        return f"{PREFIX}{os.getpid()}_{label}"

    def environment(self):
        """What tests/support.py needs to copy databases and start servers."""
        return {
            **self.odoo.environment(),
            "PYTHONPATH": str(REPOSITORY),
            "O2C_STATE": str(self.odoo.state.root),
            "O2C_DB_TEMPLATE": self.template,
            "O2C_DB_BASE": setup.base_template(self.odoo),
            "O2C_DB_PREFIX": self._database_name(""),
            "O2C_DATABASE_URL": self.odoo.connection.url(),
            "O2C_ODOO_SITE": str(self.odoo.site),
            "O2C_PDF": str(self.odoo.pdf or ""),
            "O2C_CHROMIUM": find_chromium() or "",
        }

    def _pytest(self, units, label, *arguments):
        report = self.odoo.state.run / f"junit-{label}.xml"
        report.unlink(missing_ok=True)
        options = [
            *(["-k", self.options.keyword] if self.options.keyword else []),
            *(["-x"] if self.options.stop else []),
        ]
        command = [
            str(self.odoo.python),
            "-m",
            "pytest",
            "-c",
            str(CONFIGURATION),
            "--rootdir",
            str(REPOSITORY),
            "--junitxml",
            str(report),
            *options,
            *arguments,
            *units,
        ]
        return Run(
            label=label,
            command=command,
            report=report,
            log=self.odoo.state.log / f"pytest-{label}.log",
            cwd=self.odoo.state.run,
            env=self.environment(),
        )

    def _watch(self, title, runs):
        say(f"\n== {title}")
        return watch(runs, self.durations_file)

    # ------------------------------------------------------------------- parts

    def run_modules(self, units, template, label):
        """Tests of modules, each process with a database of its own; (counts, success)."""
        shares = share_out(units, self.options.processes, read_json(self.durations_file) or {})
        names = [self._database_name(f"{label}{number}") for number, _share in enumerate(shares, 1)]
        runs = []
        try:
            for name, share in zip(names, shares, strict=True):
                self.odoo.databases.clone(template, name, lasting=False)
                runs.append(self._module_run(name, share, f"{label}-{len(runs) + 1}"))
            return self._watch(f"Tests of modules ({len(units)} files, {len(runs)} processes)", runs)
        finally:
            self._drop(names)

    def _module_run(self, name, share, label):
        configuration = self.odoo.configuration(name, "odoo-test.conf", db_name=name, dbfilter=f"^{name}$")
        arguments = ["--odoo-config", str(configuration), "--odoo-database", name, "--odoo-http"]
        return self._pytest(share, label, *arguments, "--doctest-modules")

    def run_outside(self, units):
        """Tests in tests/, which start servers and clients themselves; (counts, success)."""
        shares = share_out(units, self.options.processes, read_json(self.durations_file) or {})
        # the plugin would load a registry into the test process
        arguments = ["-p", "no:odoo"]
        if self.options.fast:
            arguments += ["-m", " and ".join(f"not {name}" for name in SLOW)]
        runs = [
            self._pytest(share, f"outside-{number}", *arguments) for number, share in enumerate(shares, 1)
        ]
        try:
            return self._watch(f"Tests from outside ({len(units)} files, {len(runs)} processes)", runs)
        finally:
            self._drop(self.odoo.databases.names(self._database_name("")))

    def run_upstream(self):
        """The comparison with Odoo's own tests; (counts, success)."""
        if not UPSTREAM_MODULE.exists():
            raise Failure("The comparison with Odoo's own tests is not part of this checkout.")
        say("\n== Odoo's own tests with the suite installed")
        configuration = self.odoo.configuration("upstream", "odoo-test.conf")
        logs = self.odoo.state.log / "upstream"
        with subprocess.Popen(
            [
                str(self.odoo.python),
                "-m",
                "tools.o2c_upstream",
                "compare",
                "--database",
                self.template,
                "--config",
                str(configuration),
                "--jobs",
                str(self.options.processes),
                "--logs",
                str(logs),
            ],
            cwd=self.odoo.state.run,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            lines = []
            for line in process.stdout:
                say(line.rstrip())
                lines.append(line)
        return counts_of(lines), process.returncode == 0

    def _drop(self, names):
        if self.options.keep:
            say(f"Kept: {', '.join(names)}")
            return
        for name in names:
            self.odoo.databases.drop(name)


def _conclude(parts, start):
    """Print one closing line over all parts; the exit code."""
    success = bool(parts)
    total = Counter()
    say()
    for title, counts, good in parts:
        total += counts
        if not counts["passed"] + counts["failed"] + counts["errors"]:
            say(f"{title}: no test ran, which counts as a failure.")
            good = False
        say(f"{title}: {summary(counts)}{'' if good else '  <- failed'}")
        success = success and good
    say(f"==== {summary(total)} in {elapsed(start)} ====")
    return 0 if success else 1


def counts_of(lines):
    """Counts in the last line of a pytest-like output.

    >>> sorted(counts_of(["12 passed, 1 failed"]).items())
    [('failed', 1), ('passed', 12)]
    """
    return Counter({kind: int(number) for number, kind in COUNT.findall(lines[-1] if lines else "")})


def summary(counts):
    """Counts in pytest's words.

    >>> summary(Counter(passed=3, skipped=1))
    '3 passed, 1 skipped'
    """
    return ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]) or "no tests ran"
