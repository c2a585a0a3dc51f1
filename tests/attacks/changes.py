"""Changes of confirmed orders, as attackers make them and the judge sees them."""

CHANGE, LINE = "o2c.order.change", "o2c.order.change.line"


def change_facts(world, change):
    """Everything about a change that decides."""
    return (
        world.rows(
            "SELECT state, order_id, company_id, partner_id, user_id, requested_by_id, outcome,"
            " amount_before, amount_after, excess, found, valid_until, reason, applied_on,"
            " (SELECT array_agg(user_id ORDER BY user_id) FROM o2c_order_change_contributor_rel"
            "   WHERE change_id = c.id) AS contributors"
            " FROM o2c_order_change c WHERE id = %s",
            change,
        ),
        world.rows("SELECT * FROM o2c_order_change_line WHERE change_id = %s ORDER BY id", change),
    )


def confirmed(world, units=9, **values):
    """A confirmed order of a fresh customer; (customer, order)."""
    partner = world.customer()
    return partner, world.confirmed(partner, units, **values)


def foreign_order(world):
    """A confirmed order of a colleague's customer."""
    order = world.order(world.rich, 1, by="sue")
    world.confirm(order, by="sue")
    assert world.order_state(order) == "sale"
    return order


def drafted(world, order, login="sam", **values):
    """A draft that raises the order to 1,200 unless said otherwise."""
    client = world.user(login)
    change = client.call("sale.order", "action_request_o2c_change", order)["res_id"]
    client.write(CHANGE, change, {"reason": "The customer opens a second shop"})
    client.write(LINE, line_of(world, change), values or {"quantity": 12.0})
    return change


def line_of(world, change):
    return world.value("SELECT min(id) FROM o2c_order_change_line WHERE change_id = %s", change)


def request_of(world, change):
    return world.value("SELECT max(id) FROM o2c_request WHERE res_model = %s AND res_id = %s", CHANGE, change)


def submitted(world, order, login="sam", **values):
    """A change that waits, and its request."""
    change = drafted(world, order, login, **values)
    world.user(login).call(CHANGE, "action_submit", change)
    assert world.state("o2c_order_change", change) == "requested"
    return change, request_of(world, change)


def state(world, change):
    return world.state("o2c_order_change", change)


def approve(world, request, login="max"):
    return world.user(login).call("o2c.request", "action_approve", request)


def quantity(world, order):
    return float(world.value("SELECT product_uom_qty FROM sale_order_line WHERE id = %s", world.line(order)))
