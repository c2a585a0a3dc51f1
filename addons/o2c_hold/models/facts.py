import hashlib
from dataclasses import dataclass, field
from decimal import Decimal

from odoo import models
from odoo.tools import SQL, ormcache

STATEMENT_PREFIX = "o2c_facts_"
# Statements of this kind that a connection keeps: each checkpoint has one, and changed settings make others.
STATEMENTS_KEPT = 10


@dataclass(frozen=True)
class FactPart:
    """What a module adds to the one statement of a checkpoint.

    :param columns: name of the fact -> SQL expression; it may refer to ``keys.company_id``,
        ``keys.partner_id`` (commercial partner), ``keys.date`` and to what ``join`` brings
    :param join: joins to put behind ``FROM keys``; they must keep one row per key
    :param alone: for a part about the corporate group of a debtor, the value of all its columns for those
        who are in none. Where no key has a group the part is left out: a database spends half of the
        time for few documents on setting up what it then need not run.
    """

    columns: dict[str, SQL] = field(default_factory=dict)
    join: SQL | None = None
    alone: SQL | None = None


class Facts(models.AbstractModel):
    """The measured numbers that the controls of a checkpoint judge by.

    All modules share one statement, so that another control costs no other query.
    """

    _name = "o2c.facts"
    _description = "Facts about debtors"

    def _fact_parts(self, checkpoint):
        """Parts of the statement for ``checkpoint`` (``order``, ``delivery``, ``invoice``).

        Hook: extend the list. It is asked for once and kept until a cache of the registry is cleared, so
        it must not depend on user, company, language or time: those come by ``keys``.
        """
        return []

    def _get_facts(self, keys, checkpoint, date):
        """Facts of debtors as the database has them now, pending writes included.

        :param keys: iterable of ``(company_id, partner_id)``, partners being commercial partners
        :param date: the day to which the facts refer
        :return: ``{(company_id, partner_id): {name: value}}``, with each key that was asked for
        """
        keys = sorted(set(keys))
        if not keys:
            return {}
        partners = self.env["res.partner"].sudo().browse(partner_id for _company_id, partner_id in keys)
        with_groups = any(partner.o2c_corporate_group_id for partner in partners)
        names, prepare, name = self._get_statement(checkpoint, with_groups)
        if not names:
            return {key: {} for key in keys}
        # The statement reads tables which modules choose: whatever waits in the cache must be there.
        self.env.flush_all()
        values = [list(ids) for ids in zip(*keys, strict=True)]
        rows = self.env.execute_query(SQL("%s EXECUTE %s (%s, %s, %s)", prepare, name, *values, date))
        return {tuple(row[:2]): dict(zip(names, map(self._to_python, row[2:]), strict=True)) for row in rows}

    @ormcache("checkpoint", "with_groups")
    def _get_statement(self, checkpoint, with_groups):
        """``(names of the facts, SQL that prepares the statement, its name)``; with what concerns corporate
        groups, or for debtors without one.

        Planning the statement costs ten times what running it does, so the database prepares it once per
        connection. It is asked every time whether it has: whoever remembered that on this side would be
        wrong after a reconnection or behind a pooler, and the error would break the transaction.
        """
        parts = self._fact_parts(checkpoint)
        if not with_groups:
            parts = [
                part if part.alone is None else FactPart(dict.fromkeys(part.columns, part.alone))
                for part in parts
            ]
        columns = [(name, sql) for part in parts for name, sql in part.columns.items()]
        if not columns:
            return (), None, None
        text = self._format_sql(self._sql_facts(columns, parts))
        # A column that an update of a module changed would make the old statement fail for good.
        version = f"{self.env.registry.registry_sequence} {text}"
        name = STATEMENT_PREFIX + hashlib.sha256(version.encode()).hexdigest()[:32]
        prepare = self._format_sql(self._sql_prepare(name, text)).replace("%", "%%")
        return tuple(name for name, _sql in columns), SQL(prepare), SQL.identifier(name)

    def _format_sql(self, sql):
        """The text of a statement with its parameters in it."""
        return self.env.cr.mogrify(sql).decode()

    def init(self):
        """The database's half of :meth:`_sql_prepare`. A function, because the plans of its own queries are
        kept by the connection, which for a block of code (DO) they are not."""
        super().init()
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION o2c_prepare(wanted text, statement text) RETURNS void
                LANGUAGE plpgsql AS $o2c_prepare$
                DECLARE old text;
                BEGIN
                    IF NOT EXISTS (SELECT FROM pg_prepared_statements WHERE name = wanted) THEN
                        FOR old IN SELECT name FROM pg_prepared_statements WHERE starts_with(name, %(prefix)s)
                                    ORDER BY prepare_time DESC OFFSET %(others)s
                        LOOP
                            EXECUTE format('DEALLOCATE %%I', old);
                        END LOOP;
                        EXECUTE statement;
                    END IF;
                END $o2c_prepare$
                """,
                prefix=STATEMENT_PREFIX,
                others=STATEMENTS_KEPT - 1,
            )
        )

    def _sql_prepare(self, name, text):
        """Prepare a statement unless this connection has it, in the round trip that executes it.

        The plan must be the generic one: for arrays of unknown length PostgreSQL would find it dearer
        than a plan for this very call, and plan each time. The setting ends with the transaction.
        """
        return SQL(
            "SELECT o2c_prepare(%s, %s); SET LOCAL plan_cache_mode TO force_generic_plan;",
            name,
            f"PREPARE {name} (int[], int[], date) AS {text}",
        )

    def _sql_facts(self, columns, parts):
        """The statement; its parameters are companies and partners of the keys, and the date."""
        return SQL(
            """
            WITH keys AS (
                SELECT company_id, partner_id, $3 AS date
                  FROM unnest($1, $2) AS asked (company_id, partner_id))
            SELECT keys.company_id, keys.partner_id, %(columns)s
              FROM keys %(joins)s
            """,
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
