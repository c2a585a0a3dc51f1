"""Money of orders by other ways than allocation: forged rows, wizards, figures, slips.

Every attack ends with the same allocations and the same collected amount as before.
"""

import pytest

ALLOCATION, REALLOCATE, REGISTER = "o2c.receipt.allocation", "o2c.receipt.reallocate", "o2c.receipt.register"
ALLOCATE, LINE, SLIP, TAKE = (
    "o2c.receipt.allocate",
    "o2c.receipt.allocate.line",
    "o2c.receipt.slip",
    "o2c.receipt.slip.take",
)
CONTEXTS = {
    "plain": None,
    "keys": {"o2c_guard_pass": True, "su": True, "install_mode": True, "o2c_budget": {"left": 1}},
    "defaults": {"default_state": "active", "default_amount": 99_999.0, "default_order_amount": 99_999.0},
}
OUTSIDERS = ["sam", "wanda", "emil", "audrey", "petra"]


def payment(world, partner, amount=500.0, *, by="adam", post=True):
    """A payment that the accountant enters."""
    client = world.user(by)
    record = client.create(
        "account.payment",
        {"payment_type": "inbound", "partner_type": "customer", "partner_id": partner, "amount": amount},
    )
    if post:
        client.call("account.payment", "action_post", record)
    return record


def allocate(world, receipt, order, amount, *, by="adam"):
    """Through the dialogue of the payment, as a person does."""
    client = world.user(by)
    wizard = client.call("account.payment", "action_o2c_allocate", receipt)["res_id"]
    lines = world.rows("SELECT id, order_id FROM o2c_receipt_allocate_line WHERE wizard_id = %s", wizard)
    for line in lines:
        client.write(LINE, line["id"], {"amount": amount if line["order_id"] == order else 0.0})
    client.call(ALLOCATE, "action_allocate", wizard)


def rows(world, order):
    """Allocations of an order, as the table has them."""
    return world.rows(
        "SELECT id, receipt_ref, order_id, amount, order_amount, state, user_id, origin"
        " FROM o2c_receipt_allocation WHERE order_id = %s ORDER BY id",
        order,
    )


def paid(world, amount=400.0):
    """A confirmed order with an allocated receipt: customer, order, payment, row."""
    partner = world.customer()
    order = world.confirmed(partner, 9)
    receipt = payment(world, partner)
    allocate(world, receipt, order, amount)
    [row] = rows(world, order)
    assert row["state"] == "active" and float(row["amount"]) == amount
    return partner, order, receipt, row["id"]


def collected(world, order):
    """What the order shows to the accountant."""
    found = world.user("adam").read("sale.order", order, ["o2c_collected"])
    return found["o2c_collected"]


# ---------------------------------------------------------------------- ROWS


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("login", ["adam", "ada", "fred", "root", "sam", "audrey"])
def test_allocation_is_written_by_nobody(world, login, context):
    partner, order, receipt, row = paid(world)
    other = world.confirmed(partner, 1)
    before, client = rows(world, order), world.user(login)
    for values in ({"amount": 900.0}, {"order_amount": 900.0}, {"order_id": other}, {"state": "void"}):
        with world.refused():
            client.write(ALLOCATION, row, values, context=context)
    with world.refused():
        client.unlink(ALLOCATION, row)
    with world.refused():
        client.create(
            ALLOCATION,
            {"payment_id": receipt, "receipt_ref": receipt, "order_id": other, "amount": 100.0},
            context=context,
        )
    for model, record in (("sale.order", order), ("account.payment", receipt)):
        forged = {"o2c_allocation_ids": [(1, row, {"amount": 900.0})]}
        world.attempt(lambda m=model, r=record, f=forged: client.write(m, r, f, context=context))
    assert rows(world, order) == before and not rows(world, other)
    assert collected(world, order) == 400.0


