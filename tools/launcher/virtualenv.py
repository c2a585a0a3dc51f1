"""The virtual environment with Odoo's and the tests' Python packages."""

import os
import sys
from pathlib import Path

from . import apt
from .console import Failure, answer, run
from .state import REPOSITORY, fresh_folder, remove, write_text

REQUIREMENTS = REPOSITORY / "requirements.txt"
SUPPORTED = ((3, 10), (3, 13))
PROBE = "import sys, sysconfig; print(*sys.version_info[:3], sys.implementation.name)"


def interpreter(state):
    """Path of the Python inside the environment."""
    return state.python / "bin" / "python"


def check_version(python):
    """Version of an interpreter as a tuple; Failure unless Odoo 19 runs on it."""
    output = answer([python, "-I", "-c", PROBE])
    if not output:
        raise Failure(f"{python} is not a Python that can be started.", "Give another one: --python PATH.")
    version = tuple(int(part) for part in output.split()[:3])
    if not SUPPORTED[0] <= version[:2] <= SUPPORTED[1]:
        raise Failure(
            f"{python} is Python {version[0]}.{version[1]}; Odoo 19 runs on 3.10 to 3.13.",
            "Give one of these: ./o2c demo --python PATH (for example /usr/bin/python3.11).",
        )
    return version


def ensure(state, python=None):
    """Make the environment once per interpreter and requirements file; return its Python."""
    base = os.path.realpath(python or _base_interpreter())
    version = check_version(base)
    inputs = {
        "python": base,
        "version": version,
        "requirements": REQUIREMENTS.read_text(encoding="utf-8"),
        "state": str(state.root),  # an environment can't be moved
    }
    state.ensure(
        "python",
        f"Installing the Python packages ({version[0]}.{version[1]}, about a minute)",
        inputs,
        lambda: _build(state, base),
        check=lambda _result: interpreter(state).exists(),
    )
    return interpreter(state)


def _base_interpreter():
    """The Python that started the launcher, or the one behind its virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def _build(state, base):
    remove(state.python)
    has_pip = answer([base, "-I", "-c", "import ensurepip, venv; ensurepip.version()"]) is not None
    command = [base, "-I", "-m", "venv", *([] if has_pip else ["--without-pip"]), state.python]
    run(
        command,
        log=state.log / "venv.log",
        what="Making the virtual environment",
        hint="Install your system's package for Python virtual environments "
        "(Debian, Ubuntu: apt-get install python3-venv) and run the same command again.",
    )
    if not has_pip:
        _bring_pip(state)
    run(
        [
            interpreter(state),
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--prefer-binary",
            "-r",
            REQUIREMENTS,
        ],
        log=state.log / "pip.log",
        what="Installing the Python packages",
        hint="Check the network (pip uses its usual configuration and the proxy variables), then run "
        "the same command again: what was downloaded is in pip's cache.",
        env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PYTHONNOUSERSITE": "1"},
    )


def _bring_pip(state):
    """pip from Debian's wheel package, for a Debian Python that comes without ensurepip."""
    if not apt.is_available():
        raise Failure(
            "This Python has no pip and no ensurepip.",
            "Install your system's packages for them (Debian, Ubuntu: apt-get install python3-venv) "
            "and run the same command again.",
        )
    source = apt.Apt(state, "stable", apt.stable_sources())
    source.prepare()
    target = state.root / "pip-wheel"
    with fresh_folder(target) as folder:
        apt.unpack(source.download("python3-pip-whl"), folder, state.log / "unpack.log")
    wheel = next(target.rglob("pip-*.whl"))
    run(
        [interpreter(state), f"{wheel}/pip", "install", "--no-index", wheel],
        log=state.log / "pip.log",
        what="Installing pip",
    )


def link_odoo(state, site):
    """Let the environment import Odoo from its folder."""
    packages = next((state.python / "lib").glob("python3*")) / "site-packages"
    target = packages / "o2c_odoo.pth"
    if not target.exists() or target.read_text(encoding="utf-8").strip() != str(site):
        write_text(target, f"{site}\n")


def package_folder(state, name):
    """Folder of an installed package."""
    return Path(next((state.python / "lib").glob("python3*"))) / "site-packages" / name
