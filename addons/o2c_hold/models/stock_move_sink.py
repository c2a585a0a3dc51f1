from contextlib import contextmanager

from odoo import api, models

from ..rules.judgement import Judgement
from .decision import Decision
from .passes import busy, has_passed, is_busy, is_exempt, refuse, undoing

LEFT = ("done", "cancel")
# What decides, on a done move, whether and how much is with a customer.
MOVING = frozenset(
    ("location_dest_id", "location_id", "quantity", "move_line_ids", "product_uom", "picking_id", "lot_ids")
)


class StockMove(models.Model):
    """Where goods leave: every way for a move, or a line of it, to be done is judged here."""

    _inherit = "stock.move"

    # === SINKS === #

    def _action_done(self, cancel_backorder=False):
        moves = self.sudo().filtered(lambda move: move.state not in LEFT and not is_busy(move))
        moves.filtered(
            lambda move: move._is_o2c_leaving() and move._get_o2c_quantity() > 0
        )._check_o2c_leaving()
        with busy(moves, moves.picking_id, moves.picking_id._get_o2c_orders()):
            return super()._action_done(cancel_backorder=cancel_backorder)

    def write(self, vals):
        if vals.get("state") == "done":
            affected = self.filtered(lambda move: move.state != "done" and not move._is_o2c_judged_outside())
        elif not MOVING.isdisjoint(vals):
            affected = self.filtered(lambda move: move.state == "done" and not move._is_o2c_judged_outside())
        else:
            affected = self.browse()
        with affected._gate_o2c_done():
            return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        """A move created on a done delivery is done at once."""
        pickings = self.env["stock.picking"].browse(
            {vals.get("picking_id") or self.env.context.get("default_picking_id") for vals in vals_list}
            - {None, False}
        )
        is_likely = any(vals.get("state") == "done" for vals in vals_list) or any(
            p.state == "done" for p in pickings
        )
        if not is_likely and self.env.context.get("default_state") != "done":
            return super().create(vals_list)
        with undoing(self.env):
            moves = super().create(vals_list)
            moves._check_o2c_done()
        return moves

    @contextmanager
    def _gate_o2c_done(self):
        """Judge a change of moves that are done, or are done by it: undone and refused when more goods
        would be with a customer and a control stops that."""
        if not self:
            yield
            return
        before = {move.id: move._get_o2c_left() for move in self}
        with busy(self), undoing(self.env):
            yield
            self._check_o2c_done(before)

    # === CHECKS === #

    def _check_o2c_done(self, before=None):
        """Judge done moves that brought more to customers than ``before``."""
        before = before or {}
        grown = self.exists().filtered(
            lambda move: move.product_id.uom_id.compare(move._get_o2c_left(), before.get(move.id, 0.0)) > 0
        )
        grown._check_o2c_leaving()

    def _check_o2c_leaving(self):
        """Judge the deliveries of these moves, and moves that belong to no delivery.

        :raise UserError: when a control stops one of them
        """
        self.picking_id.filtered(lambda picking: not has_passed(picking))._check_o2c_step()
        stray = self.filtered(lambda move: not move.picking_id)
        if stray and not is_exempt(self.env):
            stray._check_o2c_stray()

    def _check_o2c_stray(self):
        """Goods that leave without any delivery have no document that could be held: they are refused."""
        control = self.env["o2c.control"]
        for company, moves in self.sudo().grouped("company_id").items():
            setting = control._get_setting("delivery_without_order", company)
            verdicts = moves._get_o2c_unordered_verdicts()
            judgements = [Judgement(verdict, setting) for verdict in verdicts if setting.mode != "off"]
            decision = Decision(moves[:1], "delivery", judgements, self.env["o2c.hold"].sudo())
            if decision.stopping:
                moves[:1]._refuse_o2c_stray(decision)
            elif decision.observed:
                self.env["o2c.register"]._log(
                    moves[:1],
                    "hold_observed",
                    decision.observed[0].verdict.message,
                    partner=moves[:1].partner_id.commercial_partner_id,
                    company=company,
                    evidence=decision.as_evidence(),
                )

    def _refuse_o2c_stray(self, decision):
        reasons = self.env["stock.picking"]._get_o2c_reasons(decision.stopping)
        message = self.env._("Goods can't leave outside a delivery: %s", reasons)
        entry = {
            "record": self,
            "event": "step_refused",
            "message": message,
            "partner": self.partner_id.commercial_partner_id,
            "company": self.company_id,
            "evidence": decision.as_evidence(),
        }
        refuse(self.env, message, [entry])

    # === HELPERS === #

    def _is_o2c_judged_outside(self):
        """Whether an outer method of this transaction has judged the move or its delivery."""
        return is_busy(self) or (self.picking_id and is_busy(self.picking_id))

    def _get_o2c_left(self):
        """Quantity (unit of the product) that the done move has brought to a customer."""
        self.ensure_one()
        if self.state != "done":
            return 0.0
        if self.location_dest_id.usage == "customer" and self.location_id.usage != "customer":
            return self.product_uom._compute_quantity(self.quantity, self.product_id.uom_id, round=False)
        return sum(
            line.quantity_product_uom
            for line in self.move_line_ids
            if line.location_dest_id.usage == "customer" and line.location_id.usage != "customer"
        )
