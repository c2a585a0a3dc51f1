"""The container's scripts, run outside a container with programs that write down how they were called."""

import configparser
import os
import subprocess
from pathlib import Path

import pytest
import support

DOCKER = Path(__file__).resolve().parents[1] / "docker"


def make_program(folder, name, text):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def container(tmp_path):
    """Environment of start.sh with stand-ins for odoo and psql; ``calls`` lists what odoo was asked."""
    programs = tmp_path / "bin"
    for folder in (programs, tmp_path / "addons" / "o2c_x", tmp_path / "data"):
        folder.mkdir(parents=True)
    (tmp_path / "addons" / "o2c_x" / "__manifest__.py").write_text("{}")
    (tmp_path / "db_password").write_text("se%cr:et")
    (tmp_path / "master_password").write_text("master")
    make_program(programs, "odoo", f'echo "$@" >> {tmp_path}/calls')
    # answers: is the database set up? which version does it have? and remembers the version written
    make_program(
        programs,
        "psql",
        f"""\
case "$*" in
    *ir_module_module*) cat {tmp_path}/ready 2>/dev/null; exit 0 ;;
    *o2c.image_version*) cat {tmp_path}/version 2>/dev/null; exit 0 ;;
    *version=*)
        for part in "$@"; do
            case "$part" in version=*) echo "${{part#version=}}" > {tmp_path}/version ;; esac
        done
        cat > /dev/null
        echo 1 > {tmp_path}/ready ;;
esac""",
    )
    return {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "DB_PASSWORD_FILE": str(tmp_path / "db_password"),
        "MASTER_PASSWORD_FILE": str(tmp_path / "master_password"),
        "ADDONS": str(tmp_path / "addons"),
        "BASE_CONFIG": str(DOCKER.parent / "config" / "odoo.conf"),
        "DATA_DIR": str(tmp_path / "data"),
        "ODOO_RC_FILE": str(tmp_path / "o2c.conf"),
        "WORKERS": "3",
    }


def start(environment, *arguments):
    subprocess.run(
        ["bash", str(DOCKER / "start.sh"), *arguments], env=environment, check=True, capture_output=True
    )


def calls(tmp_path):
    path = tmp_path / "calls"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def test_first_start_installs_second_serves_newer_image_updates(container, tmp_path):
    rc = tmp_path / "o2c.conf"
    start(container)
    assert calls(tmp_path) == [f"-c {rc} -i o2c_suite --stop-after-init --no-http", f"-c {rc}"]
    start(container)
    assert calls(tmp_path) == [f"-c {rc}"]
    (tmp_path / "addons" / "o2c_x" / "models.py").write_text("x")
    start(container)
    assert calls(tmp_path) == [f"-c {rc} -i o2c_suite -u o2c_base --stop-after-init --no-http", f"-c {rc}"]


def test_configuration_has_the_secrets_and_is_private(container, tmp_path):
    start(container, "shell")
    path = tmp_path / "o2c.conf"
    assert path.stat().st_mode & 0o077 == 0
    parser = configparser.RawConfigParser()
    parser.read(path)
    options = dict(parser["options"])
    assert options["db_password"] == "se%cr:et"
    assert options["admin_passwd"] == "master"
    assert (options["workers"], options["http_interface"]) == ("3", "0.0.0.0")
    assert options["list_db"] == "False"
    assert options["dbfilter"] == "^o2c$"


def test_secrets_are_written_once(tmp_path):
    (tmp_path / "secrets").mkdir()
    script = tmp_path / "init-secrets.sh"
    script.write_bytes((DOCKER / "init-secrets.sh").read_bytes())
    subprocess.run(["bash", str(script)], check=True, capture_output=True)
    first = (tmp_path / "secrets" / "db_password").read_text()
    assert len(first) == 48
    subprocess.run(["bash", str(script)], check=True, capture_output=True)
    assert (tmp_path / "secrets" / "db_password").read_text() == first


def test_backup_is_restored_with_its_files(tmp_path):
    odoo = support.running_odoo()
    name = f"{os.environ['O2C_DB_PREFIX']}backup"
    odoo.databases.create(name)
    store = tmp_path / "data" / "filestore" / name
    store.mkdir(parents=True)
    (tmp_path / "backups").mkdir()
    (store / "file").write_text("before")
    support.sql(name, "CREATE TABLE fact AS SELECT 'before' AS value")
    environment = {
        **odoo.environment(),
        "PGDATABASE": name,
        "BACKUPS": str(tmp_path / "backups"),
        "DATA_DIR": str(tmp_path / "data"),
    }

    def run(script):
        return subprocess.run(
            ["bash", str(DOCKER / script), "b.tar"],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )

    assert run("backup.sh").returncode == 0
    (store / "file").write_text("after")
    (store / "later").touch()
    support.sql(name, "UPDATE fact SET value = 'after'")
    assert run("restore.sh").returncode == 0
    assert support.sql(name, "SELECT value FROM fact") == [["before"]]
    assert sorted(path.name for path in store.iterdir()) == ["file"]
    assert (store / "file").read_text() == "before"
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == ["b.tar"]


def test_restore_of_a_missing_backup_says_which_there_are(tmp_path):
    (tmp_path / "one.tar").touch()
    result = subprocess.run(
        ["bash", str(DOCKER / "restore.sh"), "two.tar"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PGDATABASE": "x", "BACKUPS": str(tmp_path)},
    )
    assert result.returncode == 1
    assert "one.tar" in result.stderr
