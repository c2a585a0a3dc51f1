"""How a user moves through Odoo's web client, in the words of the stories.

The client keeps a websocket open, so nothing here waits for a quiet network:
every step waits for what a user would wait for, an element on the screen.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1366, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds: the first page compiles all assets


def find_chromium() -> str | None:
    """Path of the system's Chromium, or None."""
    given = os.environ.get("O2C_CHROMIUM")
    return given or shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def chromium():
    """A headless Chromium of the system; it ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class User:
    """One person before one screen, logged in.

    >>> sara = User(browser, "http://127.0.0.1:8069", "sales", "o2c-demo")  # doctest: +SKIP
    """

    def __init__(self, browser: Browser, url: str, login: str, password: str, *, phone=False, pictures=None):
        self.url = url
        self.login = login
        self.pictures = Path(pictures) if pictures else None
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
        self.page.wait_for_selector(".o_action_manager .o_view_controller, .o_action_manager .o_action")
        self.settle()

    def settle(self):
        """Wait until the client has no request of the user's under way."""
        self.page.wait_for_selector(".o_loading_indicator", state="hidden")
        self.page.wait_for_selector(".o_blockUI", state="detached")

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

    def value(self, field: str) -> str:
        """What a field of the form shows."""
        widget = self.page.locator(f".o_field_widget[name='{field}']").first
        box = widget.locator("input")
        return (box.first.input_value() if box.count() else widget.inner_text()).strip()

    def picture(self, name: str):
        """Keep a picture of the screen, where pictures are wanted."""
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(self.pictures / f"{name}.png"))
