"""The answer of one control at one checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SEVERITIES = ("pass", "warn", "hold", "forbid")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one control found on one document.

    :param code: code of the ``o2c.control`` that judged
    :param severity: what was found: ``pass``, ``warn``, ``hold`` or ``forbid``; the company's
        setting decides what follows from it (see :mod:`.effect`)
    :param message: one sentence with the figures, without the name of the document
        and without advice: both are added where the sentence is shown
    :param evidence: the figures behind the sentence, JSON-able, in the order in which to show them
    :param excess: by how much the document breaks the rule, in company currency, never negative;
        0.0 where the rule is no amount
    :param degree: how far the rule is broken where that is no amount, in its own unit such as days, never
        negative. It must not change by itself from day to day: a release covers no more than it was
        given for, and a change of the document may not raise it. 0.0 where nothing of the kind is known

    >>> v = Verdict("credit_limit", "hold", "120.00 exceeds 100.00", {"limit": 100.0}, excess=20.0)
    >>> v.excess
    20.0
    >>> Verdict("credit_limit", "stop", "", {})
    Traceback (most recent call last):
    ...
    ValueError: severity 'stop' of control 'credit_limit' is none of pass, warn, hold, forbid
    >>> Verdict("credit_limit", "hold", "", {}, excess=-1.0)
    Traceback (most recent call last):
    ...
    ValueError: excess -1.0 of control 'credit_limit' is negative
    """

    code: str
    severity: str
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    excess: float = 0.0
    degree: float = 0.0

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            allowed = ", ".join(SEVERITIES)
            raise ValueError(f"severity {self.severity!r} of control {self.code!r} is none of {allowed}")
        for name in ("excess", "degree"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)} of control {self.code!r} is negative")
