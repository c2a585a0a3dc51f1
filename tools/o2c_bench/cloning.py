"""Copies of sample records: the same rows, at another time, with other amounts, numbers and customer.

A `Sample` is a small graph of rows. Cloning writes one `INSERT ... SELECT` per row of the graph, over a plan
with one line per clone. What differs from the sample is found, not listed, so that columns and rows which a
module adds follow by themselves:

* a reference to a row of the graph, by foreign key or by model and id, becomes the reference to that row's
  clone;
* an amount is multiplied by the plan's factor, a business date is moved by the plan's shift;
* a text that holds one of the sample's numbers, or the customer's name, gets the clone's instead.
"""

from dataclasses import dataclass, field

from psycopg2 import sql

from .numbering import PREFIX_COLUMNS, Number


@dataclass
class Row:
    """One row of a sample: its table, its place among the sample's rows of that table, and its values."""

    table: str
    place: int
    values: dict
    ctid: str


@dataclass
class Sample:
    """A business case as the ORM wrote it: {table: rows}, customer's id and name, and its numbers."""

    customer_id: int
    customer_name: str
    tables: dict[str, list[Row]] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)

    def find(self, table, record_id):
        """The sample's row with this id, or None."""
        return next((row for row in self.tables.get(table, ()) if row.values.get("id") == record_id), None)

    def ids(self):
        """{table: ids} of the rows that have one."""
        return {
            table: [row.values["id"] for row in rows]
            for table, rows in self.tables.items()
            if "id" in rows[0].values
        }

    def rows(self):
        """All rows."""
        return [row for rows in self.tables.values() for row in rows]


def read_sample(schema, roots, customer):
    """Read the roots and everything that refers to them, at any depth."""
    sample = Sample(*customer)
    queue = [(table, "id", ids) for table, ids in roots.items()]
    while queue:
        table, column, ids = queue.pop(0)
        new = _read_rows(schema, sample, table, column, ids)
        # A customer's documents refer to it, and are samples of their own.
        found = [row.values["id"] for row in new if row.values.get("id") is not None]
        if found:
            queue += [(child, reference, found) for child, reference in schema.children(table)]
    return sample


def _read_rows(schema, sample, table, column, ids):
    """Add the rows of the table that the sample does not have yet, and return them."""
    known = sample.tables.get(table, [])
    seen = {row.ctid for row in known}
    schema.cursor.execute(
        sql.SQL("SELECT ctid::text, * FROM {} WHERE {} = ANY(%s) ORDER BY ctid").format(
            sql.Identifier(table), sql.Identifier(column)
        ),
        (ids,),
    )
    names = [description.name for description in schema.cursor.description][1:]
    new = []
    for ctid, *values in schema.cursor.fetchall():
        if ctid not in seen:
            new.append(Row(table, len(known) + len(new), dict(zip(names, values, strict=True)), ctid))
    if new:
        sample.tables[table] = known + new
    return new


