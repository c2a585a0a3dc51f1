from odoo import models

# A move that may leave a line with less than was ordered: it was cancelled, it brings goods back, or it was
# done for less than was asked for without a backorder. Aliased as "dropped" by who reads it.
SQL_MOVE_IS_DROPPED = (
    "(dropped.state = 'cancel' OR dropped.origin_returned_move_id IS NOT NULL"
    " OR dropped.state = 'done' AND dropped.quantity < dropped.product_uom_qty)"
)


class StockMove(models.Model):
    _inherit = "stock.move"

    # Few moves are in it: asking it is much cheaper than reading the moves of every open line.
    _o2c_dropped_idx = models.Index(
        "(sale_line_id) WHERE state = 'cancel' OR origin_returned_move_id IS NOT NULL"
        " OR state = 'done' AND quantity < product_uom_qty"
    )

    def _is_o2c_dropped(self):
        """The same as ``SQL_MOVE_IS_DROPPED``."""
        self.ensure_one()
        return (
            self.state == "cancel"
            or bool(self.origin_returned_move_id)
            or (self.state == "done" and self.quantity < self.product_uom_qty)
        )
