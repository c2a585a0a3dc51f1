"""Getting an order confirmed that the customer's limit does not cover.

Every attack is a quotation of 1,500 or an order of 900 that grows, for a
customer who may owe 1,000.
"""

import pytest

GUESSED_CONTEXTS = [
    {"skip_o2c": True, "o2c_skip": True, "o2c_bypass": True, "no_o2c": True},
    {"skip_credit_check": True, "bypass_credit": True, "ignore_holds": True, "force": True},
    {"o2c_guard_pass": True, "o2c_pass": True, "o2c_released": True, "o2c_confirm": True},
    {"o2c_guard_pass": {"model": "sale.order", "operation": "write", "spent": False}},
    {"install_mode": True, "module": "o2c_hold", "import_file": True, "test_enable": True},
    {"tracking_disable": True, "mail_notrack": True, "active_test": False, "uid": 1, "su": True},
    {"default_state": "sale", "default_locked": True},
    {"allowed_company_ids": [], "skip_sanity_check": True, "from_portal": True, "website_id": 1},
]


def assert_waits(world, order, before):
    """The order is still a quotation, with nothing behind it."""
    assert world.order_facts(order) == before
    assert world.order_state(order) in ("draft", "sent")
    assert world.order_facts(order)["moves"] == []


# ---------------------------------------------------------------- confirming


def test_confirming_within_the_limit_works(world):
    """The control of the experiment: these users can sell."""
    order = world.order(world.customer(), 9)
    world.confirm(order)
    assert world.order_state(order) == "sale"
    assert world.order_facts(order)["moves"], "goods are reserved for it"


@pytest.mark.parametrize("login", ["sam", "sue", "boss", "olga", "mia", "both"])
def test_button_holds(world, login):
    order = world.order(world.customer(), 15)
    before = world.order_facts(order)
    world.user(login).call("sale.order", "action_confirm", order)
    assert_waits(world, order, before)
    assert [hold["checkpoint"] for hold in world.holds(order=order)] == ["order"]
    assert world.holds(order=order)[0]["code"] == "credit_limit"


def test_button_by_xmlrpc_holds(world):
    order = world.order(world.customer(), 15)
    before = world.order_facts(order)
    world.xmlrpc("sam").call("sale.order", "action_confirm", [order])
    assert_waits(world, order, before)


@pytest.mark.parametrize("context", GUESSED_CONTEXTS, ids=lambda context: ",".join(context))
def test_context_keys_do_not_confirm(world, context):
    order = world.order(world.customer(), 15)
    before = world.order_facts(order)
    client = world.user("sam")
    world.attempt(lambda: client.call("sale.order", "action_confirm", order, context=context))
    assert_waits(world, order, before)
    with world.refused():
        client.write("sale.order", order, {"state": "sale"}, context=context)
    assert_waits(world, order, before)


@pytest.mark.parametrize("login", ["sam", "boss", "wanda", "adam", "ada", "mia", "root"])
def test_writing_the_state_is_refused(world, login):
    """Warehouse and accounting users may write orders, too."""
    order = world.order(world.customer(), 15)
    before = world.order_facts(order)
    with world.refused():
        world.user(login).write("sale.order", order, {"state": "sale"})
    assert_waits(world, order, before)
    entries = world.rows(
        "SELECT is_refusal, user_ref FROM o2c_register WHERE res_model = 'sale.order' AND res_id = %s", order
    )
    assert {"is_refusal": True, "user_ref": world.users[login]} in entries, "the attempt is on record"


