"""Uninstalling a module must not rewrite history."""

from odoo import models


class IrModelFieldsSelection(models.Model):
    _inherit = "ir.model.fields.selection"

    def _process_ondelete(self):
        # Modules add events to the register; their keys stay in old entries when they go.
        super(IrModelFieldsSelection, self.filtered(
            lambda selection: selection.field_id.model != "o2c.register"
        ))._process_ondelete()
