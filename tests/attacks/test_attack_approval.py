"""Deciding without the right to decide, and using a decision for something else.

Authority: credit managers (mia, max) release up to 1,000, then the finance
director (fred) signs too. ``both`` holds both roles.
"""

import pytest


def assert_pending(world, order, request):
    """Nobody has decided anything."""
    assert world.state("o2c_request", request) == "pending"
    assert world.order_state(order) == "draft"
    assert [hold["state"] for hold in world.holds(order=order)] == ["requested"]


# ---------------------------------------------------------------- deciding


def test_the_proper_way_works(world):
    """The control of the experiment: asked, approved, confirmed."""
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    world.user("mia").call("o2c.request", "action_approve", request, comment="known customer")
    assert world.state("o2c_request", request) == "approved"
    world.confirm(order)
    assert world.order_state(order) == "sale"


@pytest.mark.parametrize(
    "login", ["sam", "emil", "wanda", "adam", "ada", "boss", "olga", "petra", "audrey", "root", "fred"]
)
@pytest.mark.parametrize("method", ["action_approve", "action_reject"])
def test_a_stranger_does_not_decide(world, login, method):
    """The requester, colleagues without the role, administrators, the auditor, the signer of a later step."""
    _partner, order, _hold = world.held(30)  # excess 2,000: mia or max, then fred
    request = world.ask(order)
    with world.refused():
        world.user(login).call("o2c.request", method, request, comment="fine")
    assert_pending(world, order, request)


CONTEXTS = [
    {"uid": 1, "su": True, "user_id": 1},
    {"o2c_guard_pass": True, "o2c_force": True, "force_approve": True},
    {"allowed_company_ids": [1, 2, 3], "install_mode": True},
    {"default_state": "approved", "default_decided_by": 1},
]


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: next(iter(context)))
def test_context_keys_do_not_decide(world, context):
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    with world.refused():
        world.user("sam").call("o2c.request", "action_approve", request, context=context)
    for values in ({"state": "approved"}, {"closed_by": world.users["mia"]}):
        with world.refused():
            world.user("mia").write("o2c.request", request, values, context=context)
    assert_pending(world, order, request)


@pytest.mark.parametrize("login", ["emil", "sam", "mia", "both", "root"])
def test_steps_are_not_written(world, login):
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    step = world.value("SELECT id FROM o2c_request_step WHERE request_id = %s", request)
    before = world.rows("SELECT * FROM o2c_request_step WHERE request_id = %s", request)
    client = world.user(login)
    for values in (
        {"state": "approved", "decided_by": world.users["mia"]},
        {
            "group_id": world.value(
                "SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'group_user'"
            )
        },
        {"amount_to": 1_000_000.0},
        {"request_id": request},
    ):
        with world.refused():
            client.write("o2c.request.step", step, values)
    with world.refused():
        client.write("o2c.request", request, {"step_ids": [(1, step, {"state": "approved"})]})
    with world.refused():
        client.write("o2c.request", request, {"step_ids": [(2, step)]})
    with world.refused():
        client.create("o2c.request.step", {"request_id": request, "group_id": 1, "state": "approved"})
    with world.refused():
        client.unlink("o2c.request.step", step)
    assert world.rows("SELECT * FROM o2c_request_step WHERE request_id = %s", request) == before
    assert_pending(world, order, request)


@pytest.mark.parametrize("login", ["emil", "sam", "mia", "root"])
def test_requests_are_not_created(world, login):
    _partner, order, hold = world.held(11)
    count = world.value("SELECT count(*) FROM o2c_request")
    with world.refused():
        world.user(login).create(
            "o2c.request",
            {
                "name": "forged",
                "kind": "hold_release",
                "res_model": "o2c.hold",
                "res_id": hold,
                "company_id": world.company,
                "requester_id": world.users["emil"],
                "state": "approved",
            },
        )
    assert world.value("SELECT count(*) FROM o2c_request") == count
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize(
    "values",
    [
        {"state": "released"},
        {"state": "cleared"},
        {"released_until": "2099-12-31", "released_excess": 1e9, "released_amount": 1e9, "state": "released"},
        {"excess": 0.0, "requested_excess": 1e9},
        {"severity": "pass"},
        {"partner_id": 1},
        {"res_id": 1},
    ],
    ids=lambda values: next(iter(values)),
)
@pytest.mark.parametrize("login", ["sam", "mia", "root"])
def test_holds_are_not_written(world, values, login):
    _partner, order, hold = world.held(11)
    before = world.rows("SELECT * FROM o2c_hold WHERE id = %s", hold)
    with world.refused():
        world.user(login).write("o2c.hold", hold, values)
    assert world.rows("SELECT * FROM o2c_hold WHERE id = %s", hold) == before
    world.confirm(order)
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize("login", ["sam", "mia", "root"])
def test_holds_are_not_made_or_unmade(world, login):
    _partner, order, hold = world.held(11)
    [row] = world.rows("SELECT res_model, res_id, control_id, company_id FROM o2c_hold WHERE id = %s", hold)
    client = world.user(login)
    with world.refused():
        client.create("o2c.hold", {**row, "checkpoint": "delivery", "severity": "hold", "state": "released"})
    with world.refused():
        client.unlink("o2c.hold", hold)
    with world.refused():
        client.write("sale.order", order, {"o2c_hold_ids": [(2, hold)]})
    assert world.holds(order=order)[0]["id"] == hold
    assert len(world.holds(order=order)) == 1


