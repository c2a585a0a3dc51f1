import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

KEEPERS = ("stock.group_stock_user", "o2c_base.group_finance_officer")
VOIDERS = ("stock.group_stock_manager", "o2c_base.group_finance_officer")


class DeliverySlip(models.Model):
    """The delivery slip that the customer has signed (D5): who, when, and the paper itself.

    Nothing of it is edited. A wrong one is made void, with a reason, and another one is registered; one
    on which an invoice relies stays.
    """

    _name = "o2c.delivery.slip"
    _inherit = ["o2c.transition.mixin"]
    _description = "Signed delivery slip"
    _order = "signed_on desc, id desc"

    _guarded_fields = "*"
    _transitions = {"valid": ("void",)}
    _transition_event = "slip_void"

    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True, ondelete="restrict")
    signed_by = fields.Char(required=True, readonly=True, help="Who signed at the customer's.")
    signed_on = fields.Date(required=True, readonly=True)
    source = fields.Selection(
        [("file", "Signed paper"), ("signature", "Signature on the screen")], required=True, readonly=True)
    file = fields.Binary(attachment=False, readonly=True)
    file_name = fields.Char(readonly=True)
    digest = fields.Char(string="SHA-256", readonly=True, help="Hash of the file.")
    user_id = fields.Many2one(
        "res.users", string="Registered by", required=True, readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("valid", "Valid"), ("void", "Void")], required=True, readonly=True, default="valid", index=True)
    void_reason = fields.Char(string="Why it is void", readonly=True)
    is_relied_on = fields.Boolean(
        string="An invoice relies on it",
        compute="_compute_is_relied_on",
        compute_sudo=True,
    )

    _one_valid = models.UniqueIndex("(picking_id) WHERE state = 'valid'", "This delivery has a signed slip.")

    # === COMPUTES === #

    @api.depends("picking_id", "signed_by", "signed_on")
    def _compute_display_name(self):
        for slip in self:
            slip.display_name = self.env._(
                "%(delivery)s, signed by %(name)s", delivery=slip.picking_id.name, name=slip.signed_by)

    @api.depends("state", "picking_id")
    def _compute_is_relied_on(self):
        for slip in self:
            lines = slip.picking_id.move_ids.sale_line_id.invoice_lines
            slip.is_relied_on = slip.state == "valid" and any(
                line.parent_state == "posted" and line.move_id.move_type == "out_invoice" for line in lines)

    # === ACTIONS === #

    def action_void(self, reason):
        """Make a wrong slip void; another one can be registered then.

        :param reason: why; it is registered
        :raise AccessError: unless a stock manager or finance officer asks
        :raise UserError: when an invoice relies on it
        """
        self.check_access("read")
        if not any(map(self.env.user.has_group, VOIDERS)):
            raise AccessError(self.env._("Stock managers and finance officers make slips void."))
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why the slip is void: the reason is registered."))
        for slip in self:
            if slip.is_relied_on:
                raise UserError(self.env._(
                    "An invoice relies on %s. Credit the invoice first.", slip.display_name))
        slips = self.sudo()
        slips._move_state(
            "void",
            vals={"void_reason": reason.strip()},
            message=lambda slip: self.env._(
                "Signed slip void: %(slip)s: %(reason)s", slip=slip.display_name, reason=reason.strip()),
        )
        return True

    # === BUSINESS METHODS === #

    @api.model
    def _record_signature(self, picking, *, signed_by, signed_on, file=None, file_name=None):
        """Register that the customer has signed for a delivery.

        :param file: the signed paper, base64; without it the signature that Odoo has on the delivery
        :raise AccessError: unless the user keeps such papers and does not sell to the customer
        :raise UserError: naming what is missing
        """
        self._check_keeper(picking)
        self._check_paper(picking.sudo(), signed_by, signed_on)
        source = "file" if file else "signature"
        file = file or picking.sudo().signature
        if not file:
            raise UserError(self.env._(
                "Upload the signed delivery slip, or let the customer sign the delivery on the screen."))
        order = picking.sudo()._get_o2c_order()
        slip = self.sudo()._guarded_create([{
            "picking_id": picking.id,
            "company_id": picking.sudo().company_id.id,
            "partner_id": picking.sudo()._get_o2c_debtor().id,
            "signed_by": signed_by.strip(),
            "signed_on": signed_on,
            "source": source,
            "file": file,
            "file_name": file_name or self.env._("Signature of %s", picking.sudo().name),
            "digest": hashlib.sha256(base64.b64decode(file)).hexdigest(),
            "user_id": self.env.uid,
        }])
        slip._log_registered(order)
        self.env["o2c.hold"]._recheck_partner(slip.partner_id)
        return slip.sudo(False)

    def _log_registered(self, order):
        text = self.env._(
            "Delivery slip of %(delivery)s signed by %(name)s on %(day)s",
            delivery=self.picking_id.name, name=self.signed_by, day=format_date(self.env, self.signed_on))
        self.env["o2c.register"]._log(
            self, "slip_registered", text, partner=self.partner_id, company=self.company_id,
            evidence={"sha256": self.digest, "source": self.source, "order": order.name or ""})
        self.picking_id.message_post(body=text)

    # === CHECKS === #

    @api.model
    def _check_keeper(self, picking):
        picking.check_access("read")
        user = self.env.user
        order = picking.sudo()._get_o2c_order()
        if user and user == order.user_id:
            raise AccessError(self.env._(
                "Whoever sells does not register the customer's signature. Hand the slip to the warehouse or"
                " to finance."))
        if not any(map(user.has_group, KEEPERS)):
            raise AccessError(self.env._("The warehouse and finance officers register signed slips."))

    @api.model
    def _check_paper(self, picking, signed_by, signed_on):
        if picking.state != "done" or not picking._get_o2c_leaving_moves():
            raise UserError(self.env._(
                "%s has not brought goods to a customer yet: nobody can have signed for it.", picking.name))
        if not isinstance(signed_by, str) or not signed_by.strip():
            raise UserError(self.env._("Who signed? Write the name on the slip."))
        day = fields.Date.to_date(signed_on)
        if not day or day > picking.company_id._o2c_today():
            raise UserError(self.env._("The day of the signature is today or before."))
        if picking.o2c_slip_ids.filtered(lambda slip: slip.state == "valid"):
            raise UserError(self.env._(
                "%s has a signed slip. If it is wrong, make it void first.", picking.name))

    def _prepare_register_vals(self):
        return {"partner": self.partner_id, "company": self.company_id}

    def _guard_get_hint(self):
        return self.env._("Use Register signature on the delivery, or Make void on the slip.")
