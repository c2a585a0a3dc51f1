from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

from ..rules.fingerprint import digest, normalise


class Request(models.Model):
    """How a document becomes a request with frozen steps."""

    _inherit = "o2c.request"

    # --- submission -------------------------------------------------------------------------------------

    @api.model
    def _submit(self, document, *, kind, amount, comment=None):
        """Create the request of `document` with its frozen steps. The document checked the user's right.

        :param amount: company currency, >= 0
        :raises UserError: a request is open already, no row covers the amount, or nobody may sign a step
        """
        company = document._get_approval_company()
        self._check_no_pending(document, kind)
        steps = self.env["o2c.authority"]._plan(kind, company, amount)
        vals = self._prepare_request_vals(document, kind, company, amount)
        requests = self.sudo()._with_clean_context()
        # a caller who goes on after our refusal must not keep half a request
        with self.env.cr.savepoint():
            request = requests._guarded_create([{**vals, "comment": comment}])
            request._create_steps(steps)
            request._check_staffed()
            request._log_submission()
            request._activate_next_step()
        return request.sudo(self.env.su)

    @api.model
    def _prepare_request_vals(self, document, kind, company, amount):
        values = normalise(document._get_approval_values())
        return {
            "name": self.env["ir.sequence"].sudo().next_by_code("o2c.request") or "/",
            "kind": kind,
            "res_model": document._name,
            "res_id": document.id,
            "document_name": document.display_name,
            "company_id": company.id,
            "amount": amount,
            "partner_id": document._get_approval_partner().id,
            "requester_id": self.env.uid,
            "excluded_user_ids": [(6, 0, document._get_approval_exclusion_ids())],
            "summary": document._get_approval_summary(),
            "fingerprint": digest(values),
            "fingerprint_values": values,
            "deadline": self._get_deadline(kind, company),
        }

    @api.model
    def _check_no_pending(self, document, kind):
        pending = self.sudo().search(
            [
                ("res_model", "=", document._name),
                ("res_id", "=", document.id),
                ("kind", "=", kind),
                ("state", "=", "pending"),
            ],
            limit=1,
        )
        if pending:
            raise UserError(
                self.env._(
                    "%(document)s waits for a decision already (%(request)s). Withdraw that request first.",
                    document=document.display_name,
                    request=pending.name,
                )
            )

    @api.model
    def _get_deadline(self, kind, company):
        setting = self.env["o2c.authority.kind"]._get_setting(kind, company)
        days = setting.deadline_days if setting else 2
        return company._o2c_today() + timedelta(days=days) if days else False

    def _create_steps(self, steps):
        self.env["o2c.request.step"].sudo()._guarded_create(
            [
                {
                    "request_id": self.id,
                    "sequence": number,
                    "group_id": step.role,
                    "amount_to": step.up_to or 0.0,
                    "is_unlimited": step.up_to is None,
                    "is_cosignature": step.is_cosignature,
                }
                for number, step in enumerate(steps, 1)
            ]
        )

    def _check_staffed(self):
        """:raises UserError: naming the role for which nobody is left, and who was left out why"""
        step = self._find_unstaffed_step()
        if not step:
            return
        exclusions = self._get_step_exclusions(step)
        members = self._get_members(step.group_id)
        if not members:
            reason = self.env._("Nobody active with access to this company holds the role.")
        elif members <= self.env["res.users"].union(*exclusions):
            reason = "\n".join(
                self.env._("- %(user)s %(reason)s", user=user.name, reason=exclusions[user])
                for user in members
            )
        else:
            reason = self.env._(
                "One person signs one step only, and everybody in it is needed for another step."
            )
        raise UserError(
            self.env._(
                "Nobody may decide step %(number)s, role '%(role)s', of %(document)s in company %(company)s."
                "\n%(reason)s\nGive the role to somebody else, or change the authority table.",
                number=step.sequence,
                role=step.group_id.display_name,
                document=self.document_name,
                company=self.company_id.name,
                reason=reason,
            )
        )

    def _log_submission(self):
        self.env["o2c.register"]._log(
            self,
            "request_submitted",
            self.env._(
                "%(kind)s asked for: %(document)s", kind=self._get_kind_label(), document=self.document_name
            ),
            amount=self.amount,
            evidence={
                "document": [self.res_model, self.res_id],
                "reason": self.comment,
                "fingerprint": self.fingerprint,
                "values": self.fingerprint_values,
                "steps": [
                    {
                        "role": step.group_id.full_name,
                        "amount_to": None if step.is_unlimited else step.amount_to,
                        "cosignature": step.is_cosignature,
                    }
                    for step in self.step_ids
                ],
                "excluded": self.excluded_user_ids.mapped("login"),
            },
        )
