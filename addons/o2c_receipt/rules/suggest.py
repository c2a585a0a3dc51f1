"""Which orders a receipt is probably for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

SHORTEST_REFERENCE = 4


@dataclass(frozen=True)
class Candidate:
    """An order that still waits for money. ``open_amount`` is in the receipt's currency."""

    key: object
    open_amount: float
    references: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Suggestion:
    """``reason`` is ``reference``, ``amount`` or ``oldest``."""

    key: object
    amount: float
    reason: str


def is_named(reference: str, text: str) -> bool:
    """Whether ``text`` names ``reference``, not as a part of a longer number.

    >>> is_named("S00042", "Payment for S00042, thanks")
    True
    >>> is_named("S00042", "S000421")
    False
    >>> is_named("PO-77/12", "po 77-12 and freight")
    True
    >>> is_named("12", "12 pumps")
    False
    """
    parts = re.findall(r"[^\W_]+", (reference or "").lower())
    if sum(map(len, parts)) < SHORTEST_REFERENCE:
        return False
    pattern = r"(?<![^\W_])" + r"[\W_]*".join(map(re.escape, parts)) + r"(?![^\W_])"
    return re.search(pattern, (text or "").lower()) is not None


def suggest(amount: float, candidates: Sequence[Candidate], text: str, tolerance: float) -> list[Suggestion]:
    """Spread ``amount`` over ``candidates``, which come oldest first.

    Orders that the payer names come first, each up to what it lacks. When none is named, the one
    order that lacks exactly this amount gets it; otherwise the oldest are filled. What is left
    stays unallocated: nobody said what it is for.

    >>> orders = [Candidate("S1", 500.0, ("S00001",)), Candidate("S2", 300.0, ("S00002", "PO-77")),
    ...           Candidate("S3", 0.0, ("S00003",))]
    >>> suggest(400, orders, "for S00002", 0.005)
    [Suggestion(key='S2', amount=300.0, reason='reference')]
    >>> suggest(300, orders, "thanks", 0.005)
    [Suggestion(key='S2', amount=300.0, reason='amount')]
    >>> suggest(600, orders, "", 0.005)
    [Suggestion(key='S1', amount=500.0, reason='oldest'), Suggestion(key='S2', amount=100.0, reason='oldest')]
    """
    waiting = [candidate for candidate in candidates if candidate.open_amount > tolerance]
    named = [candidate for candidate in waiting
             if any(is_named(reference, text) for reference in candidate.references)]
    if named:
        return _fill(amount, named, "reference", tolerance)
    equal = [candidate for candidate in waiting if abs(candidate.open_amount - amount) <= tolerance]
    if len(equal) == 1:
        return _fill(amount, equal, "amount", tolerance)
    return _fill(amount, waiting, "oldest", tolerance)


def _fill(amount: float, candidates: Sequence[Candidate], reason: str, tolerance: float) -> list[Suggestion]:
    found = []
    for candidate in candidates:
        part = min(amount, candidate.open_amount)
        if part <= tolerance:
            break
        found.append(Suggestion(candidate.key, round(float(part), 6), reason))
        amount -= part
    return found
