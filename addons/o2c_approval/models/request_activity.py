import logging
from datetime import timedelta

from odoo import api, fields, models

from .request import BATCH

_logger = logging.getLogger(__name__)

ACTIVITY_TYPE = "o2c_approval.mail_activity_type_decision"
# A role that everybody holds must not fill everybody's to-do list; the menu "To approve" shows it anyway.
MAX_ACTIVITIES = 20
CRON_BATCH = 200


class Request(models.Model):
    """Telling the circle, reminding it, and looking after requests that wait."""

    _inherit = "o2c.request"

    # --- activities -------------------------------------------------------------------------------------

    def _sync_activities(self):
        """One activity for each person who may decide now; none when nothing waits."""
        activity_type = self.env.ref(ACTIVITY_TYPE)
        for request in self.sudo():
            wanted = list(request._get_hands(request.current_step_id))[:MAX_ACTIVITIES]
            existing = (
                self.env["mail.activity"]
                .sudo()
                .search(
                    [
                        ("res_model", "=", self._name),
                        ("res_id", "=", request.id),
                        ("activity_type_id", "=", activity_type.id),
                    ]
                )
            )
            served = existing.user_id
            existing.filtered(lambda activity, wanted=wanted: activity.user_id not in wanted).unlink()
            request._create_activities(activity_type, [user for user in wanted if user not in served])

    def _create_activities(self, activity_type, users):
        activities = self.env["mail.activity"].sudo()
        if self.env.cr.cache.get(BATCH):
            activities = activities.with_context(mail_activity_quick_update=True)
        activities.create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": self.id,
                    "user_id": user.id,
                    "automated": True,
                    "date_deadline": self.deadline or self.company_id._o2c_today(),
                    "summary": self._get_kind_label(),
                    "note": self.document_name,
                }
                for user in users
            ]
        )

    # --- looking after open requests --------------------------------------------------------------------

    @api.model
    def _cron_check(self):
        """Lapse what changed, refresh the circles, remind. In batches: a run may be cut at any moment."""
        last_id = 0
        while requests := self._get_open_batch(last_id):
            for request in requests:
                if request.try_lock_for_update(allow_referencing=True):
                    request._check_safely()
                if not self.env["ir.cron"]._commit_progress(1, remaining=0):
                    return
            last_id = requests[-1].id

    @api.model
    def _get_open_batch(self, last_id=0, limit=CRON_BATCH):
        return self.sudo().search([("state", "=", "pending"), ("id", ">", last_id)], order="id", limit=limit)

    def _check_safely(self):
        """One request whose document can't be read must not stop the others."""
        try:
            with self.env.cr.savepoint():
                self._check_open()
        except Exception:
            _logger.exception("Open approval request %s could not be checked", self.id)

    def _check_open(self):
        """Look at one open request as the cron does."""
        self.ensure_one()
        if self.state != "pending" or not self._check_fingerprint():
            return
        self._keep_exclusions()
        self._sync_activities()
        if self._is_reminder_due():
            self._remind()

    def _keep_exclusions(self):
        """Who became a party of the document meanwhile is off the list in the views too."""
        document = self._get_document()
        missing = set(document._get_approval_exclusion_ids()) - set(self.excluded_user_ids.ids)
        if missing:
            self._guarded_write({"excluded_user_ids": [(4, user_id) for user_id in sorted(missing)]})

    def _is_reminder_due(self):
        days = self.company_id.o2c_approval_reminder_days
        since = max(filter(None, [self.current_step_id.activated_on, self.reminded_on]))
        return bool(days) and fields.Datetime.now() - since >= timedelta(days=days)

    def _remind(self):
        """Notify the circle in the chatter (by mail where the user wants mails)."""
        deciders = self.env["res.users"].union(*self._get_hands(self.current_step_id))
        self._guarded_write({"reminded_on": fields.Datetime.now(), "reminder_count": self.reminder_count + 1})
        if not deciders:
            return self._tell_stuck()
        recipients = deciders[:MAX_ACTIVITIES].partner_id
        self.message_post(
            body=self.env._(
                "%(document)s has waited for a decision since %(date)s.",
                document=self.document_name,
                date=fields.Date.to_string(self.current_step_id.activated_on.date()),
            ),
            partner_ids=recipients.ids,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )
        self.env["o2c.register"]._log(
            self,
            "request_reminded",
            self.env._("Reminder %s sent.", self.reminder_count),
            evidence={"deciders": deciders.mapped("login")},
        )
        return True

    def _tell_stuck(self):
        """Nobody may decide any more: the requester can withdraw, the administrator can change roles."""
        self.message_post(
            body=self.env._(
                "Nobody may decide the step of the role '%s' any more. Withdraw the request, or give the "
                "role to somebody.",
                self.current_group_id.display_name,
            ),
            partner_ids=self.requester_id.partner_id.ids,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )
        return False
