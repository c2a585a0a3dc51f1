"""./o2c install: the suite into a database of an Odoo that is there already."""

import configparser
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import modules
from .console import Failure, answer, say, step, tail
from .source import SERIES
from .state import ADDONS

PROGRAMS = ("odoo", "odoo-bin")
MARK = "o2c-modules:"
# What Odoo's shell is asked: it knows how to get at the database.
LOOK = f"""
import json
names = env["ir.module.module"].sudo().search([("state", "in", ("installed", "to upgrade"))]).mapped("name")
print("\\n{MARK}" + json.dumps(names))
"""


def add_arguments(parser):
    """Options of the command."""
    parser.add_argument("--database", required=True, help="database to install into")
    parser.add_argument("--config", required=True, metavar="FILE", help="configuration file of that Odoo")
    parser.add_argument("--modules", metavar="NAMES", help="modules, separated by commas (default: all)")


def install(state, options):
    """Install or update the suite; says what is left to do by hand."""
    configuration = Path(options.config).expanduser().resolve()
    if not configuration.is_file():
        raise Failure(
            f"There is no configuration file {configuration}.",
            "Give the file your Odoo starts with, often /etc/odoo/odoo.conf.",
        )
    command = find_command(options.odoo, options.python)
    _check_series(command)
    names = _modules(options.modules)
    path = addons_path(configuration)
    odoo = [*command, "shell", "-c", str(configuration), "--addons-path", ",".join(path), "--no-http"]
    with step(f"Looking at {options.database}"):
        present = look(odoo, options.database, configuration, state.run)
    # Odoo updates what depends on a module, never what it depends on: name all that are there.
    known = sorted({*modules.product(), *names} & present)
    log = state.log / "install.log"
    with step(f"Installing {', '.join(names)} into {options.database}"), open(log, "wb") as output:
        result = subprocess.run(
            [
                *command,
                "-c",
                str(configuration),
                "-d",
                options.database,
                "--addons-path",
                ",".join(path),
                "-i",
                ",".join(names),
                *(["-u", ",".join(known)] if known else []),
                "--stop-after-init",
                "--no-http",
                "--logfile=",
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=state.run,
            check=False,
        )
    if result.returncode:
        raise Failure(
            f"Odoo ended with code {result.returncode}. The end of {log}:\n{tail(log, 25)}",
            "Mend what the log names and run the same command again: modules that were finished stay, "
            "the one that failed has changed nothing.",
        )
    say(f"\nInstalled into {options.database}. Every control observes; nothing is stopped yet.")
    if str(ADDONS) not in configured_path(configuration):
        say(f"Add the modules to {configuration}, then restart Odoo:\n\n  addons_path = {','.join(path)}\n")
    else:
        say("Restart Odoo.")
    return 0


def look(odoo, database, configuration, folder):
    """Names of the modules that are installed in a database, read through the company's own Odoo.

    ``-i`` on a database that is not there would make one: a slip of the pen must not.
    :raise Failure: the server does not answer, the database is not there, or is none of Odoo
    """
    result = subprocess.run(
        [*odoo, "-d", database, "--logfile=", "--log-level=critical"],
        input=LOOK,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    found = re.search(rf"^{MARK}(\[.*\])$", result.stdout, re.MULTILINE)
    if found:
        return set(json.loads(found[1]))
    lines = [line.strip(" |") for line in result.stderr.strip().splitlines()]
    reason = next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else "")
    if re.search(r'database ".*" does not exist', result.stderr):
        raise Failure(
            f"There is no database {database} on the server that {configuration} names.",
            "Give the name of a database of your Odoo: --database NAME.",
        )
    if re.search(r"OperationalError|could not connect|Connection refused", result.stderr):
        raise Failure(
            f"The database server does not let us in: {reason}",
            f"Start PostgreSQL, and see db_host, db_port, db_user and db_password in {configuration}. "
            "Run this command as the user your Odoo runs as.",
        )
    raise Failure(
        f"{database} can't be read through your Odoo: {reason}",
        "Give a database that your Odoo has made, and check that this Odoo starts with it: "
        f"{' '.join(odoo)} -d {database}",
    )


def find_command(given=None, python=None):
    """Command line that starts the Odoo."""
    if given:
        path = Path(given).expanduser().resolve()
        path = next((path / name for name in PROGRAMS if (path / name).is_file()), path)
    else:
        found = next(filter(None, map(shutil.which, PROGRAMS)), None)
        path = Path(found) if found else None
    if path is None or not path.is_file():
        raise Failure(
            "Your Odoo is not found.",
            "Say where it is: --odoo PATH (odoo-bin, the program odoo, or the folder that holds it).",
        )
    if python:
        return [python, str(path)]
    if not os.access(path, os.X_OK):
        raise Failure(f"{path} can't be started.", "Give the Python of your Odoo as well: --python PATH.")
    return [str(path)]


def _check_series(command):
    output = answer([*command, "--version"]) or ""
    match = re.search(r"(\d+\.\d+)", output)
    if not match or match[1] != SERIES:
        raise Failure(
            f"{' '.join(command)} says it is {output.strip() or 'nothing'}; the suite needs Odoo {SERIES}.",
            "Give another one: --odoo PATH (and --python PATH, if it needs its own Python).",
        )


def _modules(names):
    present = list(modules.manifests())
    if not names:
        return [modules.SUITE] if modules.SUITE in present else modules.product()
    wanted = [name.strip() for name in names.split(",")]
    unknown = sorted(set(wanted) - set(present))
    if unknown:
        raise Failure(f"Unknown modules: {', '.join(unknown)}.", f"There are: {', '.join(present)}.")
    return wanted


def configured_path(configuration):
    """The addons_path of a configuration file, as a list."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(configuration, encoding="utf-8")
    value = parser.get("options", "addons_path", fallback="")
    return [part.strip() for part in value.split(",") if part.strip()]


def addons_path(configuration):
    """The configured addons_path with the suite's modules."""
    path = configured_path(configuration)
    return path if str(ADDONS) in path else [*path, str(ADDONS)]
