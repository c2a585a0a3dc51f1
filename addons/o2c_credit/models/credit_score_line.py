from odoo import api, fields, models
from odoo.tools import formatLang

from ..rules import score as rules


class CreditScoreLine(models.Model):
    """What one factor gave to a score, and why."""

    _name = "o2c.credit.score.line"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Factor of a credit score"
    _order = "sequence, id"
    _rec_name = "factor_id"

    _guarded_fields = "*"

    score_id = fields.Many2one(
        "o2c.credit.score", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="score_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="score_id.partner_id")
    factor_id = fields.Many2one(
        "o2c.credit.factor", required=True, readonly=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer(readonly=True, aggregator=None)
    value = fields.Float(string="Raw value", readonly=True, digits=(16, 4), aggregator="avg")
    option = fields.Char(string="Answer", readonly=True, help="Key of the answer, where the value is one.")
    is_missing = fields.Boolean(string="Missing", readonly=True)
    band_id = fields.Many2one("o2c.credit.factor.band", readonly=True, ondelete="restrict")
    points = fields.Float(readonly=True, digits=(5, 2), aggregator="avg", help="0 to 100, by the band.")
    weight = fields.Float(readonly=True, aggregator=None)
    share = fields.Float(
        string="Share (%)",
        readonly=True,
        digits=(5, 2),
        aggregator=None,
        help="Part of the score that the factor decides, after others were left out as not known.",
    )
    contribution = fields.Float(
        readonly=True, digits=(5, 2), aggregator="avg", help="Points of the score that come from the factor."
    )
    value_text = fields.Char(string="Value", compute="_compute_value_text")
    why = fields.Char(compute="_compute_why")

    # === COMPUTES === #

    @api.depends("value", "option", "is_missing", "band_id", "factor_id")
    @api.depends_context("lang")
    def _compute_value_text(self):
        registry = self.env["o2c.credit.source"]
        sources = registry._get_sources()
        for line in self:
            source = sources.get(line.factor_id.source)
            line.value_text = line._format_value(source.unit if source else "")

    @api.depends("value_text", "points", "share", "band_id")
    @api.depends_context("lang")
    def _compute_why(self):
        sources = self.env["o2c.credit.source"]._get_sources()
        for line in self:
            source = sources.get(line.factor_id.source)
            line.why = line._explain_missing(source) if line.is_missing else line._explain()

    def _format_value(self, unit):
        """The value as people write it, with its unit."""
        if self.is_missing:
            return self.option or self.env._("not known")
        if self.option:
            return self.band_id.label or self.option
        if unit == "money":
            return formatLang(self.env, self.value, currency_obj=self.currency_id)
        digits = 0 if float(self.value).is_integer() else 2
        number = formatLang(self.env, self.value, digits=digits)
        return f"{number} {self.env['o2c.credit.source']._get_unit_label(unit)}".strip()

    def _explain(self):
        if self.option:
            return self.env._(
                "The answer “%(value)s” gives %(points)s of 100 points; it decides %(share)s%% of the score.",
                **self._get_explained(),
            )
        return self.env._(
            "%(value)s (%(band)s) gives %(points)s of 100 points; it decides %(share)s%% of the score.",
            **self._get_explained(),
        )

    def _explain_missing(self, source):
        """What is not known, and what counts instead."""
        rule = self.factor_id.missing_rule
        names = {
            **self._get_explained(),
            "missing": self._get_missing_reason(source),
        }
        if rule == rules.LEAVE_OUT:
            return self.env._(
                "Not known (%(missing)s): left out, its weight goes to the other factors.", **names
            )
        if rule == rules.NEUTRAL:
            return self.env._(
                "Not known (%(missing)s): counts %(points)s neutral points; it decides %(share)s%% of the "
                "score.",
                **names,
            )
        return self.env._("Not known (%(missing)s): no points; it decides %(share)s%% of the score.", **names)

    def _get_missing_reason(self, source):
        if self.option:
            return self.env._("%s is no answer of the scorecard any more", self.option)
        return source.missing if source else self.env._("its source is not installed")

    def _get_explained(self):
        return {
            "value": self.value_text,
            "band": self.band_id.label or self.band_id.range_text,
            "points": f"{self.points:g}",
            "share": f"{self.share:.4g}",
        }

    # === HELPERS === #

    @api.model
    def _prepare_line_vals(self, line, position):
        """Values of a line of ``rules/score.py``, in the order of the scorecard."""
        is_number = isinstance(line.value, (int, float))
        return {
            "sequence": position,
            "factor_id": line.factor,
            "value": line.value if is_number else 0.0,
            "option": False if is_number else line.value or False,
            "is_missing": line.is_missing,
            "band_id": line.band or False,
            "points": line.points,
            "weight": line.weight,
            "share": line.share,
            "contribution": line.contribution,
        }

    def _guard_get_hint(self):
        return self.env._("Scores are made by the scorecard: use Score Now, or a grading.")
