from odoo import fields, models


class AuthorityCosign(models.Model):
    """A signature that comes on top of the levels: finance countersigns."""

    _name = "o2c.authority.cosign"
    _description = "Co-signature"
    _inherit = "o2c.logged.mixin"
    _order = "setting_id, sequence, id"

    _logged_event = "authority_changed"
    _logged_fields = ("setting_id", "sequence", "group_id", "amount_above")

    setting_id = fields.Many2one("o2c.authority.kind", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="setting_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    group_id = fields.Many2one(
        "res.groups",
        string="Role",
        required=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Countersigns after the levels of the table, by a person who has not signed yet.",
    )
    amount_above = fields.Monetary(
        string="From More Than",
        help="The co-signature is needed for amounts above this one, in company currency.",
    )

    _amount_positive = models.Constraint("CHECK (amount_above >= 0)", "The amount is zero or more.")
    _role_uniq = models.Constraint(
        "UNIQUE (setting_id, group_id)", "This role countersigns this kind already."
    )

    def _compute_display_name(self):
        for rule in self:
            rule.display_name = self.env._(
                "%(role)s above %(amount)s",
                role=rule.sudo().group_id.display_name,
                amount=rule.company_id._o2c_format_amount(rule.amount_above),
            )
