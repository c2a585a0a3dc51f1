from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import UserError

READERS = "o2c_base.group_o2c_user,sales_team.group_sale_salesman"


class ResPartner(models.Model):
    """The customer's latest score, and the way to a new one."""

    _inherit = "res.partner"

    o2c_credit_score_id = fields.Many2one(
        "o2c.credit.score",
        string="Latest credit score",
        compute="_compute_o2c_credit_score",
        groups=READERS,
        help="In the current company.",
    )
    o2c_credit_score_text = fields.Char(
        string="Credit score", compute="_compute_o2c_credit_score", groups=READERS
    )

    # === COMPUTES === #

    @api.depends_context("company", "uid")
    def _compute_o2c_credit_score(self):
        company = self.env.company.sudo().o2c_exposure_company_id
        debtors = self.commercial_partner_id
        scores = self.env["o2c.credit.score"]
        latest = scores._get_latest_ids(company, debtors)
        readable = set(scores.search([("id", "in", list(latest.values()))]).ids)
        for partner in self:
            score = scores.browse(latest.get((company.id, partner.commercial_partner_id.id)))
            partner.o2c_credit_score_id = score if score.id in readable else False
            partner.o2c_credit_score_text = partner.o2c_credit_score_id._get_short_text()

    # === ACTIONS === #

    def action_o2c_credit_scores(self):
        """Scores of the customer in the current company, the latest first."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_score_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action

    def action_o2c_score(self):
        """Score the customer as of today and open the score sheet; credit officers only.

        :raise UserError: with the reasons, if the customer can't be graded
        """
        self.ensure_one()
        scores = self.env["o2c.credit.score"]
        scores._check_scorer()
        company = self.env.company.sudo().o2c_exposure_company_id
        scores._check_customers(company, self)
        today = company._o2c_today()
        [found] = scores._evaluate(company, self, today).values()
        if found.refusals:
            raise UserError(
                self.env._(
                    "%(customer)s can't be graded: %(reasons)s.",
                    customer=self.display_name,
                    reasons=join_names(self.env, found.refusals),
                )
            )
        return scores._score(company, self, today)._get_form_action()

    def action_o2c_grade(self):
        """Open a grading of these customers, to be started; credit officers only."""
        self.env["o2c.credit.score"]._check_scorer()
        self.check_access("read")
        grading = self.env["o2c.credit.grading"].create(
            {"customers": "chosen", "partner_ids": self.commercial_partner_id.ids}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": grading._name,
            "res_id": grading.id,
            "views": [(False, "form")],
        }

    def action_o2c_answers(self):
        """Open the questions of the scorecard about the customer; credit officers only."""
        self.ensure_one()
        self.env["o2c.credit.score"]._check_scorer()
        self.check_access("read")
        company = self.env.company.sudo().o2c_exposure_company_id
        questionnaires = self.env["o2c.credit.questionnaire"]
        return questionnaires._open(company, self.commercial_partner_id)._get_form_action()
