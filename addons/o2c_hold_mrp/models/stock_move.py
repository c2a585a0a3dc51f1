from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_o2c_share(self, line):
        """A kit is ordered in one piece and leaves in parts: a part makes its share of the kit."""
        share = super()._get_o2c_share(line)
        if share or not line.product_id:
            return share
        # The kit is looked up, not read from the move: whoever may write a move may write its kit onto it.
        kits = (
            self.env["mrp.bom"]
            .sudo()
            ._bom_find(line.product_id, company_id=line.company_id.id, bom_type="phantom")
        )
        kit = kits[line.product_id]
        part = line.sudo()._get_bom_component_qty(kit).get(self.product_id.id) if kit else None
        if not part or not part["qty"]:
            return 0.0
        in_unit = (
            self.env["uom.uom"]
            .browse(part["uom"])
            ._compute_quantity(part["qty"], self.product_id.uom_id, round=False)
        )
        return line.product_id.uom_id._compute_quantity(1.0 / in_unit, line.product_uom_id, round=False)
