"""How complete a credit file is. Pure Python, no environment."""

from __future__ import annotations

from collections.abc import Collection

# What a complete file holds, and how much of the whole each item is. The order is that of the form.
WEIGHTS = {
    "legal_form": 4,
    "registration_number": 8,
    "vat": 6,
    "founded_on": 4,
    "legal_representative": 6,
    "registered_capital": 6,
    "licence": 8,
    "decision_maker": 6,
    "signatory": 6,
    "bank": 8,
    "industry": 4,
    "employees": 4,
    "documents": 10,
    "figures": 12,
    "rating": 8,
}
# A corporate group is no legal person: these stand in the files of its members.
LEGAL_ITEMS = frozenset(
    ("legal_form", "registration_number", "vat", "founded_on", "legal_representative")
    + ("registered_capital", "licence", "bank", "documents")
)
# Figures must be of one of the last so many finished years.
FIGURE_YEARS = 2
# An external rating counts for so many months.
RATING_MONTHS = 12


def get_missing(present: Collection[str], *, is_group: bool = False) -> list[str]:
    """Items that are not there, in the order of the form.

    >>> get_missing(set(WEIGHTS) - {"bank", "rating"})
    ['bank', 'rating']
    >>> get_missing({"figures"}, is_group=True)
    ['decision_maker', 'signatory', 'industry', 'employees', 'rating']
    """
    return [item for item in _get_expected(is_group) if item not in present]


def get_percent(present: Collection[str], *, is_group: bool = False) -> int:
    """Weight of what is there in percent of what is expected, rounded down: 100 means everything.

    >>> get_percent(set(WEIGHTS)), get_percent(())
    (100, 0)
    >>> get_percent(set(WEIGHTS) - {"bank", "rating"})
    84
    >>> get_percent({"figures", "rating"}, is_group=True)
    50
    """
    expected = _get_expected(is_group)
    total = sum(expected.values())
    return sum(weight for item, weight in expected.items() if item in present) * 100 // total


def _get_expected(is_group: bool) -> dict[str, int]:
    """
    >>> sum(_get_expected(False).values())
    100
    """
    return {item: weight for item, weight in WEIGHTS.items() if not (is_group and item in LEGAL_ITEMS)}
