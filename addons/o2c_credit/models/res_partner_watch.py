from odoo import api, fields, models

from .credit_watch import MEASURES


class ResPartner(models.Model):
    """The watch list and the credit overview on the customer."""

    _inherit = "res.partner"

    o2c_watch_measure = fields.Selection(
        MEASURES,
        string="Watch list",
        compute="_compute_o2c_watch",
        help="Measure proposed by the watch list.",
    )

    @api.depends_context("company", "uid")
    def _compute_o2c_watch(self):
        """With the rights of the reader; who reads no watch list sees nothing."""
        watches = self.env["o2c.credit.watch"]
        found = {}
        if watches.has_access("read"):
            rows = watches.search([
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.sudo().o2c_exposure_company_id.id),
                ("state", "=", "open"),
            ])
            found = {row.partner_id: row.measure for row in rows}
        for partner in self:
            partner.o2c_watch_measure = found.get(partner.commercial_partner_id, False)

    def action_o2c_watch(self):
        """Rows of the watch list about the customer, the open one first."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_watch_action")
        domain = [("partner_id", "=", self.commercial_partner_id.id)]
        return {**action, "view_mode": "list,kanban,form", "views": [], "domain": domain, "context": {}}

    def action_o2c_credit_report(self):
        """Credit of the customer in all companies of the user."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_report_action")
        return {**action, "domain": [("partner_id", "=", self.commercial_partner_id.id)], "context": {}}
