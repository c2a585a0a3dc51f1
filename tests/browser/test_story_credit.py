"""A new customer overseas: graded, secured, sold to, late, suspended.

Sara confirms a quotation of a customer that nobody has graded. Olga opens the credit file, scores the
customer and applies for terms; sales, the credit manager and the finance director sign. A guarantee is
registered, the order goes on by itself. The next order is over the limit and is released by authority.
Then the customer pays late: watch list, suspension by policy, and the next delivery waits.
"""

import pytest
import support

from .test_story_order import field, wait_for_state

CUSTOMER = "Rio Hospitality"


@pytest.fixture(scope="module")
def story(company):
    """Ids of the customer and of its two quotations: 5,440.00 and 24,400.00."""
    [[customer]] = support.sql(company.database, f"SELECT id FROM res_partner WHERE name = '{CUSTOMER}'")
    orders = dict(
        support.sql(
            company.database,
            "SELECT client_order_ref, id FROM sale_order WHERE client_order_ref LIKE 'demo-overseas%'",
        )
    )
    return {
        "customer": int(customer),
        "first": int(orders["demo-overseas"]),
        "second": int(orders["demo-overseas-big"]),
    }


def value(company, query):
    """The only value of a query, or None."""
    rows = support.sql(company.database, query)
    return rows[0][0] if rows else None


def test_story_of_a_new_customer(company, log_in, story):
    salesperson_meets_the_missing_grade(company, log_in, story)
    officer_opens_the_credit_file(company, log_in, story)
    officer_scores_and_applies(company, log_in, story)
    for login in ("creditmanager", "director", "salesmanager"):
        somebody_signs(log_in, login)
    assert value(company, f"SELECT amount FROM o2c_credit_limit WHERE partner_id = {story['customer']}")
    officer_registers_a_guarantee(company, log_in, story)
    somebody_signs(log_in, "creditmanager")
    wait_for_state(company, story["first"], "sale")
    second_order_is_over_the_limit(company, log_in, story)
    officer_asks_for_a_release(log_in)
    somebody_signs(log_in, "creditmanager")
    wait_for_state(company, story["second"], "sale")
    customer_falls_late(company, story)
    officer_sees_the_watch_list(company, log_in, story)
    warehouse_cannot_deliver(company, log_in, story)
    auditor_reads_the_file(log_in, story)


def salesperson_meets_the_missing_grade(company, log_in, story):
    sara = log_in("sales")
    sara.open(f"sales/{story['first']}")
    sara.press_named("action_confirm")
    sara.sees("On hold", scope=".o_form_view .ribbon")
    sara.sees("never graded", scope=".o_form_view")
    sara.sees("2,720.00 are missing", scope=".o_form_view")
    sara.picture("credit_grade_missing")
    assert field(company, story["first"], "state") == "draft"


def officer_opens_the_credit_file(company, log_in, story):
    olga = log_in("officer")
    olga.open(f"contacts/{story['customer']}")
    olga.press_named("action_o2c_credit_file")
    olga.sees("Credit file of", scope=".o_form_view")
    olga.fill("registration_number", "33.000.167/0001-01", scope=".o_form_view")
    olga.fill("founded_on", "03/15/2004", scope=".o_form_view")
    olga.page.locator(".o_form_button_save").first.click()
    olga.sees("Still missing", scope=".o_form_view")
    olga.picture("credit_file")
    assert value(company, f"SELECT id FROM o2c_credit_file WHERE partner_id = {story['customer']}")


def officer_scores_and_applies(company, log_in, story):
    olga = log_in("officer")
    olga.open("action-o2c_credit.credit_application_action/new")
    olga.choose("partner_id", CUSTOMER, scope=".o_form_view")
    olga.page.locator(".o_form_button_save").first.click()
    olga.settle()
    olga.press_named("action_score")
    olga.sees("Score sheet", scope=".o_form_view")
    olga.sees("Paid on time", scope=".o_form_view")
    olga.choose("grade_id", "B", scope=".o_form_view")
    olga.fill("amount", "26000", scope=".o_form_view")
    olga.fill("reason", "Opens three hotels; the owners guarantee for half.", scope=".o_form_view")
    olga.page.locator(".o_form_button_save").first.click()
    olga.settle()
    olga.picture("credit_application")
    olga.press_named("action_submit")
    olga.sees("To approve", scope=".o_form_view .o_arrow_button_current")
    assert not olga.has_button("action_approve")