WRITES = {
    "xmlrpc": lambda world, order: world.xmlrpc("sam").call(
        "sale.order", "write", [order], {"state": "sale"}
    ),
    "web_save": lambda world, order: world.user("sam").call(
        "sale.order", "web_save", order, vals={"state": "sale"}, specification={}
    ),
    "with_other_fields": lambda world, order: world.user("sam").write(
        "sale.order", order, {"state": "sale", "locked": True, "date_order": "2026-01-01 00:00:00"}
    ),
    "load": lambda world, order: raise_on_messages(
        world.user("sam").call(
            "sale.order", "load", fields=[".id", "state"], data=[[str(order), "Sales Order"]]
        )
    ),
    "from_the_customer": lambda world, order: world.user("sam").write(
        "res.partner",
        world.value("SELECT partner_id FROM sale_order WHERE id = %s", order),
        {"sale_order_ids": [(1, order, {"state": "sale"})]},
    ),
    "after_sent": lambda world, order: (
        world.user("sam").call("sale.order", "action_quotation_sent", order),
        world.user("sam").write("sale.order", order, {"state": "sale"}),
    ),
}


def raise_on_messages(result):
    """``load`` reports errors instead of raising them."""
    from api import ApiError

    errors = [message for message in result["messages"] if message["type"] == "error"]
    if errors or not result["ids"]:
        raise ApiError("UserError", str(errors))


@pytest.mark.parametrize("name", WRITES)
def test_other_ways_to_write_the_state_are_refused(world, name):
    order = world.order(world.customer(), 15)
    before = world.order_facts(order)
    world.attempt(lambda: WRITES[name](world, order))
    after = world.order_facts(order)
    if name == "after_sent":
        assert after["order"][0].pop("state") == "sent"
        assert before["order"][0].pop("state") == "draft"
    assert after == before


PRIVATE = [
    "_action_confirm",
    "_validate_order",
    "_write",
    "_guarded_write",
    "_move_state",
    "_submit_for_approval",
    "_on_request_approved",
]


@pytest.mark.parametrize("method", PRIVATE)
def test_private_methods_are_out_of_reach(world, method):
    order = world.order(world.customer(), 15)
    before = world.order_facts(order)
    with world.refused():
        world.user("sam").call("sale.order", method, order)
    assert_waits(world, order, before)


def test_a_line_does_not_pretend_to_be_sold(world):
    """A line carries its order's state; goods are procured for lines that say they are sold."""
    order = world.order(world.customer(), 15)
    client = world.user("sam")
    world.attempt(lambda: client.write("sale.order.line", world.line(order), {"state": "sale"}))
    world.attempt(lambda: client.write("sale.order.line", world.line(order), {"product_uom_qty": 16}))
    world.attempt(
        lambda: client.create(
            "sale.order.line",
            {"order_id": order, "product_id": world.pump, "product_uom_qty": 5, "state": "sale"},
        )
    )
    assert world.order_state(order) == "draft"
    assert world.order_facts(order)["moves"] == []


CREATIONS = {
    "create": lambda world, values: world.user("sam").create("sale.order", {**values, "state": "sale"}),
    "create_locked": lambda world, values: world.user("sam").create(
        "sale.order", {**values, "state": "sale", "locked": True}
    ),
    "create_by_default": lambda world, values: world.user("sam").create(
        "sale.order", values, context={"default_state": "sale"}
    ),
    "create_by_xmlrpc": lambda world, values: world.xmlrpc("sam").call(
        "sale.order", "create", {**values, "state": "sale"}
    ),
    "create_and_sell_later": lambda world, values: [
        order := world.user("sam").create(
            "sale.order", {"partner_id": values["partner_id"], "state": "sale"}
        ),
        world.user("sam").write("sale.order", order, {"order_line": values["order_line"]}),
    ],
    "create_a_line_with_its_order": lambda world, values: world.user("sam").create(
        "sale.order.line",
        {
            **values["order_line"][0][2],
            "order_id": world.user("sam").create(
                "sale.order", {"partner_id": values["partner_id"], "state": "sale"}
            ),
        },
    ),
    "copy_into_the_state": lambda world, values: world.user("sam").call(
        "sale.order",
        "copy",
        world.user("sam").create("sale.order", values),
        default={"state": "sale"},
    ),
    "web_save": lambda world, values: world.user("sam").call(
        "sale.order", "web_save", vals={**values, "state": "sale"}, specification={}
    ),
    "from_the_customer": lambda world, values: world.user("sam").write(
        "res.partner", values["partner_id"], {"sale_order_ids": [(0, 0, {**values, "state": "sale"})]}
    ),
    "personal_default": lambda world, values: [
        world.user("sam").call(
            "ir.default", "set", model_name="sale.order", field_name="state", value="sale"
        ),
        world.user("sam").create("sale.order", values),
    ],
}


