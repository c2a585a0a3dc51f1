"""./o2c install: the suite into a database of an Odoo that is there already."""

import configparser
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
                "-u",
                ",".join(names),
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
            "Mend what the log names and run the same command again; a failed installation "
            "leaves the database as it was.",
        )
    say(f"\nInstalled into {options.database}. Every control observes; nothing is stopped yet.")
    if str(ADDONS) not in configured_path(configuration):
        say(f"Add the modules to {configuration}, then restart Odoo:\n\n  addons_path = {','.join(path)}\n")
    else:
        say("Restart Odoo.")
    return 0


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
