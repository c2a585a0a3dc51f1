"""What the launcher runs: database server, web server, templates, an Odoo of one's own."""

import configparser
import os
import re
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from tools.launcher import (
    install,
    server,
    setup,
    state,
)
from tools.launcher.console import Failure
from tools.launcher.databases import check_name
from tools.launcher.odoo import Odoo
from tools.launcher.postgres import Connection


@pytest.fixture
def folder(tmp_path):
    return state.State.open(tmp_path / "state")


# ----------------------------------------------------------------------------- connections


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p%40ss@db.example:5433/", Connection("db.example", "5433", "u", "p@ss")),
        ("postgresql://u@/x?host=/run/pg", Connection("/run/pg", "", "u", "")),
        ("postgres://db.example", Connection("db.example", "", "odoo", "")),
    ],
)
def test_database_url_is_read_and_written(url, expected):
    connection = Connection.from_url(url)
    assert connection == expected
    assert Connection.from_url(connection.url("x")) == expected
    assert "p@ss" not in repr(connection)


def test_database_url_of_another_kind_is_refused():
    with pytest.raises(Failure, match="not an address"):
        Connection.from_url("mysql://x")


def test_client_environment_leaves_out_what_is_not_known():
    assert Connection(host="/s").environment() == {"PGHOST": "/s", "PGUSER": "odoo"}


@pytest.mark.parametrize("name", ["", "A", "a-b", "a;drop", "../a", "a" * 64])
def test_odd_database_names_are_refused(name):
    with pytest.raises(Failure):
        check_name(name)


def test_configuration_keeps_the_base_and_adds_the_connection(folder, tmp_path):
    odoo = Odoo(folder, tmp_path / "python", tmp_path, Connection("/s", programs="/p"), None)
    path = odoo.configuration("x", http_port=1234)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    options = parser["options"]
    assert (options["http_port"], options["db_host"], options["pg_path"]) == ("1234", "/s", "/p")
    assert options["list_db"] == "False"
    assert options["addons_path"].split(",")[-1] == str(state.ADDONS)
    assert path.stat().st_mode & 0o077 == 0


def test_environment_forgets_the_callers_python_and_odoo(folder, tmp_path, monkeypatch):
    for name in ("PYTHONPATH", "ODOO_RC", "PGDATABASE", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "x")
    odoo = Odoo(
        folder, tmp_path / "bin" / "python", tmp_path, Connection("/s", programs="/p"), tmp_path / "pdf"
    )
    environment = odoo.environment()
    assert not {"PYTHONPATH", "ODOO_RC", "PGDATABASE", "VIRTUAL_ENV"} & set(environment)
    assert environment["PATH"].split(":")[:3] == [str(tmp_path / "pdf"), "/p", str(tmp_path / "bin")]


# ---------------------------------------------------------------------------------- server


def test_server_file_of_a_dead_process_is_forgotten(folder):
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    state.write_json(folder.run / "demo.json", {"pid": process.pid, "started": 1, "port": 1, "database": "x"})
    assert server.Server(folder).running() is None
    assert not (folder.run / "demo.json").exists()


def test_server_file_with_a_reused_number_is_forgotten(folder):
    state.write_json(folder.run / "demo.json", {"pid": os.getpid(), "started": 1, "port": 1, "database": "x"})
    assert server.Server(folder).running() is None


def test_server_is_started_found_and_stopped_with_its_children(folder, tmp_path):
    script = (
        "import subprocess, sys, pathlib, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(tmp_path / 'child')!r}).write_text(str(child.pid)); time.sleep(60)"
    )
    web = server.Server(folder)
    web.start(
        [sys.executable, "-c", script],
        port=server.free_port(),
        database="x",
        cwd=tmp_path,
        env=dict(os.environ),
    )
    deadline = time.monotonic() + 10
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child = int((tmp_path / "child").read_text())
    assert web.running()["database"] == "x"
    assert web.stop()
    assert web.running() is None
    time.sleep(0.1)
    assert server.started(child) is None
    assert not web.stop()


def test_port_in_use_is_refused(folder, tmp_path):
    with server.socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert not server.port_is_free(port)
        with pytest.raises(Failure, match=f"Port {port}"):
            server.Server(folder).start(["true"], port=port, database="x", cwd=tmp_path, env={})


