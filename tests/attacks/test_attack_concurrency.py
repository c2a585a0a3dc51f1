"""Two at the same moment: each alone is fine, both together are not.

Odoo runs at REPEATABLE READ: without a collision both would read the old
exposure. The server runs several worker processes.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from api import ApiError

ROUNDS = 4


def at_once(*acts):
    """Run calls at the same moment; return results and refusals in their order."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait(timeout=30)
        try:
            return act()
        except ApiError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def crashes(results):
    """What broke instead of being refused."""
    return [result for result in results if isinstance(result, ApiError) and not result.is_refusal]


def clients(world, login, count):
    """Clients with a connection of their own each."""
    from api import Json2

    return [Json2(world.url, world.database, world.keys[login]) for _ in range(count)]


def test_the_server_has_several_processes(world):
    assert world.workers >= 2, "threads of one process would prove less"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_two_confirmations_of_one_customer(world, number):
    partner = world.customer()
    orders = [world.order(partner, 6) for _ in range(2)]
    first, second = clients(world, "sam", 2)
    results = at_once(
        lambda: first.call("sale.order", "action_confirm", orders[0]),
        lambda: second.call("sale.order", "action_confirm", orders[1]),
    )
    assert not crashes(results)
    assert sorted(world.order_state(order) for order in orders) == ["draft", "sale"]
    [loser] = [order for order in orders if world.order_state(order) == "draft"]
    assert world.holds(order=loser), "the loser was tried again on the new figures, and held"
    assert world.confirmed_total(partner) == 600


def test_five_confirmations_of_one_customer(world):
    partner = world.customer()
    orders = [world.order(partner, 4) for _ in range(5)]
    results = at_once(
        *(
            lambda client=client, order=order: client.call("sale.order", "action_confirm", order)
            for client, order in zip(clients(world, "sam", 5), orders, strict=True)
        )
    )
    assert not crashes(results)
    assert world.confirmed_total(partner) <= 1000
    assert world.confirmed_total(partner) >= 400


def test_confirmation_beside_a_growing_line(world):
    """One order grows from 300 to 900 while another of 600 is confirmed."""
    partner = world.customer()
    growing = world.confirmed(partner, 3)
    order = world.order(partner, 6)
    first, second = clients(world, "sam", 2)
    results = at_once(
        lambda: first.write("sale.order.line", world.line(growing), {"product_uom_qty": 9}),
        lambda: second.call("sale.order", "action_confirm", order),
    )
    assert not crashes(results)
    assert world.confirmed_total(partner) == 900


def test_two_first_confirmations_of_a_new_debtor_by_contact(world):
    """The row on which they collide does not exist yet."""
    partner = world.customer()
    contacts = [
        world.user("sam").create(
            "res.partner", {"name": f"Branch {n}", "parent_id": partner, "type": "invoice"}
        )
        for n in range(2)
    ]
    orders = [world.order(contact, 6, partner_invoice_id=contact) for contact in contacts]
    results = at_once(
        *(
            lambda client=client, order=order: client.call("sale.order", "action_confirm", order)
            for client, order in zip(clients(world, "sam", 2), orders, strict=True)
        )
    )
    assert not crashes(results)
    assert sorted(world.order_state(order) for order in orders) == ["draft", "sale"]


def test_two_signers_of_one_step(world):
    """One signature, one register entry, one release."""
    _partner, order, _hold = world.held(11)
    request = world.ask(order)
    results = at_once(
        lambda: world.user("mia").call("o2c.request", "action_approve", request),
        lambda: world.user("max").call("o2c.request", "action_approve", request),
    )
    assert not [result for result in crashes(results) if result.kind != "LockError"]
    assert world.state("o2c_request", request) == "approved"
    assert (
        world.value(
            "SELECT count(*) FROM o2c_register WHERE event = 'request_approved' AND res_model = 'o2c.request'"
            " AND res_id = %s",
            request,
        )
        == 1
    )


def test_approval_beside_a_change(world):
    """Signed at 1,150 while the salesperson writes 57,500."""
    _partner, order, _hold = world.held(11.5)
    request = world.ask(order)
    at_once(
        lambda: world.user("mia").call("o2c.request", "action_approve", request),
        lambda: world.user("sam").write("sale.order.line", world.line(order), {"product_uom_qty": 575}),
    )
    world.attempt(lambda: world.confirm(order))
    quantity = world.value("SELECT product_uom_qty FROM sale_order_line WHERE id = %s", world.line(order))
    assert not (world.order_state(order) == "sale" and quantity > 12)


def test_one_order_confirmed_twice(world):
    """A double click makes one delivery."""
    partner = world.customer()
    order = world.order(partner, 9)
    first, second = clients(world, "sam", 2)
    at_once(
        lambda: first.call("sale.order", "action_confirm", order),
        lambda: second.call("sale.order", "action_confirm", order),
    )
    assert world.order_state(order) == "sale"
    assert len(world.order_facts(order)["moves"]) == 1


def test_many_customers_at_once_do_not_wait_for_each_other(world):
    """Eight good orders of eight customers all confirm."""
    orders = [world.order(world.customer(), 9) for _ in range(8)]
    results = at_once(
        *(
            lambda client=client, order=order: client.call("sale.order", "action_confirm", order)
            for client, order in zip(clients(world, "sam", 8), orders, strict=True)
        )
    )
    assert not crashes(results)
    assert [world.order_state(order) for order in orders] == ["sale"] * 8
