from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount


class CreditGuarantee(models.Model):
    """What a guarantee is worth, and the receipt behind a deposit."""

    _inherit = "o2c.credit.guarantee"

    # === COMPUTES === #

    @api.depends("value", "currency_id", "haircut", "payment_id", "company_id")
    def _compute_cover_value(self):
        values = self._origin._get_cover_values()
        for guarantee in self:
            if guarantee._origin and guarantee == guarantee._origin:
                guarantee.cover_value = values[guarantee.id]
            else:
                guarantee.cover_value = guarantee._get_edited_cover()

    def _get_edited_cover(self):
        """Cover of values that are not saved yet; the receipt of a deposit is looked at when saved."""
        company = self.company_id or self.env.company
        if not self.currency_id:
            return 0.0
        value = self.currency_id._convert(
            self.value, company.currency_id, company, company._o2c_today(), round=False
        )
        return company.currency_id.round(value * (100 - self.haircut) / 100)

    # === BUSINESS METHODS === #

    def _get_cover_values(self, date=None):
        """Value less haircut in company currency: ``{id: amount}``, whatever the state.

        :param date: rates of this day, by default of today in each company
        """
        self.flush_recordset()
        values = {}
        for company, guarantees in self.sudo().grouped("company_id").items():
            day = SQL("%s::date", date or company._o2c_today())
            condition = SQL("g.id = ANY(%s)", list(guarantees.ids))
            query = SQL(
                "SELECT id, cover FROM (%s) covers",
                self._sql_worth(condition, day),
                to_flush=self._get_worth_fields(),
            )
            values.update((row_id, float(cover)) for row_id, cover in self.env.execute_query(query))
        return values

    @api.model
    def _get_additions(self, company, subjects):
        """What guarantees add to limits today: ``{id of the customer or corporate group: amount}``.

        In the currency of the company that holds the limits; without subjects who have none.
        :param subjects: commercial partners, or corporate groups
        """
        owner = company.sudo().o2c_exposure_company_id
        self.flush_model()
        name = "corporate_group_id" if subjects._name == "o2c.corporate.group" else "partner_id"
        query = SQL(
            "SELECT %s, addition FROM (%s) additions",
            SQL.identifier(name),
            self._sql_additions(owner, SQL("%s = ANY(%s)", SQL.identifier("g", name), list(subjects.ids))),
            to_flush=self._get_worth_fields(),
        )
        return {subject: float(amount) for subject, amount in self.env.execute_query(query)}

    def _check_receipt(self):
        """A deposit is a guarantee or a receipt, never both.

        :raise UserError: when the receipt is not free, or not of this customer, company and currency
        """
        for guarantee in self.filtered("payment_id").sudo():
            payment = guarantee.payment_id
            if guarantee.kind != "deposit":
                raise UserError(self.env._("Only a deposit has a receipt: %s", guarantee.display_name))
            if problem := guarantee._get_receipt_problem():
                raise UserError(
                    self.env._(
                        "Receipt %(receipt)s can't be the guarantee %(guarantee)s: %(problem)s",
                        receipt=payment.display_name,
                        guarantee=guarantee.display_name,
                        problem=problem,
                    )
                )

    def _get_receipt_problem(self):
        """Why the receipt can't be this guarantee, or ``None``."""
        payment = self.payment_id
        if payment.partner_id.commercial_partner_id not in self._get_debtors():
            return self.env._("somebody else paid it.")
        if payment.company_id.o2c_exposure_company_id != self.company_id:
            return self.env._("another company received it.")
        if payment.currency_id != self.currency_id:
            return self.env._("it is in %s.", payment.currency_id.name)
        others = [("payment_id", "=", payment.id), ("state", "in", ("requested", "in_force"))]
        begins = self.date_from <= self.company_id._o2c_today()
        free = self | self.replaces_id if begins else self
        other = self.search([*others, ("id", "not in", free.ids)], limit=1)
        if other:
            return self.env._("it is the guarantee %s already.", other.name)
        free = self._get_free_receipt()
        if self.currency_id.compare_amounts(free, self.value) < 0:
            return self.env._(
                "%(free)s of it are booked and not matched with invoices, %(value)s are needed.",
                free=format_amount(self.env, free, self.currency_id),
                value=format_amount(self.env, self.value, self.currency_id),
            )
        return None

    def _get_free_receipt(self):
        """In the currency of the receipt: what no invoice has consumed; 0 before it is booked."""
        lines = self.payment_id.move_id.line_ids.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.account_id.account_type == "asset_receivable"
                and line.amount_residual < 0
            )
        )
        return -sum(lines.mapped("amount_residual_currency"))

    # === SQL === #

    @api.model
    def _sql_additions(self, company, condition=None):
        """Rows (company_id, partner_id, corporate_group_id, addition) of today, one per customer or group
        of a company that holds limits."""
        scope = SQL("g.company_id = %s AND %s", company.id, condition or SQL("TRUE"))
        return self._sql_additions_on(SQL("%s::date", company._o2c_today()), scope)

    @api.model
    def _sql_additions_on(self, day, scope=None):
        """The same rows on a day, of all companies.

        :param day: SQL expression of a date; it may look at the alias ``g``
        """
        condition = SQL("g.adds_to_limit AND %s", scope or SQL("TRUE"))
        return SQL(
            """SELECT company_id, partner_id, corporate_group_id, SUM(cover) AS addition
                 FROM (%s) covers GROUP BY company_id, partner_id, corporate_group_id""",
            self._sql_cover(condition, day),
        )

    @api.model
    def _sql_cover(self, condition, day):
        """Rows of the guarantees that count on ``day``; see :meth:`_sql_worth`.

        Not the ORM: facts and lists read it for all customers in the statement they run anyway.
        """
        return self._sql_worth(
            SQL(
                """%(condition)s
                AND g.state = 'in_force'
                AND g.date_from <= %(day)s
                AND (g.date_to IS NULL OR g.date_to >= %(day)s)
                AND NOT EXISTS (SELECT FROM o2c_credit_guarantee successor
                                 WHERE successor.replaces_id = g.id AND successor.state = 'in_force'
                                   AND successor.date_from <= %(day)s)""",
                condition=condition,
                day=day,
            ),
            day,
        )

    @api.model
    def _sql_worth(self, condition, day):
        """Rows (id, company_id, partner_id, corporate_group_id, adds_to_limit, date_to, cover).

        ``cover`` is the value less the haircut in the currency of the company, at the rate
        of ``day`` as Odoo finds it. The receipt of a deposit is worth what no invoice has
        consumed of it, at its booked value.

        :param condition: on the alias ``g``
        :param day: SQL expression of a date
        """
        return SQL(
            """
            SELECT g.id, g.company_id, g.partner_id, g.corporate_group_id, g.adds_to_limit, g.date_to,
                   ROUND((CASE WHEN g.payment_id IS NOT NULL THEN held.amount
                               WHEN g.currency_id = holder.currency_id THEN g.value
                               ELSE g.value * %(to_rate)s / %(from_rate)s END
                          * (100 - g.haircut::numeric) / 100)::numeric, currency.decimal_places) AS cover
              FROM o2c_credit_guarantee g
              JOIN res_company holder ON holder.id = g.company_id
              JOIN res_currency currency ON currency.id = holder.currency_id
              LEFT JOIN LATERAL (
                   SELECT COALESCE(SUM(deposits.deposit), 0) AS amount
                     FROM (%(deposits)s) deposits
                    WHERE g.payment_id IS NOT NULL) held ON TRUE
             WHERE %(condition)s
            """,
            from_rate=self._sql_rate(SQL("g.currency_id"), day),
            to_rate=self._sql_rate(SQL("holder.currency_id"), day),
            deposits=self._sql_deposits(SQL("guarantee.id = g.id")),
            condition=condition,
        )

    @api.model
    def _sql_rate(self, currency, day):
        """Rate of a currency for the company ``holder`` on a day: the latest, else the first, else 1."""
        return SQL(
            """COALESCE(
                (SELECT rate FROM res_currency_rate known
                  WHERE known.currency_id = %(currency)s AND known.name <= %(day)s AND %(own)s
                  ORDER BY known.company_id, known.name DESC LIMIT 1),
                (SELECT rate FROM res_currency_rate known
                  WHERE known.currency_id = %(currency)s AND %(own)s
                  ORDER BY known.company_id, known.name LIMIT 1),
                1)::numeric""",
            currency=currency,
            day=day,
            own=SQL(
                "(known.company_id IS NULL OR known.company_id = split_part(holder.parent_path, '/', 1)::int)"
            ),
        )

    @api.model
    def _sql_deposits(self, condition):
        """Rows of open receipts that are deposits: (guarantee_id, line_id, debtor columns, deposit).

        ``deposit`` is in company currency, positive: what no invoice has consumed of the
        receipt, at its booked value, up to the value of the guarantee.

        :param condition: on the aliases ``guarantee``, ``debtor`` and ``company``
        """
        return SQL(
            """
            SELECT guarantee.id AS guarantee_id, line.id AS line_id,
                   company.o2c_exposure_company_id AS company_id,
                   debtor.commercial_partner_id AS partner_id,
                   -line.amount_residual * LEAST(1, guarantee.value / NULLIF(
                       SUM(-line.amount_residual_currency) OVER (PARTITION BY guarantee.id), 0)) AS deposit
              FROM o2c_credit_guarantee guarantee
              JOIN account_payment payment ON payment.id = guarantee.payment_id
              JOIN account_move_line line ON line.move_id = payment.move_id
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner debtor ON debtor.id = line.partner_id
              JOIN res_company company ON company.id = line.company_id
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted'
               AND line.reconciled IS NOT TRUE
               AND line.amount_residual < 0
               AND line.display_type IS DISTINCT FROM 'payment_term'
               AND %s
            """,
            condition,
        )

    @api.model
    def _get_worth_fields(self):
        """Fields that the statements read beside those of guarantees, for flushing."""
        names = {
            "account.move.line": (
                "account_id",
                "amount_residual",
                "amount_residual_currency",
                "company_id",
                "display_type",
                "move_id",
                "parent_state",
                "partner_id",
                "reconciled",
            ),
            "account.payment": ("move_id",),
            "res.currency.rate": ("company_id", "currency_id", "name", "rate"),
        }
        return [self.env[model]._fields[name] for model, fields in names.items() for name in fields]
