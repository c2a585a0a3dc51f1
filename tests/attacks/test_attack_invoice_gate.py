"""Invoices past the money and the signature of the finance director: 60 % of an order must be in."""

import pytest

from .test_attack_invoice import WAYS, assert_draft, invoice_order, product_line

APPLICATION = "o2c.invoice.application"


def gated_order(world, paid=0.0):
    """A confirmed order over 1,000 of a service, and what was collected of it."""
    order = world.order(world.gated_customer(), 10, product=world.advice)
    world.confirm(order)
    assert world.order_state(order) == "sale"
    if paid:
        pay(world, order, paid)
    return order


def pay(world, order, amount):
    """Billing enters money of the order."""
    register = world.user("adam").create("o2c.receipt.register", {"order_id": order, "amount": amount})
    world.user("adam").call("o2c.receipt.register", "action_register", register)


def order_line(world, order):
    return world.value("SELECT min(id) FROM sale_order_line WHERE order_id = %s", order)


def linked_invoice(world, order, *, by="adam", **values):
    """A draft that somebody makes by hand from the order's line."""
    partner = world.value("SELECT partner_id FROM sale_order WHERE id = %s", order)
    line = {
        "name": "Advice", "product_id": world.advice, "quantity": 10, "price_unit": 100.0, "tax_ids": [(5,)],
        "sale_line_ids": [(4, order_line(world, order))],
    }
    return world.user(by).create("account.move", {
        "move_type": "out_invoice", "partner_id": partner, "invoice_line_ids": [(0, 0, line)], **values})


def apply(world, order, *, by="sam", reason=None):
    """Start an application; returns its id."""
    action = world.user(by).call("sale.order", "action_o2c_apply_invoice", order)
    if reason:
        world.user(by).write(APPLICATION, action["res_id"], {"reason": reason})
    return action["res_id"]


def request_of(world, application):
    return world.value(
        "SELECT max(id) FROM o2c_request WHERE res_model = %s AND res_id = %s", APPLICATION, application)


def posted(world, order):
    """Posted invoices of an order."""
    return [one["id"] for one in world.order_facts(order)["invoices"] if one["state"] == "posted"]


def test_the_right_way_posts_the_invoice(world):
    """The control of the experiment: 600 of 1,000, checked by Fiona, signed by Fred."""
    order = gated_order(world, 600)
    application = apply(world, order)
    world.user("sam").call(APPLICATION, "action_submit", application)
    request = request_of(world, application)
    world.user("fiona").call("o2c.request", "action_approve", request)
    assert not posted(world, order)
    world.user("fred").call("o2c.request", "action_approve", request)
    assert world.state("o2c_invoice_application", application) == "invoiced"
    assert len(posted(world, order)) == 1


@pytest.mark.parametrize("login", ["adam", "ada", "root"])
def test_the_dialogue_makes_no_invoice(world, login):
    order = gated_order(world, 599.99)
    world.attempt(lambda: invoice_order(world, order, by=login))
    assert not world.order_facts(order)["invoices"]


@pytest.mark.parametrize("method", ["percentage", "fixed"])
def test_a_down_payment_waits_for_the_money_too(world, method):
    order = gated_order(world, 100)
    values = {"amount": 50.0} if method == "percentage" else {"fixed_amount": 500.0}
    [invoice] = invoice_order(world, order, method=method, **values)
    world.attempt(lambda: world.user("ada").call("account.move", "action_post", invoice))
    world.attempt(lambda: world.user("ada").write("account.move", invoice, {"state": "posted"}))
    assert_draft(world, invoice)


@pytest.mark.parametrize("name", WAYS)
def test_no_way_posts_a_linked_invoice(world, name):
    order = gated_order(world, 599.99)
    invoice = linked_invoice(world, order)
    world.attempt(lambda: WAYS[name](world, invoice))
    [row] = world.rows("SELECT state, move_type FROM account_move WHERE id = %s", invoice)
    assert not (row["state"] == "posted" and row["move_type"] in ("out_invoice", "out_receipt"))
    assert not [one for one in posted(world, order) if one != invoice]


