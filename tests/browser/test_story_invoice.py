"""From an order to its invoice, which must wait for the money and for the finance director's signature.

Sara sells ten coffee machines over 11,500.00 to a project and agrees on a deposit of 30 %. She asks for it,
and the goods wait for it: what Alice gives to the second instalment opens nothing. The deposit of 3,450.00
comes in for the request, the goods leave, the customer signs. Sara's application below 60 % is refused to the
cent; after the next receipt it goes through: Fiona checks, Diana signs, and the invoice is posted, matched
with the advances at once, and printed.
"""

import base64
import io
import re
from datetime import date, timedelta

import support
from pypdf import PdfReader

PAPER = base64.b64encode(b"Received in good order").decode()
CUSTOMER, REFERENCE = "Lisbon Fair Halls", "browser-story"


def value(company, query):
    """The only value of a query, or None."""
    rows = support.sql(company.database, query)
    return rows[0][0] if rows else None


def test_story_of_an_invoice(company, log_in):
    salesperson_sells(log_in)
    order = value(company, f"SELECT id FROM sale_order WHERE client_order_ref = '{REFERENCE}'")
    name = value(company, f"SELECT name FROM sale_order WHERE id = {order}")
    request = salesperson_asks_for_the_deposit(company, log_in, order)
    warehouse_is_told_to_wait(company, log_in, order, "3,450.00")
    accountant_gives_money_to_the_second_instalment(company, log_in, order)
    warehouse_is_told_to_wait(company, log_in, order, "3,450.00")
    accountant_registers_the_deposit(company, log_in, request)
    warehouse_delivers(company, log_in, order)
    warehouse_registers_the_signature(company, log_in, order)
    salesperson_is_told_what_is_missing(company, log_in, order)
    salesperson_records_a_promise(log_in, order, "2450")
    finance_looks_at_promises_and_forecast(log_in, name, promised="Awaited", basis="Promise of payment")
    accountant_registers(log_in, order, "2450")
    finance_looks_at_promises_and_forecast(log_in, name, promised="Kept", basis="Ready now")
    salesperson_applies(company, log_in, order)
    finance_finds_it_in_the_worklist(log_in, name)
    somebody_signs(log_in, "finance", name)
    assert not value(company, invoices_of(order))
    somebody_signs(log_in, "director", name)
    invoice_is_posted_and_matched(company, log_in, order)
    invoice_is_printed(company, log_in, order)
    auditor_reads_it(log_in)


def salesperson_records_a_promise(log_in, order, amount):
    sara = log_in("sales")
    sara.open(f"sales/{order}")
    sara.press_named("action_o2c_promise_payment")
    sara.fill("amount", amount, scope=".modal")
    sara.fill("date_promised", (date.today() + timedelta(days=9)).strftime("%m/%d/%Y"), scope=".modal")
    sara.fill("promised_by", "Rui Costa", scope=".modal")
    sara.press_named("action_record", scope=".modal")
    sara.settle()


def finance_looks_at_promises_and_forecast(log_in, name, *, promised, basis):
    """What the customer promised on the phone is awaited until the money is in; the forecast follows."""
    fiona = log_in("finance")
    fiona.open("action-o2c_receipt.payment_promise_action")
    fiona.search(name)
    fiona.sees(promised, scope=f"tr.o_data_row:has-text('{name}')")
    fiona.open("action-o2c_invoice_gate.invoice_forecast_action")
    fiona.sees(basis, scope=f"tr.o_data_row:has-text('{name}')")


def invoices_of(order):
    """Posted invoices of the order: id, total, what is still open."""
    return (
        "SELECT DISTINCT move.id, move.amount_total, move.amount_residual FROM account_move move"
        " JOIN account_move_line item ON item.move_id = move.id"
        " JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id"
        " JOIN sale_order_line line ON line.id = rel.order_line_id"
        f" WHERE move.state = 'posted' AND line.order_id = {order}"
    )


