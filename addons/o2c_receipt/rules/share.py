"""Splitting money without losing or making a cent."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal


def share(amount: float, weights: Sequence[float], digits: int) -> list[float]:
    """Split ``amount`` in proportion to ``weights``, exact to ``digits`` decimals.

    Rounded down first; what is left goes, one smallest unit each, to the parts that lost most.

    >>> share(100, [1, 1, 1], 2)
    [33.34, 33.33, 33.33]
    >>> share(-10, [3, 1], 0)
    [-8.0, -2.0]
    >>> share(1, [2, 1], 3)
    [0.667, 0.333]
    >>> share(500, [0, 0], 2)
    [250.0, 250.0]
    >>> share(500, [0, 300], 2)
    [0.0, 500.0]
    >>> share(5, [], 2)
    []
    """
    if not weights:
        return []
    unit = Decimal(1).scaleb(-digits)
    whole = abs(Decimal(repr(amount)))
    parts = [Decimal(repr(max(weight, 0))) for weight in weights]
    total = sum(parts)
    if not total:
        parts, total = [Decimal(1)] * len(parts), Decimal(len(parts))
    exact = [whole * part / total for part in parts]
    floors = [value.quantize(unit, ROUND_DOWN) for value in exact]
    missing = int((whole - sum(floors)) / unit)
    losers = sorted(range(len(parts)), key=lambda index: floors[index] - exact[index])
    for index in losers[:missing]:
        floors[index] += unit
    sign = -1 if amount < 0 else 1
    return [float(sign * value) for value in floors]