def test_enough_money_is_no_signature(world):
    order = gated_order(world, 1000)
    world.attempt(lambda: invoice_order(world, order))
    invoice = linked_invoice(world, order)
    world.attempt(lambda: world.user("ada").call("account.move", "action_post", invoice))
    assert_draft(world, invoice)


def test_a_paid_order_lends_its_money_to_nobody(world):
    """An invoice of an unpaid order is linked to a paid one, of the same and of another customer."""
    paid, unpaid = gated_order(world, 1000), gated_order(world)
    invoice = linked_invoice(world, unpaid)
    item = product_line(world, invoice)
    with world.refused():
        links = {"sale_line_ids": [(6, 0, [order_line(world, paid)])]}
        world.user("ada").write("account.move.line", item, links)
    other = linked_invoice(world, paid, partner_id=world.gated_customer())
    world.attempt(lambda: world.user("ada").write("account.move", other, {"state": "posted"}))
    assert_draft(world, other)


def test_amounts_by_which_the_gate_judges_are_not_written(world):
    order = gated_order(world, 100)
    invoice = linked_invoice(world, order)
    for login in ("adam", "ada", "root"):
        for values in ({"price_total": 0.0}, {"price_subtotal": 0.0}):
            item = product_line(world, invoice)
            with world.refused():
                world.user(login).write("account.move.line", item, values)


def test_a_release_does_not_open_the_gate(world):
    """Nobody can ask for one, and what is asked for all the same posts nothing."""
    order = gated_order(world, 100)
    invoice = linked_invoice(world, order)
    world.user("adam").call("account.move", "action_post", invoice)
    assert {hold["code"] for hold in world.holds(move=invoice)} >= {"invoice_ratio", "invoice_application"}
    request = world.attempt(lambda: world.ask_for("account.move", invoice, by="adam"))
    if isinstance(request, int):
        for login in ("mia", "fred"):
            client = world.user(login)
            world.attempt(lambda client=client: client.call("o2c.request", "action_approve", request))
    world.attempt(lambda: world.user("adam").call("account.move", "action_post", invoice))
    assert_draft(world, invoice)