def test_server_that_ends_at_once_is_explained(folder, tmp_path):
    web, port = server.Server(folder), server.free_port()
    process = web.start(
        [sys.executable, "-c", "raise SystemExit('no such module')"],
        port=port,
        database="x",
        cwd=tmp_path,
        env=dict(os.environ),
    )
    with pytest.raises(Failure, match="no such module"):
        web.wait(process, port)


# ------------------------------------------------------------------------------- templates


class FakeDatabases:
    def __init__(self):
        self.present = []

    def exists(self, name):
        return name in self.present

    def drop(self, name):
        self.present = [other for other in self.present if other != name]

    def rename(self, name, target):
        self.present[self.present.index(name)] = target


def test_template_is_made_under_a_draft_name(folder):
    databases = FakeDatabases()
    odoo = SimpleNamespace(state=folder, databases=databases)

    def broken(draft):
        databases.present.append(draft)
        raise Failure("no")

    with pytest.raises(Failure):
        setup._ensure_database(odoo, "tpl", "step", "Making", broken)
    assert not databases.exists("tpl")
    assert setup._ensure_database(
        odoo, "tpl", "step", "Making", lambda draft: databases.present.append(draft)
    )
    assert databases.present == ["tpl"]
    assert not setup._ensure_database(odoo, "tpl", "step", "Making", broken)


# -------------------------------------------------------------------------------- own Odoo


def test_install_names_what_is_missing(folder, tmp_path):
    options = SimpleNamespace(
        config=str(tmp_path / "none.conf"), odoo=None, python=None, modules=None, database="x"
    )
    with pytest.raises(Failure, match=r"none\.conf"):
        install.install(folder, options)


def make_program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def make_own_odoo(tmp_path, shell):
    """A stand-in for a company's Odoo that keeps its arguments; ``shell`` is what its shell does."""
    program = make_program(
        tmp_path / "odoo-bin",
        f"""case "$1" in
          --version) echo "Odoo Server 19.0" ;;
          shell) cat > /dev/null; {shell} ;;
          *) echo "$@" > {tmp_path}/arguments ;;
        esac""",
    )
    configuration = tmp_path / "odoo.conf"
    configuration.write_text("[options]\naddons_path = /a, /b\n")
    options = SimpleNamespace(
        config=str(configuration), odoo=str(tmp_path), python=None, modules=None, database="x"
    )
    return program, options


def test_install_runs_the_given_odoo_and_says_what_to_add(folder, tmp_path, capsys):
    program, options = make_own_odoo(tmp_path, f"""echo '{install.MARK}["sale", "o2c_base"]'""")
    assert install.install(folder, options) == 0
    arguments = (tmp_path / "arguments").read_text()
    assert f"--addons-path /a,/b,{state.ADDONS}" in arguments
    assert "-d x" in arguments
    assert "-u o2c_base --stop-after-init" in arguments
    assert f"addons_path = /a,/b,{state.ADDONS}" in capsys.readouterr().out
    assert install.find_command(str(program)) == [str(program)]


def test_first_install_updates_nothing(folder, tmp_path):
    _program, options = make_own_odoo(tmp_path, f"""echo '{install.MARK}["sale"]'""")
    assert install.install(folder, options) == 0
    assert "-u" not in (tmp_path / "arguments").read_text().split()


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        ('psycopg2.OperationalError: FATAL:  database "x" does not exist', "There is no database x"),
        ('psycopg2.OperationalError: connection to "/nonexistent" failed', "does not let us in"),
        ("KeyError: res.users", "x can't be read through your Odoo: KeyError"),
    ],
)
def test_install_says_why_a_database_can_not_be_reached_and_makes_none(folder, tmp_path, printed, message):
    _program, options = make_own_odoo(tmp_path, f"echo '{printed}' >&2; exit 1")
    with pytest.raises(Failure, match=re.escape(message)):
        install.install(folder, options)
    assert not (tmp_path / "arguments").exists()


def test_install_refuses_another_series(folder, tmp_path):
    make_program(tmp_path / "odoo", "echo Odoo Server 17.0")
    (tmp_path / "odoo.conf").touch()
    options = SimpleNamespace(
        config=str(tmp_path / "odoo.conf"), odoo=str(tmp_path), python=None, modules=None, database="x"
    )
    with pytest.raises(Failure, match=r"needs Odoo 19\.0"):
        install.install(folder, options)
