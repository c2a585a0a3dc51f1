"""The launcher's ground: steps, state folder, console, command line."""

import subprocess
import sys
import threading
import time

import pytest

from tools.launcher import (
    cli,
    console,
    demo,
    modules,
    server,
    state,
)
from tools.launcher.console import Failure


@pytest.fixture
def folder(tmp_path):
    return state.State.open(tmp_path / "state")


def wait_for(condition, seconds=10):
    """Wait until something is so; fail when it never is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# ----------------------------------------------------------------------------------- steps


def test_step_finished_is_skipped_until_inputs_change(folder):
    calls = []
    for inputs in ({"a": 1}, {"a": 1}, {"a": 2}):
        result = folder.ensure("thing", "Making a thing", inputs, lambda: calls.append(1) or len(calls))
    assert calls == [1, 1]
    assert result == 2


def test_step_interrupted_runs_again(folder):
    folder.ensure("thing", "Making a thing", 1, lambda: "first")
    with pytest.raises(KeyboardInterrupt):
        folder.ensure("thing", "Making a thing", 2, lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    assert folder.done("thing") is None
    assert folder.ensure("thing", "Making a thing", 1, lambda: "again") == "again"


def test_step_whose_result_is_gone_runs_again(folder):
    folder.ensure("thing", "Making a thing", 1, lambda: "x")
    assert folder.ensure("thing", "Making a thing", 1, lambda: "y", check=lambda _result: False) == "y"


def test_marker_broken_off_counts_as_missing(folder):
    (folder.steps / "thing.json").write_text('{"digest": "ab')
    assert folder.done("thing") is None


def test_fresh_folder_keeps_the_old_one_when_the_block_fails(tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(Failure), state.fresh_folder(target) as partial:
        (partial / "new").touch()
        raise Failure("no")
    assert [path.name for path in target.iterdir()] == ["old"]
    with state.fresh_folder(target) as partial:
        assert not list(partial.iterdir())
        (partial / "new").touch()
    assert [path.name for path in target.iterdir()] == ["new"]


def test_second_set_up_waits_for_the_first(folder, capsys):
    order = []

    def second():
        with folder.lock():
            order.append("second")

    with folder.lock():
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
    assert "waiting" in capsys.readouterr().out


def test_settings_are_remembered_and_private(folder):
    folder.remember(database_url="postgresql://a:secret@b")
    folder.remember(odoo="/somewhere")
    assert folder.settings == {"database_url": "postgresql://a:secret@b", "odoo": "/somewhere"}
    assert (folder.root / "settings.json").stat().st_mode & 0o077 == 0


def test_state_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Failure) as caught:
        state.State.open(tmp_path / "file" / "state")
    assert "--state" in caught.value.hint


# --------------------------------------------------------------------------------- modules


def make_module(addons, name, depends=(), **manifest):
    (addons / name / "tests").mkdir(parents=True)
    (addons / name / "__manifest__.py").write_text(repr({"depends": list(depends), **manifest}))
    return addons / name


def test_module_digest_follows_code_and_ignores_tests(tmp_path):
    module = make_module(tmp_path, "o2c_x")
    before = modules.digests(["o2c_x"], tmp_path)
    (module / "tests" / "test_a.py").write_text("x")
    assert modules.digests(["o2c_x"], tmp_path) == before
    (module / "models.py").write_text("x")
    assert modules.digests(["o2c_x"], tmp_path) != before


def test_product_is_what_the_suite_brings(tmp_path):
    make_module(tmp_path, "o2c_suite", ["contacts", "o2c_a"])
    make_module(tmp_path, "o2c_a", ["o2c_base"])
    make_module(tmp_path, "o2c_base", ["mail"])
    make_module(tmp_path, "o2c_a_stock", ["o2c_a", "sale_stock"], auto_install=True)
    make_module(tmp_path, "o2c_a_pos", ["o2c_a", "point_of_sale"], auto_install=True)
    make_module(tmp_path, "o2c_example", ["o2c_a"])
    make_module(tmp_path, "o2c_test", ["o2c_a"], category="Hidden/Tests")
    make_module(tmp_path, "o2c_old", ["o2c_a"], installable=False)
    assert modules.product(tmp_path) == ["o2c_a", "o2c_a_stock", "o2c_base", "o2c_suite"]
    assert modules.optional(tmp_path) == ["o2c_a_pos", "o2c_example"]
    assert modules.for_tests(tmp_path) == ["o2c_test"]


def test_checkout_without_the_suite_installs_what_is_there(tmp_path):
    make_module(tmp_path, "o2c_a")
    make_module(tmp_path, "o2c_test", category="Hidden/Tests")
    assert modules.product(tmp_path) == ["o2c_a"]


# --------------------------------------------------------------------------------- console


def test_command_that_fails_shows_the_end_of_its_log(tmp_path):
    with pytest.raises(Failure) as caught:
        console.run(
            [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"],
            log=tmp_path / "log" / "x.log",
            what="Trying",
            hint="Do that.",
        )
    assert "ended with code 3" in caught.value.message
    assert "the reason" in caught.value.message
    assert caught.value.hint == "Do that."


def test_command_that_is_missing_is_named(tmp_path):
    with pytest.raises(Failure, match="no-such-program"):
        console.run(["no-such-program"], log=tmp_path / "x.log", what="Trying")
    assert console.answer(["no-such-program"]) is None


def test_commands_end_when_the_launcher_is_killed(tmp_path):
    script = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from tools.launcher.console import run\n"
        "run(['sh', '-c', 'echo $$ > pid; exec sleep 60'], log=pathlib.Path('x.log'), what='Sleeping')"
    )
    launcher = subprocess.Popen([sys.executable, "-c", script, str(state.REPOSITORY)], cwd=tmp_path)
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    child = int((tmp_path / "pid").read_text())
    launcher.kill()
    launcher.wait()
    wait_for(lambda: server.started(child) is None)


def test_long_step_shows_that_it_is_alive(monkeypatch, capsys):
    monkeypatch.setattr(console, "HEARTBEAT_SECONDS", 0.05)
    with console.step("Working"):
        time.sleep(0.2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "-> Working"
    assert lines[1].startswith("   ... Working (")
    assert lines[-1].startswith("   done in")


# ---------------------------------------------------------------------------- command line


def test_every_command_has_help(capsys):
    for command in ("demo", "stop", "status", "test", "lint", "shell", "screenshots", "install", "bench"):
        with pytest.raises(SystemExit) as caught:
            cli.main([command, "--help"])
        assert caught.value.code == 0
        assert "--state" in capsys.readouterr().out


def test_failure_is_printed_with_what_to_do(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert cli.main(["status", "--state", str(tmp_path / "file" / "x")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert "What to do: " in error


def test_status_of_an_empty_state_folder(tmp_path, capsys):
    assert cli.main(["status", "--state", str(tmp_path)]) == 3
    assert "./o2c demo" in capsys.readouterr().out


def test_stop_without_anything_running(tmp_path, capsys):
    assert cli.main(["stop", "--state", str(tmp_path)]) == 0
    assert "No web server" in capsys.readouterr().out


def test_launcher_imports_nothing_but_the_standard_library():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import tools.launcher.cli\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "extra = names - set(sys.stdlib_module_names) - {'tools', '__main__', '__mp_main__'}\n"
        "print(sorted(name for name in extra if not name.startswith('_')))"
    )
    command = [sys.executable, "-I", "-S", "-c", script, str(state.REPOSITORY)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"


def test_users_of_the_demo_are_shown(folder, capsys):
    state.write_json(folder.run / "logins.json", [["sales", "pw", "Salesperson"]])
    demo.print_access(folder, 8069)
    output = capsys.readouterr().out
    assert "http://127.0.0.1:8069/odoo" in output
    assert "sales  pw        Salesperson" in output
