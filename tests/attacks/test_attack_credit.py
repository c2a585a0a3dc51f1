"""Grade, limit and period by other ways than an approved application."""

import json

import pytest

INSIDERS = ["olga", "mia", "max", "fred", "both", "root"]
OUTSIDERS = ["sam", "boss", "adam", "ada", "wanda", "petra", "audrey", "emil"]
CONTEXTS = {
    "plain": None,
    "keys": {"o2c_guard_pass": True, "su": True, "install_mode": True, "default_state": "approved"},
    "values": {"default_amount": 1_000_000.0, "default_kind": "regular", "default_source": "merge"},
}


def terms(world, partner):
    """Everything that was ever granted to a customer, as the table has it."""
    return world.rows("SELECT * FROM o2c_credit_limit WHERE partner_id = %s ORDER BY id", partner)


def limit_of(world, partner):
    return world.value("SELECT max(id) FROM o2c_credit_limit WHERE partner_id = %s", partner)


def grade(world, name):
    return world.value("SELECT id FROM o2c_credit_grade WHERE name = %s", name)


def draft(world, partner, login="olga", **values):
    new = {"partner_id": partner, "company_id": world.company, "grade_id": grade(world, "B"), **values}
    return world.user(login).create("o2c.credit.application", {"amount": 900.0, **new})


def submitted(world, partner, login="olga", **values):
    """An application that waits, and its request."""
    application = draft(world, partner, login, **values)
    world.user(login).call("o2c.credit.application", "action_submit", application)
    request = world.value(
        "SELECT max(id) FROM o2c_request WHERE res_model = 'o2c.credit.application' AND res_id = %s",
        application,
    )
    return application, request


# ---------------------------------------------------------------- the granted row


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("login", [*INSIDERS, *OUTSIDERS])
def test_granted_terms_are_not_written(world, login, context):
    """By nobody, whatever the caller puts into the context."""
    partner = world.customer()
    before, limit = terms(world, partner), limit_of(world, partner)
    client = world.user(login)
    best = grade(world, "AAA")
    for values in (
        {"amount": 1_000_000.0},
        {"grade_id": best},
        {"period_days": 365},
        {"tolerance": 1000.0},
        {"review_date": "2099-12-31"},
        {"date_to": "2020-01-01"},
        {"partner_id": world.poor},
        {"company_id": world.company, "currency_id": 1, "amount": 5e6},
    ):
        with world.refused():
            client.write("o2c.credit.limit", limit, values, context=context)
    with world.refused():
        client.unlink("o2c.credit.limit", limit)
    assert terms(world, partner) == before


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("login", ["olga", "mia", "fred", "root", "sam"])
def test_terms_are_not_created_imported_or_copied(world, login, context):
    partner = world.customer()
    before, limit = terms(world, partner), limit_of(world, partner)
    client = world.user(login)
    currency = world.value("SELECT currency_id FROM res_company WHERE id = %s", world.company)
    new = {
        "partner_id": partner,
        "company_id": world.company,
        "currency_id": currency,
        "amount": 1_000_000.0,
        "date_from": "2020-01-01",
    }
    with world.refused():
        client.create("o2c.credit.limit", new, context=context)
    with world.refused():
        client.call("o2c.credit.limit", "copy", limit, default={"amount": 1_000_000.0}, context=context)
    names = ["partner_id/.id", "company_id/.id", "currency_id/.id", "date_from", "amount"]
    row = [str(partner), str(world.company), str(currency), "2020-01-01", "1000000"]
    world.attempt(lambda: client.call("o2c.credit.limit", "load", fields=names, data=[row], context=context))
    world.attempt(lambda: client.call("o2c.credit.limit", "name_create", name="Mine", context=context))
    assert terms(world, partner) == before


# ---------------------------------------------------------------- the application


@pytest.mark.parametrize("login", ["olga", "mia", "root"])
def test_applications_are_not_approved_by_a_write(world, login):
    partner = world.customer()
    before = terms(world, partner)
    client = world.user(login)
    new = {"partner_id": partner, "company_id": world.company, "amount": 1_000_000.0}
    for more in ({"state": "approved"}, {"limit_id": limit_of(world, world.rich)}):
        with world.refused():
            client.create("o2c.credit.application", {**new, **more})
    application = draft(world, partner)
    for values in (
        {"state": "approved"},
        {"limit_id": limit_of(world, world.rich)},
        {"contributor_ids": [(5,)]},
        {"decided_on": "2020-01-01 00:00:00"},
    ):
        with world.refused():
            client.write("o2c.credit.application", application, values)
    for method in ("_grant", "_move_state", "_on_request_approved", "_guarded_write"):
        with world.refused():
            client.call("o2c.credit.application", method, application)
    assert world.state("o2c_credit_application", application) == "draft"
    assert terms(world, partner) == before


def test_a_submitted_application_is_not_edited(world):
    partner = world.customer()
    application, request = submitted(world, partner)
    for login in ("olga", "mia", "root"):
        for values in (
            {"amount": 1_000_000.0},
            {"grade_id": grade(world, "A")},
            {"period_days": 59},
            {"partner_id": world.poor},
            {"kind": "cut"},
            {"date_from": "2020-01-01"},
            {"score_id": False, "amount": 2.0},
        ):
            with world.refused():
                world.user(login).write("o2c.credit.application", application, values)
    world.user("max").call("o2c.request", "action_approve", request)
    assert world.value("SELECT amount FROM o2c_credit_limit WHERE id = %s", limit_of(world, partner)) == 900


