"""Payment schedules: how a total is split, and when a part is due."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple


class Agreed(NamedTuple):
    """A part of a schedule as it was agreed, see ``o2c.instalment``; ``fixed_date`` in ISO form."""

    kind: str
    percent: float
    trigger: str
    days: int
    end_of_month: bool
    fixed_date: str | None


@dataclass(frozen=True)
class Instalment:
    """One amount of an order with its day, in order currency; see ``o2c.schedule._sql_instalments``.

    A part of the schedule may be due on several days: goods that left in two deliveries. Such rows
    share their ``no``. ``named`` is what of ``received`` was given to this part and no other. Invoices
    cover rows by ``turn``; what is ``expected`` has not left.
    """

    order_id: int
    no: int
    instalment_id: int | None
    kind: str
    due: date
    expected: bool
    turn: int
    amount: float
    invoiced: float
    received: float
    named: float
    open: float


@dataclass(frozen=True)
class Slice:
    """What an invoice holds of one row of a schedule.

    ``due`` is None for goods that have not left. The day of a schedule of its own is ``agreed``; that of
    a payment term is the latest: an invoice that came earlier is due by its own terms.
    """

    no: int
    due: date | None
    amount: float
    agreed: bool = False


def cut(rows: Sequence[Instalment], start: float, amount: float, rounding: float) -> list[Slice]:
    """What an invoice over ``amount`` holds of rows that no invoice holds, after the first ``start``.

    What goes beyond the order is due with the last row of an agreed schedule, else by the invoice's terms.
    Invoices round taxes for themselves: what a payment term has of another day by that alone is left out.

    >>> day = date(2026, 3, 2)
    >>> def row(no, amount, invoiced, *, expected=False, part=None):
    ...     return Instalment(1, no, part, "term", day, expected, no, amount, invoiced, 0, 0, 0)
    >>> rows = [row(1, 60, 20), row(2, 40, 0, expected=True)]
    >>> [(item.no, item.due, item.amount) for item in cut(rows, 10, 50, 0.01)]
    [(1, datetime.date(2026, 3, 2), 30.0), (2, None, 20.0)]
    >>> [(item.no, item.amount) for item in cut(rows, 0, 40.01, 0.01)]
    [(1, 40.0)]
    >>> [(item.no, item.due, item.amount) for item in cut([row(1, 60, 20, part=7)], 0, 50, 0.01)]
    [(1, datetime.date(2026, 3, 2), 50.0)]
    >>> cut(rows, 0, 0, 0.01), cut([], 0, 5, 0.01)
    ([], [])
    """
    if amount <= 0 or not rows:
        return []
    found, position = [], 0.0
    for row in sorted(rows, key=lambda item: item.turn):
        free = row.amount - row.invoiced
        held = min(start + amount, position + free) - max(start, position)
        position += free
        if held > 0:
            found.append(_slice(row, held))
    beyond = start + amount - max(start, position)
    if beyond > 0:
        found = _extend(found, _slice(row, 0), beyond)
    noise = min(10 * rounding, amount / 100)
    return [item for item in found if item.agreed or item.amount > noise]


def _extend(found: list[Slice], last: Slice, amount: float) -> list[Slice]:
    if not last.agreed:
        return [*found, Slice(last.no, None, amount)]
    held = found[-1].amount if found else 0.0
    return [*found[:-1], Slice(last.no, found[-1].due if found else last.due, held + amount, agreed=True)]


def _slice(row: Instalment, amount: float) -> Slice:
    agreed = row.instalment_id is not None
    return Slice(row.no, None if row.expected and not agreed else row.due, amount, agreed)


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


def is_in_time(
    lines: Sequence[tuple[date, float]], needed: Sequence[tuple[date, float]], rounding: float,
) -> bool:
    """Whether on no day less of ``lines`` is due than of ``needed``; both are ``(day, amount)``.

    >>> first, second = date(2026, 3, 2), date(2026, 4, 1)
    >>> is_in_time([(first, 10)], [(first, 4), (second, 6)], 0.01)
    True
    >>> is_in_time([(first, 3.99), (second, 6.01)], [(first, 4), (second, 6)], 0.01)
    False
    """
    return all(
        _sum_until(lines, day) > _sum_until(needed, day) - rounding / 2
        for day in {day for day, _amount in needed})


def _sum_until(rows: Sequence[tuple[date, float]], day: date) -> float:
    return sum(amount for due, amount in rows if due and due <= day)


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