PRIVATE = [
    ("o2c.request", "_submit"),
    ("o2c.request", "_decide"),
    ("o2c.request", "_sign"),
    ("o2c.request", "_close"),
    ("o2c.request", "_lapse"),
    ("o2c.request", "_move_state"),
    ("o2c.request", "_guarded_write"),
    ("o2c.request.step", "_set_state"),
    ("o2c.request.step", "_guarded_write"),
    ("o2c.hold", "_guarded_write"),
    ("o2c.hold", "_guarded_create"),
    ("o2c.hold", "_move_state"),
    ("o2c.hold", "_request_release"),
    ("o2c.hold", "_on_request_approved"),
    ("o2c.hold", "_close"),
    ("o2c.hold", "_submit_for_approval"),
    ("o2c.credit.application", "_move_state"),
    ("o2c.credit.application", "_on_request_approved"),
]


@pytest.mark.parametrize(("model", "method"), PRIVATE)
def test_private_methods_are_out_of_reach(world, model, method):
    for login in ("mia", "root"):
        with world.refused():
            world.user(login).call(model, method)


# ---------------------------------------------------------------- one person, two hats


def test_one_person_signs_one_step(world):
    """``both`` is credit manager and finance director."""
    _partner, order, _hold = world.held(30)
    request = world.ask(order)
    world.user("both").call("o2c.request", "action_approve", request)
    steps = world.rows("SELECT state FROM o2c_request_step WHERE request_id = %s ORDER BY sequence", request)
    assert [step["state"] for step in steps] == ["approved", "current"]
    with world.refused():
        world.user("both").call("o2c.request", "action_approve", request)
    steps = world.rows("SELECT state FROM o2c_request_step WHERE request_id = %s ORDER BY sequence", request)
    assert [step["state"] for step in steps] == ["approved", "current"]
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize("login", ["mia", "both"])
def test_who_asks_does_not_decide(world, login):
    """The credit manager sells, asks and would release."""
    _partner, order, _hold = world.held(11)
    request = world.ask(order, by=login)
    with world.refused():
        world.user(login).call("o2c.request", "action_approve", request)
    assert_pending(world, order, request)


def test_the_author_of_the_order_does_not_decide(world):
    partner = world.customer()
    order = world.order(partner, 11, by="mia", user_id=world.users["sam"])
    world.confirm(order)
    request = world.ask(order)
    with world.refused():
        world.user("mia").call("o2c.request", "action_approve", request)
    assert_pending(world, order, request)


def test_the_salesperson_of_the_customer_does_not_decide(world):
    partner = world.customer()
    world.user("boss").write("res.partner", partner, {"user_id": world.users["mia"]})
    order = world.order(partner, 11, user_id=world.users["sam"])
    world.confirm(order)
    request = world.ask(order)
    with world.refused():
        world.user("mia").call("o2c.request", "action_approve", request)
    # Handing the customer over for the moment of the signature does not help.
    world.user("boss").write("res.partner", partner, {"user_id": world.users["sam"]})
    with world.refused():
        world.user("mia").call("o2c.request", "action_approve", request)
    assert_pending(world, order, request)


def test_the_salesperson_of_the_order_does_not_decide(world):
    partner = world.customer()
    order = world.order(partner, 11, by="sue", user_id=world.users["mia"])
    world.confirm(order, by="sue")
    request = world.ask(order, by="sue")
    with world.refused():
        world.user("mia").call("o2c.request", "action_approve", request)
    world.attempt(lambda: world.user("boss").write("sale.order", order, {"user_id": world.users["sam"]}))
    with world.refused():
        world.user("mia").call("o2c.request", "action_approve", request)
    assert world.state("o2c_request", request) != "approved"
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize("login", ["sam", "emil", "wanda"])
def test_nobody_appoints_himself_delegate(world, login):
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    for principal in ("mia", login):
        world.attempt(
            lambda principal=principal: world.user(login).create(
                "o2c.delegate",
                {
                    "user_id": world.users[principal],
                    "delegate_id": world.users[login],
                    "date_to": "2099-12-31",
                },
            )
        )
    assert not world.value("SELECT count(*) FROM o2c_delegate WHERE delegate_id = %s", world.users[login])
    with world.refused():
        world.user(login).call("o2c.request", "action_approve", request)
    assert_pending(world, order, request)


