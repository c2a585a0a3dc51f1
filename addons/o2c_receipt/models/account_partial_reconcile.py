from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """A transfer whose matching is undone is reversed: the money is an advance again."""
        transfers = self.env["o2c.receipt.transfer"].sudo()
        moves = self.debit_move_id.move_id | self.credit_move_id.move_id
        found = transfers.search([("state", "=", "done"), ("move_id", "in", moves.ids)])
        result = super().unlink()
        found._undo()
        return result
