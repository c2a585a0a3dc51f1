from odoo import api, fields, models
from odoo.addons.o2c_base.models.computed import check_computed
from odoo.addons.o2c_base.models.wording import join_names

from ..rules.schedule import Agreed

COMPUTED = frozenset(("o2c_agreed_parts",))
SCHEDULE = frozenset(("o2c_instalment_ids", "o2c_schedule_template_id"))


class SaleOrder(models.Model):
    """The agreed terms as plain values of the order: controls read them without a query of their own."""

    _inherit = "sale.order"

    o2c_agreed_parts = fields.Json(
        string="Agreed parts",
        compute="_compute_o2c_agreed_parts",
        store=True,
        help="Technical: kind, share, trigger, days, end of month and date of each part of the schedule.",
    )

    # === COMPUTES === #

    @api.depends(
        "o2c_instalment_ids.sequence", "o2c_instalment_ids.kind", "o2c_instalment_ids.percent",
        "o2c_instalment_ids.trigger", "o2c_instalment_ids.days", "o2c_instalment_ids.end_of_month",
        "o2c_instalment_ids.fixed_date",
    )
    def _compute_o2c_agreed_parts(self):
        for order in self:
            parts = order.o2c_instalment_ids.sorted(lambda part: (part.sequence, part._origin.id or 0))
            order.o2c_agreed_parts = [part._get_agreed() for part in parts] or False

    @api.depends("o2c_agreed_parts")
    def _compute_o2c_hold_banner(self):
        """Another schedule on the screen is worth another look."""
        return super()._compute_o2c_hold_banner()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        check_computed(self, {name for vals in vals_list for name in vals}, COMPUTED)
        return super().create(vals_list)

    def write(self, vals):
        check_computed(self, vals, COMPUTED)
        if "date_order" in vals and not self.env.su:
            self._check_o2c_order_day(vals["date_order"])
        return super().write(vals)

    def _check_o2c_order_day(self, day):
        """Refuse a later day for a confirmed order whose schedule counts from it.

        :raise AccessError: naming who may change the schedule; the attempt is registered
        """
        later = fields.Datetime.to_datetime(day)
        for order in self.filtered(lambda order: order.state == "sale"):
            is_counted = any(part.trigger == "confirmation" for part in order._get_o2c_agreed())
            if is_counted and (not later or later > order.date_order):
                order.sudo().o2c_instalment_ids._guard_refuse("write", ())

    # === CHECKPOINT === #

    def _get_o2c_fingerprint(self):
        parts = self._get_o2c_agreed()
        return (*super()._get_o2c_fingerprint(), *parts) if parts else super()._get_o2c_fingerprint()

    @api.model
    def _get_o2c_decisive_fields(self):
        return super()._get_o2c_decisive_fields() | SCHEDULE

    # === BUSINESS METHODS === #

    def _get_o2c_agreed(self):
        """Parts of the order's own schedule, as plain values; none: its payment term counts."""
        self.ensure_one()
        return [Agreed(*values) for values in self.o2c_agreed_parts or ()]

    def _describe_o2c_agreed(self):
        """The schedule in one line, in the language of the environment; empty without one."""
        self.ensure_one()
        parts = [part._describe() for part in self.o2c_instalment_ids.sorted("sequence")]
        return join_names(self.env, parts) if parts else ""

    @api.model
    def _get_o2c_schedule_text(self, decision):
        """Why the schedule of a confirmed order stays as it is, and what to do."""
        return self.env._(
            "%s The payment schedule was not changed: agree on terms within what the customer was granted, or"
            " have more granted first.",
            decision.document._get_o2c_stop_text(decision),
        )
