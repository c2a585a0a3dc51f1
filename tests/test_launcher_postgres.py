"""The database server that the launcher brings along, and databases with their files, for real."""

import importlib.util
import os
import shutil
import sys
from types import SimpleNamespace

import pytest

from tools.launcher import demo, setup, state
from tools.launcher.console import Failure
from tools.launcher.databases import Databases
from tools.launcher.postgres import PACKAGE, Connection, Embedded


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A running server in a state folder of its own."""
    if importlib.util.find_spec(PACKAGE) is None:
        pytest.skip(f"needs the package {PACKAGE}: start it with ./o2c test")
    folder = tmp_path_factory.mktemp("cluster") / "state"
    opened = state.State.open(folder)
    opened.python.symlink_to(sys.prefix)
    embedded = Embedded(opened)
    embedded.ensure_running()
    yield embedded
    remove(embedded)


def remove(embedded):
    """Stop a server and remove its files, which for root may be outside the test's folder."""
    if embedded.is_running():
        embedded.stop()
    shutil.rmtree(embedded.home)


@pytest.fixture
def databases(cluster):
    made = Databases(cluster.connection, cluster.state.data)
    yield made
    for name in made.names("t_"):
        made.drop(name)


def fill(databases, name, value):
    """A database with one fact and one file."""
    databases.create(name)
    databases.connection.sql(
        "CREATE TABLE fact AS SELECT :'value'::text AS value", database=name, value=value
    )
    databases.filestore(name).mkdir(parents=True)
    (databases.filestore(name) / "file").write_text(value)


def facts(databases, name):
    value = databases.connection.sql("SELECT value FROM fact", database=name)[0][0]
    return value, (databases.filestore(name) / "file").read_text()


def test_server_never_runs_as_root_and_listens_to_nobody_else(cluster):
    pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
    assert os.stat(f"/proc/{pid}").st_uid != 0
    assert cluster.socket.stat().st_mode & 0o077 == 0
    assert cluster.connection.sql("SELECT '<' || current_setting('listen_addresses') || '>'") == [["<>"]]


def test_role_of_odoo_is_no_superuser(cluster):
    rows = cluster.connection.sql("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert rows == [["f", "t"]]


def test_values_and_names_are_quoted(databases):
    rows = databases.connection.sql("SELECT :'value' AS :\"name\"", value="O'Brien; --", name='a"b')
    assert rows == [["O'Brien; --"]]


def test_wrong_statement_is_a_failure(cluster):
    with pytest.raises(Failure, match="syntax error"):
        cluster.connection.sql("SELEC 1")


def test_copy_has_rows_and_files_and_stands_alone(databases):
    fill(databases, "t_one", "first")
    databases.clone("t_one", "t_two")
    assert facts(databases, "t_two") == ("first", "first")
    databases.drop("t_one")
    assert not databases.filestore("t_one").exists()
    assert facts(databases, "t_two") == ("first", "first")


def test_copy_replaces_what_had_the_name(databases):
    fill(databases, "t_one", "first")
    fill(databases, "t_two", "old")
    databases.clone("t_one", "t_two", lasting=False)
    assert facts(databases, "t_two") == ("first", "first")
    assert databases.connection.sql("SHOW synchronous_commit", database="t_two") == [["off"]]


def test_rename_replaces_what_had_the_name(databases):
    fill(databases, "t_draft", "new")
    fill(databases, "t_final", "old")
    databases.rename("t_draft", "t_final")
    assert facts(databases, "t_final") == ("new", "new")
    assert not databases.exists("t_draft")


def test_name_that_begins_like_another_does_not_exist(databases):
    databases.create("t_long_name")
    assert not databases.exists("t_long")
    databases.drop("t_never_there")


def test_server_that_is_used_keeps_running_unless_forced(cluster, databases, capsys):
    psycopg2 = pytest.importorskip("psycopg2")
    connection = psycopg2.connect(host=str(cluster.socket), user="odoo", dbname="postgres")
    assert not cluster.stop_unless_used()
    assert "1 connections" in capsys.readouterr().out
    connection.close()


def test_server_comes_back_with_its_data(cluster, databases):
    fill(databases, "t_kept", "kept")
    assert cluster.stop_unless_used(force=True)
    assert not cluster.is_running()
    assert cluster.stop_unless_used()
    Embedded(cluster.state).ensure_running()
    assert facts(databases, "t_kept") == ("kept", "kept")


def test_cluster_broken_off_while_it_was_made_is_made_again(tmp_path, cluster):
    opened = state.State.open(tmp_path / "state")
    opened.python.symlink_to(sys.prefix)
    embedded = Embedded(opened)
    embedded.data.mkdir(parents=True)
    (embedded.data / "half").touch()
    embedded.ensure_running()
    assert embedded.is_running()
    assert not (embedded.data / "half").exists()
    remove(embedded)


def test_server_given_by_address_must_let_the_role_make_databases(cluster):
    admin = Connection(host=str(cluster.socket), user="postgres", programs=str(cluster.programs))
    admin.sql("CREATE ROLE narrow LOGIN")
    narrow = Connection(host=str(cluster.socket), user="narrow")
    with pytest.raises(Failure, match="may not create databases"):
        setup._connect(cluster.state, narrow.url())
    assert setup._connect(cluster.state, cluster.connection.url()).sql("SELECT 1") == [["1"]]


def test_demo_interrupted_while_it_is_built_begins_again(databases, cluster, monkeypatch):
    odoo = SimpleNamespace(state=cluster.state, databases=databases)
    fill(databases, "t_template", "company")
    monkeypatch.setattr(demo, "DATABASE", "t_demo")
    monkeypatch.setattr(setup, "suite_template", lambda _odoo: "t_template")

    def interrupted(_odoo, database):
        assert database == "t_demo_draft"
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_build_company", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo.ensure_database(odoo)
    assert not databases.exists("t_demo")
    monkeypatch.setattr(demo, "_build_company", lambda *_arguments: None)
    assert demo.ensure_database(odoo)
    assert facts(databases, "t_demo") == ("company", "company")
    assert not demo.ensure_database(odoo)
