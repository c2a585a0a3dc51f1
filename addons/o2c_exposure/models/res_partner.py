from odoo import api, fields, models
from odoo.tools import SQL

from .exposure_access import READERS

BEHAVIOUR_MONTHS = 12

# SQL of a comparison, and what it says about 0.
COMPARISONS = {
    "<": ("amount < %s", lambda value: 0 < value),
    "<=": ("amount <= %s", lambda value: 0 <= value),
    ">": ("amount > %s", lambda value: 0 > value),
    ">=": ("amount >= %s", lambda value: 0 >= value),
    "in": ("amount = ANY(%s)", lambda values: 0 in values),
    "not in": ("amount <> ALL(%s)", lambda values: 0 not in values),
}


class ResPartner(models.Model):
    """Figures of a customer in the current company; measured when they are shown, never stored."""

    _inherit = "res.partner"

    # -------------------------------------------------------------------------
    # Fields
    # -------------------------------------------------------------------------

    o2c_currency_id = fields.Many2one(
        comodel_name="res.currency", string="Exposure Currency", compute="_compute_o2c_currency_id")
    o2c_exposure = fields.Monetary(
        string="Exposure",
        currency_field="o2c_currency_id",
        compute="_compute_o2c_exposure",
        search="_search_o2c_exposure",
        groups=READERS,
        help="What the customer owes and will owe for confirmed orders, in the current company.",
    )
    o2c_overdue = fields.Monetary(
        string="Overdue",
        currency_field="o2c_currency_id",
        compute="_compute_o2c_overdue",
        search="_search_o2c_overdue",
        groups=READERS,
        help="Open items past their due date, in the current company.",
    )
    o2c_days_late = fields.Float(
        string="Mean Days Late",
        digits=(16, 1),
        compute="_compute_o2c_days_late",
        groups=READERS,
        help="Days from due date to payment of the invoices settled in the last twelve months.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends_context("company")
    def _compute_o2c_currency_id(self):
        self.o2c_currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_o2c_exposure(self):
        exposures = self.env["o2c.exposure"]._get_exposure(self._origin, self.env.company)
        for partner in self:
            exposure = exposures.get(partner._origin.id)
            partner.o2c_exposure = exposure.total if exposure else 0.0

    @api.depends_context("company")
    def _compute_o2c_overdue(self):
        debtors = self._get_o2c_debtors()
        overdue = dict(self.env.execute_query(self._sql_o2c_overdue(list(debtors.values()))))
        for partner in self:
            partner.o2c_overdue = float(overdue.get(debtors.get(partner._origin.id), 0))

    @api.depends_context("company")
    def _compute_o2c_days_late(self):
        today = fields.Date.context_today(self)
        debtors = self._get_o2c_debtors()
        owner = self.env.company.sudo().o2c_exposure_company_id
        facts = self.env["o2c.behaviour"]._get_behaviour(
            fields.Date.subtract(today, months=BEHAVIOUR_MONTHS), today,
            scope=self.env["o2c.exposure"]._sql_scope(
                partner_ids=debtors.values(), company_ids=owner.ids),
            settled_only=True,
        )
        by_debtor = {}
        for (__, debtor), behaviour in facts.items():
            by_debtor[debtor] = by_debtor[debtor] + behaviour if debtor in by_debtor else behaviour
        for partner in self:
            behaviour = by_debtor.get(debtors.get(partner._origin.id))
            partner.o2c_days_late = behaviour.mean_days_late if behaviour else 0.0

    def _get_o2c_debtors(self):
        """Ids of the commercial partners of saved records: ``{partner id: debtor id}``."""
        partners = self._origin
        partners.fetch(["commercial_partner_id"])
        return {partner.id: partner.commercial_partner_id.id for partner in partners}

    # -------------------------------------------------------------------------
    # Searches
    # -------------------------------------------------------------------------

    @api.model
    def _search_o2c_exposure(self, operator, value):
        exposure = self.env["o2c.exposure"]
        scope = exposure._sql_scope(company_ids=self.env.company.sudo().o2c_exposure_company_id.ids)
        query = SQL("SELECT partner_id, total AS amount FROM (%s) sums", exposure._sql_exposure(scope))
        return self._get_o2c_amount_domain(query, operator, value)

    @api.model
    def _search_o2c_overdue(self, operator, value):
        return self._get_o2c_amount_domain(self._sql_o2c_overdue(), operator, value)

    @api.model
    def _get_o2c_amount_domain(self, query, operator, value):
        """Domain of the partners whose debtor's ``amount`` in ``query`` compares.

        A debtor that ``query`` does not mention has the amount 0: where 0 compares, the
        domain says who is not among those that don't.
        """
        if operator not in COMPARISONS:
            return NotImplemented
        matches_zero = COMPARISONS[operator][1](value)
        condition = SQL(COMPARISONS[operator][0], list(value) if operator in ("in", "not in") else value)
        if matches_zero:
            condition = SQL("NOT (%s)", condition)
        found = SQL("(SELECT partner_id FROM (%s) found WHERE %s)", query, condition)
        return [("commercial_partner_id", "not in" if matches_zero else "in", found)]

    @api.model
    def _sql_o2c_overdue(self, partner_ids=None):
        """Rows ``partner_id, amount`` of what is overdue in the current company."""
        scope = self.env["o2c.exposure"]._sql_scope(
            partner_ids=partner_ids, company_ids=self.env.company.sudo().o2c_exposure_company_id.ids)
        return SQL(
            """SELECT partner_id, SUM(amount_overdue) AS amount FROM (%s) claims
                WHERE amount_overdue > 0 GROUP BY partner_id""",
            self.env["o2c.claim"]._sql_claims(scope=scope),
        )

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_open_o2c_exposure(self):
        """Open the customer's exposure: one line per component, in each company."""
        self.ensure_one()
        self.env["o2c.exposure"]._check_reader()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_exposure.exposure_line_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"create": False}
        action["display_name"] = self.env._("Exposure of %s", self.commercial_partner_id.display_name)
        return action

    def action_open_o2c_claims(self):
        """Open the customer's open items."""
        self.ensure_one()
        self.env["o2c.exposure"]._check_reader()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_exposure.claim_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"create": False}
        action["display_name"] = self.env._("Open items of %s", self.commercial_partner_id.display_name)
        return action

    def action_open_o2c_behaviour(self):
        """Measure and show how the customer paid in the last twelve months."""
        self.ensure_one()
        report = self.env["o2c.behaviour.report"].create(
            {"partner_ids": [fields.Command.set(self.commercial_partner_id.ids)]})
        return report.action_show()
