from odoo import fields, models
from odoo.exceptions import UserError


class GuaranteeCustodyWizard(models.TransientModel):
    """Says where the original of a paper is from now on."""

    _name = "o2c.credit.guarantee.custody.wizard"
    _description = "Register where an original is"

    document_id = fields.Many2one(
        "o2c.credit.guarantee.document", required=True, readonly=True, ondelete="cascade"
    )
    direction = fields.Selection(
        [("in", "Received"), ("move", "Moved"), ("out", "Handed out")], required=True, default="in"
    )
    person = fields.Char(string="From or to", help="Who brought the original, or to whom it was given.")
    place = fields.Char(help="Where the original is from now on: safe, bank box, lawyer.")
    holder = fields.Char(string="Held by", default=lambda self: self.env.user.name)
    note = fields.Char()

    def action_apply(self):
        """Register the receipt, move or hand-out; rights are checked inside."""
        self.ensure_one()
        if self.direction == "out" and not self.person:
            raise UserError(self.env._("Say to whom the original is given."))
        if self.direction != "out" and not (self.place and self.holder):
            raise UserError(self.env._("Say where the original is, and who answers for it."))
        self.env["o2c.credit.guarantee.custody"]._record(
            self.document_id,
            {name: self[name] for name in ("direction", "person", "place", "holder", "note")},
        )
        return {"type": "ir.actions.act_window_close"}
