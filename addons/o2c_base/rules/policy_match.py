"""Which dated policy applies to a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class PolicyRule:
    """What decides whether a policy applies: its dates and its scope.

    ``scope`` maps a scope field to the ids it names; a field that is absent or empty admits
    everybody.
    """

    policy_id: int
    date_from: date
    date_to: date | None = None
    scope: Mapping[str, Set[int]] = field(default_factory=dict)

    def is_in_force(self, day: date) -> bool:
        """Say whether the policy applies on a day; both ends are included.

        >>> rule = PolicyRule(1, date(2025, 1, 1), date(2025, 6, 30))
        >>> [rule.is_in_force(date(2025, *d)) for d in ((1, 1), (6, 30), (7, 1))]
        [True, True, False]
        """
        return self.date_from <= day and (self.date_to is None or day <= self.date_to)

    @property
    def is_scoped(self) -> bool:
        """Say whether the policy names anybody at all.

        >>> PolicyRule(1, date(2025, 1, 1), scope={"team_ids": set()}).is_scoped
        False
        >>> PolicyRule(1, date(2025, 1, 1), scope={"country_ids": {44}}).is_scoped
        True
        """
        return any(self.scope.values())

    def is_for(self, subject: Mapping[str, Set[int]]) -> bool:
        """Say whether the subject is inside every scope that the policy names.

        >>> rule = PolicyRule(1, date(2025, 1, 1), scope={"country_ids": {44}, "team_ids": set()})
        >>> rule.is_for({"country_ids": {44}})
        True
        >>> rule.is_for({"country_ids": {1}}), rule.is_for({})
        (False, False)
        """
        return all(
            not ids or not ids.isdisjoint(subject.get(name, ()))
            for name, ids in self.scope.items()
        )


def first_match(rules: Iterable[PolicyRule], subject: Mapping[str, Set[int]], day: date) -> int | None:
    """Id of the first rule, in the order given, that applies to the subject on the day.

    >>> rules = [
    ...     PolicyRule(7, date(2025, 1, 1), scope={"country_ids": {44}}),
    ...     PolicyRule(8, date(2025, 1, 1)),
    ... ]
    >>> first_match(rules, {"country_ids": {44}}, date(2025, 3, 1))
    7
    >>> first_match(rules, {"country_ids": {1}}, date(2025, 3, 1))
    8
    >>> first_match(rules, {}, date(2024, 12, 31)) is None
    True
    """
    return next(
        (rule.policy_id for rule in rules if rule.is_in_force(day) and rule.is_for(subject)), None)
