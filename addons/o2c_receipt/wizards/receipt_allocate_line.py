from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class ReceiptAllocateLine(models.TransientModel):
    """One receipt and one order."""

    _name = "o2c.receipt.allocate.line"
    _inherit = ["o2c.instalment.choice.mixin"]
    _description = "Line of an allocation"
    _order = "id"

    wizard_id = fields.Many2one("o2c.receipt.allocate", required=True, ondelete="cascade")
    payment_id = fields.Many2one("account.payment", readonly=True)
    statement_line_id = fields.Many2one("account.bank.statement.line", string="Bank line", readonly=True)
    receipt_name = fields.Char(string="Receipt", readonly=True)
    memo = fields.Char(readonly=True)
    date = fields.Date(readonly=True)
    order_id = fields.Many2one("sale.order", required=True)
    order_ref = fields.Char(related="order_id.client_order_ref", string="Customer reference")
    order_date = fields.Datetime(related="order_id.date_order")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    free_amount = fields.Monetary(string="Unallocated", readonly=True)
    open_amount = fields.Monetary(
        string="Still to collect", readonly=True, help="In the currency of the receipt, at its date.")
    amount = fields.Monetary(string="Allocate")
    hint = fields.Selection(
        [("reference", "Named in the memo"), ("amount", "Same amount"), ("oldest", "Oldest"),
         ("other", "Names another order")],
        string="Suggested because",
        readonly=True,
    )

    def _get_receipt(self):
        return self.payment_id or self.statement_line_id

    def _check_line_access(self):
        """The user reads the order and works in the company of the receipt.

        :raise AccessError: otherwise
        """
        receipt = self.sudo()._get_receipt()
        if not receipt or not self.order_id:
            raise UserError(self.env._("Each line needs a receipt and an order."))
        self.order_id.check_access("read")
        if receipt.company_id not in self.env.companies:
            raise AccessError(self.env._("This receipt belongs to a company in which you don't work."))
