from odoo import api, fields, models

from ..rules.ladder import DIRECT, LADDER, Cosign


class AuthorityKind(models.Model):
    """How a company collects the signatures for one kind of document."""

    _name = "o2c.authority.kind"
    _description = "Signature Rules of a Kind"
    _inherit = "o2c.logged.mixin"
    _order = "company_id, kind"

    _logged_event = "authority_changed"
    _logged_fields = ("company_id", "kind", "mode", "cosign_ids", "deadline_days")

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(selection="_selection_kind", required=True)
    mode = fields.Selection(
        [
            (LADDER, "Ladder: each level signs, up to the one that covers the amount"),
            (DIRECT, "Direct: only the lowest level that covers the amount signs"),
        ],
        string="Way",
        required=True,
        default=LADDER,
    )
    cosign_ids = fields.One2many("o2c.authority.cosign", "setting_id", string="Co-signatures", copy=True)
    deadline_days = fields.Integer(
        string="Decide Within (Days)",
        default=2,
        help="Days after which an open request counts as overdue. 0 means no deadline.",
    )

    _kind_uniq = models.Constraint(
        "UNIQUE (company_id, kind)", "The signature rules of this kind exist already in this company."
    )
    _deadline_positive = models.Constraint("CHECK (deadline_days >= 0)", "A deadline is zero days or more.")

    @api.model
    def _selection_kind(self):
        return self.env["o2c.request"]._fields["kind"]._description_selection(self.env)

    @api.depends("kind", "company_id")
    def _compute_display_name(self):
        kinds = dict(self._selection_kind())
        for setting in self:
            setting.display_name = f"{kinds.get(setting.kind, setting.kind)} ({setting.company_id.name})"

    # --- business ---------------------------------------------------------------------------------------

    @api.model
    def _get_setting(self, kind, company):
        """The setting of `company`, empty when there is none (a ladder without co-signatures)."""
        return self.sudo().search([("kind", "=", kind), ("company_id", "=", company.id)], limit=1)

    @api.model
    def _ensure_setting(self, kind, company):
        """Create the setting with its defaults when the first row of a kind appears."""
        if not self._get_setting(kind, company):
            self.sudo().create({"kind": kind, "company_id": company.id})

    def _get_cosigns(self):
        return [Cosign(rule.group_id.id, rule.amount_above) for rule in self.cosign_ids]
