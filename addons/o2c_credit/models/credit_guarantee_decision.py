from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

CLOSERS = ("o2c_base.group_credit_manager", "o2c_base.group_finance_director")
CALLERS = (*CLOSERS, "o2c_base.group_legal_counsel")


class CreditGuarantee(models.Model):
    """How a guarantee comes into force and how it ends."""

    _inherit = "o2c.credit.guarantee"

    # === APPROVAL === #

    def _get_approval_amount(self):
        """Company currency: the cover, since that is how much credit it makes possible."""
        return self._get_cover_values()[self.id]

    def _get_approval_partner(self):
        return self.partner_id or self.corporate_group_id.partner_ids[:1]

    def _get_approval_excluded_users(self):
        return super()._get_approval_excluded_users() | self.contributor_ids

    def _get_approval_salespersons(self):
        members = self.corporate_group_id.partner_ids
        return super()._get_approval_salespersons() | members.user_id

    def _get_approval_fingerprint(self):
        return {
            "kind": self.kind,
            "partner": self.partner_id.id,
            "group": self.corporate_group_id.id,
            "company": self.company_id.id,
            "guarantor": self.guarantor_id.id,
            "value": self.value,
            "currency": self.currency_id.name,
            "haircut": self.haircut,
            "adds_to_limit": self.adds_to_limit,
            "date_from": str(self.date_from),
            "date_to": str(self.date_to or ""),
            "payment": self.payment_id.id,
            "replaces": self.replaces_id.id,
            "documents": [document._get_fingerprint() for document in self.document_ids.sorted("id")],
        }

    def _get_approval_summary(self):
        return self.env["ir.qweb"]._render(
            "o2c_credit.guarantee_approval_summary",
            {
                "guarantee": self,
                "cover": self._get_cover_values()[self.id],
                "before": self._get_cover_before(),
                "exposure": self._get_exposure_total(),
                "money": lambda amount, currency=None: format_amount(
                    self.env, amount, currency or self.company_currency_id
                ),
            },
        )

    def _get_cover_before(self):
        """Company currency: what the other guarantees of the same customer or group cover today."""
        others = self.sudo().search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("corporate_group_id", "=", self.corporate_group_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "in_force"),
                ("id", "not in", (self | self.replaces_id).ids),
            ]
        )
        return sum(others.filtered("is_counted")._get_cover_values().values())

    def _get_exposure_total(self):
        """Company currency: what the customer, or the whole group, owes and will owe."""
        exposure = self.env["o2c.exposure"]
        if self.corporate_group_id:
            found = exposure._get_group_exposure(self.corporate_group_id, self.company_id)
        else:
            found = exposure._get_exposure(self.partner_id, self.company_id)
        return found[self._get_subject().id].total

    def _on_request_approved(self, request):
        super()._on_request_approved(request)
        self._end_replaced()
        for guarantee in self:
            guarantee._move_state(
                "in_force",
                event="guarantee_in_force",
                vals={"cover_approved": guarantee._get_cover_values()[guarantee.id]},
                message=self.env._("Guarantee in force: %s", guarantee._describe()),
            )
        self._recheck()

    def _on_request_rejected(self, request):
        super()._on_request_rejected(request)
        self._move_state(
            "refused",
            event="guarantee_refused",
            message=lambda guarantee: self.env._("Guarantee refused: %s", guarantee._describe()),
        )

    def _on_request_returned(self, request):
        super()._on_request_returned(request)
        self._back_to_draft()

    def _back_to_draft(self):
        self._move_state(
            "draft",
            event="guarantee_reopened",
            message=lambda guarantee: self.env._("Guarantee back in draft: %s", guarantee._describe()),
        )

    def _end_replaced(self):
        """Release what guarantees of self replace, once these have begun: both never count at a time."""
        begun = self.filtered(lambda guarantee: guarantee.date_from <= guarantee.company_id._o2c_today())
        for guarantee in begun:
            old = guarantee.replaces_id.filtered(lambda replaced: replaced.state == "in_force")
            reason = self.env._("Replaced by %s", guarantee.name)
            old._close("released", reason, event="guarantee_released")

    # === ENDING === #

    def action_release(self, reason):
        """Give the guarantee back: it does not count any more.

        :param reason: why; it is registered
        :raise AccessError: unless a credit manager or finance director who does not sell to the customer asks
        """
        self._check_may_close(CLOSERS)
        self._check_reason(reason)
        self._close("released", reason, event="guarantee_released")
        self._recheck()
        return True

    def action_call(self, reason):
        """Make use of the guarantee: the guarantor is to pay, and it does not count any more.

        :param reason: why; it is registered
        :raise AccessError: unless credit manager, finance director or legal counsel asks
        """
        self._check_may_close(CALLERS)
        self._check_reason(reason)
        self._close("called", reason, event="guarantee_called")
        self._recheck()
        return True

    def _close(self, state, reason, *, event):
        """Write the end of guarantees in force; rights are checked by the caller.

        The counters of the customers move too: an order that is confirmed at the same moment
        must not count a guarantee that ends.
        """
        debtors = {(one.company_id.id, debtor.id) for one in self.sudo() for debtor in one._get_debtors()}
        if debtors:
            self.env["o2c.facts"]._lock_keys(sorted(debtors))
        for guarantee in self.sudo():
            guarantee._move_state(
                state,
                event=event,
                vals={"closed_on": guarantee.company_id._o2c_today(), "closing_reason": reason},
                message=self.env._(
                    "%(guarantee)s: %(reason)s", guarantee=guarantee._describe(), reason=reason
                ),
            )
            guarantee.activity_unlink(["o2c_credit.mail_activity_type_guarantee"])

    def _check_may_close(self, groups):
        """Against ``env.user``, even under sudo.

        :raise AccessError: the attempt is registered
        """
        self.check_access("read")
        user = self.env.user
        for guarantee in self.sudo():
            sellers = guarantee._get_approval_salespersons()
            if user not in sellers and any(map(user.has_group, groups)):
                continue
            message = self.env._(
                "%s secures what a customer owes. Credit management or the finance director decides "
                "on its end, and nobody who sells to the customer.",
                guarantee.display_name,
            )
            self.env["o2c.register"]._log_refusal(guarantee, "guard_refused", message)
            raise AccessError(message)

    @api.model
    def _check_reason(self, reason):
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why the guarantee ends: the reason is registered."))
