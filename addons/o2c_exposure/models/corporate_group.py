from odoo import api, fields, models

from .exposure_access import FULL_READERS


class CorporateGroup(models.Model):
    """What the members of a group owe together, in the current company; measured when shown."""

    _inherit = "o2c.corporate.group"

    o2c_currency_id = fields.Many2one(
        "res.currency", string="Exposure Currency", compute="_compute_o2c_currency_id"
    )
    o2c_exposure = fields.Monetary(
        string="Exposure",
        currency_field="o2c_currency_id",
        compute="_compute_o2c_exposure",
        groups=",".join(FULL_READERS),
        help="What the members owe and will owe for confirmed orders, in the current company.",
    )

    # === COMPUTES === #

    @api.depends_context("company")
    def _compute_o2c_currency_id(self):
        self.o2c_currency_id = self.env.company.sudo().o2c_exposure_company_id.currency_id

    @api.depends_context("company")
    def _compute_o2c_exposure(self):
        company = self.env.company
        exposures = self.env["o2c.exposure"]._get_group_exposure(self._origin, company)
        for group in self:
            exposure = exposures.get(group._origin.id)
            group.o2c_exposure = exposure.total if exposure else 0.0

    # === ACTIONS === #

    def action_open_o2c_exposure(self):
        """Open the exposure of the members: a line per component of each."""
        self.ensure_one()
        self.env["o2c.exposure"]._check_reader()
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_exposure.exposure_line_action")
        action["domain"] = [("corporate_group_id", "=", self.id)]
        action["context"] = {"create": False}
        action["display_name"] = self.env._("Exposure of %s", self.display_name)
        return action
