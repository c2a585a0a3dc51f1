"""The browser of tests and pictures: a Chromium that is installed on the machine."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
)


def find_chromium():
    """Path of a Chromium ($O2C_CHROMIUM first), or None."""
    candidates = [os.environ.get("O2C_CHROMIUM", ""), *NAMES]
    return next((path for path in map(shutil.which, filter(None, candidates)) if path), None)
