from odoo import api, fields, models


class DeliverySlipRegister(models.TransientModel):
    """Register who signed for a delivery, when, and the paper."""

    _name = "o2c.delivery.slip.register"
    _description = "Register a signed delivery slip"

    picking_id = fields.Many2one("stock.picking", string="Delivery", required=True, ondelete="cascade")
    has_signature = fields.Boolean(compute="_compute_has_signature", compute_sudo=True)
    signed_by = fields.Char(required=True, help="Name of the person who signed at the customer's.")
    signed_on = fields.Date(required=True, default=lambda self: self.env.company._o2c_today())
    file = fields.Binary(string="Signed slip", help="A scan or photo of the paper.")
    file_name = fields.Char()

    @api.depends("picking_id")
    def _compute_has_signature(self):
        for wizard in self:
            wizard.has_signature = bool(wizard.picking_id.signature)

    def action_register(self):
        """Register the signature; whoever waits for it is looked at again."""
        self.ensure_one()
        self.env["o2c.delivery.slip"]._record_signature(
            self.picking_id,
            signed_by=self.signed_by,
            signed_on=self.signed_on,
            file=self.file or None,
            file_name=self.file_name,
        )
        return {"type": "ir.actions.act_window_close"}
