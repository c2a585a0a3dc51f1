"""The comparison with Odoo's own tests must be able to fail. Odoo itself is played by a small script."""

import json
import sys

import pytest

from tools import o2c_upstream

ODOO_MODULES = list(o2c_upstream.NEEDED)
REPORT = {
    "odoo": "19.0",
    "modules": [*ODOO_MODULES, "o2c_base"],
    "modes": {"observing": 3},
    "outcome": {"sale.TestA.test_one": "ok", "sale.TestA.test_two": "ok", "sale.TestB.test_three": "fail"},
    "detail": {"sale.TestB.test_three": "AssertionError: 1 != 2"},
    "seconds": {"sale.TestA": 2.0, "sale.TestB": 1.0},
}
# Stands for the Python that has Odoo: prints nothing, writes the part of the report that was asked for.
PLAYER = """#!{python}
import json, sys
report = json.loads(open({source!r}).read())
if report.get("crash") and sys.argv[2] == "run":
    sys.exit("Odoo did not start")
if sys.argv[2] == "run":
    options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
    pairs = [part.split("=", 1) for part in sys.argv[3:] if "=" in part]
    target = dict(pairs)["--output"]
    classes = options.get("--classes") or sys.argv[sys.argv.index("--classes") + 1]
    keep = lambda name: name.rsplit(".", 1)[0] in classes.split(",")
    report["outcome"] = {{name: value for name, value in report["outcome"].items() if keep(name)}}
    open(target, "w").write(json.dumps(report))
"""


@pytest.fixture
def compare(tmp_path, capsys):
    """Run the command with a played report; returns exit code and output."""
    source, python, baseline = tmp_path / "report.json", tmp_path / "python", tmp_path / "baseline.json"
    python.write_text(PLAYER.format(python=sys.executable, source=str(source)))
    python.chmod(0o755)

    def run(command, **changes):
        source.write_text(json.dumps({**REPORT, **changes}))
        code = o2c_upstream.main(
            [
                command,
                "--database",
                "played",
                "--python",
                str(python),
                "--baseline",
                str(baseline),
                "--logs",
                str(tmp_path / "logs"),
                "sale.TestA",
                "sale.TestB",
            ]
        )
        return code, "".join(capsys.readouterr())

    code, _output = run("record", modules=ODOO_MODULES)
    assert code == 0
    return run


def test_same_results_pass(compare):
    code, output = compare("compare")
    assert code == 0
    assert output.splitlines()[-1] == "3 passed, 0 failed"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ({"sale.TestA.test_one": "error"}, "sale.TestA.test_one: ok -> error"),
        ({"sale.TestA.test_two": "skip"}, "sale.TestA.test_two: ok -> skip"),
        ({"sale.TestB.test_three": "ok"}, "sale.TestB.test_three: fail -> ok"),
        ({"sale.TestB.test_four": "ok"}, "sale.TestB.test_four: not in baseline -> ok"),
    ],
)
def test_a_different_result_fails_by_name(compare, outcome, expected):
    code, output = compare("compare", outcome={**REPORT["outcome"], **outcome})
    assert code == 1
    assert f"DIFFERS {expected}" in output
    assert output.splitlines()[-1].endswith("1 failed")


def test_a_class_that_does_not_run_fails(compare):
    """As when setUpClass breaks."""
    code, output = compare("compare", outcome={"sale.TestB.test_three": "fail"})
    assert code == 1
    assert "sale.TestA.test_one: ok -> not run" in output
    assert output.splitlines()[-1] == "1 passed, 2 failed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crash": True}, "ended with code 1"),
        ({"outcome": {}}, "no test ran"),
        ({"modules": ODOO_MODULES}, "no module of the suite"),
        ({"modules": ["sale", "o2c_base"]}, "install first"),
        ({"modes": {"enforcing": 1}}, "controls are enforcing"),
    ],
)
def test_what_proves_nothing_is_no_success(compare, changes, message):
    code, output = compare("compare", **changes)
    assert code == 2
    assert message in output


def test_the_baseline_is_not_recorded_with_the_suite(compare):
    code, output = compare("record")
    assert code == 2
    assert "without the suite" in output


def test_the_committed_baseline_covers_the_selection():
    baseline = json.loads(o2c_upstream.BASELINE.read_text(encoding="utf-8"))
    recorded = {name.rsplit(".", 1)[0] for name in baseline["outcome"]}
    assert set(o2c_upstream.chosen_classes(everything=True)) <= recorded
    passed = sum(value == "ok" for value in baseline["outcome"].values())
    assert passed > 1000
