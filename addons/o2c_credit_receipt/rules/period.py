"""For how many days a payment schedule gives credit."""

from collections.abc import Sequence
from datetime import date

from odoo.addons.o2c_receipt.rules.schedule import Agreed, due_day


def credit_days(
    parts: Sequence[Agreed], ordered: date, today: date, *, delivered: date, free_retention: float = 0.0
) -> int:
    """Days from the delivery until the last part is due; what is due before it gives no credit.

    Dates, and what is counted from the confirmation, are compared with the day of the order, not after
    today: who sells can't shorten the period by promising a late delivery, or by dating the order ahead.

    :param ordered: day from which the confirmation is counted
    :param delivered: day from which deliveries are counted
    :param free_retention: percent of the order; a retention up to it secures the warranty, and is no credit

    >>> def part(kind, percent, trigger="delivery", days=0, eom=False, on=None):
    ...     return Agreed(kind, percent, trigger, days, eom, on)
    >>> def count(*parts, ordered=date(2026, 3, 1), **free):
    ...     return credit_days(parts, ordered, date(2026, 3, 10), delivered=date(2026, 3, 10), **free)
    >>> plan = [part("deposit", 30, "confirmation"), part("on_delivery", 60, days=30),
    ...         part("retention", 10, days=365)]
    >>> count(*plan), count(*plan, free_retention=9.99), count(*plan, free_retention=10)
    (365, 365, 30)
    >>> count(part("on_delivery", 100, days=30, eom=True))
    51
    >>> dated = part("fixed_date", 100, "date", on="2026-06-01")
    >>> count(dated), count(dated, ordered=date(2030, 1, 1))
    (92, 83)
    >>> confirmed = part("on_delivery", 100, "confirmation", days=45)
    >>> count(confirmed), count(confirmed, ordered=date(2026, 3, 20))
    (45, 55)
    >>> count(part("before_delivery", 100, days=-5)), count(part("retention", 100), free_retention=100)
    (0, 0)
    """
    retained = sum(part.percent for part in parts if part.kind == "retention")
    is_free = round(retained, 4) <= round(free_retention, 4)
    counted = [part for part in parts if not (is_free and part.kind == "retention")]
    return max((_days(part, ordered, today, delivered) for part in counted), default=0)


def _days(part: Agreed, ordered: date, today: date, delivered: date) -> int:
    first = min(ordered, today)
    if part.trigger == "date":
        due = date.fromisoformat(part.fixed_date) if part.fixed_date else first
    elif part.trigger == "confirmation":
        due = due_day(ordered, part.days, end_of_month=part.end_of_month)
    else:
        first = delivered
        due = due_day(delivered, part.days, end_of_month=part.end_of_month)
    return max((due - first).days, 0)
