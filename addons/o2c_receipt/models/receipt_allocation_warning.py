from odoo import api, models


class ReceiptAllocation(models.Model):
    """Tells finance when money of an order is gone."""

    _inherit = "o2c.receipt.allocation"

    @api.model
    def _warn_stopped(self, receipt_name, orders):
        """Flag orders whose receipt was cancelled, rejected or taken out of the books.

        The allocation stays: should the receipt be posted again, it counts again.
        """
        if not orders:
            return
        orders = orders.sudo()
        summary = self.env._("Receipt %s counts no more", receipt_name)
        for order in orders:
            if summary in order.activity_ids.mapped("summary"):
                continue
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=self.env._(
                    "It was cancelled, rejected or taken back to draft, and order %s had money of it."
                    " Look at what was invoiced and delivered, and re-allocate or release the money.",
                    order.name),
                user_id=self._get_warned(order).id,
            )
            order.message_post(body=summary)
        self.env["o2c.register"]._log_many([
            {"record": order, "event": "receipt_stopped", "message": f"{order.name}: {summary}",
             "partner": order.partner_invoice_id.commercial_partner_id}
            for order in orders
        ])
        orders.invalidate_recordset(["o2c_collected", "o2c_collected_ratio", "o2c_uncollected"])
        self.env["o2c.hold"]._recheck_partner(orders.partner_invoice_id)

    @api.model
    def _get_warned(self, order):
        """Who looks after it: who allocated last, else a finance officer, else who did it."""
        rows = self.sudo().search([("order_id", "=", order.id)], limit=1)
        user = rows.user_id
        if not user or user._is_superuser() or not user.active or user.share:
            officers = self.env.ref("o2c_base.group_finance_officer").sudo().all_user_ids
            user = officers.filtered(
                lambda officer: officer.active and order.company_id in officer.company_ids)[:1]
        return user or self.env.user
