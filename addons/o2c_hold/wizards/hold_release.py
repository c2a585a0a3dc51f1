from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class HoldRelease(models.TransientModel):
    """The dialogue in which a release is asked for."""

    _name = "o2c.hold.release"
    _description = "Ask for release"

    hold_ids = fields.Many2many("o2c.hold", string="Holds", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    reason = fields.Text(required=True, help="Why the exception should be made. The approvers read it.")
    valid_until = fields.Date(
        required=True,
        default=lambda self: self._get_default_until(),
        help="Last day on which the release counts, for this order and its deliveries and invoices.",
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)

    @api.model
    def _get_default_until(self):
        company = self.env.company
        return company._o2c_today() + timedelta(days=company.o2c_release_days)

    @api.depends("hold_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.hold_ids.company_id[:1]

    @api.depends("hold_ids")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = self.env["ir.qweb"]._render(
                "o2c_hold.release_wizard_holds", {"holds": wizard.hold_ids}
            )

    def action_ask(self):
        """Submit the holds for release."""
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Say why the exception should be made: the approvers read it."))
        self._check_until()
        self.hold_ids._request_release(self.reason.strip(), self.valid_until)
        return {"type": "ir.actions.act_window_close"}

    def _check_until(self):
        for company in self.hold_ids.company_id:
            today = company._o2c_today()
            latest = today + timedelta(days=company.o2c_release_days_max)
            if not today <= self.valid_until <= latest:
                raise UserError(
                    self.env._(
                        "A release can be asked for from today until %(latest)s. Choose another date.",
                        latest=fields.Date.to_string(latest),
                    )
                )
