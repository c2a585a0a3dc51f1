"""Changing a confirmed order by other ways than an approved change.

Each attack starts from an order of 900 whose customer may owe 1,000, or from a request to raise it
to 1,200, which a credit manager may approve.
"""

import pytest

from .changes import (
    CHANGE,
    LINE,
    approve,
    change_facts,
    confirmed,
    drafted,
    foreign_order,
    line_of,
    quantity,
    request_of,
    state,
    submitted,
)

PRIVATE = (
    "_apply",
    "_apply_approved",
    "_apply_freely",
    "_guarded_write",
    "_move_state",
    "_on_request_approved",
    "_submit_for_approval",
    "_write_lines",
)


# ---------------------------------------------------------------- the proper way


def test_an_approved_change_is_applied(world):
    """The control of the experiment: a change within the authority goes through, once."""
    partner, order = confirmed(world)
    change, request = submitted(world, order)
    assert quantity(world, order) == 9
    approve(world, request)
    assert (state(world, change), quantity(world, order)) == ("applied", 12)
    assert world.confirmed_total(partner) == 1200
    assert sum(move["product_uom_qty"] for move in world.order_facts(order)["moves"]) == 12


def test_a_change_within_the_limit_needs_nobody(world):
    _partner, order = confirmed(world)
    change = drafted(world, order, quantity=10.0)
    world.user("sam").call(CHANGE, "action_submit", change)
    assert (state(world, change), quantity(world, order)) == ("applied", 10)


# ---------------------------------------------------------------- forged states


FORGED = {
    "applied": {"state": "applied"},
    "requested": {"state": "requested"},
    "outcome": {"outcome": "free"},
    "no_excess": {"excess": 0.0, "found": {}},
    "amounts": {"amount_after": 900.0, "amount_before": 900.0},
    "requester": {"requested_by_id": 1},
    "contributors": {"contributor_ids": [(5,)]},
    "applied_on": {"applied_on": "2020-01-01 00:00:00"},
    "checked_on": {"checked_on": "2020-01-01 00:00:00"},
    "customer": {"partner_id": 1},
    "company": {"company_id": 1},
    "salesperson": {"user_id": 1},
    "name": {"name": "S00001/1"},
}


@pytest.mark.parametrize("login", ["sam", "boss", "both", "root"])
def test_what_decides_is_not_written(world, login):
    """Neither by salespeople nor by those who approve; nor is a change born with it."""
    _partner, order = confirmed(world)
    change = drafted(world, order)
    count = world.value("SELECT count(*) FROM o2c_order_change")
    before = change_facts(world, change), world.order_facts(order)
    for name, values in FORGED.items():
        with world.refused():
            world.user(login).write(CHANGE, change, values)
        with world.refused():
            world.user(login).create(CHANGE, {"order_id": order, **values})
        assert (change_facts(world, change), world.order_facts(order)) == before, name
    assert world.value("SELECT count(*) FROM o2c_order_change") == count


@pytest.mark.parametrize("login", ["sam", "both", "root"])
def test_private_methods_are_out_of_reach(world, login):
    _partner, order = confirmed(world)
    change, request = submitted(world, order)
    before = change_facts(world, change), world.order_facts(order)
    for method in PRIVATE:
        with world.refused():
            world.user(login).call(CHANGE, method, change)
    with world.refused():
        world.user(login).call(LINE, "_write_to", line_of(world, change), order=order)
    for model, record in ((CHANGE, change), ("o2c.request", request)):
        with world.refused():
            world.user(login).unlink(model, record)
    assert (change_facts(world, change), world.order_facts(order)) == before


