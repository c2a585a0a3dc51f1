"""How ./o2c test chooses, shares out and judges."""

import os
import sys
import time
from collections import Counter
from types import SimpleNamespace

import pytest

from tools.launcher import (
    browser,
    selection,
    state,
    testing,
)
from tools.launcher.console import Failure
from tools.launcher.pytest_runs import RESULT, SECTION, Run


@pytest.fixture
def folder(tmp_path):
    return state.State.open(tmp_path / "state")


# ------------------------------------------------------------------------------- selection


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A repository with one module and some outside tests."""
    for path in (
        "addons/o2c_x/tests/test_a.py",
        "addons/o2c_x/tests/test_b.py",
        "addons/o2c_x/tests/common.py",
        "addons/o2c_y/models/y.py",
        "tests/test_plain.py",
        "tests/browser/test_screen.py",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x" * 500)
    (tmp_path / "addons/o2c_x/rules").mkdir()
    (tmp_path / "addons/o2c_x/rules/ageing.py").write_text('""">>> 1\n1"""')
    (tmp_path / "addons/o2c_x/rules/plain.py").write_text("")
    for name in ("o2c_x", "o2c_y"):
        (tmp_path / "addons" / name / "__manifest__.py").write_text("{'depends': []}")
    monkeypatch.setattr(selection, "REPOSITORY", tmp_path)
    monkeypatch.setattr(selection, "ADDONS", tmp_path / "addons")
    monkeypatch.setattr(selection, "TESTS", tmp_path / "tests")
    monkeypatch.setattr(selection, "UPSTREAM_MODULE", tmp_path / "tools" / "o2c_upstream.py")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(paths):
    return sorted(path.rpartition("/")[2] for path in paths)


def test_everything_holds_tests_and_doctests_of_rules(checkout):
    chosen = selection.select([])
    assert names(chosen.modules) == ["ageing.py", "test_a.py", "test_b.py"]
    assert names(chosen.outside) == ["test_plain.py", "test_screen.py"]
    assert names(selection.select([], fast=True).outside) == ["test_plain.py"]


def test_module_file_folder_and_node_are_understood(checkout):
    assert names(selection.select(["o2c_x"]).modules) == ["ageing.py", "test_a.py", "test_b.py"]
    assert names(selection.select(["addons/o2c_x/tests/test_a.py"]).modules) == ["test_a.py"]
    node = selection.select(["addons/o2c_x/tests/test_a.py::TestA::test_one"]).modules
    assert node == [f"{checkout}/addons/o2c_x/tests/test_a.py::TestA::test_one"]
    assert names(selection.select(["browser"]).outside) == ["test_screen.py"]
    assert selection.select(["upstream"]).upstream


@pytest.mark.parametrize("given", ["o2c_y", "o2c_none", "/tmp"])
def test_nothing_to_test_is_an_error(checkout, given):
    with pytest.raises(Failure):
        selection.select([given])


def test_files_are_shared_out_by_duration(checkout):
    units = selection.select([]).modules
    durations = {
        "addons/o2c_x/tests/test_a.py": 50,
        "addons/o2c_x/tests/test_b.py": 30,
        "addons/o2c_x/rules/ageing.py": 15,
    }
    shares = selection.share_out(units, 2, durations)
    assert sorted(map(names, shares)) == [["ageing.py", "test_b.py"], ["test_a.py"]]
    assert len(selection.share_out(units[:1], 2, {})) == 1


# ----------------------------------------------------------------------------------- tests


def junit(path, tests, failures=0, errors=0, skipped=0):
    path.write_text(
        f'<testsuites><testsuite tests="{tests}" failures="{failures}" errors="{errors}" '
        f'skipped="{skipped}"><testcase file="a.py" time="1.5"/><testcase file="a.py" time="1"/>'
        "</testsuite></testsuites>"
    )


def make_run(tmp_path, script, tests=1):
    report = tmp_path / "report.xml"
    junit(report, tests)
    return Run("x", [sys.executable, "-c", script], report, tmp_path / "x.log", tmp_path, dict(os.environ))


def test_counts_and_durations_come_from_the_report(tmp_path):
    run = make_run(tmp_path, "")
    junit(run.report, 10, failures=1, errors=2, skipped=3)
    assert run.counts() == Counter(passed=4, failed=1, errors=2, skipped=3)
    assert run.durations() == {"a.py": 2.5}
    run.report.unlink()
    assert run.counts() == Counter(errors=1)


def test_process_that_fails_makes_the_run_fail(tmp_path):
    from tools.launcher.pytest_runs import watch

    good = make_run(tmp_path, "print('t.py::a PASSED [ 50%]'); print('=== 1 passed in 0.1s ===')")
    assert watch([good], tmp_path / "d.json") == (Counter(passed=1), True)
    assert good.finished == 1
    bad = make_run(tmp_path, "raise SystemExit(2)")
    assert watch([bad], tmp_path / "d.json")[1] is False


def test_part_without_a_test_fails(capsys):
    start = time.monotonic()
    assert testing._conclude([("a", Counter(passed=3), True)], start) == 0
    assert testing._conclude([("a", Counter(skipped=3), True)], start) == 1
    assert testing._conclude([("a", Counter(passed=3), True), ("b", Counter(), True)], start) == 1
    assert testing._conclude([("a", Counter(passed=3), False)], start) == 1
    assert testing._conclude([], start) == 1
    assert "==== 3 passed" in capsys.readouterr().out


def test_pytest_lines_are_recognized():
    assert RESULT.match("addons/a/tests/test_a.py::TestA::test_b PASSED   [ 10%]")[2] == "PASSED"
    assert SECTION.match("=================== FAILURES ===================")
    assert SECTION.match("======== 13 passed, 3 warnings in 5.93s ========")
    assert not SECTION.match("collected 3 items")


def test_leftovers_of_dead_runs_are_dropped(monkeypatch):
    dropped = []
    live = f"o2c_test_{os.getpid()}_m0"
    databases = SimpleNamespace(
        names=lambda prefix: [live, "o2c_test_999999999_m0", "o2c_test_x"], drop=dropped.append
    )
    testing._drop_leftovers(SimpleNamespace(databases=databases))
    assert dropped == ["o2c_test_999999999_m0", "o2c_test_x"]


def test_missing_browser_warns_or_fails(monkeypatch, capsys):
    monkeypatch.setattr(testing, "find_chromium", lambda: None)
    monkeypatch.delenv("O2C_REQUIRE_BROWSER", raising=False)
    testing._check_browser(None, SimpleNamespace(fast=False))
    assert "chromium" in capsys.readouterr().err
    monkeypatch.setenv("O2C_REQUIRE_BROWSER", "1")
    with pytest.raises(Failure):
        testing._check_browser(None, SimpleNamespace(fast=False))


def test_browser_of_the_environment_comes_first(monkeypatch, tmp_path):
    program = tmp_path / "my-chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("O2C_CHROMIUM", str(program))
    assert browser.find_chromium() == str(program)
