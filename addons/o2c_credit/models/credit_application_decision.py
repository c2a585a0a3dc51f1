from odoo import fields, models

from .credit_application import REGULAR, TERMS

# Raise and first grading are worth the new limit; what takes credit away is decided at the lowest level.
LOWERING = frozenset(("cut", "suspension"))
TEMPORARY_TERMS = ("amount", "currency_id", "date_to")


class CreditApplication(models.Model):
    """How an application is approved, and what it then grants."""

    _inherit = "o2c.credit.application"

    _approval_kind = "credit_limit"

    # === WHAT IS ASKED FOR === #

    def _get_approval_amount(self):
        """The new limit in company currency; 0 where credit is taken away."""
        if self.kind in LOWERING:
            return 0.0
        if self.kind == "lifting":
            return self._get_current_company_amount()
        return self._get_company_amount()

    def _get_approval_partner(self):
        return self.partner_id

    def _get_approval_excluded_users(self):
        """Whoever worked the proposal out, and whoever sells to the customer or a member of the group."""
        customers = self.sudo()._get_customers()
        sellers = customers.user_id | customers.child_ids.user_id
        return super()._get_approval_excluded_users() | self.sudo().contributor_ids | sellers

    def _get_approval_fingerprint(self):
        """Terms, what they follow, and what they were found from: an approval is good for these only."""
        self.ensure_one()
        limits, subject = self.env["o2c.credit.limit"], self._get_subject()
        return {
            "kind": self.kind,
            "group": self.corporate_group_id.id,
            **{name: self._get_print(name) for name in TERMS},
            "policy": self.policy_id.id,
            "follows": [
                self._find_current().id,
                limits._get_temporary(self.company_id, subject).id,
                limits._get_suspension(self.company_id, subject).id,
            ],
            "fits": not self._get_objections(),
            "score": self._get_score_fingerprint(),
            "evidence": self._get_evidence_fingerprint(),
        }

    def _get_print(self, name):
        value = self[name]
        if isinstance(value, models.BaseModel):
            return value.id
        return str(value or "") if self._fields[name].type == "date" else value

    def _get_score_fingerprint(self):
        """JSON-able values of the score and of what it was found from. Hook of the scorecard."""
        return {}

    def _get_evidence_fingerprint(self):
        """JSON-able values of the credit file that the proposal rests on. Hook of the file."""
        return {}

    def _get_approval_summary(self):
        return self.env["ir.qweb"]._render(
            "o2c_credit.application_summary", {"application": self, "dossier": self._get_dossier()}
        )

    # === ANSWERS === #

    def _on_request_approved(self, request):
        super()._on_request_approved(request)
        for application in self:
            application._grant()

    def _on_request_rejected(self, request):
        super()._on_request_rejected(request)
        self._move_state(
            "refused",
            event="limit_refused",
            message=lambda one: self.env._("Credit application refused: %s", one._describe()),
        )
        self._tell_sellers(self.env._("The credit application was refused."))

    def _on_request_returned(self, request):
        super()._on_request_returned(request)
        self._back_to_draft()

    def _back_to_draft(self):
        self.filtered(lambda one: one.state == "requested")._move_state(
            "draft",
            event="limit_reopened",
            message=lambda one: self.env._("Credit application back in draft: %s", one._describe()),
        )

    # === GRANTING === #

    def _grant(self):
        """Write what was approved, and let everything that waits for it be looked at again."""
        self.ensure_one()
        limit = self.env["o2c.credit.limit"].sudo()._guarded_create([self._prepare_limit_vals()])
        self._move_state(
            "approved",
            vals={"limit_id": limit.id, "decided_on": fields.Datetime.now()},
            event="limit_approved",
            message=lambda one: self.env._(
                "Credit application approved: %(application)s. %(granted)s",
                application=one.display_name,
                granted=limit._describe(),
            ),
            evidence=limit._prepare_evidence(),
        )
        limit._announce()
        self._tell_sellers(self.env._("Approved: %s", limit._describe()))

    def _prepare_limit_vals(self):
        """The row that is granted. Terms never count before the day on which they were approved."""
        self.ensure_one()
        today = self.company_id._o2c_today()
        vals = {
            "partner_id": self.partner_id.id,
            "corporate_group_id": self.corporate_group_id.id,
            "company_id": self.company_id.id,
            "kind": "regular" if self.kind in REGULAR else self.kind,
            "application_id": self.id,
            "policy_id": self.policy_id.id,
            "currency_id": self.currency_id.id,
        }
        names = (
            TERMS if self.kind in REGULAR else TEMPORARY_TERMS if self.kind == "temporary" else ("date_to",)
        )
        vals |= {name: self._fields[name].convert_to_write(self[name], self) for name in names}
        return {**vals, "date_from": max(self.date_from, today)}

    def _tell_sellers(self, text):
        """Tell the salesperson of the customer, or those of the members of the group."""
        for application in self.sudo():
            sellers = application._get_customers().user_id
            application.message_post(body=text, partner_ids=sellers.partner_id.ids)
