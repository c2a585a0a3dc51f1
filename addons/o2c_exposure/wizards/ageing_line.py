from odoo import fields, models


class O2cAgeingLine(models.TransientModel):
    """One open item of an ageing, as it was at the date of the ageing."""

    _name = "o2c.ageing.line"
    _description = "Open item of an ageing"
    _inherit = ["o2c.debtor.mixin"]
    _order = "date_due, id"

    ageing_id = fields.Many2one("o2c.ageing", required=True, ondelete="cascade", index=True)
    bucket_id = fields.Many2one("o2c.ageing.bucket", readonly=True, ondelete="cascade")
    source = fields.Char(readonly=True)
    res_model = fields.Char(string="Record Model", readonly=True)
    res_id = fields.Many2oneReference(
        model_field="res_model", string="Record", readonly=True, aggregator=None)
    move_id = fields.Many2one("account.move", string="Journal Entry", readonly=True, ondelete="cascade")
    name = fields.Char(string="Number", readonly=True)
    date = fields.Date(readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    age = fields.Integer(
        string="Days", readonly=True, aggregator="max", help="Days past the due date, or the document date.")
    amount = fields.Monetary(string="Open Amount", readonly=True)
    amount_original = fields.Monetary(string="Original Amount", readonly=True)
    doc_currency_id = fields.Many2one("res.currency", string="Document Currency", readonly=True)
    amount_currency = fields.Monetary(
        string="Open in Currency", currency_field="doc_currency_id", readonly=True, aggregator=None)

    def action_open_document(self):
        """Open the invoice, entry or other document of the item."""
        self.ensure_one()
        self.check_access("read")
        document = self.move_id or self.env[self.res_model].browse(self.res_id)
        document.check_access("read")
        return document.get_formview_action()