def test_a_delegate_does_not_sign_twice(world):
    """Fred is away and lets Max stand in; what Max signed as manager, he does not sign for Fred."""
    delegation = world.user("fred").create(
        "o2c.delegate",
        {"user_id": world.users["fred"], "delegate_id": world.users["max"], "date_to": "2099-12-31"},
    )
    try:
        _partner, order, _hold = world.held(30)
        request = world.ask(order)
        world.user("max").call("o2c.request", "action_approve", request)
        with world.refused():
            world.user("max").call("o2c.request", "action_approve", request)
        assert_pending(world, order, request)
    finally:
        world.user("fred").call("o2c.delegate", "action_end", delegation)


@pytest.mark.parametrize("login", ["sam", "mia", "emil", "boss", "petra"])
def test_nobody_gives_himself_a_role(world, login):
    group = world.value(
        "SELECT res_id FROM ir_model_data WHERE module = 'o2c_base' AND name = 'group_finance_director'"
    )
    user = world.users[login]
    with world.refused():
        world.user(login).write("res.users", user, {"group_ids": [(4, group)]})
    with world.refused():
        world.user(login).write("res.groups", group, {"user_ids": [(4, user)]})
    assert not world.value(
        "SELECT count(*) FROM res_groups_users_rel WHERE gid = %s AND uid = %s", group, user
    )


def test_an_empty_circle_is_an_error_at_submission(world):
    """Nobody left who may sign: refused, never approved by default."""
    client = world.user("root")
    group = world.value(
        "SELECT res_id FROM ir_model_data WHERE module = 'o2c_base' AND name = 'group_finance_director'"
    )
    holders = [world.users["fred"], world.users["both"]]
    _partner, order, _hold = world.held(60)  # excess 5,000 needs the director
    client.write("res.users", holders, {"active": False})
    try:
        with world.refused():
            world.ask(order)
    finally:
        client.write("res.users", holders, {"active": True})
    assert world.value("SELECT count(*) FROM res_groups_users_rel WHERE gid = %s", group) >= 2
    assert not world.request(order)
    assert world.order_state(order) == "draft"
    assert [hold["state"] for hold in world.holds(order=order)] == ["open"]


def test_an_amount_nobody_covers_is_refused(world):
    """Excess 199,000; the table ends at 100,000."""
    _partner, order, _hold = world.held(2000)
    with world.refused() as caught:
        world.ask(order)
    assert "authority" in caught.value.message.lower(), "the message names what is missing"
    assert not world.request(order)
    assert world.order_state(order) == "draft"


# ---------------------------------------------------------------- after the decision


def released(world, units=11.5):
    """An order of 1,150 that was released, and not confirmed yet."""
    partner = world.customer()
    order = world.order(partner, units)
    request = world.ask(order)
    world.user("mia").call("o2c.request", "action_approve", request)
    assert world.state("o2c_request", request) == "approved"
    return partner, order, request


GROW = {
    "quantity": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"product_uom_qty": 575}
    ),
    "price": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"price_unit": 5000}
    ),
    "new_line": lambda world, order: world.user("sam").create(
        "sale.order.line",
        {
            "order_id": order,
            "product_id": world.pump,
            "product_uom_qty": 563,
            "price_unit": 100,
            "tax_ids": [(5,)],
        },
    ),
    "tax": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"tax_ids": [(6, 0, [world.tax50])]}
    ),
    "one_cent": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"price_unit": 100.01}
    ),
}


@pytest.mark.parametrize("name", GROW)
def test_approved_at_1150_is_not_confirmed_at_57500(world, name):
    _partner, order, _request = released(world)
    if world.order_state(order) == "sale":
        pytest.fail("nobody had asked for the confirmation")
    GROW[name](world, order)
    world.confirm(order)
    assert world.order_state(order) == "draft"
    with world.refused():
        world.user("sam").write("sale.order", order, {"state": "sale"})
    assert world.order_state(order) == "draft"


def test_a_released_and_confirmed_order_does_not_grow(world):
    _partner, order, _request = released(world)
    world.confirm(order)
    assert world.order_state(order) == "sale"
    before = world.order_facts(order)
    for name in GROW:
        with world.refused():
            GROW[name](world, order)
    assert world.order_facts(order) == before


