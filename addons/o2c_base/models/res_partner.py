"""Customers belong to corporate groups."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

GROUP_EDITORS = ("o2c_base.group_credit_officer", "o2c_base.group_policy_administrator")


class ResPartner(models.Model):
    _inherit = "res.partner"

    o2c_corporate_group_id = fields.Many2one(
        "o2c.corporate.group",
        string="Corporate Group",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        help="Customers of one group are judged together. Set on the company, not on its contacts.",
    )

    # === CHECKS === #

    @api.constrains("o2c_corporate_group_id", "parent_id", "is_company")
    def _check_o2c_corporate_group(self):
        for partner in self.sudo():
            if partner.o2c_corporate_group_id and partner.commercial_partner_id != partner:
                raise ValidationError(self.env._(
                    "%(partner)s is a contact of %(company)s. Corporate groups hold companies: "
                    "put %(company)s into the group instead.",
                    partner=partner.display_name,
                    company=partner.commercial_partner_id.display_name,
                ))

    def _check_o2c_group_right(self):
        if not self.env.su and not any(map(self.env.user.has_group, GROUP_EDITORS)):
            raise AccessError(self.env._(
                "The corporate group decides which limits and policies apply to a customer. "
                "Ask a credit officer or the policy administrator to change it."))

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        # Looked at afterwards, because defaults of the context count as well.
        grouped = partners.filtered("o2c_corporate_group_id")
        if grouped:
            grouped._check_o2c_group_right()
            grouped._o2c_log_group_change({})
        return partners

    def write(self, vals):
        if "o2c_corporate_group_id" not in vals:
            return super().write(vals)
        origins = {partner.id: partner.o2c_corporate_group_id for partner in self}
        target = vals["o2c_corporate_group_id"] or False
        changed = self.filtered(lambda partner: partner.o2c_corporate_group_id.id != target)
        if changed:
            changed._check_o2c_group_right()
        result = super().write(vals)
        changed._o2c_log_group_change(origins)
        return result

    # === HELPERS === #

    def _o2c_log_group_change(self, origins):
        nothing = self.env["o2c.corporate.group"]
        self.env["o2c.register"]._log_many([
            {
                "record": partner,
                "event": "group_changed",
                "message": self.env._(
                    "Corporate group of %(partner)s: %(old)s → %(new)s",
                    partner=partner.display_name,
                    old=origins.get(partner.id, nothing).sudo().name or "-",
                    new=partner.o2c_corporate_group_id.sudo().name or "-",
                ),
                "evidence": {
                    "from": origins.get(partner.id, nothing).id,
                    "to": partner.o2c_corporate_group_id.id,
                },
            }
            for partner in self
        ])
