"""The stricter of several terms, as they stand when customers are merged. Pure Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Terms:
    """Regular terms of one customer on a day; ``amount`` in company currency.

    ``grade`` is the rank of the grade, the best has the lowest; ``None`` was never graded.
    ``payment_term`` is an id that goes with ``period_days``.
    """

    amount: float
    grade: int | None = None
    is_cash_only: bool = False
    tolerance: float = 0.0
    period_days: int = 0
    payment_term: int | None = None
    deposit: float = 0.0
    cover: float = 0.0
    review_date: date | None = None


def strictest(sides: Iterable[Terms]) -> Terms:
    """What none of the sides goes beyond, term by term.

    >>> rich = Terms(9_000.0, grade=10, tolerance=5.0, period_days=60, payment_term=7, cover=0.0,
    ...              review_date=date(2031, 6, 30))
    >>> poor = Terms(100.0, grade=50, period_days=30, payment_term=3, cover=20.0,
    ...              review_date=date(2031, 9, 30))
    >>> found = strictest([rich, poor])
    >>> found.amount, found.grade, found.tolerance, found.period_days, found.payment_term, found.cover
    (100.0, 50, 0.0, 30, 3, 20.0)
    >>> str(found.review_date)
    '2031-06-30'

    Whoever was never graded leaves no grade, and cash only stays cash only:

    >>> found = strictest([rich, Terms(50_000.0, is_cash_only=True)])
    >>> found.grade, found.is_cash_only, found.amount
    (None, True, 0.0)
    """
    terms = list(sides)
    grades = [one.grade for one in terms]
    reviews = [one.review_date for one in terms if one.review_date]
    shortest = min(terms, key=lambda one: one.period_days)
    is_cash_only = any(one.is_cash_only for one in terms)
    return Terms(
        amount=0.0 if is_cash_only else min(one.amount for one in terms),
        grade=None if None in grades else max(grades),
        is_cash_only=is_cash_only,
        tolerance=min(one.tolerance for one in terms),
        period_days=shortest.period_days,
        payment_term=shortest.payment_term,
        deposit=max(one.deposit for one in terms),
        cover=max(one.cover for one in terms),
        review_date=min(reviews, default=None),
    )
