"""Dates and numbers as people write them in ledgers. Pure: no database, no Odoo."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

# Unambiguous ones first: of equally good formats the first is proposed.
DATE_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d",
    "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%m/%d/%y", "%d/%m/%y", "%d.%m.%y",
)  # fmt: skip
_PATTERNS = {"%Y": r"(?P<Y>\d{4})", "%y": r"(?P<y>\d{2})", "%m": r"(?P<m>\d{1,2})", "%d": r"(?P<d>\d{1,2})"}
_TIME_TAIL = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_EXCEL_EPOCH = date(1899, 12, 30)
_SIGNS = "¥￥$€£元"
_TRUE = {"yes", "y", "true", "t", "1", "x", "是", "有", "有争议", "ja", "oui"}
_FALSE = {"", "no", "n", "false", "f", "0", "否", "无", "无争议", "nein", "non"}


@dataclass(frozen=True)
class DateGuess:
    """Best format for the values, and the other one that reads them all differently (month/day)."""

    format: str | None
    rival: str | None = None


@dataclass(frozen=True)
class NumberGuess:
    """Decimal and thousands separator; `ambiguous` if 1,234 could be one thousand or one point two."""

    decimal: str
    thousands: str
    ambiguous: bool = False


@lru_cache(maxsize=64)
def _regex(date_format: str) -> re.Pattern:
    pattern = re.escape(date_format)
    for code, part in _PATTERNS.items():
        strict = part.replace("{1,2}", "{2}") if date_format == "%Y%m%d" else part
        pattern = pattern.replace(re.escape(code), strict)
    return re.compile(pattern + _TIME_TAIL)


@lru_cache(maxsize=65_536)
def parse_date(value: object, date_format: str) -> date | None:
    """The date of a cell, None if it is none in this format, or outside 1970 to 2100.

    Two-digit years are 2000 to 2079, else 1980 to 1999.

    >>> parse_date("2/1/2013", "%m/%d/%Y"), parse_date("2013-02-30", "%Y-%m-%d")
    (datetime.date(2013, 2, 1), None)
    >>> parse_date("20130201", "%Y%m%d"), parse_date(41306, "%Y-%m-%d")
    (datetime.date(2013, 2, 1), datetime.date(2013, 2, 1))
    """
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if isinstance(value, (int, float)) and date_format != "%Y%m%d":
        # A workbook keeps a date without date format as the number of days since 1899-12-30.
        return _EXCEL_EPOCH + timedelta(days=int(value)) if 20_000 <= value < 80_000 else None
    match = _regex(date_format).fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    if not match:
        return None
    parts = match.groupdict()
    year = int(parts["Y"]) if parts.get("Y") else _century(int(parts["y"]))
    if not 1970 <= year <= 2100:
        return None
    try:
        return date(year, int(parts["m"]), int(parts["d"]))
    except ValueError:
        return None


def _century(year: int) -> int:
    return 2000 + year if year < 80 else 1900 + year


def guess_date_format(values: Iterable[object]) -> DateGuess:
    """The format that reads most of the values, and a rival that reads as many of them to other dates.

    >>> guess_date_format(["1/2/2013", "1/26/2013"])
    DateGuess(format='%m/%d/%Y', rival=None)
    >>> guess_date_format(["1/2/2013", "3/4/2013"])
    DateGuess(format='%m/%d/%Y', rival='%d/%m/%Y')
    >>> guess_date_format([])
    DateGuess(format=None, rival=None)
    """
    texts = {value for value in values if value != ""}
    written = {value for value in texts if isinstance(value, str)}
    if not written:
        # Dates of a workbook need no format; any will do.
        return DateGuess("%Y-%m-%d" if texts else None)
    scores = {fmt: sum(parse_date(text, fmt) is not None for text in written) for fmt in DATE_FORMATS}
    best = max(DATE_FORMATS, key=scores.__getitem__)
    if not scores[best]:
        return DateGuess(None)
    rivals = [fmt for fmt in DATE_FORMATS if fmt != best and scores[fmt] == scores[best]]
    return DateGuess(best, next((fmt for fmt in rivals if _reads_otherwise(written, best, fmt)), None))


def _reads_otherwise(texts: Iterable[str], one: str, other: str) -> bool:
    return any(parse_date(text, one) != parse_date(text, other) for text in texts)


def parse_amount(value: object, decimal: str, thousands: str) -> Decimal | None:
    """The amount of a cell, None if it is none. Negative: leading or trailing minus, or brackets.

    >>> parse_amount("¥1,234.50", ".", ","), parse_amount("(12,5)", ",", "."), parse_amount("1.2.3", ".", ",")
    (Decimal('1234.50'), Decimal('-12.5'), None)
    >>> parse_amount("1,23", ".", ",") is None  # a thousands separator in a wrong place is none
    True
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # Binary noise of a workbook's numbers (55.940000000000005) ends at the sixth decimal.
        return Decimal(str(round(value, 6)))
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).replace("−", "-")
    text = "".join(char for char in text if char not in _SIGNS and not char.isspace())
    negative = text.startswith("-") or text.endswith("-") or (text.startswith("(") and text.endswith(")"))
    match = _amount_regex(decimal, "" if thousands.isspace() else thousands).fullmatch(text.strip("-()+"))
    if not match:
        return None
    whole = match["whole"].replace(thousands, "") if thousands else match["whole"]
    amount = Decimal(f"{whole or '0'}.{match['part']}" if match["part"] else whole or "0")
    return -amount if negative else amount


@lru_cache(maxsize=64)
def _amount_regex(decimal: str, thousands: str) -> re.Pattern:
    point = re.escape(decimal)
    grouped = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    return re.compile(rf"(?P<whole>{grouped}\d{{1,15}}|(?={point}\d))(?:{point}(?P<part>\d{{0,9}}))?")


def guess_number_format(values: Iterable[object]) -> NumberGuess:
    """Separators that read most of the values.

    >>> guess_number_format(["1.234,50", "12,00"])
    NumberGuess(decimal=',', thousands='.', ambiguous=False)
    >>> guess_number_format(["1,234", "2,500"])
    NumberGuess(decimal='.', thousands=',', ambiguous=True)
    """
    texts = {value for value in values if isinstance(value, str) and value}
    pairs = ((".", ","), (",", "."), (".", "'"), (",", "'"))
    scores = [sum(parse_amount(text, *pair) is not None for text in texts) for pair in pairs]
    best = scores.index(max(scores)) if texts else 0
    rival = 1 - best if best < 2 else None
    ambiguous = (
        rival is not None
        and scores[rival] == scores[best]
        and any(parse_amount(text, *pairs[best]) != parse_amount(text, *pairs[rival]) for text in texts)
    )
    return NumberGuess(*pairs[best], ambiguous)


def parse_yes_no(value: object) -> bool | None:
    """
    >>> parse_yes_no("Yes"), parse_yes_no("否"), parse_yes_no("perhaps")
    (True, False, None)
    """
    text = str(value).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None
