"""./o2c screenshots: pictures of the main screens for the documentation."""

import subprocess
from pathlib import Path

from . import demo, setup
from .browser import find_chromium
from .console import Failure
from .server import Server, free_port
from .state import REPOSITORY, read_json


def add_arguments(parser):
    """Options of the command."""
    parser.add_argument("--output", metavar="FOLDER", default=str(REPOSITORY / "docs" / "images"))
    parser.add_argument("--login", default="auditor", help="demo user who looks (default: auditor)")
    parser.add_argument("--password", help="default: the demo's")
    parser.add_argument("--phone", action="store_true", help="as wide as a phone")


def screenshots(state, options):
    """Start the demo on a free port and let a browser walk through the menu."""
    chromium = find_chromium()
    if chromium is None:
        raise Failure(
            "There is no Chromium on this machine.",
            "Install it (Debian: apt-get install chromium), or set O2C_CHROMIUM to its path.",
        )
    odoo = setup.prepare(state, options)
    demo.ensure_database(odoo, Server(state))
    server, port = Server(state, "screenshots"), free_port()
    configuration = odoo.configuration(
        "screenshots",
        db_name=demo.DATABASE,
        dbfilter=f"^{demo.DATABASE}$",
        http_port=port,
        max_cron_threads=0,
    )
    process = server.start(
        odoo.command("-c", configuration),
        port=port,
        database=demo.DATABASE,
        cwd=state.run,
        env=odoo.environment(),
    )
    try:
        server.wait(process, port)
        return subprocess.run(
            [
                str(odoo.python),
                "-m",
                "tools.o2c_screenshots",
                f"http://127.0.0.1:{port}",
                "--output",
                str(Path(options.output).resolve()),
                "--login",
                options.login,
                "--password",
                _password(state, options),
                "--chromium",
                chromium,
                *(["--phone"] if options.phone else []),
            ],
            env={**odoo.environment(), "PYTHONPATH": str(REPOSITORY)},
            cwd=state.run,
            check=False,
        ).returncode
    finally:
        server.stop()


def _password(state, options):
    known = {login: password for login, password, _role in read_json(state.run / "logins.json") or []}
    password = options.password or known.get(options.login)
    if not password:
        raise Failure(
            f"The demo has no user {options.login}.",
            f"Choose one of {', '.join(known)}, or give --password as well.",
        )
    return password
