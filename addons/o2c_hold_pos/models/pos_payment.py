from odoo import api, models
from odoo.addons.o2c_hold.models.passes import undoing


class PosPayment(models.Model):
    """Payments of orders that are sold already: money at the till must not turn into a debt."""

    _inherit = "pos.payment"

    @api.model_create_multi
    def create(self, vals_list):
        with undoing(self.env):
            payments = super().create(vals_list)
            payments.sudo().pos_order_id._check_o2c_account()
        return payments

    def write(self, vals):
        if {"amount", "payment_method_id", "pos_order_id"}.isdisjoint(vals):
            return super().write(vals)
        before = self._get_o2c_on_account()
        with undoing(self.env):
            result = super().write(vals)
            after = self._get_o2c_on_account()
            grown = [order for order, amount in after.items() if amount > before.get(order, 0.0)]
            self.env["pos.order"].sudo().concat(*grown)._check_o2c_account()
        return result

    def unlink(self):
        orders = self.sudo().pos_order_id
        before = {order: order._get_o2c_on_account() for order in orders}
        with undoing(self.env):
            result = super().unlink()
            orders.exists().filtered(
                lambda order: order._get_o2c_on_account() > before[order])._check_o2c_account()
        return result

    def _get_o2c_on_account(self):
        """What each order of these payments has on account, in its currency."""
        return {order: order._get_o2c_on_account() for order in self.sudo().pos_order_id}
