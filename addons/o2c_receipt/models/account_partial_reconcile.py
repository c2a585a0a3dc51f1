from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """A transfer whose matching is undone is reversed: the money is an advance again."""
        found = self.env["o2c.receipt.transfer"]._find_broken(self)
        result = super().unlink()
        found._undo()
        return result