@pytest.mark.parametrize("login", ["adam", "root", "sam"])
def test_collected_figures_are_not_written(world, login):
    _partner, order, _receipt, _row = paid(world)
    for name in ("o2c_collected", "o2c_collected_ratio", "o2c_uncollected"):
        world.attempt(lambda n=name: world.user(login).write("sale.order", order, {n: 900.0}))
    assert collected(world, order) == 400.0


def test_private_methods_are_out_of_reach(world):
    _partner, order, _receipt, row = paid(world)
    before = rows(world, order)
    for model, method in (
        (ALLOCATION, "_allocate"),
        (ALLOCATION, "_reallocate"),
        (ALLOCATION, "_guarded_write"),
        ("o2c.receipt.matching", "_match_orders"),
        (SLIP, "_take"),
        (SLIP, "_bank"),
    ):
        with world.refused():
            world.user("ada").call(model, method, row)
    assert rows(world, order) == before


# ------------------------------------------------------------------- WIZARDS


@pytest.mark.parametrize("login", OUTSIDERS)
def test_outsiders_neither_allocate_nor_reallocate(world, login):
    partner, order, receipt, row = paid(world)
    before, client = rows(world, order), world.user(login)
    with world.refused():
        client.call("account.payment", "action_o2c_allocate", receipt)
    with world.refused():
        client.call("sale.order", "action_o2c_allocate_receipts", order)
    with world.refused():
        client.call("sale.order", "action_o2c_register_receipt", order)
    with world.refused():
        client.call(ALLOCATION, "action_reallocate", row)
    for model, values in (
        (ALLOCATE, {"payment_id": receipt, "line_ids": [(0, 0, {"order_id": order, "amount": 50.0})]}),
        (REALLOCATE, {"allocation_id": row, "action": "release", "amount": 400.0, "reason": "mine"}),
        (REGISTER, {"order_id": order, "amount": 500.0}),
    ):
        with world.refused():
            client.create(model, values)
    assert rows(world, order) == before and partner


def test_more_than_the_money_is_not_allocated(world):
    """Lines are made by hand: with more, with nothing, with a receipt of somebody else or a draft."""
    partner, order, receipt, _row = paid(world)
    stranger = payment(world, world.customer())
    draft = payment(world, partner, post=False)
    before, client = rows(world, order), world.user("adam")
    currency = world.value("SELECT currency_id FROM res_company WHERE id = %s", world.company)
    for money, amount in ((receipt, 100.01), (receipt, -50.0), (stranger, 10.0), (draft, 10.0)):
        wizard = client.create(ALLOCATE, {})
        with world.refused():
            client.create(
                LINE,
                {
                    "wizard_id": wizard,
                    "payment_id": money,
                    "order_id": order,
                    "currency_id": currency,
                    "amount": amount,
                },
            )
            client.call(ALLOCATE, "action_allocate", wizard)
    assert rows(world, order) == before


def test_reallocation_moves_no_more_than_there_is(world):
    partner, order, _receipt, row = paid(world)
    other, stranger = world.confirmed(partner, 1), world.confirmed(world.customer(), 1)
    before, client = rows(world, order), world.user("adam")
    for target, amount, reason in (
        (other, 400.01, "more"),
        (other, -1.0, "negative"),
        (other, 10.0, " "),
        (order, 10.0, "itself"),
        (stranger, 10.0, "somebody else's"),
    ):
        with world.refused():
            wizard = client.create(
                REALLOCATE,
                {
                    "allocation_id": row,
                    "action": "move",
                    "order_id": target,
                    "amount": amount,
                    "reason": reason,
                },
            )
            client.call(REALLOCATE, "action_reallocate", wizard)
    assert rows(world, order) == before
    assert not rows(world, other) and not rows(world, stranger)


