"""From nothing to a ready Odoo with its databases, step by step; finished steps are skipped."""

import contextlib
import sys

from . import pdf, source, virtualenv
from .console import Failure, say
from .odoo import Odoo
from .postgres import Connection, Embedded
from .state import ADDONS, addons_digests, fingerprint, remove, suite_modules

BASE_MODULES = (
    "sale_management",
    "sale_stock",
    "stock_account",
    "account_payment",
    "payment_demo",
    "payment_custom",
    "contacts",
)
BASE_PREFIX = "o2c_tpl_odoo_"
SUITE_PREFIX = "o2c_tpl_suite_"


def remember(state, options):
    """Keep the choices of the command line for later commands of the same state folder."""
    choices = {
        "odoo": options.odoo,
        "archive": options.odoo_archive,
        "python": options.python,
        "database_url": options.database_url,
    }
    given = {key: value for key, value in choices.items() if value}
    if options.odoo_archive:
        given.setdefault("odoo", None)
    if given:
        state.remember(**given)
    return {**dict.fromkeys(choices), **state.settings}


def prepare(state, options):
    """Everything up to a ready Odoo with a running database server."""
    chosen = remember(state, options)
    with state.lock():
        python = virtualenv.ensure(state, chosen["python"])
        site = source.ensure(state, path=chosen["odoo"], archive=chosen["archive"])
        virtualenv.link_odoo(state, site)
        engine = pdf.ensure(state)
        connection = _connect(state, chosen["database_url"])
    return Odoo(state=state, python=python, site=site, connection=connection, pdf=engine)


def prepare_quietly(state, options):
    """As ``prepare``, with the progress on standard error: the output belongs to the command."""
    with contextlib.redirect_stdout(sys.stderr):
        return prepare(state, options)


def _connect(state, url):
    embedded = Embedded(state)
    if not url:
        return embedded.ensure_running()
    embedded.bring_software()  # for psql
    connection = Connection.from_url(url, programs=str(embedded.programs))
    rows = connection.sql(
        "SELECT current_setting('server_version_num')::int, rolcreatedb OR rolsuper "
        "FROM pg_roles WHERE rolname = current_user"
    )
    if int(rows[0][0]) < 130000:
        raise Failure("The database server is older than PostgreSQL 13.", "Odoo 19 needs 13 or newer.")
    if rows[0][1] != "t":
        raise Failure(
            "The role of --database-url may not create databases.",
            "Let an administrator run: ALTER ROLE <name> CREATEDB;",
        )
    return connection


# ------------------------------------------------------------------- templates


def base_template(odoo):
    """Name of the database with Odoo's own modules, made once per Odoo and module list."""
    name = BASE_PREFIX + fingerprint([source.identity(odoo.site), BASE_MODULES])[:10]
    with odoo.state.lock():
        _ensure_database(
            odoo,
            name,
            f"base-{name}",
            "Making a database with Odoo's own modules (about a minute)",
            lambda draft: (odoo.databases.create(draft), odoo.apply(draft, install=BASE_MODULES)),
        )
    return name


def suite_template(odoo):
    """Name of the database with the suite, made once per state of addons/ and Odoo."""
    base = base_template(odoo)
    modules = suite_modules()
    if not modules:
        raise Failure(f"There is no module of the suite in {ADDONS}.", "Is the checkout complete?")
    name = suite_template_name(base)

    def build(draft):
        odoo.databases.clone(base, draft)
        odoo.apply(draft, install=modules, log="suite-install")

    with odoo.state.lock():
        title = f"Installing the suite: {', '.join(modules)}"
        if _ensure_database(odoo, name, f"suite-{name}", title, build):
            drop_outdated(odoo, keep={base, name})
    return name


def suite_template_name(base):
    """Name of the suite's template for the present content of addons/."""
    return SUITE_PREFIX + fingerprint([base, addons_digests()])[:10]


def _ensure_database(odoo, name, step_name, title, build):
    """Make a database under a draft name and rename it when it is complete; True when it was made."""
    if odoo.databases.exists(name):
        return False
    draft = f"{name}_draft"

    def make():
        odoo.databases.drop(draft)
        build(draft)
        odoo.databases.rename(draft, name)
        return name

    odoo.state.forget(step_name)
    odoo.state.ensure(step_name, title, {"database": name}, make)
    return True


def drop_outdated(odoo, keep):
    """Drop templates of earlier states of addons/ or Odoo."""
    for prefix in (SUITE_PREFIX, BASE_PREFIX):
        for name in odoo.databases.names(prefix):
            if name not in keep and not _in_use(odoo, name):
                say(f"   dropping the outdated database {name}")
                odoo.databases.drop(name)
                kind = "suite" if prefix == SUITE_PREFIX else "base"
                remove(odoo.state.steps / f"{kind}-{name}.json")


def _in_use(odoo, name):
    rows = odoo.connection.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = :'name'", name=name)
    return rows[0][0] != "0"
