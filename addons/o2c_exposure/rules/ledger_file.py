"""From the bytes of a ledger file to a table of cells. Pure: no database, no Odoo.

A table is a header and numbered rows, so that a message can name the row that the user sees in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 600 * 1024 * 1024
MAX_ROWS = 200_000
DELIMITERS = (",", ";", "\t", "|")
REPLACEMENT = "\ufffd"

# What a ledger's header may be called, reduced by `normalise_header`. The first name is this suite's own.
HEADER_NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        "number invoicenumber invoiceno invoiceid invoicenr invoice invno documentnumber documentno "
        "docno billno belegnummer rechnungsnummer "
        "发票号 发票号码 发票编号 单据号 单据编号 单号 应收单号 凭证号 票据号"
    ).split(),
    "customer_ref": (
        "customerref customerid customerno customernumber customercode customeraccount accountnumber "
        "clientid debtor debtorno debtorid custid custno partnerref kundennummer "
        "客户编号 客户编码 客户代码 客户号 客户id"
    ).split(),
    "customer_name": (
        "customername customer client clientname debtorname partner partnername name kunde "
        "客户 客户名称 客户名 购货单位 往来单位 往来单位名称 单位名称"
    ).split(),
    "vat": "vat vatnumber vatno taxid taxnumber tin 税号 纳税人识别号 统一社会信用代码 社会信用代码".split(),
    "country": "country countrycode countryid 国家 国家代码 国别 国别代码".split(),
    "invoice_date": (
        "invoicedate date documentdate docdate billdate issuedate issued rechnungsdatum "
        "开票日期 发票日期 单据日期 业务日期 日期"
    ).split(),
    "due_date": (
        "duedate due datedue maturity maturitydate paymentdue faelligkeit "
        "到期日 到期日期 应收日期 付款到期日 应付日期"
    ).split(),
    "amount": (
        "amount invoiceamount total totalamount amounttotal grossamount invoicetotal gross betrag "
        "金额 发票金额 价税合计 应收金额 含税金额 原币金额"
    ).split(),
    "open_amount": (
        "openamount amountopen residual balance outstanding outstandingamount amountdue openbalance "
        "未收金额 余额 未收余额 未核销金额 欠款 欠款金额 应收余额"
    ).split(),
    "currency": "currency currencycode curr waehrung 币种 币别 货币".split(),
    "settled_date": (
        "settleddate settled settlementdate paiddate datepaid paymentdate cleared cleareddate clearingdate "
        "收款日期 结清日期 核销日期 回款日期 付款日期"
    ).split(),
    "disputed": "disputed dispute indispute 争议 有争议 是否争议 是否有争议".split(),
}
_TARGET_BY_NAME = {name: target for target, names in HEADER_NAMES.items() for name in names}


class LedgerFileError(ValueError):
    """The file can't be read as a table. `code` says why, `detail` holds what the message shows."""

    def __init__(self, code: str, detail: str = ""):
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class EncodingGuess:
    """The likely encoding of a text file; `sure` is False where a person must look at the text."""

    encoding: str
    sure: bool


@dataclass(frozen=True)
class Table:
    """Header cells, and rows as (row number in the file, cells); a cell is text, a number or a date."""

    header: list[str]
    rows: list[tuple[int, list[object]]]


