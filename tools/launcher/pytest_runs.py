"""Pytest in several processes at once: progress, failures, counts."""

import os
import re
import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .console import elapsed, say
from .server import started, stop_group
from .state import REPOSITORY, read_json, write_json

RESULT = re.compile(r"^(\S+::.*?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b")
SECTION = re.compile(r"^=+ (FAILURES|ERRORS|short test summary info|.* in [\d.:]+s?.*) =+$")
PROGRESS_SECONDS = 20
NO_TESTS = 5


@dataclass
class Run:
    """One pytest process."""

    label: str
    command: list
    report: Path
    log: Path
    cwd: Path
    env: dict
    finished: int = 0
    current: str = ""
    closing: list = field(default_factory=list)
    code: int | None = None
    process: subprocess.Popen | None = None

    def start(self):
        """Start the process and a thread that reads what it says."""
        self.process = subprocess.Popen(
            [*self.command, "-v", "--color=no"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=self.cwd,
            env=self.env,
            start_new_session=True,
        )
        thread = threading.Thread(target=self._read, daemon=True)
        thread.start()
        return thread

    def _read(self):
        closing = False
        with open(self.log, "w", encoding="utf-8") as log:
            for line in self.process.stdout:
                log.write(line)
                closing = closing or bool(SECTION.match(line.rstrip()))
                match = RESULT.match(line)
                if closing:
                    self.closing.append(line.rstrip())
                elif match:
                    self._count(match)
        self.code = self.process.wait()

    def _count(self, match):
        self.finished += 1
        # pytest shows paths as seen from the folder in which it runs
        path, _, node = match[1].partition("::")
        self.current = f"{os.path.relpath(self.cwd / path, REPOSITORY)}::{node}"
        if match[2] in ("FAILED", "ERROR"):
            say(f"[{self.label}] {match[2]} {self.current}")

    def kill(self):
        """End the process and everything it started."""
        if self.process and self.process.poll() is None:
            stop_group(self.process.pid, started(self.process.pid))

    def counts(self):
        """Numbers of tests by outcome, from the report."""
        try:
            suites = ET.parse(self.report).getroot().iter("testsuite")
        except (OSError, ET.ParseError):
            return Counter(errors=1)
        total = Counter()
        for suite in suites:
            number = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
            total += Counter(
                passed=number["tests"] - number["failures"] - number["errors"] - number["skipped"],
                failed=number["failures"],
                errors=number["errors"],
                skipped=number["skipped"],
            )
        return total

    def durations(self):
        """Seconds per test file."""
        seconds = Counter()
        try:
            cases = ET.parse(self.report).getroot().iter("testcase")
        except (OSError, ET.ParseError):
            return seconds
        for case in cases:
            if case.get("file"):
                seconds[case.get("file")] += float(case.get("time", 0))
        return seconds


def watch(runs, durations_file):
    """Run all to the end with progress lines; (counts, whether each one succeeded)."""
    start = time.monotonic()
    threads = [run.start() for run in runs]
    try:
        last = start
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.2)
            if time.monotonic() - last >= PROGRESS_SECONDS:
                last = time.monotonic()
                _show_progress(runs, start)
    finally:
        for run in runs:
            run.kill()
    return _report(runs, durations_file)


def _show_progress(runs, start):
    for run in runs:
        if run.code is None:
            last = run.current or "starting"
            say(f"   [{run.label}] {run.finished} tests done ({elapsed(start)}), last: {last}")


def _report(runs, durations_file):
    counts, seconds = Counter(), read_json(durations_file) or {}
    for run in runs:
        if run.code and not run.closing:  # died before pytest's closing section: show all there is
            run.closing = run.log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]
        say("\n".join(f"[{run.label}] {line}" for line in run.closing))
        counts += run.counts() if run.code != NO_TESTS else Counter()
        seconds.update({path: round(time_, 2) for path, time_ in run.durations().items()})
    write_json(durations_file, seconds)
    # one process may have nothing to do (-k); that nothing ran at all is found by the caller
    return counts, all(run.code in (0, NO_TESTS) for run in runs)
