"""Payment schedules: how a total is split, and when a part is due."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Instalment:
    """One amount of an order with its day, in order currency; see ``o2c.schedule._sql_instalments``.

    A part of the schedule may be due on several days: goods that left in two deliveries. Such rows
    share their ``no``. ``named`` is what of ``received`` was given to this part and no other.
    """

    order_id: int
    no: int
    instalment_id: int | None
    kind: str
    due: date
    amount: float
    invoiced: float
    received: float
    named: float
    open: float


def split(total: float, percents: Sequence[float], rounding: float) -> list[float]:
    """Amounts of the shares of ``total``, each rounded to ``rounding``; the last takes the rest.

    >>> split(100, [33.33, 33.33, 33.34], 0.01)
    [33.33, 33.33, 33.34]
    >>> split(100.01, [30, 30, 40], 0.01)
    [30.0, 30.0, 40.01]
    >>> split(1001, [50, 50], 1), split(10, [33.3333, 66.6667], 0.001)
    ([501.0, 500.0], [3.333, 6.667])
    >>> split(50, [], 0.01)
    []
    """
    whole, unit = Decimal(repr(float(total))), Decimal(repr(float(rounding)))
    parts = [_round(whole * Decimal(repr(float(percent))) / 100, unit) for percent in percents[:-1]]
    return [float(part) for part in (*parts, whole - sum(parts))] if percents else []


def spread(total: float, weights: Sequence[float], rounding: float) -> list[float]:
    """``total`` in proportion to ``weights``; each part ends where the rounded sum so far does.

    >>> spread(100, [1, 1, 1], 0.01), spread(-10, [3, 1], 1)
    ([33.33, 33.34, 33.33], [-8.0, -2.0])
    >>> spread(10, [], 0.01), spread(10, [0, 0], 0.01)
    ([], [0.0, 10.0])
    """
    whole, unit = Decimal(repr(float(total))), Decimal(repr(float(rounding)))
    parts = [Decimal(repr(float(weight))) for weight in weights]
    full, done, before, found = sum(parts), Decimal(0), Decimal(0), []
    for index, part in enumerate(parts, 1):
        done += part
        upto = whole if index == len(parts) else _round(whole * done / full, unit) if full else Decimal(0)
        found.append(float(upto - before))
        before = upto
    return found


def _round(value: Decimal, unit: Decimal) -> Decimal:
    return (value / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def due_day(day: date, days: int, *, end_of_month: bool = False) -> date:
    """``days`` after ``day``, or after the end of its month.

    >>> due_day(date(2026, 1, 31), 30), due_day(date(2026, 2, 3), 10, end_of_month=True)
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 10))
    """
    if end_of_month:
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day + timedelta(days=days)
