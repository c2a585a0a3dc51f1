"""Three figures of one product on one order: what their differences mean. No database."""

from typing import Literal

Reason = Literal["agreed", "within", "open", "to_invoice", "over_delivered", "over_invoiced", "returned"]

# Differences that time alone does not explain: somebody has to say why.
NEEDS_WORD = frozenset(("over_delivered", "over_invoiced", "returned"))


def reason(ordered: float, delivered: float, invoiced: float, *, returned: float = 0.0,
           tolerance: float = 0.0, digits: int = 2) -> Reason:
    """What stands behind the difference, the gravest first.

    :param returned: quantity that came back, positive; it is in ``delivered`` already
    :param tolerance: share of the ordered quantity, 0.02 for 2 percent, that is no difference
    :param digits: decimal places of quantities

    >>> reason(10, 10, 10), reason(10, 4, 4), reason(10, 4, 0)
    ('agreed', 'open', 'to_invoice')
    >>> reason(10, 12, 10), reason(10, 4, 6), reason(10, 8, 10, returned=2)
    ('over_delivered', 'over_invoiced', 'returned')
    >>> reason(100, 101, 101, tolerance=0.02), reason(100, 103, 103, tolerance=0.02)
    ('within', 'over_delivered')
    >>> reason(0, 0, 0), reason(-2, -2, -2), reason(-2, -1, 0)
    ('agreed', 'agreed', 'to_invoice')
    """
    if ordered < 0 or (not ordered and delivered < 0):
        ordered, delivered, invoiced = -ordered, -delivered, -invoiced
    unit = 10.0**-digits / 2
    if max(abs(ordered - delivered), abs(delivered - invoiced)) < unit:
        return "agreed"
    slack = max(ordered, delivered) * tolerance + unit
    if max(abs(ordered - delivered), abs(delivered - invoiced)) <= slack:
        return "within"
    if invoiced - delivered > slack:
        return "returned" if returned > 0 and invoiced - delivered <= returned + slack else "over_invoiced"
    if delivered - ordered > slack:
        return "over_delivered"
    return "to_invoice" if delivered - invoiced > slack else "open"
