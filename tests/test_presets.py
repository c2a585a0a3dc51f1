"""The presets in config/ are those that the modules ship."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import o2c_presets  # noqa: E402


def test_whole_presets_are_their_parts():
    assert o2c_presets.build().keys() == {"guideline9_cn", "international_ifrs"}
    assert o2c_presets.find_differences() == []


def test_every_part_can_be_read_and_names_its_grades():
    rules = o2c_presets.load_rules()
    for text in o2c_presets.build().values():
        sections = rules.parse(text)["sections"]
        names = {grade["name"] for grade in sections["credit_grades"]}
        for policy in sections["credit_policies"]:
            assert {line["grade_id"] for line in policy["grade_line_ids"]} == names
            assert sum(factor["weight"] for factor in policy["factor_ids"]) == 100
            floors = [line["score_from"] for line in policy["grade_line_ids"]]
            assert floors == sorted(floors, reverse=True) and floors[-1] == 0
