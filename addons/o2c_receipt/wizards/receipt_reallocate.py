from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ReceiptReallocate(models.TransientModel):
    """Moves allocated money to another order, or sets it free; with a reason."""

    _name = "o2c.receipt.reallocate"
    _inherit = ["o2c.instalment.choice.mixin"]
    _description = "Re-allocate a receipt"

    allocation_id = fields.Many2one(
        "o2c.receipt.allocation", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="allocation_id.currency_id")
    allocated_amount = fields.Monetary(compute="_compute_allocated_amount", string="Allocated")
    amount = fields.Monetary(string="Move", compute="_compute_amount", store=True, readonly=False)
    action = fields.Selection(
        [("move", "Give it to another order or instalment"), ("release", "Set it free")],
        required=True,
        default="move",
    )
    company_id = fields.Many2one(related="allocation_id.company_id")
    partner_id = fields.Many2one(related="allocation_id.partner_id")
    order_id = fields.Many2one("sale.order", string="To order", ondelete="cascade")
    instalment_id = fields.Many2one(
        string="To instalment", compute="_compute_instalment_id", store=True, readonly=False)
    reason = fields.Char(help="Why the money belongs elsewhere. It is registered.")

    @api.depends("allocation_id")
    def _compute_allocated_amount(self):
        for wizard in self:
            wizard.allocated_amount = abs(wizard.allocation_id.amount)

    @api.depends("allocation_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = abs(wizard.allocation_id.amount)

    @api.depends("order_id")
    def _compute_instalment_id(self):
        for wizard in self:
            if wizard.instalment_id.order_id != wizard.order_id:
                wizard.instalment_id = False

    @api.model
    def _start(self, row):
        """Open the dialog; where the order has instalments, its own money may move between them."""
        stays = row.sudo().order_id.filtered(lambda order: order.state == "sale" and order.o2c_instalment_ids)
        return self.create({"allocation_id": row.id, "order_id": stays.id})._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Re-allocate"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_reallocate(self):
        """Close the allocation and open what follows.

        :raise AccessError: for users who don't allocate
        :raise UserError: without a reason, or when the money is not there
        """
        self.ensure_one()
        row = self.allocation_id
        row._check_allocator()
        row.check_access("read")
        if row.sudo()._get_receipt().company_id not in self.env.companies:
            raise AccessError(self.env._("This receipt belongs to a company in which you don't work."))
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the money belongs elsewhere."))
        if self.action == "release":
            row._reallocate({}, reason, released=self.amount)
        else:
            self.order_id.check_access("read")
            key = self._get_key()
            if not self.order_id or key == row.sudo()._get_key():
                raise UserError(self.env._("Choose the order or instalment to which the money belongs."))
            row._reallocate({key: self.amount}, reason)
        return {"type": "ir.actions.act_window_close"}
