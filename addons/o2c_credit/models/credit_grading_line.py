from odoo import api, fields, models
from odoo.addons.o2c_base.models.wording import join_names


class CreditGradingLine(models.Model):
    """What a grading says about one customer."""

    _name = "o2c.credit.grading.line"
    _inherit = ["o2c.run.line.mixin"]
    _description = "Result of a grading"
    _order = "run_id desc, id"
    _rec_name = "partner_id"

    _guarded_fields = "*"
    # A draft may be deleted; the line keeps what it said.
    _guarded_links = ("application_id",)

    run_id = fields.Many2one(
        "o2c.credit.grading", string="Grading", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True, precompute=True)
    date = fields.Date(related="run_id.date")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    outcome = fields.Selection([("graded", "Graded"), ("refused", "Not gradable")], readonly=True, index=True)
    score_id = fields.Many2one(
        "o2c.credit.score", string="Score sheet", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    score = fields.Float(readonly=True, digits=(5, 2), aggregator="avg")
    grade_id = fields.Many2one(
        "o2c.credit.grade", string="Proposed grade", readonly=True, ondelete="restrict"
    )
    current_grade_id = fields.Many2one(
        "o2c.credit.grade",
        string="Grade so far",
        readonly=True,
        ondelete="restrict",
        help="The grade in force when the customer was graded.",
    )
    change = fields.Selection(
        [("first", "First grade"), ("better", "Better"), ("same", "Same"), ("worse", "Worse")],
        readonly=True,
        help="The proposed grade against the one in force.",
    )
    application_id = fields.Many2one(
        "o2c.credit.application",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Drafted by this grading, because grade or limit would change.",
    )
    missing_count = fields.Integer(string="Missing", readonly=True, aggregator="avg")

    # === ACTIONS === #

    def action_open_score(self):
        """Open the score sheet."""
        self.ensure_one()
        self.check_access("read")
        return self.score_id._get_form_action()

    def action_open_application(self):
        """Open the application that was drafted."""
        self.ensure_one()
        self.check_access("read")
        return self.application_id._get_form_action()

    # === HELPERS === #

    @api.model
    def _prepare_result_vals(self, evaluation, score, current):
        """Values of a graded line.

        :param score: the score that was kept, or None when there is none
        :param current: grade in force, maybe empty
        """
        vals = {"state": "done", "current_grade_id": current.id}
        if not score:
            reasons = join_names(self.env, evaluation.refusals)
            return {**vals, "outcome": "refused", "message": self.env._("Not gradable: %s", reasons)}
        return {
            **vals,
            "outcome": "graded",
            "score_id": score.id,
            "score": score.score,
            "grade_id": score.grade_id.id,
            "missing_count": score.missing_count,
            "change": self._get_change(current, score.grade_id),
        }

    @api.model
    def _get_change(self, current, proposed):
        if not current or not proposed:
            return "first" if proposed else False
        if current == proposed:
            return "same"
        return "worse" if proposed._is_below(current) else "better"
