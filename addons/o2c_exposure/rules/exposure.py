"""Value objects of the exposure of a customer. Pure Python, no environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Component:
    """One step of the waterfall.

    ``code`` is the column that the component's source yields, ``weight`` the default
    share of the amount that counts (1.0 = all of it). Amounts carry their own sign:
    a reduction such as unallocated receipts is negative.
    """

    code: str
    label: str
    weight: float = 1.0


@dataclass(frozen=True)
class Source:
    """Rows of documents from which components are summed.

    ``name`` selects the method ``_sql_source_<name>(scope)`` of ``o2c.exposure``;
    ``model`` is the model of the rows' ``res_id``, for the drill-down. ``measures`` names
    further aggregates over the same rows that the facts of a checkpoint want: each has a
    method ``_sql_measure_<name>()``. ``takes_lookup``: the scope may be a `Lookup`.
    """

    name: str
    model: str
    components: tuple[Component, ...]
    measures: tuple[str, ...] = ()
    takes_lookup: bool = False


@dataclass(frozen=True)
class Lookup:
    """Scope of a source that is summed for one debtor: SELECTs of the ids of ``partners`` and ``companies``.

    They are looked up once, as arrays. A join would be gone through for each of a customer's 10,000 items.
    """

    partners: Any
    companies: Any


@dataclass(frozen=True)
class ComponentAmount:
    """Amount of one component in company currency, before and after its weight."""

    code: str
    label: str
    amount: float
    weight: float = 1.0

    @property
    def weighted(self) -> float:
        """Share of the amount that counts.

        >>> ComponentAmount("ordered", "Ordered", 200.0, 0.5).weighted
        100.0
        """
        return self.amount * self.weight


@dataclass(frozen=True)
class Exposure:
    """Exposure of one debtor in one company: the weighted total and how it comes about.

    >>> parts = (ComponentAmount("receivable", "Receivables", 90000.0),
    ...          ComponentAmount("ordered", "Ordered", 28400.0))
    >>> Exposure(118400.0, parts).amount_of("ordered")
    28400.0
    >>> Exposure(118400.0, parts).amount_of("unknown")
    0.0
    """

    total: float = 0.0
    components: tuple[ComponentAmount, ...] = field(default=())

    def amount_of(self, code: str) -> float:
        """Unweighted amount of the component ``code``; 0 when there is none."""
        return next((part.amount for part in self.components if part.code == code), 0.0)

    def as_evidence(self) -> dict:
        """JSON-able justification for verdicts and the register.

        >>> Exposure(5.0, (ComponentAmount("ordered", "Ordered", 10.0, 0.5),)).as_evidence()
        {'total': 5.0, 'components': [{'code': 'ordered', 'amount': 10.0, 'weight': 0.5}]}
        """
        return {
            "total": self.total,
            "components": [
                {"code": part.code, "amount": part.amount, "weight": part.weight}
                for part in self.components
            ],
        }
