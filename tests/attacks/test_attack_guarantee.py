"""Guarantees and the evidence of credit files by other ways than approval and a registered edit."""

import pytest

MODEL = "o2c.credit.guarantee"
CONTEXTS = {
    "plain": None,
    "keys": {"o2c_guard_pass": True, "su": True, "install_mode": True, "default_state": "in_force"},
    "values": {"default_state": "in_force", "default_cover_approved": 1_000_000.0},
}


def draft(world, partner, login="olga", **values):
    new = {"partner_id": partner, "company_id": world.company, "kind": "pledge", "value": 500.0, **values}
    return world.user(login).create(MODEL, new)


def submitted(world, partner, login="olga"):
    """A guarantee that waits, and its request."""
    guarantee = draft(world, partner, login)
    world.user(login).call(MODEL, "action_submit", guarantee)
    request = world.value(
        "SELECT max(id) FROM o2c_request WHERE res_model = %s AND res_id = %s", MODEL, guarantee
    )
    return guarantee, request


def row(world, guarantee):
    return world.rows(
        "SELECT state, value, haircut, date_to, partner_id, adds_to_limit, cover_approved"
        " FROM o2c_credit_guarantee WHERE id = %s",
        guarantee,
    )


def counted(world, partner):
    """How many guarantees of a customer are in force, as the table has it."""
    return world.value(
        "SELECT count(*) FROM o2c_credit_guarantee WHERE partner_id = %s AND state = 'in_force'", partner
    )


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("login", ["olga", "mia", "fred", "both", "root", "sam", "audrey"])
def test_submitted_guarantee_is_not_written(world, login, context):
    """By nobody, whatever the caller puts into the context."""
    partner = world.customer()
    guarantee, _request = submitted(world, partner)
    before = row(world, guarantee)
    client = world.user(login)
    for values in (
        {"state": "in_force"},
        {"value": 1_000_000.0},
        {"haircut": 0.0},
        {"date_to": "2099-12-31"},
        {"adds_to_limit": True},
        {"partner_id": world.poor},
        {"cover_approved": 1_000_000.0},
    ):
        with world.refused():
            client.write(MODEL, guarantee, values, context=context)
    with world.refused():
        client.unlink(MODEL, guarantee)
    assert row(world, guarantee) == before


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("login", ["olga", "mia", "root", "sam"])
def test_guarantee_is_not_created_in_force(world, login, context):
    partner = world.customer()
    client = world.user(login)
    new = {"partner_id": partner, "company_id": world.company, "kind": "pledge", "value": 500.0}
    with world.refused():
        client.create(MODEL, {**new, "state": "in_force"}, context=context)
    world.attempt(lambda: client.create(MODEL, new, context=context))
    names = ["partner_id/.id", "company_id/.id", "kind", "value", "state"]
    data = [[str(partner), str(world.company), "Pledge", "1000000", "In force"]]
    world.attempt(lambda: client.call(MODEL, "load", fields=names, data=data, context=context))
    assert counted(world, partner) == 0


@pytest.mark.parametrize("login", ["olga", "both", "sam", "audrey", "root"])
def test_guarantee_is_not_accepted_by_who_has_no_say(world, login):
    """Its author, the salesperson, the auditor, the administrator."""
    partner = world.customer()
    author = login if login in ("both",) else "olga"
    guarantee, request = submitted(world, partner, author)
    client = world.user(login)
    with world.refused():
        client.call("o2c.request", "action_approve", request, comment="Me")
    for method in ("_on_request_approved", "_move_state", "_guarded_write", "_close"):
        with world.refused():
            client.call(MODEL, method, guarantee)
    assert counted(world, partner) == 0


@pytest.mark.parametrize("login", ["olga", "sam", "audrey", "root"])
def test_guarantee_is_not_ended_by_who_has_no_say(world, login):
    partner = world.customer()
    guarantee, request = submitted(world, partner)
    world.user("max").call("o2c.request", "action_approve", request, comment="Fine")
    assert counted(world, partner) == 1
    for method in ("action_release", "action_call"):
        with world.refused():
            world.user(login).call(MODEL, method, guarantee, reason="The customer asked me")
    assert counted(world, partner) == 1


@pytest.mark.parametrize("login", ["olga", "mia", "root"])
def test_file_stays_with_its_customer_and_its_edits_are_registered(world, login):
    partner = world.customer()
    client = world.user("olga")
    file = client.create("o2c.credit.file", {"partner_id": partner, "company_id": world.company})
    for values in ({"partner_id": world.poor}, {"completeness": 100}, {"value_class": "A"}):
        with world.refused():
            world.user(login).write("o2c.credit.file", file, values)
    with world.refused():
        world.user(login).unlink("o2c.credit.file", file)
    with world.refused():
        world.user(login).call("o2c.credit.file", "copy", file)
    assert world.rows(
        "SELECT partner_id, completeness, value_class FROM o2c_credit_file WHERE id = %s", file
    ) == [{"partner_id": partner, "completeness": 0, "value_class": None}]
    client.write("o2c.credit.file", file, {"legal_form": "Ltd."})
    edits = (
        "SELECT count(*) FROM o2c_register WHERE res_model = 'o2c.credit.file' AND res_id = %s AND event = %s"
    )
    assert world.value(edits, file, "file_edited") == 1
