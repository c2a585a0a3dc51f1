"""Which customers have to be watched, and what to do about them (K4).

Facts and thresholds come in, triggers go out; nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

# From the mildest measure to the hardest; a customer with several triggers gets the hardest.
MEASURES = ("call", "review", "cut", "suspend")


@dataclass(frozen=True)
class Figures:
    """What is known about one customer on ``today``. Amounts in company currency.

    ``limit`` is None where no limit was ever granted; ``addition`` is what guarantees add to it;
    ``overdue`` is net of receipts that nobody has matched yet, and ``scheduled`` the part of it that is due
    by schedules and not invoiced; ``idle_since`` is the day of the last order, or of the limit if that came
    later.
    """

    today: date
    exposure: float = 0.0
    limit: float | None = None
    addition: float = 0.0
    owed: float = 0.0
    overdue: float = 0.0
    scheduled: float = 0.0
    oldest_days: int = 0
    idle_since: date | None = None
    points_lost: float = 0.0
    broken_promises: int = 0

    @property
    def ceiling(self) -> float | None:
        """The limit with what guarantees add to it; None where no limit was ever granted.

        >>> Figures(date(2026, 1, 1), limit=100.0, addition=50.0).ceiling
        150.0
        """
        return None if self.limit is None else self.limit + self.addition

    @property
    def usage(self) -> float:
        """Exposure as a percentage of the ceiling; 100 where that is 0 and something is owed.

        >>> Figures(date(2026, 1, 1), exposure=95.0, limit=100.0).usage
        95.0
        >>> Figures(date(2026, 1, 1), exposure=60.0, limit=50.0, addition=25.0).usage
        80.0
        >>> Figures(date(2026, 1, 1), exposure=5.0, limit=0.0).usage
        100.0
        >>> Figures(date(2026, 1, 1), exposure=5.0).usage
        0.0
        """
        if self.ceiling is None or self.exposure <= 0:
            return 0.0
        return self.exposure / self.ceiling * 100 if self.ceiling else 100.0

    @property
    def overdue_share(self) -> float:
        """Overdue as a percentage of what is owed.

        >>> Figures(date(2026, 1, 1), owed=400.0, overdue=100.0).overdue_share
        25.0
        """
        return min(self.overdue / self.owed * 100, 100.0) if self.owed > 0 else 0.0


@dataclass(frozen=True)
class Thresholds:
    """What a policy watches; 0 is not watched.

    ``least_overdue`` in company currency: a customer who is overdue by no more than this is not late.
    """

    overdue_days: int = 0
    overdue_share: float = 0.0
    broken_promises: int = 0
    dormant_months: int = 0
    score_fall: float = 0.0
    usage: float = 0.0
    suspend_days: int = 0
    least_overdue: float = 0.0


@dataclass(frozen=True)
class Trigger:
    """One reason to watch: the figure, the threshold that it passed, the measure it asks for."""

    code: str
    figure: float
    threshold: float
    measure: str


def find_triggers(figures: Figures, thresholds: Thresholds) -> list[Trigger]:
    """Triggers of one customer.

    >>> today = date(2026, 6, 30)
    >>> limits = Thresholds(overdue_days=15, overdue_share=20, dormant_months=6, usage=90, suspend_days=60)
    >>> late = Figures(today, exposure=50, limit=100, owed=100, overdue=30, oldest_days=16)
    >>> [(t.code, t.figure, t.measure) for t in find_triggers(late, limits)]
    [('overdue_days', 16.0, 'call'), ('overdue_share', 30.0, 'review')]
    >>> find_triggers(Figures(today, owed=100, overdue=10, oldest_days=15), limits)
    []
    >>> [t.measure for t in find_triggers(Figures(today, overdue=1, owed=9, oldest_days=61), limits)]
    ['suspend']
    >>> idle = Figures(today, limit=100, idle_since=date(2025, 12, 29))
    >>> [(t.code, t.figure) for t in find_triggers(idle, limits)]
    [('dormant', 6.0)]
    >>> find_triggers(Figures(today, limit=100, idle_since=date(2025, 12, 30)), limits)
    []
    """
    return [trigger for trigger in _list_candidates(figures, thresholds) if trigger is not None]


def _list_candidates(figures: Figures, limits: Thresholds) -> Iterable[Trigger | None]:
    is_late = figures.overdue > limits.least_overdue
    days = figures.oldest_days if is_late else 0
    share = figures.overdue_share if is_late else 0.0
    late_measure = "suspend" if must_suspend(figures, limits) else "call"
    yield _above("overdue_days", days, limits.overdue_days, late_measure)
    yield _above("overdue_share", share, limits.overdue_share, "review")
    yield _reached("broken_promises", figures.broken_promises, limits.broken_promises, "cut")
    yield _find_dormant(figures, limits.dormant_months)
    yield _reached("score_fall", figures.points_lost, limits.score_fall, "review")
    yield _above("usage", figures.usage, limits.usage, "review")


def must_suspend(figures: Figures, limits: Thresholds) -> bool:
    """Whether the policy suspends the credit of a customer who is late.

    >>> today, limits = date(2026, 6, 30), Thresholds(suspend_days=60, least_overdue=10.0)
    >>> [must_suspend(Figures(today, overdue=amount, oldest_days=days), limits)
    ...  for amount, days in ((11.0, 61), (11.0, 60), (10.0, 61))]
    [True, False, False]
    """
    is_late = figures.overdue > limits.least_overdue
    return bool(limits.suspend_days) and is_late and figures.oldest_days > limits.suspend_days


def _above(code: str, figure: float, threshold: float, measure: str) -> Trigger | None:
    if not threshold or round(figure, 2) <= threshold:
        return None
    return Trigger(code, round(float(figure), 2), float(threshold), measure)


def _reached(code: str, figure: float, threshold: float, measure: str) -> Trigger | None:
    if not threshold or round(figure, 2) < threshold:
        return None
    return Trigger(code, round(float(figure), 2), float(threshold), measure)


def _find_dormant(figures: Figures, months: int) -> Trigger | None:
    """A limit in force that nobody uses."""
    if not months or not figures.limit or not figures.idle_since:
        return None
    if figures.idle_since >= figures.today - relativedelta(months=months):
        return None
    idle = relativedelta(figures.today, figures.idle_since)
    return Trigger("dormant", float(idle.years * 12 + idle.months), float(months), "cut")


def get_hardest(measures: Iterable[str]) -> str | None:
    """The hardest of some measures.

    >>> get_hardest(["call", "cut", "review"])
    'cut'
    >>> get_hardest([]) is None
    True
    """
    return max(measures, key=MEASURES.index, default=None)
