"""Every screen of the app, by menu, as the people who have that menu, on a desk and on a phone.

Opening a screen must not end in an error dialogue, and on a phone nothing may stick out.
"""

import pytest

ROLES = ["auditor", "policy", "creditmanager", "finance"]
MENUS = """async () => {
    const menus = await (await fetch("/web/webclient/load_menus")).json();
    const found = [];
    const walk = (menu) => {
        if (menu.actionModel === "ir.actions.act_window") found.push([menu.xmlid, menu.actionID]);
        menu.children.forEach((child) => walk(menus[child]));
    };
    Object.values(menus).filter((menu) => menu.xmlid === "o2c_base.menu_root").forEach(walk);
    return found;
}"""
PIXELS = 1  # rounding of fractional widths


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("role", ROLES)
def test_every_screen_opens(log_in, role, phone):
    user = log_in(role, phone=phone)
    menus = user.page.evaluate(MENUS)
    assert len(menus) > 3, f"{role} has hardly any menu: {menus}"
    faults = []
    for xmlid, action in menus:
        user.open(f"action-{action}")
        faults += look(user, f"{role} {xmlid}", phone)
        if user.open_first():
            faults += look(user, f"{role} {xmlid}, first record", phone)
            user.picture(f"{'phone' if phone else 'desk'}_{role}_{xmlid.partition('.')[2]}")
    assert not faults, "\n".join(faults)


def look(user, where, phone):
    """What is wrong with the screen as it is now."""
    faults = []
    if user.page.locator(".o_error_dialog").count():
        faults.append(f"{where}: {user.page.locator('.o_error_dialog').first.inner_text()[:300]}")
        user.page.keyboard.press("Escape")
    if phone and user.overflow() > PIXELS:
        faults.append(f"{where}: {user.overflow()} pixels wider than the phone")
    return faults
