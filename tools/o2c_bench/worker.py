"""A process with one Odoo registry that runs tasks on request.

Each measured database has a worker of its own: two registries in one process would share the suite's Python
classes and the memory. The main process writes one JSON request per line and reads one JSON answer per line;
workers run by turns, never at the same time.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

TASKS = f"{__package__}.tasks"
# The folder that this package is imported from, whatever it is called there.
IMPORT_ROOT = Path(__file__).resolve().parents[len(__package__.split("."))]


# ------------------------------------------------------------- MAIN PROCESS


class WorkerError(Exception):
    """A task failed in the worker; the text is its traceback."""


class Worker:
    """Handle of a worker process: `worker("confirm.measure", partner=7)`."""

    def __init__(self, server, database):
        self.database = database
        command = [
            sys.executable,
            "-m",
            f"{__package__}.worker",
            "--config",
            str(server.config),
            "--database",
            database,
        ]
        path = os.pathsep.join(filter(None, (str(IMPORT_ROOT), os.environ.get("PYTHONPATH"))))
        # A neutral folder: in Odoo's own, modules like `calendar` would hide the standard library's.
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": path},
        )

    def __call__(self, task, **arguments):
        """Run a task and return its answer; WorkerError when it fails."""
        self.process.stdin.write(json.dumps({"task": task, "arguments": arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process ended"}
        if "error" in answer:
            raise WorkerError(f"{task} failed on {self.database}:\n{answer['error']}")
        return answer["result"]

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


# ----------------------------------------------------------- WORKER PROCESS


def open_environment(config, database):
    """Environment of the administrator on a fresh cursor, and the cursor."""
    import odoo  # noqa: F401  (sets the process time zone before anything else is imported)
    from odoo import api
    from odoo.modules.registry import Registry
    from odoo.tools import config as odoo_config

    odoo_config.parse_config(
        ["-c", config, "-d", database, "--no-http", "--log-level=error"], setup_logging=True
    )
    cr = Registry(database).cursor()
    # A parallel worker's CPU would be missing from the backend's figure.
    cr.execute("SET max_parallel_workers_per_gather = 0")
    cr.execute("SELECT id FROM res_users WHERE login = 'admin'")
    return api.Environment(cr, cr.fetchone()[0], {"lang": "en_US", "tz": "UTC"})


def answer(env, line):
    """Run the request of one line: `module.function` of the package `tasks`."""
    request = json.loads(line)
    module, function = request["task"].split(".")
    task = getattr(importlib.import_module(f"{TASKS}.{module}"), function)
    try:
        return {"result": task(env, **request["arguments"])}
    except Exception:
        env.cr.rollback()
        return {"error": traceback.format_exc()}


def main():
    """Answer requests until the main process closes the pipe."""
    parser = argparse.ArgumentParser(prog="o2c_bench.worker")
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    args = parser.parse_args()
    # Answers have standard output for themselves; whatever Odoo prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    env = open_environment(args.config, args.database)
    for line in sys.stdin:
        print(json.dumps(answer(env, line), default=str), file=answers, flush=True)
    env.cr.rollback()
    env.cr.close()


if __name__ == "__main__":
    main()
