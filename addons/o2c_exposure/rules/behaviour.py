"""How customers pay: the figures of credit management. Pure Python, no environment.

Formulas as published by the Credit Research Foundation; amounts are in one currency.
"""

from __future__ import annotations

from dataclasses import dataclass


def days_sales_outstanding(receivable: float, sales: float, days: int) -> float:
    """DSO: how many days of sales are in the receivables; 0 without sales.

    >>> [round(days_sales_outstanding(50_000, 150_000, days), 2) for days in (365, 183, 283)]
    [121.67, 61.0, 94.33]
    >>> days_sales_outstanding(10_000, 30_000, 30)
    10.0
    >>> days_sales_outstanding(10_000, 0, 30)
    0.0
    """
    return receivable / sales * days if sales > 0 else 0.0


def best_possible_dso(current: float, sales: float, days: int) -> float:
    """DSO if everybody paid when due: of the receivables that are not overdue.

    >>> best_possible_dso(10_000 - 2_000, 30_000, 30)
    8.0
    """
    return days_sales_outstanding(current, sales, days)


def average_days_delinquent(receivable: float, current: float, sales: float, days: int) -> float:
    """ADD: the part of DSO that is due to late payment.

    >>> average_days_delinquent(10_000, 8_000, 30_000, 30)
    2.0
    """
    return days_sales_outstanding(receivable, sales, days) - best_possible_dso(current, sales, days)


def collection_effectiveness(opening: float, sales: float, closing: float, closing_current: float) -> float:
    """CEI in percent: collected, of what could have been collected in the period.

    With nothing to collect the effectiveness is 100.

    >>> round(collection_effectiveness(6_200, 10_890, 6_340, 3_590), 2)
    79.63
    >>> collection_effectiveness(0, 500, 500, 500)
    100.0
    """
    collectable = opening + sales - closing_current
    if collectable <= 0:
        return 100.0
    return (opening + sales - closing) / collectable * 100


@dataclass(frozen=True)
class Behaviour:
    """Sums of one customer, or of all, over a period; the figures follow from them.

    Amounts in company currency. ``opening`` is the receivable at the end of the day before
    the period, ``closing`` at its last day, ``overdue`` the part of ``closing`` that is past
    due. Items are invoices that were settled, with money, within the period; an item that
    was settled early is 0 days late.

    >>> facts = Behaviour(days=30, sales=30_000, closing=10_000, overdue=2_000, settled_count=4,
    ...                   late_count=1, days_late=8, settled_amount=400, late_amount=100,
    ...                   amount_days_late=800)
    >>> facts.dso, facts.best_dso, facts.days_delinquent
    (10.0, 8.0, 2.0)
    >>> facts.mean_days_late, facts.weighted_days_late, facts.on_time_percent
    (2.0, 2.0, 75.0)

    Credits that nothing has consumed come off what is not overdue; a customer in credit has
    no days outstanding:

    >>> facts = Behaviour(days=30, sales=300, closing=80, overdue=100)
    >>> facts.dso, facts.best_dso, facts.days_delinquent
    (8.0, 0.0, 8.0)
    >>> Behaviour(days=30, sales=300, closing=-50).dso
    0.0
    """

    days: int = 0
    opening: float = 0.0
    sales: float = 0.0
    closing: float = 0.0
    overdue: float = 0.0
    settled_count: int = 0
    late_count: int = 0
    days_late: int = 0
    settled_amount: float = 0.0
    late_amount: float = 0.0
    amount_days_late: float = 0.0

    @property
    def current(self) -> float:
        """Receivable that is not overdue, not below zero."""
        return max(self.closing - self.overdue, 0.0)

    @property
    def dso(self) -> float:
        return days_sales_outstanding(max(self.closing, 0.0), self.sales, self.days)

    @property
    def best_dso(self) -> float:
        return best_possible_dso(self.current, self.sales, self.days)

    @property
    def days_delinquent(self) -> float:
        return self.dso - self.best_dso

    @property
    def cei(self) -> float:
        return collection_effectiveness(
            self.opening, self.sales, self.closing, self.closing - self.overdue)

    @property
    def mean_days_late(self) -> float:
        return self.days_late / self.settled_count if self.settled_count else 0.0

    @property
    def weighted_days_late(self) -> float:
        """Days late weighted by amount: a large late item weighs more than a small one."""
        return self.amount_days_late / self.settled_amount if self.settled_amount else 0.0

    @property
    def on_time_percent(self) -> float:
        """Share of the settled items that were paid by their due date; 100 when there are none."""
        if not self.settled_count:
            return 100.0
        return (self.settled_count - self.late_count) / self.settled_count * 100

    def __add__(self, other: Behaviour) -> Behaviour:
        """Sums of two customers over the same period.

        >>> (Behaviour(days=30, sales=10) + Behaviour(days=30, sales=5, closing=1)).sales
        15
        """
        values = {name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__}
        return Behaviour(**{**values, "days": max(self.days, other.days)})
