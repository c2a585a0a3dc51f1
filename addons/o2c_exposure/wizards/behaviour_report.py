from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..rules.behaviour import Behaviour


class O2cBehaviourReport(models.TransientModel):
    """How customers paid over a period: one row per customer and company, and totals."""

    _name = "o2c.behaviour.report"
    _description = "Payment behaviour of customers"
    _inherit = ["o2c.debtor.selection"]

    # -------------------------------------------------------------------------
    # Fields
    # -------------------------------------------------------------------------

    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date(
        string="To", required=True, default=fields.Date.context_today,
        help="What was paid after this day counts as open.")
    line_ids = fields.One2many(
        "o2c.behaviour.line", "report_id", string="Rows", domain=[("is_total", "=", False)])
    total_ids = fields.One2many(
        "o2c.behaviour.line", "report_id", string="Totals", domain=[("is_total", "=", True)])
    customer_count = fields.Integer(compute="_compute_customer_count")

    @api.model
    def _default_date_from(self):
        """A year that ends today."""
        today = fields.Date.context_today(self)
        return fields.Date.add(fields.Date.subtract(today, years=1), days=1)

    @api.depends("line_ids")
    def _compute_customer_count(self):
        for report in self:
            report.customer_count = len(report.line_ids)

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for report in self:
            report.display_name = self.env._(
                "Payment behaviour %(start)s to %(end)s",
                start=format_date(self.env, report.date_from), end=format_date(self.env, report.date_to))

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def write(self, vals):
        """Drop the figures: they belong to the period and the choice that they were measured for."""
        result = super().write(vals)
        (self.line_ids | self.total_ids).sudo().unlink()
        return result

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_measure(self):
        """Measure; the form shows the totals."""
        self.ensure_one()
        self._fill()
        return True

    def action_show(self):
        """Measure and show the customers."""
        self.ensure_one()
        self._fill()
        return self.action_open_lines()

    def action_open_lines(self):
        """Open the customers that were measured."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_exposure.behaviour_line_action")
        action["domain"] = [("report_id", "=", self.id), ("is_total", "=", False)]
        action["display_name"] = self.display_name
        return action

    # -------------------------------------------------------------------------
    # Business methods
    # -------------------------------------------------------------------------

    def _fill(self):
        """Replace the rows by new ones."""
        if self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins. Swap the dates."))
        (self.line_ids | self.total_ids).sudo().unlink()
        facts = self.env["o2c.behaviour"]._get_behaviour(
            self.date_from, self.date_to, scope=self._sql_scope())
        totals = {}
        for (company, __), behaviour in facts.items():
            totals[company] = totals.get(company, Behaviour()) + behaviour
        companies = {company.id: company for company in self.company_ids}
        partners = self.env["res.partner"].sudo().browse({partner for __, partner in facts})
        partners.fetch(["country_id", "user_id", "o2c_corporate_group_id"])
        by_id = {partner.id: partner for partner in partners}
        self.env["o2c.behaviour.line"].sudo().create([
            *(self._prepare_line_vals(companies[company], behaviour, is_total=True)
              for company, behaviour in totals.items()),
            *(self._prepare_line_vals(companies[company], behaviour, partner=by_id[partner])
              for (company, partner), behaviour in facts.items()),
        ])

    def _prepare_line_vals(self, company, behaviour, *, partner=None, is_total=False):
        vals = {
            "report_id": self.id, "is_total": is_total,
            "company_id": company.id, "currency_id": company.currency_id.id,
            **{name: getattr(behaviour, name) for name in (
                "opening", "sales", "closing", "overdue", "dso", "best_dso", "days_delinquent", "cei",
                "mean_days_late", "weighted_days_late", "on_time_percent", "settled_count", "late_count",
                "settled_amount",
            )},
        }
        if partner:
            vals |= {
                "partner_id": partner.id, "country_id": partner.country_id.id, "user_id": partner.user_id.id,
                "team_id": partner.user_id.sale_team_id.id,
                "corporate_group_id": partner.o2c_corporate_group_id.id,
            }
        return vals
