"""States of what is valid until a day. Pure Python, no environment."""

from __future__ import annotations

from datetime import date, timedelta

# Documents of the file that end within so many days are shown as expiring.
NOTICE_DAYS = 30


def get_validity(today: date, valid_until: date | None) -> str:
    """``valid``, ``expiring`` or ``expired``; the last day itself is still good.

    >>> today = date(2024, 2, 1)
    >>> [get_validity(today, day) for day in (None, date(2024, 3, 3), date(2024, 3, 2))]
    ['valid', 'valid', 'expiring']
    >>> [get_validity(today, day) for day in (today, date(2024, 1, 31))]
    ['expiring', 'expired']
    """
    if valid_until is None or valid_until > today + timedelta(days=NOTICE_DAYS):
        return "valid"
    return "expiring" if valid_until >= today else "expired"


def is_current(today: date, valid_from: date | None, valid_until: date | None) -> bool:
    """Whether ``today`` lies between both days, which belong to the span; an empty side is open.

    >>> is_current(date(2024, 2, 1), date(2024, 2, 1), date(2024, 2, 1))
    True
    >>> is_current(date(2024, 2, 2), None, date(2024, 2, 1))
    False
    """
    return (valid_from is None or valid_from <= today) and (valid_until is None or today <= valid_until)
