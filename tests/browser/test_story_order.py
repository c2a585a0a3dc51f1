"""One order over the limit, from the salesperson's click to the auditor's view.

Sara confirms an order that exceeds her customer's limit by 4,080.00. It waits. The
credit officer asks for a release, the credit manager gives it, the order confirms
itself, goods leave, the invoice is posted, and the auditor reads it all.
"""

import time

import pytest
import support

CONFIRM_SECONDS = 150  # a triggered job runs within a minute; a busy machine gets more


@pytest.fixture(scope="module")
def order(company):
    """Id of Blue Lagoon's quotation over 15,480.00; 8,600.00 are owed, the limit is 20,000.00."""
    [[order_id]] = support.sql(
        company.database, "SELECT id FROM sale_order WHERE client_order_ref = 'demo-quotation'"
    )
    return int(order_id)


def field(company, order, name):
    [[value]] = support.sql(company.database, f"SELECT {name} FROM sale_order WHERE id = {order}")
    return value


def wait_for_state(company, order, state):
    deadline = time.monotonic() + CONFIRM_SECONDS
    while field(company, order, "state") != state:
        assert time.monotonic() < deadline, f"the order is still {field(company, order, 'state')}"
        time.sleep(1)


def test_story_of_an_order_over_the_limit(company, log_in, order):
    salesperson_confirms_and_sees_why_it_waits(company, log_in, order)
    officer_asks_for_a_release(log_in)
    salesperson_cannot_approve(log_in)
    manager_approves(log_in)
    wait_for_state(company, order, "sale")
    warehouse_delivers(company, log_in, order)
    invoice_is_made_and_posted(company, log_in, order)
    auditor_reads_the_story(log_in, field(company, order, "name"))


def salesperson_confirms_and_sees_why_it_waits(company, log_in, order):
    sara = log_in("sales")
    sara.open(f"sales/{order}")
    sara.sees("would exceed the limit", scope=".o_form_view")
    sara.picture("quotation_warned")
    sara.press_named("action_confirm")
    sara.sees("On hold", scope=".o_form_view .ribbon")
    for figure in ("24,080.00", "20,000.00", "4,080.00"):
        sara.sees(figure, scope=".o_form_view")
    sara.picture("order_on_hold")
    assert field(company, order, "state") == "draft"


def officer_asks_for_a_release(log_in):
    olga = log_in("officer")
    olga.open("action-o2c_hold.o2c_hold_action")
    olga.sees("Blue Lagoon Hotels")
    olga.picture("on_hold_list")
    olga.open_row("Blue Lagoon Hotels")
    olga.press_named("action_ask_release")
    olga.fill("reason", "The season opens next week; they have always paid.", scope=".modal")
    olga.picture("ask_for_release")
    olga.press_named("action_ask", scope=".modal")
    olga.sees("Release requested", scope=".o_form_view .o_arrow_button_current")


def salesperson_cannot_approve(log_in):
    sara = log_in("sales")
    sara.open("action-o2c_approval.o2c_request_action_all")
    sara.open_row("Blue Lagoon Hotels")
    for button in ("action_approve", "action_open_approve", "action_open_reject"):
        assert not sara.has_button(button), button
    sara.picture("request_as_salesperson")


def manager_approves(log_in):
    carl = log_in("creditmanager")
    carl.open("action-o2c_approval.o2c_request_action")
    carl.sees("Blue Lagoon Hotels")
    carl.picture("to_approve")
    carl.open_row("Blue Lagoon Hotels")
    carl.picture("request")
    carl.press_named("action_open_approve", scope=".o_form_statusbar")
    carl.fill("comment", "Released for this order only.", scope=".modal")
    carl.press_named("action_decide", scope=".modal")
    carl.sees("Approved", scope=".o_form_view .o_arrow_button_current")
    carl.picture("request_approved")


def warehouse_delivers(company, log_in, order):
    [[picking]] = support.sql(company.database, f"SELECT id FROM stock_picking WHERE sale_id = {order}")
    walter = log_in("warehouse")
    walter.open(f"action-stock.action_picking_tree_all/{picking}")
    walter.press_named("button_validate")
    walter.sees("Done", scope=".o_form_view .o_arrow_button_current")
    walter.picture("delivery_done")


def invoice_is_made_and_posted(company, log_in, order):
    sara = log_in("sales")
    sara.open(f"sales/{order}")
    sara.press("Create Invoice", scope=".o_form_statusbar")
    sara.press_named("create_invoices", scope=".modal")
    sara.sees("Draft", scope=".o_form_view .o_arrow_button_current")
    [[invoice]] = support.sql(
        company.database,
        "SELECT DISTINCT item.move_id FROM account_move_line item"
        " JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id"
        f" JOIN sale_order_line line ON line.id = rel.order_line_id WHERE line.order_id = {order}",
    )
    alice = log_in("accountant")
    alice.open(f"action-account.action_move_out_invoice_type/{invoice}")
    alice.press_named("action_post")
    alice.sees("Posted", scope=".o_form_view .o_arrow_button_current")
    alice.picture("invoice_posted")


def auditor_reads_the_story(log_in, name):
    anna = log_in("auditor")
    anna.open("action-o2c_base.o2c_register_action")
    anna.search(name)
    for event in ("Put on hold", "Release requested", "Released"):
        anna.sees(event, scope=".o_list_view")
    anna.picture("register")
    anna.open_row("Released")
    anna.sees("4,080.00")
    anna.picture("register_entry")
