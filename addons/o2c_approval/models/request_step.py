from odoo import api, fields, models
from odoo.exceptions import UserError

TRANSITIONS = {
    "waiting": ("current", "void"),
    "current": ("approved", "rejected", "void"),
}


class RequestStep(models.Model):
    """One signature of a request. Written by the request only, never deleted."""

    _name = "o2c.request.step"
    _description = "Approval Step"
    _inherit = "o2c.guarded.mixin"
    _order = "request_id, sequence, id"

    _guarded_fields = "*"

    request_id = fields.Many2one("o2c.request", required=True, readonly=True, index=True, ondelete="restrict")
    sequence = fields.Integer(readonly=True)
    group_id = fields.Many2one("res.groups", string="Role", required=True, readonly=True, ondelete="restrict")
    amount_to = fields.Monetary(
        string="Authority", readonly=True, help="As the authority table said when the request was submitted."
    )
    is_unlimited = fields.Boolean(readonly=True)
    is_cosignature = fields.Boolean(string="Co-signature", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Later"),
            ("current", "Waiting for Decision"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("void", "Not Needed Any More"),
        ],
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    activated_on = fields.Datetime(string="Waiting Since", readonly=True)
    decided_by = fields.Many2one("res.users", readonly=True, index="btree_not_null", ondelete="restrict")
    on_behalf_of = fields.Many2one(
        "res.users",
        readonly=True,
        ondelete="restrict",
        help="The holder of the role, when his delegate decided.",
    )
    decided_on = fields.Datetime(readonly=True)
    comment = fields.Text(readonly=True)
    hours = fields.Float(
        string="Hours to Decide",
        readonly=True,
        aggregator="avg",
        help="From the moment it was this step's turn.",
    )

    # what reports group by; stored, so that they stay what they were
    company_id = fields.Many2one(related="request_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(related="request_id.kind", store=True)
    partner_id = fields.Many2one(related="request_id.partner_id", store=True)
    requester_id = fields.Many2one(related="request_id.requester_id", store=True)
    amount = fields.Monetary(related="request_id.amount", store=True)

    @api.depends("group_id", "request_id")
    def _compute_display_name(self):
        for step in self:
            step.display_name = f"{step.request_id.name} / {step.sudo().group_id.display_name}"

    # --- business ---------------------------------------------------------------------------------------

    def _set_state(self, state, **vals):
        """The only writer of `state`. The request has taken the lock and registers what it means."""
        for step in self:
            if state not in TRANSITIONS.get(step.state, ()):
                raise UserError(self.env._("%s is decided already.", step.display_name))
        self._guarded_write({**vals, "state": state})

    def _sign(self, decision, principal, comment):
        """Write the answer of the current user, who was found entitled as, or for, `principal`."""
        self.ensure_one()
        now = fields.Datetime.now()
        self._set_state(
            decision,
            decided_by=self.env.uid,
            on_behalf_of=principal.id if principal != self.env.user else False,
            decided_on=now,
            comment=comment,
            hours=(now - self.activated_on).total_seconds() / 3600,
        )

    def _guard_get_hint(self):
        return self.env._("Approve or reject the request.")
