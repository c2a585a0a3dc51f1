from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import ValidationError

from ..rules import score as rules
from ..rules.source import CHOICE, make_code


class CreditFactor(models.Model):
    """One factor of the scorecard of a credit policy: what is looked at, and how much it decides."""

    _name = "o2c.credit.factor"
    _inherit = ["o2c.policy.line.mixin"]
    _description = "Factor of a scorecard"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one("o2c.credit.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True, help="As the score sheet shows it.")
    code = fields.Char(
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        copy=True,
        help="Key under which answers are kept: it stays the same in new versions of the policy.",
    )
    description = fields.Char(
        translate=True, help="What the credit officer should look at, or why the factor matters."
    )
    source = fields.Selection(selection="_get_source_selection", required=True, default="answer")
    source_help = fields.Char(compute="_compute_source")
    kind = fields.Selection([("number", "Number"), ("choice", "Choice")], compute="_compute_source")
    unit = fields.Char(compute="_compute_source")
    weight = fields.Float(
        required=True,
        default=10.0,
        help="How much the factor decides, in proportion to the weights of the others.",
    )
    share = fields.Float(
        string="Share (%)", compute="_compute_share", help="Part of the score that this factor decides."
    )
    missing_rule = fields.Selection(
        [
            (rules.FAIL, "No points"),
            (rules.NEUTRAL, "Neutral points"),
            (rules.LEAVE_OUT, "Leave out, weight to the others"),
            (rules.REFUSE, "No score at all"),
        ],
        string="When it is not known",
        required=True,
        default=rules.FAIL,
        help="What counts when nothing is known. The score sheet says so in any case.",
    )
    missing_points = fields.Float(
        string="Neutral points", default=50.0, help="Points of 0 to 100 when nothing is known."
    )
    band_ids = fields.One2many("o2c.credit.factor.band", "factor_id", string="Bands", copy=True)
    band_summary = fields.Char(string="Points", compute="_compute_band_summary")

    _code_uniq = models.Constraint("UNIQUE (policy_id, code)", "A factor's code stands once in a policy.")
    _weight_positive = models.Constraint(
        "CHECK (weight > 0)", "A factor without weight decides nothing: give it one, or delete it."
    )

    # === COMPUTES === #

    @api.model
    def _get_source_selection(self):
        return self.env["o2c.credit.source"]._get_selection()

    @api.depends("name")
    def _compute_code(self):
        for factor in self:
            factor.code = factor.code or make_code(factor.name)

    @api.depends("source")
    def _compute_source(self):
        registry = self.env["o2c.credit.source"]
        sources = registry._get_sources()
        for factor in self:
            source = sources.get(factor.source)
            factor.kind = source.kind if source else "number"
            factor.unit = registry._get_unit_label(source.unit) if source else False
            factor.source_help = source.help if source else False

    @api.depends("weight", "policy_id.factor_ids.weight")
    def _compute_share(self):
        for factor in self:
            total = sum(factor.policy_id.factor_ids.mapped("weight"))
            factor.share = factor.weight / total * 100 if total else 0.0

    @api.depends("band_ids.points", "band_ids.value_from", "band_ids.label", "source")
    def _compute_band_summary(self):
        for factor in self:
            factor.band_summary = join_names(
                self.env,
                [
                    self.env._("%(range)s: %(points)s", range=band.range_text, points=f"{band.points:g}")
                    for band in factor._get_ordered_bands()
                ],
            )

    # === CHECKS === #

    @api.constrains("source")
    def _check_source(self):
        """Selections that a method lists accept anything."""
        known = self.env["o2c.credit.source"]._get_sources()
        for factor in self:
            if factor.source not in known:
                raise ValidationError(
                    self.env._(
                        "%(factor)s: there is no source %(key)s.",
                        factor=factor.display_name,
                        key=factor.source,
                    )
                )

    @api.constrains("missing_points")
    def _check_missing_points(self):
        for factor in self:
            if not 0 <= factor.missing_points <= 100:
                raise ValidationError(self.env._("%s: neutral points go from 0 to 100.", factor.display_name))

    def _check_complete(self):
        """Refuse factors that could score nobody.

        :raise ValidationError: naming the factor and what it lacks
        """
        for factor in self:
            if not factor.band_ids:
                raise ValidationError(
                    self.env._(
                        "The factor %s has no bands: say how many points its values give.",
                        factor.display_name,
                    )
                )

    # === CRUD === #

    def copy(self, default=None):
        """Give a duplicate in the same policy a code of its own; versions of a policy keep codes."""
        copies = self.browse()
        for factor in self:
            own = {"code": f"{factor.code}_copy", **(default or {})}
            copies += super(CreditFactor, factor).copy(own)
        return copies

    # === BUSINESS METHODS === #

    def _get_rule(self):
        """The factor as pure data for ``rules/score.py``."""
        self.ensure_one()
        return rules.Factor(
            key=self.id,
            weight=self.weight,
            bands=tuple(
                rules.Band(band.id, band.points, band.value_from, band.option or "") for band in self.band_ids
            ),
            is_choice=self.kind == CHOICE,
            missing_rule=self.missing_rule,
            missing_points=self.missing_points,
        )

    def _get_ordered_bands(self):
        """Bands from the lowest number up, or options in their order."""
        self.ensure_one()
        if self.kind == CHOICE:
            return self.band_ids.sorted(lambda band: (band.sequence, band._origin.id))
        return self.band_ids.sorted("value_from")

    def _get_option(self, key):
        """The band of an answer, by its key; empty when there is none (any more)."""
        self.ensure_one()
        return self.band_ids.filtered(lambda band: band.option == key) if key else self.band_ids.browse()

    def _get_value(self, found):
        """The factor's own value among ``found``, the values of one customer by source."""
        self.ensure_one()
        value = found.get(self.source)
        return (value or {}).get(self.code) if self.source == "answer" else value
