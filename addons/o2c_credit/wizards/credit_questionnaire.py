from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CreditQuestionnaire(models.TransientModel):
    """The questions that a scorecard asks the credit officer about one customer."""

    _name = "o2c.credit.questionnaire"
    _description = "Questions of the scorecard"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company.o2c_exposure_company_id
    )
    policy_id = fields.Many2one("o2c.credit.policy", compute="_compute_policy_id")
    line_ids = fields.One2many("o2c.credit.questionnaire.line", "questionnaire_id", string="Questions")
    note = fields.Char(string="Based on", help="A visit, a report, a reference: kept with the answers.")

    # === COMPUTES === #

    @api.depends("partner_id", "company_id")
    def _compute_policy_id(self):
        for wizard in self:
            customer = wizard.partner_id.commercial_partner_id
            wizard.policy_id = (
                self.env["o2c.credit.policy"]._match(wizard.company_id, customer) if customer else False
            )

    # === ACTIONS === #

    def action_save(self):
        """Keep what was chosen; credit officers only. What was answered the same before is left."""
        self.ensure_one()
        chosen = {line.factor_id.sudo(): line.band_id.sudo() for line in self.line_ids if line.band_id}
        foreign = [factor for factor in chosen if factor.policy_id != self.policy_id.sudo()]
        if foreign:
            raise UserError(
                self.env._("%s is no question of the policy that applies.", foreign[0].display_name)
            )
        self.env["o2c.credit.answer"]._answer(self.company_id, self.partner_id, chosen, note=self.note)
        return {"type": "ir.actions.act_window_close"}

    def action_save_and_score(self):
        """Keep what was chosen, then score the customer as of today."""
        self.action_save()
        return self.partner_id.with_company(self.company_id).action_o2c_score()

    # === HELPERS === #

    @api.model
    def _open(self, company, partner):
        """A questionnaire with the questions of the policy that applies, and what was answered so far."""
        wizard = self.create({"partner_id": partner.id, "company_id": company.id})
        known = self.env["o2c.credit.answer"]._get_latest(company, partner)
        wizard.line_ids = [
            Command.create({"factor_id": factor.id, "band_id": factor._get_option(known.get(factor.code)).id})
            for factor in wizard.policy_id.sudo().factor_ids
            if factor.source == "answer"
        ]
        return wizard

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answers for the Scorecard"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
