from odoo import api, models
from odoo.tools import SQL

from ..rules.exposure import Component, ComponentAmount, Exposure, Lookup, Source


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
            ), ("overdue_since", "overdue_amount"), takes_lookup=True),
            Source("orders", "sale.order", (
                Component("delivered", self.env._("Delivered, not invoiced")),
                Component("ordered", self.env._("Ordered, not delivered")),
            ), takes_lookup=True),
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
        partners.fetch(["commercial_partner_id"])
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
        scope = self._sql_scope(
            partner_ids={partner for __, partner in keys}, company_ids=set(owners.values()))
        found = self._read_exposure(self._sql_exposure(scope))
        nothing = {owner: self._build_exposure(owner) for owner in set(owners.values())}
        return {
            (company, partner): found.get((owners[company], partner), nothing[owners[company]])
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
            condition=self._sql_members(SQL("= ANY(%s)", list(groups.ids))),
        )
        found = self._read_exposure(self._sql_exposure(scope, by_group=True))
        nothing = self._build_exposure(owner.id)
        return {group.id: found.get((owner.id, group.id), nothing) for group in groups}

    @api.model
    def _read_exposure(self, query):
        """Run a statement made by :meth:`_sql_exposure`; ``{(company_id, partner_id): Exposure}``."""
        components = self._components()
        return {
            (company, debtor): self._build_exposure(company, total, amounts, components=components)
            for company, debtor, total, *amounts in self.env.execute_query(query)
        }

    @api.model
    def _build_exposure(self, company_id, total=0.0, amounts=None, *, components=None):
        """Value object for amounts in the order of the components."""
        components = components or self._components()
        weights = self._get_weights()
        parts = tuple(
            ComponentAmount(c.code, c.label, float(amount), weights.get((company_id, c.code), c.weight))
            for c, amount in zip(components, amounts or [0.0] * len(components), strict=True)
        )
        return Exposure(float(total), parts)

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
            SQL("COALESCE(SUM(%s), 0) AS %s", SQL.identifier(c.code), SQL.identifier(c.code))
            for c in components
        )
        if by_group:
            rows = SQL(
                """SELECT documents.*, member.o2c_corporate_group_id AS debtor_id
                     FROM (%s) documents
                     JOIN res_partner member ON member.id = documents.partner_id
                    WHERE member.o2c_corporate_group_id IS NOT NULL""",
                self._sql_documents(scope),
            )
        else:
            rows = SQL(
                "SELECT documents.*, partner_id AS debtor_id FROM (%s) documents",
                self._sql_documents(scope))
        return self._sql_rounded(SQL(
            """SELECT company_id, debtor_id AS partner_id, %s
                 FROM (%s) documents GROUP BY company_id, debtor_id""",
            sums, rows,
        ))

    @api.model
    def _measures(self):
        """Names of all measures, in the order of the sources."""
        return [measure for source in self._sources() for measure in source.measures]

    @api.model
    def _sql_rounded(self, sums, measures=()):
        """Add the total to rows of sums and round everything to the company's currency.

        :param measures: names of columns of ``sums`` to hand through
        """
        columns = SQL(", ").join(
            SQL("ROUND(%s, currency.decimal_places) AS %s", SQL.identifier(c.code), SQL.identifier(c.code))
            for c in self._components()
        )
        return SQL(
            """SELECT sums.company_id, sums.partner_id,
                      ROUND(%s, currency.decimal_places) AS total, %s
                 FROM (%s) sums
                 JOIN res_company owner ON owner.id = sums.company_id
                 JOIN res_currency currency ON currency.id = owner.currency_id""",
            self._sql_total(),
            SQL(", ").join([columns, *(SQL.identifier("sums", name) for name in measures)]),
            sums,
        )

    @api.model
    def _sql_documents(self, scope=None):
        """Union of all sources, with a column for each component (NULL where another source has it)."""
        scope = scope or self._sql_scope()
        parts = []
        for source in self._sources():
            own = {component.code for component in source.components}
            columns = SQL(", ").join(
                SQL.identifier(c.code)
                if c.code in own
                else SQL("NULL::numeric AS %s", SQL.identifier(c.code))
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
    def _sql_debtor(self, scope, partner, company):
        """How a source that takes lookups comes from its rows to their debtors.

        :param scope: condition on ``debtor`` and ``company``, or a `Lookup`
        :param partner: column with the partner of a row; ``company``: with its company
        :return: ``joins`` and the condition ``scope``; ``owner`` and ``debtor``, the company whose limits
            apply and the commercial partner: NULL for a lookup, whose rows are of one debtor
        """
        if isinstance(scope, Lookup):
            return {
                "joins": SQL(""),
                "scope": SQL(
                    "%s = ANY(ARRAY(%s)) AND %s = ANY(ARRAY(%s))",
                    partner, scope.partners, company, scope.companies),
                "owner": SQL("NULL::int"),
                "debtor": SQL("NULL::int"),
            }
        return {
            "joins": SQL(
                "JOIN res_partner debtor ON debtor.id = %s JOIN res_company company ON company.id = %s",
                partner, company),
            "scope": scope,
            "owner": SQL("company.o2c_exposure_company_id"),
            "debtor": SQL("debtor.commercial_partner_id"),
        }

    @api.model
    def _sql_total(self):
        """Weighted sum of the component columns of a row ``sums``."""
        return SQL("(%s)", SQL(" + ").join(
            SQL("%s * %s", SQL.identifier(component.code), self._sql_weight(component))
            for component in self._components()
        ))

    @api.model
    def _sql_weight(self, component):
        """Weight of a component in the company of a row ``sums``."""
        weight = SQL("%s::numeric", component.weight)
        cases = [
            SQL("WHEN %s THEN %s::numeric", company_id, own)
            for (company_id, code), own in self._get_weights().items() if code == component.code
        ]
        return SQL("CASE sums.company_id %s ELSE %s END", SQL(" ").join(cases), weight) if cases else weight

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

        A checkpoint has few keys, so each is looked up by itself (LATERAL).

        :return: list of ``(columns, join)`` with ``columns`` = ``{"exposure": SQL,
            "exposure_<component>": SQL, ...}``, all 0 where nothing is owed, and the measures of
            the sources by their own names: ``overdue_since``, ``overdue_amount``
        """
        condition = SQL("debtor.commercial_partner_id = keys.partner_id")
        return [self._sql_fact_part("exposure", condition, self._measures())]

    @api.model
    def _group_fact_parts(self, gate=None):
        """As :meth:`_fact_parts`, for the corporate group of each key (0 without a group).

        :param gate: condition over ``keys`` and earlier joins; where it does not hold nothing is read
        """
        group = SQL("= (SELECT o2c_corporate_group_id FROM res_partner WHERE id = keys.partner_id)")
        members = self._sql_members(group)
        return [self._sql_fact_part("group_exposure", SQL("%s AND %s", gate, members) if gate else members)]

    @api.model
    def _sql_members(self, condition):
        """Scope of the members of groups; only commercial partners carry a group, not contacts."""
        return SQL(
            """debtor.commercial_partner_id IN (
                SELECT id FROM res_partner WHERE o2c_corporate_group_id %s)""",
            condition,
        )

    @api.model
    def _sql_fact_part(self, name, condition, measures=()):
        """Columns and join that read the exposure of the debtors of ``condition``."""
        owner = SQL("(SELECT o2c_exposure_company_id FROM res_company WHERE id = keys.company_id)")
        scope = self._sql_scope(
            condition=SQL("%s AND company.o2c_exposure_company_id = %s", condition, owner)
        )
        lookup = Lookup(
            SQL("SELECT id FROM res_partner debtor WHERE %s", condition),
            SQL("SELECT id FROM res_company WHERE o2c_exposure_company_id = %s", owner))
        # Each source is summed by itself: a union of all their rows costs more than reading them.
        sums = SQL(" CROSS JOIN ").join(
            self._sql_source_sums(source, lookup if source.takes_lookup else scope, measures)
            for source in self._sources()
        )
        codes = [component.code for component in self._components()]
        rows = SQL(
            "SELECT %s AS company_id, NULL AS partner_id, %s FROM %s",
            owner,
            SQL(", ").join(SQL.identifier(code) for code in [*codes, *measures]),
            sums,
        )
        join = SQL(
            "LEFT JOIN LATERAL (%s) %s ON TRUE", self._sql_rounded(rows, measures), SQL.identifier(name)
        )
        columns = {name: SQL.identifier(name, "total")}
        columns |= {f"{name}_{code}": SQL.identifier(name, code) for code in codes}
        columns |= {measure: SQL.identifier(name, measure) for measure in measures}
        return columns, join

    @api.model
    def _sql_source_sums(self, source, scope, measures=()):
        """One row for a source: the sum of each component over all its documents in ``scope``."""
        sums = [
            SQL("COALESCE(SUM(%s), 0) AS %s", SQL.identifier(c.code), SQL.identifier(c.code))
            for c in source.components
        ]
        sums += [
            SQL("%s AS %s", getattr(self, f"_sql_measure_{name}")(), SQL.identifier(name))
            for name in source.measures
            if name in measures
        ]
        return SQL(
            "(SELECT %s FROM (%s) documents) %s",
            SQL(", ").join(sums), self._sql_source(source, scope), SQL.identifier(source.name),
        )
