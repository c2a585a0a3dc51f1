"""Numbers of tax invoices (fapiao)."""

from __future__ import annotations

import re

LENGTHS = (8, 20)


def clean(number: str | None) -> str:
    """The digits of a number as people write it, blanks and hyphens left out.

    >>> clean(" 2531 2000-0000 1234 5678 "), clean(None)
    ('25312000000012345678', '')
    """
    return re.sub(r"[\s-]", "", number or "")


def is_valid(number: str) -> bool:
    """Paper invoices have numbers of 8 digits, fully digitalised ones of 20.

    >>> is_valid("12345678"), is_valid("25312000000012345678"), is_valid("123456789"), is_valid("1234567x")
    (True, True, False, False)
    >>> is_valid("１２３４５６７８")
    False
    """
    return len(number) in LENGTHS and number.isascii() and number.isdigit()
