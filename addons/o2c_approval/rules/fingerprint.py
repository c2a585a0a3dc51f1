"""Fingerprint of a document's decisive values: equal values give an equal digest, on any machine."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def normalise(value: Any) -> Any:
    """JSON form of `value`. What a JSON column gives back normalises to the same.

    >>> normalise({"b": (1, 2.50), "a": datetime.date(2026, 1, 31), 3: None})
    {'b': [1, 2.5], 'a': '2026-01-31', '3': None}
    >>> normalise(100.0), normalise(Decimal("0.10")), normalise(0.1 + 0.2)
    (100, 0.1, 0.3)
    """
    if isinstance(value, Mapping):
        return {str(key): normalise(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [normalise(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((normalise(item) for item in value), key=repr)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        # 10 significant decimals: what a sum of floats leaves behind is no change of the document
        rounded = round(float(value), 10)
        return int(rounded) if rounded.is_integer() else rounded
    if value is None or isinstance(value, (str, bool, int)):
        return value
    raise TypeError(f"not a plain value: {value!r}")


def canonical(values: Mapping[str, Any]) -> str:
    """The one text of `values`: sorted keys, no spaces.

    >>> canonical({"b": 1, "a": "客户"})
    '{"a":"客户","b":1}'
    """
    return json.dumps(normalise(values), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text.

    >>> digest({"a": 1.0, "b": 2}) == digest({"b": 2, "a": 1})
    True
    >>> digest({"a": 1.001}) == digest({"a": 1})
    False
    """
    return hashlib.sha256(canonical(values).encode()).hexdigest()


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(key, before, after) of each value that differs, sorted by key.

    >>> list_changes({"amount": 1150, "debtor": 7}, {"amount": 57500, "debtor": 7, "term": 30})
    [('amount', 1150, 57500), ('term', None, 30)]
    """
    old, new = normalise(before), normalise(after)
    keys = sorted(old.keys() | new.keys())
    return [(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]
