"""The authority table as arithmetic: which signatures an amount needs.

Source: authority tables of internal-control manuals (document × role × amount). A *ladder* collects a
signature from each level up to the first one that covers the amount; *direct* goes straight to the
lowest level that covers it. Co-signatures are added to either, whatever the level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LADDER = "ladder"
DIRECT = "direct"


class UncoveredAmountError(ValueError):
    """No level of the table covers the amount: nothing is approved by default."""


@dataclass(frozen=True)
class Level:
    """One row: `role` (id of a group) may sign up to `up_to` (company currency; None = unlimited)."""

    role: int
    up_to: float | None = None


@dataclass(frozen=True)
class Cosign:
    """A signature that every amount above `above` (company currency) needs beside its level."""

    role: int
    above: float = 0.0


@dataclass(frozen=True)
class Step:
    """One signature to collect."""

    role: int
    up_to: float | None
    is_cosignature: bool = False


def to_units(amount: float, rounding: float) -> int:
    """`amount` counted in the currency's smallest unit, half up, so that comparisons are exact.

    >>> to_units(1000.004, 0.01), to_units(1000.005, 0.01), to_units(0.1 + 0.2, 0.01)
    (100000, 100001, 30)
    >>> to_units(1234.0, 1.0)
    1234
    """
    ratio = Decimal(repr(float(amount))) / Decimal(repr(float(rounding)))
    return int(ratio.to_integral_value(ROUND_HALF_UP))


def sort_levels(levels: Iterable[Level]) -> list[Level]:
    """Lowest authority first, unlimited last.

    >>> [level.role for level in sort_levels([Level(3), Level(2, 500.0), Level(1, 100.0)])]
    [1, 2, 3]
    """
    return sorted(levels, key=lambda level: (level.up_to is None, level.up_to or 0.0))


def plan_steps(
    levels: Sequence[Level],
    amount: float,
    *,
    mode: str = LADDER,
    cosigns: Sequence[Cosign] = (),
    rounding: float = 0.01,
) -> tuple[Step, ...]:
    """Signatures for `amount` (company currency, >= 0), in the order in which they are collected.

    A limit of 5,000 is exceeded. Officers may release an excess of 1,000, managers one of 10,000, the
    general manager any. 1,000 is released by the officer; 1,000.01 goes one level up:

    >>> table = [Level(10, 1000.0), Level(20, 10000.0), Level(30)]
    >>> [step.role for step in plan_steps(table, 1000.00, mode=DIRECT)]
    [10]
    >>> [step.role for step in plan_steps(table, 1000.01, mode=DIRECT)]
    [20]
    >>> [step.role for step in plan_steps(table, 1000.01, mode=LADDER)]
    [10, 20]
    >>> [step.role for step in plan_steps(table, 57500.0, mode=LADDER)]
    [10, 20, 30]

    Finance countersigns whatever is above 500; the countersignature comes last:

    >>> [(s.role, s.is_cosignature) for s in plan_steps(table, 800, mode=DIRECT, cosigns=[Cosign(40, 500)])]
    [(10, False), (40, True)]
    >>> [s.role for s in plan_steps(table, 500, mode=DIRECT, cosigns=[Cosign(40, 500)])]
    [10]

    Nothing is approved by default:

    >>> plan_steps(table[:2], 57500.0)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    ladder.UncoveredAmountError: 57500.0
    >>> plan_steps([], 0.0)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    ladder.UncoveredAmountError: 0.0

    :raises UncoveredAmountError: no level covers the amount, or there is no level at all
    :raises ValueError: negative amount or unknown mode
    """
    if amount < 0:
        raise ValueError(f"an amount to approve is never negative: {amount}")
    if mode not in (LADDER, DIRECT):
        raise ValueError(f"unknown mode: {mode}")
    units = to_units(amount, rounding)
    path = []
    for level in sort_levels(levels):
        path.append(Step(level.role, level.up_to))
        if level.up_to is None or to_units(level.up_to, rounding) >= units:
            break
    else:
        raise UncoveredAmountError(amount)
    signed = path if mode == LADDER else path[-1:]
    extra = [Step(rule.role, None, True) for rule in cosigns if units > to_units(rule.above, rounding)]
    return (*signed, *extra)
