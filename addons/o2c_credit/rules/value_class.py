"""Customers by their share of sales (ABC analysis). Pure Python, no environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

# Cumulated share of sales, in percent, at which a class ends.
A_SHARE = 80.0
B_SHARE = 95.0

Key = TypeVar("Key")


def get_value_class(share_before: float, sales: float) -> str:
    """Class of a customer from the share of all larger customers, in percent.

    The customer with whom the sum passes a threshold still belongs to the better class;
    otherwise a customer with 90 % of the sales would be a B.

    >>> get_value_class(0.0, 90.0), get_value_class(79.9, 5.0), get_value_class(80.0, 5.0)
    ('A', 'A', 'B')
    >>> get_value_class(95.0, 1.0), get_value_class(0.0, 0.0)
    ('C', 'C')
    """
    if sales <= 0:
        return "C"
    return "A" if share_before < A_SHARE else "B" if share_before < B_SHARE else "C"


def classify(sales: Mapping[Key, float]) -> dict[Key, str]:
    """Class of every customer from the sales of one period.

    Credit notes may leave a customer below zero: such a customer takes nothing off the whole.

    >>> classify({"a": 80, "b": 15, "c": 4, "d": 1, "e": 0, "f": -10})
    {'a': 'A', 'b': 'B', 'c': 'C', 'd': 'C', 'e': 'C', 'f': 'C'}
    >>> classify({"only": 10})
    {'only': 'A'}
    >>> classify({})
    {}
    """
    total = sum(max(amount, 0) for amount in sales.values())
    classes = {}
    before = 0.0
    for key, amount in sorted(sales.items(), key=lambda item: -item[1]):
        classes[key] = get_value_class(before / total * 100 if total else 0.0, amount)
        before += max(amount, 0)
    return classes