def salesperson_sells(log_in):
    sara = log_in("sales")
    sara.open("sales/new")
    sara.choose("partner_id", CUSTOMER)
    sara.sees("Portugal", scope=".o_form_view")
    sara.page.get_by_role("button", name="Add a product").click()
    sara.choose("product_template_id", "Coffee machine", scope="tr.o_selected_row")
    sara.sees("1,150.00", scope=".o_field_widget[name='tax_totals']")
    sara.fill("product_uom_qty", "10", scope="tr.o_selected_row")
    sara.sees("11,500.00", scope=".o_field_widget[name='tax_totals']")
    sara.page.get_by_role("tab", name="Other Info").click()
    sara.fill("client_order_ref", REFERENCE)
    sara.page.get_by_role("tab", name="Payment Schedule").click()
    sara.choose("o2c_schedule_template_id", "30 % deposit")
    sara.sees("Deposit", scope=".o_field_widget[name='o2c_instalment_ids']")
    sara.settle()
    sara.picture("gate_quotation")
    sara.press_named("action_confirm")
    sara.sees("Sales Order", scope=".o_form_view .o_arrow_button_current")
    sara.page.get_by_role("tab", name="Payment Schedule").click()
    sara.sees("3,450.00", scope=".o_o2c_schedule")
    sara.sees("8,050.00", scope=".o_o2c_schedule")
    sara.picture("gate_schedule")


def salesperson_asks_for_the_deposit(company, log_in, order):
    """Press *Request payment*; returns the id of the request."""
    sara = log_in("sales")
    sara.open(f"sales/{order}")
    sara.page.get_by_role("tab", name="Payment Schedule").click()
    sara.press_named("action_o2c_request_payment")
    sara.sees("Unpaid", scope=".o_form_view .o_arrow_button_current")
    sara.sees("3,450.00", scope=".o_form_view")
    sara.picture("gate_payment_request")
    return value(company, f"SELECT id FROM o2c_payment_request WHERE order_id = {order}")


def warehouse_is_told_to_wait(company, log_in, order, missing):
    """Control D7: goods wait for the first payment."""
    picking = value(company, f"SELECT id FROM stock_picking WHERE sale_id = {order}")
    walter = log_in("warehouse")
    walter.open(f"action-stock.action_picking_tree_all/{picking}")
    walter.press_named("button_validate")
    walter.sees("On hold", scope=".o_form_view .ribbon")
    walter.sees(f"{missing} are missing", scope=".o_form_view")
    walter.picture("gate_delivery_waits")
    assert value(company, f"SELECT state FROM stock_picking WHERE id = {picking}") == "assigned"


def accountant_gives_money_to_the_second_instalment(company, log_in, order):
    """It counts for the order, and not for the deposit."""
    alice = log_in("accountant")
    alice.open(f"action-sale.action_orders/{order}")
    alice.press_named("action_o2c_register_receipt")
    alice.choose("instalment_id", "On delivery 70 %", scope=".modal")
    alice.settle()
    alice.fill("amount", "1000", scope=".modal")
    alice.picture("gate_instalment")
    alice.press_named("action_register", scope=".modal")
    alice.page.wait_for_selector(".modal", state="detached")
    alice.page.get_by_role("tab", name="Payment Schedule").click()
    alice.sees("of it given to this part: $ 1,000.00", scope=".o_o2c_schedule")
    alice.picture("gate_schedule_named")
    name = value(
        company, f"SELECT instalment_name FROM o2c_receipt_allocation WHERE order_id = {order}")
    assert name == "On delivery 70 %"


