import pytz
from odoo import api, models

from ..rules.period import credit_days


class SaleOrder(models.Model):
    """An order with a schedule of its own gives the credit of its last part (K3), and is confirmed in
    writing with these parts (K6): its payment term decides nothing."""

    _inherit = "sale.order"

    def _get_o2c_credit_days(self, day=None):
        parts = self._get_o2c_agreed()
        if not parts:
            return super()._get_o2c_credit_days(day)
        today = self.company_id._o2c_today()
        return credit_days(
            parts,
            self._get_o2c_order_day() if self.state == "sale" else today,
            today,
            delivered=day or today,
            free_retention=self._get_o2c_free_retention(parts),
        )

    def _get_o2c_order_day(self):
        """The day from which the schedule counts the confirmation."""
        ordered = pytz.utc.localize(self.date_order)
        return ordered.astimezone(self.company_id._o2c_get_tz()).date()

    def _get_o2c_free_retention(self, parts):
        """Percent of the order that the customer may keep back without taking credit, by the policy."""
        if not any(part.kind == "retention" for part in parts):
            return 0.0
        policy = self._get_o2c_credit_policy()
        return self.env["o2c.credit.policy"]._get_free_retention(policy["id"]) if policy else 0.0

    # === WRITTEN CONFIRMATION === #

    @api.depends("o2c_agreed_parts")
    def _compute_o2c_confirmation_state(self):
        return super()._compute_o2c_confirmation_state()

    def _get_o2c_confirmed_terms(self):
        terms = super()._get_o2c_confirmed_terms()
        # Orders without parts keep the hash that they were confirmed with.
        return {**terms, "parts": self.o2c_agreed_parts} if self.o2c_agreed_parts else terms

    def _get_o2c_payment_text(self):
        return self._describe_o2c_agreed() or super()._get_o2c_payment_text()
