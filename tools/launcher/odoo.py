"""Running Odoo: configuration files, installation, shell, server."""

import configparser
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .console import Failure, run, tail
from .databases import Databases
from .postgres import Connection
from .state import ADDONS, REPOSITORY, State, write_text

INSTALL_HINT = "The log tells which module failed. After mending it run the same command again."


@dataclass(frozen=True)
class Odoo:
    """A ready Odoo: interpreter, code, database server."""

    state: State
    python: Path
    site: Path
    connection: Connection
    pdf: Path | None

    @property
    def databases(self):
        """The databases of its server."""
        return Databases(self.connection, self.state.data)

    # ---------------------------------------------------------- configuration

    def configuration(self, name, base="odoo.conf", *, addons=ADDONS, **options):
        """Write a configuration file from one of ``config/``; return its path."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(REPOSITORY / "config" / base, encoding="utf-8")
        values = {
            "addons_path": ",".join(str(path) for path in self._addons_path(addons)),
            "data_dir": self.state.data,
            **self.connection.options(),
            **options,
        }
        for key, value in values.items():
            parser["options"][key] = str(value)
        target = self.state.conf / f"{name}.conf"
        lines = [f"{key} = {value}" for key, value in parser["options"].items()]
        # a password may be in it
        write_text(target, "[options]\n" + "\n".join(lines) + "\n", mode=0o600)
        return target

    def _addons_path(self, addons):
        community = self.site / "addons"  # beside odoo/ in a source tree
        return [path for path in (community, addons) if path and path.is_dir()]

    def environment(self):
        """Environment for Odoo and the tests: programs on PATH, nothing of the caller's Odoo or Python."""
        dropped = ("PG", "ODOO_", "OPENERP", "PYTHON", "VIRTUAL_ENV")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
        folders = [self.pdf, self.connection.programs, self.python.parent]
        kept["PATH"] = os.pathsep.join(
            [*(str(path) for path in folders if path), kept.get("PATH", "/usr/bin:/bin")]
        )
        return {
            **kept,
            **self.connection.environment(),
            # compiled code beside the state, not in the checkout: starting takes half the time with it
            "PYTHONPYCACHEPREFIX": str(self.state.root / "pycache"),
            "PYTHONUNBUFFERED": "1",
        }

    def command(self, *arguments):
        """Command line of Odoo; -P keeps the current folder out of the import path where Python can."""
        return [str(self.python), "-m", "odoo", *(str(part) for part in arguments)]

    # ------------------------------------------------------------------ running

    def apply(self, database, *, install=(), update=(), log="odoo-install"):
        """Install and update modules in a database, and check that they are in."""
        wanted = [*install, *update]
        if not wanted:
            return
        modules = [
            option
            for flag, names in (("-i", install), ("-u", update))
            if names
            for option in (flag, ",".join(names))
        ]
        run(
            self.command(
                "-c",
                self.configuration("install"),
                "-d",
                database,
                *modules,
                "--stop-after-init",
                "--no-http",
                "--max-cron-threads=0",
                "--log-level=info",
            ),
            log=self.state.log / f"{log}.log",
            what=f"Installing {', '.join(wanted)}",
            hint=INSTALL_HINT,
            cwd=self.state.run,
            env=self.environment(),
        )
        missing = set(wanted) - self.databases.installed_modules(database)
        if missing:
            raise Failure(
                f"Odoo did not install {', '.join(sorted(missing))}. The end of the log:\n"
                f"{tail(self.state.log / f'{log}.log')}",
                INSTALL_HINT,
            )

    def shell(self, database, script, *, log="odoo-shell"):
        """Run a script in Odoo's shell; its output as text."""
        path = self.state.log / f"{log}.log"
        with open(path, "wb") as errors:
            result = subprocess.run(
                self.shell_command(database),
                input=script,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                check=False,
                cwd=self.state.run,
                env=self.environment(),
            )
        if result.returncode:
            raise Failure(f"A script in Odoo's shell failed. The end of {path}:\n{tail(path, 30)}")
        return result.stdout

    def shell_command(self, database):
        """Command line of Odoo's shell."""
        return self.command(
            "shell",
            "-c",
            self.configuration("shell", workers=0),
            "-d",
            database,
            "--no-http",
            "--log-level=warn",
        )