def test_context_makes_nothing_applied(world):
    _partner, order = confirmed(world)
    context = {
        "default_state": "applied",
        "default_outcome": "free",
        "default_applied_on": "2020-01-01 00:00:00",
        "default_requested_by_id": world.users["emil"],
        "o2c_guard_pass": True,
        "skip_procurement": True,
        "su": True,
    }
    client = world.user("sam")
    action = client.call("sale.order", "action_request_o2c_change", order, context=context)
    change = action["res_id"]
    client.write(CHANGE, change, {"reason": "More"}, context=context)
    client.write(LINE, line_of(world, change), {"quantity": 12.0}, context=context)
    client.call(CHANGE, "action_submit", change, context=context)
    [facts] = change_facts(world, change)[0]
    assert (facts["state"], facts["outcome"], facts["requested_by_id"]) == (
        "requested",
        "approval",
        world.users["sam"],
    )
    assert quantity(world, order) == 9
    world.user("max").call("o2c.request", "action_approve", request_of(world, change), context=context)
    moves = world.order_facts(order)["moves"]
    assert sum(move["product_uom_qty"] for move in moves) == 12, "goods are procured all the same"


def test_changes_are_not_imported_as_applied(world):
    _partner, order = confirmed(world)
    count = world.value("SELECT count(*) FROM o2c_order_change")
    for login in ("sam", "root"):
        answer = world.attempt(
            lambda login=login: world.user(login).call(
                CHANGE, "load", fields=["order_id/.id", "state"], data=[[str(order), "Applied"]]
            )
        )
        assert not isinstance(answer, dict) or not answer["ids"]
    assert world.value("SELECT count(*) FROM o2c_order_change") == count


def test_a_copy_of_an_applied_change_is_a_draft(world):
    _partner, order = confirmed(world)
    change, request = submitted(world, order)
    approve(world, request)
    before = world.order_facts(order)
    client = world.user("sam")
    for default in ({"state": "applied"}, {"outcome": "free", "found": {}}):
        with world.refused():
            client.call(CHANGE, "copy", change, default=default)
    copy = client.call(CHANGE, "copy", change)[0]
    assert state(world, copy) == "draft"
    with world.refused():
        client.call(CHANGE, "action_submit", copy)
    assert world.order_facts(order) == before


def test_a_copy_does_not_move_to_an_order_of_others(world):
    _partner, order = confirmed(world)
    change = drafted(world, order)
    foreign = foreign_order(world)
    count = world.value("SELECT count(*) FROM o2c_order_change WHERE order_id = %s", foreign)
    with world.refused():
        world.user("sam").call(CHANGE, "copy", change, default={"order_id": foreign})
    assert world.value("SELECT count(*) FROM o2c_order_change WHERE order_id = %s", foreign) == count


# ---------------------------------------------------------------- after the submission


EDITS = {
    "line": lambda client, change, line, _other: client.write(LINE, line, {"quantity": 500.0}),
    "price": lambda client, change, line, _other: client.write(LINE, line, {"price_unit": 9000.0}),
    "discount": lambda client, change, line, _other: client.write(LINE, line, {"discount": -50.0}),
    "old_values": lambda client, change, line, _other: client.write(LINE, line, {"old_quantity": 12.0}),
    "is_new": lambda client, change, line, _other: client.write(LINE, line, {"is_new": True}),
    "product": lambda client, change, line, other: client.write(LINE, line, {"product_id": other}),
    "command_update": lambda client, change, line, _other: client.write(
        CHANGE, change, {"line_ids": [(1, line, {"quantity": 500.0})]}
    ),
    "command_create": lambda client, change, line, other: client.write(
        CHANGE, change, {"line_ids": [(0, 0, {"product_id": other, "quantity": 50.0})]}
    ),
    "command_delete": lambda client, change, line, _other: client.write(
        CHANGE, change, {"line_ids": [(2, line)]}
    ),
    "command_clear": lambda client, change, line, _other: client.write(CHANGE, change, {"line_ids": [(5,)]}),
    "command_set": lambda client, change, line, _other: client.write(
        CHANGE, change, {"line_ids": [(6, 0, [])]}
    ),
    "unlink": lambda client, change, line, _other: client.unlink(LINE, line),
    "create": lambda client, change, line, other: client.create(
        LINE, {"change_id": change, "product_id": other, "quantity": 50.0}
    ),
    "until": lambda client, change, line, _other: client.write(CHANGE, change, {"valid_until": "2099-12-31"}),
    "reason": lambda client, change, line, _other: client.write(CHANGE, change, {"reason": "Harmless"}),
    "web_save": lambda client, change, line, _other: client.call(
        CHANGE, "web_save", change, vals={"line_ids": [[1, line, {"quantity": 500.0}]]}, specification={}
    ),
    "from_the_order": lambda client, change, line, _other: client.write(
        "sale.order",
        client.read(CHANGE, change, ["order_id"])["order_id"],
        {"o2c_change_ids": [(1, change, {"valid_until": "2099-12-31"})]},
    ),
}


