"""Databases with their file stores: make, copy, rename, drop."""

import os
import re
import shutil

from .console import Failure

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Databases:
    """Databases of one server and their file stores in one data folder."""

    def __init__(self, connection, data):
        self.connection = connection
        self.data = data

    def filestore(self, name):
        """Folder of a database's files."""
        return self.data / "filestore" / check_name(name)

    def names(self, prefix=""):
        """Databases whose name starts with ``prefix``."""
        rows = self.connection.sql(
            "SELECT datname FROM pg_database WHERE starts_with(datname, :'prefix') ORDER BY 1", prefix=prefix
        )
        return [row[0] for row in rows]

    def exists(self, name):
        """Whether there is a database of that name."""
        return check_name(name) in self.names(name)

    def create(self, name):
        """An empty database."""
        self.connection.sql(
            "CREATE DATABASE :\"name\" TEMPLATE template0 ENCODING 'UTF8'", name=check_name(name)
        )

    def clone(self, source, name, *, lasting=True):
        """Copy a database and its files; what had that name before is dropped.

        ``lasting=False`` gives up safety against power failure for speed: for tests.
        """
        self.drop(name)
        self.disconnect(source)
        if self.filestore(source).is_dir():
            # files are named after their content and never changed, so a link is as good as a copy
            shutil.copytree(self.filestore(source), self.filestore(name), copy_function=_link_or_copy)
        self.connection.sql(
            'CREATE DATABASE :"name" TEMPLATE :"source"', name=check_name(name), source=source
        )
        if not lasting:
            self.connection.sql('ALTER DATABASE :"name" SET synchronous_commit = off', name=name)

    def rename(self, name, target):
        """Give a finished database its final name."""
        self.drop(target)
        self.disconnect(name)
        if self.filestore(name).is_dir():
            self.filestore(name).rename(self.filestore(target))
        self.connection.sql(
            'ALTER DATABASE :"name" RENAME TO :"target"', name=name, target=check_name(target)
        )

    def drop(self, name):
        """Drop a database with its files; nothing happens when there is none."""
        # Not WITH (FORCE): that fails for roles that may not end an autovacuum worker. A plain DROP asks
        # those to leave by itself.
        self.disconnect(name)
        self.connection.sql('DROP DATABASE IF EXISTS :"name"', name=check_name(name))
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def disconnect(self, name):
        """End all connections to a database."""
        self.connection.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = :'name' AND backend_type = 'client backend'",
            name=name,
        )

    def installed_modules(self, name):
        """Modules that are installed in an Odoo database."""
        rows = self.connection.sql(
            "SELECT name FROM ir_module_module WHERE state = 'installed'", database=name
        )
        return {row[0] for row in rows}


def check_name(name):
    """The name, if it is a plain one; Failure otherwise (it becomes a folder, too)."""
    if not NAME.fullmatch(name):
        raise Failure(
            f"{name!r} is no name for a database.",
            "Use small letters, digits and underscores, up to 63, starting with a letter.",
        )
    return name


def _link_or_copy(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
