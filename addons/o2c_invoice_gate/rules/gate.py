"""How much money an invoice needs, in exact figures.

Source: internal control of sales (Guideline No. 9 practice): no invoice before 60 % of the contract amount
has been collected. Amounts come as floats whose decimals are what was meant; they are compared as decimals
without rounding, and only what is shown as missing is rounded, up to the next unit of the currency.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

WHOLE = "whole"
PROPORTIONAL = "proportional"


def exact(amount: float | Decimal) -> Decimal:
    """The decimal that a float was written as.

    >>> exact(0.1) + exact(0.2) == exact(0.3)
    True
    """
    return amount if isinstance(amount, Decimal) else Decimal(repr(float(amount)))


def get_required(base: float, invoiced: float, *, threshold: float, rule: str) -> Decimal:
    """Money that must be in before an invoice is issued, in the currency of the order, not rounded.

    :param base: total of the order, tax included
    :param invoiced: what would be invoiced of the order with this invoice
    :param threshold: percent
    :param rule: ``whole``: the share of the whole order, or of what is invoiced where that is more, since
        lines of less than nothing make an order small; ``proportional``: of what is invoiced
    :return: nothing where nothing is ordered and nothing invoiced

    >>> [int(get_required(100000, 20000, threshold=60, rule=rule)) for rule in (WHOLE, PROPORTIONAL)]
    [60000, 12000]
    >>> get_required(-5, 0, threshold=60, rule=WHOLE), get_required(0, 0, threshold=60, rule=WHOLE)
    (Decimal('0'), Decimal('0'))
    >>> [int(get_required(base, 1000, threshold=60, rule=WHOLE)) for base in (500, 0, -5)]
    [600, 600, 600]
    """
    amount = exact(invoiced) if rule == PROPORTIONAL else max(exact(base), exact(invoiced))
    return amount * exact(threshold) / 100 if amount > 0 else Decimal(0)


def get_missing(required: float | Decimal, collected: float | Decimal, rounding: float) -> float:
    """What is missing, rounded up to the currency's unit; 0.0 when enough is there.

    >>> get_missing(60000, 59999.99, 0.01), get_missing(60000, 60000.0, 0.01)
    (0.01, 0.0)
    >>> get_missing(Decimal("600"), Decimal("599.9999999999"), 0.01), get_missing(0.6, 0, 1.0)
    (0.01, 1.0)
    >>> get_missing(6.0006, 6, 0.001), get_missing(100, 250, 0.01)
    (0.001, 0.0)
    """
    gap = exact(required) - exact(collected)
    if gap <= 0:
        return 0.0
    unit = exact(rounding)
    return float((gap / unit).to_integral_value(ROUND_CEILING) * unit)


def get_allowed(delivered: float, tolerance: float) -> float:
    """Quantity that may be invoiced: what was delivered and the tolerance (percent) on top of it.

    >>> get_allowed(8, 0), get_allowed(8, 5), get_allowed(-2, 5)
    (8.0, 8.4, -2.0)
    """
    if delivered <= 0:
        return float(delivered)
    return float(exact(delivered) * (100 + exact(tolerance)) / 100)
