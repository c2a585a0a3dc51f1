from odoo import fields, models


class TestGuarded(models.Model):
    """A document with an open part and a guarded part."""

    _name = "o2c.test.guarded"
    _inherit = ["o2c.transition.mixin", "mail.thread"]
    _description = "Test Guarded Document"

    _guarded_fields = ("approved_amount", "verdict", "approver_id")
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True
    _transitions = {"draft": ("approved", "refused"), "approved": ("draft",)}

    name = fields.Char(required=True)
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("refused", "Refused")],
        default="draft", required=True, readonly=True,
    )
    approved_amount = fields.Float(readonly=True)
    verdict = fields.Char(readonly=True, translate=True)
    approver_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    shadow_state = fields.Selection(related="state", readonly=False, string="State through a relation")
    step_ids = fields.One2many("o2c.test.guarded.step", "document_id")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)

    def action_approve(self):
        self._move_state("approved", message="Approved", vals={
            "approved_amount": 100.0, "approver_id": self.env.uid})

    def _make_step(self):
        return self.env["o2c.test.guarded.step"]._guarded_create(
            [{"document_id": self.id, "decision": "open"}])


class TestGuardedExtension(models.Model):
    """An extension adds a guarded field and tries to forget the others."""

    _inherit = "o2c.test.guarded"

    _guarded_fields = ("extra",)

    extra = fields.Char(readonly=True)


class TestGuardedStep(models.Model):
    """Everything is guarded: made and written by actions only."""

    _name = "o2c.test.guarded.step"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Test Guarded Step"

    _guarded_fields = "*"

    document_id = fields.Many2one("o2c.test.guarded", ondelete="restrict")
    decision = fields.Char(default="open")
    comment = fields.Char()
