"""The chain of seals over the register, without a database.

An auditor can repeat it with any tool: the canonical text of an entry is in the export, and

    seal = SHA-256( previous seal + "\\n" + sequence + "\\n" + canonical text )

in UTF-8, with 64 zeros before the first seal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

GENESIS = "0" * 64

# What the seal covers. A later format gets a new number; old seals keep theirs.
FORMATS: dict[int, tuple[str, ...]] = {
    1: (
        "id", "date", "event", "is_refusal", "message", "user_ref", "user_name",
        "company_ref", "company_name", "res_model", "res_id", "document_name",
        "partner_ref", "partner_name", "amount", "currency_code",
        "policy_model", "policy_ref", "policy_name", "policy_version", "evidence",
    ),
}
CURRENT_FORMAT = 1


def canonical_text(entry: Mapping, format_number: int = CURRENT_FORMAT) -> str:
    """One exact text for the content of an entry: JSON, sorted keys, no spaces.

    Dates, amounts and evidence arrive as the text that the database gives for them, so that no
    rounding of a programming language takes part.

    >>> columns = FORMATS[1]
    >>> text = canonical_text({**dict.fromkeys(columns), "id": 7, "amount": "10.50"})
    >>> text[:40]
    '{"amount":"10.50","company_name":null,"c'
    """
    content = {name: entry[name] for name in FORMATS[format_number]}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal_hash(previous: str, sequence: int, text: str) -> str:
    """Seal of one entry, chained to the seal before it.

    >>> first = seal_hash(GENESIS, 1, '{"id":7}')
    >>> first[:16]
    '8c69175eb40d6797'
    >>> seal_hash(first, 2, '{"id":8}') == seal_hash(GENESIS, 2, '{"id":8}')
    False
    """
    return sha256(f"{previous}\n{sequence}\n{text}".encode()).hexdigest()
