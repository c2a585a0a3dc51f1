from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..rules.source import Question


class CreditScore(models.Model):
    """One result of the scorecard: points, proposed grade, and a line for each factor.

    Written by the scorecard alone and never changed. A score grants nothing: an application takes
    it up, and people decide.
    """

    _name = "o2c.credit.score"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Credit score"
    _order = "date desc, id desc"

    _guarded_fields = "*"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    date = fields.Date(
        string="As of",
        required=True,
        readonly=True,
        help="What came after the end of this day does not count.",
    )
    policy_id = fields.Many2one(
        "o2c.credit.policy", required=True, readonly=True, index=True, ondelete="restrict"
    )
    score = fields.Float(
        required=True, readonly=True, digits=(5, 2), aggregator="avg", help="0 to 100 points."
    )
    grade_id = fields.Many2one(
        "o2c.credit.grade",
        string="Proposed grade",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The grade that the policy gives for the score.",
    )
    missing_count = fields.Integer(
        string="Missing", readonly=True, aggregator="avg", help="Factors of which nothing is known."
    )
    fingerprint = fields.Char(readonly=True, help="Hash of the values that the score was made of.")
    line_ids = fields.One2many("o2c.credit.score.line", "score_id", string="Factors", readonly=True)
    is_latest = fields.Boolean(
        string="Latest",
        compute="_compute_is_latest",
        search="_search_is_latest",
        help="The customer has no later score in this company.",
    )

    _latest_idx = models.Index("(company_id, partner_id, date DESC, id DESC)")

    # === COMPUTES === #

    @api.depends("partner_id", "score", "date")
    def _compute_display_name(self):
        for score in self:
            score.display_name = self.env._(
                "%(customer)s, %(date)s: %(score)s",
                customer=score.partner_id.display_name or "",
                date=score.date or "",
                score=f"{score.score:.2f}",
            )

    @api.depends("partner_id", "company_id", "date")
    def _compute_is_latest(self):
        latest = set(self._get_latest_ids(self.company_id, self.partner_id).values())
        for score in self:
            score.is_latest = score._origin.id in latest

    def _search_is_latest(self, operator, value):
        if operator != "in":
            return NotImplemented
        latest = self._sql_latest(SQL("TRUE"))
        return [("id", "in" if True in value else "not in", SQL("(SELECT id FROM (%s) latest)", latest))]

    # === CHECKS === #

    @api.model
    def _check_scorer(self):
        """Scores are made by credit officers; the superuser's own jobs may.

        :raise AccessError: naming the role
        """
        if not self.env.su and not self.env.user.has_group("o2c_base.group_credit_officer"):
            raise AccessError(self.env._("Only a credit officer scores customers and answers for them."))

    @api.model
    def _check_customers(self, company, partners):
        """Refuse companies and customers that the user may not read, and customers of other companies.

        :raise AccessError: naming the first one
        """
        partners.check_access("read")
        if company not in self.env.companies.sudo().o2c_exposure_company_id and not self.env.su:
            raise AccessError(
                self.env._("Change to %s, the company that holds the limits.", company.sudo().name)
            )
        family = company.sudo().search([("o2c_exposure_company_id", "=", company.id)])
        for partner in partners.sudo():
            if partner.company_id and partner.company_id not in family | company.sudo().parent_ids:
                raise AccessError(
                    self.env._(
                        "%(customer)s is a customer of another company than %(company)s.",
                        customer=partner.display_name,
                        company=company.sudo().name,
                    )
                )

    # === ACTIONS === #

    def action_score_again(self):
        """Score the customers of these sheets as of today; credit officers only."""
        self.check_access("read")
        return self.partner_id.ensure_one().with_company(self.company_id).action_o2c_score()

    def action_answers(self):
        """Open the questions of the scorecard about the customer; credit officers only."""
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.with_company(self.company_id).action_o2c_answers()

    def action_print(self):
        """The score sheet as PDF."""
        self.check_access("read")
        return self.env.ref("o2c_credit.credit_score_report").report_action(self)

    # === BUSINESS METHODS === #

    @api.model
    def _score(self, company, partners, date, *, policy=None):
        """Score customers as of the end of ``date`` and keep the results.

        Set-based: the number of statements does not depend on how many customers there are, but for
        what is written. A score that exists already from the same inputs is not written again.

        :param company: a branch is answered by the company that holds its limits
        :param policy: by default the one that was in force for each customer on that day
        :return: scores in the order of the customers; customers that can't be graded have none, see
            :meth:`_evaluate` for the reasons
        """
        company = company.sudo().o2c_exposure_company_id
        return self._keep(company, self._evaluate(company, partners, date, policy=policy))

    def _get_inputs_fingerprint(self):
        """Hash of what the score would be made of now: changes when evidence or figures changed.

        Figures of behaviour as of the day of the score, so that passing time alone changes nothing;
        answers and the credit file as they stand today. For approvals that rest on the score.
        """
        self.ensure_one()
        score = self.sudo()
        now = score._evaluate_again()
        registry = self.env["o2c.credit.source"].sudo()
        sources = registry._get_sources()
        evidence = [
            key
            for key in set(score.policy_id.factor_ids.mapped("source"))
            if key in sources and sources[key].origin != "behaviour"
        ]
        day = max(score.date, score.company_id._o2c_today())
        known = registry._get_values(Question(score.company_id, (score.partner_id.id,), day), evidence)
        return self._get_digest([now.fingerprint, known])

    def _is_outdated(self):
        """Whether the inputs as of the score's own day are others than they were."""
        self.ensure_one()
        return self.sudo()._evaluate_again().fingerprint != self.sudo().fingerprint

    @api.model
    def _get_latest(self, company, partner, date=None):
        """The latest score of a customer up to a day (default: any day), or an empty record."""
        company = company.sudo().o2c_exposure_company_id
        debtor = partner.commercial_partner_id
        return self.sudo().browse(self._get_latest_ids(company, debtor, date).get((company.id, debtor.id)))

    @api.model
    def _get_latest_ids(self, companies, partners, date=None):
        """``{(company id, partner id): id of the latest score}`` in one statement."""
        scope = SQL(
            "company_id = ANY(%s) AND partner_id = ANY(%s) AND %s",
            list(companies.ids),
            list(partners.ids),
            SQL("date <= %s", date) if date else SQL("TRUE"),
        )
        return {
            (company_id, partner_id): score_id
            for score_id, company_id, partner_id in self.env.execute_query(self._sql_latest(scope))
        }

    def _get_short_text(self):
        """Points and grade as they stand on a button; nothing for an empty record."""
        if not self:
            return False
        return f"{self.score:.0f} {self.sudo().grade_id.name or ''}".strip()

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # === SQL === #

    @api.model
    def _sql_latest(self, scope):
        """Rows ``id, company_id, partner_id`` of the latest scores within ``scope``.

        Not the ORM: the last row of each customer is one DISTINCT ON.
        """
        self.flush_model()
        return SQL(
            """SELECT DISTINCT ON (company_id, partner_id) id, company_id, partner_id
                 FROM o2c_credit_score
                WHERE %s
             ORDER BY company_id, partner_id, date DESC, id DESC""",
            scope,
        )

    # === HELPERS === #

    @api.model
    def _keep(self, company, evaluations):
        """Write what is new; return the score of everybody who has one."""
        graded = {key: found for key, found in evaluations.items() if not found.refusals}
        known = self._find_known(company, graded.values()) if graded else {}
        fresh = [found for found in graded.values() if found.fingerprint not in known]
        scores = self.sudo()._guarded_create([self._prepare_score_vals(company, found) for found in fresh])
        lines = self.env["o2c.credit.score.line"].sudo()
        lines._guarded_create([
            {"score_id": score.id, **lines._prepare_line_vals(line, position)}
            for score, found in zip(scores, fresh, strict=True)
            for position, line in enumerate(found.result.lines)
        ])  # fmt: skip
        self.env["o2c.credit.policy"].union(*(found.policy for found in fresh))._mark_used()
        scores._log_scores()
        known.update(zip((found.fingerprint for found in fresh), scores.ids, strict=True))
        return self.browse(known[found.fingerprint] for found in graded.values())

    @api.model
    def _find_known(self, company, evaluations):
        """``{fingerprint: id}`` of scores that need not be written again.

        Only the last one of a customer and day counts: inputs that changed and changed back are news.
        """
        self.flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT fingerprint, id FROM (
                        SELECT DISTINCT ON (partner_id, date) fingerprint, id
                          FROM o2c_credit_score
                         WHERE company_id = %s AND partner_id = ANY(%s) AND date = ANY(%s)
                         ORDER BY partner_id, date, id DESC) latest
                     WHERE fingerprint = ANY(%s)
                    """,
                    company.id,
                    [found.partner.id for found in evaluations],
                    list({found.date for found in evaluations}),
                    [found.fingerprint for found in evaluations],
                )
            )
        )

    @api.model
    def _prepare_score_vals(self, company, found):
        return {
            "partner_id": found.partner.id,
            "company_id": company.id,
            "date": found.date,
            "policy_id": found.policy.id,
            "score": found.result.score,
            "grade_id": found.policy._get_grade_line(found.result.score).grade_id.id,
            "missing_count": found.result.missing,
            "fingerprint": found.fingerprint,
        }

    def _log_scores(self):
        self.env["o2c.register"]._log_many([
            {
                "record": score,
                "event": "credit_scored",
                "partner": score.partner_id,
                "company": score.company_id,
                "policy": score.policy_id,
                "message": self.env._(
                    "%(customer)s scored %(score)s points as of %(date)s: %(grade)s",
                    customer=score.partner_id.name,
                    score=f"{score.score:.2f}",
                    date=score.date,
                    grade=score.grade_id.name or self.env._("no grade"),
                ),
                "evidence": {
                    "score": score.score,
                    "fingerprint": score.fingerprint,
                    "missing": score.missing_count,
                },
            }
            for score in self
        ])  # fmt: skip

    def _guard_get_hint(self):
        return self.env._("Scores are made by the scorecard: use Score Now, or a grading.")
