"""Fresh ways round the invoice gate and the money of orders.

Drafts that change, documents that turn, lines that hide, imports, jobs, merges, copies.

The judge adds up what posted invoices ask of the customer; nothing else counts.
"""

from datetime import date, timedelta

import pytest

from .test_attack_invoice import invoice_order, product_line
from .test_attack_invoice_gate import (
    APPLICATION,
    apply,
    gated_order,
    linked_invoice,
    order_line,
    pay,
    request_of,
)
from .test_attack_receipt import ALLOCATE, LINE, REGISTER, allocate, collected, payment, rows

CONTEXT = {
    "o2c_guard_pass": True, "o2c_skip": True, "su": True, "install_mode": True, "import_file": True,
    "o2c_invoice_parts": {"quantities": {}}, "o2c_gate_figures": {"orders": {}}, "o2c_exempt": True,
    "skip_invoice_sync": True, "check_move_validity": False, "move_reverse_cancel": True,
}
SALES = ("out_invoice", "out_receipt")


def debtor(world, order):
    return world.value("SELECT partner_invoice_id FROM sale_order WHERE id = %s", order)


def asked(world, partner):
    """What posted invoices ask of a customer: by their totals, and by their receivable lines."""
    totals = world.value(
        "SELECT COALESCE(SUM(amount_total), 0) FROM account_move"
        " WHERE commercial_partner_id = %s AND state = 'posted' AND move_type IN %s", partner, SALES)
    booked = world.value(
        "SELECT COALESCE(SUM(line.balance), 0) FROM account_move_line line"
        " JOIN account_move move ON move.id = line.move_id"
        " JOIN account_account account ON account.id = line.account_id"
        " WHERE move.commercial_partner_id = %s AND move.state = 'posted' AND move.move_type IN %s"
        " AND account.account_type = 'asset_receivable'", partner, SALES)
    return float(max(totals, booked))


def post_all(world, order):
    """Whoever may tries to post every draft of the customer, by button and by write."""
    drafts = [row["id"] for row in world.rows(
        "SELECT id FROM account_move WHERE commercial_partner_id = %s AND state = 'draft'"
        " ORDER BY id", debtor(world, order))]
    for draft in drafts:
        for login in ("adam", "ada"):
            client = world.user(login)
            world.attempt(lambda c=client, d=draft: c.call("account.move", "action_post", d, context=CONTEXT))
            world.attempt(
                lambda c=client, d=draft: c.write("account.move", d, {"state": "posted"}, context=CONTEXT))


def signed_invoice(world, paid=600):
    """The right way: 600 of 1,000 are in, two people sign, 1,000 are asked for."""
    order = gated_order(world, paid)
    application = apply(world, order)
    world.user("sam").call(APPLICATION, "action_submit", application)
    for login in ("fiona", "fred"):
        world.user(login).call("o2c.request", "action_approve", request_of(world, application))
    [invoice] = [one["id"] for one in world.order_facts(order)["invoices"] if one["state"] == "posted"]
    assert asked(world, debtor(world, order)) == 1000
    return order, invoice


# ------------------------------------------------------- A DRAFT THAT CHANGES ITS NATURE


def account(world, kind):
    return world.value("SELECT min(id) FROM account_account WHERE account_type = %s AND active", kind)


def to_euro(world, order, invoice):
    """The currency of the invoice is another one, with a rate that somebody writes on it."""
    root, euro = world.user("root"), world.value("SELECT id FROM res_currency WHERE name = 'EUR'")
    world.attempt(lambda: root.write("res.currency", euro, {"active": True}))
    ada = world.user("ada")
    world.attempt(lambda: ada.write(
        "account.move", invoice, {"currency_id": euro, "invoice_currency_rate": 1000.0}))


def half_linked(world, order, invoice):
    """The line belongs to a paid order, too, so that each is asked for half."""
    paid = world.order(debtor(world, order), 10, product=world.advice)
    world.confirm(paid)
    pay(world, paid, 1000)
    links = [(6, 0, [order_line(world, order), order_line(world, paid)])]
    world.attempt(lambda: world.user("ada").write(
        "account.move.line", product_line(world, invoice), {"sale_line_ids": links}))