def accountant_registers_the_deposit(company, log_in, request):
    alice = log_in("accountant")
    alice.open(f"action-o2c_receipt.payment_request_action/{request}")
    alice.press_named("action_register_receipt")
    alice.sees("Register a receipt", scope=".modal")
    alice.picture("gate_deposit")
    alice.press_named("action_register", scope=".modal")
    alice.page.wait_for_selector(".modal", state="detached")
    alice.open(f"action-o2c_receipt.payment_request_action/{request}")
    alice.sees("Paid", scope=".o_form_view .o_arrow_button_current")
    amounts = support.sql(
        company.database, "SELECT amount FROM o2c_receipt_allocation WHERE instalment_id ="
        f" (SELECT instalment_id FROM o2c_payment_request WHERE id = {request})")
    assert [float(amount) for [amount] in amounts] == [3450.0]


def accountant_registers(log_in, order, amount):
    alice = log_in("accountant")
    alice.open(f"action-sale.action_orders/{order}")
    alice.press_named("action_o2c_register_receipt")
    alice.fill("amount", amount, scope=".modal")
    alice.press_named("action_register", scope=".modal")
    alice.settle()


def warehouse_delivers(company, log_in, order):
    picking = value(company, f"SELECT id FROM stock_picking WHERE sale_id = {order}")
    walter = log_in("warehouse")
    walter.open(f"action-stock.action_picking_tree_all/{picking}")
    walter.press_named("button_validate")
    walter.sees("Done", scope=".o_form_view .o_arrow_button_current")


def warehouse_registers_the_signature(company, log_in, order):
    picking = value(company, f"SELECT id FROM stock_picking WHERE sale_id = {order}")
    walter = log_in("warehouse")
    walter.open(f"action-stock.action_picking_tree_all/{picking}")
    walter.press_named("action_o2c_register_slip")
    walter.fill("signed_by", "Rui Costa", scope=".modal")
    walter.page.locator(".modal [name='file'] input[type='file']").set_input_files(
        {"name": "slip.pdf", "mimeType": "application/pdf", "buffer": base64.b64decode(PAPER)})
    walter.settle()
    walter.picture("gate_signature")
    walter.press_named("action_register", scope=".modal")
    walter.sees("Signed slip", scope=".o-form-buttonbox")
    signed_by = f"SELECT signed_by FROM o2c_delivery_slip WHERE picking_id = {picking}"
    assert value(company, signed_by) == "Rui Costa"


def salesperson_is_told_what_is_missing(company, log_in, order):
    """3,450.00 and 1,000.00 are in: 2,450.00 more are needed."""
    sara = log_in("sales")
    sara.open(f"sales/{order}")
    sara.sees("must still be collected", scope=".o_form_view")
    sara.picture("gate_order_short")
    sara.press("Create Invoice", scope=".o_form_statusbar")
    sara.press_named("create_invoices", scope=".modal")
    sara.sees("2,450.00 missing")
    sara.picture("gate_invoice_refused")
    sara.open(f"sales/{order}")
    sara.press_named("action_o2c_apply_invoice")
    sara.sees("must still be collected before this", scope=".o_form_view")
    sara.sees("2,450.00", scope=".o_form_view")
    sara.picture("gate_application_short")
    assert not sara.has_button("action_submit")
    sara.press_named("action_submit_exception")
    sara.sees("Say why the exception should be made")
    application = application_of(company, order)
    assert not value(
        company,
        f"SELECT 1 FROM o2c_request WHERE res_id = {application} AND res_model = 'o2c.invoice.application'")


def application_of(company, order):
    """Id of the application of the order."""
    return value(
        company,
        f"SELECT MAX(application_id) FROM o2c_invoice_application_order_rel WHERE order_id = {order}")


def salesperson_applies(company, log_in, order):
    sara = log_in("sales")
    sara.open(f"sales/{order}")
    sara.press_named("action_o2c_apply_invoice")
    sara.sees("What to invoice", scope=".o_form_view")
    sara.press_named("action_submit")
    sara.sees("To approve", scope=".o_form_view .o_arrow_button_current")
    sara.picture("gate_application")
    state = value(
        company, f"SELECT state FROM o2c_invoice_application WHERE id = {application_of(company, order)}")
    assert state == "requested"


