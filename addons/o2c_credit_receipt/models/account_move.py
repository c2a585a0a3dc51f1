from odoo import models


class AccountMove(models.Model):
    """Invoices that are due by schedules give the credit that the schedules were judged for."""

    _inherit = "account.move"

    def _get_o2c_credit_days(self):
        """Not more than the schedules: a retention that is no credit stays none, and an invoice before the
        delivery is no longer credit. Lines of other orders count by the invoice's own due dates."""
        days = super()._get_o2c_credit_days()
        if days <= 0 or not self.env["o2c.instalment"]._is_used():
            return days
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product").sudo()
        orders = lines.sale_line_ids.order_id
        is_scheduled = all(line.sale_line_ids for line in lines) and all(o.o2c_agreed_parts for o in orders)
        if not orders or not is_scheduled:
            return days
        return min(days, max(order._get_o2c_credit_days() for order in orders))
