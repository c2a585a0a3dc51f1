from odoo import api, models
from odoo.tools import SQL


class CreditLimit(models.Model):
    """What counts on a day, as SQL: one truth for orders, customers, lists and reports.

    Not the ORM: the statement of a checkpoint reads terms, exposure and overdue items of a customer
    at once, and lists need the terms of all customers.
    """

    _inherit = "o2c.credit.limit"

    # === JOINS === #

    @api.model
    def _sql_owner_join(self):
        """Company that holds the limits of a row of ``keys``, with its currency and its root."""
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT owner.id, owner.currency_id, currency.decimal_places,
                       split_part(owner.parent_path, '/', 1)::int AS root_id
                  FROM res_company asked
                  JOIN res_company owner ON owner.id = asked.o2c_exposure_company_id
                  JOIN res_currency currency ON currency.id = owner.currency_id
                 WHERE asked.id = keys.company_id
            ) credit_owner ON TRUE
            """
        )

    @api.model
    def _sql_term_joins(self, prefix, subject):
        """Joins of the rows that count: ``<prefix>_regular``, ``<prefix>_temporary``, ``<prefix>_pause``.

        :param subject: condition on the alias ``granted``: whose terms
        """
        valid = SQL("(granted.date_to IS NULL OR granted.date_to >= keys.date)")
        regular = SQL.identifier(f"{prefix}_regular")
        scope = SQL("%s AND granted.company_id = credit_owner.id AND granted.date_from <= keys.date", subject)
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT granted.*, %(valid)s AS is_valid
                  FROM o2c_credit_limit granted
                 WHERE %(scope)s AND granted.kind = 'regular'
                 ORDER BY %(valid)s DESC, granted.date_from DESC, granted.id DESC
                 LIMIT 1
            ) %(regular)s ON TRUE
            LEFT JOIN LATERAL (
                SELECT granted.id, granted.amount, granted.currency_id, granted.date_to
                  FROM o2c_credit_limit granted
                 WHERE %(scope)s AND granted.kind = 'temporary' AND %(valid)s
                   AND granted.id > CASE WHEN %(regular)s.is_valid THEN %(regular)s.id ELSE 0 END
                 ORDER BY granted.date_from DESC, granted.id DESC
                 LIMIT 1
            ) %(temporary)s ON TRUE
            LEFT JOIN LATERAL (
                SELECT granted.id, granted.kind, granted.date_from
                  FROM o2c_credit_limit granted
                 WHERE %(scope)s AND granted.kind IN ('suspension', 'lifting') AND %(valid)s
                 ORDER BY granted.date_from DESC, granted.id DESC
                 LIMIT 1
            ) %(pause)s ON TRUE
            """,
            valid=valid,
            scope=scope,
            regular=regular,
            temporary=SQL.identifier(f"{prefix}_temporary"),
            pause=SQL.identifier(f"{prefix}_pause"),
        )

    # === COLUMNS === #

    @api.model
    def _sql_term_columns(self, prefix):
        """``{name: SQL}`` over the joins of ``prefix``. Amounts in company currency.

        ``<prefix>_limit`` is NULL where no limit was ever granted and 0 where it has ended; a
        temporary raise is in it, a suspension is not.
        """
        regular, temporary, pause = (f"{prefix}_{part}" for part in ("regular", "temporary", "pause"))
        columns = {
            "limit": self._sql_limit(regular, temporary),
            "limit_id": SQL.identifier(regular, "id"),
            "limit_valid": SQL.identifier(regular, "is_valid"),
            "limit_until": SQL("%s::text", SQL.identifier(regular, "date_to")),
            "temporary_id": SQL.identifier(temporary, "id"),
            "temporary_until": SQL("%s::text", SQL.identifier(temporary, "date_to")),
            "tolerance": SQL("COALESCE(%s, 0)", SQL.identifier(regular, "tolerance")),
            "grade_id": SQL.identifier(regular, "grade_id"),
            "review_date": SQL("%s::text", SQL.identifier(regular, "review_date")),
            "is_expired": SQL("COALESCE(%s < keys.date, FALSE)", SQL.identifier(regular, "review_date")),
            "is_cash_only": SQL("COALESCE(%s, FALSE)", SQL.identifier(regular, "is_cash_only")),
            "period_days": SQL.identifier(regular, "period_days"),
            "cover": SQL("COALESCE(%s, 0)", SQL.identifier(regular, "cover")),
            "payment_term_id": SQL.identifier(regular, "payment_term_id"),
            "suspended": SQL("COALESCE(%s = 'suspension', FALSE)", SQL.identifier(pause, "kind")),
            "suspended_since": SQL("%s::text", SQL.identifier(pause, "date_from")),
        }
        return {f"{prefix}_{name}": sql for name, sql in columns.items()}

    @api.model
    def _sql_limit(self, regular, temporary):
        """The higher of regular limit and raise; 0 for a limit that has ended."""
        return SQL(
            """
            CASE WHEN %(temporary_id)s IS NOT NULL
                 THEN GREATEST(CASE WHEN %(is_valid)s THEN %(regular)s ELSE 0 END, %(temporary)s)
                 WHEN %(is_valid)s THEN %(regular)s
                 WHEN %(regular_id)s IS NOT NULL THEN 0
            END
            """,
            temporary_id=SQL.identifier(temporary, "id"),
            is_valid=SQL.identifier(regular, "is_valid"),
            regular_id=SQL.identifier(regular, "id"),
            regular=self._sql_in_company(regular),
            temporary=self._sql_in_company(temporary),
        )

    @api.model
    def _sql_in_company(self, alias):
        """``amount`` of a row in the currency of ``credit_owner`` at the rate of ``keys.date``, rounded."""
        table = SQL.identifier(alias)
        return SQL(
            """
            CASE WHEN %(t)s.currency_id = credit_owner.currency_id THEN %(t)s.amount
                 ELSE ROUND(%(t)s.amount * %(to_rate)s / %(from_rate)s, credit_owner.decimal_places) END
            """,
            t=table,
            to_rate=self._sql_rate(SQL("credit_owner.currency_id")),
            from_rate=self._sql_rate(SQL("%s.currency_id", table)),
        )

    @api.model
    def _sql_rate(self, currency):
        """Rate of a currency on ``keys.date``, by Odoo's rules (``res.currency._get_rates``)."""
        rate = SQL(
            """
            (SELECT rate.rate FROM res_currency_rate rate
              WHERE rate.currency_id = %s
                AND (rate.company_id IS NULL OR rate.company_id = credit_owner.root_id)""",
            currency,
        )
        return SQL(
            """COALESCE(%(rate)s AND rate.name <= keys.date ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                        %(rate)s ORDER BY rate.company_id, rate.name LIMIT 1), 1.0)::numeric""",
            rate=rate,
        )

    # === STATEMENTS === #

    @api.model
    def _sql_terms(self, company, partners=None, date=None):
        """One row per customer who ever got terms: ``partner_id`` and the ``credit_*`` columns.

        :param company: company that holds limits
        :param partners: SQL condition on ``granted``; everybody when empty
        """
        columns = self._sql_term_columns("credit")
        return SQL(
            """
            SELECT keys.partner_id, %(columns)s
              FROM (SELECT DISTINCT granted.partner_id, granted.company_id, %(day)s::date AS date
                      FROM o2c_credit_limit granted
                     WHERE granted.company_id = %(company)s AND granted.partner_id IS NOT NULL
                       AND %(partners)s) keys
              %(owner)s %(joins)s
            """,
            columns=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(n)) for n, sql in columns.items()),
            company=company.id,
            day=date or company._o2c_today(),
            partners=partners or SQL("TRUE"),
            owner=self._sql_owner_join(),
            joins=self._sql_term_joins("credit", SQL("granted.partner_id = keys.partner_id")),
        )

    @api.model
    def _read_terms(self, company, partner_ids=None, date=None):
        """``{partner id: {credit_*: value}}`` of customers who ever got terms, in one query."""
        self.flush_model()
        scope = SQL("granted.partner_id = ANY(%s)", list(partner_ids)) if partner_ids is not None else None
        names = list(self._sql_term_columns("credit"))
        rows = self.env.execute_query(self._sql_terms(company, scope, date))
        return {
            partner: {
                name: self.env["o2c.facts"]._to_python(value)
                for name, value in zip(names, values, strict=True)
            }
            for partner, *values in rows
        }

    @api.model
    def _sql_grades(self, keys):
        """SELECT of ``partner_id, grade_id``: grade of the customer's own terms, else of its group's.

        :param keys: SELECT of ``partner_id`` (commercial partner), ``company_id, date``
        """
        own = SQL("granted.partner_id = keys.partner_id")
        group = SQL("granted.corporate_group_id = credit_debtor.o2c_corporate_group_id")
        return SQL(
            """
            SELECT keys.partner_id,
                   CASE WHEN credit_regular.id IS NOT NULL THEN credit_regular.grade_id
                        ELSE group_credit_regular.grade_id END AS grade_id
              FROM (%(keys)s) keys
              LEFT JOIN res_partner credit_debtor ON credit_debtor.id = keys.partner_id
              %(owner)s %(own)s %(group)s
            """,
            keys=keys,
            owner=self._sql_owner_join(),
            own=self._sql_term_joins("credit", own),
            group=self._sql_term_joins("group_credit", group),
        )

    @api.model
    def _get_grades(self, company, partners, date=None):
        """``{commercial partner id: grade id}`` of customers who are graded, as of a day. One query."""
        ids = partners.sudo().commercial_partner_id.ids
        if not ids:
            return {}
        self.flush_model()
        self.env["res.partner"].flush_model(["o2c_corporate_group_id"])
        keys = SQL(
            "SELECT unnest(%s) AS partner_id, %s AS company_id, %s::date AS date",
            ids, company.id, date or company._o2c_today())
        rows = self.env.execute_query(self._sql_grades(keys))
        return {partner_id: grade_id for partner_id, grade_id in rows if grade_id}

    @api.model
    def _sql_current(self, company):
        """Per customer and group: ids of the rows that count today (NULL where none)."""
        return SQL(
            """
            SELECT CASE WHEN credit_regular.is_valid THEN credit_regular.id END, credit_temporary.id,
                   CASE WHEN credit_pause.kind = 'suspension' THEN credit_pause.id END
              FROM (SELECT DISTINCT granted.partner_id, granted.corporate_group_id, granted.company_id,
                           %(day)s::date AS date
                      FROM o2c_credit_limit granted
                     WHERE granted.company_id = %(company)s) keys
              %(owner)s %(joins)s
            """,
            company=company.id,
            day=company._o2c_today(),
            owner=self._sql_owner_join(),
            joins=self._sql_term_joins(
                "credit",
                SQL(
                    "(granted.partner_id = keys.partner_id"
                    " OR granted.corporate_group_id = keys.corporate_group_id)"
                ),
            ),
        )
