"""Changes that meet other orders than they were made for: of others, or changed meanwhile.

As in `test_attack_change`: an order of 900, a limit of 1,000, a request to raise it to 1,200.
"""

from datetime import date, timedelta

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

# ---------------------------------------------------------------- other people's orders


@pytest.mark.parametrize("login", ["sam", "wanda", "emil", "petra", "audrey", "fred", "max"])
def test_orders_of_others_are_not_changed(world, login):
    """Salespeople of other customers, and roles that only read orders."""
    order = foreign_order(world)
    change = drafted(world, order, "sue", quantity=2.0)
    before = change_facts(world, change), world.order_facts(order)
    client = world.user(login)
    with world.refused():
        client.call("sale.order", "action_request_o2c_change", order)
    with world.refused():
        client.create(CHANGE, {"order_id": order, "reason": "Mine"})
    for method in ("action_check", "action_submit", "action_cancel", "action_back_to_draft"):
        with world.refused():
            client.call(CHANGE, method, change)
    with world.refused():
        client.write(LINE, line_of(world, change), {"quantity": 500.0})
    assert (change_facts(world, change), world.order_facts(order)) == before


def test_a_line_of_another_order_is_not_smuggled_in(world):
    """An own change that names a line of somebody else's order."""
    _partner, order = confirmed(world)
    victim = foreign_order(world)
    change = drafted(world, order)
    before = change_facts(world, change), world.order_facts(victim)
    new = {"order_line_id": world.line(victim), "product_id": world.pump, "quantity": 50.0}
    client = world.user("sam")
    with world.refused():
        client.create(LINE, {"change_id": change, **new})
    with world.refused():
        client.write(CHANGE, change, {"line_ids": [(0, 0, new)]})
    with world.refused():
        client.create(CHANGE, {"order_id": order, "line_ids": [(0, 0, new)]})
    with world.refused():
        client.write(LINE, line_of(world, change), {"order_line_id": world.line(victim)})
    assert (change_facts(world, change), world.order_facts(victim)) == before


def test_lines_do_not_move_between_changes(world):
    """A harmless change that waits does not take over the lines of another."""
    _partner, first = confirmed(world)
    _partner, second = confirmed(world)
    waiting, _request = submitted(world, first)
    loose = drafted(world, second, quantity=500.0)
    before = change_facts(world, waiting), change_facts(world, loose)
    client = world.user("sam")
    for values in ([(4, line_of(world, loose))], [(6, 0, [line_of(world, loose)])]):
        with world.refused():
            client.write(CHANGE, waiting, {"line_ids": values})
    with world.refused():
        client.write(LINE, line_of(world, loose), {"change_id": waiting})
    with world.refused():
        client.write(CHANGE, loose, {"line_ids": [(1, line_of(world, waiting), {"quantity": 99.0})]})
    with world.refused():
        client.write(CHANGE, loose, {"order_id": first})
    assert (change_facts(world, waiting), change_facts(world, loose)) == before


def test_a_quotation_is_not_confirmed_by_a_change(world):
    """A held order stays held: only confirmed orders are changed this way."""
    _partner, order, _hold = world.held(12)
    before = world.order_facts(order)
    client = world.user("sam")
    with world.refused():
        client.call("sale.order", "action_request_o2c_change", order)
    with world.refused():
        client.create(CHANGE, {"order_id": order, "reason": "More"})
    assert world.order_facts(order) == before


# ---------------------------------------------------------------- the order meanwhile


def test_lines_of_the_order_are_not_raised_beside_the_change(world):
    """While the change waits the order's own lines are as guarded as before."""
    _partner, order = confirmed(world)
    change, request = submitted(world, order)
    before = world.order_facts(order)
    client, line = world.user("sam"), world.line(order)
    for values in ({"product_uom_qty": 12.0}, {"price_unit": 133.4}, {"product_uom_id": world.dozen}):
        with world.refused():
            client.write("sale.order.line", line, values)
        with world.refused():
            client.write("sale.order", order, {"order_line": [(1, line, values)]})
    with world.refused():
        client.write(
            "sale.order",
            order,
            {"order_line": [(0, 0, {"product_id": world.pump, "product_uom_qty": 3.0, "price_unit": 100.0})]},
        )
    assert world.order_facts(order) == before
    assert (state(world, change), world.state("o2c_request", request)) == ("requested", "pending")