@pytest.mark.parametrize("login", ["both", "mia"])
def test_nobody_approves_what_he_wrote_by_a_second_group(world, login):
    """A person who is officer and manager, or manager and director, signs none of it."""
    partner = world.customer()
    before = terms(world, partner)
    application, request = submitted(world, partner, login)
    with world.refused():
        world.user(login).call("o2c.request", "action_approve", request)
    edited = draft(world, partner, "olga")
    world.user(login).write("o2c.credit.application", edited, {"amount": 999.0})
    world.user("olga").call("o2c.credit.application", "action_submit", edited)
    request = world.value(
        "SELECT max(id) FROM o2c_request WHERE res_model = 'o2c.credit.application' AND res_id = %s", edited
    )
    with world.refused():
        world.user(login).call("o2c.request", "action_approve", request)
    assert {world.state("o2c_credit_application", one) for one in (application, edited)} == {"requested"}
    assert terms(world, partner) == before


def test_a_raise_is_not_called_a_cut(world):
    """The kind decides how high the approval goes, so it is held to its name."""
    partner = world.customer()
    application = draft(world, partner, kind="cut", amount=1_000_000.0)
    with world.refused():
        world.user("olga").call("o2c.credit.application", "action_submit", application)
    assert world.state("o2c_credit_application", application) == "draft"


def test_an_old_approval_does_not_bring_back_an_old_limit(world):
    """While a raise waits the customer is suspended: the raise has to be asked for again."""
    partner = world.customer()
    _application, request = submitted(world, partner, kind="raise", amount=1_000.5)
    suspension, other = submitted(world, partner, kind="suspension")
    world.user("max").call("o2c.request", "action_approve", other)
    assert world.state("o2c_credit_application", suspension) == "approved"
    before = terms(world, partner)
    world.attempt(lambda: world.user("mia").call("o2c.request", "action_approve", request))
    assert world.state("o2c_request", request) == "lapsed"
    assert terms(world, partner) == before
    order = world.order(partner, 1)
    world.confirm(order)
    assert "credit_suspended" in [hold["code"] for hold in world.holds(order=order)]


# ---------------------------------------------------------------- customers


def merge(world, login, source, target):
    client = world.user(login)
    wizard = client.create(
        "base.partner.merge.automatic.wizard",
        {"partner_ids": [(6, 0, [source, target])], "dst_partner_id": target},
    )
    client.call("base.partner.merge.automatic.wizard", "action_merge", wizard)


@pytest.mark.parametrize("login", ["sam", "root"])
def test_others_do_not_merge_a_limit_away(world, login):
    """Only credit officers decide who owes: neither salespeople nor administrators do."""
    partner = world.customer()
    world.debt(partner, 500.0)
    before = terms(world, partner), terms(world, world.rich)
    for pair in ((partner, world.rich), (world.rich, partner)):
        with world.refused():
            merge(world, login, *pair)
    assert (terms(world, partner), terms(world, world.rich)) == before


def test_a_merge_by_the_officer_raises_no_limit(world):
    """Whichever of the two stays."""
    small, large = world.customer(), world.customer()
    application, request = submitted(world, large, kind="raise", amount=50_000.0)
    world.user("max").call("o2c.request", "action_approve", request)
    world.user("fred").call("o2c.request", "action_approve", request)
    assert world.state("o2c_credit_application", application) == "approved"
    histories = len(terms(world, small)) + len(terms(world, large))
    merge(world, "otto", small, large)
    rows = terms(world, large)
    assert len(rows) == histories + 1
    [found] = world.rows("SELECT amount, source FROM o2c_credit_limit WHERE id = %s", limit_of(world, large))
    assert (float(found["amount"]), found["source"]) == (1000.0, "merge")
    order = world.order(large, 11)
    world.confirm(order)
    assert world.order_state(order) == "draft"


@pytest.mark.parametrize("login", ["sam", "adam", "root"])
def test_archiving_a_customer_and_bringing_it_back_changes_nothing(world, login):
    partner = world.customer()
    before = terms(world, partner)
    client = world.user(login)
    world.attempt(lambda: client.write("res.partner", partner, {"active": False}))
    world.attempt(lambda: client.write("res.partner", partner, {"active": True}))
    world.attempt(lambda: client.call("res.partner", "copy", partner))
    assert terms(world, partner) == before
    copied = world.value("SELECT max(id) FROM res_partner WHERE name LIKE '%%(copy)%%'")
    assert not copied or terms(world, copied) == [], "a copy was granted nothing"
    order = world.order(partner, 11)
    world.confirm(order)
    assert world.order_state(order) == "draft"


def test_another_company_in_the_context_lends_nothing(world):
    """The company of the document judges, whatever company the caller has opened."""
    partner = world.customer()
    order = world.order(partner, 11)
    for context in ({"allowed_company_ids": [world.company, 99]}, {"company_id": 99}, {"force_company": 99}):
        world.attempt(
            lambda context=context: world.user("sam").call(
                "sale.order", "action_confirm", order, context=context
            )
        )
    assert world.order_state(order) == "draft"


def test_counters_of_groups_are_not_written(world):
    count = world.value("SELECT count(*) FROM o2c_credit_profile")
    for login in ("sam", "olga", "root"):
        with world.refused():
            world.user(login).create("o2c.credit.profile", {"company_id": world.company})
    assert world.value("SELECT count(*) FROM o2c_credit_profile") == count


def test_the_register_names_what_was_granted(world):
    partner = world.customer()
    application, request = submitted(world, partner)
    world.user("max").call("o2c.request", "action_approve", request)
    evidence = world.value(
        "SELECT evidence FROM o2c_register WHERE event = 'limit_approved' AND res_id = %s", application
    )
    found = evidence if isinstance(evidence, dict) else json.loads(evidence)
    assert (found["amount"], found["grade"]) == (900.0, "B")
