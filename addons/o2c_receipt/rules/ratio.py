"""Shares that must not look better than they are."""

from decimal import ROUND_FLOOR, Decimal

HUNDREDTH = Decimal("0.01")


def percent(part: float, whole: float) -> float:
    """``part`` in percent of ``whole``, rounded down to two decimals; 100 of nothing.

    Rounded down, so that 60 is shown and found only when 60 % are there.

    >>> percent(600, 1000), percent(59999.99, 100000), percent(99999999.99, 100000000)
    (60.0, 59.99, 99.99)
    >>> percent(0, 0), percent(5, -10), percent(0, 10)
    (100.0, 100.0, 0.0)
    """
    if whole <= 0:
        return 100.0
    exact = 100 * Decimal(repr(part)) / Decimal(repr(whole))
    return float(exact.quantize(HUNDREDTH, ROUND_FLOOR))