def write_invoice(**values):
    return lambda world, _order, invoice: world.attempt(
        lambda: world.user("ada").write("account.move", invoice, values, context=CONTEXT))


def write_line(**values):
    return lambda world, _order, invoice: world.attempt(lambda: world.user("ada").write(
        "account.move.line", product_line(world, invoice), values, context=CONTEXT))


def note_line(world, _order, invoice):
    """What is sold hides behind a line that is called a note, a section, a rounding, a discount."""
    for kind in ("line_note", "line_section", "rounding", "discount", "cogs", "epd", "tax", "payment_term"):
        world.attempt(lambda kind=kind: world.user("ada").write(
            "account.move.line", product_line(world, invoice), {"display_type": kind}, context=CONTEXT))


def other_partner(world, _order, invoice):
    """To a customer whom no policy judges."""
    world.attempt(lambda: world.user("ada").write("account.move", invoice, {"partner_id": world.rich}))


def onchange(world, _order, invoice):
    world.attempt(lambda: world.user("ada").call(
        "account.move", "onchange", invoice, values={"state": "posted", "amount_total": 1.0},
        field_names=["state"], fields_spec={"state": {}, "amount_total": {}}))


def web_save(world, _order, invoice):
    world.attempt(lambda: world.user("ada").call(
        "account.move", "web_save", invoice, vals={"state": "posted", "posted_before": True},
        specification={"state": {}}, context=CONTEXT))


def receipt_type(world, _order, invoice):
    for kind in ("out_receipt", "out_refund", "entry", "out_invoice"):
        world.attempt(lambda kind=kind: world.user("ada").write("account.move", invoice, {"move_type": kind}))


def switched_twice(world, _order, invoice):
    for _turn in range(2):
        world.attempt(lambda: world.user("ada").call("account.move", "action_switch_move_type", invoice))


def cancelled_order(world, order, _invoice):
    """Invoices of an order that was cancelled are nobody's sale."""
    world.attempt(lambda: world.user("boss").call(
        "sale.order", "_action_cancel", order))
    world.attempt(lambda: world.user("sam").call(
        "sale.order", "action_cancel", order, context={"disable_cancel_warning": True}))
    world.attempt(lambda: world.user("sam").call("sale.order", "action_draft", order))
    world.attempt(lambda: linked_invoice(world, order))


def recurring(world, _order, invoice):
    """The nightly job posts it, and next month a copy."""
    yesterday = str(date.today() - timedelta(days=40))
    world.attempt(lambda: world.user("ada").write("account.move", invoice, {
        "auto_post": "monthly", "date": yesterday, "invoice_date": yesterday,
        "auto_post_until": str(date.today() + timedelta(days=400))}))
    cron = world.value("SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_auto_post_draft_entry'")
    for _night in range(2):
        world.attempt(lambda: world.user("root").call("ir.cron", "method_direct_trigger", cron))


def copied(world, _order, invoice):
    for default in ({}, {"state": "posted"}, {"invoice_origin": "S99999"}):
        world.attempt(lambda default=default: world.user("adam").call(
            "account.move", "copy", invoice, default=default, context=CONTEXT))


def settled_draft(world, order, invoice):
    """Odoo lets drafts be matched: with money that was given to the order, and posted by the payment."""
    partner = debtor(world, order)
    receipt = payment(world, partner, 500)
    for method in ("js_assign_outstanding_line",):
        line = world.value(
            "SELECT min(line.id) FROM account_move_line line"
            " JOIN account_payment p ON p.move_id = line.move_id"
            " JOIN account_account a ON a.id = line.account_id"
            " WHERE p.id = %s AND a.account_type = 'asset_receivable'", receipt)
        world.attempt(lambda method=method, line=line: world.user("ada").call(
            "account.move", method, invoice, line_id=line))


