from datetime import timedelta

from odoo import api, fields, models

from ..demo.scenario import LAST_MONTH


class Demo(models.AbstractModel):
    """Goods that left last month and were not invoiced: something for the month-end run."""

    _inherit = "o2c.demo"

    @api.model
    def _build_last_month(self):
        for key, customer, lines, days in LAST_MONTH:
            order = self._build_order(key, customer, [line[:2] for line in lines])
            order.action_confirm()
            left = {product: delivered for product, _ordered, delivered in lines}
            day = self._get_today().replace(day=1) - timedelta(days=days)
            self._deliver_late(order, left, day)

    @api.model
    def _deliver_late(self, order, left, day):
        """The warehouse enters today what left on ``day``: it corrects the effective date, as it may."""
        [picking] = order.sudo().picking_ids.with_user(self._get_person("warehouse")).sudo(False)
        for move in picking.move_ids:
            move.write({"quantity": left[move.product_id.name], "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        picking.action_toggle_is_locked()
        picking.date_done = fields.Datetime.add(order.company_id._o2c_midnight(day), hours=10)
        order.date_order = fields.Datetime.subtract(picking.date_done, days=4)
