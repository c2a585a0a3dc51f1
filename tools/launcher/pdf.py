"""The PDF engine: Debian's wkhtmltopdf, unpacked with the Qt libraries it lacks, and a CJK font."""

import os
import shutil
from pathlib import Path

from . import apt
from .console import Failure, answer, warn
from .state import fresh_folder, write_text

PACKAGES = ("wkhtmltopdf", "fonts-noto-cjk", "fonts-dejavu-core", "fontconfig-config")
WRAPPER = """\
#!/bin/sh
# wkhtmltopdf from its own folder, with its own libraries and fonts, without a screen.
root={root}
export LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
export QT_PLUGIN_PATH="{plugins}" QT_QPA_PLATFORM=offscreen FONTCONFIG_FILE="$root/fonts.conf"
export XDG_RUNTIME_DIR="${{XDG_RUNTIME_DIR:-${{TMPDIR:-/tmp}}}}"
exec "$root/usr/bin/{name}" "$@"
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">{system}</include>
  <dir>{root}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <cachedir>{root}/cache</cachedir>
</fontconfig>
"""


def ensure(state):
    """Folder with the wkhtmltopdf to put on PATH, or None (then reports come as HTML)."""
    if shutil.which("wkhtmltopdf") and answer(["wkhtmltopdf", "--version"]):
        return None
    if not apt.is_available():
        warn(
            "No PDF engine: wkhtmltopdf is not installed and can't be fetched here. Reports open as "
            "web pages; for PDF files install wkhtmltopdf 0.12.6."
        )
        return None
    try:
        state.ensure(
            "pdf",
            "Fetching the PDF engine and a Chinese font (about 90 MB)",
            {"packages": PACKAGES, "state": str(state.root)},
            lambda: _build(state),
            check=lambda _result: (state.pdf / "bin" / "wkhtmltopdf").exists(),
        )
    except Failure as failure:
        warn(f"No PDF engine, reports open as web pages. {failure.message}")
        return None
    return state.pdf / "bin"


def _build(state):
    source = apt.Apt(state, "stable", apt.stable_sources())
    source.prepare()
    packages = source.missing_closure(*PACKAGES)
    if packages is None:
        raise Failure("wkhtmltopdf does not fit the libraries of this machine.")
    files = source.download(*packages)
    with fresh_folder(state.pdf) as folder:
        apt.unpack(files, folder, state.log / "unpack.log")
        _write_wrappers(folder, state.pdf)
    engine = state.pdf / "bin" / "wkhtmltopdf"
    if not answer([str(engine), "--version"]):
        raise Failure(f"{engine} does not start.")
    for folder in {path.parent for path in files}:
        shutil.rmtree(folder)
    return str(engine)


def _write_wrappers(folder, final):
    """Scripts that call the programs from ``folder`` after it has moved to ``final``."""
    libraries = sorted({path.parent for path in folder.glob("usr/lib/**/*.so.*")})
    plugins = folder.glob("usr/lib/*/qt5/plugins")
    (folder / "bin").mkdir()
    for name in ("wkhtmltopdf", "wkhtmltoimage"):
        script = WRAPPER.format(
            root=final,
            name=name,
            libraries=":".join(str(final / path.relative_to(folder)) for path in libraries),
            plugins=":".join(str(final / path.relative_to(folder)) for path in plugins),
        )
        write_text(folder / "bin" / name, script, mode=0o755)
        os.chmod(folder / "bin" / name, 0o755)
    own, system = Path("etc/fonts/fonts.conf"), Path("/etc/fonts/fonts.conf")
    text = FONTS.format(root=final, system=system if system.exists() else final / own)
    write_text(folder / "fonts.conf", text)
