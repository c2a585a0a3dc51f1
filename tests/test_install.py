"""./o2c install on a company's own database: Odoo, its configuration and its server for real."""

import sys
from types import SimpleNamespace

import pytest
import support

from tools.launcher import install, modules
from tools.launcher.console import Failure
from tools.launcher.state import REPOSITORY

DATA = """
partner = env["res.partner"].create({"name": "Old customer", "is_company": True})
product = env["product.product"].create({"name": "Thing", "list_price": 10, "is_storable": True})
lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 5})]
env["sale.order"].create({"partner_id": partner.id, "order_line": lines}).action_confirm()
"""
# Columns that belong to Odoo: the company's own data.
FACTS = """
SELECT 'order', name, state, amount_total::text FROM sale_order
UNION ALL SELECT 'line', name, product_uom_qty::text, price_total::text FROM sale_order_line
UNION ALL SELECT 'move', reference, state, product_uom_qty::text FROM stock_move
UNION ALL SELECT 'partner', name, active::text, COALESCE(vat, '') FROM res_partner
UNION ALL SELECT 'user', login, active::text, password FROM res_users
ORDER BY 1, 2, 3, 4
"""


@pytest.fixture(scope="module")
def company():
    """A database of Odoo's own modules with an order, and the configuration its owner starts it with."""
    database = support.clone_plain_database("company")
    support.odoo_shell(database, DATA)
    odoo = support.running_odoo()
    configuration = odoo.configuration("company", "odoo.conf")
    text = configuration.read_text()
    configuration.write_text("\n".join(line for line in text.splitlines() if "addons_path" not in line))
    yield SimpleNamespace(database=database, configuration=configuration, state=odoo.state)
    support.drop_database(database)


def make_options(company, **changes):
    values = {
        "database": company.database,
        "config": str(company.configuration),
        "odoo": str(REPOSITORY / "tools" / "odoo-bin"),
        "python": sys.executable,
        "modules": None,
    }
    return SimpleNamespace(**values | changes)


def get_states(company):
    names = ",".join(modules.product())
    return support.sql(
        company.database,
        "SELECT name, state FROM ir_module_module"
        " WHERE name = ANY(string_to_array(:'names', ',')) ORDER BY 1",
        names=names,
    )


def test_suite_comes_into_a_company_and_leaves_its_data_alone(company, capsys):
    before = support.sql(company.database, FACTS)
    assert any(row[0] == "order" for row in before)
    for _time in ("first", "second"):
        assert install.install(company.state, make_options(company)) == 0
        assert support.sql(company.database, FACTS) == before
        states = get_states(company)
        assert [name for name, _state in states] == modules.product()
        assert {state for _name, state in states} == {"installed"}
        modes = support.sql(company.database, "SELECT DISTINCT mode FROM o2c_control_setting")
        assert modes == [["observing"]]
    assert "addons_path = " in capsys.readouterr().out


def test_database_that_is_not_there_is_not_made(company):
    name = f"{company.database}_typo"
    with pytest.raises(Failure, match=f"There is no database {name}"):
        install.install(company.state, make_options(company, database=name))
    assert not support.running_odoo().databases.exists(name)


def test_server_that_is_down_is_named(company, tmp_path, monkeypatch):
    for name in ("PGHOST", "PGPORT"):  # they count more than the file
        monkeypatch.delenv(name, raising=False)
    configuration = tmp_path / "down.conf"
    configuration.write_text("[options]\ndb_host = /nonexistent/socket\ndb_user = odoo\n")
    with pytest.raises(Failure, match="does not let us in"):
        install.install(company.state, make_options(company, config=str(configuration)))
