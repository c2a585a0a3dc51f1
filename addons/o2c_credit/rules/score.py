"""The arithmetic of a scorecard: values in, points and reasons out. Pure Python, no environment.

A scorecard is a weighted sum: every factor turns a value into 0 to 100 points by its bands, and the
weights say how much of the score each factor decides. What is not known is never a zero by accident:
the factor's own rule says what it counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

# What a factor without a value counts.
FAIL = "fail"  # no points
NEUTRAL = "neutral"  # the points that the rule names
LEAVE_OUT = "leave_out"  # nothing: its weight goes to the others
REFUSE = "refuse"  # there is no score at all

# Values are compared after this rounding, so that 79.99999999 is the 80 that people see.
DIGITS = 4
# Digits of a score.
CENTS = 2


@dataclass(frozen=True)
class Band:
    """Points for numbers from ``value_from`` on, or for the answer ``option``."""

    key: int
    points: float
    value_from: float = 0.0
    option: str = ""


@dataclass(frozen=True)
class Factor:
    """One line of the scorecard. ``is_choice``: values are answers, not numbers."""

    key: int
    weight: float
    bands: Sequence[Band] = ()
    is_choice: bool = False
    missing_rule: str = FAIL
    missing_points: float = 0.0


@dataclass(frozen=True)
class Line:
    """What one factor made of its value; ``share`` is its part of the whole weight, in percent."""

    factor: int
    value: float | str | None
    band: int | None
    points: float
    weight: float
    share: float
    is_missing: bool
    contribution: float = 0.0  # points of the score that come from this factor


@dataclass(frozen=True)
class Result:
    """A score with its lines, or the factors for whose sake there is none.

    ``refused_by`` names factors whose value is missing and without which nobody is scored.
    ``score`` is None then, and where every factor was left out.
    """

    score: float | None
    lines: Sequence[Line] = ()
    refused_by: Sequence[int] = field(default_factory=tuple)

    @property
    def missing(self) -> int:
        """How many values were not known."""
        return sum(line.is_missing for line in self.lines)


def find_band(factor: Factor, value: float | str | None) -> Band | None:
    """The band of a value: the highest floor that it reaches; the lowest band has no floor.

    >>> late = Factor(1, 10, (Band(1, 100, 0), Band(2, 60, 5), Band(3, 0, 30)))
    >>> [find_band(late, days).points for days in (-3, 0, 4.9, 5, 30, 400)]
    [100, 100, 100, 60, 0, 0]
    >>> manager = Factor(2, 10, (Band(4, 100, option="strong"), Band(5, 20, option="weak")), is_choice=True)
    >>> find_band(manager, "weak").points, find_band(manager, "gone"), find_band(late, None)
    (20, None, None)
    """
    if value is None or not factor.bands:
        return None
    if factor.is_choice:
        return next((band for band in factor.bands if band.option == value), None)
    ordered = sorted(factor.bands, key=lambda band: band.value_from)
    reached = [band for band in ordered if band.value_from <= _normal(value)]
    return (reached or ordered[:1])[-1]


def grade(factors: Sequence[Factor], values: Mapping[int, float | str | None]) -> Result:
    """Score from the values of the factors, by their keys.

    >>> paid = Factor(1, 60, (Band(1, 0, 0), Band(2, 100, 90)))
    >>> years = Factor(2, 40, (Band(3, 20, 0), Band(4, 80, 5)), missing_rule=NEUTRAL, missing_points=50)
    >>> grade([paid, years], {1: 95.0, 2: 6.0}).score
    92.0

    A value that nobody knows counts what the rule says, and the line says that it is missing:

    >>> result = grade([paid, years], {1: 95.0})
    >>> result.score, result.missing, [line.contribution for line in result.lines]
    (80.0, 1, [60.0, 20.0])

    Left out, its weight goes to the others in proportion:

    >>> result = grade([paid, replace(years, missing_rule=LEAVE_OUT)], {1: 95.0})
    >>> result.score, [line.share for line in result.lines]
    (100.0, [100.0, 0.0])

    Without all factors, or without one that is indispensable, there is no score:

    >>> grade([replace(paid, missing_rule=LEAVE_OUT)], {}).score is None
    True
    >>> grade([replace(paid, missing_rule=REFUSE), years], {2: 1.0}).refused_by
    (1,)
    """
    values = {key: _normal(value) for key, value in values.items()}
    found = {factor.key: find_band(factor, values.get(factor.key)) for factor in factors}
    refused = tuple(f.key for f in factors if found[f.key] is None and f.missing_rule == REFUSE)
    counted = sum(f.weight for f in factors if found[f.key] or f.missing_rule != LEAVE_OUT)
    lines = tuple(_line(f, values.get(f.key), found[f.key], counted) for f in factors)
    if refused or counted <= 0:
        return Result(None, lines, refused)
    parts = round_parts([line.points * line.share / 100 for line in lines])
    lines = tuple(replace(line, contribution=part) for line, part in zip(lines, parts, strict=True))
    return Result(round(sum(parts), CENTS), lines)


def round_parts(parts: Sequence[float]) -> list[float]:
    """Parts in hundredths that add up to their rounded sum, so that the sheet of a score does.

    The hundredths that rounding down leaves go to the largest remainders.

    >>> round_parts([10 / 3, 10 / 3, 10 / 3])
    [3.34, 3.33, 3.33]
    >>> round(sum(round_parts([1 / 7] * 7)), 2), round_parts([])
    (1.0, [])
    """
    scaled = [round(part * 100, DIGITS) for part in parts]
    floors = [int(part) for part in scaled]
    left = round(sum(scaled)) - sum(floors)
    order = sorted(range(len(parts)), key=lambda place: floors[place] - scaled[place])
    for place in order[:left]:
        floors[place] += 1
    return [floor / 100 for floor in floors]


def _normal(value: float | str | None) -> float | str | None:
    return value if value is None or isinstance(value, str) else round(float(value), DIGITS)


def _line(factor: Factor, value: float | str | None, band: Band | None, counted: float) -> Line:
    left_out = band is None and factor.missing_rule == LEAVE_OUT
    neutral = factor.missing_points if factor.missing_rule == NEUTRAL else 0.0
    return Line(
        factor=factor.key,
        value=value,
        band=band.key if band else None,
        points=band.points if band else neutral,
        weight=factor.weight,
        share=0.0 if left_out or counted <= 0 else factor.weight / counted * 100,
        is_missing=band is None,
    )
