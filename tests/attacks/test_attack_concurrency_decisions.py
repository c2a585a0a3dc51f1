"""Two decisions at the same moment, each in a process of its own.

One wins; the other is told so in plain words, and nothing is done twice.
"""

import pytest
from api import ApiError

from .changes import CHANGE, approve, confirmed, drafted, quantity, request_of, state, submitted
from .test_attack_concurrency import at_once, clients, crashes
from .test_attack_credit import limit_of, terms
from .test_attack_credit import submitted as applied_for

ROUNDS = 2
PLAIN = ("already", "Somebody decides", "Another", "can't be edited")


def assert_plain(results):
    """No crash, and who lost reads a sentence: that somebody was faster, or what lapsed."""
    assert not [error for error in crashes(results) if error.kind != "LockError"]
    for result in results:
        if isinstance(result, ApiError):
            assert "could not serialize" not in result.message
            assert any(words in result.message for words in PLAIN), result.message


def count_approvals(world, request):
    return world.value(
        "SELECT count(*) FROM o2c_register WHERE event = 'request_approved' AND res_model = 'o2c.request'"
        " AND res_id = %s",
        request,
    )


@pytest.mark.parametrize("number", range(ROUNDS))
def test_two_deciders_of_one_change(world, number):
    """Applied once, procured once, registered once."""
    partner, order = confirmed(world)
    change, request = submitted(world, order)
    results = at_once(*(lambda login=login: approve(world, request, login) for login in ("mia", "max")))
    assert_plain(results)
    assert (state(world, change), quantity(world, order)) == ("applied", 12)
    assert sum(move["product_uom_qty"] for move in world.order_facts(order)["moves"]) == 12
    assert world.confirmed_total(partner) == 1200
    assert count_approvals(world, request) == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_two_deciders_of_one_application(world, number):
    """One row of terms."""
    partner = world.customer()
    before = len(terms(world, partner))
    application, request = applied_for(world, partner)
    results = at_once(*(lambda login=login: approve(world, request, login) for login in ("mia", "max")))
    assert_plain(results)
    assert world.state("o2c_credit_application", application) == "approved"
    assert len(terms(world, partner)) == before + 1
    assert count_approvals(world, request) == 1


def test_one_approves_while_another_rejects(world):
    """Whoever was first decided, and the customer's terms say the same as the application."""
    partner = world.customer()
    before = len(terms(world, partner))
    application, request = applied_for(world, partner)
    reject = clients(world, "mia", 1)[0]
    results = at_once(
        lambda: approve(world, request),
        lambda: reject.call("o2c.request", "action_reject", request, comment="No"),
    )
    assert_plain(results)
    answer = world.state("o2c_request", request)
    assert answer in ("approved", "rejected")
    granted = {"approved": 1, "rejected": 0}[answer]
    assert len(terms(world, partner)) == before + granted
    expected = {"approved": "approved", "rejected": "refused"}[answer]
    assert world.state("o2c_credit_application", application) == expected


@pytest.mark.parametrize("number", range(ROUNDS))
def test_two_applications_of_one_customer(world, number):
    """Each was worked out from the terms that the other replaces: the later one lapses."""
    partner = world.customer()
    before = len(terms(world, partner))
    cut, cut_request = applied_for(world, partner, kind="cut", amount=500.0)
    suspension, other_request = applied_for(world, partner, kind="suspension")
    first, second = clients(world, "max", 2)
    results = at_once(
        lambda: first.call("o2c.request", "action_approve", cut_request),
        lambda: second.call("o2c.request", "action_approve", other_request),
    )
    assert_plain(results)
    states = sorted(world.state("o2c_credit_application", one) for one in (cut, suspension))
    assert states == ["approved", "draft"], "the loser was tried again on the new terms, and lapsed"
    assert len(terms(world, partner)) == before + 1
    lapsed = [
        request for request in (cut_request, other_request) if world.state("o2c_request", request) == "lapsed"
    ]
    assert len(lapsed) == 1


def test_two_submissions_of_one_application(world):
    """A double click asks once."""
    partner = world.customer()
    values = {"partner_id": partner, "company_id": world.company, "amount": 900.0}
    grade = world.value("SELECT grade_id FROM o2c_credit_limit WHERE id = %s", limit_of(world, partner))
    application = world.user("olga").create("o2c.credit.application", {**values, "grade_id": grade})
    results = at_once(
        *(
            lambda client=client: client.call("o2c.credit.application", "action_submit", application)
            for client in clients(world, "olga", 2)
        )
    )
    assert not crashes(results)
    requests = world.rows(
        "SELECT state FROM o2c_request WHERE res_model = 'o2c.credit.application' AND res_id = %s",
        application,
    )
    assert [request["state"] for request in requests] == ["pending"]


def test_two_changes_of_one_customer(world):
    """Each alone exceeds the limit by what was approved, both together by more: one lapses."""
    partner = world.customer()
    orders = [world.confirmed(partner, 5) for _ in range(2)]
    requests = [submitted(world, order, quantity=7.0)[1] for order in orders]
    first, second = clients(world, "max", 2)
    results = at_once(
        lambda: first.call("o2c.request", "action_approve", requests[0]),
        lambda: second.call("o2c.request", "action_approve", requests[1]),
    )
    assert_plain(results)
    assert sorted(world.state("o2c_request", request) for request in requests) == ["approved", "lapsed"]
    assert sorted(quantity(world, order) for order in orders) == [5, 7]
    assert world.confirmed_total(partner) == 1200


def test_two_submissions_of_one_change(world):
    """A double click, in two processes, asks once."""
    _partner, order = confirmed(world)
    change = drafted(world, order)
    results = at_once(
        *(
            lambda client=client: client.call(CHANGE, "action_submit", change)
            for client in clients(world, "sam", 2)
        )
    )
    assert_plain(results)
    requests = world.rows(
        "SELECT id, state FROM o2c_request WHERE res_model = %s AND res_id = %s", CHANGE, change
    )
    assert [request["state"] for request in requests] == ["pending"]
    assert requests[0]["id"] == request_of(world, change)
    assert quantity(world, order) == 9


def test_a_free_change_submitted_twice_is_applied_once(world):
    """A further product is added once, whichever click comes first."""
    partner, order = confirmed(world, 5)
    change = drafted(world, order, quantity=5.0)
    world.user("sam").create(
        "o2c.order.change.line",
        {"change_id": change, "product_id": world.pump, "quantity": 2.0, "price_unit": 100.0},
    )
    results = at_once(
        *(
            lambda client=client: client.call(CHANGE, "action_submit", change)
            for client in clients(world, "sam", 2)
        )
    )
    assert_plain(results)
    assert state(world, change) == "applied"
    assert world.confirmed_total(partner) == 700
    assert sum(move["product_uom_qty"] for move in world.order_facts(order)["moves"]) == 7
