"""Debian packages without installing them: a private apt configuration, download, unpack.

The machine's own sources, lists and packages stay as they are, and no root is needed. Addresses
come from the machine's apt configuration, so mirrors and proxies that are set there are used.
"""

import os
import re
import shutil
from pathlib import Path

from .console import Failure, answer, run
from .state import fingerprint, remove, write_text

KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)
# The suite whose web assets and PDF engine fit Odoo 19; the address of an archive holds all suites.
STABLE = "bookworm"
SUITES = {
    "bookworm",
    "trixie",
    "forky",
    "duke",
    "sid",
    "oldoldstable",
    "oldstable",
    "stable",
    "testing",
    "unstable",
}
NO_APT_HINT = (
    "On this machine give Odoo 19.0 yourself: ./o2c demo --odoo PATH (a source tree or an installed "
    "Odoo), or ./o2c demo --odoo-archive FILE (the official source archive of Odoo 19.0)."
)
OPTIONS = """\
Dir::State "{root}/state";
Dir::State::status "{status}";
Dir::Cache "{root}/cache";
Dir::Etc::SourceList "{root}/sources.list";
Dir::Etc::SourceParts "{root}/none";
Dir::Etc::PreferencesParts "{root}/none";
Dir::Log "{root}";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "{user}";
APT::Get::List-Cleanup "false";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


class Apt:
    """A private apt with its own sources (``suites`` of the machine's Debian archive)."""

    def __init__(self, state, name, sources):
        self.state = state
        self.root = state.packages / name
        self.sources = sources
        self.config = self.root / "apt.conf"

    def prepare(self):
        """Write the configuration and fetch the package lists."""
        for folder in ("state/lists/partial", "cache/archives/partial", "none"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        keyring = find_keyring()
        lines = [f"deb [signed-by={keyring}] {uri} {suite} main" for uri, suite in self.sources]
        write_text(self.root / "sources.list", "\n".join(lines) + "\n")
        status = Path("/var/lib/dpkg/status")
        options = {
            "root": self.root,
            "status": status if status.exists() else "/dev/null",
            # apt as root would drop to a user who can't enter a private folder
            "user": "root" if os.geteuid() == 0 else "",
        }
        write_text(self.config, OPTIONS.format(**options))
        self._run("update", what="Reading the package lists", log="apt-update")

    def _run(self, *arguments, what, log, cwd=None):
        run(
            ["apt-get", "-q", "-c", self.config, *arguments],
            log=self.state.log / f"{log}.log",
            what=what,
            hint="Check the network and that `apt-get update` works on this machine, then run the same "
            "command again: finished downloads are kept. " + NO_APT_HINT,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            cwd=cwd,
        )

    def download(self, *packages):
        """Fetch packages (apt checks signatures and sums); paths of their files."""
        folder = self.state.downloads / fingerprint([str(self.root), sorted(packages)])
        folder.mkdir(parents=True, exist_ok=True)
        self._run("download", *packages, what="Downloading packages", log="apt-download", cwd=folder)
        return sorted(folder.glob("*.deb"))

    def missing_closure(self, *packages):
        """Packages that an installation of ``packages`` would bring, themselves included."""
        command = ["apt-get", "-c", str(self.config), "-s", "--no-install-recommends", "install", *packages]
        output = answer(command, env={**os.environ, "LC_ALL": "C.UTF-8"})
        if output is None:
            return None
        # "Inst name [installed] (...)": an upgrade of an installed package is not needed
        wanted = re.findall(r"^Inst (\S+) \(", output, re.M)
        return sorted({*wanted, *packages})


def unpack(packages, target, log):
    """Unpack package files into a folder."""
    for package in packages:
        run(
            ["dpkg-deb", "-x", package, target],
            log=log,
            what=f"Unpacking {package.name}",
            hint=f"Remove {package} and run the same command again.",
        )


def is_available():
    """Whether this machine can fetch Debian packages (apt, dpkg-deb, keyring, an address)."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb") and find_keyring() and debian_sources())


def find_keyring():
    """Debian's archive keyring, which signs every suite; None on a machine without it."""
    return next((path for path in KEYRINGS if Path(path).exists()), None)


def main_archive():
    """Address of the archive that holds the main suites; Failure when there is none."""
    for uri, suite in debian_sources():
        if not suite.endswith("-security"):
            return uri
    raise Failure("apt on this machine names no Debian archive.", NO_APT_HINT)


def stable_sources():
    """Sources for what must fit the machine's libraries: its own, when it is Debian 12."""
    own = [(uri, suite) for uri, suite in debian_sources() if suite.split("-")[0] == STABLE]
    return own or [(main_archive(), STABLE)]


def debian_sources():
    """(address, suite) of the machine's Debian sources, in their order."""
    output = answer(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"]) or ""
    found = [tuple(line.split()[:2]) for line in output.splitlines() if line.endswith(" main")]
    if not found:  # the lists are empty, as in container images
        found = read_sources(Path("/etc/apt"))
    suites = [(uri, suite) for uri, suite in dict.fromkeys(found) if _is_debian_suite(suite)]
    # other archives use the names of Debian's suites too; a mirror's path usually tells them apart
    return [pair for pair in suites if re.search(r"/debian(-security)?/?$", pair[0])] or suites


def _is_debian_suite(suite):
    return re.sub(r"-(updates|security)$", "", suite) in SUITES


def read_sources(folder):
    """(address, suite) of the entries with component main in sources.list and *.sources files."""
    found = []
    lists = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.list"))]
    for path in lists:
        if path.exists():
            found += _one_line_entries(path.read_text(encoding="utf-8", errors="replace"))
    for path in sorted((folder / "sources.list.d").glob("*.sources")):
        found += _deb822_entries(path.read_text(encoding="utf-8", errors="replace"))
    return found


def _one_line_entries(text):
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", line.strip())
        if match and "main" in match[3].split("#")[0].split():
            yield match[1], match[2]


def _deb822_entries(text):
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        unfolded = re.sub(r"\n[ \t]+", " ", "\n".join(lines))
        pairs = (line.partition(":") for line in unfolded.splitlines())
        fields = {key.strip().lower(): value.split() for key, _, value in pairs}
        usable = "deb" in fields.get("types", ()) and fields.get("enabled", ["yes"])[0].lower() != "no"
        if usable and "main" in fields.get("components", ()):
            yield from ((uri, suite) for uri in fields.get("uris", ()) for suite in fields.get("suites", ()))


def clean(state):
    """Remove the packages that are unpacked; the lists stay."""
    for folder in state.downloads.iterdir():
        if folder.is_dir():
            remove(folder)
