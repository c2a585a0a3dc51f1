"""No dead buttons: whoever is shown a button that opens something may see what it opens.

Each person of the demo company opens the forms of all models and presses their smart buttons and
action buttons; see walk_buttons.py.
"""

import json
from pathlib import Path

import support

SCRIPT = Path(__file__).with_name("walk_buttons.py")
# Fewer would mean that the walk no longer finds them.
LEAST = {"auditor": 100, "officer": 80, "sales": 20, "warehouse": 1}


def test_no_button_opens_what_its_reader_may_not_see(company):
    output = support.odoo_shell(company.database, SCRIPT.read_text(encoding="utf-8"))
    result = json.loads(output.rpartition("BUTTONS ")[2].splitlines()[0])
    assert not result["faults"], "\n".join(result["faults"])
    for login, least in LEAST.items():
        assert result["pressed"][login] >= least, result["pressed"]