DRAFTS = {
    "another currency": to_euro,
    "half of it linked to a paid order": half_linked,
    "another partner": other_partner,
    "no order any more": write_line(sale_line_ids=[(5,)]),
    "quantity of nothing, price of all": write_line(quantity=0.000001, price_unit=1e9),
    "negative twice": write_line(quantity=-10, price_unit=-100.0),
    "in dozens": lambda world, order, invoice: write_line(product_uom_id=world.dozen)(world, order, invoice),
    "as a down payment": write_line(is_downpayment=True),
    "as a line that is none": note_line,
    "computed amounts": write_invoice(amount_total=1.0, amount_untaxed=1.0, amount_residual=1.0),
    "tax totals": write_invoice(tax_totals={"total_amount_currency": 1.0}),
    "payment state": write_invoice(payment_state="paid", posted_before=True, is_manually_modified=True),
    "origin and reference": write_invoice(invoice_origin=False, ref="x", name="INV/2026/77777"),
    "other types": receipt_type,
    "switched twice": switched_twice,
    "onchange": onchange,
    "web_save": web_save,
    "cancelled order": cancelled_order,
    "recurring": recurring,
    "copies": copied,
    "matched as a draft": settled_draft,
}


@pytest.mark.parametrize("name", DRAFTS)
def test_a_draft_that_changes_asks_for_nothing(world, name):
    order = gated_order(world, 100)
    invoice = linked_invoice(world, order)
    DRAFTS[name](world, order, invoice)
    post_all(world, order)
    assert asked(world, debtor(world, order)) == 0
    assert not world.value(
        "SELECT count(*) FROM account_move WHERE id = %s AND state = 'posted' AND move_type IN %s"
        " AND amount_total > 0", invoice, SALES)


# ------------------------------------------------------- NEW DOCUMENTS BESIDE THE GATE


def hidden_amount(kind):
    """An invoice whose product costs nothing and whose amount is in a line of another kind."""
    def act(world, order):
        partner = debtor(world, order)
        line = {
            "name": "Rest", "display_type": kind, "account_id": account(world, "income"),
            "price_unit": 1000.0, "quantity": 1, "balance": -1000.0, "amount_currency": -1000.0,
        }
        world.attempt(lambda: world.user("ada").create("account.move", {
            "move_type": "out_invoice", "partner_id": partner, "invoice_date": str(date.today()),
            "line_ids": [(0, 0, line)]}, context=CONTEXT))
    return act


def rounding_of_a_thousand(world, order):
    """A line of a cent, and a cash rounding that somebody made."""
    client = world.user("ada")
    profit = account(world, "income_other")
    made = world.attempt(lambda: client.create("account.cash.rounding", {
        "name": "Thousands", "rounding": 1000.0, "rounding_method": "UP", "strategy": "add_invoice_line",
        "profit_account_id": profit, "loss_account_id": profit}))
    if not isinstance(made, int):
        return
    for links in ([(4, order_line(world, order))], []):
        world.attempt(lambda links=links: client.create("account.move", {
            "move_type": "out_invoice", "partner_id": debtor(world, order), "invoice_cash_rounding_id": made,
            "invoice_line_ids": [(0, 0, {
                "name": "Advice", "product_id": world.advice, "quantity": 1, "price_unit": 0.01,
                "tax_ids": [(5,)], "sale_line_ids": links})]}))


def tax_line(world, order):
    """The invoice of a free line gets a tax of a thousand by hand."""
    partner = debtor(world, order)
    invoice = world.attempt(lambda: world.user("ada").create("account.move", {
        "move_type": "out_invoice", "partner_id": partner, "invoice_date": str(date.today()),
        "invoice_line_ids": [(0, 0, {
            "name": "Advice", "product_id": world.advice, "quantity": 0.01, "price_unit": 0.0,
            "tax_ids": [(6, 0, [world.tax50])], "sale_line_ids": [(4, order_line(world, order))]})]}))
    taxes = world.rows(
        "SELECT id FROM account_move_line WHERE move_id = %s AND display_type = 'tax'", invoice)
    for tax in taxes:
        world.attempt(lambda tax=tax: world.user("ada").write("account.move", invoice, {
            "line_ids": [(1, tax["id"], {"amount_currency": -1000.0, "balance": -1000.0})]}))


