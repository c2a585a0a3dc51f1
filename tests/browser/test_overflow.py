"""The measure of test_screens.py can fail: what is too wide for a phone is seen, what Odoo scrolls is not."""

import pytest

PUT = """([holder, html]) => {
    const child = document.createElement("div");
    child.innerHTML = html;
    document.querySelector(holder).append(child);
}"""
WIDE = '<div class="too_wide" style="width: 900px">A table of many columns</div>'
TABLE = '<table style="width: 900px"><tr><td>First</td><td class="too_wide">Last</td></tr></table>'
LINE = f'<span class="too_wide text-nowrap">{"one line of text " * 12}</span>'
# Where: path in the web client and the element into which is put.
PLACES = {
    "form": ("action-o2c_hold.o2c_hold_action", ".o_form_sheet"),
    "kanban": ("action-o2c_hold.o2c_hold_action", ".o_kanban_record:not(.o_kanban_ghost)"),
    "overview": ("action-o2c_base.o2c_overview_tile_action", ".o_kanban_record:not(.o_kanban_ghost)"),
    "dialog": ("action-o2c_base.o2c_register_verify_action", ".modal-body"),
}


@pytest.fixture
def show(log_in):
    """``show("form", html)`` opens the place, puts the element there and answers what sticks out."""
    auditor = log_in("auditor", phone=True)

    def put(place, html):
        path, holder = PLACES[place]
        auditor.open(path)
        if place == "form":
            assert auditor.open_first()
        auditor.page.wait_for_selector(holder)
        assert auditor.overflow() == [], "the screen must fit before something is put there"
        auditor.page.evaluate(PUT, [holder, html])
        return auditor.overflow()

    return put


@pytest.mark.parametrize("html", [WIDE, TABLE, LINE], ids=["element", "table", "line"])
@pytest.mark.parametrize("place", PLACES)
def test_too_wide_element_is_seen_and_named(show, place, html):
    faults = show(place, html)
    assert any("too_wide" in fault and "pixels too wide" in fault for fault in faults), faults


@pytest.mark.parametrize("place", ["form", "dialog"])
def test_list_that_scrolls_is_not_counted(show, place):
    assert show(place, f'<div class="o_list_renderer o_renderer table-responsive">{TABLE}</div>') == []


def test_list_that_does_not_scroll_is_seen(show):
    assert show("form", f'<div class="o_list_renderer" style="overflow: visible">{TABLE}</div>')


def test_shortened_text_is_not_counted(show):
    assert show("form", f'<div class="text-truncate">{LINE}</div>') == []


def test_view_of_a_list_scrolls(log_in):
    auditor = log_in("auditor", phone=True)
    auditor.open("action-o2c_base.o2c_register_seal_action")
    auditor.page.evaluate("() => { document.querySelector('.o_list_table').style.width = '900px'; }")
    assert auditor.overflow() == []
