from markupsafe import Markup
from odoo import fields, models


class Request(models.Model):
    _inherit = "o2c.request"

    kind = fields.Selection(
        selection_add=[("test_document", "Test document"), ("test_other", "Other test decision")]
    )


class TestDocument(models.Model):
    """The smallest document that is submitted for approval."""

    _name = "o2c.test.document"
    _description = "Test Document"
    _inherit = "o2c.approval.mixin"

    _approval_kind = "test_document"

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary()
    note = fields.Char(help="Decides nothing: not part of the fingerprint.")
    partner_id = fields.Many2one("res.partner")
    user_id = fields.Many2one("res.users", string="Salesperson")
    excluded_id = fields.Many2one("res.users")
    outcome = fields.Char(help="What the hooks were told.")

    def _get_approval_amount(self):
        return self.amount

    def _get_approval_fingerprint(self):
        return {"amount": self.amount, "name": self.name}

    def _get_approval_excluded_users(self):
        return self.excluded_id

    def _get_approval_summary(self):
        table = Markup("<table class='table'><tr><td>%s</td><td>%s</td></tr></table>")
        return table % (self.name, self.amount)

    def action_submit(self, comment=None):
        """Public button: the user's right to write the document is checked, as real documents do."""
        self.check_access("write")
        return self._submit_for_approval(comment)

    def _on_request_approved(self, request):
        self.outcome = f"approved by {self.env.user.login}"

    def _on_request_rejected(self, request):
        self.outcome = "rejected"

    def _on_request_lapsed(self, request):
        self.outcome = "lapsed"

    def _on_request_withdrawn(self, request):
        self.outcome = "withdrawn"