def test_money_that_is_gone_counts_no_more(world):
    """The accountant takes the payment back: nothing pretends that it is still there."""
    _partner, order, receipt, _row = paid(world)
    client = world.user("ada")
    client.call("account.payment", "action_draft", receipt)
    assert collected(world, order) == 0.0
    for values in ({"state": "paid"}, {"amount": 100.0}, {"partner_id": world.poor}):
        world.attempt(lambda v=values: client.write("account.payment", receipt, v))
        assert collected(world, order) in (0.0, 400.0)
    assert world.value("SELECT amount FROM account_payment WHERE id = %s", receipt) == 500
    assert world.value(
        "SELECT count(*) FROM mail_activity WHERE res_model = 'sale.order' AND res_id = %s", order
    )


def test_online_payments_are_not_borrowed(world):
    """An order doesn't take another one's transactions to look paid."""
    order = world.confirmed(world.customer(), 9)
    transactions = world.rows("SELECT id FROM payment_transaction ORDER BY id DESC LIMIT 1")
    linked = [(4, row["id"]) for row in transactions] or [(4, 1)]
    for login in ("sam", "adam", "root"):
        with world.refused():
            world.user(login).write("sale.order", order, {"transaction_ids": linked})
    assert collected(world, order) == 0.0


# --------------------------------------------------------------------- SLIPS


def slip_row(world, slip):
    return world.rows(
        "SELECT state, amount, due_date, received_by_id, needs_countersign, countersigned_by_id, payment_id"
        " FROM o2c_receipt_slip WHERE id = %s",
        slip,
    )


def take(world, order, *, by="sam", **values):
    """Cash that the salesperson writes down; returns the slip's id."""
    client = world.user(by)
    wizard = client.call("sale.order", "action_o2c_take_money", order)["res_id"]
    client.write(TAKE, wizard, {"amount": 300.0, **values})
    return client.call(TAKE, "action_take", wizard)["res_id"]


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("login", ["sam", "adam", "fred", "root", "audrey"])
def test_slip_is_written_by_nobody(world, login, context):
    order = world.confirmed(world.customer(), 9)
    slip = take(world, order)
    before, client = slip_row(world, slip), world.user(login)
    for values in (
        {"state": "banked"},
        {"amount": 1.0},
        {"due_date": "2099-01-01"},
        {"needs_countersign": False},
        {"received_by_id": world.users["wanda"]},
    ):
        with world.refused():
            client.write(SLIP, slip, values, context=context)
    with world.refused():
        client.unlink(SLIP, slip)
    with world.refused():
        client.create(SLIP, {"order_id": order, "amount": 5.0, "state": "banked"}, context=context)
    assert slip_row(world, slip) == before
    assert collected(world, order) == 0.0


def test_slip_is_not_banked_past_its_countersign(world):
    order = world.confirmed(world.customer(), 9)
    slip = take(world, order)
    before = slip_row(world, slip)
    for login in ("sam", "wanda", "audrey", "petra", "adam"):
        with world.refused():
            world.user(login).call(SLIP, "action_countersign", slip)
        with world.refused():
            world.user(login).call(SLIP, "action_bank", slip)
        with world.refused():
            world.user(login).call(SLIP, "action_void", slip)
    # The dialogue made by hand, for the slip or for another order.
    client, other = world.user("adam"), world.confirmed(world.customer(), 1)
    for values in ({"order_id": order}, {"order_id": other}, {"order_id": order, "amount": 1.0}):
        with world.refused():
            wizard = client.create(REGISTER, {**values, "slip_id": slip})
            client.call(REGISTER, "action_register", wizard)
    assert slip_row(world, slip) == before
    assert collected(world, order) == collected(world, other) == 0.0


def test_salesperson_does_not_write_down_for_others(world):
    order = world.confirmed(world.customer(), 9)
    for values in (
        {"received_by_id": world.users["sue"]},
        {"amount": -5.0},
        {"amount": 0.0},
        {"received_on": "2099-01-01"},
    ):
        with world.refused():
            take(world, order, **values)
    with world.refused():
        take(world, order, by="wanda")
    assert not world.rows("SELECT id FROM o2c_receipt_slip WHERE order_id = %s", order)
