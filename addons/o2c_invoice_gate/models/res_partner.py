from odoo import fields, models


class ResPartner(models.Model):
    """Invoice applications of a customer."""

    _inherit = "res.partner"

    o2c_application_count = fields.Integer(
        string="Number of invoice applications", compute="_compute_o2c_application_count",
        groups="sales_team.group_sale_salesman,account.group_account_readonly,"
        "account.group_account_invoice,o2c_base.group_o2c_user")

    def _compute_o2c_application_count(self):
        groups = self.env["o2c.invoice.application"]._read_group(
            [("partner_id", "in", self.commercial_partner_id.ids)], ["partner_id"], ["__count"])
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.o2c_application_count = counts.get(partner.commercial_partner_id.id, 0)

    def action_o2c_open_applications(self):
        """Show the invoice applications of the customer."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_invoice_gate.invoice_application_action")
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {}
        return action
