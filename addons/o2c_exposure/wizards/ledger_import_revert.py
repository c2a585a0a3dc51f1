"""Asks why an import is taken back."""

from odoo import fields, models


class LedgerImportRevert(models.TransientModel):
    """Carries the reason to `o2c.ledger.import.action_revert`, which checks every right itself."""

    _name = "o2c.ledger.import.revert"
    _description = "Take Back a Ledger Import"

    import_id = fields.Many2one("o2c.ledger.import", required=True, readonly=True, ondelete="cascade")
    move_count = fields.Integer(related="import_id.move_count")
    history_count = fields.Integer(related="import_id.history_count")
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Take the import back."""
        self.ensure_one()
        self.import_id.action_revert(self.reason)
        return {"type": "ir.actions.act_window_close"}
