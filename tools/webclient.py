"""How a user moves through Odoo's web client: for the stories of the tests, and for pictures.

The client keeps a websocket open, so nothing here waits for a quiet network:
every step waits for what a user would wait for, an element on the screen.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, expect

DESKTOP = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 90_000  # milliseconds: the first page compiles all assets
ROOT_MENU = "o2c_base.menu_root"
# Lists and kanbans stand there before their records have come.
EMPTY_VIEW = (
    "body:not(:has(.o_error_dialog))"
    " .o_action_manager :is(.o_list_view, .o_kanban_view):not(:has(.o_renderer))"
)
OVERFLOW = Path(__file__).with_name("overflow.js").read_text(encoding="utf-8")
PIXELS = 1  # rounding of fractional widths


class User:
    """One person before one screen, logged in.

    >>> sara = User(browser, "http://127.0.0.1:8069", "sales", "o2c-demo")  # doctest: +SKIP
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        login: str,
        password: str,
        *,
        phone: bool = False,
        pictures: Path | None = None,
    ):
        self.url = url
        self.login = login
        self.phone = phone
        self.pictures = pictures
        size = PHONE if phone else DESKTOP
        self.context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._log_in(password)

    def __enter__(self) -> User:
        return self

    def __exit__(self, *_exc):
        self.context.close()

    def _log_in(self, password):
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", self.login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_web_client .o_main_navbar")

    # --- moving ---

    def open(self, path: str):
        """Open a path of the web client, for example ``action-o2c_hold.hold_action``."""
        self.page.goto(f"{self.url}/odoo/{path}")
        # A wizard's dialogue has no view behind it, and a client action is none.
        self.page.wait_for_selector(
            ".o_action_manager .o_action, .o_action_manager .o_view_controller, .modal .o_form_view,"
            " .o_error_dialog"
        )
        self.page.wait_for_selector(EMPTY_VIEW, state="detached")
        self.settle()

    def menus(self) -> list[tuple[str, str, int]]:
        """(titles, external id, id of the action) of the entries of the suite's menu, in its order."""
        menus = self.page.evaluate(
            "() => fetch('/web/webclient/load_menus').then((answer) => answer.json())"
        )
        by_id = {str(key): menu for key, menu in menus.items()}
        found: dict[int, tuple[str, str, int]] = {}

        def visit(menu, path):
            children = [by_id[str(child)] for child in menu["children"] if str(child) in by_id]
            action = menu.get("actionID")
            if action and not children:
                found.setdefault(action, (" ".join(path), menu["xmlid"], action))
            for child in children:
                visit(child, [*path, child["name"]])

        for menu in by_id.values():
            if menu.get("xmlid") == ROOT_MENU:
                visit(menu, [])
        return list(found.values())

    def settle(self):
        """Wait until the client has no request of the user's under way."""
        self.page.wait_for_selector(".o_loading_indicator", state="hidden")
        self.page.wait_for_selector(".o_blockUI", state="detached")

    def still(self):
        """Wait until everything is drawn as it will stay: what the client still fetches, fonts, charts."""
        self.page.wait_for_timeout(500)
        self.settle()
        self.page.wait_for_selector(".o_view_sample_data_loading", state="detached")
        self.page.evaluate("() => document.fonts.ready")
        self.page.wait_for_timeout(500)

    def press(self, label: str, *, scope: str = ""):
        """Press the visible button with this label."""
        button = self.page.locator(f"{scope} button:visible", has_text=label).first
        button.click()
        self.settle()

    def press_named(self, name: str, *, scope: str = ""):
        """Press the visible button that calls the method or action ``name``."""
        self.page.locator(f"{scope} button[name='{name}']:visible").first.click()
        self.settle()

    def fill(self, field: str, value: str, *, scope: str = ""):
        """Type into a field of the form and leave it."""
        box = self.page.locator(
            f"{scope} .o_field_widget[name='{field}'] input, {scope} .o_field_widget[name='{field}'] textarea"
        ).first
        box.fill(value)
        box.press("Tab")

    def choose(self, field: str, value: str, *, scope: str = ""):
        """Choose a record of a many2one by the beginning of its name."""
        box = self.page.locator(f"{scope} .o_field_widget[name='{field}'] input").first
        box.click()
        box.fill(value)
        self.page.locator(".o-autocomplete--dropdown-item", has_text=value).first.click()

    def open_row(self, text: str):
        """Open the record of the list's first row with this text."""
        self.page.locator("tr.o_data_row", has_text=text).first.locator("td.o_data_cell").first.click()
        self.page.wait_for_selector(".o_form_view")
        self.settle()

    def open_first(self) -> bool:
        """Open the first record of a list or kanban that opens forms; say whether there was one."""
        row = self.page.locator("tr.o_data_row, .o_kanban_record:not(.o_kanban_ghost)").first
        if row.count() == 0 or self.page.locator(".o_o2c_overview, .o_list_editable, .modal").count():
            return False
        # As an event: on a phone an invisible layer for bottom sheets lies over the cards.
        (row.locator("td.o_data_cell").first if row.locator("td").count() else row).dispatch_event("click")
        try:
            self.page.wait_for_selector(".o_form_view", timeout=5000)
        except TimeoutError:
            return False
        self.settle()
        return True

    def search(self, text: str):
        """Search the list for this text alone, with no filter of its own."""
        for facet in self.page.locator(".o_searchview .o_facet_remove").all():
            facet.click()
            self.settle()
        self.page.fill(".o_searchview_input", text)
        self.page.keyboard.press("Enter")
        self.settle()

    # --- seeing ---

    def sees(self, text: str, *, scope: str = "body"):
        """Assert that the text is on the screen."""
        expect(self.page.locator(scope).first).to_contain_text(text, timeout=PATIENCE)

    def sees_not(self, text: str, *, scope: str = "body"):
        """Assert that the text is not on the screen."""
        expect(self.page.locator(scope).first).not_to_contain_text(text)

    def has_button(self, name: str) -> bool:
        """Whether a button that calls ``name`` is visible."""
        return self.page.locator(f"button[name='{name}']:visible").count() > 0

    def get_error(self) -> str:
        """Text of the error dialogue on the screen, empty where there is none."""
        dialog = self.page.locator(".o_error_dialog")
        return dialog.first.inner_text()[:300] if dialog.count() else ""

    def overflow(self) -> list[str]:
        """What sticks out of the screen on the right, innermost elements only; see overflow.js."""
        return self.page.evaluate(OVERFLOW, PIXELS)

    def picture(self, name: str):
        """Keep a picture of the screen, where pictures are wanted."""
        if self.pictures:
            self.page.screenshot(path=str(self.pictures / f"{name}.png"))