class Cloner:
    """Writes the clones of one sample from a plan table.

    The plan has the columns `n` (1, 2, ...), `partner_id`, `partner_name`, `shift` (days), `factor`, and for
    each number of the sample `prefix_<slot>`, `number_<slot>`, `name_<slot>`.
    """

    def __init__(self, schema, sample, plan):
        self.schema = schema
        self.sample = sample
        self.plan = sql.Identifier(plan)
        self.bases = {
            table: self._highest_id(table) for table, rows in sample.tables.items() if "id" in rows[0].values
        }

    def _highest_id(self, table):
        self.schema.cursor.execute(
            sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table))
        )
        return self.schema.cursor.fetchone()[0]

    def clone(self):
        """Write the clones of all rows."""
        for row in self.sample.rows():
            self._clone_row(row)

    def ids(self, n):
        """{table: ids} of the n-th clone."""
        return {
            table: [
                base + (n - 1) * len(self.sample.tables[table]) + place
                for place in range(1, len(self.sample.tables[table]) + 1)
            ]
            for table, base in self.bases.items()
        }

    def _clone_row(self, row):
        columns = self.schema.columns(row.table)
        statement = sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {values} FROM {plan} p, {table} t WHERE t.ctid = {ctid}"
        )
        self.schema.cursor.execute(
            statement.format(
                table=sql.Identifier(row.table),
                names=sql.SQL(", ").join(map(sql.Identifier, columns)),
                values=sql.SQL(", ").join(self._value(row, name, kind) for name, kind in columns.items()),
                plan=self.plan,
                ctid=sql.Literal(row.ctid),
            )
        )

    # --------------------------------------------------------------- VALUES

    def _value(self, row, column, kind):
        """SQL of one column of a clone: the sample's value, or what the plan says instead."""
        value = row.values[column]
        same = sql.SQL("t.{}").format(sql.Identifier(column))
        if column == "id":
            return self._clone_id(row.table, row)
        if value is None or column == "access_token":
            return sql.SQL("NULL")
        if (row.table, column) in self.schema.references:
            return self._reference(self.schema.references[row.table, column], value) or same
        model = row.values.get(column.removesuffix("_id") + "_model")
        if column.endswith("_id") and isinstance(model, str):
            # A reference to any model, like res_model and res_id, which has no foreign key.
            return self._reference(model.replace(".", "_"), value) or same
        if (row.table, column) in self.schema.scaled:
            return sql.SQL("trim_scale(({}::numeric * p.factor))::{}").format(same, sql.SQL(kind))
        if (row.table, column) in self.schema.dated:
            return sql.SQL("({} + p.shift * interval '1 day')::{}").format(same, sql.SQL(kind))
        return self._number_part(row, column) or self._text(value, same) or same

    def _clone_id(self, table, row):
        """Ids of clones lie side by side: base + (n - 1) * rows of the sample in the table + place + 1."""
        return sql.SQL("({} + (p.n - 1) * {} + {})::int").format(
            sql.Literal(self.bases[table]),
            sql.Literal(len(self.sample.tables[table])),
            sql.Literal(row.place + 1),
        )

    def _reference(self, table, record_id):
        """Reference to a clone or to the clone's customer; None for what all clones share."""
        if (
            table == "res_partner"
            and record_id == self.sample.customer_id
            and "res_partner" not in self.sample.tables
        ):
            return sql.SQL("p.partner_id")
        row = self.sample.find(table, record_id)
        return self._clone_id(table, row) if row else None

    def _number_part(self, row, column):
        """Prefix and counter of a numbered row."""
        for slot, number in enumerate(self.sample.numbers):
            if (
                number.table == row.table
                and number.record_id == row.values.get("id")
                and column in PREFIX_COLUMNS
            ):
                return sql.SQL("p.") + sql.Identifier(f"{PREFIX_COLUMNS[column]}_{slot}")
        return None

    def _text(self, value, same):
        """A text with the clone's numbers, name and matching number; None for any other value."""
        if not isinstance(value, str):
            return None
        matching = self._matching(value)
        if matching:
            return matching
        result = same
        for old, new in self._replacements():
            if old in value:
                result = sql.SQL("replace({}, {}, {})").format(result, sql.Literal(old), new)
        return result

    def _replacements(self):
        """(text of the sample, SQL of the clone's), longest first, since one number may hold another."""
        pairs = [(self.sample.customer_name, sql.SQL("p.partner_name"))]
        for slot, number in enumerate(self.sample.numbers):
            pairs.append((number.name, sql.SQL("p.") + sql.Identifier(f"name_{slot}")))
        return sorted(pairs, key=lambda pair: -len(pair[0]))

    def _matching(self, value):
        """`account.move.line.matching_number`: id of the full reconciliation, or P and id of the partial."""
        for table, prefix in (("account_full_reconcile", ""), ("account_partial_reconcile", "P")):
            for row in self.sample.tables.get(table, ()):
                if value == f"{prefix}{row.values['id']}":
                    return sql.SQL("{} || {}::text").format(sql.Literal(prefix), self._clone_id(table, row))
        return None
