"""Every path that a set-up file names is there, and nothing names a place of one machine."""

import ast
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHELL_SCRIPTS = sorted([*(REPOSITORY / "docker").glob("*.sh"), REPOSITORY / ".ci" / "run"])
# Places of the machine on which something was written, and addresses of package registries: these
# come from the configuration of apt and pip, which may name a mirror.
FOREIGN = re.compile(r"/root/|/home/\w|https?://[^\s\"'<>]*(?:debian\.|pypi\.|pythonhosted|/simple/)")


def tracked_files():
    output = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if output.returncode:
        pytest.skip("not a git checkout")
    return [REPOSITORY / name for name in output.stdout.split("\0") if name]


def dockerfile_sources():
    """(line, path) of what COPY takes from the build context."""
    text = (REPOSITORY / "docker" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in re.findall(r"^(?:COPY|ADD)\s+(.*)$", text, re.M):
        parts = [part for part in line.split() if not part.startswith("--")]
        assert len(parts) > 1, line
        yield from parts[:-1]


def test_dockerfile_copies_what_is_there():
    sources = list(dockerfile_sources())
    assert "addons" in sources
    missing = [path for path in sources if not (REPOSITORY / path).exists()]
    assert not missing


def test_dockerfile_starts_programs_it_copied():
    text = (REPOSITORY / "docker" / "Dockerfile").read_text(encoding="utf-8")
    copied = {Path(path).name for path in dockerfile_sources()}
    for instruction in ("ENTRYPOINT", r"HEALTHCHECK.*CMD"):
        program = json.loads(re.search(rf"^{instruction}\s+(\[.*\])$", text, re.M)[1])[0]
        assert program in copied


def test_compose_names_what_is_there():
    folder = REPOSITORY / "docker"
    text = (folder / "compose.yaml").read_text(encoding="utf-8")
    context = (folder / re.search(r"context:\s*(\S+)", text)[1]).resolve()
    assert context == REPOSITORY
    assert (context / re.search(r"dockerfile:\s*(\S+)", text)[1]).is_file()
    for secret in re.findall(r"file:\s*(\./\S+)", text):
        # written by init-secrets.sh; its folder must be in the checkout
        assert (folder / secret).parent.is_dir()
        assert (folder / secret).name in (folder / "init-secrets.sh").read_text(encoding="utf-8")
    for volume in re.findall(r"-\s*(\./[^:]+):", text):
        assert (folder / volume).is_dir()


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_are_sound_and_executable(script):
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    for name in re.findall(r"docker/[\w.-]+\.(?:sh|yaml|py)", script.read_text(encoding="utf-8")):
        assert (REPOSITORY / name).exists(), name


def test_readme_names_what_is_there():
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/.-])((?:addons|config|docker|docs|tests|tools|\.ci)/[\w./-]*\w)", text))
    made_by_use = {"docker/backups", "docker/secrets"}
    missing = sorted(
        name
        for name in named
        if not (REPOSITORY / name).exists() and not any(name.startswith(folder) for folder in made_by_use)
    )
    assert not missing
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (REPOSITORY / link).exists(), link


def test_readme_shows_commands_that_exist():
    from tools.launcher import cli

    commands = next(action for action in cli.parser()._actions if action.dest == "command").choices
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"\./o2c ([a-z]+)([^\n`|]*)", text)
    assert {command for command, _rest in shown} == set(commands)
    for command, rest in shown:
        known = {option for action in commands[command]._actions for option in action.option_strings}
        for option in re.findall(r"(?<!\S)--[a-z-]+", rest):
            assert option in known, f"./o2c {command}{rest}"


def test_data_files_of_manifests_exist():
    manifests = sorted((REPOSITORY / "addons").glob("*/__manifest__.py"))
    assert manifests
    for path in manifests:
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        for name in [*manifest.get("data", ()), *manifest.get("demo", ())]:
            assert (path.parent / name).is_file(), f"{path.parent.name}: {name}"


def test_no_file_names_a_place_of_one_machine():
    findings = []
    for path in tracked_files():
        name = path.relative_to(REPOSITORY)
        if not path.is_file() or name == Path("tests/test_paths.py"):
            continue
        content = path.read_bytes()
        if b"\0" in content[:1000]:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            if FOREIGN.search(line):
                findings.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not findings
