"""The state folder: where everything lives that the launcher makes, and which steps are done."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .console import Failure, say, step

REPOSITORY = Path(__file__).resolve().parents[2]
ADDONS = REPOSITORY / "addons"


@dataclass(frozen=True)
class State:
    """Paths below one state folder (``.o2c`` beside the launcher, ``O2C_STATE`` or ``--state``)."""

    root: Path

    @classmethod
    def open(cls, path=None):
        """The state folder of this run, created if need be."""
        chosen = path or os.environ.get("O2C_STATE") or REPOSITORY / ".o2c"
        root = Path(chosen).expanduser().resolve()
        try:
            for name in ("steps", "log", "run", "conf", "downloads"):
                (root / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(
                f"The state folder {root} can't be written: {error.strerror}.",
                "Choose another one: ./o2c --state FOLDER ..., or set O2C_STATE.",
            ) from error
        return cls(root)

    @property
    def steps(self):
        """Markers of finished steps."""
        return self.root / "steps"

    @property
    def log(self):
        """Output of every long step."""
        return self.root / "log"

    @property
    def run(self):
        """Process files, and the neutral folder in which Odoo runs."""
        return self.root / "run"

    @property
    def conf(self):
        """Generated configuration files."""
        return self.root / "conf"

    @property
    def downloads(self):
        """Packages and archives, kept for resuming."""
        return self.root / "downloads"

    @property
    def packages(self):
        """Private apt configuration and its lists."""
        return self.root / "packages"

    @property
    def odoo(self):
        """Odoo 19, unpacked."""
        return self.root / "odoo"

    @property
    def pdf(self):
        """PDF engine and fonts, unpacked."""
        return self.root / "pdf"

    @property
    def python(self):
        """The virtual environment."""
        return self.root / "python"

    @property
    def data(self):
        """Odoo's data folder (file store, sessions)."""
        return self.root / "odoo-data"

    # ------------------------------------------------------------------ steps

    def done(self, name):
        """The marker of a finished step: dict with ``digest`` and ``result``, or None."""
        return read_json(self.steps / f"{name}.json")

    def forget(self, name):
        """Make a step run again."""
        (self.steps / f"{name}.json").unlink(missing_ok=True)

    def ensure(self, name, title, inputs, build, *, check=None):
        """Run ``build()`` unless it was finished with the same ``inputs``; return its result.

        The marker is removed before and written after, so an interrupted step runs again.
        ``check(result)`` may say that what the step made is gone.
        """
        digest = fingerprint(inputs)
        marker = self.done(name)
        if marker and marker["digest"] == digest and (check is None or check(marker["result"])):
            return marker["result"]
        self.forget(name)
        start = time.monotonic()
        with step(title):
            result = build()
        seconds = round(time.monotonic() - start, 1)
        write_json(self.steps / f"{name}.json", {"digest": digest, "seconds": seconds, "result": result})
        return result

    @contextmanager
    def lock(self):
        """One set-up at a time; a second launcher waits and says so."""
        with open(self.root / "lock", "w", encoding="ascii") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another ./o2c is setting up in the same state folder; waiting for it ...")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    # --------------------------------------------------------------- settings

    @property
    def settings(self):
        """Choices of earlier runs (Odoo's place, Python, database server)."""
        return read_json(self.root / "settings.json") or {}

    def remember(self, **choices):
        """Keep choices for later commands; a password may be among them, so for the owner only."""
        write_json(self.root / "settings.json", {**self.settings, **choices}, mode=0o600)


# ------------------------------------------------------------------- helpers


def fingerprint(value):
    """Short stable hash of anything JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read_json(path):
    """Content of a JSON file; None when it is missing or broken off."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path, value, mode=0o644):
    """Write a JSON file so that a reader sees the old or the new one, never half of it."""
    write_text(path, json.dumps(value, indent=1) + "\n", mode)


def write_text(path, text, mode=0o644):
    """Replace a text file in one move."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
        out.write(text)
    partial.replace(path)


@contextmanager
def fresh_folder(target):
    """Yield an empty folder beside ``target`` that takes its place when the block succeeds."""
    partial = target.with_name(target.name + ".partial")
    remove(partial)
    partial.mkdir(parents=True)
    yield partial
    remove(target)
    partial.rename(target)


def remove(path):
    """Remove a file or a folder if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
