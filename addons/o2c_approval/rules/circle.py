"""Can every signature of a request still be given, if one person signs one step only?"""

from __future__ import annotations

from collections.abc import Collection, Sequence


def find_unstaffed(circles: Sequence[Collection[int]]) -> int | None:
    """Index of the first step that cannot get a person of its own; None when all can.

    A bipartite matching of steps with persons by augmenting paths: circles that overlap may look
    staffed one by one and still lack a person.

    >>> find_unstaffed([{1, 2}, {1}]) is None
    True
    >>> find_unstaffed([{1}, {1}])
    1
    >>> find_unstaffed([{1, 2}, {1, 2}, {1, 2}])
    2
    >>> find_unstaffed([{1}, set()])
    1
    >>> find_unstaffed([]) is None
    True
    """
    step_of: dict[int, int] = {}

    def give_person(step: int, seen: set[int]) -> bool:
        for person in sorted(circles[step]):
            if person in seen:
                continue
            seen.add(person)
            if person not in step_of or give_person(step_of[person], seen):
                step_of[person] = step
                return True
        return False

    for step in range(len(circles)):
        if not give_person(step, set()):
            return step
    return None


def may_sign_first(person: int, circles: Sequence[Collection[int]]) -> bool:
    """Whether `person` can take the first step without leaving a later one without anybody.

    >>> may_sign_first(1, [{1, 2}, {1}]), may_sign_first(2, [{1, 2}, {1}])
    (False, True)
    """
    return find_unstaffed([set(circle) - {person} for circle in circles[1:]]) is None
