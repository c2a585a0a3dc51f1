from datetime import datetime, time

from odoo import fields, models
from odoo.exceptions import UserError


class CreditConfirmationWizard(models.TransientModel):
    """Takes the document by which a customer confirmed a credit sale (K6)."""

    _name = "o2c.credit.confirmation.wizard"
    _description = "Record a confirmation of credit terms"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    terms = fields.Text(compute="_compute_terms", string="Credit terms")
    o2c_confirmation_file = fields.Binary(
        string="Signed document",
        attachment=False,
        help="Scan or photo of the order with the customer's signature or seal.",
    )
    o2c_confirmation_filename = fields.Char()
    name = fields.Char(string="Signed by", required=True, help="Who signed for the customer.")
    date = fields.Date(
        string="Signed on", required=True, default=lambda self: self.env.company._o2c_today()
    )

    def _compute_terms(self):
        for wizard in self:
            wizard.terms = wizard.order_id._get_o2c_credit_terms_text()

    def action_record(self):
        """Let the document count as the customer's confirmation. It is registered with its hash.

        :raise UserError: without a file or name, or for a day to come
        """
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if not self.o2c_confirmation_file or not (self.name or "").strip():
            raise UserError(self.env._("Attach the signed document and say who signed it."))
        if self.date > order.company_id._o2c_today():
            raise UserError(self.env._("The document can't have been signed on %s: that day is yet to come.",
                                       self.date))
        if order.state == "cancel":
            raise UserError(self.env._("%s is cancelled: there is nothing to confirm.", order.name))
        self.env["o2c.credit.confirmation"]._record(
            order,
            source="document",
            name=self.name.strip(),
            file=self.o2c_confirmation_file,
            filename=self.o2c_confirmation_filename or self.env._("document"),
            date=datetime.combine(self.date, time(12)),
        )
        order.message_post(body=self.env._("Signed confirmation of the credit terms recorded: %s", self.name))
        return {"type": "ir.actions.act_window_close"}
