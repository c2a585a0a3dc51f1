from odoo import api, fields, models

from .passes import busy, has_passed, passing

LEFT = ("done", "cancel")
PLACES = frozenset(("location_id", "location_dest_id", "picking_type_id"))


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "o2c.checkpoint.mixin"]

    _o2c_checkpoint = "delivery"
    _o2c_banner_depends = ("state", "partner_id", "sale_id", "move_ids.quantity", "move_ids.location_dest_id")

    o2c_hold_ids = fields.One2many(inverse_name="picking_id")

    # === HOOKS FOR CONTROLS === #

    def _get_delivery_verdicts(self, facts):
        """Verdicts about goods leaving for a customer with this delivery.

        Hook: extend the list.
        :param facts: dict of the debtor's facts, see `o2c.facts`
        """
        moves = self._get_o2c_leaving_moves()
        return moves._get_o2c_unordered_verdicts() + moves._get_o2c_overdelivery_verdicts()

    # === CHECKPOINT === #

    def _get_o2c_debtor(self):
        order = self._get_o2c_order()
        return order._get_o2c_debtor() if order else self.partner_id.commercial_partner_id

    def _get_o2c_order(self):
        return self.sale_id

    def _get_o2c_salesperson(self):
        return self.sale_id.user_id or self.user_id

    def _get_o2c_amount(self):
        """Value of what leaves, at the prices of the order or else of the product, in company currency."""
        self.ensure_one()
        return sum(move._get_o2c_value(move._get_o2c_quantity()) for move in self._get_o2c_leaving_moves())

    def _get_o2c_fingerprint(self):
        return (
            self.partner_id.id,
            self.company_id.id,
            *(
                (move.id, move.product_id.id, move.sale_line_id.id, move.location_dest_id.id, move.quantity)
                for move in self.move_ids
                if move.state not in LEFT
            ),
        )

    def _get_o2c_verdicts(self, facts, checkpoint):
        return self._get_delivery_verdicts(facts)

    def _is_o2c_gated(self):
        return bool(self._get_o2c_leaving_moves())

    def _is_o2c_before_step(self, checkpoint=None):
        return self.state not in LEFT and bool(self._get_o2c_leaving_moves())

    def _get_o2c_leaving_moves(self):
        """Moves that bring goods to a customer: those still to do, or all of a done delivery."""
        moves = self.move_ids.filtered(lambda move: move._is_o2c_leaving() and move.state != "cancel")
        return moves.filtered(lambda move: move.state != "done") or moves

    def _format_o2c_stop(self, reasons, *, forbidden=False):
        if forbidden:
            return self.env._("Delivery %(name)s can't leave: %(reasons)s", name=self.name, reasons=reasons)
        return self.env._("Delivery %(name)s is on hold: %(reasons)s", name=self.name, reasons=reasons)

    # === BUTTONS === #

    def button_validate(self):
        """Validate the deliveries that the controls let pass; hold the others and say which and why."""
        stopped = self.filtered(lambda picking: picking.state not in LEFT)._stop_o2c()
        free = self._without_decisions(stopped)
        if stopped and not free:
            return self._notify_o2c_held(stopped, len(self))
        with passing(free):
            result = super(StockPicking, free).button_validate()
        return self._notify_o2c_held(stopped, len(self), result) if stopped else result

    # === SINKS === #

    def _action_done(self):
        # Odoo adds lines to the order for what was delivered beyond it: the delivery was judged with that.
        with busy(self.sudo()._get_o2c_orders()):
            return super()._action_done()

    def _get_o2c_orders(self):
        return self.sale_id | self.move_ids.sale_line_id.order_id | self.reference_ids.sale_ids

    def write(self, vals):
        if vals.get("state") == "done":
            self.filtered(
                lambda picking: picking.state != "done" and not has_passed(picking)
            )._check_o2c_step()
        if PLACES.isdisjoint(vals):
            return super().write(vals)
        # Moves take over the places of their delivery by recomputation, which no write of theirs sees.
        done = self.move_ids.filtered(lambda move: move.state == "done" and not move._is_o2c_judged_outside())
        with done._gate_o2c_done():
            return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        pickings = super().create(vals_list)
        pickings.filtered(lambda picking: picking.state == "done")._check_o2c_step()
        return pickings
