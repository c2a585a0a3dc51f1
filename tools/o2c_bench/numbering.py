"""Numbers of clones: each series of the sample goes on without a gap, entries by journal and year."""

import re
from dataclasses import dataclass

from psycopg2 import sql

# Columns of account_move that hold parts of the number, and what the plan calls them.
PREFIX_COLUMNS = {"sequence_prefix": "prefix", "sequence_number": "number"}


@dataclass(frozen=True)
class Number:
    """The number of one sample row.

    `year` and `journal_id` are None for a series that runs through; then `sequence` is the database sequence
    behind it.
    """

    table: str
    record_id: int
    name: str
    prefix: str
    width: int
    year: int | None = None
    journal_id: int | None = None
    offset_days: int = 0
    sequence: str | None = None


def read_numbers(cursor, sample, anchor):
    """Numbers of a sample's entries, orders and deliveries."""
    numbers = []
    for row in sample.tables.get("account_move", ()):
        numbers.append(_entry_number(row.values, anchor))
    for table in ("sale_order", "stock_picking"):
        for row in sample.tables.get(table, ()):
            numbers.append(_running_number(cursor, table, row.values))
    return numbers


def _entry_number(values, anchor):
    """Entries are numbered within the journal and the year of their date: INV/2026/00007."""
    prefix, year = values["sequence_prefix"], values["date"].year
    if prefix.count(str(year)) != 1:
        raise ValueError(f"The numbers of {values['name']} do not start anew each year")
    return Number(
        "account_move",
        values["id"],
        values["name"],
        prefix,
        len(values["name"]) - len(prefix),
        year=year,
        journal_id=values["journal_id"],
        offset_days=(values["date"] - anchor).days,
    )


def _running_number(cursor, table, values):
    """Orders and deliveries take their numbers from a sequence of the database: S00007."""
    digits = re.search(r"\d+$", values["name"]).group()
    if table == "sale_order":
        cursor.execute(
            """SELECT id, implementation FROM ir_sequence
                WHERE code = 'sale.order' AND active ORDER BY company_id, id"""
        )
    else:
        cursor.execute(
            """SELECT s.id, s.implementation
                 FROM ir_sequence s JOIN stock_picking_type t ON t.sequence_id = s.id
                WHERE t.id = %s""",
            (values["picking_type_id"],),
        )
    sequence_id, implementation = cursor.fetchone()
    if implementation != "standard":
        raise ValueError(f"The sequence of {table} is not a standard one")
    return Number(
        table,
        values["id"],
        values["name"],
        values["name"][: -len(digits)],
        len(digits),
        sequence=f"ir_sequence_{sequence_id:03d}",
    )


class Counters:
    """The last number given in each series, across all samples."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.last = {}

    def columns(self, number, slot, events):
        """SQL of `prefix_<slot>`, `number_<slot>` and `name_<slot>` over the event table `e`."""
        prefix, counter = self._prefix(number), self._counter(number, events)
        digits = sql.SQL("greatest({}, length(({})::text))").format(sql.Literal(number.width), counter)
        name = sql.SQL("{} || lpad(({})::text, {}, '0')").format(prefix, counter, digits)
        return sql.SQL("{} AS {}, ({})::int AS {}, {} AS {}").format(
            prefix,
            sql.Identifier(f"prefix_{slot}"),
            counter,
            sql.Identifier(f"number_{slot}"),
            name,
            sql.Identifier(f"name_{slot}"),
        )

    def finish(self):
        """Set the sequences of the database to the last number given."""
        for (journal_id, series), last in self.last.items():
            if journal_id is None:
                self.cursor.execute("SELECT setval(%s, %s)", (series, last))

    # -------------------------------------------------------------- HELPERS

    @staticmethod
    def _year(number):
        return sql.SQL("extract(year FROM e.day + {})::int").format(sql.Literal(number.offset_days))

    def _prefix(self, number):
        if number.year is None:
            return sql.Literal(number.prefix)
        before, after = number.prefix.split(str(number.year))
        return sql.SQL("{} || {} || {}").format(sql.Literal(before), self._year(number), sql.Literal(after))

    def _counter(self, number, events):
        """Position within the series, behind what is there already."""
        if number.year is None:
            start = self._take((None, number.sequence), self._running_start(number), self._count(events))
            return sql.SQL("{} + row_number() OVER (ORDER BY e.day, e.n)").format(sql.Literal(start))
        starts = sql.SQL(" ").join(
            sql.SQL("WHEN {} THEN {}").format(sql.Literal(year), sql.Literal(start))
            for year, start in self._year_starts(number, events)
        )
        return sql.SQL(
            "CASE {year} {starts} END + row_number() OVER (PARTITION BY {year} ORDER BY e.day, e.n)"
        ).format(year=self._year(number), starts=starts)

    def _take(self, series, start, count):
        """Reserve `count` numbers and return the last one given before them."""
        start = self.last.get(series, start)
        self.last[series] = start + count
        return start

    def _count(self, events):
        self.cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(events))
        return self.cursor.fetchone()[0]

    def _running_start(self, number):
        self.cursor.execute(
            sql.SQL("SELECT last_value FROM {} WHERE is_called").format(sql.Identifier(number.sequence))
        )
        row = self.cursor.fetchone()
        return row[0] if row else 0

    def _year_starts(self, number, events):
        """(year, last number given) for every year of the events."""
        self.cursor.execute(
            sql.SQL("SELECT {}, count(*) FROM {} e GROUP BY 1 ORDER BY 1").format(self._year(number), events)
        )
        for year, count in self.cursor.fetchall():
            prefix = number.prefix.replace(str(number.year), str(year))
            start = self._entry_start(number.journal_id, prefix)
            yield year, self._take((number.journal_id, prefix), start, count)

    def _entry_start(self, journal_id, prefix):
        self.cursor.execute(
            """SELECT coalesce(max(sequence_number), 0) FROM account_move
                WHERE journal_id = %s AND sequence_prefix = %s""",
            (journal_id, prefix),
        )
        return self.cursor.fetchone()[0]
