from odoo import fields, models


class CreditFile(models.Model):
    """From the file to what was decided about its customer."""

    _inherit = "o2c.credit.file"

    guarantee_ids = fields.Many2many(
        "o2c.credit.guarantee",
        string="Guarantees",
        compute="_compute_guarantee_ids",
        help="That secure the customer, or its corporate group.",
    )
    guarantee_count = fields.Integer(compute="_compute_guarantee_ids")

    # === COMPUTES === #

    def _compute_guarantee_ids(self):
        guarantees = self.env["o2c.credit.guarantee"].search(
            [
                ("company_id", "in", self.company_id.ids),
                "|",
                ("partner_id", "in", self.partner_id.ids),
                ("corporate_group_id", "in", self._get_groups().ids),
            ]
        )
        for file in self:
            file.guarantee_ids = guarantees.filtered(file._is_about)
            file.guarantee_count = len(file.guarantee_ids)

    # === ACTIONS === #

    def action_open_guarantees(self):
        """Guarantees of the customer and of its corporate group."""
        return self._open_decisions("o2c_credit.credit_guarantee_action", self.guarantee_ids.ids)

    def action_open_partner(self):
        """Open the customer, or the corporate group."""
        self.ensure_one()
        self.check_access("read")
        return (self.partner_id or self.corporate_group_id).get_formview_action()

    def action_open_register(self):
        """What was written into this file, by whom and when."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_base.o2c_register_action")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {}
        return action

    # === HELPERS === #

    def _open_decisions(self, xmlid, ids):
        """Window action on records about the customer, with their defaults for a new one."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("id", "in", ids)]
        action["context"] = {
            "default_partner_id": self.partner_id.id,
            "default_corporate_group_id": self.corporate_group_id.id,
            "default_company_id": self.company_id.id,
        }
        return action

    def _get_groups(self):
        """Corporate groups of the files, and of the customers of the files."""
        return (self.corporate_group_id | self.partner_id.sudo().o2c_corporate_group_id).sudo(self.env.su)

    def _is_about(self, document):
        """Whether a document concerns the customer of the file, or its corporate group."""
        self.ensure_one()
        if document.company_id != self.company_id:
            return False
        if document.partner_id:
            return document.partner_id == self.partner_id
        return document.corporate_group_id in self._get_groups()