def finance_finds_it_in_the_worklist(log_in, name):
    fiona = log_in("finance")
    fiona.open("action-o2c_invoice_gate.invoice_worklist_action")
    fiona.sees(name, scope=".o_list_view")
    fiona.sees("Applied for", scope=".o_list_view")
    fiona.picture("gate_worklist")
    phone = log_in("finance", phone=True)
    phone.open("action-o2c_invoice_gate.invoice_worklist_action")
    phone.sees(name)
    phone.picture("gate_worklist_phone")


def somebody_signs(log_in, login, name):
    """Approve the request about this order; the demo has another one of the same customer."""
    signer = log_in(login)
    signer.open("action-o2c_approval.o2c_request_action")
    signer.sees("11,500.00")
    signer.open_row("11,500.00")
    signer.sees(f"Order {name}", scope=".o_form_view")
    signer.picture(f"gate_request_{login}")
    signer.press_named("action_open_approve", scope=".o_form_statusbar")
    signer.fill("comment", f"Fine with {login}.", scope=".modal")
    signer.press_named("action_decide", scope=".modal")
    signer.sees(f"Fine with {login}.", scope=".o_form_view")


def invoice_is_posted_and_matched(company, log_in, order):
    [[invoice, total, residual]] = support.sql(company.database, invoices_of(order))
    assert (float(total), float(residual)) == (11500.0, 4600.0)
    alice = log_in("accountant")
    alice.open(f"action-account.action_move_out_invoice_type/{invoice}")
    alice.sees("Posted", scope=".o_form_view .o_arrow_button_current")
    alice.sees("Invoice application", scope=".o-form-buttonbox")
    alice.picture("gate_invoice")
    sara = log_in("sales")
    application = application_of(company, order)
    sara.open(f"action-o2c_invoice_gate.invoice_application_action/{application}")
    sara.sees("Invoiced", scope=".o_form_view .o_arrow_button_current")
    sara.page.goto(
        f"{company.url}/report/html/o2c_invoice_gate.invoice_application_document/{application}")
    sara.page.get_by_text("Diana Director").first.wait_for()
    sara.picture("gate_report")


def invoice_is_printed(company, log_in, order):
    """The real engine makes the PDF, which says what was invoiced and what is left to pay.

    Debian's engine draws the letters of web fonts as outlines, so a PDF has no text to search. What it drew
    is read from the same report as a page, and the PDF has at least an outline for each of its letters.
    """
    [[invoice, _total, _residual]] = support.sql(company.database, invoices_of(order))
    number = value(company, f"SELECT name FROM account_move WHERE id = {invoice}")
    alice = log_in("accountant")
    alice.open(f"action-account.action_move_out_invoice_type/{invoice}")
    with alice.page.expect_download() as waiting:
        alice.press_named("action_print_pdf")
    assert number.replace("/", "_") in waiting.value.suggested_filename.replace("/", "_")
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"%PDF")
    alice.page.goto(f"{company.url}/report/html/account.report_invoice_with_payments/{invoice}")
    text = alice.page.locator("main").inner_text()
    receipts = ("1,000.00", "3,450.00", "2,450.00")
    for part in (number, CUSTOMER, "Coffee machine", "11,500.00", *receipts, "4,600.00"):
        assert part in text, f"{part} is not in {text}"
    letters, pages = len("".join(text.split())), PdfReader(io.BytesIO(content)).pages
    drawn = sum(len(re.findall(rb"\bh\b", page.get_contents().get_data())) for page in pages)
    searchable = "".join(page.extract_text() for page in pages)
    assert number in searchable or drawn >= letters, f"{drawn} outlines for {letters} letters"


def auditor_reads_it(log_in):
    anna = log_in("auditor")
    anna.open("action-o2c_base.o2c_register_action")
    anna.search("Lisbon")
    anna.sees("Invoice application approved and invoiced", scope=".o_list_view")
    anna.picture("gate_register")
