from odoo import fields, models


class CreditQuestionnaireLine(models.TransientModel):
    """One question with the answer that is chosen."""

    _name = "o2c.credit.questionnaire.line"
    _description = "Question of the scorecard"

    questionnaire_id = fields.Many2one("o2c.credit.questionnaire", required=True, ondelete="cascade")
    factor_id = fields.Many2one("o2c.credit.factor", required=True, readonly=True, ondelete="cascade")
    description = fields.Char(related="factor_id.description")
    band_id = fields.Many2one(
        "o2c.credit.factor.band",
        string="Answer",
        domain="[('factor_id', '=', factor_id)]",
        ondelete="cascade",
    )