@pytest.mark.parametrize("name", CREATIONS)
def test_creating_confirmed_orders_is_refused(world, name):
    partner = world.customer()
    values = world.order_values(partner, 15)
    stock = world.in_stock(world.pump)
    try:
        world.attempt(lambda: CREATIONS[name](world, values))
    finally:
        defaults = world.rows(
            "SELECT d.id FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id"
            " WHERE f.model = 'sale.order' AND f.name = 'state'"
        )
        world.user("root").unlink("ir.default", [row["id"] for row in defaults])
    assert world.confirmed_total(partner) == 0
    assert world.in_stock(world.pump) == stock
    assert not world.value(
        "SELECT count(*) FROM stock_move m JOIN sale_order_line l ON l.id = m.sale_line_id"
        " JOIN sale_order o ON o.id = l.order_id WHERE o.partner_id = %s",
        partner,
    )


def test_moving_a_line_into_a_confirmed_order_is_refused(world):
    partner = world.customer()
    confirmed = world.confirmed(partner, 9)
    draft = world.order(partner, 50)
    before = world.order_facts(confirmed)
    with world.refused():
        world.user("sam").write("sale.order.line", world.line(draft), {"order_id": confirmed})
    assert world.order_facts(confirmed) == before


# ---------------------------------------------------------------- changing what was confirmed


def line_write(**values):
    """An attack that writes one line of the confirmed order."""
    return lambda world, order: world.user("sam").write("sale.order.line", world.line(order), values)


def line_command(*command):
    """An attack that goes through the order's lines."""
    return lambda world, order: world.user("sam").write(
        "sale.order",
        order,
        {"order_line": [tuple(world.line(order) if part == "line" else part for part in command)]},
    )


NEW_LINE = {"product_uom_qty": 575, "price_unit": 100, "tax_ids": [(5,)]}

GROWTHS = {
    "quantity": line_write(product_uom_qty=575),
    "price": line_write(price_unit=57_500),
    "discount_removed": line_write(discount=-5000),
    "quantity_and_price": line_write(product_uom_qty=50, price_unit=1000),
    "quantity_by_command": line_command(1, "line", {"product_uom_qty": 575}),
    "price_by_command": line_command(1, "line", {"price_unit": 57_500}),
    "tax_added": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"tax_ids": [(6, 0, [world.tax50])]}
    ),
    "unit_of_measure": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"product_uom_id": world.dozen, "price_unit": 1200}
    ),
    "new_line": lambda world, order: world.user("sam").create(
        "sale.order.line", {**NEW_LINE, "order_id": order, "product_id": world.pump}
    ),
    "new_line_by_command": lambda world, order: world.user("sam").write(
        "sale.order", order, {"order_line": [(0, 0, {**NEW_LINE, "product_id": world.pump})]}
    ),
    "new_line_of_a_service": lambda world, order: world.user("sam").create(
        "sale.order.line", {**NEW_LINE, "order_id": order, "product_id": world.advice}
    ),
    "new_line_called_down_payment": lambda world, order: world.user("sam").create(
        "sale.order.line", {**NEW_LINE, "order_id": order, "product_id": world.pump, "is_downpayment": True}
    ),
    "copied_line": lambda world, order: world.user("sam").call(
        "sale.order.line", "copy", world.line(order), default={"order_id": order, "product_uom_qty": 575}
    ),
    "warehouse_raises_the_quantity": lambda world, order: world.user("wanda").write(
        "sale.order.line", world.line(order), {"product_uom_qty": 575}
    ),
    "accountant_raises_the_price": lambda world, order: world.user("adam").write(
        "sale.order.line", world.line(order), {"price_unit": 57_500}
    ),
    "xmlrpc": lambda world, order: world.xmlrpc("sam").call(
        "sale.order.line", "write", [world.line(order)], {"product_uom_qty": 575}
    ),
    "with_context": lambda world, order: world.user("sam").write(
        "sale.order.line",
        world.line(order),
        {"product_uom_qty": 575},
        context={"skip_procurement": True, "o2c_guard_pass": True, "sale_no_check": True},
    ),
    "catalogue": lambda world, order: world.user("sam").call(
        "sale.order", "_update_order_line_info", order, product_id=world.pump, quantity=575
    ),
    "debtor_becomes_a_poor_one": lambda world, order: world.user("sam").write(
        "sale.order", order, {"partner_invoice_id": world.poor}
    ),
    "customer_becomes_a_poor_one": lambda world, order: world.user("sam").write(
        "sale.order", order, {"partner_id": world.poor, "partner_invoice_id": world.poor}
    ),
    "currency_rate": lambda world, order: world.user("sam").write(
        "sale.order", order, {"currency_rate": 0.001}
    ),
}


