"""What guarantees allow a customer to owe. Pure Python, no environment."""

from __future__ import annotations

from dataclasses import dataclass

# What the value of each kind usually loses until it has become money, in percent: a proposal.
USUAL_HAIRCUTS = {
    "deposit": 0.0,
    "mortgage": 40.0,
    "pledge": 30.0,
    "third_party": 20.0,
    "letter_of_credit": 5.0,
    "insurance": 10.0,
}


@dataclass(frozen=True)
class Cover:
    """Exposure of a customer against its guarantees; amounts in one currency.

    ``percent`` of the exposure must be covered. ``present`` is the cover that counts.

    >>> cover = Cover(exposure=1000.0, percent=30.0, present=120.0)
    >>> cover.needed, cover.missing, cover.allowed, cover.excess
    (300.0, 180.0, 400.0, 600.0)
    >>> Cover(exposure=400.0, percent=30.0, present=120.0).excess
    0.0

    Nothing is needed by a customer who owes nothing, or of whom no cover is asked:

    >>> Cover(exposure=-50.0, percent=30.0, present=0.0).missing, Cover(1000.0, 0.0, 0.0).excess
    (0.0, 0.0)

    More than 100 % may be asked:

    >>> Cover(exposure=100.0, percent=125.0, present=100.0).excess
    20.0
    """

    exposure: float
    percent: float
    present: float

    @property
    def needed(self) -> float:
        """Cover that the exposure asks for."""
        return max(self.exposure, 0.0) * self.percent / 100

    @property
    def missing(self) -> float:
        return max(self.needed - self.present, 0.0)

    @property
    def allowed(self) -> float:
        """Highest exposure for which the cover is enough; infinite when none is asked."""
        return self.present / self.percent * 100 if self.percent > 0 else float("inf")

    @property
    def excess(self) -> float:
        """By how much the exposure is above what the cover allows."""
        return max(self.exposure - self.allowed, 0.0)
