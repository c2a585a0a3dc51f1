"""What a company has earned and not billed: the arithmetic of one order. No database."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Kind = Literal["asset", "receivable", "liability", "none"]
Right = Literal["delivery", "complete", "invoice"]


class Part(NamedTuple):
    """One line of an order. Amounts in order currency, without tax unless named so.

    ``net`` is what its difference of quantities is worth: positive where more was delivered than
    invoiced. ``tax`` belongs to ``net`` and has its sign.
    """

    net: float
    tax: float


class Advance(NamedTuple):
    """Posted down payments that no invoice has deducted yet, of one account; positive."""

    net: float
    tax: float
    is_income: bool


class Position(NamedTuple):
    """Where a contract stands: ``net`` = ``parts`` less ``taken`` of the advances."""

    net: float
    tax: float
    taken: tuple[float, ...]


def earned_share(lines: Iterable[tuple[float, float, float]]) -> float:
    """Share of an order's value that was delivered, 0 to 1: what of an order-wide discount was granted.

    ``lines`` are ``(price of one, ordered, delivered)``. More than ordered counts as all of it. An
    order that orders nothing has granted its discount as soon as something was delivered.

    >>> earned_share([(100.0, 10, 4)])
    0.4
    >>> earned_share([(100.0, 1, 1), (300.0, 1, 0)])
    0.25
    >>> earned_share([(10.0, 2, 5)])
    1.0
    >>> earned_share([(10.0, 0, 3)]), earned_share([])
    (1.0, 0.0)
    """
    rows = list(lines)
    ordered = sum(price * quantity for price, quantity, _ in rows)
    delivered = sum(price * quantity for price, _, quantity in rows)
    if ordered <= 0:
        return 1.0 if delivered > 0 else 0.0
    return min(max(delivered / ordered, 0.0), 1.0)


def position(parts: Iterable[Part], advances: Iterable[Advance]) -> Position:
    """Net position of a contract (IFRS 15.105: one contract is an asset or a liability, not both).

    A down payment that was booked as income is taken back whole, since nothing was delivered for it.
    One that stands in a liability account comes off what was earned, and at most that: the rest stays
    the liability that it is. Tax is what the next invoice will bear: that of what was delivered and not
    invoiced, less the tax that down payments have borne already, and none where nothing is left to be
    billed. Quantities that were invoiced before delivery take no tax back: it fell due with the invoice.

    >>> position([Part(600.0, 78.0)], [])
    Position(net=600.0, tax=78.0, taken=())
    >>> position([Part(600.0, 78.0)], [Advance(300.0, 39.0, True)])
    Position(net=300.0, tax=39.0, taken=(300.0,))
    >>> position([], [Advance(300.0, 39.0, True)])
    Position(net=-300.0, tax=0.0, taken=(300.0,))
    >>> position([Part(200.0, 26.0)], [Advance(300.0, 39.0, False)])
    Position(net=0.0, tax=0.0, taken=(200.0,))
    >>> position([Part(100.0, 13.0), Part(-40.0, -5.2)], [])
    Position(net=60.0, tax=13.0, taken=())
    """
    parts = list(parts)
    net = sum(part.net for part in parts)
    tax = sum(part.tax for part in parts if part.net > 0)
    taken = []
    for advance in advances:
        amount = advance.net if advance.is_income else min(advance.net, max(net, 0.0))
        net -= amount
        tax -= advance.tax * amount / advance.net if advance.net else 0.0
        taken.append(amount)
    return Position(net, max(tax, 0.0) if net > 0 else 0.0, tuple(taken))


def classify(net: float, is_complete: bool, right: Right) -> Kind:
    """Which account a position belongs to (IFRS 15.107 and 108).

    The right to money is unconditional where only time passes until it is due. ``right`` is the
    company's reading of its contracts: ``delivery`` each delivery gives it, ``complete`` only the whole
    order, ``invoice`` nothing before the invoice.

    >>> classify(10, False, "delivery"), classify(10, False, "complete"), classify(10, True, "complete")
    ('receivable', 'asset', 'receivable')
    >>> classify(10, True, "invoice"), classify(-1, True, "delivery"), classify(0, True, "delivery")
    ('asset', 'liability', 'none')
    """
    if not net:
        return "none"
    if net < 0:
        return "liability"
    if right == "delivery" or (right == "complete" and is_complete):
        return "receivable"
    return "asset"


def covered_share(net: float, tax: float, advance: float) -> float:
    """Share of a position that the customer has paid for already, 0 to 1 (IFRS 15.105 and 106).

    ``net`` and ``tax`` are what an invoice of the position would ask for, ``advance`` is what of the
    customer's money waits for that invoice on a liability account, tax included. Only what was earned can
    be covered: a liability stays what it is.

    >>> covered_share(200.0, 26.0, 113.0), covered_share(200.0, 0.0, 50.0), covered_share(200.0, 26.0, 500.0)
    (0.5, 0.25, 1.0)
    >>> covered_share(200.0, 26.0, 0.0), covered_share(-40.0, 0.0, 100.0), covered_share(0.0, 0.0, 100.0)
    (0.0, 0.0, 0.0)
    """
    if net <= 0 or advance <= 0:
        return 0.0
    return min(advance / (net + tax), 1.0)


def shares(total: float, weights: Iterable[float]) -> list[float]:
    """``total`` in proportion to ``weights``, not rounded; evenly where they have no sum.

    >>> shares(30.0, [1, 2]), shares(30.0, [0, 0]), shares(5.0, [])
    ([10.0, 20.0], [15.0, 15.0], [])
    """
    weights = list(weights)
    whole = sum(weights)
    if not whole:
        return [total / len(weights) for _ in weights]
    return [total * weight / whole for weight in weights]