def imported(world, order):
    """The import of a spreadsheet."""
    fields = ["move_type", "partner_id/.id", "invoice_date", "state", "invoice_line_ids/name",
              "invoice_line_ids/quantity", "invoice_line_ids/price_unit",
              "invoice_line_ids/sale_line_ids/.id"]
    row = ["out_invoice", str(debtor(world, order)), str(date.today()), "posted", "Advice", "10", "100",
           str(order_line(world, order))]
    for login in ("adam", "ada"):
        world.attempt(lambda login=login: world.user(login).call(
            "account.move", "load", fields=fields, data=[row], context=CONTEXT))
        world.attempt(lambda login=login: world.user(login).call(
            "account.move", "load", fields=[name for name in fields if name != "state"],
            data=[[cell for cell in row if cell != "posted"]], context=CONTEXT))


def by_wizard(**values):
    return lambda world, order: world.attempt(
        lambda: invoice_order(world, order, by="adam", **values))


def credit_note_of_less_than_nothing(world, order):
    """A credit note that takes back a negative quantity."""
    world.attempt(lambda: world.user("ada").create("account.move", {
        "move_type": "out_refund", "partner_id": debtor(world, order), "invoice_date": str(date.today()),
        "invoice_line_ids": [(0, 0, {
            "name": "Advice", "product_id": world.advice, "quantity": -10, "price_unit": 100.0,
            "tax_ids": [(5,)], "sale_line_ids": [(4, order_line(world, order))]})]}))
    for move in world.rows(
            "SELECT id FROM account_move WHERE commercial_partner_id = %s", debtor(world, order)):
        world.attempt(lambda move=move: world.user("ada").call(
            "account.move", "action_switch_move_type", move["id"]))


def split_orders(world, order):
    """A small paid order of the same customer, invoiced with the line of the large one."""
    small = world.order(debtor(world, order), 1, product=world.advice)
    world.confirm(small)
    pay(world, small, 100)
    world.attempt(lambda: world.user("adam").create("account.move", {
        "move_type": "out_invoice", "partner_id": debtor(world, order), "invoice_line_ids": [(0, 0, {
            "name": "Advice", "product_id": world.advice, "quantity": 11, "price_unit": 100.0,
            "tax_ids": [(5,)], "sale_line_ids": [(4, order_line(world, small))]})]}))


def quotation(world, order):
    """A line of an order that nobody has confirmed."""
    draft = world.order(debtor(world, order), 10, product=world.advice)
    world.attempt(lambda: linked_invoice(world, draft))


def parent_contact(world, order):
    """The invoice goes to a contact, or to a child company, of the customer."""
    partner = debtor(world, order)
    for values in ({"type": "invoice"}, {"is_company": True}):
        child = world.attempt(lambda values=values: world.user("sam").create(
            "res.partner", {"name": "Contact", "parent_id": partner, **values}))
        if isinstance(child, int):
            world.attempt(lambda child=child: linked_invoice(world, order, partner_id=child))


def other_doors(world, order):
    """Private methods, with any context."""
    for model, method in (
        ("sale.order", "_create_invoices"), ("sale.order", "_get_invoiceable_lines"),
        ("account.move", "_reverse_moves"), ("account.move", "_post"),
        ("account.move", "_copy_recurring_entries"),
        ("account.move", "_autopost_draft_entries"), ("sale.order", "message_post"),
        ("o2c.invoice.gate", "_get_figures"), ("account.move", "_get_o2c_gate_parts"),
    ):
        for login in ("adam", "ada", "root"):
            world.attempt(lambda m=model, n=method, login=login: world.user(login).call(
                m, n, order, context=CONTEXT))


DOORS = {
    "rounding line": hidden_amount("rounding"),
    "discount line": hidden_amount("discount"),
    "early payment line": hidden_amount("epd"),
    "cost line": hidden_amount("cogs"),
    "rounding of a thousand": rounding_of_a_thousand,
    "tax by hand": tax_line,
    "import": imported,
    "all as a percentage": by_wizard(method="percentage", amount=100.0),
    "all as a fixed amount": by_wizard(method="fixed", fixed_amount=1000.0),
    "without deduction": by_wizard(method="delivered", deduct_down_payments=False),
    "consolidated": by_wizard(method="delivered", consolidated_billing=True),
    "credit note of less than nothing": credit_note_of_less_than_nothing,
    "split orders": split_orders,
    "quotation": quotation,
    "contacts of the customer": parent_contact,
    "private methods": other_doors,
}


