"""Every screen of the app, by menu, as the people who have that menu, on a desk and on a phone.

Opening a screen must not end in an error dialogue, and on a phone nothing may stick out.
"""

import pytest

ROLES = ["auditor", "policy", "creditmanager", "finance"]
PIXELS = 1  # rounding of fractional widths


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
    if phone and user.overflow() > PIXELS:
        faults.append(f"{where}: {user.overflow()} pixels wider than the phone")
    return faults
