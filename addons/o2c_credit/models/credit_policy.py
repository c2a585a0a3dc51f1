from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import frozendict, ormcache

THRESHOLDS = (
    "overdue_days",
    "overdue_min_amount",
    "overdue_share",
    "new_cover",
    "foreign_cover",
    "file_required",
    "confirmation_required",
    "confirmation_login",
    "release_deviation",
    "release_days",
    "notice_days",
    "watch_overdue_days",
    "watch_overdue_share",
    "watch_broken_promises",
    "watch_dormant_months",
    "watch_score_fall",
    "watch_usage",
    "suspend_overdue_days",
)


class CreditPolicy(models.Model):
    """How a company grades customers, what each grade grants, and what is watched (K2 to K6).

    All amounts are in the currency of the company. Percentages are written as people say them: 60 is 60 %.
    """

    _name = "o2c.credit.policy"
    _inherit = ["o2c.policy.mixin"]
    _description = "Credit policy"

    _policy_locked_fields = ("grade_line_ids", *THRESHOLDS)

    currency_id = fields.Many2one(related="company_id.currency_id")
    grade_line_ids = fields.One2many("o2c.credit.policy.grade", "policy_id", string="Grades", copy=True)

    # === ORDERS AND DELIVERIES === #

    overdue_days = fields.Integer(
        string="Oldest overdue item",
        default=30,
        help="Orders and deliveries wait when an item is overdue by more than so many days. 0: never.",
    )
    overdue_min_amount = fields.Monetary(
        string="Overdue amount that counts",
        help="A customer whose overdue items come to no more than this is not stopped for them.",
    )
    overdue_share = fields.Float(
        string="Share overdue (%)",
        help="Orders and deliveries wait when more than this share of what is owed is overdue. 0: never.",
    )
    new_cover = fields.Float(
        string="Cover of a first sale (%)",
        help="Guarantees of a customer without a delivery so far, as a share of the exposure (K5).",
    )
    foreign_cover = fields.Float(
        string="Cover of foreign customers (%)",
        help="Guarantees of customers in another country than the company, as a share of the exposure (K5).",
    )
    file_required = fields.Boolean(
        string="Credit file",
        help="The control of missing grades stops a credit sale to a customer without a credit file, too "
        "(K1). Archived files don't count; customers who buy under the terms of their group may do with its "
        "file.",
    )
    confirmation_required = fields.Boolean(
        string="Written confirmation",
        help="A credit sale needs the customer's signature on the order, its terms included (K6).",
    )
    confirmation_login = fields.Boolean(
        string="Signature with an account",
        help="On the portal only a user of the customer who has logged in can sign. Otherwise whoever holds "
        "the link of the order can, and the confirmation says so.",
    )
    release_deviation = fields.Float(
        string="Deviation of a release (%)",
        help="An order that was released stays released while its excess grows by no more than this.",
    )
    release_days = fields.Integer(
        string="Days of a release",
        default=30,
        help="A release that names no day is valid for so many days.",
    )

    # === MONITORING === #

    notice_days = fields.Integer(
        default=30, help="Grades and guarantees that end within so many days open a review."
    )
    watch_overdue_days = fields.Integer(
        string="Watch: days overdue",
        default=15,
        help="Customers with an item overdue by more days come on the watch list. 0: this is not watched.",
    )
    watch_overdue_share = fields.Float(
        string="Watch: share overdue (%)", default=20.0, help="0: this is not watched."
    )
    watch_broken_promises = fields.Integer(
        string="Watch: broken promises", default=2, help="0: this is not watched."
    )
    watch_dormant_months = fields.Integer(
        string="Watch: months without an order", default=6, help="0: this is not watched."
    )
    watch_score_fall = fields.Float(
        string="Watch: points lost", default=10.0, help="Since the score before. 0: this is not watched."
    )
    watch_usage = fields.Float(string="Watch: limit used (%)", default=90.0, help="0: this is not watched.")
    suspend_overdue_days = fields.Integer(
        string="Suspend after days overdue",
        help="The daily job suspends the credit of a customer with an item overdue by more days. 0: never.",
    )

    # === CHECKS === #

    @api.constrains(*THRESHOLDS)
    def _check_thresholds(self):
        for policy in self:
            for name in THRESHOLDS:
                if policy[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(field)s can't be negative.",
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    # === BUSINESS METHODS === #

    def _get_grade_line(self, score):
        """The grade that a score of 0 to 100 earns: the line with the highest floor that it reaches."""
        self.ensure_one()
        reached = self.grade_line_ids.filtered(lambda line: line.score_from <= score)
        return reached.sorted(lambda line: (-line.score_from, line.grade_id.sequence))[:1]

    def _get_line_of(self, grade):
        """What the policy grants to ``grade``; empty when it does not know it."""
        self.ensure_one()
        return self.grade_line_ids.filtered(lambda line: line.grade_id == grade)[:1]

    @api.model
    @ormcache("company_id")
    def _is_confirmation_asked(self, company_id):
        """Whether any policy of the company ever wanted credit sales confirmed: most companies need look
        no further."""
        policies = self.browse(rule.policy_id for rule in self._get_rules(company_id)).sudo()
        return any(policies.mapped("confirmation_required"))

    @api.model
    @ormcache("company_id")
    def _is_file_asked(self, company_id):
        """Whether any policy of the company ever asked for credit files."""
        policies = self.browse(rule.policy_id for rule in self._get_rules(company_id)).sudo()
        return any(policies.mapped("file_required"))

    # === JUDGING === #

    @api.model
    def _get_thresholds(self, company, partner, team=None):
        """Thresholds of the policy that judges a customer, or ``None`` without a policy.

        Read for every document, hence kept with the caches of the registry: what judges is not edited.

        :return: mapping with the names of :data:`THRESHOLDS`, ``id``, ``name`` and ``is_used``
        """
        policy = self._match(company, partner, team=team)
        return self._read_thresholds(policy.id) if policy else None

    @api.model
    @ormcache("policy_id")
    def _read_thresholds(self, policy_id):
        policy = self.sudo().browse(policy_id)
        values = {name: policy[name] for name in THRESHOLDS}
        return frozendict(
            values, id=policy.id, name=f"{policy.name} v{policy.version}", is_used=policy.is_used
        )

    def _mark_judged(self):
        """Remember that documents were judged, without a query where that is known already."""
        fresh = self.filtered(lambda policy: not self._read_thresholds(policy.id)["is_used"])
        if fresh:
            fresh._mark_used()
            # The thresholds that were kept say that the policy is unused.
            self.env.registry.clear_cache()
