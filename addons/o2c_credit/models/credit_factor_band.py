from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from ..rules.source import CHOICE, make_code


class CreditFactorBand(models.Model):
    """Points for a range of values of a factor, or for one answer."""

    _name = "o2c.credit.factor.band"
    _inherit = ["o2c.policy.line.mixin"]
    _description = "Band of a factor"
    _order = "factor_id, sequence, value_from, id"
    _policy_field = "factor_id.policy_id"

    factor_id = fields.Many2one("o2c.credit.factor", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="factor_id.company_id", store=True, index=True)
    kind = fields.Selection(related="factor_id.kind")
    sequence = fields.Integer(default=10)
    value_from = fields.Float(
        string="From",
        digits=(16, 4),
        help="Values from this one on, up to the next band. The lowest band also takes what lies below it.",
    )
    option = fields.Char(
        string="Key",
        compute="_compute_option",
        store=True,
        readonly=False,
        precompute=True,
        copy=True,
        help="Key of the answer: it stays the same in new versions of the policy.",
    )
    label = fields.Char(translate=True, help="What the answer or the range means.")
    points = fields.Float(required=True, help="0 to 100.")
    range_text = fields.Char(string="Values", compute="_compute_range_text")

    _option_uniq = models.Constraint(
        "UNIQUE (factor_id, option)", "Each answer of a factor stands once: give the second another key."
    )

    # === COMPUTES === #

    @api.depends("label")
    def _compute_option(self):
        for band in self:
            # Ranges need no key, and empty ones never meet in the unique constraint.
            is_answer = band.factor_id.kind == CHOICE
            band.option = band.option or (is_answer and make_code(band.label)) or False

    @api.depends("label", "factor_id.name")
    def _compute_display_name(self):
        for band in self:
            band.display_name = band.label or band.range_text or str(band.id)

    @api.depends("value_from", "label", "option", "factor_id.source", "factor_id.band_ids.value_from")
    def _compute_range_text(self):
        for band in self:
            if band.factor_id.kind == CHOICE:
                band.range_text = band.label or band.option
            else:
                band.range_text = band._get_range_text()

    def _get_range_text(self):
        floors = sorted(set(self.factor_id.band_ids.mapped("value_from")))
        above = next((floor for floor in floors if floor > self.value_from), None)
        values = {"start": f"{self.value_from:,g}", "end": f"{above:,g}" if above is not None else ""}
        if not floors or self.value_from == floors[0]:
            return self.env._("below %(end)s", **values) if above is not None else self.env._("any value")
        if above is None:
            return self.env._("from %(start)s", **values)
        return self.env._("from %(start)s to below %(end)s", **values)

    # === CHECKS === #

    @api.constrains("points")
    def _check_points(self):
        for band in self:
            if not 0 <= band.points <= 100:
                raise ValidationError(self.env._("%s: points go from 0 to 100.", band.factor_id.display_name))

    @api.constrains("value_from", "factor_id")
    def _check_floors(self):
        for factor in self.factor_id:
            if factor.kind == CHOICE:
                continue
            floors = sorted(factor.band_ids.mapped("value_from"))
            for floor, following in zip(floors, floors[1:], strict=False):
                if float_compare(floor, following, precision_digits=4) == 0:
                    raise ValidationError(
                        self.env._(
                            "%(factor)s has two bands from %(floor)s on: nobody knows which one counts.",
                            factor=factor.display_name,
                            floor=f"{floor:g}",
                        )
                    )

    @api.constrains("option", "factor_id")
    def _check_options(self):
        for band in self:
            if band.factor_id.kind == CHOICE and not band.option:
                raise ValidationError(
                    self.env._("%s: every answer needs a label.", band.factor_id.display_name)
                )
