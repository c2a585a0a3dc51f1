from odoo import api, fields, models


class InstalmentChoice(models.AbstractModel):
    """What receipt dialogs have in common: the money may be given to one instalment of ``order_id``."""

    _name = "o2c.instalment.choice.mixin"
    _description = "Choice of an instalment"

    instalment_id = fields.Many2one(
        "o2c.instalment",
        domain="[('order_id', '=', order_id), ('order_id.state', '=', 'sale')]",
        ondelete="cascade",
        help="Part of the order's payment schedule that the money pays. Without one it pays the oldest part"
        " first.",
    )
    has_instalments = fields.Boolean(string="Has instalments", compute="_compute_has_instalments")

    @api.depends("order_id")
    def _compute_has_instalments(self):
        for wizard in self:
            order = wizard.sudo().order_id
            wizard.has_instalments = order.state == "sale" and bool(order.o2c_instalment_ids)

    def _get_key(self):
        """What the money is given to: the instalment where one is named, else the order.

        :raise AccessError, UserError: for an instalment of another order, or that the user may not read
        """
        self.instalment_id._check_belongs(self.order_id)
        return self.instalment_id or self.order_id