@pytest.mark.parametrize("name", DOORS)
def test_no_other_document_asks_for_the_money(world, name):
    order = gated_order(world, 100)
    DOORS[name](world, order)
    post_all(world, order)
    assert asked(world, debtor(world, order)) == 0


@pytest.mark.parametrize("total", [500.0, 0.0])
def test_a_line_of_less_does_not_shrink_what_must_be_in(world, total):
    """Goods for 1,000 and a rebate beside them: only the goods are invoiced."""
    partner = world.gated_customer()
    lines = [
        (0, 0, {"product_id": world.advice, "product_uom_qty": quantity, "price_unit": price,
                "tax_ids": [(5,)]})
        for quantity, price in ((10, 100.0), (1, total - 1000.0))
    ]
    order = world.user("sam").create("sale.order", {"partner_id": partner, "order_line": lines})
    world.confirm(order)
    assert world.order_state(order) == "sale"
    if total:
        pay(world, order, 0.6 * total)
    application = apply(world, order, reason="Please")
    client = world.user("sam")
    [rebate] = world.rows(
        "SELECT id FROM o2c_invoice_application_line WHERE application_id = %s ORDER BY id DESC LIMIT 1",
        application)
    client.write(f"{APPLICATION}.line", rebate["id"], {"quantity": 0})
    with world.refused():
        client.call(APPLICATION, "action_submit", application)
    linked_invoice(world, order)
    post_all(world, order)
    assert world.state("o2c_invoice_application", application) == "draft"
    assert asked(world, partner) == 0


# ------------------------------------------------------- AFTER THE SIGNATURE


def reopened(world, invoice, act):
    """Back to draft, something happens, and posted again."""
    world.attempt(lambda: world.user("ada").call("account.move", "button_draft", invoice))
    world.attempt(lambda: act(world.user("ada")))


def reversed_and_modified(world, _order, invoice):
    """Odoo's own way to correct: a credit note and a new draft, which then asks for more."""
    client = world.user("ada")
    wizard = client.create(
        "account.move.reversal", {"reason": "Correction", "journal_id": world.value(
            "SELECT journal_id FROM account_move WHERE id = %s", invoice)},
        context={"active_model": "account.move", "active_ids": [invoice]})
    world.attempt(lambda: client.call("account.move.reversal", "modify_moves", wizard))
    for draft in world.rows(
            "SELECT m.id FROM account_move m WHERE m.state = 'draft' AND m.move_type = 'out_invoice'"
            " AND m.commercial_partner_id = (SELECT commercial_partner_id FROM account_move WHERE id = %s)",
            invoice):
        world.attempt(lambda draft=draft: client.write(
            "account.move.line", product_line(world, draft["id"]), {"price_unit": 150.0}))


SIGNED = {
    "price": lambda world, _order, invoice: reopened(world, invoice, lambda client: client.write(
        "account.move.line", product_line(world, invoice), {"price_unit": 150.0})),
    "quantity": lambda world, _order, invoice: reopened(world, invoice, lambda client: client.write(
        "account.move.line", product_line(world, invoice), {"quantity": 15})),
    "discount below 0": lambda world, _order, invoice: reopened(world, invoice, lambda client: client.write(
        "account.move.line", product_line(world, invoice), {"discount": -50.0})),
    "tax": lambda world, _order, invoice: reopened(world, invoice, lambda client: client.write(
        "account.move.line", product_line(world, invoice), {"tax_ids": [(6, 0, [world.tax50])]})),
    "another line": lambda world, order, invoice: reopened(world, invoice, lambda client: client.write(
        "account.move", invoice, {"invoice_line_ids": [(0, 0, {
            "name": "More", "product_id": world.advice, "quantity": 5, "price_unit": 100.0,
            "tax_ids": [(5,)], "sale_line_ids": [(4, order_line(world, order))]})]})),
    "line that is posted": lambda world, _order, invoice: world.attempt(lambda: world.user("ada").write(
        "account.move.line", product_line(world, invoice), {"price_unit": 150.0}, context=CONTEXT)),
    "reversed and modified": reversed_and_modified,
    "copied": copied,
    "twice by the application": lambda world, order, _invoice: [
        world.attempt(lambda method=method: world.user("sam").call(APPLICATION, method, world.value(
            "SELECT max(id) FROM o2c_invoice_application_line WHERE order_id = %s", order)))
        for method in ("action_submit", "action_submit_exception", "action_reset_draft")],
    "recurring": lambda world, order, invoice: (
        reopened(world, invoice, lambda _client: None), recurring(world, order, invoice)),
}


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_invoice_asks_for_what_was_signed_and_no_more(world, name):
    order, invoice = signed_invoice(world)
    SIGNED[name](world, order, invoice)
    post_all(world, order)
    notes = world.value(
        "SELECT COALESCE(SUM(amount_total), 0) FROM account_move WHERE commercial_partner_id = %s"
        " AND state = 'posted' AND move_type = 'out_refund'", debtor(world, order))
    assert asked(world, debtor(world, order)) - float(notes) <= 1000


