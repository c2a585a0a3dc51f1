from odoo import models


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def create_invoices(self):
        """Say which orders were left out because a control holds their invoice."""
        result = super().create_invoices()
        decisions = [
            decision
            for decision in self.sale_order_ids._decide_o2c("invoice")
            if decision.stopping and self.advance_payment_method == "delivered"
        ]
        if not decisions:
            return result
        return self.sale_order_ids._notify_o2c_held(decisions, len(self.sale_order_ids), result)
