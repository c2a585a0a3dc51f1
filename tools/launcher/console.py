"""What the user sees: progress lines with elapsed time, and failures that say what to do."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

HEARTBEAT_SECONDS = 15
LOG_TAIL_LINES = 15


PR_SET_PDEATHSIG = 1
with contextlib.suppress(OSError):
    _LIBC = ctypes.CDLL(None)


class Failure(Exception):
    """A problem the user can act on: ``message`` says what is wrong, ``hint`` what to do next."""

    def __init__(self, message, hint=""):
        super().__init__(message)
        self.message = message
        self.hint = hint


def say(text=""):
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def warn(text):
    """Print a warning without stopping."""
    print(f"Warning: {text}", file=sys.stderr, flush=True)


def elapsed(since):
    """Seconds since ``since`` (time.monotonic) in a form for people.

    >>> elapsed(time.monotonic() - 75)
    '1 min 15 s'
    """
    seconds = int(time.monotonic() - since)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s"


@contextlib.contextmanager
def step(title):
    """Announce a long step, show that it is alive, and say how long it took."""
    start = time.monotonic()
    stop = threading.Event()

    def heartbeat():
        while not stop.wait(HEARTBEAT_SECONDS):
            say(f"   ... {title} ({elapsed(start)})")

    say(f"-> {title}")
    thread = threading.Thread(target=heartbeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    say(f"   done in {elapsed(start)}")


def tail(path, lines=LOG_TAIL_LINES):
    """Last lines of a log, indented for display; empty when there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            content = log.read().splitlines()
    except OSError:
        return ""
    return "\n".join(f"   | {line}" for line in content[-lines:])


def die_with_parent():
    """For the child before it starts: end when the launcher is killed.

    Otherwise a half-done pip or apt would go on working in the folders that the next run makes anew.
    """
    with contextlib.suppress(AttributeError, NameError):
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(command, *, log, what, hint="", **kwargs):
    """Run a command with its output in the file ``log``; raise Failure with the log's end.

    ``kwargs`` go to subprocess.run (cwd, env, input, user, group ...).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if kwargs.get("input") is None:
        kwargs.setdefault("stdin", subprocess.DEVNULL)
    with open(log, "wb") as output:
        try:
            result = subprocess.run(
                [os.fspath(part) for part in command],
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
                **kwargs,
            )
        except FileNotFoundError as error:
            raise Failure(f"{what}: the program {error.filename} is missing.", hint) from error
    if result.returncode:
        ending = f"ended with code {result.returncode}"
        if result.returncode < 0:
            ending = f"was stopped by signal {-result.returncode}"
        raise Failure(f"{what} {ending}. The end of {log}:\n{tail(log)}", hint)


def answer(command, **kwargs):
    """Output of a short command as text, or None when it fails or does not exist."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    except (FileNotFoundError, PermissionError):
        return None
    return result.stdout if result.returncode == 0 else None