@pytest.mark.parametrize("login", ["sam", "both", "root"])
def test_what_was_submitted_is_not_edited(world, login):
    """And the approval then gives what was asked for, nothing else."""
    partner, order = confirmed(world)
    change, request = submitted(world, order)
    before = change_facts(world, change), world.order_facts(order)
    for name, edit in EDITS.items():
        with world.refused():
            edit(world.user(login), change, line_of(world, change), world.crane)
        assert (change_facts(world, change), world.order_facts(order)) == before, name
    approve(world, request)
    assert (state(world, change), world.confirmed_total(partner)) == ("applied", 1200)


@pytest.mark.parametrize("login", ["sam", "boss", "both", "root"])
def test_what_waits_is_not_taken_up_again_behind_the_request(world, login):
    """A draft whose request still waits could be edited while somebody approves it."""
    _partner, order = confirmed(world)
    change, request = submitted(world, order)
    before = change_facts(world, change)
    for method in ("action_back_to_draft", "action_cancel", "action_check", "action_submit"):
        with world.refused():
            world.user(login).call(CHANGE, method, change)
    assert change_facts(world, change) == before
    assert world.state("o2c_request", request) == "pending"


def test_what_was_applied_or_refused_is_not_applied_again(world):
    """Not by the buttons, and not by approving the old request once more."""
    for answer, comment in (("action_approve", "fine"), ("action_reject", "no")):
        partner, order = confirmed(world)
        change, request = submitted(world, order)
        world.user("max").call("o2c.request", answer, request, comment=comment)
        total = world.confirmed_total(partner)
        assert total == (1200 if answer == "action_approve" else 900)
        for method in ("action_submit", "action_check"):
            with world.refused():
                world.user("sam").call(CHANGE, method, change)
        for login in ("max", "mia", "fred"):
            with world.refused():
                world.user(login).call("o2c.request", "action_approve", request)
        assert world.confirmed_total(partner) == total


def test_two_changes_of_one_order_do_not_wait_together(world):
    """The second would be approved on the figures of the first."""
    partner, order = confirmed(world)
    submitted(world, order)
    client = world.user("boss")
    second = client.create(
        CHANGE,
        {
            "order_id": order,
            "reason": "More",
            "line_ids": [(0, 0, {"product_id": world.pump, "quantity": 5.0, "price_unit": 100.0})],
        },
    )
    with world.refused():
        client.call(CHANGE, "action_submit", second)
    assert state(world, second) == "draft"
    assert world.confirmed_total(partner) == 900


# ---------------------------------------------------------------- who decides


def test_requester_seller_and_outsiders_do_not_approve(world):
    _partner, order = confirmed(world)
    change, request = submitted(world, order)
    for login in ("sam", "sue", "boss", "olga", "adam", "wanda", "petra", "audrey", "emil", "root"):
        with world.refused():
            approve(world, request, login)
    assert (state(world, change), quantity(world, order)) == ("requested", 9)


