from dataclasses import dataclass, field
from decimal import Decimal

from odoo import models
from odoo.tools import SQL


@dataclass(frozen=True)
class FactPart:
    """What a module adds to the one statement of a checkpoint.

    :param columns: name of the fact -> SQL expression; it may refer to ``keys.company_id``,
        ``keys.partner_id`` (commercial partner), ``keys.date`` and to what ``join`` brings
    :param join: joins to put behind ``FROM keys``; they must keep one row per key
    """

    columns: dict[str, SQL] = field(default_factory=dict)
    join: SQL | None = None


class Facts(models.AbstractModel):
    """The measured numbers that the controls of a checkpoint judge by.

    All modules share one statement, so that another control costs no other query.
    """

    _name = "o2c.facts"
    _description = "Facts about debtors"

    def _fact_parts(self, checkpoint):
        """Parts of the statement for ``checkpoint`` (``order``, ``delivery``, ``invoice``).

        Hook: extend the list.
        """
        return []

    def _get_facts(self, keys, checkpoint, date):
        """Facts of debtors as the database has them now, pending writes included.

        :param keys: iterable of ``(company_id, partner_id)``, partners being commercial partners
        :param date: the day to which the facts refer
        :return: ``{(company_id, partner_id): {name: value}}``, with each key that was asked for
        """
        keys = sorted(set(keys))
        parts = self._fact_parts(checkpoint) if keys else []
        columns = [(name, sql) for part in parts for name, sql in part.columns.items()]
        if not columns:
            return {key: {} for key in keys}
        # The statement reads tables which modules choose: whatever waits in the cache must be there.
        self.env.flush_all()
        names = [name for name, _sql in columns]
        rows = self.env.execute_query(self._sql_facts(keys, columns, parts, date))
        return {tuple(row[:2]): dict(zip(names, map(self._to_python, row[2:]), strict=True)) for row in rows}

    def _sql_facts(self, keys, columns, parts, date):
        return SQL(
            """
            WITH keys (company_id, partner_id, date) AS (VALUES %(keys)s)
            SELECT keys.company_id, keys.partner_id, %(columns)s
              FROM keys %(joins)s
            """,
            keys=SQL(", ").join(SQL("(%s::int, %s::int, %s::date)", *key, date) for key in keys),
            columns=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns),
            joins=SQL(" ").join(part.join for part in parts if part.join),
        )

    @staticmethod
    def _to_python(value):
        """PostgreSQL's numeric comes as Decimal, which JSON and float arithmetic refuse."""
        return float(value) if isinstance(value, Decimal) else value

    def _lock_keys(self, keys):
        """Make two confirmations at one moment collide, so that the loser is tried again.

        Called with the keys of the documents that pass a checkpoint. Hook: a module whose control
        adds up over documents updates a row per key here. Under REPEATABLE READ the second of two
        transactions then gets a serialization error, and Odoo runs it again on the new figures.
        """
