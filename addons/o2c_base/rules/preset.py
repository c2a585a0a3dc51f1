"""Files that hold the set-up of a company: what is in them, and what is wrong with them.

A file is JSON. Sections belong to modules; several modules may bring parts of one preset, which are
put together by :func:`merge`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

FORMAT = "o2c.preset"
VERSION = 1
HEAD = ("format", "version", "code", "name", "description", "currency")


class Problem(NamedTuple):
    """What is wrong, where, and what to do about it."""

    place: str
    text: str
    remedy: str


class PresetError(ValueError):
    """A file that can't be read at all."""

    def __init__(self, problem: Problem):
        super().__init__(f"{problem.place}: {problem.text} {problem.remedy}")
        self.problem = problem


def parse(text: str) -> dict[str, Any]:
    """Content of a file.

    >>> parse('{"format": "o2c.preset", "version": 1, "sections": {"controls": {}}}')["sections"]
    {'controls': {}}
    >>> for text in ('{"format": ', "[]"):
    ...     try:
    ...         parse(text)
    ...     except PresetError as error:
    ...         print(error)
    line 1, column 12: this is no JSON. Export a preset and change that file.
    beginning: this is no preset. Choose a file that was exported as a preset.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        place = f"line {getattr(error, 'lineno', 1)}, column {getattr(error, 'colno', 1)}"
        raise PresetError(
            Problem(place, "this is no JSON.", "Export a preset and change that file.")
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise PresetError(
            Problem("beginning", "this is no preset.", "Choose a file that was exported as a preset.")
        )
    if content.get("version") != VERSION:
        raise PresetError(
            Problem("version", f"version {content.get('version')} is not known.", "Update the suite.")
        )
    if not isinstance(content.get("sections"), dict):
        raise PresetError(Problem("sections", "they are missing.", 'Write them as "sections": {...}.'))
    return content


def merge(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One preset of the parts that modules bring: lists follow each other, tables are united.

    >>> one = {"format": FORMAT, "version": 1, "name": "A", "sections": {"rows": [1], "modes": {"x": 1}}}
    >>> two = {"format": FORMAT, "version": 1, "sections": {"rows": [2], "modes": {"y": 2}, "more": 3}}
    >>> merge([one, two])["sections"]
    {'rows': [1, 2], 'modes': {'x': 1, 'y': 2}, 'more': 3}
    >>> merge([one, two])["name"]
    'A'
    """
    result: dict[str, Any] = {}
    sections: dict[str, Any] = {}
    for part in parts:
        for key in HEAD:
            if key in part:
                result.setdefault(key, part[key])
        for code, content in part["sections"].items():
            sections[code] = _unite(sections[code], content) if code in sections else content
    return {**result, "sections": sections}


def _unite(first: Any, second: Any) -> Any:
    if isinstance(first, list):
        return [*first, *second]
    if isinstance(first, Mapping):
        return {**first, **second}
    return second


def dump(preset: Mapping[str, Any]) -> str:
    """The text of a file: the same for the same content, readable, with the head first.

    >>> dump({"sections": {"b": 1, "a": {}}, "format": FORMAT, "version": 1}).splitlines()[1]
    '  "format": "o2c.preset",'
    """
    ordered = {key: preset[key] for key in HEAD if key in preset}
    return json.dumps({**ordered, "sections": preset["sections"]}, indent=2, ensure_ascii=False) + "\n"
