"""./o2c demo, stop, status: the demo company in a database of its own, and its web server."""

import json
import os
import signal
import time

from . import modules, setup
from .console import Failure, elapsed, say
from .postgres import Embedded
from .server import Server, port_is_free
from .state import read_json, write_json

DATABASE = "o2c_demo"
MARK = "O2C-LOGINS:"
BUILD = f"""
import json
logins = [("admin", "admin", "Administrator")]
if "o2c.demo" in env:
    env["o2c.demo"]._build()
    env.cr.commit()
    logins = [tuple(row) for row in env["o2c.demo"]._get_logins()]
print("{MARK}" + json.dumps(logins))
"""


def demo(state, options):
    """Bring the demo up; in the foreground until Ctrl-C, or in the background."""
    start = time.monotonic()
    server = Server(state)
    running = server.running()
    if running and not options.reset and running["port"] != options.port:
        say(f"Moving the demo from port {running['port']} to {options.port}.")
    elif not running and not port_is_free(options.port):
        raise Failure(
            f"Port {options.port} is in use by another program.",
            "Choose another one: ./o2c demo --port 8170.",
        )
    odoo = setup.prepare(state, options)
    if options.reset:
        server.stop()
        odoo.databases.drop(DATABASE)
        state.forget("demo")
    changed = ensure_database(odoo, server)
    running = server.running()
    if running and (changed or running["port"] != options.port):
        server.stop()
        running = None
    process = None if running else _start(odoo, server, options)
    say(f"\nThe demo is ready ({elapsed(start)}).\n")
    print_access(state, options.port)
    if options.background or process is None:
        say("\nIt runs in the background. Stop it with: ./o2c stop")
        return 0
    say("\nPress Ctrl-C to stop it.")
    return _foreground(state, server, process)


def _start(odoo, server, options):
    if not port_is_free(options.port):
        raise Failure(
            f"Port {options.port} is in use by another program.",
            "Choose another one: ./o2c demo --port 8170.",
        )
    configuration = odoo.configuration(
        "demo", db_name=DATABASE, dbfilter=f"^{DATABASE}$", http_port=options.port, workers=options.workers
    )
    _set_report_address(odoo, options.port)
    process = server.start(
        odoo.command("-c", configuration),
        port=options.port,
        database=DATABASE,
        cwd=odoo.state.run,
        env=odoo.environment(),
    )
    server.wait(process, options.port)
    return process


def _set_report_address(odoo, port):
    """Where the PDF engine fetches style sheets and fonts: this server, whatever its port."""
    odoo.connection.sql(
        "INSERT INTO ir_config_parameter (key, value) VALUES ('report.url', :'address')"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        database=DATABASE,
        address=f"http://127.0.0.1:{port}",
    )


def _foreground(state, server, process):
    def stop(_signal, _frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        code = process.wait()
        say(f"The web server ended with code {code}; see {server.log}.")
    except KeyboardInterrupt:
        say("\nStopping ...")
        code = 0
    server.stop()
    _stop_database_server(state)
    return code


# ------------------------------------------------------------------- database


def ensure_database(odoo, server=None):
    """Make the demo database, or bring it to the present state of addons/; True when it changed."""
    digests = modules.digests(modules.product())
    if not odoo.databases.exists(DATABASE):
        _make_database(odoo)
    else:
        before = (odoo.state.done("demo") or {}).get("result") or {}
        if before == digests:
            return False
        if server:
            server.stop()
        _update_database(odoo, before, digests)
    write_json(odoo.state.steps / "demo.json", {"digest": "", "result": digests})
    return True


def _make_database(odoo):
    template = setup.suite_template(odoo)
    draft = f"{DATABASE}_draft"

    def make():
        odoo.databases.clone(template, draft)
        _build_company(odoo, draft)
        odoo.databases.rename(draft, DATABASE)

    odoo.state.forget("demo-company")
    odoo.state.ensure("demo-company", "Building the demo company", {}, make)


def _update_database(odoo, before, digests):
    changed = [name for name in digests if name in before and before[name] != digests[name]]
    added = [name for name in digests if name not in before]

    def update():
        odoo.apply(DATABASE, install=added, update=changed, log="demo-update")
        _build_company(odoo, DATABASE)

    odoo.state.forget("demo-company")
    odoo.state.ensure(
        "demo-company", f"Updating the demo: {', '.join(changed + added) or 'modules removed'}", {}, update
    )


def _build_company(odoo, database):
    output = odoo.shell(database, BUILD, log="demo-build")
    line = next((line for line in output.splitlines() if line.startswith(MARK)), None)
    if line is None:
        raise Failure("Building the demo company printed no users.", "./o2c demo --reset builds it anew.")
    write_json(odoo.state.run / "logins.json", json.loads(line.removeprefix(MARK)), mode=0o600)


# --------------------------------------------------------------------- display


def print_access(state, port):
    """Address and users."""
    say(f"  Open http://127.0.0.1:{port}/odoo in a browser and log in as one of:\n")
    rows = [("Login", "Password", "Role"), *(read_json(state.run / "logins.json") or [])]
    widths = [max(len(str(row[column])) for row in rows) for column in range(2)]
    for row in rows:
        say(f"    {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}")


def stop(state, options):
    """Stop the web server and, when nobody else uses it, the embedded database server."""
    stopped = Server(state).stop()
    say("The web server is stopped." if stopped else "No web server was running.")
    _stop_database_server(state, force=options.force)
    return 0


def _stop_database_server(state, *, force=False):
    if state.settings.get("database_url") or not state.done("cluster"):
        return
    embedded = Embedded(state)
    if embedded.is_running() and embedded.stop_unless_used(force=force):
        say("PostgreSQL is stopped.")


def status(state, _options):
    """Say what is there and what runs; exit code 0 when the demo runs, 3 otherwise."""
    running = Server(state).running()
    say(f"State folder   {state.root}")
    for name, label in (("python", "Python packages"), ("odoo", "Odoo 19"), ("pdf", "PDF engine")):
        marker = state.done(name)
        say(f"{label:<14} {'ready' if marker else 'not made by the launcher'}")
    if state.settings.get("odoo"):
        say(f"Odoo           {state.settings['odoo']}")
    if state.settings.get("database_url"):
        say("PostgreSQL     as given by --database-url")
    elif state.done("cluster"):
        embedded = Embedded(state)
        say(f"PostgreSQL     {'running' if embedded.is_running() else 'stopped'} ({embedded.home})")
    else:
        say("PostgreSQL     not set up")
    if running:
        say(f"Web server     running, process {running['pid']}, log {Server(state).log}\n")
        print_access(state, running["port"])
        return 0
    say(f"Web server     stopped{'' if state.done('demo') else '; no demo yet: ./o2c demo'}")
    return 3


def shell(state, options):
    """Odoo's shell on a database; a script may come on standard input."""
    odoo = setup.prepare_quietly(state, options)
    database = options.database
    if not odoo.databases.exists(database):
        raise Failure(
            f"There is no database {database}.",
            f"There are: {', '.join(odoo.databases.names('o2c')) or 'none'}. ./o2c demo makes one.",
        )
    os.chdir(state.run)
    command = odoo.shell_command(database)
    os.execve(command[0], command, odoo.environment())
