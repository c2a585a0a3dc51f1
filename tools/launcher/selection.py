"""Which tests a command line means, and how they are shared out over processes."""

from dataclasses import dataclass, field
from pathlib import Path

from . import modules
from .console import Failure
from .state import ADDONS, REPOSITORY

TESTS = REPOSITORY / "tests"
UPSTREAM = "upstream"
UPSTREAM_MODULE = REPOSITORY / "tools" / "o2c_upstream.py"
# Folders that --fast leaves out; single tests carry the marker of the same name.
SLOW = ("browser", "upstream", "load")


@dataclass
class Selection:
    """Pytest arguments, and whether to compare with Odoo's own tests.

    ``modules`` run inside Odoo with the suite, ``optional`` with modules beside it, ``outside`` without.
    """

    modules: list = field(default_factory=list)
    optional: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    upstream: bool = False


def select(paths, *, fast=False):
    """Sort module names, folders, files and pytest node ids; nothing means everything."""
    chosen = Selection()
    if not paths:
        chosen.upstream = UPSTREAM_MODULE.exists() and not fast
        _sort_in(chosen, [*_files(ADDONS), *_files(TESTS)])
        if fast:
            chosen.outside = [path for path in chosen.outside if not _is_slow(path)]
    for path in paths:
        if path == UPSTREAM:
            chosen.upstream = True
        else:
            _sort_in(chosen, _find(path))
    return chosen


def _find(given):
    location, _, node = given.partition("::")
    path = _locate(location)
    if not path.is_relative_to(ADDONS) and not path.is_relative_to(TESTS):
        raise Failure(
            f"{given} is neither below addons/ nor below tests/.", "Name a module, a file or a folder."
        )
    found = [f"{path}::{node}"] if node else _files(path)
    if not found:
        raise Failure(f"There are no tests in {given}.", "Test files are called test_*.py.")
    return found


def _sort_in(chosen, units):
    beside = set(modules.optional(ADDONS))
    for unit in units:
        path = Path(unit.partition("::")[0])
        if not path.is_relative_to(ADDONS):
            chosen.outside.append(unit)
        elif path.relative_to(ADDONS).parts[0] in beside:
            chosen.optional.append(unit)
        else:
            chosen.modules.append(unit)


def _locate(name):
    places = (Path(name), ADDONS / name, REPOSITORY / name, TESTS / name)
    path = next((place.resolve() for place in places if place.exists()), None)
    if path is None:
        raise Failure(
            f"There is no test, file, folder or module {name}.",
            "Name a module (o2c_base), a file, a folder or a pytest node id.",
        )
    return path


def _files(path):
    """Test files in a folder, and rules with doctests."""
    if path.is_file():
        return [str(path)]
    found = [str(file) for file in sorted(path.rglob("test_*.py")) if "__pycache__" not in file.parts]
    rules = [
        file for file in sorted(path.rglob("*.py")) if "rules" in file.relative_to(REPOSITORY).parts[:-1]
    ]
    return found + [str(file) for file in rules if ">>>" in file.read_text(encoding="utf-8")]


def _is_slow(path):
    return bool(set(SLOW) & set(Path(path).relative_to(TESTS).parts[:-1]))


def share_out(units, processes, durations):
    """Distribute test files so that the processes end at about the same time; longest first.

    ``durations`` holds seconds of an earlier run by path relative to the repository; a file without
    gets a guess from its size.
    """

    def weight(unit):
        path = Path(unit.partition("::")[0])
        known = durations.get(str(path.relative_to(REPOSITORY)))
        return known if known is not None else 2 + path.stat().st_size / 1000

    shares = [[] for _ in range(max(1, min(processes, len(units))))]
    loads = [0.0] * len(shares)
    for unit in sorted(units, key=weight, reverse=True):
        lightest = loads.index(min(loads))
        shares[lightest].append(unit)
        loads[lightest] += weight(unit)
    # together in file order, so that a module's tests stay side by side
    return [sorted(share) for share in shares]
