from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date


class Instalment(models.Model):
    """What has come in for a part, and what has still to: measured by `o2c.schedule`, never stored."""

    _inherit = "o2c.instalment"

    # === FIELDS === #

    date_due = fields.Date(
        string="Next due date",
        compute="_compute_money",
        help="When the oldest of it that has not come in has to be paid.",
    )
    received = fields.Monetary(
        compute="_compute_money", aggregator=None, help="What has come in for this part, tax included.")
    missing = fields.Monetary(
        string="Still to come in",
        compute="_compute_money",
        aggregator=None,
        help="What has to come in for this part, invoiced or not. Nothing before the order is confirmed.",
    )

    # === COMPUTES === #

    @api.depends("order_id.state", "percent")
    def _compute_money(self):
        found = self.env["o2c.schedule"]._get_instalments(self.sudo().order_id)
        for part in self:
            rows = [row for row in found.get(part.order_id.id, ()) if row.instalment_id == part._origin.id]
            lacking = [row for row in rows if part.currency_id.compare_amounts(row.amount, row.received) > 0]
            part.received = sum(row.received for row in rows)
            part.missing = sum(row.amount - row.received for row in lacking)
            part.date_due = (lacking or rows)[0].due if rows else False

    @api.depends_context("o2c_show_missing")
    def _compute_display_name(self):
        """Where one is chosen, with its due date and what has still to come in."""
        super()._compute_display_name()
        if self.env.context.get("o2c_show_missing"):
            for part in self.filtered("date_due"):
                part.display_name = self.env._(
                    "%(name)s, due %(date)s: %(missing)s to come",
                    name=part.display_name,
                    date=format_date(self.env, part.date_due),
                    missing=format_amount(self.env, part.missing, part.currency_id),
                )

    # === CHECKS === #

    def _check_belongs(self, order):
        """Refuse an instalment of another order, and one that the user may not read.

        :raise AccessError, UserError: naming the order
        """
        if not self:
            return
        self.check_access("read")
        if self.sudo().order_id != order:
            raise UserError(self.env._(
                "The instalment belongs to another order than %s. Choose one of its own schedule.",
                order.sudo().name))
