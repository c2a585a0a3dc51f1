"""A verdict seen through the company's setting."""

from dataclasses import dataclass
from typing import Any

from .effect import STOPPING, get_effect, get_severity
from .verdict import Verdict


@dataclass(frozen=True, slots=True)
class Setting:
    """How a company uses a control."""

    control_id: int
    mode: str
    severity: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict, and what follows from it in the company of the document.

    >>> verdict = Verdict("credit_limit", "hold", "too much", {}, excess=5.0)
    >>> Judgement(verdict, Setting(1, "observing", "hold")).effect
    'observe'
    >>> Judgement(verdict, Setting(1, "enforcing", "hold")).stops
    True
    >>> Judgement(verdict, Setting(1, "enforcing", "warn")).stops
    False
    """

    verdict: Verdict
    setting: Setting

    @property
    def code(self) -> str:
        return self.verdict.code

    @property
    def severity(self) -> str:
        return get_severity(self.verdict.severity, self.setting.severity)

    @property
    def effect(self) -> str:
        return get_effect(self.setting.mode, self.severity)

    @property
    def stops(self) -> bool:
        return self.effect in STOPPING

    def as_evidence(self) -> dict[str, Any]:
        """The judgement as the register keeps it."""
        return {
            "control": self.code,
            "mode": self.setting.mode,
            "severity": self.severity,
            "effect": self.effect,
            "message": self.verdict.message,
            "excess": self.verdict.excess,
            "figures": dict(self.verdict.evidence),
        }


def is_worse(after: Judgement, before: Judgement | None, rounding: float) -> bool:
    """Whether a change made a stopping judgement worse than it was.

    >>> hold = Setting(1, "enforcing", "hold")
    >>> def judge(excess): return Judgement(Verdict("c", "hold", "", {}, excess), hold)
    >>> is_worse(judge(5), None, 0.01), is_worse(judge(5), judge(4), 0.01)
    (True, True)
    >>> is_worse(judge(5), judge(5.001), 0.01), is_worse(judge(4), judge(5), 0.01)
    (False, False)
    >>> def late(days): return Judgement(Verdict("c", "hold", "", {}, degree=days), hold)
    >>> is_worse(late(60), late(45), 0.01), is_worse(late(45), late(60), 0.01)
    (True, False)
    """
    if before is None or not before.stops:
        return True
    if (after.effect, before.effect) == ("forbid", "hold"):
        return True
    is_further = after.verdict.degree > before.verdict.degree
    return is_further or after.verdict.excess - before.verdict.excess > rounding / 2
