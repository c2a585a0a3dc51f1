"""What is wrong with a credit policy in a file before anybody loads it. Pure Python, no environment.

Content is that of a preset: names of fields, with ``grade_line_ids``, ``factor_ids`` and their
``band_ids`` as lists. Types and unknown fields are looked at by the presets themselves; here is what makes
no sense as a scorecard. Every problem is found at once, each with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CHOICE = "choice"
PARTS = ("grade_line_ids", "factor_ids")


@dataclass(frozen=True)
class Problem:
    """Something wrong: where, as in ``factor_ids 2 > band_ids 1 > points``, what, and with which value."""

    place: str
    code: str
    value: Any = None


def check_policy(content: Any, kinds: Mapping[str, str]) -> list[Problem]:
    """Every problem of a policy, in the order of the file; nothing when it makes sense.

    :param kinds: kind of each source by its key, ``number`` or ``choice``

    >>> good = {"name": "P", "grade_line_ids": [{"grade_id": "D", "score_from": 0}],
    ...         "factor_ids": [{"name": "X", "source": "x", "weight": 5,
    ...                         "band_ids": [{"value_from": 0, "points": 10}]}]}
    >>> check_policy(good, {"x": "number"})
    []
    >>> band = {"value_from": 3, "points": 101}
    >>> bad = {"name": "X", "source": "x", "weight": 0, "band_ids": [band, band]}
    >>> for problem in check_policy({**good, "factor_ids": [bad]}, {"x": "number"}):
    ...     print(problem.place, problem.code, problem.value)
    factor_ids 1 > weight positive 0
    factor_ids 1 > band_ids 1 > points range 101
    factor_ids 1 > band_ids 2 > points range 101
    factor_ids 1 > band_ids 2 > value_from repeated 3
    >>> [(problem.place, problem.code) for problem in check_policy({"factor_ids": {}}, {})]
    [('factor_ids', 'list')]
    """
    shape = list(check_shape(content))
    if shape:
        return shape
    grades, factors = (content.get(name) or [] for name in PARTS)
    return [
        *_check_grades(grades),
        *_check_repeated("factor_ids", factors, "code"),
        *(
            problem
            for number, factor in enumerate(factors, start=1)
            for problem in _check_factor(f"factor_ids {number}", factor, kinds)
        ),
    ]


def check_shape(content: Any) -> Iterator[Problem]:
    """Lists and objects that are none, so that what follows can rely on them.

    >>> [problem.code for problem in check_shape({"factor_ids": [{"band_ids": [1]}]})]
    ['object']
    """
    if not isinstance(content, dict):
        yield Problem("", "object", content)
        return
    for name in PARTS:
        for place, line in _walk(name, content.get(name)):
            if not isinstance(line, Problem):
                line = next((found for __, found in _walk(f"{place} > band_ids", line.get("band_ids"))
                             if isinstance(found, Problem)), None)  # fmt: skip
            if line:
                yield line


def _walk(place: str, lines: Any) -> Iterator[tuple[str, Any]]:
    if lines is not None and not isinstance(lines, list):
        yield place, Problem(place, "list", lines)
        return
    for number, line in enumerate(lines or [], start=1):
        where = f"{place} {number}"
        yield where, line if isinstance(line, dict) else Problem(where, "object", line)


def _check_grades(grades: list) -> Iterator[Problem]:
    for number, grade in enumerate(grades, start=1):
        yield from _check_range(f"grade_line_ids {number} > score_from", grade.get("score_from", 0))
    yield from _check_repeated("grade_line_ids", grades, "grade_id")
    yield from _check_repeated("grade_line_ids", grades, "score_from")
    if grades and not any(grade.get("score_from", 0) == 0 for grade in grades):
        yield Problem("grade_line_ids", "no_lowest")


def _check_factor(place: str, factor: dict, kinds: Mapping[str, str]) -> Iterator[Problem]:
    if not factor.get("name"):
        yield Problem(f"{place} > name", "text")
    weight = factor.get("weight", 0)
    if not _is_number(weight) or weight <= 0:
        yield Problem(f"{place} > weight", "positive", weight)
    yield from _check_range(f"{place} > missing_points", factor.get("missing_points", 0))
    bands = factor.get("band_ids") or []
    if not bands:
        yield Problem(f"{place} > band_ids", "no_bands")
    is_choice = kinds.get(factor.get("source")) == CHOICE
    for number, band in enumerate(bands, start=1):
        yield from _check_range(f"{place} > band_ids {number} > points", band.get("points"))
        if is_choice and not band.get("label"):
            yield Problem(f"{place} > band_ids {number} > label", "text")
    yield from _check_repeated(f"{place} > band_ids", bands, "option" if is_choice else "value_from")


def _check_range(place: str, points: Any) -> Iterator[Problem]:
    if not _is_number(points) or not 0 <= points <= 100:
        yield Problem(place, "range", points)


def _check_repeated(place: str, lines: list, name: str) -> Iterator[Problem]:
    seen = set()
    for number, line in enumerate(lines, start=1):
        value = line.get(name, 0 if name in ("value_from", "score_from") else None)
        if value in (None, "") or isinstance(value, (dict, list)):
            continue
        if value in seen:
            yield Problem(f"{place} {number} > {name}", "repeated", value)
        seen.add(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