MEANWHILE = {
    "line": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"product_uom_qty": 8.0}
    ),
    "debtor": lambda world, order: world.user("boss").write(
        "sale.order", order, {"partner_invoice_id": world.rich}
    ),
    "customer": lambda world, order: world.user("boss").write(
        "sale.order", order, {"partner_id": world.rich, "partner_invoice_id": world.rich}
    ),
    "cancelled": lambda world, order: world.user("boss").call("sale.order", "_action_cancel", order),
    "currency": lambda world, order: world.user("boss").write("sale.order", order, {"currency_rate": 100.0}),
    "debt": lambda world, order: world.debt(
        world.value("SELECT partner_id FROM sale_order WHERE id = %s", order), 500.0
    ),
    "other_order": lambda world, order: world.confirmed(
        world.value("SELECT partner_id FROM sale_order WHERE id = %s", order), 1
    ),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
def test_an_approval_does_not_meet_another_order(world, meanwhile):
    """What was submitted is approved, or nothing: a changed order or customer lapses the request."""
    _partner, order = confirmed(world)
    change, request = submitted(world, order)
    before = world.order_facts(order)
    refusal = world.attempt(lambda: meanwhile(world, order))
    now = world.order_facts(order)
    world.attempt(lambda: approve(world, request))
    if isinstance(refusal, Exception):
        assert now == before, "refused, so nothing happened"
        assert (state(world, change), quantity(world, order)) == ("applied", 12)
        return
    assert (state(world, change), world.state("o2c_request", request)) == ("lapsed", "lapsed")
    assert world.order_facts(order) == now


def test_a_released_order_does_not_grow_beyond_its_release(world):
    """The release of the change ends at what was approved."""
    partner, order = confirmed(world)
    _change, request = submitted(world, order)
    approve(world, request)
    before = world.order_facts(order)
    client, line = world.user("sam"), world.line(order)
    for values in ({"product_uom_qty": 12.01}, {"price_unit": 100.01}, {"tax_ids": [(6, 0, [world.tax50])]}):
        with world.refused():
            client.write("sale.order.line", line, values)
    with world.refused():
        world.user("boss").write("sale.order", order, {"partner_invoice_id": world.poor})
    change = drafted(world, order, quantity=13.0)
    world.user("sam").call(CHANGE, "action_submit", change)
    assert state(world, change) == "requested", "more is asked for again"
    assert world.order_facts(order) == before
    assert world.confirmed_total(partner) == 1200


def test_a_change_names_a_day_within_the_policy(world):
    """Neither the past nor years ahead, and the day does not move after the approval."""
    _partner, order = confirmed(world)
    change = drafted(world, order)
    client = world.user("sam")
    for day in ("2020-01-01", "2099-12-31", False):
        client.write(CHANGE, change, {"valid_until": day})
        with world.refused():
            client.call(CHANGE, "action_submit", change)
        assert state(world, change) == "draft"
    client.write(CHANGE, change, {"valid_until": str(date.today() + timedelta(days=3))})
    client.call(CHANGE, "action_submit", change)
    approve(world, request_of(world, change))
    hold = world.value("SELECT id FROM o2c_hold WHERE change_id = %s", change)
    for login in ("sam", "max", "root"):
        with world.refused():
            world.user(login).write("o2c.hold", hold, {"released_until": "2099-12-31"})
        with world.refused():
            world.user(login).write(CHANGE, change, {"valid_until": "2099-12-31"})
    assert str(world.value("SELECT released_until FROM o2c_hold WHERE id = %s", hold)) == str(
        date.today() + timedelta(days=3)
    )
