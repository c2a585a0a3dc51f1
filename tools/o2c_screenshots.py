"""Take one picture of each screen that the suite's menu leads to.

    python -m tools.o2c_screenshots http://127.0.0.1:8069 --output docs/images --login admin --password admin

Runs inside the launcher's virtual environment (./o2c screenshots does). Besides the screens behind the
menu it opens the first record of each list, so that the forms are there, too.
"""

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import sync_playwright

from tools.launcher.browser import ARGUMENTS

ROOT_MENU = "o2c_base.menu_root"
DESKTOP = {"width": 1366, "height": 860}
PHONE = {"width": 390, "height": 844}
# an action's screen, or the window of a wizard
READY = ".o_action_manager .o_action, .o_action_manager .o_view_controller, .o_dialog .o_form_view"
BUSY = ".o_loading_indicator, .o_view_sample_data_loading"
TIMEOUT = 45_000
FIRST_TIMEOUT = 180_000  # the first page makes the styles and scripts


def main(arguments=None):
    """Log in, walk through the menu, save the pictures; 1 when a screen shows an error."""
    options = parse(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(ARGUMENTS))
        context = browser.new_context(
            viewport=PHONE if options.phone else DESKTOP, has_touch=options.phone, is_mobile=options.phone
        )
        page = context.new_page()
        page.set_default_timeout(FIRST_TIMEOUT)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        try:
            log_in(page, options)
            walk(page, options, problems)
        except PlaywrightTimeout as error:
            save(page, options, "problem")
            problems.append(f"{options.login} did not get in: {error.message.splitlines()[0]}")
        browser.close()
    for problem in problems:
        print(f"problem: {problem}", file=sys.stderr)
    return 1 if problems else 0


def parse(arguments):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--chromium")
    parser.add_argument("--phone", action="store_true")
    return parser.parse_args(arguments)


def log_in(page, options):
    """Through the login form, as a user does."""
    page.goto(f"{options.url}/web/login")
    page.fill("input[name=login]", options.login)
    page.fill("input[name=password]", options.password)
    page.click("button[type=submit]")
    page.wait_for_selector(".o_web_client .o_main_navbar")
    page.set_default_timeout(TIMEOUT)


def walk(page, options, problems):
    """Each screen of the menu, and the first record of each list."""
    entries = screens(page.evaluate("() => fetch('/web/webclient/load_menus').then(answer => answer.json())"))
    if not entries:
        problems.append(f"the menu {ROOT_MENU} is not there for {options.login}")
    for number, (title, action) in enumerate(entries, 1):
        name = f"{number:02d}-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}"
        try:
            page.goto(f"{options.url}/odoo/action-{action}")
            settle(page)
            save(page, options, name)
            if open_first(page):
                save(page, options, f"{name}-form")
        except PlaywrightTimeout as error:
            problems.append(f"{title}: {error.message.splitlines()[0]}")
        dialog = page.locator(".o_error_dialog")
        if dialog.count():
            problems.append(f"{title}: {dialog.first.inner_text()[:300]}")


def screens(menus):
    """(path of titles, action) of the entries below the suite's menu, in the menu's order."""
    by_id = {str(key): menu for key, menu in menus.items()}
    root = next((menu for menu in by_id.values() if menu.get("xmlid") == ROOT_MENU), None)
    found = []

    def visit(menu, path):
        children = [by_id[str(child)] for child in menu["children"] if str(child) in by_id]
        action = menu.get("actionID")
        if action and not children and action not in {known for _title, known in found}:
            found.append((" ".join(path), action))
        for child in children:
            visit(child, [*path, child["name"]])

    if root:
        visit(root, [])
    return found


def settle(page):
    """Wait until the screen is drawn; the page itself never becomes idle (a websocket stays open)."""
    page.wait_for_selector(READY)
    page.wait_for_function(f"() => !document.querySelector('{BUSY}')")
    page.evaluate("() => document.fonts.ready")
    page.wait_for_timeout(500)  # charts are drawn with an animation


def open_first(page):
    """Open the first record of a list; False when this is no list or it is empty."""
    row = page.locator(".o_list_view .o_data_row:not(.o_group_header) td.o_data_cell").first
    if not row.count():
        return False
    row.click()
    try:
        page.wait_for_selector(".o_form_view", timeout=5_000)
    except PlaywrightTimeout:
        return False  # an editable list opens no form
    settle(page)
    return True


def save(page, options, name):
    """Save a picture of the window."""
    path = options.output / f"{name}{'-phone' if options.phone else ''}.png"
    page.screenshot(path=str(path))
    print(path.name, flush=True)


if __name__ == "__main__":
    sys.exit(main())
