from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..rules.watch import Figures, Thresholds
from .credit_subject import get_subject_vals

BATCH = 2000


class Subject(NamedTuple):
    """One customer or corporate group of a batch: figures, the policy that applies, terms."""

    record: models.BaseModel
    policy: models.BaseModel
    figures: Figures
    terms: dict

    @property
    def vals(self) -> dict:
        """Values of ``partner_id`` and ``corporate_group_id`` of a document about it."""
        return get_subject_vals(self.record)

    @property
    def field(self) -> str:
        """The one of them that is filled; the same for all of a batch."""
        return "corporate_group_id" if self.record._name == "o2c.corporate.group" else "partner_id"


class CreditMonitor(models.AbstractModel):
    """Daily look at all customers and corporate groups (K4): reviews of grades that end, suspensions,
    the watch list.

    Batch by batch over the customers of each company: figures in one statement, policies from the
    cache, writes in proportion to what changed. A second run on the same day finds nothing to do.
    """

    _name = "o2c.credit.monitor"
    _description = "Daily monitoring of credit"

    # === JOB === #

    @api.model
    def _cron_monitor(self):
        """Look at all customers of all companies, and commit after each batch.

        What is interrupted is done again from the beginning at the next call: nothing happens twice.
        """
        cron = self.env["ir.cron"]
        for company in self._get_companies():
            work = self._get_work(company)
            remaining = sum(len(batch) for _look, batch in work)
            for look, batch in work:
                look(company, batch)
                remaining -= len(batch)
                if not cron._commit_progress(len(batch), remaining=remaining):
                    return
                # A long list must not gather in memory.
                self.env.invalidate_all()

    @api.model
    def _run(self, companies=None):
        """Everything at once, without commits.

        :return: number of customers and groups looked at
        """
        total = 0
        for company in companies or self._get_companies():
            for look, batch in self._get_work(company):
                look(company, batch)
                total += len(batch)
        return total

    @api.model
    def _get_work(self, company):
        """Batches of a company: ``[(method that looks at them, ids)]``.

        Who is looked at is asked once: finding the next ones costs as much as finding all.
        """
        ids = self._get_candidate_ids(company)
        return [(self._look_at, batch) for batch in split_every(BATCH, ids, list)]

    @api.model
    def _look_at(self, company, partner_ids):
        """Look at some customers of a company, in as many statements for one as for all of them."""
        monitor = self._in_company(company)
        monitor._act(company, monitor._get_subjects(company, partner_ids))

    @api.model
    def _in_company(self, company):
        """The job with its rights, and with language and clock of the company."""
        return self.sudo().with_company(company).with_context(
            lang=company.sudo().partner_id.lang, tz=company.sudo().o2c_tz, tracking_disable=True)

    @api.model
    def _act(self, company, subjects):
        """Do what the figures of some customers, or of some groups, ask for."""
        self._open_reviews(company, subjects)
        self._suspend(company, subjects)
        self._watch(company, subjects)

    @api.model
    def _get_companies(self):
        """Companies that hold limits."""
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        return companies.filtered(lambda company: company.o2c_exposure_company_id == company)

    # === WHO === #

    @api.model
    def _get_candidate_ids(self, company):
        """Customers who have terms, owe something or are watched: others give no reason to look."""
        rows = self.env.execute_query(
            SQL("SELECT id FROM (%s) candidates ORDER BY id", self._sql_candidates(company)))
        return [partner_id for [partner_id] in rows]

    @api.model
    def _sql_candidates(self, company):
        self.env.flush_all()
        return SQL(
            """
            SELECT partner_id AS id FROM o2c_credit_limit
             WHERE company_id = %(company)s AND partner_id IS NOT NULL
             UNION
            SELECT partner_id FROM o2c_credit_watch
             WHERE company_id = %(company)s AND state = 'open' AND partner_id IS NOT NULL
             UNION
            SELECT claims.partner_id FROM (%(claims)s) claims WHERE claims.amount > 0
            """,
            company=company.id,
            claims=self._sql_open_items(company),
        )

    @api.model
    def _sql_company_scope(self, company, partner_ids=None):
        """Condition on ``debtor`` and ``company``: debts to the company and its branches."""
        return self.env["o2c.exposure"]._sql_scope(company_ids=company.ids, partner_ids=partner_ids)

    # === FIGURES === #

    @api.model
    def _get_subjects(self, company, partner_ids):
        """Customers of a batch with figures and policies, in a constant number of queries."""
        partners = self.env["res.partner"].browse(partner_ids)
        policies = self._match_policies(company, partners)
        today = company._o2c_today()
        subjects = []
        for partner, row in zip(partners, self._read_rows(company, partner_ids), strict=True):
            figures = self._make_figures(company, row, today)
            subjects.append(Subject(partner, policies[partner.id], figures, row))
        return subjects

    @api.model
    def _match_policies(self, company, partners):
        """``{partner id: policy}``; who the customers are is read only where a policy asks for it."""
        policies = self.env["o2c.credit.policy"]
        if not any(any(rule.scope.values()) for rule in policies._get_rules(company.id)):
            return dict.fromkeys(partners.ids, policies._match(company, partners.browse()))
        return policies._match_many(company, partners)

    @api.model
    def _make_figures(self, company, row, today):
        """Figures of a row; receipts that nobody has matched yet pay what is overdue."""
        currency = company.currency_id
        overdue = max(currency.round(row["overdue"] + min(row["credits"], 0.0)), 0.0)
        idle = [day for day in (row["last_order"], row["terms_since"]) if day]
        return Figures(
            today=today,
            exposure=row["exposure"],
            limit=0.0 if row["credit_suspended"] else row["credit_limit"],
            addition=0.0 if row["credit_suspended"] else row["addition"],
            owed=currency.round(row["owed"]),
            overdue=overdue,
            scheduled=min(currency.round(row["scheduled"]), overdue),
            oldest_days=row["oldest_days"] if overdue else 0,
            idle_since=max(idle) if row["terms_since"] else None,
            points_lost=max(row["points_before"] - row["points"], 0.0),
            broken_promises=row["broken_promises"],
        )

    @api.model
    def _get_thresholds(self, policy):
        """What a policy watches."""
        return Thresholds(
            overdue_days=policy.watch_overdue_days,
            overdue_share=policy.watch_overdue_share,
            broken_promises=policy.watch_broken_promises,
            dormant_months=policy.watch_dormant_months,
            score_fall=policy.watch_score_fall,
            usage=policy.watch_usage,
            suspend_days=policy.suspend_overdue_days,
            least_overdue=policy.overdue_min_amount,
        )

    # === HOOKS === #

    @api.model
    def _sql_promises(self, company, partner_ids):
        """SELECT with ``partner_id, broken``: promises of payment that were not kept.

        Hook of a module that records promises; nobody has broken one until then.
        """
        return SQL("SELECT NULL::int AS partner_id, 0 AS broken WHERE FALSE")

    @api.model
    def _sql_open_items(self, company, partner_ids=None):
        """SELECT of what customers owe the company: the columns of ``o2c.claim``, and ``is_scheduled``.

        Hook: here what is booked. A module with claims that are not says by the policy of each customer
        which of them count, and marks them.
        :param partner_ids: customers of a batch; without them all
        """
        return SQL(
            "SELECT booked.*, FALSE AS is_scheduled FROM (%s) booked",
            self.env["o2c.claim"]._sql_claims(
                scope=self._sql_company_scope(company, partner_ids), booked=True),
        )

    # === SQL === #

    @api.model
    def _read_rows(self, company, partner_ids):
        """One dict per customer, in the order given: terms, exposure, open items, orders, scores."""
        self.env.flush_all()
        query = self._sql_rows(company, partner_ids)
        self.env.cr.execute(query)
        to_python = self.env["o2c.facts"]._to_python
        return [
            {name: to_python(value) for name, value in row.items()} for row in self.env.cr.dictfetchall()
        ]

    @api.model
    def _sql_rows(self, company, partner_ids):
        """The one statement of a batch. Not the ORM: seven tables for thousands of customers."""
        limits = self.env["o2c.credit.limit"]
        scope = self._sql_company_scope(company, partner_ids)
        terms = limits._sql_term_columns("credit")
        return SQL(
            """
            WITH keys AS (
                SELECT asked.partner_id, asked.position, %(company)s AS company_id, %(today)s::date AS date
                  FROM unnest(%(ids)s) WITH ORDINALITY AS asked (partner_id, position)),
            claims AS (%(claims)s),
            owed AS (
                SELECT partner_id, SUM(amount) AS owed, SUM(amount_overdue) AS overdue,
                       COALESCE(SUM(amount_overdue) FILTER (WHERE is_scheduled), 0) AS scheduled,
                       COALESCE(SUM(amount) FILTER (WHERE amount < 0), 0) AS credits,
                       MAX(days_overdue) AS oldest_days
                  FROM claims GROUP BY partner_id),
            exposed AS (%(exposure)s),
            additions AS (%(additions)s),
            ordered AS (%(orders)s),
            promises AS (%(promises)s)
            SELECT keys.partner_id, %(terms)s, credit_regular.date_from AS terms_since,
                   COALESCE(exposed.total, 0) AS exposure, COALESCE(additions.addition, 0) AS addition,
                   COALESCE(owed.owed, 0) AS owed, COALESCE(owed.overdue, 0) AS overdue,
                   COALESCE(owed.scheduled, 0) AS scheduled, COALESCE(owed.credits, 0) AS credits,
                   COALESCE(owed.oldest_days, 0) AS oldest_days, ordered.last_order,
                   COALESCE(promises.broken, 0) AS broken_promises,
                   COALESCE(scores.points, 0) AS points,
                   COALESCE(scores.points_before, scores.points, 0) AS points_before, scores.score_id
              FROM keys %(owner)s %(joins)s
              LEFT JOIN owed ON owed.partner_id = keys.partner_id
              LEFT JOIN exposed ON exposed.partner_id = keys.partner_id
              LEFT JOIN additions ON additions.partner_id = keys.partner_id
              LEFT JOIN ordered ON ordered.partner_id = keys.partner_id
              LEFT JOIN promises ON promises.partner_id = keys.partner_id
              LEFT JOIN LATERAL (%(scores)s) scores ON TRUE
             ORDER BY keys.position
            """,
            company=company.id,
            today=company._o2c_today(),
            ids=list(partner_ids),
            claims=self._sql_open_items(company, partner_ids),
            exposure=self.env["o2c.exposure"]._sql_exposure(scope),
            additions=self.env["o2c.credit.guarantee"]._sql_additions(
                company, SQL("g.partner_id = ANY(%s)", list(partner_ids))),
            orders=self._sql_last_orders(scope),
            promises=self._sql_promises(company, partner_ids),
            terms=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in terms.items()),
            owner=limits._sql_owner_join(),
            joins=limits._sql_term_joins("credit", SQL("granted.partner_id = keys.partner_id")),
            scores=self._sql_last_scores(),
        )

    @api.model
    def _sql_last_orders(self, scope):
        """Day of the last confirmed order of each customer."""
        return SQL(
            """
            SELECT debtor.commercial_partner_id AS partner_id, MAX(orders.date_order)::date AS last_order
              FROM sale_order orders
              JOIN res_partner debtor ON debtor.id = orders.partner_invoice_id
              JOIN res_company company ON company.id = orders.company_id
             WHERE orders.state = 'sale' AND %s
             GROUP BY debtor.commercial_partner_id
            """,
            scope,
        )

    @api.model
    def _sql_last_scores(self):
        """Points of the latest score of a row of ``keys``, and of the one before."""
        return SQL(
            """
            SELECT (array_agg(latest.score ORDER BY latest.date DESC, latest.id DESC))[1] AS points,
                   (array_agg(latest.score ORDER BY latest.date DESC, latest.id DESC))[2] AS points_before,
                   (array_agg(latest.id ORDER BY latest.date DESC, latest.id DESC))[1] AS score_id
              FROM (SELECT score.id, score.date, score.score
                      FROM o2c_credit_score score
                     WHERE score.company_id = keys.company_id AND score.partner_id = keys.partner_id
                     ORDER BY score.date DESC, score.id DESC
                     LIMIT 2) latest
            """
        )