CHANGES = {
    "price": {"price_unit": 150.0},
    "discount": {"discount": -50.0},
    "quantity": {"product_uom_qty": 15},
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_order_that_changes_while_it_waits_is_not_invoiced(world, name):
    """Checked by Fiona at 1,000, then changed: Fred's signature finds something else."""
    order = gated_order(world, 600)
    application = apply(world, order)
    world.user("sam").call(APPLICATION, "action_submit", application)
    request = request_of(world, application)
    world.user("fiona").call("o2c.request", "action_approve", request)
    for login in ("sam", "boss"):
        world.attempt(lambda login=login: world.user(login).write(
            "sale.order.line", order_line(world, order), CHANGES[name]))
    changed = world.value("SELECT amount_total FROM sale_order WHERE id = %s", order) != 1000
    world.attempt(lambda: world.user("fred").call("o2c.request", "action_approve", request))
    assert asked(world, debtor(world, order)) == (0 if changed else 1000)


# ------------------------------------------------------- WHO IS JUDGED


def test_a_merge_does_not_take_orders_out_of_the_policy(world):
    """The customer becomes one with a partner whom no policy judges."""
    order = gated_order(world, 100)
    gated, free = debtor(world, order), world.customer()
    client = world.user("root")
    for target in (free, gated):
        wizard = world.attempt(lambda target=target: client.create("base.partner.merge.automatic.wizard", {
            "state": "selection", "partner_ids": [(6, 0, [gated, free])], "dst_partner_id": target}))
        if isinstance(wizard, int):
            world.attempt(lambda wizard=wizard: client.call(
                "base.partner.merge.automatic.wizard", "action_merge", wizard))
    partner = debtor(world, order)
    world.attempt(lambda: linked_invoice(world, order))
    post_all(world, order)
    assert asked(world, partner) == 0


def test_policies_that_judged_are_not_edited_or_put_away(world):
    order = gated_order(world, 100)
    invoice = linked_invoice(world, order)
    world.user("adam").call("account.move", "action_post", invoice)
    policy = world.value("SELECT id FROM o2c_invoice_policy WHERE name = 'Gate' AND state = 'in_force'")
    facts = (
        "SELECT active, state, threshold, date_from, date_to, company_id"
        " FROM o2c_invoice_policy WHERE id = %s")
    before = world.rows(facts, policy)
    for login in ("petra", "root", "fred", "ada"):
        client = world.user(login)
        for values in ({"active": False}, {"threshold": 0.0}, {"date_to": "2020-01-02"}, {"state": "draft"},
                       {"partner_category_ids": [(5,)]}, {"is_used": False}):
            with world.refused():
                client.write("o2c.invoice.policy", policy, values, context=CONTEXT)
        with world.refused():
            client.unlink("o2c.invoice.policy", policy)
    for login in ("root", "fred", "ada"):
        for method in ("action_end", "action_new_version"):
            with world.refused():
                world.user(login).call("o2c.invoice.policy", method, policy)
    assert world.rows(facts, policy) == before


@pytest.mark.parametrize("name", ["company_id", "team_id", "partner_invoice_id", "currency_id"])
def test_a_confirmed_order_does_not_change_who_judges_it(world, name):
    order = gated_order(world, 100)
    values = {
        "company_id": world.value("SELECT max(id) FROM res_company"),
        "team_id": world.value("SELECT max(id) FROM crm_team"),
        "partner_invoice_id": world.rich,
        "currency_id": world.value("SELECT id FROM res_currency WHERE name = 'EUR'"),
    }
    partner = debtor(world, order)
    for login in ("sam", "boss", "root"):
        world.attempt(lambda login=login: world.user(login).write(
            "sale.order", order, {name: values[name]}, context=CONTEXT))
    world.attempt(lambda: linked_invoice(world, order))
    post_all(world, order)
    assert asked(world, partner) == 0
    assert not [one for one in world.order_facts(order)["invoices"] if one["state"] == "posted"]


# ------------------------------------------------------- MONEY THAT IS NONE


def receipt_items(world, receipt):
    return [row["id"] for row in world.rows(
        "SELECT line.id FROM account_move_line line JOIN account_payment p ON p.move_id = line.move_id"
        " WHERE p.id = %s ORDER BY line.id", receipt)]


def test_payment_is_no_money_before_it_is_posted(world):
    """States are written instead of buttons pressed."""
    partner = world.customer()
    order = world.confirmed(partner, 9)
    for state in ("in_process", "paid"):
        receipt = payment(world, partner, 900, post=False)
        for login in ("adam", "ada"):
            world.attempt(lambda login=login, receipt=receipt, state=state: world.user(login).write(
                "account.payment", receipt, {"state": state}, context=CONTEXT))
        world.attempt(lambda receipt=receipt: allocate(world, receipt, order, 900))
        booked = world.value(
            "SELECT count(*) FROM account_payment p JOIN account_move m ON m.id = p.move_id"
            " WHERE p.id = %s AND m.state = 'posted'", receipt)
        assert booked or collected(world, order) == 0.0


def test_allocated_receipts_do_not_change(world):
    partner = world.customer()
    order = world.confirmed(partner, 9)
    receipt = payment(world, partner, 500)
    allocate(world, receipt, order, 500)
    facts = (
        "SELECT amount, partner_id, currency_id, payment_type, partner_type"
        " FROM account_payment WHERE id = %s")
    before, mine = world.rows(facts, receipt), rows(world, order)
    euro = world.value("SELECT id FROM res_currency WHERE name = 'EUR'")
    for values in ({"amount": 900.0}, {"amount": 1.0}, {"amount": -500.0}, {"partner_id": world.rich},
                   {"currency_id": euro}, {"payment_type": "outbound"}, {"partner_type": "supplier"}):
        for login in ("adam", "ada"):
            with world.refused():
                world.user(login).write("account.payment", receipt, values, context=CONTEXT)
    assert world.rows(facts, receipt) == before and rows(world, order) == mine
    assert collected(world, order) == 500.0


def test_entry_of_a_receipt_grows_no_money(world):
    """Its journal items are written, as drafts, too."""
    partner = world.customer()
    order = world.confirmed(partner, 9)
    receipt = payment(world, partner, 500)
    allocate(world, receipt, order, 500)
    move = world.value("SELECT move_id FROM account_payment WHERE id = %s", receipt)
    items = receipt_items(world, receipt)
    client = world.user("ada")
    for step in ("posted", "draft"):
        for sign, item in zip((1, -1), items, strict=True):
            for values in ({"balance": sign * 900.0, "amount_currency": sign * 900.0},
                           {"amount_residual": -900.0, "amount_residual_currency": -900.0},
                           {"partner_id": world.rich}):
                world.attempt(lambda item=item, values=values: client.write(
                    "account.move.line", item, values, context=CONTEXT))
        if step == "posted":
            assert collected(world, order) <= 500.0
            world.attempt(lambda: client.call("account.move", "button_draft", move))
            assert collected(world, order) == 0.0
    world.attempt(lambda: client.write("account.move", move, {"line_ids": [
        (1, item, {"balance": sign * 900.0, "amount_currency": sign * 900.0})
        for sign, item in zip((1, -1), items, strict=True)]}))
    world.attempt(lambda: client.call("account.move", "action_post", move))
    assert collected(world, order) <= 500.0


def bank_line(world, partner, amount):
    """A line of the bank that the accountant books on the customer's account."""
    client = world.user("bea")
    journal = world.value("SELECT min(id) FROM account_journal WHERE type = 'bank'")
    line = client.create("account.bank.statement.line", {
        "journal_id": journal, "partner_id": partner, "amount": amount, "payment_ref": "Transfer"})
    move = world.value("SELECT move_id FROM account_bank_statement_line WHERE id = %s", line)
    item = world.value(
        "SELECT line.id FROM account_move_line line"
        " JOIN account_journal journal ON journal.id = line.journal_id"
        " WHERE line.move_id = %s AND line.account_id <> journal.default_account_id", move)
    client.write("account.move.line", item, {"account_id": account(world, "asset_receivable")})
    return line, move


def allocate_line(world, line, order, amount):
    client = world.user("adam")
    wizard = client.call("account.bank.statement.line", "action_o2c_allocate", line)["res_id"]
    for row in world.rows("SELECT id, order_id FROM o2c_receipt_allocate_line WHERE wizard_id = %s", wizard):
        client.write(LINE, row["id"], {"amount": amount if row["order_id"] == order else 0.0})
    client.call(ALLOCATE, "action_allocate", wizard)


def test_bank_line_of_an_order_is_not_deleted_or_raised(world):
    partner = world.customer()
    order = world.confirmed(partner, 9)
    line, move = bank_line(world, partner, 400.0)
    allocate_line(world, line, order, 400.0)
    assert collected(world, order) == 400.0
    client = world.user("bea")
    for model, record in (("account.bank.statement.line", line), ("account.move", move)):
        with world.refused():
            client.unlink(model, record)
    for values in ({"amount": 900.0}, {"partner_id": world.rich}, {"foreign_currency_id": world.value(
            "SELECT id FROM res_currency WHERE name = 'EUR'"), "amount_currency": 900.0}):
        world.attempt(lambda values=values: client.write(
            "account.bank.statement.line", line, values, context=CONTEXT))
    assert collected(world, order) <= 400.0
    assert [row["state"] for row in rows(world, order)] == ["active"]
    assert world.value("SELECT count(*) FROM account_bank_statement_line WHERE id = %s", line) == 1


def test_money_of_somebody_else_is_given_to_no_order(world):
    """A payment of a stranger becomes the customer's by its entry, its contact or its lines."""
    partner, order = world.customer(), None
    order = world.confirmed(partner, 9)
    receipt = payment(world, world.customer(), 500)
    client = world.user("ada")
    move = world.value("SELECT move_id FROM account_payment WHERE id = %s", receipt)
    world.attempt(lambda: client.write("account.move", move, {"partner_id": partner}, context=CONTEXT))
    for item in receipt_items(world, receipt):
        world.attempt(lambda item=item: client.write(
            "account.move.line", item, {"partner_id": partner}, context=CONTEXT))
    owner = world.value(
        "SELECT p.commercial_partner_id FROM account_payment a JOIN res_partner p ON p.id = a.partner_id"
        " WHERE a.id = %s", receipt)
    result = world.attempt(lambda: allocate(world, receipt, order, 500))
    assert owner == partner or (collected(world, order) == 0.0 and not rows(world, order)), result


@pytest.mark.parametrize("values", [
    {"amount": -600.0}, {"amount": 0.0}, {"direction": "out", "amount": 600.0},
    {"amount": 600.0, "date": "2999-01-01"},
])
def test_registered_money_is_money(world, values):
    order = gated_order(world)
    client = world.user("adam")
    wizard = world.attempt(lambda: client.create(REGISTER, {"order_id": order, **values}))
    if isinstance(wizard, int):
        world.attempt(lambda: client.call(REGISTER, "action_register", wizard))
    assert collected(world, order) == 0.0
    application = apply(world, order)
    with world.refused():
        world.user("sam").call(APPLICATION, "action_submit", application)