def somebody_signs(log_in, login):
    """Approve the customer's request that waits for this person."""
    signer = log_in(login)
    signer.open("action-o2c_approval.o2c_request_action")
    signer.sees(CUSTOMER)
    signer.open_row(CUSTOMER)
    signer.picture(f"credit_request_{login}")
    signer.press_named("action_open_approve", scope=".o_form_statusbar")
    signer.fill("comment", f"Agreed as {login}.", scope=".modal")
    signer.press_named("action_decide", scope=".modal")
    signer.sees(f"Agreed as {login}.", scope=".o_form_view")


def officer_registers_a_guarantee(company, log_in, story):
    olga = log_in("officer")
    olga.open("action-o2c_credit.credit_guarantee_action/new")
    olga.choose("partner_id", CUSTOMER, scope=".o_form_view")
    olga.fill("value", "20000", scope=".o_form_view")
    olga.fill("haircut", "20", scope=".o_form_view")
    olga.choose("guarantor_id", "North Star Retail", scope=".o_form_view")
    olga.page.locator(".o_form_button_save").first.click()
    olga.settle()
    olga.picture("credit_guarantee")
    olga.press_named("action_submit")
    olga.sees("To approve", scope=".o_form_view .o_arrow_button_current")


def second_order_is_over_the_limit(company, log_in, story):
    sara = log_in("sales")
    sara.open(f"sales/{story['second']}")
    sara.press_named("action_confirm")
    sara.sees("On hold", scope=".o_form_view .ribbon")
    # 5,440.00 are ordered, 24,400.00 come on top, the limit is 26,000.00.
    for figure in ("29,840.00", "26,000.00", "3,840.00"):
        sara.sees(figure, scope=".o_form_view")
    sara.picture("credit_over_the_limit")


def officer_asks_for_a_release(log_in):
    olga = log_in("officer")
    olga.open("action-o2c_hold.o2c_hold_action")
    olga.open_row(CUSTOMER)
    olga.press_named("action_ask_release")
    olga.fill("reason", "Second hotel; the guarantee covers it.", scope=".modal")
    olga.press_named("action_ask", scope=".modal")
    olga.sees("Release requested", scope=".o_form_view .o_arrow_button_current")


def customer_falls_late(company, story):
    """Two months go by: an invoice of the past is open and 60 days overdue; the daily job runs."""
    support.odoo_shell(
        company.database,
        f"""
from datetime import timedelta
today = env.company._o2c_today()
accountant = env["res.users"].search([("login", "=", "accountant")])
# Its order is older than the controls of the company.
settings = env["o2c.control.setting"].search([("control_id.at_invoice", "=", True)])
before = {{setting: setting.mode for setting in settings}}
settings.write({{"mode": "observing"}})
invoice = env["account.move"].with_user(accountant).create({{
    "move_type": "out_invoice",
    "partner_id": {story["customer"]},
    "invoice_date": today - timedelta(days=90),
    "invoice_date_due": today - timedelta(days=60),
    "invoice_payment_term_id": False,
    "invoice_line_ids": [(0, 0, {{"name": "Fitting", "price_unit": 300.0, "tax_ids": []}})],
}})
invoice.action_post()
assert invoice.state == "posted", invoice.state
for setting, mode in before.items():
    setting.mode = mode
env["o2c.credit.monitor"]._run()
env.cr.commit()
""",
    )


def officer_sees_the_watch_list(company, log_in, story):
    olga = log_in("officer")
    olga.open("action-o2c_credit.credit_watch_action")
    olga.sees(CUSTOMER)
    olga.picture("credit_watch_list")
    assert value(
        company,
        "SELECT id FROM o2c_credit_limit"
        f" WHERE partner_id = {story['customer']} AND kind = 'suspension' AND application_id IS NOT NULL",
    )


def warehouse_cannot_deliver(company, log_in, story):
    picking = value(company, f"SELECT id FROM stock_picking WHERE sale_id = {story['first']}")
    walter = log_in("warehouse")
    walter.open(f"action-stock.action_picking_tree_all/{picking}")
    walter.press_named("button_validate")
    walter.sees("suspended", scope=".o_form_view")
    walter.picture("credit_delivery_held")
    assert value(company, f"SELECT state FROM stock_picking WHERE id = {picking}") != "done"


def auditor_reads_the_file(log_in, story):
    anna = log_in("auditor")
    anna.open("action-o2c_base.o2c_register_action")
    anna.search(CUSTOMER)
    anna.sees("Suspended by policy", scope=".o_list_view")
    anna.picture("credit_register")
    anna.open(f"contacts/{story['customer']}")
    anna.press_named("action_o2c_credit_file")
    anna.sees("Still missing", scope=".o_form_view")
    anna.picture("credit_file_suspended")
