"""Getting goods out of the house that the customer's limit does not cover.

Every delivery here belongs to an order of 900 that was confirmed in time; then
an old debt of 500 came to light, so that it may not leave any more (limit 1,000).
"""

import pytest


def delivery_facts(world, partner, picking):
    """What a delivery attack could want to change."""
    return {
        "picking": world.state("stock_picking", picking),
        "moves": world.rows(
            "SELECT id, state, location_dest_id, product_id, sale_line_id FROM stock_move"
            " WHERE picking_id = %s ORDER BY id",
            picking,
        ),
        "delivered": world.delivered(partner),
        "stock": world.in_stock(world.pump),
    }


def ready(world, picking, units=9, by="wanda"):
    """Fill in the done quantity, as somebody at the ramp does."""
    for move in world.moves(picking):
        world.user(by).write("stock.move", move, {"quantity": units, "picked": True})


def move_line(world, picking):
    """Id of the first move line of a delivery."""
    return world.value("SELECT min(id) FROM stock_move_line WHERE picking_id = %s", picking)


def outgoing(world, partner, **values):
    """Values of a delivery that nobody ordered."""
    return {
        "picking_type_id": world.type_out,
        "location_id": world.location_stock,
        "location_dest_id": world.location_customers,
        "partner_id": partner,
        **values,
    }


def unordered(world, partner, units=5, *, by="wanda", **values):
    """A delivery without an order, ready to go."""
    picking = world.user(by).create("stock.picking", outgoing(world, partner, **values))
    document = world.rows("SELECT location_id, location_dest_id FROM stock_picking WHERE id = %s", picking)[0]
    move = world.user(by).create(
        "stock.move",
        {
            "picking_id": picking,
            "product_id": world.pump,
            "product_uom_qty": units,
            "product_uom": world.unit,
            "location_id": document["location_id"],
            "location_dest_id": document["location_dest_id"],
        },
    )
    world.user(by).call("stock.picking", "action_confirm", picking)
    world.user(by).call("stock.picking", "action_assign", picking)
    world.user(by).write("stock.move", move, {"quantity": units, "picked": True})
    return picking


# ---------------------------------------------------------------- validating


def test_validating_within_the_limit_works(world):
    """The control of the experiment: this user can ship."""
    partner = world.customer()
    picking = world.picking(world.confirmed(partner, 9))
    ready(world, picking)
    world.user("wanda").call("stock.picking", "button_validate", picking)
    assert world.state("stock_picking", picking) == "done"
    assert world.delivered(partner) == 9


@pytest.mark.parametrize("login", ["wanda", "wim", "root"])
def test_button_holds(world, login):
    partner, _order, picking = world.squeezed()
    ready(world, picking)
    before = delivery_facts(world, partner, picking)
    world.user(login).call("stock.picking", "button_validate", picking)
    assert delivery_facts(world, partner, picking) == before
    assert "credit_limit" in [hold["code"] for hold in world.holds(picking=picking)]


CONTEXTS = [
    {"skip_sanity_check": True},
    {"skip_backorder": True, "picking_ids_not_to_backorder": [0], "cancel_backorder": True},
    {"skip_immediate": True, "skip_overprocessed_check": True, "skip_sms": True},
    {"o2c_skip": True, "o2c_released": True, "o2c_guard_pass": True},
    {"button_validate_picking_ids": [0], "active_test": False, "no_check": True},
    {"inventory_mode": True, "is_scrap": True, "moves_todo": True},
]


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: next(iter(context)))
def test_context_keys_do_not_deliver(world, context):
    partner, _order, picking = world.squeezed()
    ready(world, picking)
    context = {key: [picking] if value == [0] else value for key, value in context.items()}
    before = delivery_facts(world, partner, picking)
    world.attempt(
        lambda: world.user("wanda").call("stock.picking", "button_validate", picking, context=context)
    )
    assert delivery_facts(world, partner, picking) == before


