"""The modules in addons/: which make the product, which are for tests, which wait for other apps."""

import ast
import hashlib

from .state import ADDONS

SUITE = "o2c_suite"
# Category in the manifest of modules that exist for tests only.
TEST_CATEGORY = "Hidden/Tests"
# Odoo's own modules that are in every database of the launcher.
BASE_MODULES = (
    "sale_management",
    "sale_stock",
    "stock_account",
    "account_payment",
    "payment_demo",
    "payment_custom",
    "contacts",
)
# Parts of a module that change nothing in a database.
NOT_INSTALLED = {"tests", "readme", "__pycache__"}


def manifests(addons=ADDONS):
    """Manifests by module, sorted by name; what is marked as not installable is left out."""
    found = {}
    for path in sorted(addons.glob("o2c_*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        if manifest.get("installable", True):
            found[path.parent.name] = manifest
    return found


def product(addons=ADDONS):
    """What installing the suite brings: its dependencies, and glue between modules that are all there."""
    known = manifests(addons)
    if SUITE not in known:  # a checkout with some modules only
        return [name for name, manifest in known.items() if not _is_for_tests(manifest)]
    chosen, waiting = set(), [SUITE]
    while waiting:
        name = waiting.pop()
        chosen.add(name)
        waiting += [other for other in known[name]["depends"] if other in known and other not in chosen]
    present = chosen.union(BASE_MODULES, *(known[name]["depends"] for name in chosen))
    glue = {name for name, manifest in known.items() if _is_glue(manifest, present)}
    return sorted(chosen | glue)


def _is_glue(manifest, present):
    return bool(manifest.get("auto_install")) and present.issuperset(manifest["depends"])


def _is_for_tests(manifest):
    return manifest.get("category") == TEST_CATEGORY


def for_tests(addons=ADDONS):
    """Modules that only tests install."""
    return [name for name, manifest in manifests(addons).items() if _is_for_tests(manifest)]


def optional(addons=ADDONS):
    """Modules beside the suite: glue to apps that the suite does not need, examples."""
    return sorted(set(manifests(addons)) - set(product(addons)) - set(for_tests(addons)))


def digests(names, addons=ADDONS):
    """Hash of each module's content, as far as it matters for an installed database."""
    return {name: folder_digest(addons / name) for name in names}


def folder_digest(folder):
    """Hash of names and contents of the files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and path.suffix != ".pyc" and not NOT_INSTALLED & set(relative.parts):
            digest.update(f"{relative}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
