"""The customer's own ways to confirm: signature and online payment.

They never fail for the customer and never pass silently: the order waits and
the salesperson is told.
"""

import base64

import pytest
from api import WebSession

SIGNATURE = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
).decode()


def offer(world, units, *, sign=True, pay=False, percent=1.0, partner=None, **values):
    """A quotation that waits for the customer; returns its id and its token."""
    order = world.order(
        partner or world.portal_customer,
        units,
        require_signature=sign,
        require_payment=pay,
        prepayment_percent=percent,
        **values,
    )
    world.user("sam").call("sale.order", "action_quotation_sent", order)
    world.user("sam").call("sale.order", "action_preview_sale_order", order)  # makes the token
    token = world.value("SELECT access_token FROM sale_order WHERE id = %s", order)
    return order, token


def sign(session, order, token=None):
    """Sign as the customer's browser does."""
    return session.json(
        f"/my/orders/{order}/accept",
        name="Polly Portal",
        signature=SIGNATURE,
        **({"access_token": token} if token else {}),
    )


def assert_waits(world, order):
    """Not sold, somebody is told, and no internals reached the customer."""
    assert world.order_state(order) in ("draft", "sent")
    assert world.order_facts(order)["moves"] == []
    assert world.holds(order=order), "the order is on hold"
    assert world.value(
        "SELECT count(*) FROM mail_activity WHERE res_model IN ('sale.order', 'o2c.hold') AND user_id = %s"
        " AND (res_id = %s OR res_model = 'o2c.hold')",
        world.users["sam"],
        order,
    ), "the salesperson has something to do"


# ---------------------------------------------------------------- signature


def test_signature_within_the_limit_confirms(world):
    order, token = offer(world, 1, partner=world.customer())
    answer = sign(WebSession(world.url), order, token)
    assert not answer.get("error")
    assert world.order_state(order) == "sale"


@pytest.mark.parametrize("who", ["customer", "anybody_with_the_link"])
def test_signature_over_the_limit_waits(world, who):
    order, token = offer(world, 15)
    session = world.portal if who == "customer" else WebSession(world.url)
    answer = sign(session, order, None if who == "customer" else token)
    assert not answer.get("error"), "the customer is not turned away"
    assert_waits(world, order)
    assert world.value("SELECT signed_by FROM sale_order WHERE id = %s", order) == "Polly Portal"
    page = session.get(f"/my/orders/{order}?access_token={token}").text
    assert "limit" not in page.lower(), "the customer does not read our credit policy"


def test_signing_twice_does_not_help(world):
    order, token = offer(world, 15)
    for _ in range(3):
        world.attempt(lambda: sign(WebSession(world.url), order, token))
    assert_waits(world, order)
    assert len(world.holds(order=order)) == 1


PORTAL_CALLS = {
    "confirm": lambda world, order: world.portal.call("sale.order", "action_confirm", [order]),
    "write": lambda world, order: world.portal.call("sale.order", "write", [order], {"state": "sale"}),
    "line": lambda world, order: world.portal.call(
        "sale.order.line", "write", [world.line(order)], {"price_unit": 0.01}
    ),
    "hold": lambda world, order: world.portal.call(
        "o2c.hold", "write", [hold["id"] for hold in world.holds(order=order)], {"state": "released"}
    ),
    "register": lambda world, order: world.portal.call("o2c.register", "search_read", [], ["message"]),
    "limits": lambda world, order: world.portal.call("o2c.credit.limit", "search_read", [], ["amount"]),
    "holds": lambda world, order: world.portal.call("o2c.hold", "search_read", [], ["message"]),
    "requests": lambda world, order: world.portal.call("o2c.request", "search_read", [], ["name"]),
    "approve": lambda world, order: world.portal.call("o2c.request", "action_approve", [1]),
}


@pytest.mark.parametrize("name", PORTAL_CALLS)
def test_the_customer_has_no_other_way(world, name):
    order, token = offer(world, 15)
    sign(world.portal, order)
    before = world.order_facts(order)
    with world.refused():
        PORTAL_CALLS[name](world, order)
    assert world.order_facts(order) == before


def test_without_a_key_nobody_speaks_to_the_interface(world):
    from api import ApiError, Json2

    order = world.order(world.customer(), 15)
    with pytest.raises(ApiError) as caught:
        Json2(world.url, world.database, "0" * 40).call("sale.order", "action_confirm", order)
    assert caught.value.status == 401
    assert world.order_state(order) == "draft"


# ---------------------------------------------------------------- online payment


