#!/usr/bin/env python3
"""Presets of the suite: the parts that modules ship, put together in config/presets.

Modules carry their own parts (addons/*/presets/*.json), so that an add-on that is installed by itself finds
them; consultants find the whole files in config/presets. ``update`` writes the whole ones, ``check`` says
whether they fit.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHOLE = ROOT / "config" / "presets"


def load_rules():
    """The rules of presets, which need no Odoo."""
    path = ROOT / "addons" / "o2c_base" / "rules" / "preset.py"
    spec = importlib.util.spec_from_file_location("o2c_preset_rules", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def build() -> dict[str, str]:
    """Text of each whole preset by its code, parts in the order of the modules' names."""
    rules = load_rules()
    parts: dict[str, list] = {}
    for path in sorted(ROOT.glob("addons/o2c_*/presets/*.json")):
        parts.setdefault(path.stem, []).append(rules.parse(path.read_text(encoding="utf-8")))
    return {code: rules.dump(rules.merge(found)) for code, found in parts.items()}


def find_differences() -> list[str]:
    """Names of whole files that differ from their parts, or that no part stands behind."""
    wanted = build()
    present = {path.stem: path.read_text(encoding="utf-8") for path in WHOLE.glob("*.json")}
    return sorted(code for code in wanted.keys() | present.keys() if wanted.get(code) != present.get(code))


def main(arguments: list[str]) -> int:
    """``update`` or ``check``."""
    if arguments == ["update"]:
        WHOLE.mkdir(exist_ok=True)
        for code, text in build().items():
            (WHOLE / f"{code}.json").write_text(text, encoding="utf-8")
        return 0
    different = find_differences()
    for code in different:
        print(f"config/presets/{code}.json differs from its parts: run tools/o2c_presets.py update")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
