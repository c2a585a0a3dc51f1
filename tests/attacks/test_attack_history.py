"""Changing what was decided, after it was decided."""

import psycopg2
import pytest

PEOPLE = ["sam", "mia", "fred", "petra", "audrey", "root"]


def entry(world):
    """The latest entry of the register; there is one, since confirmations are judged."""
    world.held()
    return world.value("SELECT max(id) FROM o2c_register")


def whole(world, table, record_id):
    """All columns of a row."""
    return world.rows(f"SELECT * FROM {table} WHERE id = %s", record_id)


# ---------------------------------------------------------------- the register


@pytest.mark.parametrize("login", PEOPLE)
def test_register_is_not_written(world, login):
    entry_id = entry(world)
    before, count = whole(world, "o2c_register", entry_id), world.value("SELECT count(*) FROM o2c_register")
    client = world.user(login)
    for values in ({"message": "Nothing happened"}, {"evidence": {}}, {"user_ref": 1}, {"is_refusal": False}):
        with world.refused():
            client.write("o2c.register", entry_id, values)
    with world.refused():
        client.unlink("o2c.register", entry_id)
    assert whole(world, "o2c_register", entry_id) == before
    assert world.value("SELECT count(*) FROM o2c_register WHERE id = %s", entry_id) == 1
    assert world.value("SELECT count(*) FROM o2c_register") >= count


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize(
    "context", [None, {"o2c_guard_pass": True, "default_message": "forged"}], ids=["plain", "context"]
)
def test_register_is_not_forged(world, login, context):
    marker = f"forged by {login}"
    with world.refused():
        world.user(login).create(
            "o2c.register",
            {"event": "note", "message": marker, "user_ref": 1, "user_name": "Fred"},
            context=context,
        )
    assert not world.value("SELECT count(*) FROM o2c_register WHERE message = %s AND NOT is_refusal", marker)


PRIVATE = [
    "_log",
    "_log_many",
    "_log_refusal",
    "_insert_entries",
    "_guarded_create",
    "_guarded_write",
    "_protect_table",
]


@pytest.mark.parametrize("method", PRIVATE)
def test_private_methods_of_the_register_are_out_of_reach(world, method):
    with world.refused():
        world.user("root").call("o2c.register", method)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET id = id",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "TRUNCATE {table} CASCADE",
    ],
)
@pytest.mark.parametrize("table", ["o2c_register", "o2c_register_seal"])
def test_the_database_itself_refuses(world, table, statement):
    """Somebody with the application's own password."""
    entry(world)
    world.seal()
    count = world.value(f"SELECT count(*) FROM {table}")
    assert count
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        world.rows(statement.format(table=table))
    assert world.value(f"SELECT count(*) FROM {table}") == count


def test_a_change_behind_the_trigger_is_found(world):
    """Whoever owns the database can switch the trigger off; the chain of seals tells."""
    first = entry(world)
    world.seal()
    assert world.verify_register() is None
    original = world.value("SELECT message FROM o2c_register WHERE id = %s", first)
    world.tamper("UPDATE o2c_register SET message = 'Nothing happened' WHERE id = %s", first)
    try:
        assert world.verify_register() == first
    finally:
        world.tamper("UPDATE o2c_register SET message = %s WHERE id = %s", original, first)
    assert world.verify_register() is None


def test_a_deleted_entry_is_found(world):
    first = entry(world)
    world.held()
    world.seal()
    world.rows("CREATE TEMPORARY TABLE saved_entry AS SELECT * FROM o2c_register WHERE id = %s", first)
    world.tamper("DELETE FROM o2c_register WHERE id = %s", first)
    try:
        assert world.verify_register() == first
    finally:
        world.tamper("INSERT INTO o2c_register SELECT * FROM saved_entry")
    assert world.verify_register() is None


# ---------------------------------------------------------------- requests, steps, holds


def decided(world):
    """An approved request about a released order; returns order, request, a step and the hold."""
    _partner, order, hold = world.held(11)
    request = world.ask(order)
    world.user("mia").call("o2c.request", "action_approve", request)
    assert world.state("o2c_request", request) == "approved"
    step = world.value("SELECT min(id) FROM o2c_request_step WHERE request_id = %s", request)
    return order, request, step, hold


RESETS = {
    "o2c_request": [
        {"state": "pending"},
        {"state": "lapsed"},
        {"amount": 1.0},
        {"comment": "never said"},
        {"requester_id": 1},
        {"step_ids": [(5,)]},
        {"excluded_user_ids": [(5,)]},
        {"closed_by": 1},
    ],
    "o2c_request_step": [
        {"state": "current"},
        {"decided_by": 1},
        {"on_behalf_of": 1},
        {"comment": "I was not asked"},
        {"decided_on": "2020-01-01 00:00:00"},
    ],
    "o2c_hold": [
        {"state": "open"},
        {"state": "refused"},
        {"excess": 1_000_000.0},
        {"message": "All good"},
        {"order_id": False},
        {"res_id": 1},
    ],
}


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("table", RESETS)
def test_decisions_are_not_rewritten(world, table, login):
    order, request, step, hold = decided(world)
    record = {"o2c_request": request, "o2c_request_step": step, "o2c_hold": hold}[table]
    before = whole(world, table, record)
    model = {"o2c_request": "o2c.request", "o2c_request_step": "o2c.request.step", "o2c_hold": "o2c.hold"}[
        table
    ]
    for values in RESETS[table]:
        with world.refused():
            world.user(login).write(model, record, values)
    with world.refused():
        world.user(login).unlink(model, record)
    with world.refused():
        world.user(login).call(model, "copy", record)
    assert whole(world, table, record) == before


def test_deleting_the_order_keeps_its_history(world):
    """Odoo lets a sales manager delete a quotation."""
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    count = world.value(
        "SELECT count(*) FROM o2c_register WHERE res_model = 'sale.order' AND res_id = %s", order
    )
    world.attempt(lambda: world.user("boss").unlink("sale.order", order))
    assert (
        world.value("SELECT count(*) FROM o2c_register WHERE res_model = 'sale.order' AND res_id = %s", order)
        >= count
    )
    assert world.state("o2c_request", request) is not None, "requests are never deleted"


def test_merging_customers_keeps_the_history(world):
    """A merge rewrites foreign keys by SQL and deletes what a unique constraint forbids."""
    partner, order, hold = world.held(11)
    request = world.ask(order)
    other = world.customer()
    entries = world.rows("SELECT * FROM o2c_register ORDER BY id")
    wizard = world.user("root").create(
        "base.partner.merge.automatic.wizard",
        {"partner_ids": [(6, 0, [partner, other])], "dst_partner_id": other, "state": "selection"},
    )
    world.attempt(
        lambda: world.user("root").call("base.partner.merge.automatic.wizard", "action_merge", wizard)
    )
    now = world.rows("SELECT * FROM o2c_register ORDER BY id")
    assert now[: len(entries)] == entries
    assert world.state("o2c_request", request) is not None
    assert world.rows("SELECT 1 FROM o2c_hold WHERE id = %s", hold)
    assert world.order_state(order) == "draft"


def test_a_deleted_user_stays_in_the_history(world):
    """Archiving or deleting who decided does not empty the name in the register."""
    order, request, step, _hold = decided(world)
    world.attempt(lambda: world.user("root").unlink("res.users", world.users["mia"]))
    assert world.value("SELECT decided_by FROM o2c_request_step WHERE id = %s", step) == world.users["mia"]