@pytest.mark.parametrize("login", ["mia", "both"])
def test_nobody_approves_what_he_asked_for(world, login):
    """By a role that sells beside the one that decides."""
    _partner, order = confirmed(world)
    change, request = submitted(world, order, login)
    with world.refused():
        approve(world, request, login)
    assert (state(world, change), quantity(world, order)) == ("requested", 9)


@pytest.mark.parametrize("login", ["mia", "both"])
def test_nobody_approves_what_he_wrote_for_another(world, login):
    """One writes the lines or the reason, a colleague submits them."""
    _partner, order = confirmed(world)
    change = drafted(world, order)
    client = world.user(login)
    client.write(LINE, line_of(world, change), {"quantity": 13.0})
    world.user("sam").call(CHANGE, "action_submit", change)
    request = request_of(world, change)
    with world.refused():
        approve(world, request, login)
    assert (state(world, change), quantity(world, order)) == ("requested", 9)
    approve(world, request)
    assert (state(world, change), quantity(world, order)) == ("applied", 13)


@pytest.mark.parametrize("login", ["mia", "both"])
def test_nobody_approves_a_line_that_he_added_or_deleted(world, login):
    _partner, order = confirmed(world)
    change = drafted(world, order)
    client = world.user(login)
    extra = client.create(LINE, {"change_id": change, "product_id": world.pump, "quantity": 1.0})
    client.unlink(LINE, extra)
    world.user("sam").call(CHANGE, "action_submit", change)
    with world.refused():
        approve(world, request_of(world, change), login)
    assert state(world, change) == "requested"


def test_a_drafter_does_not_approve_what_a_colleague_submits(world):
    _partner, order = confirmed(world)
    change = drafted(world, order, "both")
    world.user("boss").call(CHANGE, "action_submit", change)
    with world.refused():
        approve(world, request_of(world, change), "both")
    assert (state(world, change), quantity(world, order)) == ("requested", 9)


def test_the_level_follows_the_total_excess(world):
    """A credit manager alone does not approve 2,000 over the limit."""
    partner, order = confirmed(world)
    change, request = submitted(world, order, quantity=30.0)
    approve(world, request)
    assert (state(world, change), world.confirmed_total(partner)) == ("requested", 900)
    with world.refused():
        approve(world, request, "mia")
    approve(world, request, "fred")
    assert (state(world, change), world.confirmed_total(partner)) == ("applied", 3000)


def test_small_changes_do_not_add_up_below_the_level(world):
    """Each of them is decided on the whole excess, not on its own step."""
    _partner, order = confirmed(world)
    _change, request = submitted(world, order, quantity=19.0)
    approve(world, request)
    assert quantity(world, order) == 19
    change, request = submitted(world, order, quantity=25.0)
    approve(world, request)
    assert (state(world, change), quantity(world, order)) == ("requested", 19)


def test_many_requests_at_once_are_decided_each_by_its_right(world):
    """One call that approves a foreign request and one's own gives only the foreign one."""
    _partner, mine = confirmed(world)
    _partner, others = confirmed(world)
    own, own_request = submitted(world, mine, "both")
    foreign, foreign_request = submitted(world, others)
    world.attempt(
        lambda: world.user("both").call("o2c.request", "action_approve", [own_request, foreign_request])
    )
    assert (state(world, own), state(world, foreign)) == ("requested", "applied")
    assert (quantity(world, mine), quantity(world, others)) == (9, 12)


def test_a_batch_with_one_bad_change_applies_none(world):
    """A call on several is one transaction: what may not pass takes the others with it."""
    _partner, first = confirmed(world)
    _partner, second = confirmed(world)
    good = drafted(world, first, quantity=10.0)
    bad = drafted(world, second)
    world.user("sam").write(CHANGE, bad, {"reason": False})
    with world.refused():
        world.user("sam").call(CHANGE, "action_submit", [good, bad])
    assert (state(world, good), state(world, bad)) == ("draft", "draft")
    assert (quantity(world, first), quantity(world, second)) == (9, 9)
