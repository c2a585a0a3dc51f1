import logging
from urllib.parse import urlencode

import psycopg2
from odoo import api, fields, models
from odoo.addons.o2c_approval.rules.fingerprint import digest
from odoo.addons.o2c_hold.rules.verdict import Verdict
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from odoo.tools import format_amount, format_datetime

_logger = logging.getLogger(__name__)

CODE = "credit_confirmation"
SIGNATURE = frozenset(("signature", "signed_by", "signed_on"))
# The cursor's own dict can't be filled from outside, as a context can.
PORTAL_SIGNING = "o2c_credit.portal_signing"


class SaleOrder(models.Model):
    """The customer confirms a credit sale in writing (K6).

    What counts is a row of ``o2c.credit.confirmation``. Odoo's own signature fields can be written by
    whoever may write the order, so they prove nothing by themselves.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "o2c.guarded.mixin"]

    _guarded_fields = (
        "o2c_confirmation_id",
        "o2c_confirmed_hash",
        "o2c_confirmed_amount",
        "o2c_confirmed_on",
    )
    _guarded_create_allowed = True
    _guarded_unlink_allowed = True

    o2c_confirmation_id = fields.Many2one(
        "o2c.credit.confirmation",
        string="Confirmation of the credit terms",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    # Kept on the order, so that a control reads them with the order and needs no query of its own.
    o2c_confirmed_hash = fields.Char(readonly=True, copy=False)
    o2c_confirmed_amount = fields.Monetary(string="Confirmed amount", readonly=True, copy=False)
    o2c_confirmed_on = fields.Datetime(string="Credit terms confirmed on", readonly=True, copy=False)
    o2c_confirmation_state = fields.Selection(
        [
            ("none", "Not needed"),
            ("missing", "Missing"),
            ("stale", "Changed since it was signed"),
            ("by_link", "Signed without an account"),
            ("confirmed", "Confirmed"),
        ],
        string="Written confirmation",
        compute="_compute_o2c_confirmation_state",
        compute_sudo=True,
        help="Whether the customer has confirmed the credit terms of this order in writing.",
    )

    # === COMPUTES === #

    @api.depends(
        "o2c_confirmed_hash",
        "amount_total",
        "payment_term_id",
        "partner_invoice_id",
        "currency_id",
        "order_line.product_uom_qty",
        "order_line.price_unit",
        "state",
        "transaction_ids.state",
    )
    def _compute_o2c_confirmation_state(self):
        for order in self:
            order.o2c_confirmation_state = order._get_o2c_confirmation_state()

    def _get_o2c_confirmation_state(self):
        self.ensure_one()
        if not self.o2c_confirmed_hash:
            return "missing" if self._is_o2c_confirmation_needed() else "none"
        if not self._is_o2c_as_confirmed():
            return "stale"
        return "by_link" if self._is_o2c_signature_weak() else "confirmed"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if any(vals.get(name) for name in SIGNATURE):
                self._check_o2c_signature(self.env["res.company"].browse(vals.get("company_id")))
        return super().create(vals_list)

    def write(self, vals):
        if SIGNATURE.isdisjoint(vals):
            return super().write(vals)
        is_signing = bool(vals.get("signature"))
        if any(vals.get(name) for name in SIGNATURE):
            for company in self.company_id:
                self._check_o2c_signature(company)
        result = super().write(vals)
        if is_signing and self.env.cr.cache.get(PORTAL_SIGNING):
            self._record_o2c_portal_signature()
        elif not is_signing and "signature" in vals:
            # Back to draft: the customer will see another quotation, and signs that.
            self.sudo().filtered("o2c_confirmation_id")._set_o2c_confirmation()
        return result

    def _check_o2c_signature(self, company):
        """Refuse a signature that somebody writes in the customer's name.

        Where the control does not enforce, Odoo's own way stays open; such a signature never counts.
        :raise AccessError: naming the proper way; the attempt is registered
        """
        company = company or self.env.company
        if self.env.su or self.env["o2c.control"]._get_setting(CODE, company).mode != "enforcing":
            return
        message = self.env._(
            "A customer's signature can't be entered by somebody else. Send the quotation so that the "
            "customer signs on the portal, or record the signed document with the button "
            "Record confirmation."
        )
        self.env["o2c.register"]._log_refusal(self[:1], "guard_refused", message)
        raise AccessError(message)

    # === CHECKPOINTS === #

    def _get_order_verdicts(self, facts):
        return [*super()._get_order_verdicts(facts), self._get_o2c_order_confirmation_verdict()]

    def _get_o2c_order_confirmation_verdict(self):
        """At the order only where it asks for a signature; the delivery is judged in any case."""
        if not self.require_signature:
            return Verdict(CODE, "pass", self.env._("The order asks for no signature; the delivery will."))
        return self._get_o2c_confirmation_verdict()

    def _get_o2c_confirmation_verdict(self):
        """Whether the customer confirmed this very sale: who owes how much, for what, by when (K6)."""
        self.ensure_one()
        if self._is_o2c_confirmed():
            return Verdict(CODE, "pass", self.env._("The customer has confirmed the credit terms."))
        if not self._is_o2c_confirmation_needed():
            return Verdict(CODE, "pass", self.env._("No written confirmation is needed."))
        if not self.o2c_confirmed_hash:
            return Verdict(
                CODE,
                "hold",
                self.env._("the customer has not confirmed the credit terms in writing."),
                {self.env._("Order amount"): self.amount_total},
            )
        if not self._is_o2c_as_confirmed():
            return self._get_o2c_stale_verdict()
        return Verdict(
            CODE,
            "hold",
            self.env._("the credit terms were signed by the link of the order, without an account."),
            {self.env._("Signed by"): self.sudo().o2c_confirmation_id.name},
        )

    def _get_o2c_stale_verdict(self):
        then = format_amount(self.env, self.o2c_confirmed_amount, self.currency_id)
        now = format_amount(self.env, self.amount_total, self.currency_id)
        message = self.env._(
            "the order has changed since the customer confirmed %(then)s on %(date)s; it is %(now)s now.",
            then=then,
            now=now,
            date=format_datetime(self.env, self.o2c_confirmed_on),
        )
        evidence = {self.env._("Confirmed amount"): then, self.env._("Order amount"): now}
        return Verdict(CODE, "hold", message, evidence)

    def _get_o2c_worsened(self, decision, before):
        # The customer can only confirm a change that was made: the delivery waits for that, not the change.
        return [j for j in super()._get_o2c_worsened(decision, before) if j.code != CODE]

    # === BUSINESS METHODS === #

    def _is_o2c_confirmation_needed(self):
        """Whether the policy wants this sale confirmed: it is on credit, so nothing paid it in advance."""
        self.ensure_one()
        policies = self.env["o2c.credit.policy"]
        if not policies._is_confirmation_asked(self.company_id.id):
            return False
        if self.currency_id.compare_amounts(self.amount_total, 0.0) <= 0:
            return False
        asked = self._get_o2c_confirmation_policy().confirmation_required
        return asked and not self._is_o2c_paid_in_advance()

    def _is_o2c_paid_in_advance(self):
        """Whether money that is there pays for the whole order, so that nothing of it is on credit."""
        return self._is_o2c_paid()

    def _get_o2c_confirmation_policy(self):
        policies, debtor = self.env["o2c.credit.policy"], self._get_o2c_debtor()
        return policies._match(self.company_id, debtor, team=self.team_id)

    def _is_o2c_confirmed(self):
        """Whether the last confirmation is about the order as it is now, and by whom the policy wants."""
        return self._is_o2c_as_confirmed() and not self._is_o2c_signature_weak()

    def _is_o2c_signature_weak(self):
        """Whether it was signed by the link alone, where the policy wants an account of the customer."""
        self.ensure_one()
        return self._is_o2c_account_asked() and self.sudo().o2c_confirmation_id.is_by_link

    def _is_o2c_account_asked(self):
        """Whether the policy takes signatures on the portal from users of the customer only."""
        self.ensure_one()
        if not self.env["o2c.credit.policy"]._is_confirmation_asked(self.company_id.id):
            return False
        policy = self._get_o2c_confirmation_policy()
        return policy.confirmation_required and policy.confirmation_login

    def _is_o2c_login_needed(self):
        """Whether who looks at the customer's page has to log in before he can sign.

        Colleagues see the page as the customer does; what they sign does not count. The portal works
        as superuser, so that only the request says who looks.
        """
        user, order = request.env.user if request else self.env.user, self.sudo()
        customers = order._get_o2c_debtor() | order.partner_id.commercial_partner_id
        return (
            order.state != "cancel"
            and not user._is_internal()
            and user.partner_id.commercial_partner_id not in customers
            and order._is_o2c_account_asked()
            and not order._is_o2c_confirmed()
            and order._is_o2c_confirmation_needed()
        )

    def _get_o2c_login_url(self):
        """Where a user of the customer logs in and comes back; a user of somebody else logs out before."""
        url = "/web/login?" + urlencode({"redirect": self.get_portal_url()})
        if not request or request.env.user._is_public():
            return url
        return "/web/session/logout?" + urlencode({"redirect": url})

    def _is_o2c_with_customer(self):
        return super()._is_o2c_with_customer() or self._is_o2c_login_needed()

    def _is_o2c_as_confirmed(self):
        """Whether the last confirmation is about the order as it is now."""
        self.ensure_one()
        return bool(self.o2c_confirmed_hash) and (
            self.o2c_confirmed_hash == digest(self._get_o2c_confirmed_terms())
        )

    def _get_o2c_confirmed_terms(self):
        """What a customer confirms, as plain values: who owes how much, for what, on which terms.

        Lines without a quantity are left out: Odoo adds such for what is delivered beside the order.
        """
        self.ensure_one()
        return {
            "company": self.company_id.id,
            "debtor": self._get_o2c_debtor().id,
            "currency": self.currency_id.name,
            "amount": self.amount_total,
            "payment_term": self.payment_term_id.id,
            "lines": sorted(
                [line.product_id.id, line.product_uom_qty, line.price_unit, line.discount]
                for line in self.order_line
                if line.product_uom_qty and not line.display_type
            ),
        }

    def _get_o2c_credit_terms(self):
        """Sentences that stand above the signature, in the language of the customer; empty if not needed."""
        self.ensure_one()
        order = self.sudo()
        if not order._is_o2c_confirmation_needed():
            return []
        order = order.with_context(lang=order.partner_id.lang or self.env.lang)
        sentences = [
            order.env._(
                "This is a sale on credit to %(customer)s for %(amount)s.",
                customer=order._get_o2c_debtor().name,
                amount=format_amount(order.env, order.amount_total, order.currency_id),
            )
        ]
        text = order._get_o2c_payment_text()
        if text:
            sentences.append(order.env._("Payment: %s.", text))
        else:
            sentences.append(order.env._("Payment: on receipt of the invoice."))
        clause = order.company_id.o2c_credit_clause
        return [*sentences, clause] if clause else sentences

    def _get_o2c_credit_terms_text(self):
        return "\n".join(self._get_o2c_credit_terms())

    def _is_o2c_terms_to_confirm(self):
        """Whether the portal asks for the signature under the credit terms by itself.

        Odoo asks on quotations; this is for orders that changed, or were confirmed without a signature.
        """
        self.ensure_one()
        order = self.sudo()
        return (
            order.state in ("draft", "sent", "sale")
            and not order._has_to_be_signed()
            and not order._is_o2c_login_needed()
            and not order._is_o2c_confirmed()
            and order._is_o2c_confirmation_needed()
        )

    def _record_o2c_portal_signature(self):
        """Let a signature on the portal count. The customer must never see an error because of us."""
        signer = self.env.cr.cache.get(PORTAL_SIGNING)
        for order in self.sudo():
            try:
                with self.env.cr.savepoint():
                    self.env["o2c.credit.confirmation"]._record(
                        order,
                        source="portal",
                        name=order.signed_by or order.partner_id.name,
                        file=order.signature,
                        filename="signature.png",
                        date=order.signed_on,
                        signer=signer,
                    )
            except psycopg2.OperationalError:
                # Odoo runs the request again.
                raise
            except Exception:
                _logger.exception("The signature on order %s could not be recorded", order.name)

    def _set_o2c_confirmation(self, confirmation=None):
        """Let a confirmation count for the orders, or none; whoever waits for it is looked at again."""
        if not confirmation:
            return self._guarded_write(dict.fromkeys(
                ("o2c_confirmation_id", "o2c_confirmed_hash", "o2c_confirmed_amount", "o2c_confirmed_on"),
                False,
            ))
        self._guarded_write(
            {
                "o2c_confirmation_id": confirmation.id,
                "o2c_confirmed_hash": confirmation.terms_hash,
                "o2c_confirmed_amount": confirmation.amount,
                "o2c_confirmed_on": confirmation.date,
            }
        )
        for order in self:
            self.env["o2c.hold"]._recheck_partner(order._get_o2c_debtor(), order.company_id)
        return True

    # === ACTIONS === #

    def action_o2c_record_confirmation(self):
        """Open the dialogue that takes the signed document."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "cancel":
            raise UserError(self.env._("%s is cancelled: there is nothing to confirm.", self.name))
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_confirmation_wizard_action")
        return {**action, "context": {"default_order_id": self.id}}

    def action_o2c_open_confirmations(self):
        """Show what the customer has confirmed, and when."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("o2c_credit.credit_confirmation_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    def _guard_get_hint(self):
        return self.env._("The customer signs on the portal, or you record the signed document on the order.")
