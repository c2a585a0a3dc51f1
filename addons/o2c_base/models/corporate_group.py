"""Corporate groups: customers that are one risk."""

from odoo import api, fields, models


class CorporateGroup(models.Model):
    _name = "o2c.corporate.group"
    _inherit = ["mail.thread"]
    _description = "Corporate Group"
    _order = "name, id"

    name = fields.Char(required=True, index="trigram", tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        help="Leave empty to use the group in all companies.",
    )
    partner_ids = fields.One2many(
        "res.partner",
        "o2c_corporate_group_id",
        string="Members",
        domain="[('parent_id', '=', False)]",
        help="The commercial partners that are judged together.",
    )
    partner_count = fields.Integer(string="Number of Members", compute="_compute_partner_count")
    note = fields.Text(string="Notes")

    _name_company_uniq = models.UniqueIndex(
        "(name, COALESCE(company_id, 0))",
        "There is already a corporate group with this name.",
    )

    # === COMPUTES === #

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        counts = dict(self.env["res.partner"]._read_group(
            [("o2c_corporate_group_id", "in", self.ids)],
            ["o2c_corporate_group_id"], ["__count"]))
        for group in self:
            group.partner_count = counts.get(group._origin, 0)

    # === ACTIONS === #

    def action_open_members(self):
        """Open the members of the group."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "res.partner",
            "view_mode": "kanban,list,form",
            "domain": [("o2c_corporate_group_id", "=", self.id)],
        }