@pytest.mark.parametrize("name", GROWTHS)
def test_a_confirmed_order_can_not_outgrow_the_limit(world, name):
    order = world.confirmed(world.customer(), 9)
    before = world.order_facts(order)
    with world.refused():
        GROWTHS[name](world, order)
    assert world.order_facts(order) == before


def test_dropping_a_rebate_line_is_refused(world):
    """900 net of a rebate of 600: without the rebate it would be 1,500."""
    partner = world.customer()
    order = world.order(partner, 15)
    rebate = world.user("sam").create(
        "sale.order.line",
        {
            "order_id": order,
            "product_id": world.advice,
            "product_uom_qty": -1,
            "price_unit": 600,
            "tax_ids": [(5,)],
        },
    )
    world.confirm(order)
    assert world.order_state(order) == "sale"
    before = world.order_facts(order)
    for values in ({"product_uom_qty": 0}, {"price_unit": 0}, {"product_uom_qty": 1}):
        with world.refused():
            world.user("sam").write("sale.order.line", rebate, values)
    world.attempt(lambda: world.user("sam").unlink("sale.order.line", rebate))
    assert world.order_facts(order) == before


def test_a_discount_removed_after_confirmation_is_refused(world):
    order = world.order(world.customer(), 15, line={"discount": 50.0})
    world.confirm(order)
    assert world.order_state(order) == "sale"
    before = world.order_facts(order)
    with world.refused():
        world.user("sam").write("sale.order.line", world.line(order), {"discount": 0})
    assert world.order_facts(order) == before


def test_unlocking_and_reopening_do_not_open_the_door(world):
    order = world.confirmed(world.customer(), 9)
    before = world.order_facts(order)
    client = world.user("boss")
    client.call("sale.order", "action_lock", order)
    client.call("sale.order", "action_unlock", order)
    with world.refused():
        client.write("sale.order.line", world.line(order), {"product_uom_qty": 575})
    assert world.order_facts(order) == before


def test_cancelled_and_reopened_with_more_is_held(world):
    order = world.confirmed(world.customer(), 9)
    client = world.user("sam")
    client.call("sale.order", "action_cancel", order)
    with world.refused():
        client.write("sale.order.line", world.line(order), {"product_uom_qty": 50, "state": "sale"})
    client.write("sale.order.line", world.line(order), {"product_uom_qty": 50})
    with world.refused():
        client.write("sale.order", order, {"state": "sale"})
    assert world.order_state(order) == "cancel"
    client.call("sale.order", "action_draft", order)
    client.write("sale.order.line", world.line(order), {"product_uom_qty": 50})
    client.call("sale.order", "action_confirm", order)
    assert world.order_state(order) == "draft"
    with world.refused():
        client.write("sale.order", order, {"state": "sale"})
    assert world.order_state(order) == "draft"


