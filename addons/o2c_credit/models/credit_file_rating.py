from odoo import api, fields, models


class CreditFileRating(models.Model):
    """What an agency says about the customer."""

    _name = "o2c.credit.file.rating"
    _inherit = ["o2c.credit.evidence.mixin"]
    _description = "External rating"
    _order = "date desc, id desc"

    file_id = fields.Many2one("o2c.credit.file", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="file_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="file_id.partner_id", store=True, index="btree_not_null")
    agency = fields.Char(required=True, help="Who rated: a credit agency, an insurer, a bank.")
    grade = fields.Char(required=True, help="As the agency writes it.")
    score = fields.Float(
        string="Points (0–100)",
        required=True,
        aggregator="avg",
        help="The grade on our scale, so that agencies can be compared: 100 is the best, 0 the worst.",
    )
    date = fields.Date(required=True, default=lambda self: self.env.company._o2c_today())
    attachment = fields.Binary(string="Report", attachment=True)
    attachment_name = fields.Char(string="File name")
    note = fields.Char()

    _score_range = models.Constraint(
        "CHECK (score >= 0 AND score <= 100)", "Points of a rating go from 0 to 100."
    )

    # === COMPUTES === #

    @api.depends("agency", "grade")
    def _compute_display_name(self):
        for rating in self:
            rating.display_name = " ".join(filter(None, (rating.agency, rating.grade)))