@pytest.mark.parametrize("name", GROW)
def test_changed_while_it_waits_for_the_signature(world, name):
    _partner, order, _hold = world.held(11.5)
    request = world.ask(order)
    GROW[name](world, order)
    world.attempt(lambda: world.user("mia").call("o2c.request", "action_approve", request))
    assert world.state("o2c_request", request) != "approved"
    world.confirm(order)
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize("field", ["partner_invoice_id", "partner_id"])
def test_the_debtor_changes_after_the_release(world, field):
    _partner, order, _request = released(world)
    other = world.customer()
    world.user("sam").write("sale.order", order, {field: other, "partner_invoice_id": other})
    world.confirm(order)
    assert world.order_state(order) == "draft"
    with world.refused():
        world.user("sam").write("sale.order", order, {"state": "sale"})


def test_the_debtor_changes_while_it_waits(world):
    _partner, order, _hold = world.held(11.5)
    request = world.ask(order)
    world.user("sam").write("sale.order", order, {"partner_invoice_id": world.customer()})
    world.attempt(lambda: world.user("mia").call("o2c.request", "action_approve", request))
    assert world.state("o2c_request", request) != "approved"
    assert world.order_state(order) == "draft"


def test_a_copy_is_not_released(world):
    _partner, order, _request = released(world)
    [copy] = world.user("sam").call("sale.order", "copy", order)
    world.confirm(copy)
    assert world.order_state(copy) == "draft"


def test_small_excesses_do_not_pile_up(world):
    """Each is small; together they are what the manager may not release."""
    partner, first, _request = released(world, 11)
    world.confirm(first)
    assert world.order_state(first) == "sale"
    second = world.order(partner, 1)
    world.confirm(second)
    assert world.order_state(second) == "draft"
    third = world.order(partner, 9)
    request = world.ask(third)
    assert float(world.value("SELECT amount FROM o2c_request WHERE id = %s", request)) == 1000.0, (
        "the total excess is asked for, not the last order"
    )


def test_a_release_does_not_cover_another_order_s_growth(world):
    """Released at 1,150; meanwhile the customer took 900 more elsewhere."""
    partner = world.customer()
    order = world.order(partner, 11.5)
    request = world.ask(order)
    world.user("mia").call("o2c.request", "action_approve", request)
    world.confirmed(partner, 9)
    world.confirm(order)
    assert world.order_state(order) == "draft"


def test_a_decision_is_taken_once(world):
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    world.user("mia").call("o2c.request", "action_reject", request, comment="no")
    assert world.state("o2c_request", request) == "rejected"
    for login in ("mia", "max", "both", "fred"):
        with world.refused():
            world.user(login).call("o2c.request", "action_approve", request)
    with world.refused():
        world.user("sam").call("o2c.request", "action_withdraw", request)
    assert world.state("o2c_request", request) == "rejected"
    world.confirm(order)
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize("login", ["emil", "sue", "mia", "audrey", "root"])
def test_a_stranger_does_not_withdraw(world, login):
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    with world.refused():
        world.user(login).call("o2c.request", "action_withdraw", request)
    assert_pending(world, order, request)


def test_rejections_need_a_reason(world):
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    with world.refused():
        world.user("mia").call("o2c.request", "action_reject", request)
    with world.refused():
        world.user("mia").call("o2c.request", "action_reject", request, comment="   ")
    assert_pending(world, order, request)


def test_a_batch_decides_only_what_the_signer_may(world):
    """One of three is the signer's own."""
    requests, orders = [], []
    for login in ("sam", "mia", "sam"):
        _partner, order, _hold = world.held(11)
        orders.append(order)
        requests.append(world.ask(order, by=login))
    world.user("mia").call("o2c.request", "action_approve", requests)
    assert [world.state("o2c_request", request) for request in requests] == [
        "approved",
        "pending",
        "approved",
    ]
    assert world.order_state(orders[1]) == "draft"


def test_an_expired_release_is_worth_nothing(world):
    """Asked until yesterday is refused; and the date can't be moved afterwards."""
    _partner, order, hold = world.held(11)
    with world.refused():
        world.ask(order, until="2020-01-01")
    request = world.ask(order)
    with world.refused():
        world.user("sam").write("o2c.hold", hold, {"requested_until": "2099-12-31"})
    world.user("mia").call("o2c.request", "action_approve", request)
    with world.refused():
        world.user("mia").write("o2c.hold", hold, {"released_until": "2099-12-31"})


def test_the_employee_can_not_ask_for_orders_he_does_not_see(world):
    _partner, order, hold = world.held(11)
    for act in (
        lambda: world.ask(order, by="emil"),
        lambda: world.user("emil").call("o2c.hold", "action_ask_release", hold),
        lambda: world.user("emil").call("o2c.hold", "read", hold, fields=["message"]),
    ):
        with world.refused():
            act()
    assert not world.request(order)
