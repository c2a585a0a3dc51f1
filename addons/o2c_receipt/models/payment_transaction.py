import logging

from odoo import models
from odoo.exceptions import UserError

from ..rules.share import share

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # Done and not booked: few at any moment, looked for whenever an order's money is.
    _o2c_unbooked_idx = models.Index("(id) WHERE state = 'done' AND payment_id IS NULL")

    def _create_payment(self, **extra_create_values):
        """The receipt belongs to the orders that were paid online. Booking it never fails for that."""
        orders = self.sudo()._get_o2c_paid_orders()
        payment = super()._create_payment(**{**self._prepare_o2c_advance(orders), **extra_create_values})
        if payment and orders:
            try:
                with self.env.cr.savepoint():
                    self._allocate_o2c(payment, orders)
            except UserError:
                _logger.exception("Online payment %s not allocated to %s", self.reference, orders.ids)
        return payment

    def _prepare_o2c_advance(self, orders):
        """Money for orders without an invoice is kept on the account for advances, if there is one."""
        account = self.sudo().company_id.o2c_advance_account_id
        if not account or not orders or self.amount <= 0 or (
                self.sudo() | self.sudo().source_transaction_id).invoice_ids:
            return {}
        return {"destination_account_id": account.id}

    def _get_o2c_paid_orders(self):
        """Own orders; of a refund, or where there are none, those of the payment it comes from."""
        source = self.source_transaction_id
        orders = source.sale_order_ids if self.operation == "refund" else self.sale_order_ids
        return (orders or source.sale_order_ids).sorted("id")

    def _allocate_o2c(self, payment, orders):
        """As the transaction counted before: in proportion to the orders' totals."""
        parts = share(payment.amount, orders.mapped("amount_total"), payment.currency_id.decimal_places)
        amounts = {
            order: part for order, part in zip(orders, parts, strict=True)
            if payment.currency_id.compare_amounts(part, 0) > 0
        }
        self.env["o2c.receipt.allocation"]._allocate(payment, amounts, origin="online")
