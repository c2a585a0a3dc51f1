from odoo import api, models
from odoo.addons.o2c_hold.models.passes import exempt


class StockPicking(models.Model):
    _inherit = "stock.picking"

    @api.model
    def _create_picking_from_pos_order_lines(self, location_dest_id, lines, picking_type, partner=False):
        """Stock follows what was sold over the counter, and was judged there. Holding it would only make the
        stock wrong."""
        with exempt(self.env):
            return super()._create_picking_from_pos_order_lines(
                location_dest_id, lines, picking_type, partner
            )
