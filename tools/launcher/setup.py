"""From nothing to a ready Odoo with its databases, step by step; finished steps are skipped."""

import contextlib
import sys

from . import modules, pdf, source, virtualenv
from .console import Failure, say
from .modules import BASE_MODULES
from .odoo import Odoo
from .postgres import Connection, Embedded
from .state import ADDONS, fingerprint

BASE_PREFIX = "o2c_tpl_odoo_"
SUITE_PREFIX = "o2c_tpl_suite_"
TEST_PREFIX = "o2c_tpl_test_"
OPTIONAL_PREFIX = "o2c_tpl_more_"


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
    title = "Making a database with Odoo's own modules (about a minute)"

    def build(draft):
        odoo.databases.create(draft)
        odoo.apply(draft, install=BASE_MODULES, log="base-install")

    with odoo.state.lock():
        if _ensure_database(odoo, name, f"template-{name}", title, build):
            drop_outdated(odoo, BASE_PREFIX, keep=name)
    return name


def suite_template(odoo):
    """Name of the database with the suite, made once per state of its modules and Odoo."""
    names = modules.product()
    if not names:
        raise Failure(f"There is no module of the suite in {ADDONS}.", "Is the checkout complete?")
    return _template_above(odoo, base_template(odoo), SUITE_PREFIX, names)


def test_template(odoo):
    """Name of the database for the suite's own tests: with the modules that only tests use."""
    return _template_above(odoo, suite_template(odoo), TEST_PREFIX, modules.for_tests())


def optional_template(odoo):
    """Name of the database for tests of modules beside the suite, with the apps that they need."""
    return _template_above(odoo, suite_template(odoo), OPTIONAL_PREFIX, modules.optional())


def _template_above(odoo, source_name, prefix, names):
    """A database copied from another one, with more modules; the other one when there are none."""
    if not names:
        return source_name
    name = prefix + fingerprint([source_name, modules.digests(names)])[:10]

    def build(draft):
        odoo.databases.clone(source_name, draft)
        odoo.apply(draft, install=names, log=f"{prefix}install")

    with odoo.state.lock():
        title = f"Installing {', '.join(names)}"
        if _ensure_database(odoo, name, f"template-{name}", title, build):
            drop_outdated(odoo, prefix, keep=name)
    return name


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


def drop_outdated(odoo, prefix, keep):
    """Drop the templates that a new one of their kind replaces."""
    for name in odoo.databases.names(prefix):
        if name != keep and not _in_use(odoo, name):
            say(f"   dropping the outdated database {name}")
            odoo.databases.drop(name)
            odoo.state.forget(f"template-{name}")


def _in_use(odoo, name):
    rows = odoo.connection.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = :'name'", name=name)
    return rows[0][0] != "0"
