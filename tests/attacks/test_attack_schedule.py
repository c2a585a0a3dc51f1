"""Agreed terms of payment by other ways than a registered change, and goods before the first payment (D7).

Every attack ends with the same schedule, and with nothing delivered.
"""

import pytest

PART, CHANGE, REQUEST = "o2c.instalment", "o2c.schedule.change", "o2c.payment.request"
NEW = {"kind": "retention", "percent": 10, "trigger": "delivery", "days": 900}
CONTEXTS = {
    "plain": None,
    "keys": {"o2c_guard_pass": True, "su": True, "install_mode": True, "import_file": True},
    "defaults": {"default_state": "draft", "default_percent": 100, "default_days": 900},
}


def scheduled(world):
    """A confirmed order with a deposit of 40 %: customer and order."""
    partner = world.customer()
    parts = [
        (0, 0, {"kind": "deposit", "percent": 40, "trigger": "confirmation", "days": 0}),
        (0, 0, {"kind": "on_delivery", "percent": 60, "trigger": "delivery", "days": 30}),
    ]
    return partner, world.confirmed(partner, 5, o2c_instalment_ids=parts)


def terms(world, order):
    """The schedule, as the table has it."""
    return world.rows(
        "SELECT id, kind, percent, trigger, days, fixed_date FROM o2c_instalment"
        " WHERE order_id = %s ORDER BY id",
        order,
    )


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("login", ["sam", "mia", "fiona", "fred", "ada", "wanda", "audrey", "root"])
def test_confirmed_schedule_is_written_by_nobody(world, login, context):
    _partner, order = scheduled(world)
    before, client = terms(world, order), world.user(login)
    assert len(before) == 2
    part = before[0]["id"]
    for values in ({"percent": 1}, {"days": 900}, {"kind": "retention"}, {"order_id": order}):
        with world.refused():
            client.write(PART, part, values, context=context)
    with world.refused():
        client.unlink(PART, part)
    with world.refused():
        client.call(PART, "copy", part)
    with world.refused():
        client.create(PART, {**NEW, "order_id": order}, context=context)
    for command in ((5,), (1, part, {"days": 900}), (0, 0, NEW), (2, part)):
        with world.refused():
            client.write("sale.order", order, {"o2c_instalment_ids": [command]}, context=context)
    assert terms(world, order) == before


@pytest.mark.parametrize("login", ["sam", "ada", "wanda", "audrey"])
def test_dialogue_of_the_change_is_closed_to_others(world, login):
    _partner, order = scheduled(world)
    before, client = terms(world, order), world.user(login)
    with world.refused():
        client.call("sale.order", "action_o2c_change_schedule", order)
    with world.refused():
        client.create(
            CHANGE, {"order_id": order, "reason": "x", "line_ids": [(0, 0, {**NEW, "percent": 100})]}
        )
    assert terms(world, order) == before


def test_dialogue_needs_a_reason_and_all_of_the_total(world):
    _partner, order = scheduled(world)
    before, client = terms(world, order), world.user("fiona")
    for reason, percent in (("", 100), ("  ", 100), ("Agreed by mail", 99)):
        wizard = client.create(
            CHANGE,
            {"order_id": order, "reason": reason, "line_ids": [(0, 0, {**NEW, "percent": percent})]},
        )
        with world.refused():
            client.call(CHANGE, "action_change", wizard)
    assert terms(world, order) == before


@pytest.mark.parametrize("login", ["sam", "fred", "wanda", "root"])
def test_private_methods_are_out_of_reach(world, login):
    _partner, order = scheduled(world)
    before, client = terms(world, order), world.user(login)
    for model, method in (
        ("sale.order", "_change_o2c_schedule"),
        ("sale.order", "_apply_o2c_template"),
        (PART, "_guarded_write"),
        (PART, "_guarded_unlink"),
    ):
        with world.refused():
            client.call(model, method, order)
    assert terms(world, order) == before


@pytest.mark.parametrize("login", ["sam", "ada", "wanda", "root"])
def test_payment_requests_are_not_forged(world, login):
    partner, order = scheduled(world)
    with world.refused():
        world.user(login).create(REQUEST, {"order_id": order, "partner_id": partner, "amount": 1.0})
    assert not world.rows("SELECT id FROM o2c_payment_request WHERE order_id = %s", order)


@pytest.mark.parametrize("way", ["button", "picking_state", "move_state", "picked", "keys"])
def test_goods_do_not_leave_before_the_deposit(world, way):
    partner, order = scheduled(world)
    picking, client = world.picking(order), world.user("wanda")
    moves = world.moves(picking)
    acts = {
        "button": lambda: client.call("stock.picking", "button_validate", picking),
        "picking_state": lambda: client.write("stock.picking", picking, {"state": "done"}),
        "move_state": lambda: client.write("stock.move", moves[0], {"state": "done"}),
        "picked": lambda: (
            client.write("stock.move", moves[0], {"quantity": 5, "picked": True}),
            client.call("stock.picking", "button_validate", picking),
        ),
        "keys": lambda: client.call(
            "stock.picking", "button_validate", picking,
            context={"skip_backorder": True, "skip_sanity_check": True, "o2c_guard_pass": True, "su": True},
        ),
    }
    world.attempt(acts[way])
    assert world.delivered(partner) == 0
    assert world.state("stock_picking", picking) != "done"
    if way in ("button", "picked", "keys"):
        assert "first_payment" in {hold["code"] for hold in world.holds(picking=picking)}