WAYS = {
    "xmlrpc": lambda world, picking: world.xmlrpc("wanda").call(
        "stock.picking", "button_validate", [picking]
    ),
    "picking_state": lambda world, picking: world.user("wanda").write(
        "stock.picking", picking, {"state": "done"}
    ),
    "picking_done_date": lambda world, picking: world.user("wanda").write(
        "stock.picking", picking, {"state": "done", "date_done": "2026-01-01 00:00:00"}
    ),
    "move_state": lambda world, picking: world.user("wanda").write(
        "stock.move", world.moves(picking), {"state": "done"}
    ),
    "move_line_state": lambda world, picking: world.user("wanda").write(
        "stock.move.line", move_line(world, picking), {"state": "done"}
    ),
    "moves_of_the_picking": lambda world, picking: world.user("wanda").write(
        "stock.picking", picking, {"move_ids": [(1, world.moves(picking)[0], {"state": "done"})]}
    ),
    "_action_done": lambda world, picking: world.user("wanda").call("stock.picking", "_action_done", picking),
    "move._action_done": lambda world, picking: world.user("wanda").call(
        "stock.move", "_action_done", world.moves(picking)
    ),
    "backorder_wizard": lambda world, picking: world.user("wanda").call(
        "stock.backorder.confirmation",
        "process_cancel_backorder",
        world.user("wanda").create("stock.backorder.confirmation", {"pick_ids": [(6, 0, [picking])]}),
        context={"button_validate_picking_ids": [picking]},
    ),
    "backorder_wizard_lines": lambda world, picking: world.user("wanda").call(
        "stock.backorder.confirmation",
        "process",
        world.user("wanda").create(
            "stock.backorder.confirmation",
            {
                "pick_ids": [(6, 0, [picking])],
                "backorder_confirmation_line_ids": [(0, 0, {"picking_id": picking, "to_backorder": True})],
            },
        ),
        context={"button_validate_picking_ids": [picking], "skip_backorder": True},
    ),
    "new_done_line": lambda world, picking: world.user("wanda").create(
        "stock.move.line",
        {
            "picking_id": picking,
            "product_id": world.pump,
            "quantity": 9,
            "product_uom_id": world.unit,
            "location_id": world.location_stock,
            "location_dest_id": world.location_customers,
            "state": "done",
        },
    ),
    "new_done_move": lambda world, picking: world.user("wanda").create(
        "stock.move",
        {
            "picking_id": picking,
            "product_id": world.pump,
            "product_uom_qty": 9,
            "quantity": 9,
            "product_uom": world.unit,
            "location_id": world.location_stock,
            "location_dest_id": world.location_customers,
            "state": "done",
            "picked": True,
        },
    ),
    "owner_of_the_order": lambda world, picking: world.user("sam").call(
        "stock.picking", "button_validate", picking
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_other_ways_to_deliver_come_to_nothing(world, name):
    partner, _order, picking = world.squeezed()
    ready(world, picking)
    before = delivery_facts(world, partner, picking)
    world.attempt(lambda: WAYS[name](world, picking))
    after = delivery_facts(world, partner, picking)
    assert (after["delivered"], after["stock"]) == (before["delivered"], before["stock"])
    assert after["picking"] != "done"
    assert "done" not in [move["state"] for move in after["moves"]]


def test_in_a_batch_only_the_good_ones_leave(world):
    customer = world.customer()
    good = world.picking(world.confirmed(customer, 9))
    ready(world, good)
    partner, _order, bad = world.squeezed()
    ready(world, bad)
    world.user("wanda").call("stock.picking", "button_validate", [good, bad])
    assert world.state("stock_picking", good) == "done"
    assert world.state("stock_picking", bad) != "done"
    assert world.delivered(partner) == 0


# ---------------------------------------------------------------- what is done already


def delivered_one_of_nine(world):
    """One unit went out in time; the rest may not follow."""
    partner = world.customer()
    order = world.confirmed(partner, 9)
    picking = world.picking(order)
    ready(world, picking, 1)
    world.user("wanda").call("stock.picking", "button_validate", picking, context={"skip_backorder": True})
    assert world.delivered(partner) == 1
    world.debt(partner, 500.0)
    return partner, picking


def extra_move_line(world, picking, **values):
    """A further move line on a delivery that is done."""
    return world.user("wanda").create(
        "stock.move.line",
        {
            "picking_id": picking,
            "product_id": world.pump,
            "quantity": 500,
            "product_uom_id": world.unit,
            "location_id": world.location_stock,
            "location_dest_id": world.location_customers,
            **values,
        },
    )


DONE_EDITS = {
    "line_quantity": lambda world, picking: world.user("wanda").write(
        "stock.move.line", move_line(world, picking), {"quantity": 500}
    ),
    "move_quantity": lambda world, picking: world.user("wim").write(
        "stock.move", world.moves(picking)[0], {"quantity": 500}
    ),
    "line_unit": lambda world, picking: world.user("wanda").write(
        "stock.move.line", move_line(world, picking), {"product_uom_id": world.dozen, "quantity": 500}
    ),
    "new_line": extra_move_line,
    "new_line_of_the_move": lambda world, picking: extra_move_line(
        world, picking, move_id=world.moves(picking)[0]
    ),
    "new_line_by_command": lambda world, picking: world.user("wanda").write(
        "stock.picking",
        picking,
        {
            "move_line_ids": [
                (
                    0,
                    0,
                    {
                        "product_id": world.pump,
                        "quantity": 500,
                        "product_uom_id": world.unit,
                        "location_id": world.location_stock,
                        "location_dest_id": world.location_customers,
                    },
                )
            ]
        },
    ),
    "unlocked_first": lambda world, picking: (
        world.user("wim").call("stock.picking", "action_toggle_is_locked", picking),
        world.user("wim").write("stock.move.line", move_line(world, picking), {"quantity": 500}),
    ),
    "context": lambda world, picking: world.user("wanda").write(
        "stock.move.line",
        move_line(world, picking),
        {"quantity": 500},
        context={"skip_sanity_check": True, "o2c_skip": True, "bypass_reservation_update": True},
    ),
    "xmlrpc": lambda world, picking: world.xmlrpc("wanda").call(
        "stock.move.line", "write", [move_line(world, picking)], {"quantity": 500}
    ),
}


@pytest.mark.parametrize("name", DONE_EDITS)
def test_a_done_delivery_does_not_grow(world, name):
    partner, picking = delivered_one_of_nine(world)
    stock = world.in_stock(world.pump)
    world.attempt(lambda: DONE_EDITS[name](world, picking))
    assert world.delivered(partner) == 1
    assert world.in_stock(world.pump) == stock


def test_an_internal_transfer_is_not_turned_into_a_delivery(world):
    """Done lines may be given another destination: the customer's."""
    partner = world.customer()
    world.debt(partner, 1500.0)
    shelf = world.user("wim").create("stock.location", {"name": "Shelf", "location_id": world.location_stock})
    picking = unordered(world, partner, 5, picking_type_id=world.type_int, location_dest_id=shelf)
    world.user("wanda").call("stock.picking", "button_validate", picking)
    assert world.state("stock_picking", picking) == "done"
    stock = world.in_stock(world.pump)
    for values in (
        {"location_dest_id": world.location_customers},
        {"location_dest_id": world.location_customers, "quantity": 5},
    ):
        world.attempt(
            lambda values=values: world.user("wanda").write(
                "stock.move.line", move_line(world, picking), values
            )
        )
        world.attempt(
            lambda: world.user("wim").write(
                "stock.move", world.moves(picking), {"location_dest_id": world.location_customers}
            )
        )
    assert world.in_stock(world.pump) == stock
    assert world.delivered(partner) == 0


# ---------------------------------------------------------------- without an order, or under another name

WITHOUT_ORDER = {
    "outgoing": {},
    "internal_type": {"picking_type_id": "type_int"},
    "incoming_type": {"picking_type_id": "type_in"},
    "nobody_named": {"partner_id": False},
    "from_the_supplier": {"location_id": "location_suppliers"},
}


@pytest.mark.parametrize("name", WITHOUT_ORDER)
def test_goods_do_not_leave_without_an_order(world, name):
    partner = world.customer()
    world.debt(partner, 1500.0)
    values = {key: getattr(world, str(value), value) for key, value in WITHOUT_ORDER[name].items()}
    picking = unordered(world, partner, **values)
    stock = world.in_stock(world.pump)
    world.attempt(lambda: world.user("wanda").call("stock.picking", "button_validate", picking))
    assert world.state("stock_picking", picking) != "done"
    assert world.in_stock(world.pump) == stock
    assert world.holds(picking=picking), "somebody has to know"


def test_scrapping_to_a_customer_is_held(world):
    stock = world.in_stock(world.pump)

    def scrap():
        scrap = world.user("wim").create(
            "stock.scrap",
            {
                "product_id": world.pump,
                "scrap_qty": 50,
                "product_uom_id": world.unit,
                "location_id": world.location_stock,
                "scrap_location_id": world.location_customers,
            },
        )
        return world.user("wim").call("stock.scrap", "action_validate", scrap)

    world.attempt(scrap)
    assert world.in_stock(world.pump) == stock


def test_a_loose_move_to_a_customer_is_held(world):
    """A move needs no picking."""
    partner = world.customer()
    world.debt(partner, 1500.0)
    stock = world.in_stock(world.pump)

    def ship():
        return world.user("wanda").create(
            "stock.move.line",
            {
                "product_id": world.pump,
                "quantity": 50,
                "product_uom_id": world.unit,
                "location_id": world.location_stock,
                "location_dest_id": world.location_customers,
                "state": "done",
                "picked": True,
            },
        )

    world.attempt(ship)
    assert world.in_stock(world.pump) == stock


SWAPS = {
    "another_partner": lambda world, picking: world.user("wanda").write(
        "stock.picking", picking, {"partner_id": world.rich}
    ),
    "another_order_line": lambda world, picking: world.user("wanda").write(
        "stock.move", world.moves(picking), {"sale_line_id": rich_line(world)}
    ),
    "no_order_line": lambda world, picking: world.user("wanda").write(
        "stock.move", world.moves(picking), {"sale_line_id": False}
    ),
    "order_line_and_partner": lambda world, picking: (
        world.user("wanda").write("stock.picking", picking, {"partner_id": world.rich}),
        world.user("wanda").write("stock.move", world.moves(picking), {"sale_line_id": rich_line(world)}),
    ),
    "product_swapped": lambda world, picking: world.user("wanda").write(
        "stock.move", world.moves(picking), {"product_id": world.crane}
    ),
    "order_cancelled_first": lambda world, picking: world.user("sam").call(
        "sale.order",
        "action_cancel",
        world.value(
            "SELECT max(l.order_id) FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id"
            " WHERE m.picking_id = %s",
            picking,
        ),
    ),
}


def rich_line(world):
    """An order line of the customer who may owe a million."""
    return world.line(world.confirmed(world.rich, 1))


@pytest.mark.parametrize("name", SWAPS)
def test_a_delivery_under_another_name_is_held(world, name):
    """What the goods are called on the way does not change where they go to."""
    partner, order, picking = world.squeezed()
    ready(world, picking)
    moves = tuple(world.moves(picking))
    world.attempt(lambda: SWAPS[name](world, picking))
    world.attempt(lambda: world.user("wanda").call("stock.picking", "button_validate", picking))
    done = world.rows("SELECT id, sale_line_id FROM stock_move WHERE id IN %s AND state = 'done'", moves)
    if done:  # only as a delivery of the customer who can pay, and on his account
        assert name == "order_line_and_partner"
        assert world.delivered(partner) == 0
        assert world.line(order) not in [move["sale_line_id"] for move in done]


def test_delivering_more_than_ordered_is_held(world):
    """Ordered 9, put 900 on the truck."""
    partner = world.customer()
    picking = world.picking(world.confirmed(partner, 9))
    ready(world, picking, 900)
    world.attempt(lambda: world.user("wanda").call("stock.picking", "button_validate", picking))
    assert world.delivered(partner) == 0
    assert world.state("stock_picking", picking) != "done"


def test_a_line_added_at_the_ramp_is_held(world):
    """Goods that nobody ordered ride along on a good delivery."""
    partner = world.customer()
    picking = world.picking(world.confirmed(partner, 9))
    ready(world, picking)
    world.user("wanda").create(
        "stock.move",
        {
            "picking_id": picking,
            "product_id": world.crane,
            "product_uom_qty": 500,
            "product_uom": world.unit,
            "location_id": world.location_stock,
            "location_dest_id": world.location_customers,
            "quantity": 500,
            "picked": True,
        },
    )
    stock = world.in_stock(world.crane)
    world.attempt(lambda: world.user("wanda").call("stock.picking", "button_validate", picking))
    assert world.in_stock(world.crane) == stock
