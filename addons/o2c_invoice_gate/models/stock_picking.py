from odoo import api, fields, models
from odoo.fields import Domain


class StockPicking(models.Model):
    """Whether the customer has signed for a delivery."""

    _inherit = "stock.picking"

    o2c_slip_ids = fields.One2many(
        "o2c.delivery.slip", "picking_id", string="Signed slips", readonly=True, copy=False)
    o2c_is_signed = fields.Boolean(
        string="Signed by the customer",
        compute="_compute_o2c_is_signed",
        search="_search_o2c_is_signed",
        compute_sudo=True,
        help="A signed delivery slip is registered.",
    )
    o2c_can_sign = fields.Boolean(compute="_compute_o2c_is_signed", compute_sudo=True)

    # === COMPUTES === #

    @api.depends("o2c_slip_ids.state")
    def _compute_o2c_is_signed(self):
        groups = self.env["o2c.delivery.slip"]._read_group(
            [("picking_id", "in", self._origin.ids), ("state", "=", "valid")], ["picking_id"])
        signed = {picking.id for [picking] in groups}
        for picking in self:
            picking.o2c_is_signed = picking._origin.id in signed
            picking.o2c_can_sign = (
                picking.state == "done"
                and not picking.o2c_is_signed
                and any(move._is_o2c_leaving() for move in picking.move_ids)
            )

    @api.model
    def _search_o2c_is_signed(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Whoever may read the delivery may know that it was signed for.
        domain = Domain("o2c_slip_ids", "any!", [("state", "=", "valid")])
        return domain if True in value else ~domain

    # === ACTIONS === #

    def action_o2c_register_slip(self):
        """Open the dialogue in which the customer's signature is registered."""
        self.ensure_one()
        self.env["o2c.delivery.slip"]._check_keeper(self)
        actions = self.env["ir.actions.act_window"]
        action = actions._for_xml_id("o2c_invoice_gate.delivery_slip_register_action")
        action["context"] = {"default_picking_id": self.id}
        return action

    def action_o2c_open_slips(self):
        """Show the signed slips of the delivery."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_invoice_gate.delivery_slip_action")
        action["domain"] = [("picking_id", "=", self.id)]
        action["context"] = {}
        slips = self.o2c_slip_ids
        if len(slips) == 1:
            action.update(res_id=slips.id, views=[(False, "form")])
        return action
