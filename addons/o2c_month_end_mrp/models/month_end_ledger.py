from odoo import api, models


class MonthEndLedger(models.AbstractModel):
    _inherit = "o2c.month.end.ledger"

    @api.model
    def _get_kit_quantities(self, company, day, line_ids):
        """Kits that were complete at the end of the day, as Odoo counts them, from the moves until then.

        Odoo's own quantity as of a date leaves the date out for kits, hence the count here.
        """
        quantities = super()._get_kit_quantities(company, day, line_ids)
        until = self._get_midnight(company, day)
        lines = self.env["sale.order.line"].sudo().with_company(company).browse(sorted(line_ids))
        for line in lines:
            done = line.move_ids.filtered(
                lambda move: move.state == "done" and move.date < until
                and move.location_dest_usage != "inventory")
            kit = self._get_kit(line)
            quantities[line.id] = (
                self._count_kits(line, kit, done) if kit else self._count_whole(line, done))
        return quantities

    @api.model
    def _get_kit(self, line):
        """The bill of materials by which the line was delivered, empty where its product has none left."""
        kits = line.move_ids.bom_line_id.bom_id.filtered(lambda bom: bom.type == "phantom")
        own = kits.filtered(lambda bom: bom.product_id == line.product_id or (
            not bom.product_id and bom.product_tmpl_id == line.product_id.product_tmpl_id))
        return own[:1] or self.env["mrp.bom"].sudo()._bom_find(
            line.product_id, company_id=line.company_id.id, bom_type="phantom")[line.product_id]

    @api.model
    def _count_kits(self, line, kit, done):
        filters = {
            "incoming_moves": lambda move: move._is_outgoing() and (
                not move.origin_returned_move_id or move.to_refund),
            "outgoing_moves": lambda move: move._is_incoming() and move.to_refund,
        }
        ordered = line.product_uom_id._compute_quantity(line.product_uom_qty, kit.product_uom_id)
        found = done._compute_kit_quantities(line.product_id, ordered, kit, filters)
        return kit.product_uom_id._compute_quantity(found, line.product_uom_id)

    @api.model
    def _count_whole(self, line, done):
        """A kit of kits is delivered whole or not at all, as in Odoo."""
        moves = line.move_ids.filtered(lambda move: move.state != "cancel")
        return line.product_uom_qty if moves and moves == done & moves else 0.0
