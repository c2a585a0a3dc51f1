import hashlib

from odoo import api, fields, models
from odoo.addons.o2c_approval.rules.fingerprint import digest


class CreditConfirmation(models.Model):
    """A customer confirmed in writing that an order is a credit sale, and on which terms (K6).

    One row per confirmation, never edited: what was confirmed then stays readable when the order
    changes later. The file lies in the row itself, not in an attachment that somebody could exchange.
    """

    _name = "o2c.credit.confirmation"
    _inherit = ["o2c.guarded.mixin"]
    _description = "Confirmation of a credit sale"
    _order = "id desc"
    _rec_name = "order_name"

    _guarded_fields = "*"
    # A quotation may be deleted; its confirmation still says what it was about.
    _guarded_links = ("order_id",)

    order_id = fields.Many2one("sale.order", readonly=True, index=True, ondelete="set null")
    order_name = fields.Char(string="Order number", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    source = fields.Selection(
        [("portal", "Signed on the portal"), ("document", "Signed document")], required=True, readonly=True
    )
    name = fields.Char(string="Signed by", required=True, readonly=True)
    date = fields.Datetime(string="Signed on", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Recorded by",
        readonly=True,
        ondelete="restrict",
        help="Empty: the customer signed by the link of the order, without an account.",
    )
    is_by_link = fields.Boolean(
        string="By the link alone",
        compute="_compute_is_by_link",
        store=True,
        help="Who signed on the portal was not logged in as a user of the customer: whoever held the link of "
        "the order could.",
    )
    ip_address = fields.Char(string="Address", readonly=True, help="Internet address of who signed.")
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="restrict")
    amount = fields.Monetary(readonly=True, help="Total of the order that was confirmed, in its currency.")
    terms_text = fields.Text(string="Terms", readonly=True, help="The credit terms as the customer saw them.")
    terms_hash = fields.Char(string="Fingerprint", readonly=True)
    file = fields.Binary(
        attachment=False, readonly=True, help="The signature, or the document that was signed."
    )
    filename = fields.Char(readonly=True)
    file_hash = fields.Char(string="SHA-256 of the file", readonly=True)
    is_valid = fields.Boolean(
        string="Counts",
        compute="_compute_is_valid",
        help="It is the latest of its order, and the order still is what was confirmed.",
    )

    # === COMPUTES === #

    @api.depends("source", "user_id")
    def _compute_is_by_link(self):
        for confirmation in self:
            signed = confirmation.sudo()
            customers = signed.partner_id | signed.order_id.partner_id.commercial_partner_id
            signer = signed.user_id.partner_id.commercial_partner_id
            confirmation.is_by_link = signed.source == "portal" and signer not in customers

    @api.depends("order_id.o2c_confirmation_id")
    def _compute_is_valid(self):
        for confirmation in self:
            order = confirmation.sudo().order_id
            latest = order.o2c_confirmation_id == confirmation.sudo()
            confirmation.is_valid = bool(order) and latest and order._is_o2c_confirmed()

    # === BUSINESS METHODS === #

    @api.model
    def _record(self, order, *, source, name, file, filename, date=None, signer=None):
        """Write down a confirmation of ``order`` as it is now, and let it count.

        The caller has made sure that it is the customer's: his signature on the portal, or a document.
        :param signer: ``{"user", "address"}`` of who signed on the portal, where Odoo works as superuser
        :return: the confirmation, with superuser rights
        """
        order = order.sudo()
        terms = order._get_o2c_confirmed_terms()
        values = {
            "order_id": order.id,
            "order_name": order.name,
            "company_id": order.company_id.id,
            "partner_id": order._get_o2c_debtor().id,
            "source": source,
            "name": name,
            "date": date or fields.Datetime.now(),
            "user_id": signer["user"] if signer else self.env.uid,
            "ip_address": signer["address"] if signer else False,
            "currency_id": order.currency_id.id,
            "amount": order.amount_total,
            "terms_text": order._get_o2c_credit_terms_text(),
            "terms_hash": digest(terms),
            "file": file,
            "filename": filename,
            "file_hash": self._hash_file(file),
        }
        confirmation = self.sudo()._guarded_create([values])
        confirmation._log_recorded(terms)
        order._set_o2c_confirmation(confirmation)
        return confirmation

    @api.model
    def _hash_file(self, file):
        """SHA-256 of the base64 text as it is stored: whoever holds the file can repeat it."""
        content = file if isinstance(file, bytes) else (file or "").encode()
        return hashlib.sha256(content).hexdigest()

    def _log_recorded(self, terms):
        source = dict(self._fields["source"]._description_selection(self.env))[self.source]
        self.env["o2c.register"]._log(
            self.order_id,
            "credit_confirmed",
            self.env._(
                "Credit terms of %(order)s confirmed by %(name)s: %(how)s",
                order=self.order_name,
                name=self.name,
                how=source,
            ),
            partner=self.partner_id,
            amount=self.amount,
            currency=self.currency_id,
            company=self.company_id,
            evidence={
                "source": self.source,
                "signed_on": fields.Datetime.to_string(self.date),
                "file": self.filename,
                "sha256": self.file_hash,
                "address": self.ip_address,
                "by_link": self.is_by_link,
                "text": self.terms_text,
                "terms": terms,
            },
        )

    def _guard_get_hint(self):
        return self.env._("The customer signs on the portal, or you record the signed document on the order.")
