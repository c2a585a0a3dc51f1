"""Posting customer invoices that a control holds: here, for what no order says."""

import pytest


def assert_draft(world, invoice):
    """Neither posted nor numbered, and nothing is owed by it."""
    assert world.state("account_move", invoice) == "draft"
    assert not world.value(
        "SELECT count(*) FROM account_move_line WHERE move_id = %s AND parent_state = 'posted'", invoice
    )


def product_line(world, invoice):
    """Id of the first line of an invoice."""
    return world.value(
        "SELECT min(id) FROM account_move_line WHERE move_id = %s AND display_type = 'product'", invoice
    )


def invoice_order(world, order, *, by="adam", method="delivered", **values):
    """Make invoices of an order in the dialogue; returns their ids."""
    client = world.user(by)
    wizard = client.create(
        "sale.advance.payment.inv",
        {"advance_payment_method": method, **values},
        context={"active_model": "sale.order", "active_ids": [order], "active_id": order},
    )
    client.call("sale.advance.payment.inv", "create_invoices", wizard)
    return [invoice["id"] for invoice in world.order_facts(order)["invoices"]]


def test_the_invoice_of_an_order_is_posted(world):
    """The control of the experiment: this user can invoice."""
    order = world.confirmed(world.customer(), 9)
    [invoice] = invoice_order(world, order)
    world.user("adam").call("account.move", "action_post", invoice)
    assert world.state("account_move", invoice) == "posted"


@pytest.mark.parametrize("login", ["adam", "ada", "root"])
def test_button_holds(world, login):
    invoice = world.loose_invoice(world.customer(), 1500.0)
    world.user(login).call("account.move", "action_post", invoice)
    assert_draft(world, invoice)
    assert "invoice_without_order" in [hold["code"] for hold in world.holds(move=invoice)]


def test_an_invoice_does_not_pretend_to_be_posted_or_not(world):
    """Lines carry their entry's state, and the ledger is read by it."""
    order = world.confirmed(world.customer(), 9)
    [posted] = invoice_order(world, order)
    world.user("adam").call("account.move", "action_post", posted)
    draft = world.loose_invoice(world.customer(), 1500.0)
    for invoice, state in ((posted, "draft"), (draft, "posted")):
        facts = (
            "SELECT id, parent_state, reconciled, amount_residual FROM account_move_line"
            " WHERE move_id = %s ORDER BY id"
        )
        before = world.rows(facts, invoice)
        line = world.value(
            "SELECT min(id) FROM account_move_line WHERE move_id = %s AND display_type = 'payment_term'",
            invoice,
        )
        for values in ({"parent_state": state}, {"reconciled": True}, {"amount_residual": 0.0}):
            for login in ("adam", "ada"):
                world.attempt(
                    lambda login=login, values=values, line=line: world.user(login).write(
                        "account.move.line", line, values
                    )
                )
        assert world.rows(facts, invoice) == before


def validate(world, invoice, **values):
    """The batch dialogue."""
    wizard = world.user("adam").create(
        "validate.account.move",
        values,
        context={"active_model": "account.move", "active_ids": [invoice]},
    )
    return world.user("adam").call("validate.account.move", "validate_move", wizard)


WAYS = {
    "xmlrpc": lambda world, invoice: world.xmlrpc("adam").call("account.move", "action_post", [invoice]),
    "state": lambda world, invoice: world.user("adam").write("account.move", invoice, {"state": "posted"}),
    "state_by_accountant": lambda world, invoice: world.user("ada").write(
        "account.move", invoice, {"state": "posted"}
    ),
    "state_and_name": lambda world, invoice: world.user("ada").write(
        "account.move", invoice, {"state": "posted", "name": "INV/2026/99999", "posted_before": True}
    ),
    "state_by_xmlrpc": lambda world, invoice: world.xmlrpc("ada").call(
        "account.move", "write", [invoice], {"state": "posted"}
    ),
    "validate_move": validate,
    "validate_move_forced": lambda world, invoice: validate(world, invoice, force_post=True),
    "_post": lambda world, invoice: world.user("adam").call("account.move", "_post", invoice),
    "post_with_context": lambda world, invoice: world.user("adam").call(
        "account.move",
        "action_post",
        invoice,
        context={
            "validate_analytic": True,
            "disable_abnormal_invoice_detection": True,
            "skip_invoice_sync": True,
            "o2c_skip": True,
            "o2c_guard_pass": True,
            "move_reverse_cancel": True,
        },
    ),
    "auto_post": lambda world, invoice: (
        world.user("adam").write("account.move", invoice, {"auto_post": "at_date", "date": "2020-01-01"}),
        world.user("root").call(
            "ir.cron",
            "method_direct_trigger",
            world.value("SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_auto_post_draft_entry'"),
        ),
    ),
    "register_payment": lambda world, invoice: world.user("adam").call(
        "account.payment.register",
        "action_create_payments",
        world.user("adam").create(
            "account.payment.register", {}, context={"active_model": "account.move", "active_ids": [invoice]}
        ),
    ),
    "send_and_print": lambda world, invoice: world.user("adam").call(
        "account.move.send.wizard",
        "action_send_and_print",
        world.user("adam").create("account.move.send.wizard", {"move_id": invoice}),
    ),
    "turned_into_an_entry_and_back": lambda world, invoice: (
        world.user("ada").write("account.move", invoice, {"move_type": "entry"}),
        world.user("ada").call("account.move", "action_post", invoice),
        world.user("ada").write("account.move", invoice, {"move_type": "out_invoice"}),
    ),
    "turned_into_a_credit_note": lambda world, invoice: (
        world.user("adam").call("account.move", "action_switch_move_type", invoice),
        world.user("adam").call("account.move", "action_post", invoice),
        world.user("adam").write("account.move", invoice, {"move_type": "out_invoice"}),
    ),
    "down_payment_mark": lambda world, invoice: (
        world.user("adam").write(
            "account.move",
            invoice,
            {
                "invoice_line_ids": [
                    (
                        1,
                        product_line(world, invoice),
                        {"is_downpayment": True},
                    )
                ]
            },
        ),
        world.user("adam").call("account.move", "action_post", invoice),
    ),
    "portal": lambda world, invoice: world.portal.call("account.move", "action_post", [invoice]),
}


