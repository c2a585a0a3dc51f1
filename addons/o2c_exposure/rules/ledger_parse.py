"""What a row of a receivables ledger means at a cut-off date. Pure: no database, no Odoo.

Every row gets one outcome and all its problems, so that a file is corrected in one round:

- `open`: invoiced up to the cut-off and not settled by then; becomes a customer invoice;
- `settled`: settled up to the cut-off; becomes payment history;
- `skipped`: nothing to do, with the reason (invoiced after the cut-off, known already);
- `wrong`: can't be booked as it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .ledger_file import REPLACEMENT
from .ledger_values import parse_amount, parse_date, parse_yes_no

REQUIRED = ("number", "invoice_date", "due_date", "amount")
CUSTOMER_KEYS = ("customer_ref", "vat", "customer_name")
Raw = Mapping[str, object]  # target → cell
_TEXTS = ("number", "customer_ref", "customer_name", "vat", "country", "currency")
_IDENTICAL = (
    "customer_ref", "customer_name", "vat", "currency",
    "invoice_date", "due_date", "settled_date", "amount", "open_amount",
)  # fmt: skip


class Problem(NamedTuple):
    """Why a row is wrong or skipped: a code, and the value that the message shows."""

    code: str
    value: str = ""


@dataclass(frozen=True)
class ReadSettings:
    """How to read the rows. `columns`: target → column; `currencies`: active code → decimal places."""

    columns: Mapping[str, int]
    width: int
    date_format: str
    decimal: str
    thousands: str
    cut_off: date
    company_currency: str
    currencies: Mapping[str, int]
    credit_notes: bool = False


@dataclass(slots=True)
class LedgerRow:
    """One row as read. Amounts are in the row's currency; `open_amount` is what is owed at the cut-off."""

    row: int
    number: str = ""
    customer_ref: str = ""
    customer_name: str = ""
    vat: str = ""
    country: str = ""
    currency: str = ""
    invoice_date: date | None = None
    due_date: date | None = None
    settled_date: date | None = None
    amount: Decimal | None = None
    open_amount: Decimal | None = None
    disputed: bool = False
    outcome: str = ""
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, code: str, value: object = "") -> None:
        """Record a problem that keeps the row from being booked."""
        self.outcome = "wrong"
        self.problems.append(Problem(code, str(value)))

    def skip(self, code: str, value: object = "") -> None:
        """Leave the row out, with the reason."""
        self.outcome = "skipped"
        self.problems.append(Problem(code, str(value)))

    @property
    def days_late(self) -> int:
        """Days from the due date to the settlement, 0 where it came in time or is open."""
        return max(0, (self.settled_date - self.due_date).days) if self.settled_date and self.due_date else 0


def missing_targets(targets: Iterable[str]) -> list[str]:
    """What must still be assigned to a column before rows can be read.

    >>> missing_targets(["number", "amount", "vat"])
    ['invoice_date', 'due_date']
    >>> missing_targets(["number", "amount", "invoice_date", "due_date"])
    ['customer_ref']
    """
    found = set(targets)
    missing = [target for target in REQUIRED if target not in found]
    return missing + ([] if found & set(CUSTOMER_KEYS) else ["customer_ref"])


def read_rows(rows: Iterable[tuple[int, list[object]]], settings: ReadSettings) -> list[LedgerRow]:
    """All rows with outcome and problems; what needs the database (customers, booked numbers) comes later."""
    result = [read_row(number, cells, settings) for number, cells in rows]
    mark_duplicates(result)
    return result


def read_row(number: int, cells: list[object], settings: ReadSettings) -> LedgerRow:
    """One row, read and judged."""
    row = LedgerRow(number)
    raw = {target: cells[index] if index < len(cells) else "" for target, index in settings.columns.items()}
    row.invoice_date = _read_date(row, raw, "invoice_date", settings, required=True)
    if row.invoice_date and row.invoice_date > settings.cut_off:
        # Left out whatever else it says; the number is kept for the list.
        row.problems.clear()
        _read_texts(row, raw)
        row.skip("after_cut_off", row.invoice_date)
        return row
    _check_shape(row, cells, raw, settings)
    _read_texts(row, raw)
    _check_texts(row)
    row.due_date = _read_date(row, raw, "due_date", settings, required=True)
    row.settled_date = _read_date(row, raw, "settled_date", settings)
    _read_currency(row, settings)
    _read_amounts(row, raw, settings)
    _read_disputed(row, raw)
    _check_dates(row)
    if row.outcome != "wrong":
        _classify(row, settings)
    return row


# ---------------------------------------------------------------------------------------------- reading