def guess_encoding(data: bytes) -> EncodingGuess:
    """Encoding of a text file: utf-8 and byte order marks are sure, everything else is a guess.

    >>> guess_encoding("客户".encode("utf-8-sig"))
    EncodingGuess(encoding='utf-8-sig', sure=True)
    >>> guess_encoding("客户名称,金额".encode("gb18030"))
    EncodingGuess(encoding='gb18030', sure=False)
    >>> guess_encoding("Müller,François".encode("latin-1"))
    EncodingGuess(encoding='cp1252', sure=False)
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return EncodingGuess("utf-8-sig", True)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return EncodingGuess("utf-16", True)
    text, bad = _decode(data, "utf-8")
    if not bad:
        return EncodingGuess("utf-8", True)
    # A few broken bytes in a text that is plainly utf-8 are broken rows, not another encoding.
    if sum(ord(char) > 127 for char in text) > 20 * bad:
        return EncodingGuess("utf-8", False)
    return EncodingGuess("gb18030" if _looks_chinese(data) else "cp1252", False)


def _decode(data: bytes, encoding: str) -> tuple[str, int]:
    """The text, and how many places could not be read."""
    text = data.decode(encoding, errors="replace")
    return text, text.count(REPLACEMENT)


def _looks_chinese(data: bytes) -> bool:
    """True if the bytes read as gb18030 give mostly the ideographs in daily use.

    Western accents also decode as gb18030, but to rare ideographs: GB 2312 keeps the 3,755 frequent ones
    in the lead bytes B0 to D7, which accented letters followed by a plain letter never form.
    """
    text, bad = _decode(data, "gb18030")
    special = [char for char in text if ord(char) > 127 and char != REPLACEMENT]
    if not special:
        return False
    frequent = sum(_is_frequent_ideograph(char) for char in special)
    return bad <= len(special) // 20 and frequent >= 0.6 * len(special)


def _is_frequent_ideograph(char: str) -> bool:
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xA1 <= code[0] <= 0xD7 and code[1] >= 0xA1


def guess_delimiter(text: str) -> str:
    """The delimiter that gives the first lines the same number of columns, and most of them.

    >>> guess_delimiter("a;b;c\\n1,5;2;3\\n")
    ';'
    >>> guess_delimiter("one column\\n1\\n")
    ','
    """
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]

    def score(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        width, how_often = Counter(counts).most_common(1)[0] if counts else (1, 0)
        return (how_often if width > 1 else 0, width)

    return max(DELIMITERS, key=score)


def normalise_header(header: str) -> str:
    """
    >>> normalise_header(" Invoice No. "), normalise_header("发票 号码："), normalise_header("ＤｕｅDate")
    ('invoiceno', '发票号码', 'duedate')
    """
    return "".join(char for char in unicodedata.normalize("NFKC", header).lower() if char.isalnum())


def propose_columns(header: list[str]) -> list[str | None]:
    """The target of each column, proposed from its name; each target once.

    >>> propose_columns(["countryCode", "customerID", "invoiceNumber", "PaperlessBill"])
    ['country', 'customer_ref', 'number', None]
    """
    taken: set[str] = set()
    targets = []
    for cell in header:
        target = _TARGET_BY_NAME.get(normalise_header(cell))
        targets.append(None if target in taken else target)
        taken.add(target)
    return targets


def read_csv(data: bytes, *, encoding: str, delimiter: str | None = None) -> Table:
    """The table of a delimited text file; what can't be decoded becomes U+FFFD, which the row check reports.

    Raises LedgerFileError: `empty`, `too_big`, `too_many_rows`, `bad_text`.
    """
    _check_size(data)
    text, _bad = _decode(data, encoding)
    text = text.lstrip("\ufeff").replace("\x00", "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or guess_delimiter(text))

    def numbered() -> Iterator[tuple[int, list[object]]]:
        line = 1
        for cells in reader:
            yield line, [_plain_text(cell) for cell in cells]
            line = reader.line_num + 1

    try:
        return _to_table(numbered())
    except csv.Error as error:
        raise LedgerFileError("bad_text", f"{reader.line_num}: {error}") from error


def read_xlsx(data: bytes, *, sheet: str | None = None) -> Table:
    """The table of one sheet (the first by default); formulas count with the value that was saved.

    Raises LedgerFileError: `empty`, `too_big`, `too_many_rows`, `bad_workbook`, `no_sheet`.
    """
    book = _open_workbook(data)
    try:
        if sheet and sheet not in book.sheetnames:
            raise LedgerFileError("no_sheet", sheet)
        rows = book[sheet or book.sheetnames[0]].iter_rows(values_only=True)
        return _to_table((i, [_cell_value(cell) for cell in row]) for i, row in enumerate(rows, start=1))
    finally:
        book.close()


def sheet_names(data: bytes) -> list[str]:
    """Names of the sheets of a workbook."""
    book = _open_workbook(data)
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def is_xlsx(data: bytes) -> bool:
    """True for a zip archive, which no text ledger is."""
    return data.startswith(b"PK\x03\x04")


def _open_workbook(data: bytes):
    # openpyxl costs 0.2 s of import time, which only a workbook should pay.
    from openpyxl import load_workbook

    _check_size(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise LedgerFileError("too_big", f"{MAX_UNPACKED // 2**20} MB")
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except LedgerFileError:
        raise
    except Exception as error:  # zipfile, XML and openpyxl raise many kinds for a broken file
        raise LedgerFileError("bad_workbook", str(error)) from error


def _check_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise LedgerFileError("too_big", f"{MAX_BYTES // 2**20} MB")


def _to_table(rows: Iterator[tuple[int, list[object]]]) -> Table:
    """The first row that has text is the header; empty rows are left out, short ones filled up."""
    header: list[str] = []
    body: list[tuple[int, list[object]]] = []
    for number, cells in rows:
        if all(cell == "" for cell in cells):
            continue
        if not header:
            header = [str(cell) for cell in cells]
            while header and not header[-1]:
                header.pop()
            continue
        if len(body) >= MAX_ROWS:
            raise LedgerFileError("too_many_rows", f"{MAX_ROWS:,}")
        while len(cells) > len(header) and cells[-1] == "":
            cells.pop()
        body.append((number, cells))
    if not header or not body:
        raise LedgerFileError("empty")
    return Table(header, body)


def _plain_text(cell: str) -> str:
    """A cell without outer blanks, and without the apostrophe that protects spreadsheets from formulas."""
    cell = cell.strip(" \u00a0\u3000\t\r\n")
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _cell_value(cell: object) -> object:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, (date, int)):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell
    return _plain_text(str(cell))
