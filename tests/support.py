"""What tests from outside stand on: copies of the suite's database, and servers on them.

``./o2c test`` sets the environment: O2C_STATE, O2C_DB_TEMPLATE (database with the suite), O2C_DB_BASE
(the same Odoo without it), O2C_DB_PREFIX (names of this run's databases begin with it; they are
dropped at its end), O2C_DATABASE_URL, O2C_ODOO_SITE, O2C_PDF, O2C_CHROMIUM.

    with OdooServer(clone_database("api"), workers=2) as server:
        requests.get(server.url + "/web/login")
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.launcher.odoo import Odoo
from tools.launcher.postgres import Connection
from tools.launcher.server import answers, free_port, stop_group
from tools.launcher.server import started as process_started
from tools.launcher.state import State

REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 120


def running_odoo():
    """The Odoo of this test run; the test is skipped when pytest was not started by ./o2c test."""
    if "O2C_DB_TEMPLATE" not in os.environ:
        pytest.skip("needs Odoo: start it with ./o2c test")
    site, pdf = Path(os.environ["O2C_ODOO_SITE"]), os.environ.get("O2C_PDF")
    state = State.open(os.environ["O2C_STATE"])
    psql = next(state.root.glob("postgres/software/*/pginstall18/bin"), None)
    psql = psql or next(filter(None, (_folder_on_path("psql"),)), "")
    return Odoo(
        state=state,
        python=Path(sys.executable),
        site=site,
        connection=Connection.from_url(os.environ["O2C_DATABASE_URL"], programs=str(psql)),
        pdf=Path(pdf) if pdf else None,
    )


def _folder_on_path(program):
    import shutil

    found = shutil.which(program)
    return str(Path(found).parent) if found else None


def clone_database(label, *, source=None):
    """Copy the suite's database (or ``source``) under a name of this run; returns the name."""
    odoo = running_odoo()
    name = f"{os.environ['O2C_DB_PREFIX']}{label}"
    odoo.databases.clone(source or os.environ["O2C_DB_TEMPLATE"], name, lasting=False)
    return name


def clone_plain_database(label):
    """The same without the suite: Odoo's own modules only."""
    running_odoo()
    return clone_database(label, source=os.environ["O2C_DB_BASE"])


def drop_database(name):
    """Drop a copy before the run's end."""
    running_odoo().databases.drop(name)


def sql(database, statement, **variables):
    """Rows of a statement, as strings; ``:'name'`` quotes a variable."""
    return running_odoo().connection.sql(statement, database=database, **variables)


def odoo_shell(database, script):
    """Run a script in Odoo's shell, commit, return what it printed."""
    return running_odoo().shell(database, script + "\nenv.cr.commit()\n", log=f"shell-{database}")


class OdooServer:
    """A web server for one database on a free port of this machine, as a context manager.

    ``workers=0`` is one process with threads; with workers, requests run in several processes.
    ``crons`` says how many threads run scheduled jobs; none by default.
    """

    def __init__(self, database, *, workers=0, crons=0, **options):
        self.database = database
        self.workers = workers
        self.crons = crons
        self.options = options
        self.odoo = running_odoo()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.odoo.state.log / f"server-{database}.log"
        self.process = None

    def __enter__(self):
        configuration = self.odoo.configuration(
            f"server-{self.database}",
            "odoo-test.conf",
            db_name=self.database,
            dbfilter=f"^{self.database}$",
            http_port=self.port,
            gevent_port=free_port(),
            workers=self.workers,
            max_cron_threads=self.crons,
            **self.options,
        )
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self._command(configuration),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.odoo.state.run,
                env=self.odoo.environment(),
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exception):
        self.stop()

    def _command(self, configuration):
        """With workers by a script file: Odoo starts its websocket process by its own first argument,
        and that of ``python -m odoo`` can't be run by itself, so that it would be tried for ever."""
        if not self.workers:
            return self.odoo.command("-c", configuration)
        return [str(self.odoo.python), str(REPOSITORY / "tools" / "odoo-bin"), "-c", str(configuration)]

    def _wait(self):
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start; see its log:\n{self.log_text()[-4000:]}")
            time.sleep(0.2)

    def stop(self):
        """End the server and its workers."""
        if self.process.poll() is None:
            stop_group(self.process.pid, process_started(self.process.pid))

    def log_text(self):
        """What the server has logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")
