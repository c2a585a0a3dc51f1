"""Every screen of the app, by menu, as the people who have that menu, on a desk and on a phone, and the
documents at which the controls stand.

Opening a screen must not end in an error dialogue, and on a phone nothing may stick out.
"""

import pytest
import support

ROLES = ["auditor", "policy", "creditmanager", "finance", "sales"]
# Who works with which document: path in the web client, and the newest document that is there.
DOCUMENTS = {
    "sales": ("sales", "SELECT max(order_id) FROM o2c_hold WHERE order_id IS NOT NULL"),
    "warehouse": (
        "action-stock.action_picking_tree_all",
        "SELECT max(id) FROM stock_picking WHERE state = 'assigned'",
    ),
    "accountant": (
        "action-account.action_move_out_invoice_type",
        "SELECT max(id) FROM account_move WHERE move_type = 'out_invoice'",
    ),
}


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("role", ROLES)
def test_every_screen_opens(log_in, role, phone):
    user = log_in(role, phone=phone)
    menus = user.menus()
    assert len(menus) > 3, f"{role} has hardly any menu: {menus}"
    faults = []
    for _title, xmlid, action in menus:
        user.open(f"action-{action}")
        faults += look(user, f"{role} {xmlid}", phone)
        if user.open_first():
            faults += look(user, f"{role} {xmlid}, first record", phone)
            user.picture(f"{'phone' if phone else 'desk'}_{role}_{xmlid.partition('.')[2]}")
    assert not faults, "\n".join(faults)


def look(user, where, phone):
    """What is wrong with the screen as it is now."""
    faults = []
    if error := user.get_error():
        faults.append(f"{where}: {error}")
        user.page.keyboard.press("Escape")
    if phone:
        faults += [f"{where}: {fault}" for fault in user.overflow()]
    return faults


@pytest.mark.parametrize("role", DOCUMENTS)
def test_documents_fit_a_phone(company, log_in, role):
    path, newest = DOCUMENTS[role]
    [[document]] = support.sql(company.database, newest)
    user = log_in(role, phone=True)
    user.open(f"{path}/{document}")
    user.page.wait_for_selector(".o_form_view")
    user.picture(f"phone_{role}_document")
    assert not look(user, f"{role} {path}/{document}", phone=True)
