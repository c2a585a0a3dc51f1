"""Where the launcher takes things from: apt, Odoo's code, Python packages, PDF engine."""

import os
import sys
import tarfile

import pytest

from tools.launcher import (
    apt,
    pdf,
    source,
    state,
    virtualenv,
)
from tools.launcher.console import Failure


@pytest.fixture
def folder(tmp_path):
    return state.State.open(tmp_path / "state")


# ------------------------------------------------------------------------------------- apt


ONE_LINE = """\
# deb http://comment.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib
deb [arch=amd64 signed-by=/x.gpg] http://mirror.example/debian-security bookworm-security main
deb-src http://mirror.example/debian bookworm main
deb http://other.example/tool bookworm stable
"""
DEB822 = """\
Types: deb deb-src
URIs: http://mirror.example/debian
# a comment
Suites: trixie
 trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://off.example/debian
Suites: trixie
Components: main
Enabled: no

Types: deb-src
URIs: http://source.example/debian
Suites: trixie
Components: main
"""


def test_sources_of_both_forms_are_read(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(ONE_LINE)
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert apt.read_sources(tmp_path) == [
        ("http://mirror.example/debian", "bookworm"),
        ("http://mirror.example/debian-security", "bookworm-security"),
        ("http://mirror.example/debian", "trixie"),
        ("http://mirror.example/debian", "trixie-updates"),
    ]


def test_sources_fall_back_to_the_files_when_apt_has_no_lists(monkeypatch):
    files = [
        ("http://mirror.example/debian/", "bookworm"),
        ("http://db.example/apt", "bookworm-pgdg"),
        ("http://tool.example/x", "bookworm"),
    ]
    monkeypatch.setattr(apt, "answer", lambda command: "")
    monkeypatch.setattr(apt, "read_sources", lambda folder: files)
    assert apt.debian_sources() == [("http://mirror.example/debian/", "bookworm")]
    assert apt.main_archive() == "http://mirror.example/debian/"


def test_sources_of_a_mirror_with_another_path_are_used(monkeypatch):
    address = "http://proxy.example/deb-virtual"
    output = f"{address} bookworm main\n{address} bookworm-updates main\n"
    monkeypatch.setattr(apt, "answer", lambda command: output)
    assert apt.main_archive() == address


def test_machine_without_debian_archive_says_what_to_do(monkeypatch):
    monkeypatch.setattr(apt, "answer", lambda command: None)
    monkeypatch.setattr(apt, "read_sources", lambda folder: [])
    with pytest.raises(Failure) as caught:
        apt.main_archive()
    assert "--odoo-archive" in caught.value.hint


def test_stable_packages_on_a_newer_debian_come_from_the_fitting_suite(monkeypatch):
    monkeypatch.setattr(apt, "debian_sources", lambda: [("http://m.example/debian", "trixie")])
    assert apt.stable_sources() == [("http://m.example/debian", "bookworm")]


def test_closure_holds_new_packages_and_not_upgrades(monkeypatch, folder):
    output = (
        "Inst libqt5core5a (5.15 Debian:12 [amd64])\nInst libpcre2-8-0 [10.42-1] (10.42-1+deb12u2 Debian)\n"
    )
    monkeypatch.setattr(apt, "answer", lambda *_args, **_kwargs: output)
    source_ = apt.Apt(folder, "stable", [])
    assert source_.missing_closure("wkhtmltopdf") == ["libqt5core5a", "wkhtmltopdf"]


# ----------------------------------------------------------------------------- Odoo's code


def make_site(root, series="19, 0"):
    (root / "odoo" / "addons" / "base").mkdir(parents=True)
    (root / "odoo" / "addons" / "base" / "__manifest__.py").touch()
    (root / "odoo" / "release.py").write_text(f"version_info = ({series}, 0, FINAL, 0, '')\n")
    return root


@pytest.mark.parametrize("given", ["", "odoo", "lib"])
def test_site_is_found_in_tree_package_and_environment(tmp_path, given):
    if given == "lib":
        site = make_site(tmp_path / "lib" / "python3.11" / "site-packages")
        assert source.find_site(tmp_path) == site
    else:
        make_site(tmp_path)
        assert source.find_site(tmp_path / given if given else tmp_path) == tmp_path


def test_other_series_is_refused(tmp_path):
    make_site(tmp_path, "18, 0")
    with pytest.raises(Failure, match=r"holds Odoo 18\.0"):
        source.find_site(tmp_path)


def test_folder_without_odoo_is_refused(tmp_path):
    with pytest.raises(Failure, match="no Odoo"):
        source.find_site(tmp_path)


def test_archive_is_unpacked_once(tmp_path, folder, capsys):
    make_site(tmp_path / "odoo-19.0.post20260101")
    archive = tmp_path / "odoo.tar.gz"
    with tarfile.open(archive, "w:gz") as out:
        out.add(tmp_path / "odoo-19.0.post20260101", "odoo-19.0.post20260101")
    site = source.ensure(folder, archive=str(archive))
    assert site == folder.odoo / "odoo-19.0.post20260101"
    capsys.readouterr()
    assert source.ensure(folder, archive=str(archive)) == site
    assert capsys.readouterr().out == ""


def test_damaged_archive_is_explained_and_leaves_nothing(tmp_path, folder):
    archive = tmp_path / "odoo.tar.gz"
    archive.write_bytes(b"\x1f\x8b\x08 broken")
    with pytest.raises(Failure, match="can't be unpacked"):
        source.ensure(folder, archive=str(archive))
    assert not folder.odoo.exists()
    assert folder.done("odoo") is None


def test_download_goes_on_where_it_stopped(tmp_path, folder, monkeypatch):
    seen = []

    class Answer:
        status = 206

        def __init__(self):
            self.parts = [b"world", b""]

        def read(self, _size=-1):
            return self.parts.pop(0)

        def __enter__(self):
            return self

        def __exit__(self, *_args):
            return None

    def urlopen(request, timeout):
        seen.append(request.headers)
        return Answer()

    monkeypatch.setattr(source.urllib.request, "urlopen", urlopen)
    url = "https://files.example/odoo.tar.gz"
    name = state.fingerprint(url) + "-odoo.tar.gz"
    (folder.downloads / f"{name}.partial").write_bytes(b"hello ")
    assert source._fetch(folder, url).read_bytes() == b"hello world"
    assert seen == [{"Range": "bytes=6-"}]
    source._fetch(folder, url)
    assert len(seen) == 1


def test_general_names_are_trimmed_and_stub_laid(tmp_path):
    site = make_site(tmp_path)
    for name in ("addons", "setup"):
        (site / name).mkdir()
    (site / "odoo-19.0.egg-info").mkdir()
    source._trim(site)
    assert sorted(path.name for path in site.iterdir()) == ["odoo", "odoo-19.0.egg-info"]
    assert (site / "odoo" / source.STUBS[0]).exists()


# --------------------------------------------------------------------- virtual environment


def test_python_too_new_or_absent_is_refused(monkeypatch):
    monkeypatch.setattr(virtualenv, "answer", lambda command: "3 14 0 cpython")
    with pytest.raises(Failure, match=r"3\.10 to 3\.13"):
        virtualenv.check_version("python3.14")
    monkeypatch.setattr(virtualenv, "answer", lambda command: None)
    with pytest.raises(Failure, match="can be started"):
        virtualenv.check_version("nothing")
    monkeypatch.undo()
    assert virtualenv.check_version(sys.executable) == sys.version_info[:3]


def test_odoo_is_linked_into_the_environment(folder, tmp_path):
    packages = folder.python / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    virtualenv.link_odoo(folder, tmp_path / "one")
    virtualenv.link_odoo(folder, tmp_path / "two")
    assert (packages / "o2c_odoo.pth").read_text() == f"{tmp_path / 'two'}\n"


# ------------------------------------------------------------------------------------- pdf


def test_wrapper_names_final_places(tmp_path):
    folder, final = tmp_path / "pdf.partial", tmp_path / "pdf"
    for path in ("usr/lib/x86_64-linux-gnu/libQt5Core.so.5", "usr/lib/x86_64-linux-gnu/qt5/plugins/p/x.so"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    pdf._write_wrappers(folder, final)
    text = (folder / "bin" / "wkhtmltopdf").read_text()
    assert f'LD_LIBRARY_PATH="{final}/usr/lib/x86_64-linux-gnu${{' in text
    assert f'QT_PLUGIN_PATH="{final}/usr/lib/x86_64-linux-gnu/qt5/plugins"' in text
    assert "partial" not in text
    assert os.access(folder / "bin" / "wkhtmltopdf", os.X_OK)
