"""Which customer a row of a ledger means. Pure: no database, no Odoo."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MATCH_ORDER = {"any": ("ref", "vat", "name"), "ref": ("ref",), "vat": ("vat",), "name": ("name",)}


@dataclass(frozen=True)
class Customer:
    """A contact that may be meant; the debtor is its commercial partner."""

    id: int
    commercial_id: int
    ref: str = ""
    vat: str = ""
    name: str = ""
    active: bool = True


class Match(NamedTuple):
    """The debtor found, or the code of the problem and the value it is about."""

    partner_id: int | None
    problem: str = ""
    value: str = ""


def normalise_key(kind: str, value: str) -> str:
    """The form in which two spellings of a key are the same.

    >>> normalise_key("vat", "cn 9131-0000"), normalise_key("name", " Müller  GmbH ")
    ('CN91310000', 'müller gmbh')
    """
    text = unicodedata.normalize("NFKC", value or "")
    if kind == "vat":
        return "".join(char for char in text if char.isalnum()).upper()
    return " ".join(text.casefold().split())


class CustomerIndex:
    """Customers by reference, tax ID and name.

    >>> index = CustomerIndex([Customer(1, 1, ref="A1", name="Acme"), Customer(2, 2, name="Acme")], "any")
    >>> index.find(ref="a1", vat="", name="")
    Match(partner_id=1, problem='', value='')
    >>> index.find(ref="", vat="", name="ACME")
    Match(partner_id=None, problem='ambiguous_customer', value='ACME')
    >>> index.find(ref="B7", vat="", name="Acme")  # not 1, which has another reference
    Match(partner_id=2, problem='', value='')
    >>> index.find(ref="B7", vat="", name="Bolt")
    Match(partner_id=None, problem='unknown_customer', value='B7')
    """

    def __init__(self, customers: Iterable[Customer], match_by: str):
        self._order = MATCH_ORDER[match_by]
        self._by_key: dict[tuple[str, str], list[Customer]] = defaultdict(list)
        for customer in customers:
            self.add(customer)

    def add(self, customer: Customer) -> None:
        """Make a customer findable. Names count for companies only, not for their contacts."""
        for kind in self._order:
            key = normalise_key(kind, getattr(customer, kind))
            if key and (kind != "name" or customer.id == customer.commercial_id):
                self._by_key[kind, key].append(customer)

    def find(self, *, ref: str, vat: str, name: str) -> Match:
        """The debtor by the first key that finds anybody."""
        keys = {"ref": ref, "vat": vat, "name": name}
        for kind in self._order:
            found = self._candidates(kind, keys)
            if not found:
                continue
            active = {customer.commercial_id for customer in found if customer.active}
            if len(active) == 1:
                return Match(active.pop())
            return Match(None, "ambiguous_customer" if active else "archived_customer", keys[kind])
        return Match(None, "unknown_customer", ref or vat or name)

    def _candidates(self, kind: str, keys: dict[str, str]) -> list[Customer]:
        key = normalise_key(kind, keys[kind])
        found = self._by_key.get((kind, key), []) if key else []
        ref = normalise_key("ref", keys["ref"]) if "ref" in self._order and kind != "ref" else ""
        # Two companies of the same name: the one with another reference is another one.
        return [
            customer
            for customer in found
            if not (ref and customer.ref and normalise_key("ref", customer.ref) != ref)
        ]