def _check_shape(row: LedgerRow, cells: list[object], raw: Raw, settings: ReadSettings) -> None:
    """A cell too many, a line break inside a value or an unreadable character: the row is broken."""
    if len(cells) > settings.width:
        row.wrong("columns", len(cells))
    texts = [value for value in raw.values() if isinstance(value, str)]
    if any(REPLACEMENT in value for value in texts):
        row.wrong("encoding", next(value for value in texts if REPLACEMENT in value))
    if any("\n" in value or "\r" in value for value in texts):
        row.wrong("line_break")


def _read_texts(row: LedgerRow, raw: Raw) -> None:
    for target in _TEXTS:
        value = raw.get(target, "")
        setattr(row, target, str(value).strip())


def _check_texts(row: LedgerRow) -> None:
    if not row.number:
        row.wrong("no_number")
    elif row.number == "/":
        row.wrong("bad_number", row.number)
    if not (row.customer_ref or row.vat or row.customer_name):
        row.wrong("no_customer")


def _read_date(
    row: LedgerRow, raw: Raw, target: str, settings: ReadSettings, *, required: bool = False
) -> date | None:
    value = raw.get(target, "")
    if value == "":
        if required:
            row.wrong(f"no_{target}")
        return None
    found = parse_date(value, settings.date_format)
    if found is None:
        row.wrong(f"bad_{target}", value)
    return found


def _read_currency(row: LedgerRow, settings: ReadSettings) -> None:
    row.currency = row.currency.upper() or settings.company_currency
    if row.currency not in settings.currencies:
        row.wrong("currency", row.currency)


def _read_amounts(row: LedgerRow, raw: Raw, settings: ReadSettings) -> None:
    row.amount = _read_amount(row, raw, "amount", settings)
    row.open_amount = _read_amount(row, raw, "open_amount", settings)
    if row.amount is None:
        if raw.get("amount", "") == "":
            row.wrong("no_amount")
        return
    if not row.amount:
        row.wrong("zero_amount")
    elif row.amount < 0 and not settings.credit_notes:
        row.wrong("negative_amount", row.amount)
    if row.open_amount and (abs(row.open_amount) > abs(row.amount) or row.open_amount * row.amount < 0):
        row.wrong("open_amount", row.open_amount)


def _read_amount(row: LedgerRow, raw: Raw, target: str, settings: ReadSettings) -> Decimal | None:
    value = raw.get(target, "")
    if value == "":
        return None
    amount = parse_amount(value, settings.decimal, settings.thousands)
    if amount is None:
        row.wrong(f"bad_{target}", value)
        return None
    places = settings.currencies.get(row.currency, 2)
    if amount != amount.quantize(Decimal(1).scaleb(-places)):
        row.wrong("precision", amount)
    return amount


def _read_disputed(row: LedgerRow, raw: Raw) -> None:
    answer = parse_yes_no(raw.get("disputed", ""))
    if answer is None:
        row.wrong("disputed", raw["disputed"])
    row.disputed = bool(answer)


# --------------------------------------------------------------------------------------------- judgement


def _check_dates(row: LedgerRow) -> None:
    if not row.invoice_date:
        return
    if row.due_date and row.due_date < row.invoice_date:
        row.wrong("due_before_invoice", row.due_date)
    if row.settled_date and row.settled_date < row.invoice_date:
        row.wrong("settled_before_invoice", row.settled_date)


def _classify(row: LedgerRow, settings: ReadSettings) -> None:
    """Open or settled at the cut-off; the open amount of an open row is filled in."""
    settled = bool(row.settled_date) and row.settled_date <= settings.cut_off
    if settled and row.open_amount:
        row.wrong("settled_but_open", row.open_amount)
    elif settled and row.amount < 0:
        row.skip("settled_credit")
    elif settled:
        row.outcome, row.open_amount = "settled", Decimal(0)
    elif row.open_amount == 0 and not row.settled_date:
        row.wrong("closed_without_date")
    else:
        # Paid after the cut-off: the file's open amount is of today, the whole was open then.
        row.open_amount = row.open_amount or row.amount
        row.outcome = "open"


def mark_duplicates(rows: Iterable[LedgerRow]) -> None:
    """A number may stand in a file once. Of identical rows the first counts, of differing ones none."""
    first: dict[str, LedgerRow] = {}
    for row in rows:
        if not row.number or row.outcome == "skipped":
            continue
        other = first.setdefault(row.number, row)
        if other is row:
            continue
        if not _is_identical(other, row) and not any(p.code == "duplicate" for p in other.problems):
            other.wrong("duplicate", row.row)
        row.wrong("duplicate", other.row)


def _is_identical(one: LedgerRow, other: LedgerRow) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _IDENTICAL)
