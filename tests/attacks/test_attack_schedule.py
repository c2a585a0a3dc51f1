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


# ------------------------------------------------------------------ WAYS ROUND

TERMS = ["order_id/.id", "kind", "percent", "trigger", "days"]


def saved(world, order, part, login):
    """As the form saves: one call for the order with its parts."""
    return world.user(login).call(
        "sale.order", "web_save", order, specification={"o2c_instalment_ids": {}},
        vals={"o2c_instalment_ids": [(1, part, {"days": 900}), (0, 0, NEW)]}, context=CONTEXTS["keys"])


def imported(world, order, part, login):
    """A spreadsheet with new parts, and one with the id of an old one."""
    client = world.user(login)
    row = [str(order), "retention", "10", "delivery", "900"]
    client.call(PART, "load", fields=TERMS, data=[row], context=CONTEXTS["keys"])
    client.call(PART, "load", fields=[".id", "days"], data=[[str(part), "900"]], context=CONTEXTS["keys"])
    client.call(
        "sale.order", "load", fields=[".id", "o2c_instalment_ids/kind", "o2c_instalment_ids/percent"],
        data=[[str(order), "retention", "100"]], context=CONTEXTS["keys"])


def looked_at(world, order, _part, login):
    """A form that is opened with other values writes nothing."""
    return world.user(login).call(
        "sale.order", "onchange", order, values={"o2c_schedule_template_id": False},
        field_names=["o2c_schedule_template_id"],
        fields_spec={"o2c_instalment_ids": {"fields": {"days": {}}}, "o2c_schedule_template_id": {}})


def by_template(world, order, _part, login):
    """A template, made or written on the way."""
    client = world.user(login)
    line = (0, 0, {**NEW, "percent": 100})
    template = world.attempt(lambda: client.create(
        "o2c.schedule.template", {"name": "Mine", "line_ids": [line]}))
    if isinstance(template, int):
        client.write("sale.order", order, {"o2c_schedule_template_id": template})
    return client.write("sale.order", order, {"o2c_schedule_template_id": False}, context=CONTEXTS["keys"])


def taken_over(world, order, part, login):
    """Another order takes the part: a copy, a quotation that wants it, a move of it."""
    client = world.user(login)
    copied = world.attempt(lambda: client.call("sale.order", "copy", order))
    for target in (copied if isinstance(copied, list) else [copied]):
        if isinstance(target, int):
            world.attempt(lambda target=target: client.write(
                "sale.order", target, {"o2c_instalment_ids": [(4, part), (6, 0, [part])]}))
            world.attempt(lambda target=target: client.write(PART, part, {"order_id": target}))


def forged_dialogue(world, order, _part, login):
    """The dialogue of somebody who may, pressed by somebody who may not."""
    wizard = world.user("fiona").create(CHANGE, {
        "order_id": order, "reason": "Agreed", "line_ids": [(0, 0, {**NEW, "percent": 100})]})
    return world.user(login).call(CHANGE, "action_change", wizard)


def state_and_parts(world, order, part, login):
    """Parts come in one write with a state that would make it a quotation again."""
    return world.user(login).write("sale.order", order, {
        "state": "draft", "locked": False, "o2c_instalment_ids": [(1, part, {"days": 900})]})


ROUND = {
    "web_save": saved,
    "import": imported,
    "onchange": looked_at,
    "template": by_template,
    "another order": taken_over,
    "dialogue of somebody else": forged_dialogue,
    "state and parts": state_and_parts,
}


@pytest.mark.parametrize("login", ["sam", "ada", "root"])
@pytest.mark.parametrize("name", ROUND)
def test_no_way_round_changes_the_schedule(world, name, login):
    _partner, order = scheduled(world)
    before = terms(world, order)
    world.attempt(lambda: ROUND[name](world, order, before[0]["id"], login))
    assert terms(world, order) == before
    assert world.order_state(order) == "sale"


# ---------------------------------------------------------------- credit that a schedule gives

LONG = {"kind": "on_delivery", "percent": 100, "trigger": "delivery", "days": 900}
GRANTED = {**LONG, "days": 60}


def period_values(**values):
    """Parts of 900 days; the customers of the world have 60."""
    return {"o2c_instalment_ids": [(0, 0, LONG)], **values}


@pytest.mark.parametrize("way", ["button", "state", "dated", "short_term", "computed", "context", "sent"])
def test_schedule_longer_than_granted_confirms_no_order(world, way):
    order, client = world.order(world.customer(), 5, **period_values()), world.user("sam")
    far = "2099-01-01 00:00:00"
    write = lambda values, context=None: client.write("sale.order", order, values, context=context)  # noqa: E731
    acts = {
        "button": lambda: world.confirm(order),
        "state": lambda: write({"state": "sale"}),
        "dated": lambda: write({"state": "sale", "date_order": far, "commitment_date": far}),
        "short_term": lambda: (write({"payment_term_id": False}), write({"state": "sale"})),
        "computed": lambda: (write({"o2c_agreed_parts": False}), write({"state": "sale"})),
        "context": lambda: write({"state": "sale"}, {"default_o2c_agreed_parts": [], **CONTEXTS["keys"]}),
        "sent": lambda: (write({"state": "sent"}), write({"state": "sale"})),
    }
    world.attempt(acts[way])
    assert world.order_state(order) in ("draft", "sent")
    [part] = terms(world, order)
    assert part["days"] == 900


def test_order_is_not_born_with_a_long_schedule(world):
    values = world.order_values(world.customer(), 5, values=period_values(state="sale"))
    with world.refused():
        world.user("sam").create("sale.order", values)


def test_fixed_date_is_counted_from_today_whatever_the_order_says(world):
    dated = {"kind": "fixed_date", "percent": 100, "trigger": "date", "fixed_date": "2098-12-31"}
    order = world.order(world.customer(), 5, o2c_instalment_ids=[(0, 0, dated)])
    with world.refused():
        world.user("sam").write("sale.order", order, {"state": "sale", "date_order": "2099-01-01 00:00:00"})
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize("login", ["fiona", "mia", "fred"])
def test_nobody_agrees_on_longer_terms_than_were_granted(world, login):
    order = world.confirmed(world.customer(), 5, o2c_instalment_ids=[(0, 0, GRANTED)])
    before, client = terms(world, order), world.user(login)
    for parts in ([(0, 0, LONG)], [(0, 0, {**GRANTED, "percent": 50}), (0, 0, {**NEW, "percent": 50})]):
        wizard = client.create(CHANGE, {"order_id": order, "reason": "Agreed by mail", "line_ids": parts})
        with world.refused():
            client.call(CHANGE, "action_change", wizard)
    assert terms(world, order) == before


@pytest.mark.parametrize("login", ["sam", "sue", "boss"])
def test_day_from_which_a_schedule_counts_moves_back_only(world, login):
    part = {**GRANTED, "trigger": "confirmation"}
    order = world.confirmed(world.customer(), 5, o2c_instalment_ids=[(0, 0, part)])
    before = world.rows("SELECT date_order FROM sale_order WHERE id = %s", order)
    with world.refused():
        world.user(login).write("sale.order", order, {"date_order": "2099-01-01 00:00:00"})
    assert world.rows("SELECT date_order FROM sale_order WHERE id = %s", order) == before
