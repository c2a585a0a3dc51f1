"""What the catalogue says about the tables that the generator copies; indexes out of a load's way."""

from contextlib import contextmanager

from psycopg2 import sql

# The chatter and the bus belong to a record's life in the web client, not to the ledger.
IGNORED_PREFIXES = ("mail_", "discuss_", "bus_", "ir_", "sms_")

# Prices are plain numbers to the ORM, though they are amounts.
PRICE_COLUMNS = {"price_unit", "technical_price_unit", "price_tax"}
# Goods move in quantities; their value follows from the cost, which clones share with their sample.
UNSCALED_TABLES = ("stock_",)


class Schema:
    """Foreign keys and kinds of columns of the connected database, read once."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.references = self._read_references()
        self.transient = self._read_transient()
        self.scaled, self.dated = self._read_fields()

    def _read_references(self):
        """{(table, column): referenced table} of all one-column foreign keys to an id."""
        self.cursor.execute(
            """
            SELECT source.relname, a.attname, target.relname
              FROM pg_constraint k
              JOIN pg_class source ON source.oid = k.conrelid
              JOIN pg_class target ON target.oid = k.confrelid
              JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
             WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 1
            """
        )
        return {(table, column): target for table, column, target in self.cursor.fetchall()}

    def _read_transient(self):
        """Tables of wizards."""
        self.cursor.execute("SELECT replace(model, '.', '_') FROM ir_model WHERE transient")
        return {table for (table,) in self.cursor.fetchall()}

    def _read_fields(self):
        """Stored columns with amounts, and with dates that belong to the business case."""
        self.cursor.execute(
            """
            SELECT replace(model, '.', '_'), name, ttype FROM ir_model_fields
             WHERE store AND (ttype IN ('monetary', 'date', 'datetime') OR name = ANY(%s))
            """,
            (sorted(PRICE_COLUMNS),),
        )
        scaled, dated = set(), set()
        for table, name, ttype in self.cursor.fetchall():
            if ttype in ("date", "datetime"):
                if name not in ("create_date", "write_date"):
                    dated.add((table, name))
            elif not table.startswith(UNSCALED_TABLES):
                scaled.add((table, name))
        return scaled, dated

    def children(self, table):
        """(table, column) pairs that refer to the table and belong to the ledger."""
        for (child, column), target in self.references.items():
            if target == table and child not in self.transient and not child.startswith(IGNORED_PREFIXES):
                yield child, column

    def columns(self, table):
        """{column: type} of the table without generated columns."""
        self.cursor.execute(
            """
            SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
             WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
             ORDER BY attnum
            """,
            (table,),
        )
        return dict(self.cursor.fetchall())


# ------------------------------------------------------------------ INDEXES


@contextmanager
def without_indexes(cursor, tables):
    """Drop indexes and foreign keys of the tables for the block, and make them again after it.

    Making a foreign key again checks every row: a clone with a wrong reference can't survive. Keys of the
    tables stay.
    """
    constraints, indexes = _constraints(cursor, tables), _indexes(cursor, tables)
    for table, name, _definition in constraints:
        cursor.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name))
        )
    for name, _definition in indexes:
        cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                sql.Identifier(table), sql.Identifier(name), sql.SQL(definition)
            )
        )


def _constraints(cursor, tables):
    cursor.execute(
        """
        SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
         WHERE k.contype = 'f' AND c.relname = ANY(%s) ORDER BY 1, 2
        """,
        (list(tables),),
    )
    return cursor.fetchall()


def _indexes(cursor, tables):
    """Indexes that no constraint owns."""
    cursor.execute(
        """
        SELECT c.relname, pg_get_indexdef(i.indexrelid)
          FROM pg_index i
          JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_class t ON t.oid = i.indrelid
         WHERE t.relname = ANY(%s)
           AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')
         ORDER BY 1
        """,
        (list(tables),),
    )
    return cursor.fetchall()
