from odoo import models


class ValidateAccountMove(models.TransientModel):
    _inherit = "validate.account.move"

    def validate_move(self):
        """Say which invoices were not posted because a control holds them."""
        waiting = self.move_ids.filtered(lambda move: move.state == "draft")
        result = super().validate_move()
        held = waiting._get_o2c_held()
        return waiting._notify_o2c_held(held, len(waiting), result) if held else result
