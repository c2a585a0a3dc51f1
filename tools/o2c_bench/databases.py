"""Databases of the benchmark: made from templates, kept while they still fit, dropped when they do not.

Every ledger carries a fingerprint as its database comment (template, number of invoices, day, version of
the generator). A run that finds a ledger with the fingerprint that it wants uses it as it is.
"""

import configparser
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

PREFIX = "o2c_bench_"


class Server:
    """The PostgreSQL server and the filestore that an Odoo configuration file names."""

    def __init__(self, config, url=None):
        self.config = Path(config).resolve()
        self.url = url
        parser = configparser.ConfigParser(interpolation=None)
        if not parser.read(self.config):
            raise SystemExit(f"The Odoo configuration {self.config} cannot be read.")
        self.options = dict(parser["options"])

    def connect(self, database):
        """A connection to the database as Odoo would open it."""
        if self.url:
            return psycopg2.connect(self.url, dbname=database)
        names = {"db_host": "host", "db_port": "port", "db_user": "user", "db_password": "password"}
        values = {ours: self.options.get(theirs) for theirs, ours in names.items()}
        given = {key: value for key, value in values.items() if value and value != "False"}
        return psycopg2.connect(dbname=database, **given)

    def execute(self, statement, params=None, *, database="postgres"):
        """Run one statement outside a transaction and return its rows, if it has any."""
        with closing(self.connect(database)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, params)
                return cursor.fetchall() if cursor.description else []

    # ------------------------------------------------------------ DATABASES

    def exists(self, database):
        """Whether the server has the database."""
        return bool(self.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)))

    def fingerprint(self, database):
        """The comment that `mark` left on the database, or None."""
        rows = self.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (database,)
        )
        return rows[0][0] if rows else None

    def mark(self, database, fingerprint):
        """Leave the fingerprint on a finished database."""
        self.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(fingerprint))
        )

    def drop(self, database):
        """Drop a database of the benchmark with its filestore; any other name is refused."""
        if not database.startswith(PREFIX):
            raise ValueError(f"{database} is not a database of the benchmark")
        self._disconnect(database)
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
        shutil.rmtree(self.filestore(database), ignore_errors=True)

    def _disconnect(self, database):
        """End the connections of clients; only a superuser may end those of autovacuum."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            (database,),
        )

    def clone(self, template, database):
        """Make the database anew from the template, with its filestore."""
        self.drop(database)
        # A template with open connections cannot be copied.
        self._disconnect(template)
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )
        if self.filestore(template).is_dir():
            shutil.copytree(self.filestore(template), self.filestore(database))

    def filestore(self, database):
        """The folder of the database's attachments."""
        data = self.options.get("data_dir") or os.path.expanduser("~/.local/share/Odoo")
        return Path(data) / "filestore" / database

    # -------------------------------------------------------------- MODULES

    def modules(self, database):
        """Names and versions of the installed modules: {name: version}."""
        return dict(
            self.execute(
                "SELECT name, latest_version FROM ir_module_module WHERE state = 'installed' ORDER BY name",
                database=database,
            )
        )

    def plain_template(self, suite_template):
        """A database with the Odoo modules of the suite's template and nothing of the suite.

        It is installed once (about a minute) and again when Odoo's modules change.
        """
        wanted = {name: v for name, v in self.modules(suite_template).items() if not name.startswith("o2c_")}
        database, fingerprint = PREFIX + "plain", repr(wanted)
        if self.fingerprint(database) == fingerprint:
            return database
        say(f"Installing plain Odoo ({len(wanted)} modules) into {database}; this takes a minute or two ...")
        self.drop(database)
        command = [sys.executable, "-m", "odoo", "-c", str(self.config), "-d", database, "--no-http"]
        command += ["--stop-after-init", "--log-level=warn", "-i", ",".join(wanted)]
        subprocess.run(command, check=True, cwd="/")
        self.mark(database, fingerprint)
        return database


def say(text):
    """Progress for the human, apart from the result on standard output."""
    print(text, file=sys.stderr, flush=True)
