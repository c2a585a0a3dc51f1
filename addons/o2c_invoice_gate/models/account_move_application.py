from odoo import fields, models


class AccountMove(models.Model):
    """The application that an invoice was made from."""

    _inherit = "account.move"

    o2c_application_ids = fields.One2many(
        "o2c.invoice.application", "move_id", string="Invoice application", readonly=True, copy=False)

    def action_o2c_open_application(self):
        """Open the application that the invoice was made from."""
        self.ensure_one()
        self.check_access("read")
        applications = self.o2c_application_ids
        applications.check_access("read")
        return applications[:1].get_formview_action()
