"""Odoo 19 itself: from Debian's archive, from the official source archive, or where it is already."""

import re
import shutil
import tarfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from . import apt
from .console import Failure, say
from .state import fingerprint, fresh_folder, remove

SERIES = "19.0"
# The package links web assets to files of these packages: Odoo unpacks beside them.
ASSET_PACKAGES = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
)
# Missing from the package; every page of the web client would log an error without it.
STUBS = ("addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js",)
PACKAGE_SITE = "usr/lib/python3/dist-packages"


def ensure(state, *, path=None, archive=None):
    """Bring Odoo 19; return the folder from which Python imports ``odoo``."""
    if path:
        return find_site(Path(path).expanduser().resolve())
    if archive:
        build, inputs = (lambda: _from_archive(state, archive)), {"archive": str(archive)}
        title = "Unpacking Odoo 19 from its source archive"
    else:
        build, inputs = (lambda: _from_debian(state)), {"package": "odoo-19", "assets": ASSET_PACKAGES}
        title = "Fetching Odoo 19 and its web assets (about 130 MB)"
    site = state.ensure("odoo", title, inputs, build, check=lambda site: _is_site(state.odoo / site))
    return find_site(state.odoo / site)


def _is_site(folder):
    return (folder / "odoo" / "release.py").is_file()


def find_site(path):
    """Folder above the ``odoo`` package in ``path`` (source tree, site-packages, or ``odoo`` itself)."""
    candidates = [path, path.parent, path / PACKAGE_SITE, *path.glob("lib/python3*/site-packages")]
    site = next((folder for folder in candidates if _is_site(folder)), None)
    if site is None:
        raise Failure(
            f"There is no Odoo in {path}.",
            "Give the folder that holds odoo-bin, or the site-packages folder that holds odoo/.",
        )
    series = release(site)
    if series != SERIES:
        raise Failure(f"{site} holds Odoo {series}; the suite needs {SERIES}.", "Give an Odoo 19.0.")
    return site


def release(site):
    """Series of the Odoo in a folder, for example 19.0."""
    text = (site / "odoo" / "release.py").read_text(encoding="utf-8")
    match = re.search(r"^version_info\s*=\s*\(\s*(\d+),\s*(\d+)", text, re.M)
    return f"{match[1]}.{match[2]}" if match else "?"


def identity(site):
    """What changes when another Odoo is used, so that databases are made again."""
    text = (site / "odoo" / "release.py").read_text(encoding="utf-8")
    stamp = (site / "odoo" / "addons" / "base" / "__manifest__.py").stat().st_mtime_ns
    return fingerprint([str(site), text, stamp])


# ------------------------------------------------------------------- from Debian


def _from_debian(state):
    if not apt.is_available():
        raise Failure(
            "Odoo 19 can't be fetched: this machine has no apt for a Debian archive.", apt.NO_APT_HINT
        )
    stable = apt.Apt(state, "stable", apt.stable_sources())
    stable.prepare()
    assets = stable.download(*ASSET_PACKAGES)
    unstable = apt.Apt(state, "unstable", [(apt.main_archive(), "sid")])
    unstable.prepare()
    package = unstable.download("odoo-19")
    say("   downloaded; unpacking")
    with fresh_folder(state.odoo) as folder:
        apt.unpack([*assets, *package], folder, state.log / "unpack.log")
        _trim(folder / PACKAGE_SITE)
    for path in {part.parent for part in (*assets, *package)}:
        remove(path)
    return PACKAGE_SITE


def _trim(site):
    """Leave odoo and its metadata: the folders beside it would be importable under general names."""
    for path in site.iterdir():
        if path.name != "odoo" and not path.name.endswith(".egg-info"):
            remove(path)
    for stub in STUBS:
        path = site / "odoo" / stub
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


# ------------------------------------------------------- from the source archive


def _from_archive(state, archive):
    path = _fetch(state, archive) if re.match(r"https?://", str(archive)) else Path(archive).expanduser()
    if not path.is_file():
        raise Failure(f"There is no file {path}.", "Give the path of Odoo's source archive (.tar.gz, .zip).")
    with fresh_folder(state.odoo) as folder:
        _extract(path, folder)
        release_file = next(folder.glob("**/odoo/release.py"), None)
        if release_file is None:
            raise Failure(f"{path} holds no Odoo.", "Give the official source archive of Odoo 19.0.")
        return str(release_file.parent.parent.relative_to(folder))


def _extract(path, folder):
    hint = "The file is damaged or of another kind: fetch it again, then run the same command."
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as content:
                content.extractall(folder)
        else:
            with tarfile.open(path) as content:
                # the filter keeps members inside the folder; older patch releases lack it
                safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
                content.extractall(folder, **safe)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise Failure(f"{path} can't be unpacked: {error}.", hint) from error


def _fetch(state, url):
    """Download a file, going on where an earlier attempt stopped."""
    target = state.downloads / (fingerprint(url) + "-" + (url.rsplit("/", 1)[-1] or "odoo"))
    partial = target.with_name(target.name + ".partial")
    if target.exists():
        return target
    start = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            mode = "ab" if start and answer.status == 206 else "wb"
            with open(partial, mode) as out:
                shutil.copyfileobj(answer, out, 1 << 20)
    except (urllib.error.URLError, OSError) as error:
        raise Failure(
            f"{url} can't be downloaded: {error}.",
            "Run the same command again: it goes on where it stopped. Or download the file with a "
            "browser and give its path.",
        ) from error
    partial.replace(target)
    return target
