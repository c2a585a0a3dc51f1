from odoo import api, models
from odoo.tools import SQL

from ..rules.exposure import Component, ComponentAmount, Exposure, Source


class O2cExposure(models.AbstractModel):
    """What a customer owes, or will owe if nobody stops it. Measured, never stored.

    A *source* is one SELECT over documents with the columns ``company_id`` (the company
    whose limits apply), ``partner_id`` (the debtor, a commercial partner), ``res_id`` and
    one amount in company currency per component. A module adds a source by extending
    :meth:`_sources` and defining ``_sql_source_<name>(scope)``. ``scope`` is a condition on
    the aliases ``debtor`` (res_partner) and ``company`` (res_company) that every source
    joins; with ``TRUE`` the same statement answers for everybody.
    """

    _name = "o2c.exposure"
    _description = "Exposure of customers"

    # -------------------------------------------------------------------------
    # Components
    # -------------------------------------------------------------------------

    @api.model
    def _sources(self):
        """Sources in the order of the waterfall."""
        return [
            Source("receivables", "account.move.line", (
                Component("receivable", self.env._("Open receivables")),
                Component("unallocated", self.env._("Unallocated receipts")),
            )),
            Source("orders", "sale.order", (
                Component("delivered", self.env._("Delivered, not invoiced")),
                Component("ordered", self.env._("Ordered, not delivered")),
            )),
        ]

    @api.model
    def _components(self):
        """All components, in the order of the waterfall."""
        return [component for source in self._sources() for component in source.components]

    # -------------------------------------------------------------------------
    # Exposure in Python
    # -------------------------------------------------------------------------

    @api.model
    def _get_exposure(self, partners, company):
        """Exposure of each partner's debtor in ``company``.

        Amounts are in the currency of ``company``, as of now. A branch without limits of
        its own answers with the figures of the company whose limits apply to it.

        :return: ``{partner.id: Exposure}`` with an entry for every partner (zero when the
            partner owes nothing), in a constant number of queries
        """
        debtors = {partner.id: partner.commercial_partner_id.id for partner in partners}
        exposures = self._get_exposure_by_key([(company.id, debtor) for debtor in set(debtors.values())])
        return {partner: exposures[company.id, debtor] for partner, debtor in debtors.items()}

    @api.model
    def _get_exposure_by_key(self, keys):
        """Exposure of ``keys``, pairs of company id and commercial partner id, in one statement.

        :return: ``{(company_id, partner_id): Exposure}``, zero for a key without documents
        """
        keys = list(keys)
        if not keys:
            return {}
        companies = self.env["res.company"].sudo().browse({company for company, __ in keys})
        owners = {company.id: company.o2c_exposure_company_id.id for company in companies}
        scope = self._sql_scope(partner_ids={partner for __, partner in keys}, company_ids=owners.values())
        rows = {(row[0], row[1]): row for row in self.env.execute_query(self._sql_exposure(scope))}
        zero = (0, 0, 0.0, *(0.0 for __ in self._components()))
        return {
            (company, partner): self._exposure_from_row(owners[company], rows.get((owners[company], partner), zero))
            for company, partner in keys
        }

    @api.model
    def _get_group_exposure(self, groups, company):
        """Exposure of corporate groups in ``company``: the sum over their members.

        :return: ``{group.id: Exposure}`` in one statement
        """
        owner = company.sudo().o2c_exposure_company_id
        scope = self._sql_scope(
            company_ids=owner.ids,
            condition=SQL("debtor.o2c_corporate_group_id = ANY(%s)", list(groups.ids)),
        )
        query = self._sql_exposure(scope, by_group=True)
        rows = {row[1]: row for row in self.env.execute_query(query)}
        zero = (0, 0, 0.0, *(0.0 for __ in self._components()))
        return {group.id: self._exposure_from_row(owner.id, rows.get(group.id, zero)) for group in groups}

    @api.model
    def _exposure_from_row(self, company_id, row):
        """Build the value object from a row of :meth:`_sql_exposure`."""
        currency = self.env["res.company"].sudo().browse(company_id).currency_id
        weights = self._get_weights()
        parts = tuple(
            ComponentAmount(
                component.code,
                component.label,
                currency.round(float(amount)),
                weights.get((company_id, component.code), component.weight),
            )
            for component, amount in zip(self._components(), row[3:], strict=True)
        )
        return Exposure(currency.round(float(row[2])), parts)

    # -------------------------------------------------------------------------
    # Exposure in SQL
    # -------------------------------------------------------------------------

    @api.model
    def _sql_scope(self, *, partner_ids=None, company_ids=None, condition=None):
        """Condition that restricts every source; without arguments everybody."""
        terms = [condition or SQL("TRUE")]
        if partner_ids is not None:
            terms.append(SQL("debtor.commercial_partner_id = ANY(%s)", list(partner_ids)))
        if company_ids is not None:
            terms.append(SQL("company.o2c_exposure_company_id = ANY(%s)", list(company_ids)))
        return SQL(" AND ").join(terms)

    @api.model
    def _sql_exposure(self, scope=None, *, by_group=False):
        """Exposure of everybody in ``scope``, as one SELECT.

        Columns: ``company_id, partner_id, total`` and one per component, in the order of
        :meth:`_components`. ``by_group`` sums over corporate groups instead and yields the
        group's id in the place of ``partner_id``. No row for a debtor without documents.
        """
        components = self._components()
        sums = SQL(", ").join(
            SQL("SUM(%s) AS %s", SQL.identifier(c.code), SQL.identifier(c.code)) for c in components
        )
        columns = SQL(", ").join(SQL.identifier(c.code) for c in components)
        if by_group:
            rows = SQL(
                """SELECT documents.*, member.o2c_corporate_group_id AS debtor_id
                     FROM (%s) documents
                     JOIN res_partner member ON member.id = documents.partner_id
                    WHERE member.o2c_corporate_group_id IS NOT NULL""",
                self._sql_documents(scope),
            )
        else:
            rows = SQL("SELECT documents.*, partner_id AS debtor_id FROM (%s) documents", self._sql_documents(scope))
        return SQL(
            """SELECT company_id, partner_id, %s AS total, %s
                 FROM (SELECT company_id, debtor_id AS partner_id, %s
                         FROM (%s) documents GROUP BY company_id, debtor_id) sums""",
            self._sql_total(), columns, sums, rows,
        )

    @api.model
    def _sql_documents(self, scope=None):
        """Union of all sources, with a column for each component (0 where another source has it)."""
        scope = scope or self._sql_scope()
        parts = []
        for source in self._sources():
            own = {component.code for component in source.components}
            columns = SQL(", ").join(
                SQL.identifier(c.code) if c.code in own else SQL("0::numeric AS %s", SQL.identifier(c.code))
                for c in self._components()
            )
            parts.append(SQL(
                "SELECT company_id, partner_id, %s FROM (%s) %s",
                columns, self._sql_source(source, scope), SQL.identifier(source.name),
            ))
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _sql_source(self, source, scope):
        """Rows of one source within ``scope``."""
        return getattr(self, f"_sql_source_{source.name}")(scope)

    @api.model
    def _sql_total(self):
        """Weighted sum of the component columns of a row that has a ``company_id``."""
        weights = self._get_weights()
        terms = []
        for component in self._components():
            cases = [
                SQL("WHEN %s THEN %s::numeric", company_id, weight)
                for (company_id, code), weight in weights.items() if code == component.code
            ]
            weight = SQL("%s::numeric", component.weight)
            if cases:
                weight = SQL("CASE company_id %s ELSE %s END", SQL(" ").join(cases), weight)
            if cases or component.weight != 1.0:
                terms.append(SQL("%s * %s", SQL.identifier(component.code), weight))
            else:
                terms.append(SQL.identifier(component.code))
        return SQL("(%s)", SQL(" + ").join(terms))

    @api.model
    def _get_weights(self):
        """Weights that companies set: ``{(company_id, component code): weight}``."""
        return self.env["o2c.exposure.weight"]._get_all()

    # -------------------------------------------------------------------------
    # Facts of a checkpoint
    # -------------------------------------------------------------------------

    @api.model
    def _fact_parts(self):
        """Columns and joins for ``o2c.facts``: the exposure of each row of ``keys``.

        :return: list of ``(columns, join)`` with ``columns`` = ``{"exposure": SQL,
            "exposure_<component>": SQL, ...}``, all 0 where nothing is owed
        """
        scope = self._sql_scope(
            condition=SQL("debtor.commercial_partner_id IN (SELECT partner_id FROM keys)")
        )
        return [self._sql_fact_part("exposure", self._sql_exposure(scope), SQL("keys.partner_id"))]

    @api.model
    def _group_fact_parts(self):
        """As :meth:`_fact_parts`, for the corporate group of each key (0 without a group)."""
        scope = self._sql_scope(condition=SQL(
            """debtor.o2c_corporate_group_id IN (
                SELECT member.o2c_corporate_group_id FROM res_partner member
                  JOIN keys ON keys.partner_id = member.id)"""
        ))
        group = SQL("(SELECT o2c_corporate_group_id FROM res_partner WHERE id = keys.partner_id)")
        return [self._sql_fact_part("group_exposure", self._sql_exposure(scope, by_group=True), group)]

    @api.model
    def _sql_fact_part(self, name, query, debtor):
        """Columns and join that read ``query`` for the ``debtor`` expression of ``keys``."""
        alias = SQL.identifier(name)
        columns = {name: SQL("COALESCE(%s.total, 0)", alias)}
        for component in self._components():
            columns[f"{name}_{component.code}"] = SQL(
                "COALESCE(%s, 0)", SQL.identifier(name, component.code)
            )
        join = SQL(
            """LEFT JOIN (%(query)s) %(alias)s
                      ON %(alias)s.partner_id = %(debtor)s
                     AND %(alias)s.company_id = (
                         SELECT o2c_exposure_company_id FROM res_company WHERE id = keys.company_id)""",
            query=query, alias=alias, debtor=debtor,
        )
        return columns, join
