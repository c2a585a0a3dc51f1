from odoo import api, fields, models


class CreditPolicy(models.Model):
    """The scorecard of a credit policy."""

    _inherit = "o2c.credit.policy"

    _policy_locked_fields = ("factor_ids",)

    factor_ids = fields.One2many("o2c.credit.factor", "policy_id", string="Scorecard", copy=True)
    weight_total = fields.Float(
        string="Sum of weights",
        compute="_compute_weight_total",
        help="Any sum will do: each factor decides its part of it. With 100, weights are percentages.",
    )

    # === COMPUTES === #

    @api.depends("factor_ids.weight")
    def _compute_weight_total(self):
        for policy in self:
            policy.weight_total = sum(policy.factor_ids.mapped("weight"))

    # === ACTIONS === #

    def action_put_in_force(self):
        self._check_policy_right()
        self.factor_ids._check_complete()
        return super().action_put_in_force()

    def action_new_version(self):
        """Open a draft that will replace this policy, its texts in all languages included."""
        self.ensure_one()
        drafts = [("previous_id", "=", self.id), ("state", "=", "draft")]
        had_draft = bool(self.search_count(drafts, limit=1))
        action = super().action_new_version()
        if not had_draft:
            self.copy_translations(self.browse(action["res_id"]))
        return action

    # === BUSINESS METHODS === #

    def _get_scorecard(self):
        """The factors as pure data for ``rules/score.py``."""
        self.ensure_one()
        return [factor._get_rule() for factor in self.factor_ids]
