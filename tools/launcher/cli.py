"""The command line of ./o2c."""

import argparse
import sys

from . import bench, demo, install, lint, screenshots, testing
from .console import Failure, say
from .state import State


def parser():
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="o2c",
        description="Order-to-Cash Control for Odoo 19: demo, tests and tools.",
        epilog="First time here? ./o2c demo",
    )
    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group("where things are (remembered for later commands)")
    group.add_argument(
        "--state", metavar="FOLDER", help="state folder (default: .o2c beside ./o2c, or $O2C_STATE)"
    )
    group.add_argument("--odoo", metavar="PATH", help="use this Odoo 19.0 (source tree or installed)")
    group.add_argument(
        "--odoo-archive", metavar="FILE", help="take Odoo 19.0 from its official source archive"
    )
    group.add_argument(
        "--database-url", metavar="URL", help="use this PostgreSQL (postgresql://user:password@host)"
    )
    group.add_argument(
        "--python", metavar="PATH", help="make the virtual environment with this Python (3.10-3.13)"
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name, function, text):
        sub = commands.add_parser(name, help=text, description=text, parents=[common])
        sub.set_defaults(function=function)
        return sub

    _add_demo(add)
    testing.add_arguments(add("test", testing.test, "Run the tests."))
    add("lint", lint.lint, "Check style and well-formedness of all files.")
    sub = add("shell", demo.shell, "Odoo's shell; a script may come on standard input.")
    sub.add_argument("--database", default=demo.DATABASE)
    screenshots.add_arguments(
        add("screenshots", screenshots.screenshots, "Take pictures of the main screens.")
    )
    install.add_arguments(
        add("install", install.install, "Install the suite into a database of your own Odoo.")
    )
    bench.add_arguments(add("bench", bench.bench, "Measure speed on a generated ledger."))
    return top


def _add_demo(add):
    sub = add("demo", demo.demo, "Set everything up and start the demo company.")
    sub.add_argument("--port", type=int, default=8069, help="port on 127.0.0.1 (default: 8069)")
    sub.add_argument("--background", action="store_true", help="return when the server answers")
    sub.add_argument("--reset", action="store_true", help="throw the demo database away and build it anew")
    sub.add_argument("--workers", type=int, default=0, help="worker processes (default: 0, one with threads)")
    sub = add("stop", demo.stop, "Stop what ./o2c demo started.")
    sub.add_argument("--force", action="store_true", help="stop PostgreSQL even while something uses it")
    add("status", demo.status, "Say what is set up and what runs.")


def main(arguments=None):
    """Run one command; the exit code."""
    options = parser().parse_args(arguments)
    try:
        return options.function(State.open(options.state), options)
    except Failure as failure:
        say()
        print(f"Error: {failure.message}", file=sys.stderr)
        if failure.hint:
            print(f"What to do: {failure.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again: it goes on where it stopped.", file=sys.stderr)
        return 130
