"""How a grade's formula proposes a credit limit. Pure Python, no environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    """What a policy grants to one grade; amounts in the currency of the company.

    ``method``: ``months`` of average sales, share of yearly ``purchases``, share of
    ``net_worth``, or ``fixed``. ``floor`` is the amount of a fixed limit.
    ``ceiling`` 0 means none; ``rounding`` is the step to which proposals are rounded down.
    """

    method: str
    months: float = 0.0
    percent: float = 0.0
    floor: float = 0.0
    ceiling: float = 0.0
    is_cash_only: bool = False
    rounding: float = 0.01

    @property
    def needs_sales(self) -> bool:
        """Whether the limit depends on what was sold.

        >>> Formula("months", months=3).needs_sales, Formula("fixed", floor=100).needs_sales
        (True, False)
        """
        return self.method in ("months", "purchases") and not self.is_cash_only

    @property
    def needs_net_worth(self) -> bool:
        """Whether the limit depends on what the customer is worth.

        >>> Formula("net_worth", percent=5).needs_net_worth
        True
        """
        return self.method == "net_worth" and not self.is_cash_only


@dataclass(frozen=True)
class Basis:
    """What is known about the customer, company currency; ``None`` where nothing is known.

    ``yearly_sales``: invoiced in the last twelve months, tax included, less credit notes.
    """

    yearly_sales: float | None = None
    net_worth: float | None = None


@dataclass(frozen=True)
class Proposal:
    """``amount`` that the formula gives; ``raw`` before floor, ceiling and rounding.

    ``raw`` is ``None`` when the figure that the method needs is not known: the floor stands in.
    ``bound`` names what cut it: ``floor``, ``ceiling`` or empty.
    """

    amount: float
    raw: float | None
    bound: str = ""


def propose_limit(formula: Formula, basis: Basis) -> Proposal:
    """The limit that a grade's formula gives to a customer.

    Three months of average sales, of 120,000 a year:

    >>> propose_limit(Formula("months", months=3), Basis(yearly_sales=120_000))
    Proposal(amount=30000.0, raw=30000.0, bound='')

    A tenth of yearly purchases, at most 5,000; of a new customer nothing is known yet:

    >>> tenth = Formula("purchases", percent=10, floor=1_000, ceiling=5_000)
    >>> propose_limit(tenth, Basis(yearly_sales=90_000))
    Proposal(amount=5000.0, raw=9000.0, bound='ceiling')
    >>> propose_limit(tenth, Basis())
    Proposal(amount=1000.0, raw=None, bound='floor')

    A negative net worth carries no credit; proposals are rounded down to the step:

    >>> share = Formula("net_worth", percent=5, rounding=100)
    >>> propose_limit(share, Basis(net_worth=-80_000)).amount
    0.0
    >>> propose_limit(share, Basis(net_worth=123_456)).amount
    6100.0

    Rounding never falls below the floor, and cash only is nothing at all:

    >>> propose_limit(Formula("fixed", floor=2_550, rounding=1000), Basis()).amount
    2550
    >>> propose_limit(Formula("months", months=3, floor=500, is_cash_only=True), Basis(120_000))
    Proposal(amount=0.0, raw=0.0, bound='')
    """
    if formula.is_cash_only:
        return Proposal(0.0, 0.0)
    raw = _get_raw(formula, basis)
    amount, bound = max(raw or 0.0, 0.0), ""
    if amount < formula.floor:
        amount, bound = formula.floor, "" if formula.method == "fixed" else "floor"
    if formula.ceiling and amount > formula.ceiling:
        amount, bound = formula.ceiling, "ceiling"
    return Proposal(max(_round_down(amount, formula.rounding), min(amount, formula.floor)), raw, bound)


def _get_raw(formula: Formula, basis: Basis) -> float | None:
    if formula.method == "fixed":
        return formula.floor
    known = basis.net_worth if formula.method == "net_worth" else basis.yearly_sales
    if known is None:
        return None
    if formula.method == "months":
        return known / 12 * formula.months
    return known * formula.percent / 100


def _round_down(amount: float, step: float) -> float:
    """``amount`` in whole steps; half a millionth of a step is noise of the arithmetic.

    >>> _round_down(1999.99, 100), _round_down(0.3, 0.1), _round_down(12.34, 0)
    (1900.0, 0.3, 12.34)
    """
    return round((amount / step + 5e-7) // 1 * step, 6) if step else amount
