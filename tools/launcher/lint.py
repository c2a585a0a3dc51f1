"""./o2c lint: Python, XML, manifests, configuration and container files; all findings at once."""

import subprocess
import time

from . import lint_xml, modules, virtualenv
from .console import elapsed, say
from .setup import remember
from .state import ADDONS, REPOSITORY

PYLINT_CONFIGURATION = REPOSITORY / "config" / "pylint-odoo.cfg"
NOT_OURS = (
    "missing-readme",  # the readme is fragments in readme/*.md
    "consider-merging-classes-inherited",  # a long model is spread over several files
    "missing-return",  # hooks that answer nothing return nothing
    "context-overridden",  # contexts are replaced on purpose, to drop what a caller put into them
)


def lint(state, options):
    """Run every check; 0 when there is no finding."""
    chosen = remember(state, options)
    with state.lock():
        python = virtualenv.ensure(state, chosen["python"])
    results = [_external(title, command) for title, command in _commands(python)]
    results.append(_own("XML", lint_xml.check(REPOSITORY)))
    failed = results.count(False)
    say(f"\n{'No findings.' if not failed else f'{failed} of {len(results)} checks have findings.'}")
    return 1 if failed else 0


def _commands(python):
    """(title, command) of the checks by other programs."""
    commands = [
        ("ruff", [python, "-m", "ruff", "check", "--no-cache", str(REPOSITORY)]),
        (
            "hadolint",
            [
                python.parent / "hadolint",
                "--no-color",
                "--failure-threshold",
                "warning",
                *sorted((REPOSITORY / "docker").glob("Dockerfile*")),
            ],
        ),
        (
            "compose schema",
            [
                python,
                "-m",
                "check_jsonschema",
                "--builtin-schema",
                "vendor.compose-spec",
                *sorted((REPOSITORY / "docker").glob("compose*.yaml")),
            ],
        ),
    ]
    folders = [ADDONS / name for name in modules.manifests()]
    if folders:
        pylint = [
            python,
            "-m",
            "pylint",
            f"--rcfile={PYLINT_CONFIGURATION}",
            f"--disable={','.join(NOT_OURS)}",
            *folders,
        ]
        commands.insert(1, ("pylint-odoo", pylint))
    return commands


def _external(title, command):
    start = time.monotonic()
    result = subprocess.run(
        [str(part) for part in command],
        cwd=REPOSITORY,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return _show(title, result.stdout.strip() if result.returncode else "", start)


def _own(title, findings):
    return _show(title, "\n".join(findings), time.monotonic())


def _show(title, findings, start):
    say(f"{title:<16} {'findings:' if findings else 'ok'} ({elapsed(start)})")
    if findings:
        say(findings)
    return not findings
