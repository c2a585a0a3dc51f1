from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import frozendict, ormcache

from ..rules.gate import PROPORTIONAL, WHOLE

CONTENT = (
    "threshold",
    "rule",
    "receipts",
    "down_payments",
    "corrections_exempt",
    "paid_exempt",
    "manual_checked",
    "quantity_check",
    "quantity_tolerance",
    "signature_needed",
    "exception_allowed",
    "near_points",
    "wait_days",
)


class InvoicePolicy(models.Model):
    """When a company issues an invoice (I1, I2, D5): how much money must be in, and what must agree.

    Percentages are written as people say them: 60 is 60 %. Where no policy applies nothing is judged.
    """

    _name = "o2c.invoice.policy"
    _inherit = ["o2c.policy.mixin"]
    _description = "Invoice policy"

    _policy_locked_fields = CONTENT

    # === MONEY === #

    threshold = fields.Float(
        string="Collected at least (%)",
        default=60.0,
        required=True,
        tracking=True,
        digits=(16, 2),
        help="Share of the order's total, tax included, that must have been collected before an invoice is"
        " issued. Compared without rounding.",
    )
    rule = fields.Selection(
        [
            (WHOLE, "Whole order: once the share is in, all of it may be invoiced"),
            (PROPORTIONAL, "Proportional: the share of what is invoiced must be in"),
        ],
        required=True,
        default=WHOLE,
        tracking=True,
    )
    receipts = fields.Selection(
        [
            ("posted", "Posted: also payments that the bank has not confirmed"),
            ("cleared", "Cleared: payments that were matched with the bank"),
        ],
        string="Receipts that count",
        required=True,
        default="posted",
        tracking=True,
    )
    down_payments = fields.Selection(
        [
            ("counted", "Like other invoices"),
            ("exempt", "Exempt: they ask for the money that the others wait for"),
        ],
        string="Down-payment invoices",
        required=True,
        default="counted",
        tracking=True,
    )
    corrections_exempt = fields.Boolean(
        string="Corrections are exempt",
        default=True,
        tracking=True,
        help="An invoice that takes the place of credited ones, within what was approved, needs no new money."
        " Credit notes are always exempt.",
    )
    paid_exempt = fields.Boolean(
        string="Cash sales need no application",
        tracking=True,
        help="Of an order that is collected in full no invoice application is asked for.",
    )
    exception_allowed = fields.Boolean(
        string="Exceptions can be applied for",
        default=True,
        tracking=True,
        help="Below the share, an application may go the way of exceptions, which has its own authority.",
    )

    # === WHAT MUST AGREE === #

    manual_checked = fields.Boolean(
        string="Manual invoices are looked at",
        default=True,
        tracking=True,
        help="An invoice without an order, for a customer who has orders that are not invoiced.",
    )
    quantity_check = fields.Selection(
        [
            ("none", "Not compared"),
            ("goods", "Goods: no more than was delivered"),
            ("all", "Goods and services: no more than was delivered or rendered"),
        ],
        string="Quantities",
        required=True,
        default="goods",
        tracking=True,
        help="Discounts and other lines without a positive price are never compared.",
    )
    quantity_tolerance = fields.Float(
        string="Tolerance of quantities (%)",
        tracking=True,
        digits=(16, 2),
        help="An invoice may exceed the delivered quantity by this share, for goods by weight or measure.",
    )
    signature_needed = fields.Boolean(
        string="Signed delivery slip",
        default=True,
        tracking=True,
        help="Goods are invoiced when the customer has signed for them (D5).",
    )

    # === WORKLIST === #

    near_points = fields.Float(
        string="Nearly there (points)",
        default=15.0,
        tracking=True,
        digits=(16, 2),
        help="Orders that lack no more than so many percentage points are called nearly ready.",
    )
    wait_days = fields.Integer(
        string="Waiting too long (days)",
        default=30,
        tracking=True,
        help="Days after the last delivery from which an order that is not invoiced is pointed out.",
    )

    # === CHECKS === #

    @api.constrains("threshold", "quantity_tolerance", "near_points", "wait_days")
    def _check_figures(self):
        for policy in self:
            for name in ("threshold", "quantity_tolerance", "near_points"):
                if not 0 <= policy[name] <= 100:
                    raise ValidationError(self.env._(
                        "%(field)s is between 0 and 100.",
                        field=self._fields[name]._description_string(self.env)))
            if policy.wait_days < 0:
                raise ValidationError(self.env._("An order can't wait less than no day."))

    # === JUDGING === #

    @api.model
    def _get_terms(self, order):
        """Thresholds of the policy that judges the invoices of an order, or ``None``.

        Kept with the caches of the registry: what judges is not edited.

        :return: mapping with the names of the policy's fields, ``id``, ``name`` and ``is_used``
        """
        if not self._has_policies(order.company_id.id):
            return None
        policy = self._match(order.company_id, order.partner_invoice_id, team=order.team_id)
        return self._read_terms(policy.id) if policy else None

    @api.model
    @ormcache("company_id")
    def _has_policies(self, company_id):
        """Most companies have no policy: they pay nothing for this module."""
        return bool(self._get_rules(company_id))

    @api.model
    @ormcache("policy_id")
    def _read_terms(self, policy_id):
        policy = self.sudo().browse(policy_id)
        values = {name: policy[name] for name in (*CONTENT, "id", "is_used")}
        return frozendict(values, name=f"{policy.name} v{policy.version}")

    def _mark_judged(self):
        """Remember that invoices were judged, without a query where that is known already."""
        fresh = self.filtered(lambda policy: not self._read_terms(policy.id)["is_used"])
        if fresh:
            fresh._mark_used()
            # The terms that were kept say that the policy is unused.
            self.env.registry.clear_cache()