def pay_online(world, order, token, amount, state="done"):
    """Pay through Odoo's demo provider as the customer's browser does; returns the transaction's id."""
    session = WebSession(world.url)
    method = world.value(
        "SELECT m.id FROM payment_method m JOIN payment_method_payment_provider_rel r"
        " ON r.payment_method_id = m.id WHERE r.payment_provider_id = %s ORDER BY m.id LIMIT 1",
        world.demo_provider,
    )
    processing = session.json(
        f"/my/orders/{order}/transaction",
        provider_id=world.demo_provider,
        payment_method_id=method,
        token_id=None,
        amount=amount,
        flow="direct",
        tokenization_requested=False,
        landing_route=f"/my/orders/{order}",
        access_token=token,
    )
    session.json(
        "/payment/demo/simulate_payment",
        reference=processing["reference"],
        payment_details="4111",
        simulated_state=state,
    )
    session.json("/payment/status/poll")  # what the waiting page does: the post-processing
    return world.value("SELECT id FROM payment_transaction WHERE reference = %s", processing["reference"])


def test_an_order_paid_in_full_confirms(world):
    """1,500 are over the limit, but nothing stays owed."""
    order, token = offer(world, 15, sign=False, pay=True)
    transaction = pay_online(world, order, token, 1500.0)
    assert world.state("payment_transaction", transaction) == "done"
    assert world.order_state(order) == "sale"


def test_a_small_prepayment_over_the_limit_waits(world):
    """Odoo confirms when the agreed tenth is paid; 1,350 of 1,000 would stay owed."""
    order, token = offer(world, 15, sign=False, pay=True, percent=0.1)
    transaction = pay_online(world, order, token, 150.0)
    assert world.state("payment_transaction", transaction) == "done", "the receipt is never lost"
    assert world.value("SELECT is_post_processed FROM payment_transaction WHERE id = %s", transaction)
    assert world.value(
        "SELECT count(*) FROM account_payment WHERE payment_transaction_id = %s", transaction
    ), "the money is booked"
    assert_waits(world, order)


@pytest.mark.parametrize("state", ["pending", "error", "cancel"])
def test_a_payment_that_did_not_come_confirms_nothing(world, state):
    order, token = offer(world, 15, sign=False, pay=True)
    pay_online(world, order, token, 1500.0, state=state)
    assert world.order_state(order) in ("draft", "sent")


def test_automatic_invoices_wait_with_their_order(world):
    """With automatic invoicing the payment would also invoice the held order."""
    root = world.user("root")
    root.call("ir.config_parameter", "set_param", key="sale.automatic_invoice", value="True")
    try:
        order, token = offer(world, 15, sign=False, pay=True, percent=0.1)
        pay_online(world, order, token, 150.0)
    finally:
        root.call("ir.config_parameter", "set_param", key="sale.automatic_invoice", value="False")
    assert_waits(world, order)
    assert world.order_facts(order)["invoices"] == []


def test_another_order_s_payment_is_not_borrowed(world):
    """A done transaction of one order is linked to another by its salesperson."""
    paid, token = offer(world, 15, sign=False, pay=True)
    transaction = pay_online(world, paid, token, 1500.0)
    order = world.order(world.customer(), 15)
    world.attempt(
        lambda: world.user("sam").write("sale.order", order, {"transaction_ids": [(4, transaction)]})
    )
    world.confirm(order)
    assert world.order_state(order) == "draft"


def test_a_payment_of_one_order_covers_it_once(world):
    """A copy of a paid order is not paid."""
    paid, token = offer(world, 15, sign=False, pay=True, partner=world.customer())
    pay_online(world, paid, token, 1500.0)
    assert world.order_state(paid) == "sale"
    [copy] = world.user("sam").call("sale.order", "copy", paid)
    world.confirm(copy)
    assert world.order_state(copy) == "draft"


FORGERIES = {
    "create": lambda world, order, login: world.user(login).create(
        "payment.transaction",
        {
            "provider_id": world.demo_provider,
            "payment_method_id": 1,
            "reference": f"forged-{order}-{login}",
            "amount": 1500.0,
            "currency_id": 1,
            "partner_id": world.portal_customer,
            "state": "done",
            "sale_order_ids": [(6, 0, [order])],
        },
    ),
    "amount_paid": lambda world, order, login: world.user(login).write(
        "sale.order", order, {"amount_paid": 1500.0, "transaction_ids": [(5,)]}
    ),
}


@pytest.mark.parametrize("login", ["sam", "boss", "wanda"])
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_payment_covers_nothing(world, name, login):
    order = world.order(world.customer(), 15)
    world.attempt(lambda: FORGERIES[name](world, order, login))
    world.confirm(order)
    assert world.order_state(order) == "draft"


def test_a_stranger_does_not_simulate_the_payment_of_a_held_order(world):
    """The demo provider's route is open to everybody, with any reference."""
    order, token = offer(world, 15, sign=False, pay=True, percent=0.1)
    transaction = pay_online(world, order, token, 150.0)
    reference = world.value("SELECT reference FROM payment_transaction WHERE id = %s", transaction)
    session = WebSession(world.url)
    for state in ("done", "done"):
        session.json(
            "/payment/demo/simulate_payment", reference=reference, payment_details="1", simulated_state=state
        )
    assert_waits(world, order)
