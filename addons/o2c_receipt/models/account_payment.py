from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .receipt_ledger import COUNTED_STATES

# What makes a receipt another one; only the amount of a draft may still grow.
IDENTITY = ("currency_id", "partner_id", "payment_type", "partner_type", "company_id", "journal_id")


class AccountPayment(models.Model):
    _name = "account.payment"
    _inherit = ["account.payment", "o2c.receipt.mixin"]

    # === FIELDS === #

    o2c_allocation_ids = fields.One2many("o2c.receipt.allocation", "payment_id", string="Allocations")
    o2c_allocation_count = fields.Integer(string="Orders", compute="_compute_o2c_allocation_count")
    o2c_free_amount = fields.Monetary(
        string="Unallocated",
        compute="_compute_o2c_free_amount",
        help="Money of this receipt that no invoice has consumed and no order was given.",
    )

    # === COMPUTES === #

    def _compute_o2c_allocation_count(self):
        groups = self.env["o2c.receipt.allocation"]._read_group(
            [("payment_id", "in", self.ids), ("state", "=", "active")],
            ["payment_id"], ["order_id:count_distinct"])
        counts = {payment.id: count for payment, count in groups}
        for payment in self:
            payment.o2c_allocation_count = counts.get(payment._origin.id, 0)

    def _compute_o2c_free_amount(self):
        for payment in self:
            customers = payment._origin.partner_type == "customer"
            payment.o2c_free_amount = payment._origin._get_o2c_free() if customers else 0.0

    # === CRUD === #

    def write(self, vals):
        self._check_o2c_allocated(vals)
        counted = self.browse()
        if "state" in vals:
            counted = self.filtered(lambda payment: payment._is_o2c_counting())
        goes_on = vals.get("state") in COUNTED_STATES
        stopped = {} if goes_on else {payment: payment._get_o2c_orders() for payment in counted}
        result = super().write(vals)
        for payment, orders in stopped.items():
            self.env["o2c.receipt.allocation"]._warn_stopped(payment.name, orders)
        if goes_on:
            # Posted again: its allocations count again, and invoices may have come meanwhile.
            fresh = (self - counted)._get_o2c_orders()
            if fresh:
                self.env["o2c.receipt.matching"]._match_orders(fresh)
        return result

    def _check_o2c_allocated(self, vals):
        """What orders were given stays what it is: another amount, currency or payer is another receipt.

        :raise UserError: naming the orders
        """
        touched = [name for name in (*IDENTITY, "amount") if name in vals]
        if not touched:
            return
        for payment in self.sudo():
            changed = [name for name in touched if payment._is_o2c_changed(name, vals[name])]
            if not changed:
                continue
            rows = payment.o2c_allocation_ids.filtered(lambda row: row.state == "active")
            given = abs(sum(rows.mapped("amount")))
            grows = changed == ["amount"] and payment.state == "draft" and (vals["amount"] or 0.0) >= given
            if rows and not grows:
                raise UserError(self.env._(
                    "%(amount)s of %(payment)s are allocated to %(orders)s. Release them before you"
                    " change its amount, currency, journal or payer.",
                    amount=format_amount(self.env, given, payment.currency_id),
                    payment=payment.display_name,
                    orders=", ".join(rows.order_id.mapped("name"))))

    def _is_o2c_changed(self, name, value):
        field, old = self._fields[name], self[name]
        if field.type == "many2one":
            return old.id != (value or False)
        if field.type == "monetary":
            return bool(self.currency_id.compare_amounts(old, value or 0.0))
        return old != value

    # === RECEIPT === #

    def _get_o2c_ref(self):
        return self.id

    def _get_o2c_currency(self):
        return self.currency_id

    def _get_o2c_money(self):
        return -self.amount if self.payment_type == "outbound" else self.amount

    def _get_o2c_text(self):
        return " ".join(filter(None, (self.memo, self.payment_reference)))

    def _is_o2c_counting(self):
        if self.partner_type != "customer" or self.state not in COUNTED_STATES:
            return False
        return self.move_id.state == "posted" if self.move_id else self.state == "in_process"

    def _get_o2c_orders(self):
        """Orders with active allocations of these payments."""
        if not self:
            return self.env["sale.order"]
        rows = self.env["o2c.receipt.allocation"].sudo().search(
            [("receipt_ref", "in", self.ids), ("state", "=", "active")])
        return rows.order_id