@pytest.mark.parametrize("name", WAYS)
def test_other_ways_to_post_come_to_nothing(world, name):
    invoice = world.loose_invoice(world.customer(), 1500.0)
    world.attempt(lambda: WAYS[name](world, invoice))
    [row] = world.rows("SELECT state, move_type FROM account_move WHERE id = %s", invoice)
    assert not (row["state"] == "posted" and row["move_type"] in ("out_invoice", "out_receipt"))
    if name not in ("turned_into_an_entry_and_back", "turned_into_a_credit_note"):
        assert_draft(world, invoice)


CREATIONS = {
    "state": {"state": "posted"},
    "state_and_name": {"state": "posted", "name": "INV/2026/88888"},
    "receipt": {"state": "posted", "move_type": "out_receipt"},
    "auto_post": {"auto_post": "at_date", "date": "2020-01-01", "state": "posted"},
}


@pytest.mark.parametrize("name", CREATIONS)
def test_invoices_are_not_created_posted(world, name):
    partner = world.customer()
    world.attempt(lambda: world.loose_invoice(partner, 1500.0, **CREATIONS[name]))
    world.attempt(
        lambda: world.user("ada").create(
            "account.move",
            {
                "partner_id": partner,
                "invoice_line_ids": [(0, 0, {"name": "Work", "price_unit": 1500.0, "tax_ids": [(5,)]})],
            },
            context={"default_move_type": "out_invoice", "default_state": "posted"},
        )
    )
    assert not world.value(
        "SELECT count(*) FROM account_move WHERE partner_id = %s AND state = 'posted'", partner
    )


def test_in_a_batch_only_the_good_ones_are_posted(world):
    [good] = invoice_order(world, world.confirmed(world.customer(), 9))
    bad = world.loose_invoice(world.customer(), 1500.0)
    world.user("adam").call("account.move", "action_post", [good, bad])
    assert world.state("account_move", good) == "posted"
    assert_draft(world, bad)


def test_a_batch_write_of_states_is_refused_whole(world):
    [good] = invoice_order(world, world.confirmed(world.customer(), 9))
    bad = world.loose_invoice(world.customer(), 1500.0)
    with world.refused():
        world.user("ada").write("account.move", [good, bad], {"state": "posted"})
    assert_draft(world, good)
    assert_draft(world, bad)


def test_a_line_added_to_the_invoice_of_an_order_is_held(world):
    """900 from the order, 57,500 written below."""
    order = world.confirmed(world.customer(), 9)
    [invoice] = invoice_order(world, order)
    world.user("adam").write(
        "account.move",
        invoice,
        {
            "invoice_line_ids": [
                (0, 0, {"name": "And more", "quantity": 1, "price_unit": 57_500.0, "tax_ids": [(5,)]})
            ]
        },
    )
    world.user("adam").call("account.move", "action_post", invoice)
    assert_draft(world, invoice)


def test_a_released_invoice_does_not_grow(world):
    """Released at 900, then written to 57,500."""
    invoice = world.loose_invoice(world.customer(), 900.0)
    world.user("adam").call("account.move", "action_post", invoice)
    request = world.ask_for("account.move", invoice, by="adam")
    world.user("mia").call("o2c.request", "action_approve", request)
    assert world.state("o2c_request", request) == "approved"
    line = product_line(world, invoice)
    world.user("adam").write(
        "account.move", invoice, {"invoice_line_ids": [(1, line, {"price_unit": 57_500.0})]}
    )
    world.user("adam").call("account.move", "action_post", invoice)
    assert_draft(world, invoice)
    with world.refused():
        world.user("ada").write("account.move", invoice, {"state": "posted"})
    assert_draft(world, invoice)


def test_a_released_invoice_does_not_change_its_debtor(world):
    invoice = world.loose_invoice(world.customer(), 900.0)
    world.user("adam").call("account.move", "action_post", invoice)
    request = world.ask_for("account.move", invoice, by="adam")
    world.user("mia").call("o2c.request", "action_approve", request)
    world.user("adam").write("account.move", invoice, {"partner_id": world.customer()})
    world.user("adam").call("account.move", "action_post", invoice)
    assert_draft(world, invoice)


def test_who_invoices_does_not_release_his_invoice(world):
    invoice = world.loose_invoice(world.customer(), 900.0, by="ada")
    world.user("ada").call("account.move", "action_post", invoice)
    request = world.ask_for("account.move", invoice, by="ada")
    for login in ("ada", "adam", "sam", "emil"):
        with world.refused():
            world.user(login).call("o2c.request", "action_approve", request)
    assert world.state("o2c_request", request) == "pending"
    assert_draft(world, invoice)