# ---------------------------------------------------------------- making it look small


DISGUISES = {
    "line_total": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"price_total": 1.0, "price_subtotal": 1.0, "price_tax": 0.0}
    ),
    "order_total": lambda world, order: world.user("sam").write(
        "sale.order", order, {"amount_total": 1.0, "amount_untaxed": 1.0}
    ),
    "currency_rate": lambda world, order: world.user("sam").write(
        "sale.order", order, {"currency_rate": 1_000_000.0}
    ),
    "looks_invoiced": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"qty_invoiced": 15, "invoice_status": "invoiced"}
    ),
    "looks_like_a_down_payment": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"is_downpayment": True}
    ),
    "looks_like_an_expense": lambda world, order: world.user("sam").write(
        "sale.order.line", world.line(order), {"is_expense": True}
    ),
    "other_company": lambda world, order: world.user("sam").write("sale.order", order, {"company_id": False}),
    "totals_at_creation": lambda world, order: world.user("sam").write(
        "sale.order",
        order,
        {
            "order_line": [
                (5,),
                (
                    0,
                    0,
                    {
                        "product_id": world.pump,
                        "product_uom_qty": 15,
                        "price_unit": 100,
                        "tax_ids": [(5,)],
                        "price_total": 1.0,
                        "price_subtotal": 1.0,
                    },
                ),
            ]
        },
    ),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguised_order_is_held(world, name):
    """Stored computed fields are writable by anybody who may write the order."""
    partner = world.customer()
    order = world.order(partner, 15)
    world.attempt(lambda: DISGUISES[name](world, order))
    world.attempt(lambda: world.confirm(order))
    assert world.order_state(order) == "draft"
    assert world.confirmed_total(partner) == 0


@pytest.mark.parametrize(
    "name", ["line_total", "order_total", "currency_rate", "looks_invoiced", "looks_like_a_down_payment"]
)
def test_disguising_a_confirmed_order_makes_no_room(world, name):
    """900 are taken; whatever the first order claims to be, a second one of 900 must wait."""
    partner = world.customer()
    first = world.confirmed(partner, 9)
    world.attempt(lambda: DISGUISES[name](world, first))
    second = world.order(partner, 9)
    world.confirm(second)
    assert world.order_state(second) == "draft"


def test_borrowing_invoice_lines_makes_no_room(world):
    """Linking another order's paid invoice makes an order look invoiced."""
    partner = world.customer()
    paid = world.confirmed(partner, 9)
    invoice = invoice_and_pay(world, paid)
    lines = world.rows(
        "SELECT id FROM account_move_line WHERE move_id = %s AND display_type = 'product'", invoice
    )
    first = world.confirmed(partner, 9)
    for login in ("sam", "adam"):
        world.attempt(
            lambda login=login: world.user(login).write(
                "sale.order.line",
                world.line(first),
                {"invoice_lines": [(6, 0, [line["id"] for line in lines])]},
            )
        )
    second = world.order(partner, 9)
    world.confirm(second)
    assert world.order_state(second) == "draft"


def invoice_and_pay(world, order):
    """Invoice an order and register its payment, as the accountant does; returns the invoice's id."""
    client = world.user("ada")
    wizard = client.create(
        "sale.advance.payment.inv",
        {"advance_payment_method": "delivered"},
        context={"active_model": "sale.order", "active_ids": [order], "active_id": order},
    )
    client.call("sale.advance.payment.inv", "create_invoices", wizard)
    [invoice] = world.order_facts(order)["invoices"]
    client.call("account.move", "action_post", invoice["id"])
    assert world.state("account_move", invoice["id"]) == "posted"
    payment = client.create(
        "account.payment.register",
        {},
        context={"active_model": "account.move", "active_ids": [invoice["id"]]},
    )
    client.call("account.payment.register", "action_create_payments", payment)
    return invoice["id"]


# ---------------------------------------------------------------- many orders


