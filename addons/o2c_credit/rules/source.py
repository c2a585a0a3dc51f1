"""What a scorecard can ask about a customer. Pure Python, no environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

NUMBER = "number"
CHOICE = "choice"


def make_code(text: str | None) -> str:
    """Key made of a name: ``Quality of management`` gives ``quality_of_management``.

    >>> make_code("  Quality of management (owner) ")
    'quality_of_management_owner'
    """
    return re.sub(r"\W+", "_", (text or "").lower()).strip("_")


@dataclass(frozen=True)
class Source:
    """One figure or answer about a customer.

    ``provide(question)`` answers ``{partner_id: {key: value}}`` for all customers of the question at
    once; sources that come from one statement name the same provider, and it is asked once. A customer
    or key that is not in the answer is not known, which is another thing than 0.
    ``missing`` is a sentence that says what is not known.
    """

    key: str
    label: str
    provide: Callable[[Question], dict]
    kind: str = NUMBER
    unit: str = ""  # percent, days, months, years, money, or nothing: a plain number
    origin: str = "behaviour"  # answer, file or behaviour
    missing: str = ""
    help: str = ""


@dataclass(frozen=True)
class Question:
    """Which customers, of which company, as of the end of which day.

    ``company`` holds the limits: documents of its branches count. ``memo`` keeps what several providers
    need for the time of one question.
    """

    company: Any
    partner_ids: tuple[int, ...] | None
    date: date
    memo: dict = field(default_factory=dict, compare=False)
