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
from tools.webclient import ROOT_MENU, User


def main(arguments=None):
    """Log in, walk through the menu, save the pictures; 1 when a screen shows an error."""
    options = parse(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    problems = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(ARGUMENTS))
        try:
            with User(
                browser,
                options.url,
                options.login,
                options.password,
                phone=options.phone,
                pictures=options.output,
            ) as user:
                problems += walk(user)
                problems += user.errors
        except PlaywrightTimeout as error:
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


def walk(user):
    """Each screen of the menu, and the first record of each list; what was wrong with them."""
    problems, entries = [], user.menus()
    if not entries:
        problems.append(f"the menu {ROOT_MENU} is not there for {user.login}")
    for number, (title, _xmlid, action) in enumerate(entries, 1):
        name = f"{number:02d}-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}"
        try:
            user.open(f"action-{action}")
            save(user, name)
            if user.open_first():
                save(user, f"{name}-form")
        except PlaywrightTimeout as error:
            problems.append(f"{title}: {error.message.splitlines()[0]}")
        if error := user.get_error():
            problems.append(f"{title}: {error}")
    return problems


def save(user, name):
    """Save a picture of the window."""
    user.still()
    name = f"{name}-phone" if user.phone else name
    user.picture(name)
    print(f"{name}.png", flush=True)


if __name__ == "__main__":
    sys.exit(main())
