from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..rules.source import Question

BATCH = 500
SETTINGS = frozenset(("company_id", "date", "policy_id", "customers", "partner_ids", "draft_applications"))

SHOWN = ("refused", "changed", "drafted")


class CreditGrading(models.Model):
    """Scores many customers as of one day, and drafts applications where their terms would change.

    A run: it works in the background on hundreds of customers at once, can be paused and resumed, and
    what it has done already from the same inputs is not written again.
    """

    _name = "o2c.credit.grading"
    _inherit = ["o2c.run.mixin", "mail.activity.mixin"]
    _description = "Grading of customers"

    name = fields.Char(default=lambda self: self.env._("Grading"))
    company_id = fields.Many2one(
        default=lambda self: self.env.company.o2c_exposure_company_id,
        domain="[('o2c_exposure_company_id', '=', id)]",
        help="The company that holds the limits; its branches count.",
    )
    date = fields.Date(
        string="As of",
        required=True,
        default=lambda self: self.env.company._o2c_today(),
        help="What came after the end of this day does not count: what was paid later is open.",
    )
    policy_id = fields.Many2one(
        "o2c.credit.policy",
        ondelete="restrict",
        domain="[('state', '!=', 'draft'), ('company_id', 'parent_of', company_id)]",
        help="Empty: for each customer the policy that was in force on the day.",
    )
    customers = fields.Selection(
        [
            ("trading", "All who ever bought"),
            ("file", "All with a credit file"),
            ("ungraded", "Those without a valid grade"),
            ("expiring", "Those whose grade ends soon"),
            ("chosen", "Chosen customers"),
        ],
        required=True,
        default="trading",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Chosen customers",
        domain="[('parent_id', '=', False), ('company_id', 'in', [False, company_id])]",
    )
    draft_applications = fields.Boolean(
        help="Draft a credit application for each customer whose grade or limit would change. "
        "People decide on them as on any other.",
    )
    line_ids = fields.One2many("o2c.credit.grading.line", "run_id", string="Results", copy=False)
    graded_count = fields.Integer(string="Graded", compute="_compute_outcomes")
    refused_count = fields.Integer(string="Not gradable", compute="_compute_outcomes")
    changed_count = fields.Integer(string="Other grade", compute="_compute_outcomes")
    application_count = fields.Integer(string="Applications", compute="_compute_outcomes")

    # === COMPUTES === #

    @api.depends("state", "line_ids.outcome")
    def _compute_outcomes(self):
        groups = self.env["o2c.credit.grading.line"]._read_group(
            [("run_id", "in", self.ids), ("outcome", "!=", False)],
            ["run_id", "outcome", "change"],
            ["__count", "application_id:count_distinct"],
        )
        for run in self:
            own = [rest for group, *rest in groups if group == run._origin]
            run.graded_count = sum(count for outcome, __, count, __ in own if outcome == "graded")
            run.refused_count = sum(count for outcome, __, count, __ in own if outcome == "refused")
            run.changed_count = sum(count for __, change, count, __ in own if change in ("better", "worse"))
            run.application_count = sum(drafted for *__, drafted in own)

    # === CHECKS === #

    @api.constrains("date", "company_id")
    def _check_date(self):
        for run in self:
            if run.date > run.company_id._o2c_today():
                raise UserError(self.env._("Nobody knows how customers will have paid by %s.", run.date))

    @api.constrains("company_id")
    def _check_company_holds_limits(self):
        for run in self:
            root = run.company_id.sudo().o2c_exposure_company_id
            if run.company_id != root:
                raise UserError(
                    self.env._(
                        "%(branch)s shares the limits of %(root)s. Choose that company.",
                        branch=run.company_id.name,
                        root=root.name,
                    )
                )

    def _check_run_right(self):
        """Credit officers of the company."""
        self.env["o2c.credit.score"]._check_scorer()
        return super()._check_run_right()

    def _guard_check_write(self, vals):
        if not SETTINGS.isdisjoint(vals) and any(run.state not in ("draft", "planned") for run in self):
            raise UserError(
                self.env._("The grading was started with these settings. Make a new one to grade otherwise.")
            )
        return super()._guard_check_write(vals)

    # === ACTIONS === #

    def action_view_lines(self):
        """Results of the run; ``o2c_outcome`` in the context chooses among them."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_grading_line_action")
        action["domain"] = [("run_id", "=", self.id)]
        shown = self.env.context.get("o2c_outcome")
        action["context"] = {f"search_default_{shown}": 1} if shown in SHOWN else {}
        return action

    # === RUN === #

    def _prepare_run_lines(self):
        """One line for each customer; the starter's rights decide which exist."""
        self.ensure_one()
        # A planned run starts long after the button: the right must still be there.
        self._check_run_right()
        customers = self._find_customers()
        if not customers:
            raise UserError(self.env._("There is no such customer as of %s.", self.date))
        self.env["o2c.credit.grading.line"].sudo()._guarded_create(
            [{"run_id": self.id, "partner_id": customer.id} for customer in customers]
        )

    def _run_batch(self, limit=BATCH):
        """Hundreds at once: the cost lies in the statements, not in the customers."""
        return super()._run_batch(limit)

    def _process_lines(self, lines):
        """Grade a batch with a constant number of statements."""
        scores = self.env["o2c.credit.score"]
        company, customers = self.company_id, lines.partner_id
        evaluations = scores._evaluate(company, customers, self.date, policy=self.policy_id)
        known = {score.partner_id.id: score for score in scores.sudo()._keep(company, evaluations)}
        terms, grades = self._get_terms(customers), self.env["o2c.credit.grade"]
        for line in lines:
            debtor_id = line.partner_id.commercial_partner_id.id
            current = grades.browse((terms.get(debtor_id) or {}).get("credit_grade_id") or [])
            line._guarded_write(
                line._prepare_result_vals(evaluations[debtor_id], known.get(debtor_id), current)
            )
        if self.draft_applications:
            self._draft_applications(lines)

    # === CUSTOMERS === #

    def _find_customers(self):
        """Customers to grade, by name, as far as the user may read them."""
        scores = self.env["o2c.credit.score"]
        if self.customers == "chosen":
            # As superuser: the user's own read would leave out what has to be refused.
            customers = self.sudo().partner_ids.commercial_partner_id.sudo(self.env.su)
            scores._check_customers(self.company_id, customers)
            return customers.sorted("name")
        ids = self._get_file_ids() if self.customers != "trading" else set()
        if self.customers != "file":
            ids |= self._get_trading_ids()
        if self.customers in ("ungraded", "expiring"):
            ids = self._filter_by_terms(ids)
        family = self.company_id.sudo().search([("o2c_exposure_company_id", "=", self.company_id.id)])
        companies = (family | self.company_id.sudo().parent_ids).ids
        return self.env["res.partner"].search(
            Domain("id", "in", list(ids)) & Domain("company_id", "in", [False, *companies]), order="name, id"
        )

    def _get_trading_ids(self):
        """Customers with an order, an invoice or imported history until the day, in one statement."""
        sources = self.env["o2c.credit.source"].sudo()
        question = Question(self.company_id.sudo(), None, self.date)
        documents = SQL(" UNION ALL ").join(sources._sql_trade_documents(question))
        return {
            partner_id
            for [partner_id] in self.env.execute_query(
                SQL("SELECT DISTINCT partner_id FROM (%s) documents", documents)
            )
        }

    def _get_file_ids(self):
        files = self.env["o2c.credit.file"].search(
            [("company_id", "=", self.company_id.id), ("partner_id", "!=", False)]
        )
        return set(files.partner_id.ids)
