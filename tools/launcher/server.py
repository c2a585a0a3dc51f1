"""A web server in the background or foreground: start, wait until it answers, stop."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from .console import Failure, step, tail
from .state import read_json, write_json

START_SECONDS = 180
STOP_SECONDS = 25


def port_is_free(port):
    """Whether this machine can listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(pid):
    """Start time of a process in clock ticks, which with the number identifies it; None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


class Server:
    """The demo's web server, known by a file with its process, port and database."""

    def __init__(self, odoo_or_state, name="demo"):
        self.state = getattr(odoo_or_state, "state", odoo_or_state)
        self.file = self.state.run / f"{name}.json"
        self.log = self.state.log / f"{name}.log"

    def running(self):
        """What is known of the running server, or None."""
        known = read_json(self.file)
        if known and started(known["pid"]) == known["started"]:
            return known
        self.file.unlink(missing_ok=True)
        return None

    def start(self, command, *, port, database, cwd, env):
        """Start the process in a session of its own and write down who it is."""
        if not port_is_free(port):
            raise Failure(f"Port {port} is in use by another program.", "Choose another one: --port 8170.")
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=env,
                start_new_session=True,
            )
        write_json(
            self.file,
            {"pid": process.pid, "started": started(process.pid), "port": port, "database": database},
        )
        return process

    def wait(self, process, port):
        """Wait until the login page is there."""
        deadline = time.monotonic() + START_SECONDS
        with step(f"Starting the web server on port {port}"):
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    self.file.unlink(missing_ok=True)
                    raise Failure(f"The web server stopped at once. The end of {self.log}:\n{tail(self.log)}")
                if answers(port):
                    return
                time.sleep(0.3)
        raise Failure(
            f"The web server did not answer within {START_SECONDS} s. The end of {self.log}:\n"
            f"{tail(self.log)}",
            "Try again; a slow machine needs longer the first time.",
        )

    def stop(self):
        """Stop the server and its workers; True when one was running."""
        known = self.running()
        if known:
            stop_group(known["pid"], known["started"])
            self.file.unlink(missing_ok=True)
        return bool(known)


def answers(port, path="/web/login", timeout=30):
    """Whether a page comes without an error."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=timeout) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError, ValueError):
        return False


def stop_group(pid, start):
    """End a process that leads its own group: ask first, then insist."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while started(pid) == start and time.monotonic() < deadline:
        _reap(pid)
        time.sleep(0.1)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    _reap(pid)


def _reap(pid):
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
