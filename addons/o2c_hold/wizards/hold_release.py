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
        compute="_compute_valid_until",
        store=True,
        readonly=False,
        precompute=True,
        help="Last day on which the release counts, for this order and its deliveries and invoices.",
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)

    @api.depends("hold_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.hold_ids.company_id[:1]

    @api.depends("hold_ids")
    def _compute_valid_until(self):
        for wizard in self:
            wizard.valid_until = self.env["o2c.hold"]._get_release_day(wizard.hold_ids._origin)

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
        self.hold_ids.company_id._o2c_check_release_day(self.valid_until)
        self.hold_ids._request_release(self.reason.strip(), self.valid_until)
        return {"type": "ir.actions.act_window_close"}
