"""Arithmetic of due dates and ageing. Pure Python, no environment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date


def days_in_arrears(due: date, as_of: date) -> int:
    """Days past the due date, 0 on the due date and before.

    >>> days_in_arrears(date(2026, 3, 12), date(2026, 3, 13))
    1
    >>> days_in_arrears(date(2026, 3, 12), date(2026, 3, 12))
    0
    """
    return max((as_of - due).days, 0)


def is_overdue(due: date, as_of: date, grace_days: int = 0) -> bool:
    """Whether an item counts as overdue, given days of grace.

    >>> is_overdue(date(2026, 3, 12), date(2026, 3, 13))
    True
    >>> is_overdue(date(2026, 3, 12), date(2026, 3, 13), grace_days=3)
    False
    """
    return days_in_arrears(due, as_of) > grace_days


def bucket_of(days: int, starts: Sequence[int]) -> int:
    """Position of the bucket for an item that is ``days`` in arrears.

    ``starts`` are the first days of the overdue buckets in ascending order. Position 0 is
    "not due", n is the bucket that begins at ``starts[n - 1]``.

    >>> [bucket_of(days, [1, 31, 61, 91]) for days in (-5, 0, 1, 30, 31, 90, 91, 400)]
    [0, 0, 1, 1, 2, 3, 4, 4]
    """
    return bisect_right(starts, days)


def bucket_labels(starts: Sequence[int]) -> list[str]:
    """Ranges of the overdue buckets as text.

    >>> bucket_labels([1, 31, 61, 91])
    ['1-30', '31-60', '61-90', '> 90']
    >>> bucket_labels([1])
    ['> 0']
    """
    ends = [start - 1 for start in starts[1:]]
    return [f"{start}-{end}" for start, end in zip(starts, ends, strict=False)] + [f"> {starts[-1] - 1}"]