FORGERIES = {
    "state": {"state": "invoiced"},
    "exception": {"is_exception": True},
    "amount": {"amount": 1.0},
    "orders": {"order_ids": [(5,)]},
    "applicant": {"user_id": 1},
    "accepted": {"missing_submitted": 1e9},
    "invoice": {"move_id": 1},
    "line": {"line_ids": [(0, 0, {"quantity": 10, "amount": 1e9})]},
    "request": {"o2c_request_state": "approved"},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_an_application_is_not_forged(world, name):
    order = gated_order(world, 100)
    application = apply(world, order)
    facts = "SELECT state, is_exception, amount, user_id, move_id FROM o2c_invoice_application WHERE id = %s"
    before = world.rows(facts, application)
    for login in ("sam", "boss", "adam", "fiona", "fred", "root", "petra", "audrey"):
        with world.refused():
            world.user(login).write(APPLICATION, application, FORGERIES[name])
    assert world.rows(facts, application) == before
    assert not posted(world, order)


def test_applications_are_made_by_their_button_only(world):
    order = gated_order(world, 600)
    for login in ("sam", "fred", "root"):
        with world.refused():
            world.user(login).create(APPLICATION, {"order_ids": [(6, 0, [order])], "state": "invoiced"})
        for method in ("_make_invoice", "_guarded_create", "_move_state", "_on_request_approved"):
            with world.refused():
                world.user(login).call(APPLICATION, method, apply(world, order))
    assert not posted(world, order)


def test_below_the_share_only_an_exception_is_applied_for(world):
    order = gated_order(world, 599.99)
    application = apply(world, order, reason="Please")
    with world.refused():
        world.user("sam").call(APPLICATION, "action_submit", application)
    world.user("sam").call(APPLICATION, "action_submit_exception", application)
    request = request_of(world, application)
    for login in ("sam", "boss", "adam", "petra", "audrey", "root"):
        with world.refused():
            world.user(login).call("o2c.request", "action_approve", request)
    assert not posted(world, order)
    for login in ("fiona", "fred"):
        world.user(login).call("o2c.request", "action_approve", request)
    assert len(posted(world, order)) == 1


def test_one_person_signs_once(world):
    order = gated_order(world, 600)
    application = apply(world, order)
    world.user("sam").call(APPLICATION, "action_submit", application)
    request = request_of(world, application)
    world.user("fiona").call("o2c.request", "action_approve", request)
    for login in ("fiona", "sam", "boss", "root"):
        with world.refused():
            world.user(login).call("o2c.request", "action_approve", request)
    assert not posted(world, order)


def test_context_is_no_authority(world):
    order = gated_order(world, 100)
    line = order_line(world, order)
    context = {
        "o2c_invoice_parts": {"quantities": {str(line): 10}}, "o2c_gate_figures": {"orders": {}},
        "o2c_guard_pass": True, "o2c_budget": True,
    }
    invoice = linked_invoice(world, order)
    for login in ("adam", "ada"):
        world.attempt(lambda login=login: world.user(login).call(
            "account.move", "action_post", invoice, context=context))
        world.attempt(lambda login=login: world.user(login).write(
            "account.move", invoice, {"state": "posted"}, context=context))
    assert_draft(world, invoice)


def delivered(world):
    """A delivery that is done, of an order over 100."""
    order = world.order(world.gated_customer(), 1)
    world.confirm(order)
    picking = world.value("SELECT max(id) FROM stock_picking WHERE sale_id = %s", order)
    world.user("wanda").call("stock.picking", "action_assign", picking)
    world.user("wanda").call("stock.picking", "button_validate", picking)
    assert world.state("stock_picking", picking) == "done"
    return picking


def test_signatures_of_customers_are_not_forged(world):
    picking = delivered(world)
    slip = {"picking_id": picking, "signed_by": "Nobody", "signed_on": "2026-01-01", "file": "YQ=="}
    for login in ("sam", "adam", "petra", "audrey", "emil"):
        with world.refused():
            wizard = world.user(login).create("o2c.delivery.slip.register", slip)
            world.user(login).call("o2c.delivery.slip.register", "action_register", wizard)
    for login in ("sam", "wanda", "wim", "fiona", "root"):
        with world.refused():
            world.user(login).create("o2c.delivery.slip", slip)
        with world.refused():
            world.user(login).write("stock.picking", picking, {"o2c_slip_ids": [(0, 0, slip)]})
    assert not world.value("SELECT count(*) FROM o2c_delivery_slip WHERE picking_id = %s", picking)
    wizard = world.user("wanda").create("o2c.delivery.slip.register", slip)
    world.user("wanda").call("o2c.delivery.slip.register", "action_register", wizard)
    [kept] = world.rows("SELECT id, signed_by, state FROM o2c_delivery_slip WHERE picking_id = %s", picking)
    for login in ("sam", "wanda", "wim", "fiona", "root"):
        for values in ({"signed_by": "Other"}, {"state": "void"}, {"file": "Yg=="}):
            with world.refused():
                world.user(login).write("o2c.delivery.slip", kept["id"], values)
        with world.refused():
            world.user(login).call("o2c.delivery.slip", "unlink", kept["id"])
    facts = "SELECT id, signed_by, state FROM o2c_delivery_slip WHERE picking_id = %s"
    assert world.rows(facts, picking) == [kept]


def test_a_number_of_a_tax_invoice_is_used_once(world):
    first, second = (
        invoice_order(world, world.confirmed(world.customer(), 9))[0] for _order in range(2))
    world.user("adam").write("account.move", first, {"o2c_tax_number": "25312000000012345678"})
    world.user("adam").call("account.move", "action_post", first)
    world.user("adam").write("account.move", second, {"o2c_tax_number": "2531 2000 0000 1234 5678"})
    world.user("adam").call("account.move", "action_post", second)
    assert_draft(world, second)
    with world.refused():
        world.user("ada").write("account.move", second, {"state": "posted"})
    world.user("adam").write("account.move", second, {"o2c_tax_number": False})
    world.user("adam").call("account.move", "action_post", second)
    with world.refused():
        world.user("adam").write("account.move", second, {"o2c_tax_number": "25312000000012345678"})
    assert world.value("SELECT o2c_tax_number FROM account_move WHERE id = %s", second) is None
