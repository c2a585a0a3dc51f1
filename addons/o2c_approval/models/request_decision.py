from odoo import fields, models
from odoo.addons.o2c_base.models.wording import join_names
from odoo.exceptions import AccessError, LockError, UserError

from ..rules.fingerprint import list_changes

# What a caller may say about himself. Everything else in his context is dropped before a decision, so
# that no key which switches mails, tracking or activities off can be sent along.
KEPT_CONTEXT = ("lang", "tz", "allowed_company_ids")
POLICY_GROUP = "o2c_base.group_policy_administrator"


class Request(models.Model):
    """Decisions and the end of a request."""

    _inherit = "o2c.request"

    # --- public actions: each checks its right itself ---------------------------------------------------

    def action_approve(self, comment=None):
        """Sign the current step.

        One request: raises when the user may not. Several: each on its own; a message lists what was
        not approved and why.

        :return: True, or a notification when the request lapsed instead or when there are several
        """
        if len(self) != 1:
            return self._decide_each("approved", comment)
        return self._with_clean_context()._decide("approved", comment)

    def action_reject(self, comment=None):
        """Say no: the whole request is rejected. A reason is required.

        :return: as `action_approve`
        """
        if len(self) != 1:
            return self._decide_each("rejected", comment)
        return self._with_clean_context()._decide("rejected", comment)

    def action_withdraw(self):
        """Take the request back: the requester, or a policy administrator when he can't any more."""
        for request in self._with_clean_context():
            request.check_access("read")
            request._lock()
            if not request._may_withdraw(self.env.user):
                request._refuse(
                    self.env._(
                        "Only %(requester)s or a policy administrator may withdraw %(request)s.",
                        requester=request.requester_id.sudo().name,
                        request=request.name,
                    )
                )
            request.sudo()._close("withdrawn", message=self.env._("Withdrawn by %s", self.env.user.name))
        return True

    def _may_withdraw(self, user):
        self.ensure_one()
        return user == self.requester_id or user.has_group(POLICY_GROUP)

    # --- decision ---------------------------------------------------------------------------------------

    def _decide(self, decision, comment):
        """Check every right, then write the step. `decision` is approved or rejected."""
        self.ensure_one()
        comment = str(comment or "").strip()
        self.check_access("read")
        self._lock()
        if decision == "rejected" and not comment:
            raise UserError(self.env._("Say why you reject %s: the requester has to know.", self.name))
        request = self.sudo()
        facts = request._get_facts()
        principal = request._check_decider(self.env.user, facts)
        if not request._check_fingerprint():
            return request._notify_lapsed()
        if decision == "approved":
            request._check_later_steps(principal, facts)
        request._sign(decision, principal, comment)
        return True

    def _lock(self):
        """Take the row, then look again: a double click or a colleague may have been faster."""
        try:
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise LockError(
                self.env._("Somebody decides %s at this moment. Reload and look again.", self[:1].sudo().name)
            ) from error
        self.invalidate_recordset()
        for request in self.sudo():
            if request.state != "pending":
                raise UserError(
                    self.env._(
                        "%(request)s is %(state)s already.",
                        request=request.name,
                        state=self._get_state_labels()[request.state].lower(),
                    )
                )

    def _check_decider(self, user, facts):
        """The holder of the role for whom `user` decides: himself, or the one who delegated to him.

        :raises AccessError: `user` may not decide now; the attempt is registered
        """
        step = self.current_step_id
        principal = self._get_hands(step, facts).get(user)
        if not principal:
            self._refuse(self._get_refusal_reason(step, user, facts))
        return principal

    def _refuse(self, reason):
        self.env["o2c.register"]._log_refusal(
            self.sudo(),
            "decision_refused",
            reason,
            evidence={"document": [self.sudo().res_model, self.sudo().res_id]},
        )
        raise AccessError(reason)

    def _check_later_steps(self, principal, facts):
        others = self._find_better_signers(principal, facts)
        if others:
            raise UserError(
                self.env._(
                    "If %(user)s signs this step, nobody is left for a later one, since one person signs one "
                    "step only. Let one of these sign it: %(others)s.",
                    user=principal.name,
                    others=join_names(self.env, others.mapped("name")),
                )
            )

    def _sign(self, decision, principal, comment):
        step = self.current_step_id
        step._sign(decision, principal, comment)
        text = self._get_signature_text(step, decision, comment)
        evidence = {"role": step.group_id.full_name, "on_behalf_of": step.on_behalf_of.login or None}
        if decision == "rejected":
            self._close("rejected", message=text, closing_comment=comment, evidence=evidence)
            return
        self.env["o2c.register"]._log(
            self,
            "step_approved",
            text,
            amount=self.amount,
            evidence={"document": [self.res_model, self.res_id], **evidence},
        )
        if not self._activate_next_step():
            self._close("approved", message=self.env._("All steps approved."), closing_comment=comment)

    def _get_signature_text(self, step, decision, comment):
        role = step.group_id.display_name
        if comment:
            return (
                self.env._("%(role)s: approved. %(comment)s", role=role, comment=comment)
                if decision == "approved"
                else self.env._("%(role)s: rejected. %(comment)s", role=role, comment=comment)
            )
        return (
            self.env._("%(role)s: approved", role=role)
            if decision == "approved"
            else self.env._("%(role)s: rejected", role=role)
        )

    def _activate_next_step(self):
        """Open the next step and tell its circle; False when none is left."""
        step = self.step_ids.filtered(lambda step: step.state == "waiting").sorted("sequence")[:1]
        if not step:
            return False
        step._set_state("current", activated_on=fields.Datetime.now())
        self._guarded_write({"current_step_id": step.id})
        self._sync_activities()
        return True

    # --- end --------------------------------------------------------------------------------------------

    def _close(self, state, *, message, closing_comment=None, evidence=None):
        """End the request, void what was not signed, tell the document."""
        self.ensure_one()
        now = fields.Datetime.now()
        self.step_ids.filtered(lambda step: step.state in ("waiting", "current"))._set_state("void")
        self._move_state(
            state,
            message=message,
            event=f"request_{state}",
            evidence={"document": [self.res_model, self.res_id], **(evidence or {})},
            vals={
                "current_step_id": False,
                "closed_on": now,
                "closed_by": self.env.uid,
                "closing_comment": closing_comment or message,
                "hours_to_decide": (now - self.create_date).total_seconds() / 3600,
            },
        )
        self._sync_activities()
        self._tell_requester(state)
        document = self._get_document()
        if document:
            getattr(document, f"_on_request_{state}")(self)

    def _tell_requester(self, state):
        """The answer goes to the requester, unless he gave it himself."""
        labels = self._get_state_labels()
        recipients = self.requester_id.partner_id if self.requester_id != self.env.user else None
        self.message_post(
            body=self.env._(
                "%(document)s: %(state)s. %(comment)s",
                document=self.document_name,
                state=labels[state],
                comment=self.closing_comment or "",
            ),
            partner_ids=recipients.ids if recipients else [],
            message_type="notification",
            subtype_xmlid="mail.mt_comment" if recipients else "mail.mt_note",
        )

    # --- fingerprint ------------------------------------------------------------------------------------

    def _get_fingerprint_changes(self):
        """[(key, then, now)] of decisive values that are not what was submitted; None: document gone."""
        self.ensure_one()
        document = self._get_document()
        if not document:
            return None
        return list_changes(self.fingerprint_values or {}, document._get_approval_values())

    def _check_fingerprint(self):
        """True while the document is what was submitted; else the request lapses, in this transaction."""
        changes = self._get_fingerprint_changes()
        if changes == []:
            return True
        if changes is None:
            message = self.env._("The document does not exist any more.")
        else:
            message = self.env._(
                "Changed after submission: %s",
                join_names(self.env, [key for key, _old, _new in changes]),
            )
        self._lapse(message, evidence={"changes": changes})
        return False

    def _lapse(self, message, *, evidence=None):
        """End pending requests since their reason is gone. For documents' own code."""
        for request in self.sudo().filtered(lambda request: request.state == "pending"):
            request._close("lapsed", message=message, evidence=evidence)

    def _notify_lapsed(self):
        return self._get_notification(
            "warning",
            self.env._("%s has lapsed", self.name),
            self.env._(
                "%(reason)s Nothing was decided. It has to be submitted again.", reason=self.closing_comment
            ),
        )

    # --- helpers ----------------------------------------------------------------------------------------

    def _decide_each(self, decision, comment):
        """Each request in its own savepoint; a message says what was not decided and why."""
        done, failed = self._with_clean_context()._decide_batch(decision, comment)
        lines = [self.env._("%s decided.", len(done))]
        lines += [
            self.env._("%(request)s: %(reason)s", request=request.sudo().name, reason=reason)
            for request, reason in failed
        ]
        return self._get_notification(
            "warning" if failed else "success", self.env._("Decisions"), "\n".join(lines)
        )

    def _decide_batch(self, decision, comment):
        """(decided requests, [(request, why not)])."""
        done, failed = self.browse(), []
        for request in self:
            try:
                with self.env.cr.savepoint():
                    result = request._decide(decision, comment)
            except (UserError, AccessError) as error:
                failed.append((request, str(error)))
            else:
                if result is True:
                    done |= request
                else:
                    failed.append((request, result["params"]["message"]))
        return done, failed

    def _with_clean_context(self):
        context = self.env.context
        return self.with_context({key: context[key] for key in KEPT_CONTEXT if key in context})

    @staticmethod
    def _get_notification(kind, title, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": title,
                "message": message,
                "sticky": kind != "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _guard_get_hint(self):
        return self.env._("Submit the document; approve, reject or withdraw the request.")

    def _prepare_register_vals(self):
        return {"partner": self.partner_id, "amount": self.amount, "company": self.company_id}