def test_in_a_batch_only_the_good_ones_confirm(world):
    good = [world.order(world.customer(), 9) for _ in range(3)]
    bad = [world.order(world.customer(), 15) for _ in range(2)]
    world.user("sam").call("sale.order", "action_confirm", [good[0], bad[0], good[1], bad[1], good[2]])
    assert [world.order_state(order) for order in good] == ["sale"] * 3
    assert [world.order_state(order) for order in bad] == ["draft"] * 2
    assert all(world.holds(order=order) for order in bad)


def test_in_a_batch_one_customer_can_not_exceed_the_limit_in_parts(world):
    partner = world.customer()
    orders = [world.order(partner, 6) for _ in range(3)]
    world.user("sam").call("sale.order", "action_confirm", orders)
    assert world.confirmed_total(partner) == 600


def test_orders_cut_into_slices_are_held(world):
    partner = world.customer()
    for _ in range(4):
        world.confirm(world.order(partner, 4))
    assert world.confirmed_total(partner) == 800


def test_a_batch_write_of_states_is_refused_whole(world):
    good, bad = world.order(world.customer(), 9), world.order(world.customer(), 15)
    with world.refused():
        world.user("sam").write("sale.order", [good, bad], {"state": "sale"})
    assert [world.order_state(good), world.order_state(bad)] == ["draft", "draft"]


def test_a_contact_shares_the_limit_of_its_company(world):
    partner = world.customer()
    world.confirmed(partner, 9)
    contact = world.user("sam").create(
        "res.partner", {"name": "Branch", "parent_id": partner, "type": "invoice"}
    )
    order = world.order(contact, 9, partner_invoice_id=contact)
    world.confirm(order)
    assert world.order_state(order) == "draft"


OTHER_NAMES = {
    "under_another_roof": lambda world, partner, other: world.user("sam").write(
        "res.partner", partner, {"is_company": False, "parent_id": other}
    ),
    "by_the_stored_debtor": lambda world, partner, other: world.user("sam").write(
        "res.partner", partner, {"commercial_partner_id": other}
    ),
    "as_a_contact_of_the_other": lambda world, partner, other: world.user("sam").write(
        "res.partner", other, {"child_ids": [(1, partner, {"is_company": False, "parent_id": other})]}
    ),
    "of_the_rich": lambda world, partner, other: world.user("sam").write(
        "res.partner", partner, {"is_company": False, "parent_id": world.rich}
    ),
}


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_a_customer_with_a_limit_does_not_take_another_name(world, name):
    """Under another company its debts would be those of somebody with more credit, or without a limit."""
    partner = world.customer()
    world.confirmed(partner, 9)
    other = world.user("sam").create("res.partner", {"name": "Shell Company", "is_company": True})
    world.attempt(lambda: OTHER_NAMES[name](world, partner, other))
    order = world.order(partner, 15)
    world.confirm(order)
    assert world.order_state(order) == "draft"


def test_debts_do_not_leave_with_a_contact(world):
    """Sold to the customer's contact, which then stands on its own feet."""
    partner = world.customer()
    contact = world.user("sam").create(
        "res.partner", {"name": "Branch", "parent_id": partner, "type": "invoice"}
    )
    world.confirmed(contact, 9, partner_invoice_id=contact)
    world.attempt(
        lambda: world.user("sam").write("res.partner", contact, {"parent_id": False, "is_company": True})
    )
    order = world.order(partner, 9)
    world.confirm(order)
    assert world.order_state(order) == "draft"


def test_the_rich_customer_does_not_lend_its_limit(world):
    """Confirmed on somebody else's account, then turned over to the one who can't pay."""
    partner = world.customer()
    order = world.order(partner, 50, partner_invoice_id=world.rich)
    world.confirm(order)
    assert world.order_state(order) == "sale"
    before = world.order_facts(order)
    with world.refused():
        world.user("sam").write("sale.order", order, {"partner_invoice_id": partner})
    assert world.order_facts(order) == before
