from odoo import api, models
from odoo.tools import SQL, split_every

from ..rules.watch import Figures
from .credit_monitor import Subject

BATCH = 500


class CreditMonitor(models.AbstractModel):
    """Corporate groups with terms of their own: what their members owe together (K4).

    Figures of a group are the sums of its members' figures, so that whatever counts for a customer
    counts for its group. Members without terms of their own buy under those of the group, so whoever
    of them is late suspends the group.
    """

    _inherit = "o2c.credit.monitor"

    # === WHO === #

    @api.model
    def _get_work(self, company):
        ids = self._get_candidate_group_ids(company)
        groups = [(self._look_at_groups, batch) for batch in split_every(BATCH, ids, list)]
        return super()._get_work(company) + groups

    @api.model
    def _get_candidate_group_ids(self, company):
        """Groups that ever got terms, or are watched."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """
            SELECT id FROM (
                SELECT corporate_group_id AS id FROM o2c_credit_limit WHERE company_id = %(company)s
                 UNION
                SELECT corporate_group_id FROM o2c_credit_watch
                 WHERE company_id = %(company)s AND state = 'open') candidates
             WHERE id IS NOT NULL ORDER BY id
            """,
            company=company.id,
        ))
        return [group_id for [group_id] in rows]

    @api.model
    def _look_at_groups(self, company, group_ids):
        """Look at some corporate groups of a company, in as many statements for one as for all."""
        monitor = self._in_company(company)
        monitor._act(company, monitor._get_group_subjects(company, group_ids))

    # === FIGURES === #

    @api.model
    def _get_group_subjects(self, company, group_ids):
        """Groups of a batch with figures and policies, in a constant number of queries.

        A group follows the policy of its first member, as its applications do.
        """
        members = self._get_member_ids(group_ids)
        everybody = [partner_id for ids in members.values() for partner_id in ids]
        today = company._o2c_today()
        figures = {
            row["partner_id"]: (self._make_figures(company, row, today), row["last_order"])
            for row in (self._read_rows(company, everybody) if everybody else ())
        }
        policies = self._match_policies(company, self.env["res.partner"].browse(everybody))
        terms = self._read_group_terms(company, group_ids)
        nobody = self.env["o2c.credit.policy"]
        return [
            Subject(
                group,
                policies[members[group.id][0]] if members[group.id] else nobody,
                self._add_figures(company, terms[group.id], [figures[one] for one in members[group.id]]),
                terms[group.id],
            )
            for group in self.env["o2c.corporate.group"].browse(group_ids)
        ]

    @api.model
    def _get_member_ids(self, group_ids):
        """``{group id: [partner id]}``, the first first; archived members owe as before."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """
            SELECT o2c_corporate_group_id, id FROM res_partner WHERE o2c_corporate_group_id = ANY(%s)
             ORDER BY active DESC, complete_name, id DESC
            """,
            list(group_ids),
        ))
        members = {group_id: [] for group_id in group_ids}
        for group_id, partner_id in rows:
            members[group_id].append(partner_id)
        return members

    @api.model
    def _add_figures(self, company, terms, members):
        """Figures of a group: a receipt of one member does not pay what another owes."""
        parts = [figures for figures, _last_order in members]
        amounts = {
            name: company.currency_id.round(sum(getattr(part, name) for part in parts))
            for name in ("exposure", "owed", "overdue", "scheduled")
        }
        is_suspended = terms["credit_suspended"]
        idle = [day for day in (terms["terms_since"], *(day for _figures, day in members)) if day]
        return Figures(
            today=company._o2c_today(),
            limit=0.0 if is_suspended else terms["credit_limit"],
            addition=0.0 if is_suspended else terms["addition"],
            oldest_days=max((part.oldest_days for part in parts), default=0),
            idle_since=max(idle) if terms["terms_since"] else None,
            broken_promises=sum(part.broken_promises for part in parts),
            **amounts,
        )

    # === SQL === #

    @api.model
    def _read_group_terms(self, company, group_ids):
        """``{group id: terms}`` of today, under the names that terms of customers have."""
        columns = self.env["o2c.credit.limit"]._sql_term_columns("credit")
        self.env.cr.execute(self._sql_group_terms(company, group_ids, columns))
        to_python = self.env["o2c.facts"]._to_python
        return {
            row["group_id"]: {name: to_python(value) for name, value in row.items()}
            for row in self.env.cr.dictfetchall()
        }

    @api.model
    def _sql_group_terms(self, company, group_ids, columns):
        limits = self.env["o2c.credit.limit"]
        return SQL(
            """
            SELECT keys.group_id, %(terms)s, credit_regular.date_from AS terms_since,
                   COALESCE(additions.addition, 0) AS addition
              FROM (SELECT unnest(%(ids)s) AS group_id, %(company)s AS company_id,
                           %(today)s::date AS date) keys
              %(owner)s %(joins)s
              LEFT JOIN (%(additions)s) additions ON additions.corporate_group_id = keys.group_id
            """,
            terms=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()),
            ids=list(group_ids),
            company=company.id,
            today=company._o2c_today(),
            owner=limits._sql_owner_join(),
            joins=limits._sql_term_joins("credit", SQL("granted.corporate_group_id = keys.group_id")),
            additions=self.env["o2c.credit.guarantee"]._sql_additions(
                company, SQL("g.corporate_group_id = ANY(%s)", list(group_ids))),
        )
