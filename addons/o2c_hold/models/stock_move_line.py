from contextlib import nullcontext

from odoo import api, models

from .computed import refuse_state, without_default_state, without_state
from .passes import undoing

MOVING = frozenset(
    ("quantity", "location_id", "location_dest_id", "product_uom_id", "move_id", "picking_id", "quant_id")
)


class StockMoveLine(models.Model):
    """Lines of done moves can be edited, which moves goods after the fact: judged like leaving goods."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        self, vals_list = without_default_state(self), without_state(vals_list)
        if not self._is_o2c_late(vals_list):
            return super().create(vals_list)
        moves = self._get_o2c_moves(vals_list)
        with moves._gate_o2c_done() if moves else nullcontext(), undoing(self.env):
            lines = super().create(vals_list)
            # Odoo makes a new move, done at once, for a line that no move of the delivery takes.
            new = lines.move_id.filtered(lambda move: move.state == "done") - moves
            new.filtered(lambda move: not move._is_o2c_judged_outside())._check_o2c_done()
        return lines

    def write(self, vals):
        if "state" in vals:
            refuse_state(self, vals["state"], "move_id")
        if MOVING.isdisjoint(vals):
            return super().write(vals)
        moves = self.move_id | self.move_id.browse(vals.get("move_id") or ())
        moves = moves.filtered(lambda move: move.state == "done" and not move._is_o2c_judged_outside())
        with moves._gate_o2c_done():
            return super().write(vals)

    def _is_o2c_late(self, vals_list):
        """Whether lines are added to something that is done already.

        The delivery is looked at for lines without a move only: the others follow their move, and
        reading its state at each reservation would compute it anew once per line.
        """
        context = self.env.context
        moves = self._get_o2c_moves(vals_list)
        pickings = self.env["stock.picking"].browse(
            {
                vals.get("picking_id") or context.get("default_picking_id")
                for vals in vals_list
                if not vals.get("move_id", context.get("default_move_id"))
            }
            - {None, False}
        )
        return bool(moves) or any(picking.state == "done" for picking in pickings)

    def _get_o2c_moves(self, vals_list):
        """Done moves to which lines are added."""
        default = self.env.context.get("default_move_id")
        moves = self.env["stock.move"].browse(
            {vals.get("move_id") or default for vals in vals_list} - {None, False}
        )
        return moves.filtered(lambda move: move.state == "done" and not move._is_o2c_judged_outside())
